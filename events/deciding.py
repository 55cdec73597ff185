"""Bringing a party into the state that an answer asks for, be it a carer's tap or a phone call.

Every change locks the event first, so that two carers of one household, or the last place of an event, never
meet in a race. A crash before the commit leaves no trace.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from events import reminders, waitlist
from events.calendar import PartStat, shown_to
from events.calendar_updates import follow_answer
from events.choices import (
    CHANGES,
    Choice,
    Outcome,
    Party,
    Result,
    chosen,
    in_ballot,
    mode_of,
    note_party,
    party_of,
)
from events.line import places_of
from storage.engine import Session
from storage.events import Allocation, Event, Mode, RsvpBy
from storage.events_notices import cancel_waiting_of_invitation
from storage.events_queries import give_back_places, lock_event, take_places
from storage.rsvp import Invitation, RsvpState
from storage.rsvp_queries import (
    HOLDING,
    event_of_invitation,
    lock_invitation,
    mark_cards_stale,
    mark_waiting_cards_stale,
)


async def locked(session: Session, invitation_id: int) -> tuple[Event | None, Invitation | None]:
    """The event and the invitation as they are now, and nobody else changes either."""
    event_id = await event_of_invitation(session, invitation_id)
    if event_id is None:
        return None, None
    return await lock_event(session, event_id), await lock_invitation(session, invitation_id)


async def lapse_if_due(
    session: Session, event: Event, invitation: Invitation, now: datetime, zone: ZoneInfo
) -> None:
    """An offer whose time is up is over, even if the tick that says so has not come yet."""
    until = invitation.offer_expires_at
    if invitation.state is RsvpState.OFFERED and until is not None and until <= now:
        await waitlist.lapse(session, event, invitation, now)
        await waitlist.pass_on(session, event, now, zone)


async def decide(
    session: Session,
    event: Event,
    invitation: Invitation,
    choice: Choice,
    now: datetime,
    zone: ZoneInfo,
    *,
    by_staff: bool = False,
    party: Party | None = None,
    tapped_by: int | None = None,
    in_calendar: PartStat | None = None,
) -> Result:
    """Bring the party into the state that the choice asks for, and pass on what it leaves.

    ``party``: who is coming from now on; without it as before. `Result.FULL` changes nothing of either.
    ``tapped_by``: the carer whose own tap this is. ``in_calendar``: what their calendar says, where it was in
    there that they answered.
    """
    people = party if party is not None else party_of(invitation)
    stands = choice is chosen(event, invitation)
    stood = shown_to(event, invitation)
    if stands and not (by_staff and _still_without(event, invitation, now)):
        result = await _confirm(session, event, invitation, people, now, zone)
        if result in CHANGES:
            invitation.answered_at = now
            await follow_answer(session, event, invitation, stood, now, tapped_by, in_calendar)
        return result
    mode = mode_of(event, choice)
    place_in_line = invitation.queue_key
    if mode is None:
        await waitlist.release(session, event, invitation)
        note_party(invitation, people)
        invitation.state = RsvpState(choice.value)
        invitation.mode = None
    elif in_ballot(event, now):
        await waitlist.release(session, event, invitation)
        note_party(invitation, people)
        invitation.state, invitation.mode = RsvpState.BALLOT_ENTERED, mode
    elif invitation.state is RsvpState.OFFERED and invitation.mode is mode:
        if not await resize(session, event, invitation, people):
            return Result.FULL
        invitation.state = RsvpState.GOING
        waitlist.leave_queue(invitation)
        await cancel_waiting_of_invitation(session, invitation.id, ("offer",), "answered")
    elif not await _take(session, event, invitation, mode, people, now, zone, by_staff):
        return Result.FULL
    invitation.answered_at = now
    invitation.asked_again_at = None
    await waitlist.pass_on(session, event, now, zone)
    if place_in_line is not None and invitation.queue_key != place_in_line:
        await mark_waiting_cards_stale(session, event.id)  # those behind have moved up
    if invitation.state is RsvpState.GOING and invitation.mode is Mode.ONLINE:
        await reminders.queue_join_links(session, event, now)
    await follow_answer(session, event, invitation, stood, now, tapped_by, in_calendar)
    return Result(invitation.state.value)


async def resize(session: Session, event: Event, invitation: Invitation, party: Party) -> bool:
    """Note who is coming, and take or give back the places between, if it holds any. Whole, or not at all."""
    more = _places(event, party) - places_of(event, invitation)
    holds = invitation.mode if invitation.state in HOLDING else None
    if holds and more > 0 and not await take_places(session, event, holds, more):
        return False
    if holds and more < 0:
        await give_back_places(session, event, holds, -more)
    note_party(invitation, party)
    return True


async def finish(session: Session, event: Event, invitation: Invitation, result: Result) -> Outcome:
    """Have the cards drawn again if something has changed, and say where the party stands."""
    if result in CHANGES:
        await mark_cards_stale(session, invitation.id)
    return Outcome(result, event, invitation, await waitlist.position(session, invitation))


async def _confirm(
    session: Session, event: Event, invitation: Invitation, party: Party, now: datetime, zone: ZoneInfo
) -> Result:
    """The answer stands: perhaps it had been asked for again, or other people are coming."""
    if party != party_of(invitation):
        if not await resize(session, event, invitation, party):
            return Result.FULL
        await session.flush()
        await waitlist.pass_on(session, event, now, zone)
    elif invitation.asked_again_at is None:
        return Result.UNCHANGED
    else:
        invitation.asked_again_at = None
        return Result(invitation.state.value)
    invitation.asked_again_at = None
    return Result.SAVED


async def _take(
    session: Session,
    event: Event,
    invitation: Invitation,
    mode: Mode,
    party: Party,
    now: datetime,
    zone: ZoneInfo,
    by_staff: bool,
) -> bool:
    """Take the party's places in this mode, or put it on the waiting list.

    False for a party that has its places in the other mode and would lose them for a place in a queue, and
    where a ballot decides who comes: nobody waits there.
    """
    others_first = not by_staff and await waitlist.somebody_fits(session, event, mode, invitation, now, zone)
    if not others_first and await take_places(session, event, mode, _places(event, party)):
        await waitlist.release(session, event, invitation)
        note_party(invitation, party)
        invitation.state, invitation.mode = RsvpState.GOING, mode
        return True
    if invitation.state in HOLDING or event.allocation is Allocation.BALLOT:
        return False
    note_party(invitation, party)
    if invitation.state is not RsvpState.WAITLISTED or invitation.mode is not mode:
        await waitlist.join(session, event, invitation, mode, now)
    return True


def _still_without(event: Event, invitation: Invitation, now: datetime) -> bool:
    """Whether the answer that stands has brought no place, and no draw is to come: staff may give one."""
    if invitation.state is RsvpState.BALLOT_ENTERED:
        return not in_ballot(event, now)
    return invitation.state is RsvpState.WAITLISTED


def _places(event: Event, party: Party) -> int:
    """What `places_of` will be once this is the party."""
    return party.people if event.rsvp_by is RsvpBy.HOUSEHOLD else 1
