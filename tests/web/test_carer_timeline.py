"""What happened with one carer, on their page: each kind of it, a page at a time, and no words of anybody."""

from datetime import timedelta

import pytest

from carers.timeline import Happened, timeline_of
from storage.attendance import Attendance, AttendanceState
from storage.deliveries import Delivery, DeliveryState
from storage.engine import Database
from storage.links import LinkToken
from storage.staff import AuditEntry
from tests.support.cast import NOON, Cast
from tests.support.console import LONDON, Console, visitor
from tests.web.conftest import Busy

pytestmark = pytest.mark.one_database


async def test_each_kind_of_thing_that_happened_is_told_without_its_words(
    console: Console, cast: Cast, busy: Busy, database: Database
) -> None:
    async with database.write() as session:
        who = {"carer_id": cast.amal.id, "household_id": cast.reeds.id, "source": "console"}
        came = {"state": AttendanceState.ATTENDED, "recorded_at": NOON}
        session.add(Attendance(event_id=busy.group, **who, **came))
        made = NOON - timedelta(days=4)
        session.add(LinkToken(token_hash="0" * 64, carer_id=cast.amal.id, created_at=made, used_at=NOON))
        subject = f"carer:{cast.amal.ref}"
        session.add(AuditEntry(at=NOON, actor="Priya Lane", action="carer.channel", subject=subject))
        posted = await session.get_one(Delivery, 1)
        posted.carer_id, posted.channel = cast.amal.id, "letter"
        posted.state, posted.sent_at = DeliveryState.SENT, NOON
    async with visitor(console, cast.tom) as tom:
        html = await tom.get(f"/carers/{cast.amal.id}")
        for told in (
            "Invited to Coffee afternoon",
            "Answered Coffee afternoon: going",
            "Answered Picnic: going",
            "Came to Evening group",
            "Wrote to the service",
            "Letter posted: Coffee afternoon",
            "Personal link made",
            "Connected with a personal link",
            "Check-in: a visit",
            "Chose by which way a carer is told",
        ):
            assert told in html, told
        assert f'href="/messages/{busy.thread}"' in html
        assert "Please ring me" not in html
        assert "pulse" not in html.lower()  # of a survey nothing
    async with visitor(console, cast.ash) as ash:
        assert f'href="/messages/{busy.thread}"' not in await ash.get(f"/carers/{cast.amal.id}")


async def test_the_timeline_is_read_a_page_at_a_time_from_the_latest_on(
    database: Database, cast: Cast, busy: Busy
) -> None:
    seen: list[Happened] = []
    page, more = 1, True
    async with database.read() as session:
        while more:
            found = await timeline_of(session, cast.amal.id, LONDON, page, 3)
            assert len(found.entries) <= 3
            seen, page, more = [*seen, *found.entries], page + 1, found.more
        whole = await timeline_of(session, cast.amal.id, LONDON)
    assert [one.text for one in seen] == [one.text for one in whole.entries]
    assert [one.on for one in seen] == sorted((one.on for one in seen), reverse=True)
    assert len(seen) > 6
