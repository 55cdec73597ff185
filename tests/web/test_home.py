"""The first page: what needs whoever looks at it, the most pressing first."""

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from broadcasts.drafts import Wording, start_draft
from care.today import attendance_to_take, offers_lapsing
from storage.attendance import Attendance, AttendanceState
from storage.conversations import Thread
from storage.engine import Database
from storage.events import Event
from storage.rsvp import Invitation, RsvpState
from storage.staff import StaffMember
from tests.support.cast import NOON, Cast
from tests.support.console import LONDON, Console, visitor
from tests.web.conftest import Busy
from web.staff.tasks import _troubles

pytestmark = pytest.mark.one_database


def groups(html: str) -> dict[str, list[str]]:
    """The tasks of the page under their headings, in their order."""
    found = re.findall(
        r'<h3[^>]*id="pressing-\d">(.*?)</h3>\s*<ul class="hl-tasks[^>]*>(.*?)</ul>', html, re.DOTALL
    )
    return {title: re.findall(r'hl-task__text">(.*?)</span>', tasks) for title, tasks in found}


async def test_what_waits_is_told_by_how_pressing_it_is(
    console: Console, cast: Cast, busy: Busy, database: Database
) -> None:
    async with database.write() as session:
        (await session.get_one(Thread, busy.thread)).urgent = True
        offered = await session.get_one(Invitation, busy.sams)
        offered.state, offered.offer_expires_at = RsvpState.OFFERED, NOON + timedelta(hours=2)
        group = await session.get_one(Event, busy.group)
        group.starts_at, group.ends_at = NOON - timedelta(hours=3), NOON - timedelta(hours=1)
        (await session.get_one(StaffMember, cast.dee.id)).chat_id = None
    async with visitor(console, cast.priya) as priya:
        found = groups(await priya.get("/"))
        assert list(found) == ["Now", "Today", "When you have a moment"]
        assert found["Now"] == [
            "1 conversation with words of danger or distress",
            "1 place on offer lapses at 2:00 pm: Coffee afternoon",
        ]
        assert found["Today"][0] == "1 conversation with carers to answer"
        assert "1 delivery in doubt" in found["Today"]
        later = found["When you have a moment"]
        assert "1 household not seen for two quarters" in later  # Lin Marsh, who said nothing
        assert "1 message that you began and did not send" in later
        assert f'href="/broadcasts/{busy.broadcast}"' in priya.html
        assert "3 events of yours whose invitations are not sent" in later
    async with visitor(console, cast.tom) as tom:
        found = groups(await tom.get("/"))
        assert found["Now"] == ["1 conversation with words of danger or distress"]  # the offer is Sam's
        assert "When you have a moment" not in found
    async with visitor(console, cast.ash) as ash:
        found = groups(await ash.get("/"))
        unreached = "1 colleague is not reached: no telephone connected, or email fails"
        assert unreached in found["Today"]
        assert not any("conversation" in task for tasks in found.values() for task in tasks)


async def test_attendance_is_to_be_taken_until_somebody_of_theirs_is_noted(
    database: Database, cast: Cast, busy: Busy
) -> None:
    async with database.write() as session:
        coffee = await session.get_one(Event, busy.coffee)
        coffee.starts_at, coffee.ends_at = NOON - timedelta(hours=20), NOON - timedelta(hours=18)

    async def due(own: int | None = None, days: int = 0) -> list[str]:
        async with database.read() as session:
            now = NOON + timedelta(days=days)
            return [one.title for one in await attendance_to_take(session, now, LONDON, own)]

    assert await due() == await due(cast.tom.id) == ["Coffee afternoon"]
    assert await due(days=1) == []  # the day before yesterday
    assert await due(cast.dee.id) == []  # who has no household
    async with database.write() as session:
        who = {"event_id": busy.coffee, "carer_id": cast.sam.id, "household_id": cast.okafors.id}
        came = {"state": AttendanceState.ATTENDED, "source": "console", "recorded_at": NOON}
        session.add(Attendance(**who, **came))
    assert await due() == []
    assert await due(cast.tom.id) == ["Coffee afternoon"]


async def test_an_offer_is_told_while_it_stands_and_lapses_soon(
    database: Database, cast: Cast, busy: Busy
) -> None:
    for hours, told in ((-1, 0), (5, 1), (11, 1), (13, 0)):
        async with database.write() as session:
            offered = await session.get_one(Invitation, busy.amals)
            offered.state, offered.offer_expires_at = RsvpState.OFFERED, NOON + timedelta(hours=hours)
        async with database.read() as session:
            assert len(await offers_lapsing(session, NOON, LONDON)) == told  # noon; the day has 12 hours left
            assert len(await offers_lapsing(session, NOON, LONDON, cast.tom.id)) == told
            assert await offers_lapsing(session, NOON, LONDON, cast.dee.id) == []


async def test_every_line_leads_to_a_page_and_a_draft_is_told_to_its_writer_alone(
    console: Console, cast: Cast, busy: Busy, database: Database
) -> None:
    async with database.write() as session:
        wording = Wording({"en": "Hello"}, "all", None, None, None)
        await start_draft(session, wording, cast.dee, NOON)
    async with visitor(console, cast.priya) as priya:
        html = await priya.get("/")
        assert "1 message that you began and did not send" in html
        for path in re.findall(r'class="hl-task" href="([^"#]*)', html):
            await priya.get(path)
            assert priya.status == 200, path


def test_what_is_not_well_is_said_in_words() -> None:
    wrong = {"telegram": "no answer for 90 seconds", "mail": None, "leading": "lost", "settings": "lost"}
    look: Any = SimpleNamespace(may=lambda action: True, parts=SimpleNamespace(readiness=lambda: wrong))
    assert [task.text for task in _troubles(look)] == [
        "The bot does not reach Telegram: no answer for 90 seconds",
        "The service is not working as it should: lost",
    ]
