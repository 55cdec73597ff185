"""Staff answer for a carer who phoned, and look after the waiting list, from the chat."""

from typing import Any

import pytest
from sqlalchemy import select

from storage.events_queries import event_by_ref
from storage.rsvp import Invitation, RsvpState
from storage.staff import AuditEntry
from tests.events.acts import HOUSEHOLD, invitation_of, invited_event
from tests.handlers.chats import A_MOMENT, Chats
from tests.support.cast import Cast, gather

pytestmark = pytest.mark.one_database

AMAL, JO, SAM, LIN, PRIYA, TOM = 101, 102, 103, 104, 901, 902
TUESDAY = "Tue 20 May · Coffee Afternoon"


async def _event(chats: Chats, **changes: Any) -> tuple[Cast, str]:
    async with chats.database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, **changes)
    await chats.pass_time(A_MOMENT)
    return cast, event.ref


async def _open(chats: Chats, staff: int, *labels: str) -> None:
    await chats.write(staff, "/rsvps")
    await chats.tap(staff, TUESDAY)
    for label in labels:
        await chats.tap(staff, label)


async def _invitation(chats: Chats, ref: str, carer: Any) -> Invitation:
    async with chats.database.read() as session:
        event = await event_by_ref(session, ref)
        assert event is not None
        return await invitation_of(session, event, carer)


async def test_an_answer_by_phone_is_noted_told_and_audited(chats: Chats) -> None:
    cast, ref = await _event(chats)
    await _open(chats, PRIYA, "Answer for somebody who phoned")
    await chats.write(PRIYA, "nobody of that name")
    assert "Nobody who is invited has that name" in chats.last(PRIYA).text
    await chats.write(PRIYA, "okafor")
    await chats.tap(PRIYA, "Sam Okafor")
    assert "Not answered yet" in chats.last(PRIYA).text
    await chats.tap(PRIYA, "Going")
    assert "Sam Okafor: going. If they use this app, they are told." in chats.last(PRIYA).text
    assert "You are going" in chats.last(SAM).text
    assert (await _invitation(chats, ref, cast.sam)).state is RsvpState.GOING
    async with chats.database.read() as session:
        said = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "rsvp.answer_for"))).one()
        assert said.staff_id == cast.priya.id


async def test_for_a_household_the_numbers_are_counted_first(chats: Chats) -> None:
    cast, ref = await _event(chats, rsvp_by=HOUSEHOLD, capacity=5)
    await _open(chats, PRIYA, "Answer for somebody who phoned")
    await chats.write(PRIYA, "Reed")
    await chats.tap(PRIYA, "Amal Reed and Jo Reed")
    await chats.tap(PRIYA, "Going")
    for row in (0, 2, 2):
        await chats.send_data(PRIYA, chats.last(PRIYA).buttons[row][2].data, _shown(chats, PRIYA))
    await chats.tap(PRIYA, "Note it")
    assert "going. If they use this app, they are told." in chats.last(PRIYA).text
    invitation = await _invitation(chats, ref, cast.amal)
    assert (invitation.state, invitation.adults, invitation.children_5_10) == (RsvpState.GOING, 2, 2)


async def test_more_than_there_is_room_for_is_not_noted_by_half(chats: Chats) -> None:
    cast, ref = await _event(chats, rsvp_by=HOUSEHOLD, capacity=2)
    await _open(chats, PRIYA, "Answer for somebody who phoned")
    await chats.write(PRIYA, "okafor")
    await chats.tap(PRIYA, "Sam Okafor")
    await chats.tap(PRIYA, "Going")
    for _ in range(2):
        await chats.send_data(PRIYA, chats.last(PRIYA).buttons[0][2].data, _shown(chats, PRIYA))
    await chats.tap(PRIYA, "Note it")
    assert "number 1 on the waiting list" in chats.last(PRIYA).text
    invitation = await _invitation(chats, ref, cast.sam)
    assert (invitation.state, invitation.people) == (RsvpState.WAITLISTED, 3)


async def test_a_social_worker_finds_only_their_own_households(chats: Chats) -> None:
    cast, ref = await _event(chats)
    await _open(chats, TOM, "Answer for somebody who phoned")
    await chats.write(TOM, "okafor")
    assert "Nobody who is invited has that name" in chats.last(TOM).text
    invitation = await _invitation(chats, ref, cast.sam)
    await chats.send_data(TOM, f"phone:{invitation.event_id}:{invitation.id}:going")
    assert (await _invitation(chats, ref, cast.sam)).state is RsvpState.INVITED


async def test_a_carer_cannot_answer_for_others_whatever_they_send(chats: Chats) -> None:
    cast, ref = await _event(chats)
    invitation = await _invitation(chats, ref, cast.sam)
    await chats.send_data(AMAL, f"phone:{invitation.event_id}:{invitation.id}:going")
    await chats.send_data(AMAL, f"waiting:{invitation.event_id}")
    assert (await _invitation(chats, ref, cast.sam)).state is RsvpState.INVITED
    assert not any("Okafor" in message.text for message in chats.all(AMAL))


async def test_staff_move_a_party_up_the_waiting_list_with_a_reason(chats: Chats) -> None:
    cast, _ = await _event(chats, capacity=1)
    for chat in (AMAL, JO, SAM, LIN):
        await chats.tap(chat, "Going")
    await _open(chats, PRIYA, "Waiting list")
    assert "1. Jo Reed" in chats.last(PRIYA).text
    await chats.tap(PRIYA, "3. Lin Marsh")
    await chats.tap(PRIYA, "To the front")
    await chats.write(PRIYA, "   ")
    assert "needs a reason" in chats.last(PRIYA).text
    await chats.tap(PRIYA, "3. Lin Marsh")
    await chats.tap(PRIYA, "To the front")
    await chats.write(PRIYA, "Missed the last two for want of a bus")
    assert "Moved." in chats.last(PRIYA).text
    assert "1. Lin Marsh" in chats.last(PRIYA).text
    await chats.pass_time(A_MOMENT)
    assert "number 1 on the waiting list" in chats.last(LIN).text
    async with chats.database.read() as session:
        moved = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "rsvp.move"))).one()
        assert moved.detail["reason"] == "Missed the last two for want of a bus"
        assert moved.staff_id == cast.priya.id


async def test_a_social_worker_does_not_reorder(chats: Chats) -> None:
    _, ref = await _event(chats, capacity=1)
    for chat in (AMAL, JO, SAM):
        await chats.tap(chat, "Going")
    async with chats.database.read() as session:
        event = await event_by_ref(session, ref)
        assert event is not None
    await chats.send_data(TOM, f"waiting:{event.id}")
    assert "button" in chats.toast


def _shown(chats: Chats, chat_id: int) -> int:
    return next(iter(reversed(chats.screens.messages[chat_id])))
