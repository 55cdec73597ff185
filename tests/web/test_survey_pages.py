"""Survey rounds in the console."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from storage.engine import Database
from storage.surveys import Response, Round, RoundState
from surveys.catalogue import standard_definitions
from surveys.definition import QuestionType
from tests.support.cast import NOON, Cast
from tests.support.console import Console, visitor
from tests.web.conftest import Busy

pytestmark = pytest.mark.one_database

FORM = {
    "survey": "pulse",
    "audience": "all",
    "named": "no",
    "closes-day": "20",
    "closes-month": "5",
    "closes-year": "2025",
}


async def closed_round(database: Database, people: int, threshold: int = 5) -> int:
    definition = standard_definitions()["pulse"]
    async with database.write() as session:
        round = Round(
            ref=f"pulse-{people}",
            survey=definition.id,
            title="Quick pulse",
            anonymous=True,
            threshold=threshold,
            definition=dict(definition.source),
            state=RoundState.CLOSED,
            opens_at=NOON - timedelta(days=9),
            closes_at=NOON - timedelta(days=2),
            closed_at=NOON - timedelta(days=2),
            asked=20,
            took_part=people,
            created_at=NOON,
        )
        session.add(round)
        await session.flush()
        answers = {
            one.id: [one.values[0]] if one.type is QuestionType.SEVERAL else one.values[0]
            for one in definition.questions
            if one.options
        }
        for number in range(people):
            session.add(Response(id=f"r{number}", round_id=round.id, answers=answers))
        await session.flush()
        return round.id


async def test_a_round_is_started_and_closes_in_the_evening(
    console: Console, database: Database, cast: Cast
) -> None:
    async with visitor(console, cast.priya) as priya:
        await priya.get("/surveys/new")
        assert "The round opens within a minute" in await priya.post("/surveys/new", FORM)
    async with database.read() as session:
        round = (await session.scalars(select(Round))).one()
    assert round.anonymous
    assert round.closes_at == datetime(2025, 5, 20, 19, 0, tzinfo=UTC)  # 20:00 in London


async def test_the_same_people_are_not_asked_the_same_twice_at_once(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        await priya.get("/surveys/new")
        await priya.post("/surveys/new", FORM)
        await priya.get("/surveys/new")
        html = await priya.post("/surveys/new", FORM)
    assert priya.status == 422
    assert "open for them already" in html


async def test_a_last_day_that_has_passed_is_refused(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        await priya.get("/surveys/new")
        html = await priya.post("/surveys/new", {**FORM, "closes-day": "1"})
        assert priya.status == 422
        assert "The last day must be after today" in html
        assert "Choose a survey" in await priya.post("/surveys/new", {**FORM, "survey": "made up"})


async def test_no_result_is_seen_while_a_round_is_open(console: Console, cast: Cast, busy: Busy) -> None:
    async with visitor(console, cast.dee) as dee:
        html = await dee.get(f"/surveys/{busy.round}")
        assert "0 of 4" in html
        assert "Nobody sees a result while the round is open" in html
        path = f"/surveys/{busy.round}/close"
        await dee.get(path)
        assert "The round closes within a minute." in await dee.post(path)


@pytest.mark.parametrize("people", [0, 1, 4])
async def test_results_of_fewer_than_five_are_held_back_with_the_reason(
    console: Console, database: Database, cast: Cast, people: int
) -> None:
    number = await closed_round(database, people)
    async with visitor(console, cast.dee) as dee:
        html = await dee.get(f"/surveys/{number}")
        assert "Held back: fewer than 5 people took part" in html
        assert "<table" not in html


async def test_results_of_five_or_more_are_shown_with_their_numbers(
    console: Console, database: Database, cast: Cast
) -> None:
    number = await closed_round(database, 8)
    async with visitor(console, cast.dee) as dee:
        html = await dee.get(f"/surveys/{number}")
        assert "8 people answered" in html
        assert "8 of 20" in html
        assert "95 % interval" in html
