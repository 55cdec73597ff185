"""Answering: exact to resume, nothing taken on trust, sent once."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from storage.engine import Database
from storage.surveys import Comment, Participant, Response, Round, SealedDraft
from surveys import answering
from surveys.answering import Outcome, Step
from surveys.definition import LONGEST_TEXT
from surveys.keys import RoundKeys
from tests.support.cast import NOON, Cast, gather
from tests.surveys.stories import CLOSES, add_carers, answer, open_round, sent_sheets

LATER = NOON + timedelta(hours=1)
FULL = {"warm": 4, "with": [1, 3], "again": 1, "wish": "Biscuits."}


@pytest.fixture
async def cast(database: Database) -> Cast:
    async with database.write() as session:
        return await gather(session)


@pytest.fixture(params=[True, False], ids=["anonymous", "named"])
async def round(request: pytest.FixtureRequest, database: Database, keys: RoundKeys, cast: Cast) -> Round:
    return await open_round(database, keys, anonymous=request.param)


async def stand(database: Database, keys: RoundKeys, round: Round, carer_id: int) -> Step:
    async with database.write() as session:
        return await answering.stand(session, round.id, carer_id, keys, LATER)


async def sent(database: Database, keys: RoundKeys, round: Round) -> list[dict[str, Any]]:
    """Every sheet that was sent, with its comments: those of an anonymous round lie sealed."""
    if round.anonymous:
        return await sent_sheets(database, keys, round)
    async with database.read() as session:
        comments = (await session.scalars(select(Comment))).all()
        return [
            row.answers | {one.question: one.text for one in comments if one.carer_id == row.carer_id}
            for row in (await session.scalars(select(Response))).all()
        ]


async def test_a_sheet_is_found_where_it_was_left(
    database: Database, keys: RoundKeys, round: Round, cast: Cast
) -> None:
    async with database.write() as session:
        await answering.choose(session, round.id, cast.amal.id, 0, 4, keys, LATER)
    async with database.write() as session:
        await answering.tick(session, round.id, cast.amal.id, 1, 3, True, keys, LATER)
    found = await stand(database, RoundKeys(keys.folder), round, cast.amal.id)
    assert found.question is not None
    assert found.question.id == "with"
    assert found.sheet is not None
    assert found.sheet.answers == {"warm": 4, "with": [3]}
    untouched = await stand(database, keys, round, cast.jo.id)
    assert untouched.sheet is not None
    assert untouched.sheet.answers == {}


async def test_answers_arrive_as_they_were_given(
    database: Database, keys: RoundKeys, round: Round, cast: Cast
) -> None:
    assert (await answer(database, keys, round, cast.amal, FULL)).outcome is Outcome.SENT
    assert await sent(database, keys, round) == [FULL]


async def test_a_whole_sheet_at_once_is_the_same_as_step_by_step(
    database: Database, keys: RoundKeys, round: Round, cast: Cast
) -> None:
    async with database.write() as session:
        await answering.choose(session, round.id, cast.jo.id, 2, 2, keys, LATER)
        for carer in (cast.amal, cast.jo):
            step = await answering.submit(session, round.id, carer.id, FULL, keys, LATER)
            assert step.outcome is Outcome.SENT
        again = await answering.submit(session, round.id, cast.jo.id, {"warm": 1}, keys, LATER)
        assert again.outcome is Outcome.ALREADY_SENT
    assert await sent(database, keys, round) == [FULL, FULL]


@pytest.mark.parametrize(
    "wrong",
    [
        {"warm": 6},
        {"warm": "4"},
        {"warm": 4, "with": 1},
        {"warm": 4, "with": []},
        {"warm": 4, "with": [4]},
        {"warm": 4, "wish": ""},
        {"warm": 4, "wish": "x" * 1001},
        {"warm": 4, "cake": 1},
        {},
    ],
)
async def test_a_sheet_with_one_impossible_answer_is_refused_whole(
    database: Database, keys: RoundKeys, cast: Cast, wrong: dict[str, object]
) -> None:
    round = await open_round(database, keys)
    async with database.write() as session:
        step = await answering.submit(session, round.id, cast.amal.id, wrong, keys, LATER)
        assert step.outcome in (Outcome.WRONG, Outcome.REQUIRED)
        found = await answering.stand(session, round.id, cast.amal.id, keys, LATER)
    assert found.sheet is not None
    assert not found.sheet.submitted
    assert found.sheet.answers == {}


async def test_going_back_and_answering_anew_keeps_the_last_answer(
    database: Database, keys: RoundKeys, round: Round, cast: Cast
) -> None:
    await answer(database, keys, round, cast.amal, FULL, send=False)
    async with database.write() as session:
        step = await answering.back(session, round.id, cast.amal.id, 4, keys, LATER)
        assert step.question is not None
        assert step.question.id == "wish"
        await answering.choose(session, round.id, cast.amal.id, 0, 1, keys, LATER)
        step = await answering.skip(session, round.id, cast.amal.id, 2, keys, LATER)
    assert step.sheet is not None
    assert step.sheet.answers == {"warm": 1, "with": [1, 3], "wish": "Biscuits."}


async def test_a_box_that_is_ticked_twice_stays_ticked_and_can_be_unticked(
    database: Database, keys: RoundKeys, round: Round, cast: Cast
) -> None:
    seen = []
    for on in (True, True, False):
        async with database.write() as session:
            step = await answering.tick(session, round.id, cast.amal.id, 1, 2, on, keys, LATER)
            seen.append(dict(step.sheet.answers) if step.sheet else None)
    assert seen == [{"with": [2]}, {"with": [2]}, {}]


async def test_sending_twice_makes_one_response(
    database: Database, keys: RoundKeys, round: Round, cast: Cast
) -> None:
    await answer(database, keys, round, cast.amal, FULL)

    async def send() -> Outcome:
        async with database.write() as session:
            return (await answering.send(session, round.id, cast.amal.id, keys, LATER)).outcome

    assert await asyncio.gather(*(send() for _ in range(4))) == [Outcome.ALREADY_SENT] * 4
    assert await sent(database, keys, round) == [FULL]


async def test_many_taps_on_send_at_once_make_one_response(
    database: Database, keys: RoundKeys, round: Round, cast: Cast
) -> None:
    await answer(database, keys, round, cast.amal, FULL, send=False)

    async def send() -> Outcome:
        async with database.write() as session:
            return (await answering.send(session, round.id, cast.amal.id, keys, LATER)).outcome

    outcomes = await asyncio.gather(*(send() for _ in range(5)))
    assert sorted(outcomes) == [Outcome.ALREADY_SENT] * 4 + [Outcome.SENT]
    assert await sent(database, keys, round) == [FULL]


async def test_what_was_sent_is_not_changed_any_more(
    database: Database, keys: RoundKeys, round: Round, cast: Cast
) -> None:
    await answer(database, keys, round, cast.amal, FULL)
    async with database.write() as session:
        who = (session, round.id, cast.amal.id)
        steps = [
            await answering.choose(*who, 0, 1, keys, LATER),
            await answering.skip(*who, 1, keys, LATER),
            await answering.back(*who, 1, keys, LATER),
            await answering.write(*who, "More biscuits.", keys, LATER),
        ]
    assert {step.outcome for step in steps} == {Outcome.ALREADY_SENT}
    assert await sent(database, keys, round) == [FULL]


async def test_a_required_question_holds_up_the_sending(
    database: Database, keys: RoundKeys, round: Round, cast: Cast
) -> None:
    async with database.write() as session:
        who = (session, round.id, cast.amal.id)
        assert (await answering.skip(*who, 0, keys, LATER)).outcome is Outcome.WRONG
        await answering.choose(*who, 2, 1, keys, LATER)
        step = await answering.send(*who, keys, LATER)
    assert step.outcome is Outcome.REQUIRED
    assert step.question is not None
    assert step.question.id == "warm"


@pytest.mark.parametrize(
    ("number", "value"), [(0, 0), (0, 6), (1, 1), (2, 3), (3, 1), (4, 1), (99, 1), (0, 10**9)]
)
async def test_an_answer_that_the_question_cannot_have_changes_nothing(
    database: Database, keys: RoundKeys, cast: Cast, number: int, value: int
) -> None:
    round = await open_round(database, keys)
    async with database.write() as session:
        step = await answering.choose(session, round.id, cast.amal.id, number, value, keys, LATER)
    assert step.outcome is Outcome.WRONG
    async with database.read() as session:
        assert (await session.scalars(select(SealedDraft))).all() == []


async def test_who_was_not_asked_learns_nothing(
    database: Database, keys: RoundKeys, round: Round, cast: Cast
) -> None:
    async with database.write() as session:
        [newcomer] = await add_carers(session, 1)
    for carer_id, round_id in [(newcomer.id, round.id), (cast.amal.id, round.id + 1), (10**6, round.id)]:
        async with database.write() as session:
            step = await answering.choose(session, round_id, carer_id, 0, 4, keys, LATER)
        assert step == Step(Outcome.NOT_OPEN)


async def test_nothing_is_taken_after_the_close_even_if_the_tick_is_late(
    database: Database, keys: RoundKeys, round: Round, cast: Cast
) -> None:
    await answer(database, keys, round, cast.amal, FULL, send=False)
    async with database.write() as session:
        step = await answering.send(session, round.id, cast.amal.id, keys, CLOSES)
    assert step.outcome is Outcome.NOT_OPEN
    assert await sent(database, keys, round) == []


async def test_a_text_is_bounded_and_plain(
    database: Database, keys: RoundKeys, round: Round, cast: Cast
) -> None:
    await answer(database, keys, round, cast.amal, {"warm": 4}, send=False)
    async with database.write() as session:
        who = (session, round.id, cast.amal.id)
        assert (await answering.write(*who, "At the review", keys, LATER)).outcome is Outcome.WRONG
        await answering.back(*who, 4, keys, LATER)
        too_long = await answering.write(*who, "x" * (LONGEST_TEXT + 1), keys, LATER)
        nothing = await answering.write(*who, " \x00 ", keys, LATER)
        longest = await answering.write(*who, "\U0001f375" * (LONGEST_TEXT - 1) + "\x07☕", keys, LATER)
    assert (too_long.outcome, nothing.outcome) == (Outcome.TOO_LONG, Outcome.WRONG)
    assert longest.sheet is not None
    assert longest.sheet.answers["wish"] == "\U0001f375" * (LONGEST_TEXT - 1) + "☕"


async def test_without_its_key_a_round_takes_no_answer(
    database: Database, keys: RoundKeys, cast: Cast
) -> None:
    round = await open_round(database, keys)
    async with database.write() as session:
        step = await answering.stand(session, round.id, cast.amal.id, RoundKeys(keys.folder / "none"), LATER)
    assert step.outcome is Outcome.NOT_OPEN


async def test_both_carers_of_a_household_answer_for_themselves(
    database: Database, keys: RoundKeys, round: Round, cast: Cast
) -> None:
    await answer(database, keys, round, cast.amal, {"warm": 1})
    await answer(database, keys, round, cast.jo, {"warm": 5})
    async with database.read() as session:
        took_part = (await session.scalars(select(Participant.carer_id).where(Participant.took_part))).all()
    assert sorted(took_part) == sorted([cast.amal.id, cast.jo.id])
