"""What no page, file or stream gives away, and words that try to be more than words."""

import asyncio
import json
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from sqlalchemy import select

from carers.roles import may
from events.line import Moved, move_in_line
from events.planning import cancel_event, change_event, plan_of
from events.rsvp import Choice, answer
from storage.events import Event
from storage.rsvp_queries import invitations_of_event
from storage.staff import AuditEntry
from tests.support.cast import NOON, Cast
from tests.support.console import LONDON, Console, visitor
from tests.web.conftest import Busy
from tests.web.test_live import Stream
from tests.web.test_roles import WORK, paths

Shown = tuple[Console, Cast, Busy]
"""On SQLite alone: the database makes no difference to what a page says."""

OTHERS = ("Okafor", "Marsh", ">H2<", ">H3<", "H2,", "H3,")
"""The names and refs of households that are not Tom's."""

ODD = "<img src=x onerror=alert(1)>\"'&\u202eevil\u202c 🎉\r\n=1+1"


def pages(busy: Busy, cast: Cast, person: str) -> list[str]:
    """Every page and file that this person may open, one search of others in each list included."""
    opened = [
        path
        for method, path, action in paths(busy, cast)
        if method == "GET" and may(getattr(cast, person), action) and not path.endswith("/live")
        if person == "priya" or not WORK.match(path)
    ]
    return [*opened, *(f"{path}?q=o" for path in opened if path.endswith(("/attendance", "/carers")))]


async def test_a_social_worker_learns_of_no_other_household_anywhere(shown: Shown) -> None:
    console, cast, busy = shown
    async with visitor(console, cast.tom) as tom:
        for path in pages(busy, cast, "tom"):
            html = await tom.get(path)
            assert tom.status == 200, path
            assert not [other for other in OTHERS if other in html], path
        for path in (f"/events/{busy.coffee}/live", "/live"):
            async with Stream(tom, path) as stream:
                first = json.dumps(await asyncio.wait_for(stream.next(), 10))
            assert not [other for other in OTHERS if other in first], path


@pytest.mark.parametrize("who", ["tom", "dee", "ash"])
async def test_needs_and_the_join_link_are_on_no_page_of_those_who_need_not_know(
    shown: Shown, who: str
) -> None:
    console, cast, busy = shown
    group = f"/events/{busy.group}"
    async with visitor(console, getattr(cast, who)) as one:
        for path in [*pages(busy, cast, who), group, f"{group}/attendance", f"{group}/parties/{busy.amals}"]:
            html = await one.get(path)
            assert "A ramp" not in html, path
            assert who != "tom" or "secret-room" not in html, path


async def test_words_that_try_to_be_more_stay_words_on_every_page(shown: Shown) -> None:
    console, cast, busy = shown
    async with console.database.write() as session:
        event = await session.get_one(Event, busy.coffee)
        plan = replace(plan_of(event), title=ODD * 4, venue=ODD, description=ODD, capacity=2)
        await change_event(session, busy.coffee, plan, cast.priya, NOON)
        lins = (await invitations_of_event(session, busy.coffee))[-1]
        await answer(session, lins.id, cast.lin, Choice.GOING, NOON, LONDON)
        assert await move_in_line(session, busy.sams, 2, ODD, cast.priya, NOON) is Moved.MOVED
        await cancel_event(session, busy.group, ODD, cast.priya, NOON)
        for carer in (cast.amal, cast.sam):
            carer.first_name = ODD
            await session.merge(carer)
    async with visitor(console, cast.priya) as priya, visitor(console, cast.dee) as dee:
        for one, who in ((priya, "priya"), (dee, "dee")):
            for path in [*pages(busy, cast, who), f"/events/{busy.group}"]:
                html = await one.get(path)
                assert one.status == 200, path
                assert path.endswith(".csv") or "<img src=x" not in html, path
        svg = await priya.get(f"/events/{busy.coffee}/poster.svg")
        assert "onerror=alert" in "".join(ElementTree.fromstring(svg).itertext())  # noqa: S314 - our own
        async with priya.client.get(f"{console.address}/events/{busy.coffee}/poster.svg") as file:
            assert file.headers["Content-Disposition"] == f'inline; filename="poster-{busy.coffee}.svg"'
            assert "default-src 'none'" in file.headers["Content-Security-Policy"]


NOT_LINKS = ("javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "//evil.example", "https://")


@pytest.mark.parametrize("field", ["map_url", "online_url"])
async def test_a_form_takes_web_addresses_alone(shown: Shown, field: str) -> None:
    console, cast, busy = shown
    async with visitor(console, cast.priya) as priya:
        for address in (*NOT_LINKS, "https://a b", "https:///path"):
            await priya.get(f"/events/{busy.group}/edit")
            html = await priya.post(f"/events/{busy.group}/edit", {"mode": "hybrid", field: address})
            assert f'href="#{field}"' in html, address


async def test_no_deed_writes_a_need_or_a_link_into_the_audit_log(shown: Shown) -> None:
    console, cast, busy = shown
    path = f"/events/{busy.coffee}/parties/{busy.amals}"
    async with visitor(console, cast.priya) as priya:
        await priya.get(path)
        await priya.post(path, {"choice": "going", "needs": "No nuts at all"})
    async with console.database.write() as session:
        event = await session.get_one(Event, busy.group)
        plan = replace(plan_of(event), online_url="https://meet.example/another-room")
        await change_event(session, busy.group, plan, cast.priya, NOON)
        entries = (await session.scalars(select(AuditEntry))).all()
    said = " ".join(f"{entry.action} {entry.subject} {entry.detail}" for entry in entries)
    assert "rsvp.answer_for" in said
    assert not [word for word in ("nuts", "ramp", "-room") if word in said]
