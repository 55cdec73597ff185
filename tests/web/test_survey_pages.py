"""Survey rounds in the console."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from carers.panels import About, note_panel
from storage.engine import Database
from storage.households import Group, GroupMember
from storage.surveys import Participant, Round
from surveys.occasions import ask_due
from tests.support.cast import NOON, Cast
from tests.support.console import LONDON, Console, visitor
from tests.web.conftest import Busy

pytestmark = pytest.mark.one_database

FORM = {
    "survey": "pulse",
    "audience": "all",
    "named": "no",
    "threshold": "5",
    "closes-day": "20",
    "closes-month": "5",
    "closes-year": "2025",
}
SURE = {**FORM, "sure": "yes"}


async def the_round(database: Database) -> Round:
    async with database.read() as session:
        return (await session.scalars(select(Round).order_by(Round.id.desc()).limit(1))).one()


async def test_a_round_is_looked_at_before_anybody_is_asked(
    console: Console, database: Database, cast: Cast
) -> None:
    async with visitor(console, cast.priya) as priya:
        await priya.get("/surveys/new")
        html = await priya.post("/surveys/new", FORM)
        assert priya.status == 200
        assert "Ask 4 carers" in html
        assert "On Telegram" in html
        assert "There can be no result" in html  # four are fewer than five
        assert "Tue 13 May" in html  # midway, the first reminder
        async with database.read() as session:
            assert (await session.scalars(select(Round))).all() == []
        html = await priya.post("/surveys/new", {**FORM, "sure": "change"})
        assert 'value="20"' in html
        assert "The round opens within a minute" in await priya.post("/surveys/new", SURE)
    round = await the_round(database)
    assert round.anonymous
    assert round.closes_at == datetime(2025, 5, 20, 19, 0, tzinfo=UTC)  # 20:00 in London


async def test_a_block_and_a_higher_threshold_are_part_of_the_round(
    console: Console, database: Database, cast: Cast
) -> None:
    chosen = {"survey": "health-check", "block-health-check": "wellbeing", "threshold": "7"}
    async with visitor(console, cast.priya) as priya:
        await priya.get("/surveys/new")
        html = await priya.post("/surveys/new", {**FORM, **chosen})
        assert "Open Government Licence" in html
        html = await priya.post("/surveys/new", {**SURE, **chosen, "named": "yes"})
        assert priya.status == 422
        assert "may only be asked anonymously" in html
        await priya.post("/surveys/new", {**SURE, **chosen})
    round = await the_round(database)
    assert round.threshold == 7
    assert "blocks" not in round.definition
    assert any(question.get("wellbeing") for question in round.definition["questions"])


async def test_a_round_is_planned_changed_and_called_off(
    console: Console, database: Database, cast: Cast
) -> None:
    later = {"opens-day": "12", "opens-month": "5", "opens-year": "2025", "opens-time": "14:30"}
    async with visitor(console, cast.priya) as priya, visitor(console, cast.dee) as dee:
        await priya.get("/surveys/new")
        assert "Ask 4 carers on 12 May" in await priya.post("/surveys/new", {**FORM, **later})
        assert "It opens on 12 May at 14:30" in await priya.post("/surveys/new", {**SURE, **later})
        round = await the_round(database)
        assert round.opens_at == datetime(2025, 5, 12, 13, 30, tzinfo=UTC)
        edit = f"/surveys/{round.id}/edit"
        for one in (priya, dee):
            assert 'value="14:30"' in await one.get(edit)
        seen = {"seen": priya.hidden(edit)["seen"]}
        assert "It opens on 12 May" in await dee.post(edit, {**SURE, **later, **seen, "threshold": "9"})
        html = await priya.post(edit, {**SURE, **later, **seen, "threshold": "8"})
        assert "Somebody else changed this round" in html
        assert 'value="8"' in html  # what was typed is not lost, and can be put in place of theirs
        seen = {"seen": priya.hidden(edit)["seen"]}
        assert "It opens on 12 May" in await priya.post(edit, {**SURE, **later, **seen, "threshold": "8"})
        path = f"/surveys/{round.id}/call-off"
        await priya.get(path)
        assert "It is called off" in await priya.post(path)
        await dee.get(edit)
        assert dee.status == 404


async def test_the_same_people_are_not_asked_the_same_twice_at_once(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        await priya.get("/surveys/new")
        await priya.post("/surveys/new", SURE)
        await priya.get("/surveys/new")
        html = await priya.post("/surveys/new", FORM)
    assert priya.status == 422
    assert "open for them already" in html


async def test_almost_the_same_people_are_not_asked_the_same_without_names(
    console: Console, database: Database, cast: Cast
) -> None:
    async with database.write() as session:
        group = Group(name="Three of them")
        session.add(group)
        await session.flush()
        session.add_all(
            GroupMember(group_id=group.id, carer_id=one.id) for one in (cast.amal, cast.jo, cast.sam)
        )
    async with visitor(console, cast.priya) as priya:
        await priya.get("/surveys/new")
        await priya.post("/surveys/new", SURE)
        await priya.get("/surveys/new")
        html = await priya.post("/surveys/new", {**FORM, "audience": "Three of them"})
        assert priya.status == 422
        assert "Choose exactly the same carers" in html
        named = {**FORM, "audience": "Three of them", "named": "yes"}
        html = await priya.post("/surveys/new", named)
        assert priya.status == 422
        assert "one of the two is with names" in html


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"closes-day": "1"}, "The last day must be after"),
        ({"survey": "made up"}, "Choose a survey"),
        ({"survey": "exit-interview"}, "Choose a survey"),
        ({"threshold": "4"}, "must be a whole number from 5"),
        ({"closes-year": "2027"}, "within a year"),
        ({"opens-time": "10:00"}, "Enter the day as well"),
        ({"opens-day": "1", "opens-month": "5", "opens-year": "2025"}, "must be today or later"),
    ],
)
async def test_what_cannot_be_is_refused_and_kept_as_typed(
    console: Console, cast: Cast, typed: dict[str, str], said: str
) -> None:
    async with visitor(console, cast.priya) as priya:
        await priya.get("/surveys/new")
        html = await priya.post("/surveys/new", {**SURE, **typed})
    assert priya.status == 422
    assert said in html
    assert 'value="2025"' in html or "closes-year" in typed


async def test_rounds_are_found_by_state_kind_and_survey(console: Console, cast: Cast, busy: Busy) -> None:
    async with visitor(console, cast.dee) as dee:
        html = await dee.get("/surveys?show=planned")
        assert f'href="/surveys/{busy.planned}"' in html
        assert f'href="/surveys/{busy.round}"' not in html
        assert "No round is like that" in await dee.get("/surveys?follows=panel")
        assert "1 round found" in await dee.get("/surveys?survey=pulse&show=open")


async def test_who_of_a_few_took_part_is_not_to_be_seen_while_they_are_asked(
    console: Console, database: Database, cast: Cast
) -> None:
    async with database.write() as session:
        await note_panel(session, cast.reeds.id, NOON.date(), About.REVIEW, cast.priya, NOON, LONDON)
        await ask_due(session, NOON + timedelta(days=1), console.keys, LONDON)
        await session.execute(update(Participant).values(took_part=True))
    round = await the_round(database)
    async with visitor(console, cast.dee) as dee:
        for path in ("/surveys", f"/surveys/{round.id}", f"/surveys/{round.id}/close", "/"):
            html = await dee.get(path)
            assert "2 of 2" not in html
            assert round.title in html or "After your panel" in html


async def test_staff_see_that_the_key_of_an_open_round_is_missing(
    console: Console, database: Database, cast: Cast, busy: Busy
) -> None:
    """As after a restore without the folder of keys; once it is back, nothing is wrong."""
    pages = {
        f"/surveys/{busy.round}": "its answers cannot be opened",
        "/surveys": "Key missing",
        "/": "nobody can answer",
    }
    async with database.read() as session:
        ref = (await session.get_one(Round, busy.round)).ref
    async with visitor(console, cast.dee) as dee:
        for path, said in pages.items():
            assert said in await dee.get(path), path
        console.keys.make(ref)
        for path, said in pages.items():
            assert said not in await dee.get(path), path


async def test_no_result_is_seen_while_a_round_is_open(console: Console, cast: Cast, busy: Busy) -> None:
    async with visitor(console, cast.dee) as dee:
        html = await dee.get(f"/surveys/{busy.round}")
        assert "0 of 4" in html
        assert "Nobody sees a result while the round is open" in html
        path = f"/surveys/{busy.round}/close"
        await dee.get(path)
        assert "The round closes within a minute." in await dee.post(path)
