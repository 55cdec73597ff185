"""After the close an insider with everything but the key links people to answers no better than chance.

Each of many small rounds has ten people, and each of them gives an answer and a comment of their own, so that
a right guess shows. Guessing blindly, one in ten is right: one a round. Every way of lining up an order of
people with an order of answers is tried; none may be right more often than blind guessing can be.
"""

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from broadcasts.queue import queue_reply
from storage.engine import Database, open_database
from storage.households import Carer
from surveys import answering
from surveys.answering import Outcome
from surveys.closing import close_rounds
from surveys.definition import Definition
from surveys.keys import RoundKeys
from surveys.pages import page
from surveys.reading import read_definition
from surveys.rounds import remind_due, reminder_times
from surveys.sealed_replies import seal_params
from tests.support.cast import NOON
from tests.surveys.insider import all_words, every_row, on_disk, orders_of
from tests.surveys.stories import CLOSES, add_carers, answer, open_round

PEOPLE, ROUNDS = 10, 12
WATCHED = ("sealed_drafts", "round_participants", "deliveries")
PEOPLE_COLUMNS = ("id", "owner", "carer_id", "dedupe_key", "xmin")
ANSWER_COLUMNS = ("id", "answers", "xmin", "text")


def everyone_differs() -> Definition:
    options = [{"en": f"Option {number}"} for number in range(1, PEOPLE + 1)]
    return read_definition(
        {
            "id": "differ",
            "version": 1,
            "title": {"en": "Everyone differs"},
            "introduction": {"en": "Each picks their own."},
            "minutes": 1,
            "questions": [
                {"id": "pick", "type": "single", "text": {"en": "Which?"}, "options": options},
                {"id": "why", "type": "text", "text": {"en": "Why?"}},
            ],
        }
    )


class SeededChance:
    """Stands in for `secrets`, so that the count below is the same on every run."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    def token_hex(self, size: int) -> str:
        return self._chance.randbytes(size).hex()

    def SystemRandom(self) -> random.Random:  # noqa: N802 - the name that it stands in for
        return self._chance


class NoChance(SeededChance):
    """A close that forgot to shuffle, and whose keys count upwards: the control."""

    def __init__(self) -> None:
        super().__init__(0)
        self._count = 0

    def token_hex(self, size: int) -> str:
        self._count += 1
        return f"{self._count:032x}"

    def SystemRandom(self) -> Any:  # noqa: N802 - the name that it stands in for
        class Unmoved:
            @staticmethod
            def shuffle(_items: list[Any]) -> None: ...

        return Unmoved()


@contextmanager
def chance(source: SeededChance) -> Iterator[None]:
    with patch("surveys.closing.secrets", source):
        yield


async def one_round(
    database: Database, keys: RoundKeys, carers: list[Carer], told: random.Random
) -> tuple[dict[str, list[int]], dict[int, int], str]:
    """A whole round. What the insider saw: orders of people by carer's id; and the truth, to judge them."""
    round = await open_round(database, keys, definition=everyone_differs())
    picks = told.sample(range(1, PEOPLE + 1), PEOPLE)
    truth = {carer.id: pick for carer, pick in zip(carers, picks, strict=True)}
    comers = told.sample(carers, PEOPLE)
    seen: dict[str, list[int]] = {
        "the register": [carer.id for carer in carers],
        "who came when": [carer.id for carer in comers],
    }
    known: set[str] = set()
    owner_of: dict[str, int] = {}
    for at, carer in enumerate(comers):
        pick = truth[carer.id]
        step = await answer(database, keys, round, carer, {"pick": pick, "why": f"Because of {pick}."})
        assert step.outcome is Outcome.SENT
        rows = await every_row(database, WATCHED)
        # Whoever compares two copies knows which sealed row is whose; what is in it they cannot read.
        for row in rows["sealed_drafts"]:
            if row["id"] not in known:
                known.add(row["id"])
                owner_of[row["id"]] = carer.id
        if at == PEOPLE // 2:
            async with database.write() as session:
                await remind_due(session, reminder_times(NOON, CLOSES)[0])
    last = await every_row(database, WATCHED)
    for name, ordered in orders_of(last["sealed_drafts"], PEOPLE_COLUMNS).items():
        seen[f"sealed {name}"] = [owner_of[row["id"]] for row in ordered]
    for name, ordered in orders_of(last["round_participants"], PEOPLE_COLUMNS).items():
        seen[f"participants {name}"] = [row["carer_id"] for row in ordered]
    asked = [row for row in last["deliveries"] if row["kind"] == "survey" and row["round_id"] == round.id]
    for name, ordered in orders_of(asked, PEOPLE_COLUMNS).items():
        seen[f"notices {name}"] = [row["carer_id"] for row in ordered]
    await close_rounds(database, CLOSES, keys)
    return seen, truth, round.ref


async def line_up(
    database: Database, seen: dict[str, list[int]], truth: dict[int, int], round_id: int
) -> Counter[str]:
    """How often each way of lining up people with answers, or answers with comments, was right."""
    left = await every_row(database, ("responses", "survey_comments"))
    sheets = [row for row in left["responses"] if row["round_id"] == round_id]
    comments = [row for row in left["survey_comments"] if row["round_id"] == round_id]
    assert len(sheets) == len(comments) == PEOPLE
    assert len({row.get("xmin") for row in [*sheets, *comments]}) == 1
    said: dict[str, list[int]] = {}
    for name, ordered in orders_of(sheets, ANSWER_COLUMNS).items():
        said[f"answers {name}"] = [_picked(row["answers"]) for row in ordered]
    for name, ordered in orders_of(comments, ANSWER_COLUMNS).items():
        said[f"comments {name}"] = [int(row["text"].split()[-1][:-1]) for row in ordered]
    right: Counter[str] = Counter()
    for people, carer_ids in seen.items():
        for answers, picks in said.items():
            hits = sum(truth[who] == pick for who, pick in zip(carer_ids, picks, strict=True))
            right[f"{people} / {answers}"] += hits
    for one in [name for name in said if name.startswith("answers") and "answers answers" not in name]:
        for other in [name for name in said if name.startswith("comments") and "text" not in name]:
            right[f"{one} / {other}"] += sum(a == b for a, b in zip(said[one], said[other], strict=True))
    return right


def _picked(answers: Any) -> int:
    return int(answers["pick"]) if isinstance(answers, dict) else int("".join(filter(str.isdigit, answers)))


async def attack(database: Database, keys: RoundKeys, rounds: int) -> Counter[str]:
    async with database.write() as session:
        carers = await add_carers(session, PEOPLE)
    told, right = random.Random(1948), Counter[str]()
    for round_id in range(1, rounds + 1):
        seen, truth, _ = await one_round(database, keys, carers, told)
        right += await line_up(database, seen, truth, round_id)
    return right


async def test_no_way_of_lining_up_is_better_than_chance(database: Database, keys: RoundKeys) -> None:
    with chance(SeededChance(7)):
        right = await attack(database, keys, ROUNDS)
    assert len(right) > 100
    # Blind guessing is right once a round on average, with a variance of one. Four and a half standard
    # deviations leave room for the best of a few hundred ways.
    assert max(right.values()) <= ROUNDS + 4.5 * ROUNDS**0.5, right.most_common(3)
    assert ROUNDS * 0.8 < sum(right.values()) / len(right) < ROUNDS * 1.2


@pytest.mark.torture
async def test_real_chance_over_many_rounds_is_no_better(database: Database, keys: RoundKeys) -> None:
    right = await attack(database, keys, 100)
    assert max(right.values()) <= 100 + 5 * 10, right.most_common(3)


async def test_the_insider_would_notice_a_close_that_does_not_shuffle(
    database: Database, keys: RoundKeys
) -> None:
    with chance(NoChance()):
        right = await attack(database, keys, 1)
    assert max(right.values()) == PEOPLE


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
            carers = await add_carers(session, 6)
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
