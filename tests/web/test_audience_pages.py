"""Saved audiences in the console: put together step by step, saved, chosen, renamed and deleted."""

import json
import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from carers.audience import audience_names, audience_reach
from carers.audience_rules import InArea, OnHold, Rules
from carers.saved_audiences import saved_audiences
from storage.audiences import Audience
from storage.engine import Database
from storage.events import Event
from storage.households import Household
from storage.staff import AuditEntry
from tests.support.cast import NOON, Cast
from tests.support.console import LONDON, Console, Visitor, visitor
from tests.web.conftest import Busy

pytestmark = pytest.mark.one_database
NEW = "/audiences/new"


def carried(html: str) -> dict[str, str]:
    """What the page carries from step to step: the rules, and the rule that is open."""
    hidden = dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', html))
    return {
        name: unescape(hidden[name])
        for name in ("rules", "version", "kind", "kind-side", "kind-at")
        if name in hidden
    }


async def press(one: Visitor, path: str, then: str, **fields: Any) -> str:
    named = {
        name.replace("_", "-") if name.startswith("since") else name: said for name, said in fields.items()
    }
    return await one.post(path, {**carried(one.html), "then": then, **named})


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


async def rows(database: Database) -> list[Audience]:
    async with database.read() as session:
        return list((await session.scalars(select(Audience).order_by(Audience.id))).all())


async def test_an_audience_is_put_together_rule_by_rule_and_saved(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        html = await priya.get(NEW)
        assert "4 carers in 3 households today" in words(html)
        html = await press(priya, NEW, "pick", name="Northern people", side="include", pick="area")
        assert priya.status == 200
        html = await press(priya, NEW, "put", name="Northern people", areas=["North"])
        assert "Carers in the North." in words(html)
        html = await press(priya, NEW, "pick", side="exclude", pick="main_carer", name="Northern people")
        assert "Carers in the North, but not carers who are the main carer." in words(html)
        assert "1 carer in 1 household" in words(html)
        assert "They are Jo Reed ." in words(html)
        html = await press(priya, NEW, "save", name="Northern people")
        assert "The audience is saved." in html
        assert "Nothing to come is for this audience yet" in html
    async with console.database.read() as session:
        assert "saved:Northern people" in await audience_names(session, NOON.date())
        assert (await audience_reach(session, "saved:Northern people", NOON.date())).carers == 1
        log = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "audience.save"))).one()
        assert log.detail == {"include": 1, "exclude": 1}


async def test_what_is_open_is_not_lost_by_saving_and_is_checked(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        await priya.get(NEW)
        await press(priya, NEW, "pick", side="include", pick="years_approved", name="Newer")
        html = await press(priya, NEW, "save", name="Newer", approved="under", years="none")
        assert priya.status == 422
        assert 'href="#years"' in html
        assert 'value="none"' in html
        html = await press(priya, NEW, "save", name="Newer", approved="under", years="2")
        assert "Carers who have been approved for less than 2 years." in words(html)
        assert priya.path.startswith("/audiences/")


async def test_a_rule_is_changed_in_its_place_and_taken_out(console: Console, cast: Cast, busy: Busy) -> None:
    path = f"/audiences/{busy.audience}/edit"
    async with visitor(console, cast.priya) as priya:
        await priya.get(path)
        html = await press(priya, path, "change:include:0", name="The North")
        assert re.search(r'value="North" checked', html)
        html = await press(priya, path, "close", name="The North")
        assert "Carers in the North, but not carers whose household is on hold." in words(html)
        html = await press(priya, path, "drop:exclude:0", name="The North")
        assert "Nobody is left out." in html
        html = await press(priya, path, "drop:exclude:7", name="The North")
        html = await press(priya, path, "save", name="Northern people")
        assert "It counts from the next sending on." in html
    row = (await rows(console.database))[0]
    assert (row.name, len(row.include), row.exclude, row.version) == ("Northern people", 1, [], 2)


async def test_every_kind_of_rule_has_fields_and_finds_its_way_there_and_back(
    console: Console, cast: Cast, busy: Busy
) -> None:
    filled: dict[str, dict[str, Any]] = {
        "household_type": {"types": ["mainstream", "short_break"]},
        "area": {"areas": ["North"]},
        "constellation": {"which": "none", "role": "either"},
        "group": {"groups": ["Evening support group"]},
        "language": {"languages": ["en", "ur"]},
        "years_approved": {"approved": "at_least", "years": "3"},
        "social_worker": {"workers": [str(cast.tom.id), "nobody"]},
        "on_hold": {},
        "main_carer": {},
        "told_by": {"ways": ["app", "none"]},
        "attended": {"to": "kind:social", "when": "since"}
        | {"since-day": "1", "since-month": "3", "since-year": "2025"},
        "not_attended": {"to": f"event:{busy.coffee}"},
        "answered": {"event": str(busy.picnic), "answers": ["going", "none"]},
        "silent": {"months": "2"},
    }
    async with visitor(console, cast.priya) as priya:
        await priya.get(NEW)
        for kind, fields in filled.items():
            await press(priya, NEW, "pick", side="exclude", pick=kind)
            if fields:
                assert "There is a problem" in await press(
                    priya, NEW, "put", years="0", months="0", to="", which=""
                )
                await press(priya, NEW, "put", **fields)
            assert "There is a problem" not in priya.html, kind
        html = priya.html
        kept = json.loads(carried(html)["rules"])["exclude"]
        assert [rule["kind"] for rule in kept] == list(filled)
        for place, kind in enumerate(filled):
            if filled[kind]:
                await press(priya, NEW, f"change:exclude:{place}")
                shown = carried(priya.html)
                assert (shown["kind"], shown["kind-at"]) == (kind, str(place))
                await press(priya, NEW, "put", **filled[kind])
        assert json.loads(carried(priya.html)["rules"])["exclude"] == kept
        said = words(priya.html)
        assert "whose social worker is Tom Birch or nobody" in said
        assert "who came to a social event since 1 March 2025" in said
        assert "who did not come to Coffee afternoon on 15 May 2025" in said
        assert "who said yes to or have not answered Picnic on 18 May 2025" in said


async def test_an_anonymous_survey_is_not_offered(console: Console, cast: Cast, busy: Busy) -> None:
    async with visitor(console, cast.priya) as priya:
        await priya.get(NEW)
        html = await press(priya, NEW, "pick", side="include", pick="survey")
        assert "Of an anonymous one nobody can know" in html
        assert f'<option value="{busy.round}"' not in html
        html = await press(priya, NEW, "put", round=str(busy.round), answered="yes")
        assert "Choose a survey" in html


async def test_the_second_of_two_who_change_an_audience_is_told(
    console: Console, cast: Cast, busy: Busy
) -> None:
    path = f"/audiences/{busy.audience}/edit"
    async with visitor(console, cast.priya) as priya, visitor(console, cast.dee) as dee:
        await priya.get(path)
        await dee.get(path)
        await press(dee, path, "drop:exclude:0", name="The North")
        await press(dee, path, "save", name="The North")
        html = await press(priya, path, "save", name="Mine")
        assert priya.status == 409
        assert "It stands now as The North: Carers in the North." in words(html)
        assert 'value="Mine"' in html
        html = await press(priya, path, "save", name="Mine")
        assert "The audience is saved." in html
    assert (await rows(console.database))[0].name == "Mine"


async def test_a_name_that_is_taken_or_missing_and_rules_that_nobody_made_are_refused(
    console: Console, cast: Cast, busy: Busy
) -> None:
    rules = json.dumps({"include": [{"kind": "on_hold"}], "exclude": []})
    async with visitor(console, cast.priya) as priya:
        await priya.get(NEW)
        for name, said in (
            ("", "Enter a name"),
            ("everyone", "has this name"),
            ("the NORTH", "has this name"),
            ("evening support  group", "has this name"),
            ("x" * 81, "characters or fewer"),
        ):
            assert said in await priya.post(NEW, {"name": name, "rules": rules, "then": "save"}), name
            assert priya.status == 422
        assert "Add a rule" in await priya.post(NEW, {"name": "Nobody", "rules": "{}", "then": "save"})
        for broken in ("[", "[]", '{"include": [{"kind": "spell"}]}', '{"include": [{"kind": "area"}]}'):
            await priya.get(NEW)
            await priya.post(NEW, {"name": "Odd", "rules": broken, "then": "save"})
            assert priya.status == 400, broken
    assert len(await rows(console.database)) == 1


async def test_a_new_name_follows_in_events_and_what_is_in_use_stays(
    console: Console, cast: Cast, busy: Busy
) -> None:
    async with console.database.write() as session:
        (await session.get_one(Event, busy.draft)).audience = "saved:The North"
    path = f"/audiences/{busy.audience}"
    async with visitor(console, cast.priya) as priya:
        html = await priya.get(path)
        assert "Event: Alpaca walk" in words(html)
        assert "The North is in use" in await priya.get(f"{path}/delete")
        await priya.get(f"{path}/edit")
        await press(priya, f"{path}/edit", "save", name="North side")
        html = await priya.get(f"/events/{busy.draft}")
        assert "North side" in html
        await priya.get("/audiences")
        html = await priya.post(f"{path}/delete")
        assert "It is in use by now and was not deleted." in html
        async with console.database.write() as session:
            (await session.get_one(Event, busy.draft)).audience = "all"
        await priya.get(f"{path}/delete")
        html = await priya.post(f"{path}/delete")
        assert "The audience is deleted." in html
        assert "No audience is saved yet." in html
        await priya.get(path)
        assert priya.status == 404


async def test_two_rounds_that_would_tell_what_a_few_said_are_not_held(
    console: Console, cast: Cast, busy: Busy
) -> None:
    asked = {"survey": "pulse", "closes-day": "20", "closes-month": "5", "closes-year": "2025"}
    async with console.database.write() as session:
        (await session.get_one(Household, cast.marshes.id)).area = None
    async with visitor(console, cast.priya) as priya:
        await priya.get("/surveys/new")
        html = await priya.post("/surveys/new", {**asked, "named": "no", "audience": "saved:The North"})
        assert priya.status == 422
        assert "were asked the same lately, in the round for “Everyone”" in words(html)
        html = await priya.post("/surveys/new", {**asked, "named": "yes", "audience": "saved:The North"})
        assert priya.status == 422
        assert "one of the two is with names" in words(html)


async def test_a_rule_whose_group_is_gone_is_pointed_out(console: Console, cast: Cast, busy: Busy) -> None:
    async with console.database.write() as session:
        row = await session.get_one(Audience, busy.audience)
        row.exclude = [{"kind": "group", "names": ["no-such-group"]}]
    async with visitor(console, cast.priya) as priya:
        assert "A rule needs a look" in await priya.get("/audiences")
        html = words(await priya.get(f"/audiences/{busy.audience}"))
        assert "The group “no-such-group” is gone: its rule finds nobody for it." in html
        assert "4 carers in 3 households" in html


async def test_forms_for_events_messages_and_surveys_offer_it(
    console: Console, cast: Cast, busy: Busy
) -> None:
    async with visitor(console, cast.priya) as priya:
        for path in ("/events/new", "/broadcasts/new", "/surveys/new"):
            html = await priya.get(path)
            assert re.search(r'<option value="saved:The North"[^>]*>\s*The North \(4 carers', html), path
            assert 'href="/audiences/new"' in html, path
    async with console.database.read() as session:
        (line,) = await saved_audiences(session, NOON, LONDON)
    assert (line.carers, line.uses, line.gone) == (4, 0, False)
    assert Rules((InArea(("North",)),), (OnHold(),)).all
