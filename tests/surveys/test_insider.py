"""What an insider finds by looking: no word before the close, no trace of who after it, on both databases.

How they line up people with answers is in `test_insider_nights`.
"""

from pathlib import Path

from broadcasts.queue import queue_reply
from storage.engine import Database, open_database
from surveys import answering
from surveys.answering import Outcome
from surveys.closing import close_rounds
from surveys.keys import RoundKeys
from surveys.pages import page
from surveys.sealed_replies import seal_params
from tests.support.cast import NOON
from tests.surveys.insider import all_words, every_row, on_disk
from tests.surveys.stories import CLOSES, add_carers, answer, open_round

PEOPLE, ROUNDS = 10, 12
WATCHED = ("sealed_drafts", "round_participants", "deliveries")
PEOPLE_COLUMNS = ("id", "owner", "carer_id", "dedupe_key", "xmin")
ANSWER_COLUMNS = ("id", "answers", "xmin", "text")


async def test_no_word_of_an_answer_is_anywhere_before_the_close_and_no_trace_of_who_after(
    database: Database, keys: RoundKeys
) -> None:
    async with database.write() as session:
        carers = await add_carers(session, 6)
    round = await open_round(database, keys)
    secret, wish = {"warm": 2, "with": [3], "again": 2}, "A quieter kettle, please"
    for carer in carers:
        await answer(database, keys, round, carer, {**secret, "wish": wish}, send=False)
    async with database.write() as session:
        for carer in carers:
            step = await answering.send(session, round.id, carer.id, keys, NOON)
            assert step.outcome is Outcome.SENT
    backup = await all_words(database)
    assert wish.encode() not in backup
    sealed = [row["sealed"] for row in (await every_row(database, ["sealed_drafts"]))["sealed_drafts"]]
    assert len({len(one) for one in sealed}) == 1
    await close_rounds(database, CLOSES, keys)
    left = await every_row(database, ("sealed_drafts", "round_participants", "named_drafts"))
    assert left == {"sealed_drafts": [], "round_participants": [], "named_drafts": []}
    responses = (await every_row(database, ["responses"]))["responses"]
    assert {row["carer_id"] for row in responses} == {None}
    assert {str(row["segments"]) for row in responses} == {"{}"}


async def test_a_reply_that_waits_to_be_sent_shows_no_answer(database: Database, keys: RoundKeys) -> None:
    async with database.write() as session:
        [carer] = await add_carers(session, 1)
    round = await open_round(database, keys)
    wish = "A quieter kettle, please"
    step = await answer(database, keys, round, carer, {"warm": 2, "wish": wish}, send=False)
    kind, params = page(step, "en")
    assert params["lines"][3]["answer"] == wish
    async with database.write() as session:
        sealed = seal_params(keys, round, params)
        await queue_reply(session, 5000, kind, sealed, language="en", now=NOON)
    assert wish.encode() not in await all_words(database)
    assert "kettle" not in str(sealed)


async def test_the_bytes_on_disk_hold_no_word_before_and_nothing_sealed_after(
    sqlite_url: str, keys: RoundKeys
) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    database = open_database(sqlite_url)
    try:
        async with database.write() as session:
            carers = await add_carers(session, 10)
        round = await open_round(database, keys)
        copies, sealed = [], set()
        for carer in carers:
            await answer(database, keys, round, carer, {"warm": 3, "wish": "A quieter kettle, please"})
            copies.append(on_disk(path))
            sealed |= {
                row["sealed"] for row in (await every_row(database, ["sealed_drafts"]))["sealed_drafts"]
            }
        assert not any(b"kettle" in copy for copy in copies)
        owners = {row["owner"] for row in (await every_row(database, ["sealed_drafts"]))["sealed_drafts"]}
        assert all(owner.encode() in copies[-1] for owner in owners)
        await close_rounds(database, CLOSES, keys)
        left = on_disk(path)
        assert b"kettle" in left
        assert not any(owner.encode() in left for owner in owners)
        assert not any(one[:64] in left or one[-64:] in left for one in sealed)
    finally:
        await database.close()
