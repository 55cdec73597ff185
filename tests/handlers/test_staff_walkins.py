"""Staff note who came besides those on the list, and that nobody else did, from the chat."""

from datetime import timedelta
from typing import Any

import pytest

from storage.attendance import AttendanceState
from storage.attendance_queries import attendance_of
from storage.events import Event
from tests.events.acts import IN_TWO_WEEKS, invited_event
from tests.handlers.chats import A_MOMENT, Chats
from tests.support.cast import Cast, gather

pytestmark = pytest.mark.one_database

AMAL, JO, SAM, PRIYA, TOM = 101, 102, 103, 901, 902
TUESDAY = "Tue 20 May · Coffee Afternoon"


async def _event(chats: Chats) -> tuple[Cast, Event]:
    async with chats.database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
    await chats.pass_time(A_MOMENT)
    await chats.tap(AMAL, "Going")
    await chats.tap(JO, "Going")
    chats.now = IN_TWO_WEEKS + timedelta(minutes=30)
    return cast, event


async def _open(chats: Chats, staff: int, *labels: str) -> None:
    await chats.write(staff, "/rsvps")
    await chats.tap(staff, TUESDAY)
    await chats.tap(staff, "Tick who came")
    for label in labels:
        await chats.tap(staff, label)


async def _noted(chats: Chats, event: Event, carer: Any) -> tuple[AttendanceState, str] | None:
    async with chats.database.read() as session:
        row = await attendance_of(session, event.id, carer.id)
        return (row.state, row.source) if row else None


async def test_who_walks_in_is_found_by_name_and_ticked(chats: Chats) -> None:
    cast, event = await _event(chats)
    await _open(chats, PRIYA, "Somebody else came")
    await chats.write(PRIYA, "zzz")
    assert "No carer has that name" in chats.last(PRIYA).text
    await chats.write(PRIYA, "okafor")
    label = next(row[0] for row in chats.labels(PRIYA) if "Okafor" in row[0])
    await chats.tap(PRIYA, label)
    assert "Sam Okafor came. Noted." in chats.last(PRIYA).text
    assert await _noted(chats, event, cast.sam) == (AttendanceState.ATTENDED, "walk_in")
    await chats.tap(PRIYA, "Back to the list")
    assert "✅ Sam Okafor" in [label for row in chats.labels(PRIYA) for label in row]


async def test_nobody_else_came_is_asked_first_and_noted_of_who_said_yes(chats: Chats) -> None:
    cast, event = await _event(chats)
    await _open(chats, PRIYA, "⬜ Amal Reed", "Nobody else came")
    assert "Did nobody else come?" in chats.last(PRIYA).text
    assert await _noted(chats, event, cast.jo) is None
    await chats.tap(PRIYA, "Yes, nobody else came")
    assert "1 carer did not come" in chats.last(PRIYA).text
    assert chats.labels(PRIYA) == [["Back to the list"]]
    assert (await _noted(chats, event, cast.jo) or ("",))[0] is AttendanceState.NO_SHOW
    assert await _noted(chats, event, cast.sam) is None


async def test_before_the_start_nobody_is_noted_as_absent(chats: Chats) -> None:
    cast, event = await _event(chats)
    chats.now = IN_TWO_WEEKS - timedelta(minutes=30)
    await _open(chats, PRIYA)
    assert "Nobody else came" not in [label for row in chats.labels(PRIYA) for label in row]
    await chats.send_data(PRIYA, f"walkin:{event.id}:rest:yes")
    assert await _noted(chats, event, cast.amal) is None


async def test_a_social_worker_finds_and_ticks_only_their_own(chats: Chats) -> None:
    cast, event = await _event(chats)
    await _open(chats, TOM, "Somebody else came")
    await chats.write(TOM, "okafor")
    assert "No carer has that name" in chats.last(TOM).text
    await chats.send_data(TOM, f"walkin:{event.id}:{cast.sam.id}")
    assert await _noted(chats, event, cast.sam) is None


async def test_a_carer_ticks_nobody_whatever_they_send(chats: Chats) -> None:
    cast, event = await _event(chats)
    for data in (f"walkin:{event.id}", f"walkin:{event.id}:{cast.sam.id}", f"walkin:{event.id}:rest:yes"):
        await chats.send_data(AMAL, data)
        assert "button" in chats.toast
    assert await _noted(chats, event, cast.sam) is None
