"""A carer's own pages: what is on, settings, the calendar link, what is held, leaving."""

import json
import re
from datetime import time, timedelta

import pytest
from aiohttp import ClientSession
from sqlalchemy import select

from carers.pages import Purpose
from carers.topics import Topic
from storage.conversations import CarerMessage
from storage.engine import Database
from storage.households import Carer, Channel, Language, OptOut
from tests.support.cast import NOON, Cast
from tests.support.console import Console, Visitor, visitor
from tests.surveys.stories import answer, open_round
from tests.web.conftest import Busy
from tests.web.own_links import SCRIPT, link, mail_is_on, own_page, past_event, with_much

pytestmark = pytest.mark.one_database


async def amal_of(database: Database, cast: Cast) -> Carer:
    async with database.read() as session:
        return await session.get_one(Carer, cast.amal.id)


async def opened(somebody: Visitor, console: Console, carer: Carer, tail: str = "") -> str:
    """The path of a page below the carer's own link, after it was looked at."""
    path = link(console, carer, Purpose.HOME).removeprefix(console.address)
    await somebody.get(path + tail)
    assert somebody.status == 200, somebody.html
    return path


async def test_the_home_page_shows_what_is_on_and_leads_to_where_it_is_answered(
    console: Console, cast: Cast, busy: Busy
) -> None:
    async with visitor(console) as amal:
        await opened(amal, console, cast.amal)
        html = amal.html
        assert "Hello Amal" in html
        assert html.index("Evening group") < html.index("Coffee afternoon") < html.index("Picnic")
        assert "You have not answered yet." in html
        assert "You are going." in html
        [first] = re.findall(r'href="(/c/[^"]+)">Answer<span', html)
        assert "Evening group" in await amal.get(first)
        assert amal.status == 200


async def test_an_open_survey_is_on_the_home_page_until_it_is_answered(console: Console, cast: Cast) -> None:
    round = await with_much(console, cast)
    async with visitor(console) as amal:
        await opened(amal, console, cast.amal)
        assert "About tea" in amal.html
        [address] = re.findall(r'href="(/c/[^"]+)">Answer the survey', amal.html)
        assert "This survey is anonymous." in await amal.get(address)
        await answer(console.database, console.keys, round, cast.amal, {"warm": 4})
        await opened(amal, console, cast.amal)
        assert "About tea" not in amal.html


async def test_kinds_are_chosen_together_and_saved_at_once(
    console: Console, cast: Cast, database: Database
) -> None:
    async with visitor(console) as amal:
        path = await opened(amal, console, cast.amal, "/settings")
        await amal.post(f"{path}/settings", {"what": "kinds", "topic": ["socials", "surveys"]})
        assert "Saved." in amal.html
        async with database.read() as session:
            off = set((await session.scalars(select(OptOut.topic))).all())
        assert off == {"support_groups", "training", "tickets"}
        await amal.post(f"{path}/settings", {"what": "kinds", "topic": [one.value for one in Topic]})
        async with database.read() as session:
            assert (await session.scalars(select(OptOut))).all() == []


@pytest.mark.parametrize(("code", "way"), [("ur", "rtl"), ("pa", "ltr"), ("ar", "rtl")])
async def test_the_language_changes_with_the_page_itself(
    console: Console, cast: Cast, database: Database, code: str, way: str
) -> None:
    async with visitor(console) as amal:
        path = await opened(amal, console, cast.amal, "/settings")
        html = await amal.post(f"{path}/settings", {"what": "language", "language": code})
        assert f'<html lang="{code}" dir="{way}">' in html
    assert (await amal_of(database, cast)).language_chosen


async def test_a_carer_with_both_chooses_email_or_the_app(
    console: Console, cast: Cast, database: Database
) -> None:
    await mail_is_on(database, cast.amal)
    async with visitor(console) as amal:
        path = await opened(amal, console, cast.amal, "/settings")
        assert "amal.reed@post.example" in amal.html
        await amal.post(f"{path}/settings", {"what": "way", "way": "email"})
        assert (await amal_of(database, cast)).channel is Channel.EMAIL
        await amal.post(f"{path}/settings", {"what": "way", "way": "app"})
        assert (await amal_of(database, cast)).channel is None


async def test_email_without_an_address_is_refused_with_the_reason(
    console: Console, cast: Cast, database: Database
) -> None:
    async with visitor(console) as amal:
        path = await opened(amal, console, cast.amal, "/settings")
        assert 'value="email"' not in amal.html
        await amal.post(f"{path}/settings", {"what": "way", "way": "email"})
        assert amal.status == 422
        assert "We have no email address for you that works." in amal.html
    assert (await amal_of(database, cast)).channel is None


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"what": "language", "language": "xx"},
        {"what": "way", "way": "letter"},
        {"what": "pause", "days": "9999"},
        {"what": "\x00"},
    ],
)
async def test_a_made_up_form_changes_nothing_and_says_so(
    console: Console, cast: Cast, database: Database, fields: dict[str, str]
) -> None:
    before = await amal_of(database, cast)
    async with visitor(console) as amal:
        path = await opened(amal, console, cast.amal, "/settings")
        amal.html = ""
        await amal.post(f"{path}/settings", fields)
        assert amal.status == 422
        assert "nothing was changed" in amal.html
    after = await amal_of(database, cast)
    assert (after.language, after.channel, after.paused_until) == (before.language, None, None)


async def test_a_pause_and_a_stop_are_shown_and_undone(
    console: Console, cast: Cast, database: Database
) -> None:
    async with visitor(console) as amal:
        path = await opened(amal, console, cast.amal, "/settings")
        await amal.post(f"{path}/settings", {"what": "pause", "days": "14"})
        assert (await amal_of(database, cast)).paused_until == NOON + timedelta(days=14)
        assert "Paused until Tuesday 20 May 2025." in await amal.get(path)
        await amal.get(f"{path}/settings")
        await amal.post(f"{path}/settings", {"what": "resume"})
        assert (await amal_of(database, cast)).paused_until is None
        await amal.get(f"{path}/leave")
        assert (await amal_of(database, cast)).stopped_at is None
        assert "You have stopped all messages." in await amal.post(f"{path}/leave", {"what": "stop"})
        assert (await amal_of(database, cast)).stopped_at == NOON
        assert "Welcome back." in await amal.post(f"{path}/leave", {"what": "back"})
        assert (await amal_of(database, cast)).stopped_at is None


async def test_the_calendar_link_is_made_renewed_and_switched_off(
    console: Console, cast: Cast, database: Database
) -> None:
    async with visitor(console) as amal:
        path = await opened(amal, console, cast.amal, "/feed")
        await amal.post(f"{path}/feed", {"what": "first"})
        [first] = re.findall(r"http://[^<]+/calendar/[^<]+\.ics", amal.html)
        assert "BEGIN:VCALENDAR" in await amal.get(first)
        await amal.get(f"{path}/feed")
        old = amal.hidden(f"{path}/feed")
        await amal.post(f"{path}/feed", {"what": "new"})
        [second] = re.findall(r"http://[^<]+/calendar/[^<]+\.ics", amal.html)
        assert second != first
        await amal.post(f"{path}/feed", {**old, "what": "off"})  # a page that shows the first
        assert second in amal.html
        await amal.post(f"{path}/feed", {"what": "off"})
        assert "switched off" in amal.html
        await amal.get(second)
        assert amal.status == 404


async def test_what_is_held_is_shown_and_downloads_as_json(
    console: Console, cast: Cast, busy: Busy, database: Database
) -> None:
    await with_much(console, cast)
    await past_event(database, cast.amal)
    async with visitor(console) as amal:
        path = await opened(amal, console, cast.amal, "/held")
        for said in ("Amal Reed", "H1", "1968", "Tom Birch", "Coffee afternoon", "Egg hunt"):
            assert said in amal.html
        assert SCRIPT not in amal.html
        assert "Thank you &lt;script&gt;" in amal.html
        assert "A ramp" not in amal.html
        held = json.loads(await amal.get(f"{path}/held.json"))
    assert held["register"]["carer_ref"] == "C1"
    assert held["messages"][-1]["text"] == f"Thank you {SCRIPT}"
    assert {one["title"] for one in held["invitations"]} == {"Coffee afternoon", "Picnic", "Evening group"}
    assert "ramp" not in json.dumps(held)
    assert "Sam" not in json.dumps(held)


@pytest.mark.parametrize("handed", [True, False])
async def test_what_was_written_is_not_for_who_made_the_link(
    console: Console, cast: Cast, database: Database, handed: bool
) -> None:
    """Social workers and administrators make such links, and may not read answers in named surveys."""
    named = await open_round(database, console.keys, anonymous=False)
    await answer(database, console.keys, named, cast.amal, {"warm": 4, "wish": "Less of the kettle"})
    async with database.write() as session:
        session.add(CarerMessage(carer_id=cast.amal.id, text="The kettle is broken", received_at=NOON))
    address = own_page(console, cast.amal, handed=handed)
    async with visitor(console) as amal:
        shown = [await amal.get(address + tail) for tail in ("/held", "/held.json")]
    for page in shown:
        assert (page.count("kettle") == 0) is handed
        assert "About tea" in page
    assert ("what you wrote to us, whom you nominated" in shown[0]) is handed


async def test_the_file_is_not_kept_by_the_browser_and_is_no_page(console: Console, cast: Cast) -> None:
    address = link(console, cast.amal, Purpose.HOME) + "/held.json"
    async with ClientSession() as client, client.get(address) as reply:
        assert reply.headers["Content-Disposition"].startswith("attachment")
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.content_type == "application/json"


async def test_the_privacy_notice_asks_for_no_cookie_and_nothing_from_elsewhere(
    console: Console, cast: Cast
) -> None:
    async with visitor(console) as amal:
        await opened(amal, console, cast.amal, "/privacy")
        assert "Riverside Fostering" in amal.html
        assert "Information Commissioner" in amal.html
        assert list(amal.client.cookie_jar) == []
        assert re.findall(r'(?:src|href|action)="(https?:)?//', amal.html) == []


@pytest.mark.parametrize(
    "tail",
    [
        "",
        "/groups",
        "/nominate",
        "/said",
        "/told",
        "/settings",
        "/held",
        "/held.json",
        "/privacy",
        "/feed",
        "/leave",
        "/erase",
    ],
)
async def test_ten_looks_of_a_scanner_of_mail_change_nothing(
    console: Console, cast: Cast, database: Database, tail: str
) -> None:
    before = (await amal_of(database, cast)).__dict__
    async with visitor(console) as scanner:
        for _ in range(10):
            await opened(scanner, console, cast.amal, tail)
    after = (await amal_of(database, cast)).__dict__
    assert {name: after[name] for name in after if name[0] != "_"} == {
        name: before[name] for name in before if name[0] != "_"
    }
    assert console.woken == []


@pytest.mark.parametrize("purpose", [one for one in Purpose if one is not Purpose.HOME])
async def test_a_link_for_something_else_opens_none_of_it(
    console: Console, cast: Cast, busy: Busy, purpose: Purpose
) -> None:
    path = link(console, cast.amal, purpose, busy.amals)
    async with visitor(console) as amal:
        for tail in ("/settings", "/held", "/held.json", "/privacy", "/feed", "/leave", "/erase"):
            await amal.get(path + tail)
            assert amal.status == 404
        await amal.post(f"{path}/settings", {"what": "language", "language": "ur"})
        assert amal.status == 404
    assert (await amal_of(console.database, cast)).language is Language.ENGLISH


async def test_quiet_hours_of_their_own_are_kept_and_wrong_ones_are_said(
    console: Console, cast: Cast, database: Database
) -> None:
    async def now() -> tuple[time | None, time | None]:
        async with database.read() as session:
            amal = await session.get_one(Carer, cast.amal.id)
            return amal.quiet_from, amal.quiet_until

    async with visitor(console) as amal:
        path = await opened(amal, console, cast.amal, "/settings")
        assert "Nobody gets messages from 21:00 to 08:00." in amal.html
        quiet = {"what": "quiet", "quiet_from": "20:00", "quiet_until": "10:00"}
        await amal.post(f"{path}/settings", quiet)
        assert "Saved." in amal.html
        assert await now() == (time(20), time(10))
        for begin, end in (("", "10:00"), ("09:00", "21:00"), ("10:00", "10:00")):
            await amal.post(f"{path}/settings", quiet | {"quiet_from": begin, "quiet_until": end})
            assert amal.status == 422
            assert "at least two hours" in amal.html
        assert f'value="{begin}"' in amal.html
        assert await now() == (time(20), time(10))
        await amal.post(f"{path}/settings", {"what": "no_quiet"})
        assert await now() == (None, None)


async def test_a_pause_until_a_day_of_their_choice(console: Console, cast: Cast) -> None:
    async with visitor(console) as amal:
        path = await opened(amal, console, cast.amal, "/settings")
        for day in ("", "2025-05-06", "2026-12-24", "soon"):
            await amal.post(f"{path}/settings", {"what": "pause_until", "until": day})
            assert (amal.status, "Choose a day from tomorrow" in amal.html) == (422, True)
        await amal.post(f"{path}/settings", {"what": "pause_until", "until": "2025-12-24"})
        assert "Paused until Wednesday 24 December 2025." in amal.html


async def test_who_asks_to_be_erased_is_asked_once_more_and_can_take_it_back(
    console: Console, cast: Cast, database: Database
) -> None:
    async with visitor(console) as amal:
        path = await opened(amal, console, cast.amal, "/held")
        assert f'href="{path}/erase"' in amal.html
        await amal.get(f"{path}/erase")
        assert "Ask to be erased?" in amal.html
        await amal.post(f"{path}/erase", {})
        assert "Ask to be erased?" in amal.html
        await amal.post(f"{path}/erase", {"what": "ask"})
        assert "You asked on Tuesday 6 May 2025." in amal.html
        await amal.get(f"{path}/held")
        assert "You have asked to be erased" in amal.html
        await amal.post(f"{path}/erase", {"what": "keep"})
        assert "Ask to be erased?" in amal.html
