"""Households in the console: the list, one household, edits, ends, carers who leave, and constellations."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from storage.engine import Database
from storage.households import Carer, Household
from tests.support.cast import NOON, Cast
from tests.support.console import Console, visitor
from tests.web.test_events_pages import shown_fields
from web.staff.forms import Form
from web.staff.household_fields import read_new_carer

pytestmark = pytest.mark.one_database

TODAY = NOON.date()


def day(name: str, value: date) -> dict[str, Any]:
    return {f"{name}-{part}": getattr(value, part) for part in ("day", "month", "year")}


async def household(database: Database, ref: str) -> Household:
    async with database.read() as session:
        return (await session.scalars(select(Household).where(Household.ref == ref))).one()


async def carer(database: Database, ref: str) -> Carer:
    async with database.read() as session:
        return (await session.scalars(select(Carer).where(Carer.ref == ref))).one()


async def test_a_notice_is_shown_with_its_day_before_it_is_noted(console: Console, cast: Cast) -> None:
    here = f"/households/{cast.reeds.id}"
    async with visitor(console, cast.priya) as priya:
        html = await priya.get(f"{here}/end")
        assert "regulation 28" in html
        html = await priya.post(f"{here}/end")
        assert priya.status == 422
        assert "Choose how the approval ends" in html
        assert "Choose a reason, or enter one" in html
        typed = {"route": "resignation", **day("on", TODAY), "reasons": ["retirement"], "other": "Ill health"}
        html = await priya.post(f"{here}/end", typed)
        assert "Say “personal circumstances”" in html
        html = await priya.post(f"{here}/end", {**typed, **day("on", TODAY + timedelta(days=1)), "other": ""})
        assert "received today or before" in html
        html = await priya.post(f"{here}/end", {**typed, "other": "New job\nNew job"})
        assert "ends on Tuesday 3 June 2025" in html
        assert (await household(console.database, "H1")).ended_on is None
        again = await priya.post(f"{here}/end", {**sent_along(html), "sure": "change"})
        assert 'value="retirement" checked' in again
        html = await priya.post(f"{here}/end", {**sent_along(html), "sure": "yes"})
        assert "Noted. The approval ends on 3 June 2025." in html
        assert "Noted a notice of resignation" in html
        home = await household(console.database, "H1")
        assert (home.ended_on, home.notice_on) == (date(2025, 6, 3), TODAY)
        assert home.end_reasons == ["retirement", "new_job"]
        assert "H1" in await priya.get("/households?show=notice")
        assert "ends on Tuesday 3 June 2025" in await priya.get(f"{here}/end")
        await priya.get(f"{here}/stay")
        assert "The approval goes on." in await priya.post(f"{here}/stay")
        assert "has no end to take back" in await priya.post(f"{here}/stay", {"once": "another"})


def sent_along(html: str) -> dict[str, Any]:
    """The hidden fields of the page that shows the day."""
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', html):
        fields.setdefault(name, []).append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in fields.items()}


async def test_a_carer_leaves_comes_back_and_moves(console: Console, cast: Cast) -> None:
    here = f"/households/{cast.reeds.id}"
    one = f"{here}/carers/{cast.amal.id}"
    async with visitor(console, cast.priya) as priya:
        await priya.get(f"{one}/leave")
        html = await priya.post(f"{one}/leave", day("left", TODAY + timedelta(days=1)))
        assert "must be today or before" in html
        html = await priya.post(f"{one}/leave", day("left", TODAY))
        assert "Amal Reed has left the household. Jo Reed is the main carer now." in html
        assert "Left Tue 6 May" in html
        html = await priya.get(f"{here}/carers/{cast.jo.id}/leave")
        assert "They are the only carer here" in html
        await priya.get(f"{one}/return")
        html = await priya.post(f"{one}/return")
        assert "Amal Reed is a carer of this household again." in html
        html = await priya.get(f"{one}/move?q=okafor")
        assert "H2: Sam Okafor" in html
        html = await priya.post(f"{one}/move?q=okafor")
        assert "Choose the household to which they move" in html
        assert "H2: Sam Okafor" in html
        html = await priya.post(f"{one}/move?q=okafor", {"to": cast.okafors.id})
        assert "Amal Reed belongs to this household now." in html
        assert priya.path.startswith(f"/households/{cast.okafors.id}")
        assert (await carer(console.database, "C1")).household_id == cast.okafors.id


async def test_who_is_approved_anew_takes_their_chat_along(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        html = await priya.get(f"/households/new?mover={cast.okafors.id}-{cast.sam.id}")
        assert "<strong>Sam Okafor</strong> moves into this household" in html
        new = {"ref": "H9", "type": "mainstream", **day("approved", TODAY), "role": "none", "worker": ""}
        html = await priya.post("/households/new", new)
        assert "Sam Okafor cannot move. Nobody would be left" in html
        await priya.get(f"/households/new?mover={cast.reeds.id}-{cast.jo.id}")
        html = await priya.post("/households/new", new)
        assert "Household H9 is added." in html
        jo = await carer(console.database, "C2")
        home = await household(console.database, "H9")
        assert (jo.household_id, jo.main_carer, jo.chat_id) == (home.id, True, 102)
        await priya.get(f"/households/new?mover={cast.reeds.id}-{cast.sam.id}")
        assert priya.status == 404


async def test_a_household_is_added_with_two_carers(console: Console, cast: Cast) -> None:
    typed = {
        "ref": "H1",
        "type": "short_break",
        **day("approved", TODAY),
        "area": "East",
        "constellation": "Oak",
        "role": "satellite",
        "worker": str(cast.tom.id),
        "carer-ref": "C8",
        "carer-first": "Kit",
        "carer-last": "Vale",
        "carer-language": "ur",
        "carer-phone": "+44 1632 960003",
        "second-first": "Kim",
        "second-language": "en",
    }
    async with visitor(console, cast.priya) as priya:
        await priya.get("/households/new")
        html = await priya.post("/households/new", typed)
        assert 'href="#second-ref"' in html
        assert 'value="Kit"' in html
        html = await priya.post("/households/new", {**typed, "second-ref": "C9", "carer-email": "no"})
        assert "name@example.org" in html
        html = await priya.post("/households/new", {**typed, "second-ref": "C9"})
        assert "The register has this number already" in html
        html = await priya.post("/households/new", {**typed, "ref": "H9", "second-ref": "C9"})
        assert "Household H9 is added. Please look: Oak has no hub." in html
        assert "Kit Vale and Kim" in html
        added = await carer(console.database, "C8")
        assert (added.phone, added.language, added.main_carer) == ("01632 960003", "ur", True)
        html = await priya.get("/constellations")
        assert "1 household of 4 (25 %) is in a constellation" in html
        assert "Oak has no hub" in html


async def test_the_second_of_two_who_edit_is_told(console: Console, cast: Cast) -> None:
    edit = f"/households/{cast.reeds.id}/edit"
    async with visitor(console, cast.priya) as priya, visitor(console, cast.dee) as dee:
        mine = shown_fields(await priya.get(edit))
        theirs = shown_fields(await dee.get(edit))
        html = await dee.post(edit, {**theirs, "area": "South"})
        assert "The household is saved." in html
        html = await priya.post(edit, {**mine, **day("hold", TODAY)})
        assert priya.status == 422
        assert "Somebody else changed this household" in html
        assert "area South" in html
        html = await priya.post(edit, shown_fields(html))
        assert "The household is saved." in html
        assert (await household(console.database, "H1")).on_hold_since == TODAY
        assert "On hold" in html
        mine = shown_fields(await priya.get(edit))
        assert "Nothing was changed." in await priya.post(edit, mine)
        html = await priya.post(edit, {**mine, "role": "hub"})
        assert "Enter the constellation in which they have this role" in html


async def test_a_carer_is_changed_and_another_added(console: Console, cast: Cast) -> None:
    here = f"/households/{cast.okafors.id}"
    one = f"{here}/carers/{cast.sam.id}/edit"
    async with visitor(console, cast.priya) as priya:
        shown = shown_fields(await priya.get(one))
        html = await priya.post(one, {**shown, "first": "", "birth": "2020"})
        assert "Enter a first name" in html
        assert f"The year of birth must be a year from 1900 to {console.now.year - 18}" in html
        html = await priya.post(one, {**shown, "email": "sam@example.org", "language": "pa"})
        assert "Sam Okafor is saved." in html
        await priya.get(f"{here}/carers/new")
        new = {"ref": "C1", "first": "Noor", "last": "Okafor", "language": "en", "main": "yes"}
        assert "The register has this number already" in await priya.post(f"{here}/carers/new", new)
        html = await priya.post(f"{here}/carers/new", {**new, "ref": "C9"})
        assert "Noor Okafor is added." in html
        assert (await carer(console.database, "C9")).main_carer
        assert not (await carer(console.database, "C3")).main_carer
        html = await priya.get(f"{here}/carers/new")
        assert "Nobody was added" in await priya.post(f"{here}/carers/new", {**new, "ref": "C10"})


async def test_a_social_worker_sees_and_changes_their_own_alone(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.tom) as tom:
        html = await tom.get("/households?show=every")
        assert ("H1" in html, "H2" in html) == (True, False)
        theirs = f"/households/{cast.okafors.id}"
        for path in (
            "",
            "/edit",
            "/carers/new",
            f"/carers/{cast.sam.id}/edit",
            f"/carers/{cast.sam.id}/move",
        ):
            await tom.get(theirs + path)
            assert tom.status == 404, path
        mine = f"/households/{cast.reeds.id}"
        await tom.get(f"{mine}/carers/{cast.sam.id}/leave")
        assert tom.status == 404
        await tom.get(f"{mine}/carers/{cast.jo.id}/move?q=okafor")
        assert "H2" not in tom.html
        await tom.get(f"{mine}/edit")
        html = await tom.post(f"{mine}/carers/{cast.jo.id}/move", {"to": cast.okafors.id})
        assert "Choose the household" in html
        html = await tom.get(f"{mine}/edit")
        assert 'name="worker"' not in html
        await tom.post(f"{mine}/edit", {**shown_fields(html), "area": "West"})
        home = await household(console.database, "H1")
        assert (home.area, home.social_worker_id) == ("West", cast.tom.id)
        await tom.get("/constellations")
        assert "No household of yours is in a constellation." in tom.html


async def test_empty_lists_say_why(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        assert "No household matches." in await priya.get("/households?q=nobody")
        assert "No approval is about to end." in await priya.get("/households?show=notice")
        assert "No household is on hold." in await priya.get("/households?show=on_hold")
        assert "No approval has ended." in await priya.get("/households?show=ended")
        assert "No household is in a constellation." in await priya.get("/constellations")


def test_a_name_and_a_number_are_read_without_signs_that_nobody_sees() -> None:
    typed = {"ref": "C\u200b7", "first": "A\u202emal\nSky", "last": "Vale", "language": "en"}
    one = read_new_carer(Form.sent(typed.items()), NOON.date())
    assert one is not None
    assert (one.ref, one.facts.first_name) == ("C7", "Amal Sky")
    nothing = Form.sent({**typed, "ref": "\u200b"}.items())
    assert read_new_carer(nothing, NOON.date()) is None
    assert "ref" in nothing.errors
