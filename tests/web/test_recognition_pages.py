"""Nominations and "You said, we did": the pages of staff, and those of carers."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from care import actions
from care.actions import ActionState, Plan, Source
from care.desk import Desk
from carers.pages import Purpose
from events.planning import plan_event
from storage.actions import ServiceAction
from storage.broadcasts import Broadcast
from storage.conversations import CarerMessage
from storage.engine import Database
from storage.nominations import Nomination, NominationState
from storage.staff import AuditEntry
from tests.events.acts import plan
from tests.support.cast import NOON, Cast
from tests.support.console import Console, Visitor, visitor
from tests.web.conftest import Busy
from tests.web.own_links import SCRIPT, link, own_page

pytestmark = pytest.mark.one_database
URDU = {"ur": {"said": "وقفے", "did": "سال میں دو، 01709 000000"}}


def day(name: str, on: date) -> dict[str, int]:
    return {f"{name}-day": on.day, f"{name}-month": on.month, f"{name}-year": on.year}


async def a_forum(database: Database) -> int:
    starts = NOON + timedelta(days=10)
    wanted = plan(kind="forum", title="Forum", starts_at=starts, ends_at=starts + timedelta(hours=2))
    async with database.write() as session:
        return (await plan_event(session, wanted, None, NOON)).id


async def nomination(database: Database, nomination_id: int) -> Nomination:
    async with database.read() as session:
        return await session.get_one(Nomination, nomination_id)


async def action(database: Database, action_id: int) -> ServiceAction:
    async with database.read() as session:
        return await session.get_one(ServiceAction, action_id)


async def published(database: Database, cast: Cast, number: int = 1) -> list[int]:
    async with database.write() as session:
        ids = []
        for each in range(number):
            wanted = Plan(f"More *breaks* {each}", "Two a year", URDU, ActionState.DONE)
            made = await actions.note_action(session, wanted, Source(), cast.priya, NOON, NOON.date())
            await actions.publish(session, made.id, 1, cast.priya, NOON + timedelta(minutes=each))
            ids.append(made.id)
        return ids


async def test_a_nomination_goes_from_a_name_to_the_list_of_a_forum(
    console: Console, database: Database, cast: Cast, busy: Busy
) -> None:
    forum, here = await a_forum(database), f"/nominations/{busy.nomination}"
    async with visitor(console, cast.priya) as priya:
        assert "1 new nomination to look at" in await priya.get("/")
        assert "Always there" in await priya.get("/nominations")
        assert "Lin Marsh, household H3" in await priya.get(here)
        assert "What is read out" not in priya.html
        assert "Choose who is meant" in await priya.post(f"{here}/match")
        assert "It is noted who is meant." in await priya.post(
            f"{here}/match", {"who": f"carer-{cast.lin.id}"}
        )
        assert "Enter what is read out" in await priya.post(f"{here}/shortlist", {"event": forum})
        said = {"event": forum, "citation": f"For kindness {SCRIPT}"}
        await priya.get(here)
        assert "It is on the list for Forum." in await priya.post(f"{here}/shortlist", said)
        assert SCRIPT not in priya.html
        assert "For kindness" in await priya.get("/nominations?show=shortlisted")
        listed = await priya.get(f"/nominations/forums/{forum}")
        assert "Lin Marsh" in listed
        assert "For kindness" in listed
        assert "Always there" not in listed, "the carer's own words are for staff alone"
        await priya.get(here)
        assert "noted as celebrated" in await priya.post(f"{here}/celebrate")
        assert "Lin Marsh" in await priya.get("/nominations?show=celebrated")
    async with database.read() as session:
        noted = list(await session.scalars(select(AuditEntry.action)))
    assert {"nomination.print", "nomination.celebrate"} <= set(noted)


async def test_a_name_is_looked_for_whole_and_then_by_its_last_word(
    console: Console, database: Database, cast: Cast, busy: Busy
) -> None:
    async with database.write() as session:
        row = await session.get_one(Nomination, busy.nomination)
        row.whom = "Amal and Jo Reed"
    here = f"/nominations/{busy.nomination}"
    async with visitor(console, cast.dee) as dee:
        assert "The household H1: Amal Reed and Jo Reed" in await dee.get(here)
        assert "Nobody in the register is called so" in await dee.get(f"{here}?q=nobody")
        await dee.get(here)
        await dee.post(f"{here}/match", {"who": f"household-{cast.reeds.id}"})
        assert "the household of who nominated" in dee.html


async def test_whoever_was_slower_keeps_what_they_typed(
    console: Console, database: Database, cast: Cast, busy: Busy
) -> None:
    forum, here = await a_forum(database), f"/nominations/{busy.nomination}"
    async with visitor(console, cast.priya) as priya, visitor(console, cast.dee) as dee:
        await priya.get(here)
        await priya.post(f"{here}/match", {"who": f"carer-{cast.lin.id}"})
        await dee.get(here)
        said = {"event": forum, "citation": "For cake"}
        await priya.post(f"{here}/shortlist", said)
        slower = await dee.post(f"{here}/shortlist", {**said, "citation": "For tea"})
        assert "A colleague changed this nomination meanwhile" in slower
        assert "For tea" in slower
        assert "on the list for Forum" in await dee.post(f"{here}/shortlist", {**said, "citation": "For tea"})
        assert "Nothing was changed" in await priya.post(f"{here}/set-aside", {"version": 1})
    assert (await nomination(database, busy.nomination)).citation == "For tea"


async def test_words_are_taken_away_and_a_decision_is_taken_back(
    console: Console, database: Database, cast: Cast, busy: Busy
) -> None:
    here = f"/nominations/{busy.nomination}"
    async with visitor(console, cast.priya) as priya:
        assert "Always there" in await priya.get(f"{here}/redact")
        assert "The words are gone." in await priya.post(f"{here}/redact")
        assert "Always there" not in priya.html
        assert "It is set aside." in await priya.post(f"{here}/set-aside")
        assert "The decision is taken back." in await priya.post(f"{here}/reopen")
        await priya.get("/nominations/999")
        assert priya.status == 404
    assert (await nomination(database, busy.nomination)).state is NominationState.NEW


async def test_an_action_is_noted_changed_and_read_by_carers(
    console: Console, database: Database, cast: Cast, busy: Busy
) -> None:
    async with visitor(console, cast.priya) as priya:
        await priya.get(f"/actions/new?event={busy.coffee}")
        assert "Coffee afternoon" in priya.html
        assert "Enter what carers said" in await priya.post("/actions/new", {"said": ""})
        due = day("due", NOON.date() + timedelta(days=3))
        fields = {"said": f"More breaks {SCRIPT}", "owner": cast.tom.id, "state": "planned", **due}
        assert "It is noted." in await priya.post("/actions/new", fields)
        assert SCRIPT not in priya.html
        assert "Coffee afternoon" in priya.html
        here = priya.path.partition("?")[0]
        assert "Carers can read it now" in await priya.post(f"{here}/publish")
        empty = {**fields, "state": "done"}
        await priya.get(f"{here}/edit")
        assert "Enter what was done" in await priya.post(f"{here}/edit", empty)
        assert "More breaks" in priya.html
        done = {**empty, "did": "Two weekends", "said-ur": "وقفے", "did-ur": "دو"}
        assert "The action is saved." in await priya.post(f"{here}/edit", done)
        assert "It is not in Punjabi, Arabic yet" in priya.html
        slower = await priya.post(f"{here}/edit", {**done, "did": "Three", "version": 1})
        assert "Somebody else changed this" in slower
        assert "Three" in slower
    async with visitor(console) as amal:
        path = link(console, cast.amal, Purpose.HOME).removeprefix(console.address)
        assert "Two weekends" in await amal.get(f"{path}/said")
        assert SCRIPT not in amal.html


async def test_what_is_overdue_is_on_the_first_page_of_its_owner_and_of_who_writes(
    console: Console, database: Database, cast: Cast, busy: Busy
) -> None:
    async with database.write() as session:
        row = await session.get_one(ServiceAction, busy.action)
        row.due_on, row.owner_id = NOON.date() - timedelta(days=1), cast.dee.id
    said = "1 overdue action in You said, we did"
    for who, told in ((cast.priya, True), (cast.tom, False)):
        async with visitor(console, who) as one:
            assert (said in await one.get("/")) is told
            assert "Overdue" in await one.get("/actions")
    async with visitor(console, cast.tom) as tom:
        assert "/actions/new" not in await tom.get("/actions")
        assert "edit" not in await tom.get(f"/actions/{busy.action}")


async def test_an_action_by_mistake_is_deleted_unless_carers_read_it(
    console: Console, database: Database, cast: Cast, busy: Busy
) -> None:
    [read] = await published(database, cast)
    async with visitor(console, cast.dee) as dee:
        for number, said in ((busy.action, "The action is deleted."), (read, "Take it back first.")):
            await dee.get(f"/actions/{number}/throw-away")
            assert said in await dee.post(f"/actions/{number}/throw-away")
        await dee.get(f"/actions/{read}")
        assert "Carers find it no more." in await dee.post(f"/actions/{read}/take-back")
        await dee.get(f"/actions/{busy.action}")
        assert dee.status == 404


async def test_a_message_to_all_is_begun_in_every_language_that_is_written(
    console: Console, database: Database, cast: Cast, busy: Busy
) -> None:
    ids = await published(database, cast, 7)
    async with visitor(console, cast.priya) as priya:
        await priya.get("/actions/tell")
        assert "Choose what the message tells of" in await priya.post("/actions/tell", {"which": []})
        assert "Choose 5 at most" in await priya.post("/actions/tell", {"which": ids})
        await priya.post("/actions/tell", {"which": [*ids[:2], busy.action]})
        assert "in 2 languages" in priya.html
        assert priya.path.startswith("/broadcasts/")
    async with database.read() as session:
        [draft] = await session.scalars(select(Broadcast).where(Broadcast.id != busy.broadcast))
    assert set(draft.texts) == {"en", "ur"}
    assert draft.texts["en"].startswith("*You said, we did*")
    assert "More *breaks* 1" in draft.texts["en"]
    assert "Breakfasts" not in draft.texts["en"], "what carers do not read is not told"
    assert "01709 000000" in draft.texts["ur"]


async def test_a_made_up_source_is_left_out(console: Console, database: Database, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        await priya.get("/actions/new?round=99&question=x&event=x")
        fields = {"said": "More breaks", "state": "planned", "round": "99", "question": "x", "event": "7"}
        assert "It is noted." in await priya.post("/actions/new", fields)
        made = await action(database, int(priya.path.partition("?")[0].rpartition("/")[2]))
    assert (made.round_id, made.question, made.event_id) == (None, None, None)


async def nominate(one: Visitor, path: str, whom: str, words: str) -> str:
    await one.get(f"{path}/nominate")
    return await one.post(f"{path}/nominate", {"whom": whom, "words": words})


async def test_a_carer_nominates_on_their_page_and_takes_it_back(
    console: Console, database: Database, cast: Cast
) -> None:
    path = link(console, cast.amal, Purpose.HOME).removeprefix(console.address)
    async with visitor(console) as amal:
        assert "Please write whom you nominate." in await nominate(amal, path, "01709 000000", "She is kind")
        assert "Please write why." in await nominate(amal, path, "Lin Marsh", "")
        assert "Lin Marsh" in amal.html
        assert "It has 501 now" in await nominate(amal, path, "Lin Marsh", "x" * 501)
        for _ in range(2):  # pressed twice
            sent = await nominate(amal, path, "Lin Marsh", f"Always there {SCRIPT}")
            assert "Thank you. Your service has your nomination." in sent
        assert SCRIPT not in amal.html
        assert amal.html.count("Take it back") == 1
        assert "Always there" in await amal.get(f"{path}/held")
        await amal.get(f"{path}/nominate")
        assert "Your nomination is gone." in await amal.post(f"{path}/nominate/back", {"which": 1})
        for number in range(3):
            await nominate(amal, path, f"Carer {number}", "Cake")
        assert "has not looked at your last three nominations" in amal.html
        await nominate(amal, path, "Sam", "Keep these words")
        assert "Keep these words" in amal.html
    async with database.read() as session:
        assert len((await session.scalars(select(Nomination))).all()) == 3


async def test_words_of_danger_on_the_page_reach_staff_and_bring_the_numbers(
    console: Console, database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Desk, "is_urgent", lambda self, text: "suicide" in text)
    path = link(console, cast.amal, Purpose.HOME).removeprefix(console.address)
    async with visitor(console) as amal:
        for _ in range(2):
            await nominate(amal, path, "Lin Marsh", "She was there when I thought of suicide")
            assert "Please do not wait for an answer here." in amal.html
            assert "116 123" in amal.html
    async with database.read() as session:
        assert len((await session.scalars(select(CarerMessage))).all()) == 1


@pytest.mark.parametrize("why", ["suicide " * 100, "suicide"], ids=["too long", "one too many"])
async def test_words_of_danger_reach_staff_when_the_nomination_does_not(
    console: Console, database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    monkeypatch.setattr(Desk, "is_urgent", lambda self, text: "suicide" in text)
    path = link(console, cast.amal, Purpose.HOME).removeprefix(console.address)
    async with visitor(console) as amal:
        for name in ("Sam", "Lin", "Jo"):
            await nominate(amal, path, name, "She is kind")
        await nominate(amal, path, "Lin Marsh", why)
        assert "116 123" in amal.html
        assert "Your nomination is sent, too." not in amal.html
        assert why.strip() in amal.html
    async with database.read() as session:
        assert len((await session.scalars(select(CarerMessage))).all()) == 1


async def test_whom_a_carer_nominates_is_not_for_who_made_a_link(
    console: Console, database: Database, cast: Cast
) -> None:
    own = link(console, cast.amal, Purpose.HOME).removeprefix(console.address)
    handed = own_page(console, cast.amal, handed=True)
    async with visitor(console) as amal:
        await nominate(amal, own, "Sam Okafor", "He is kind")
        await amal.get(f"{handed}/nominate")
        await amal.post(f"{amal.path}/back", {"which": 1})
        assert amal.status == 404
        for tail in ("/nominate", "/held", "/held.json"):
            assert "Okafor" not in await amal.get(handed + tail)
    async with database.read() as session:
        assert len((await session.scalars(select(Nomination))).all()) == 1
