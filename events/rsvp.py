"""A party's answer: the taps of carers, what staff note for those who phoned, and who is coming along.

Every change locks the event first, so that two carers of one household, or the last place of an event, never
meet in a race. Whoever calls sends nothing: cards are marked to be drawn again and notices queued in the same
transaction, and a crash before the commit leaves no trace of either.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from broadcasts.queue import Recipient, queue_notice
from carers.audit import record
from carers.people import Carer, StaffMember
from events import reminders, waitlist
from events.holds import LONDON
from events.waitlist import places_of
from storage.engine import Session
from storage.events import Event, EventState, Mode, RsvpBy
from storage.events_notices import cancel_waiting_of_invitation
from storage.events_queries import give_back_places, lock_event, take_places
from storage.rsvp import Invitation, RsvpState
from storage.rsvp_queries import (
    HOLDING,
    event_of_invitation,
    forget_needs,
    lock_invitation,
    mark_cards_stale,
    mark_waiting_cards_stale,
    members_of,
)

NEEDS_KEPT_FOR = timedelta(days=5)
"""After the event. The promise is seven days; the daily job may miss one or two."""

LONGEST_NEEDS = 500
MOST_OF_A_KIND = 20


class Choice(StrEnum):
    """What a carer can tap."""

    GOING = "going"
    IN_PERSON = "in_person"
    ONLINE = "online"
    MAYBE = "maybe"
    NOT_GOING = "not_going"


class Result(StrEnum):
    """What became of an answer. From `UNCHANGED` on nothing has changed."""

    GOING = "going"
    MAYBE = "maybe"
    NOT_GOING = "not_going"
    WAITLISTED = "waitlisted"
    SAVED = "saved"
    """Who is coming, or what they need, has been noted."""
    UNCHANGED = "unchanged"
    FULL = "full"
    """There is no room for the change; the places held so far stay theirs."""
    CLOSED = "closed"
    BEGUN = "begun"
    CANCELLED = "cancelled"
    NOT_YOURS = "not_yours"
    NOT_ON_OFFER = "not_on_offer"
    """A button of an older card that the event, or the party's state, no longer has."""
    NOT_VALID = "not_valid"


@dataclass(frozen=True, slots=True)
class Outcome:
    """``position`` is the place on the waiting list, from 1, of a party that waits."""

    result: Result
    event: Event | None = None
    invitation: Invitation | None = None
    position: int | None = None

    @property
    def changed(self) -> bool:
        return self.result in _CHANGES


_CHANGES = (Result.GOING, Result.MAYBE, Result.NOT_GOING, Result.WAITLISTED, Result.SAVED)


@dataclass(frozen=True, slots=True)
class Party:
    """Who is coming: numbers by age band, never names."""

    adults: int = 1
    children_0_4: int = 0
    children_5_10: int = 0
    children_11_15: int = 0
    children_16_up: int = 0

    @property
    def people(self) -> int:
        return sum(self.numbers)

    @property
    def numbers(self) -> tuple[int, int, int, int, int]:
        return (
            self.adults,
            self.children_0_4,
            self.children_5_10,
            self.children_11_15,
            self.children_16_up,
        )

    @property
    def valid(self) -> bool:
        return self.adults >= 1 and all(0 <= number <= MOST_OF_A_KIND for number in self.numbers)


def party_of(invitation: Invitation) -> Party:
    return Party(
        invitation.adults,
        invitation.children_0_4,
        invitation.children_5_10,
        invitation.children_11_15,
        invitation.children_16_up,
    )


def choices(event: Event, invitation: Invitation, now: datetime) -> tuple[Choice, ...]:
    """The answers that a carer may give now: the buttons of the card, and what a tap is checked against.

    After the deadline a party can still say that it cannot come, which frees its places, or take up an offer.
    """
    if _over(event, invitation, now) is not None:
        return ()
    if invitation.state is RsvpState.OFFERED:
        return (_taking(event, invitation.mode), Choice.NOT_GOING)
    if _closed(event, now):
        match invitation.state:
            case RsvpState.GOING:
                return (_taking(event, invitation.mode), Choice.NOT_GOING)
            case RsvpState.MAYBE | RsvpState.WAITLISTED:
                return (Choice.NOT_GOING,)
            case _:
                return ()
    return _all_choices(event)


def chosen(event: Event, invitation: Invitation) -> Choice | None:
    """The answer that stands: the button that carries a tick."""
    match invitation.state:
        case RsvpState.GOING | RsvpState.WAITLISTED:
            return _taking(event, invitation.mode)
        case RsvpState.MAYBE:
            return Choice.MAYBE
        case RsvpState.NOT_GOING:
            return Choice.NOT_GOING
        case _:
            return None


def belongs_to(invitation: Invitation, carer: Carer) -> bool:
    """Whether this carer may answer: it is theirs, or their household's."""
    if invitation.household_id != carer.household_id:
        return False
    return invitation.carer_id is None or invitation.carer_id == carer.id


async def answer(
    session: Session,
    invitation_id: int,
    carer: Carer,
    choice: Choice,
    now: datetime,
    zone: ZoneInfo = LONDON,
) -> Outcome:
    """A carer's tap. Owner, event, deadline and state are checked here; the same tap again changes nothing.

    Going on a full event joins the waiting list at once. Leaving passes the freed places on.
    """
    event, invitation = await _locked(session, invitation_id)
    if event is None or invitation is None or not belongs_to(invitation, carer):
        return Outcome(Result.NOT_YOURS)
    await _lapse_if_due(session, event, invitation, now, zone)
    if choice not in choices(event, invitation, now):
        await mark_cards_stale(session, invitation.id)
        return Outcome(_why_not(event, invitation, choice, now), event, invitation)
    result = await _decide(session, event, invitation, choice, now, zone)
    if result is not Result.FULL:
        invitation.answered_by_id = carer.id
    return await _finish(session, event, invitation, result)


async def answer_for(
    session: Session,
    invitation_id: int,
    choice: Choice,
    by: StaffMember,
    now: datetime,
    zone: ZoneInfo = LONDON,
) -> Outcome:
    """Staff note the answer of a party that phoned or wrote; the audit log says so and the party is told.

    Staff may do so after the deadline and until the event ends, and may give a free place to this party
    while others wait. More places than there are nobody can give.
    """
    event, invitation = await _locked(session, invitation_id)
    if event is None or invitation is None:
        return Outcome(Result.NOT_VALID)
    if event.state is not EventState.INVITED or invitation.state is RsvpState.CANCELLED:
        return Outcome(Result.CANCELLED, event, invitation)
    if event.ends_at <= now:
        return Outcome(Result.BEGUN, event, invitation)
    if choice not in _all_choices(event):
        return Outcome(Result.NOT_ON_OFFER, event, invitation)
    await _lapse_if_due(session, event, invitation, now, zone)
    result = await _decide(session, event, invitation, choice, now, zone, by_staff=True)
    subject = f"event:{event.ref}"
    await record(session, now, by, "rsvp.answer_for", subject, party=invitation.party, result=result.value)
    if result in _CHANGES and now < event.starts_at:
        members = await members_of(session, invitation.id)
        await queue_notice(
            session,
            "answer_changed",
            [Recipient(member.carer_id, invitation_id=invitation.id) for member in members],
            about=f"invitation:{invitation.id}:{int(now.timestamp() * 1000)}",
            now=now,
            send_by=event.starts_at,
            event_id=event.id,
            created_by_id=by.id,
        )
    return await _finish(session, event, invitation, result)


async def set_party(
    session: Session,
    invitation_id: int,
    carer: Carer,
    party: Party,
    now: datetime,
    zone: ZoneInfo = LONDON,
) -> Outcome:
    """Who of a household is coming: at least one adult. Parties stay whole: all of it fits, or none is added.

    The card that the carer is tapping is left to the caller; the other carer's is drawn again.
    """
    event, invitation = await _locked(session, invitation_id)
    if event is None or invitation is None or not belongs_to(invitation, carer):
        return Outcome(Result.NOT_YOURS)
    if over := _over(event, invitation, now):
        return Outcome(over, event, invitation)
    if event.rsvp_by is not RsvpBy.HOUSEHOLD or not party.valid:
        return Outcome(Result.NOT_VALID, event, invitation)
    more = party.people - invitation.people
    if more > 0 and _closed(event, now):
        return Outcome(Result.CLOSED, event, invitation)
    if party == party_of(invitation):
        return Outcome(Result.UNCHANGED, event, invitation)
    holds = invitation.mode if invitation.state in HOLDING else None
    if holds and more > 0 and not await take_places(session, event, holds, more):
        return Outcome(Result.FULL, event, invitation)
    if holds and more < 0:
        await give_back_places(session, event, holds, -more)
    _note_party(invitation, party)
    await session.flush()
    await waitlist.pass_on(session, event, now, zone)
    await mark_cards_stale(session, invitation.id, but_carer_id=carer.id)
    return Outcome(Result.SAVED, event, invitation, await waitlist.position(session, invitation))


async def set_needs(session: Session, invitation_id: int, carer: Carer, needs: str, now: datetime) -> Outcome:
    """Access or dietary needs, for the organiser only; empty text takes them back. Cut at 500 characters."""
    event, invitation = await _locked(session, invitation_id)
    if event is None or invitation is None or not belongs_to(invitation, carer):
        return Outcome(Result.NOT_YOURS)
    if over := _over(event, invitation, now):
        return Outcome(over, event, invitation)
    invitation.needs = needs.replace("\0", "").strip()[:LONGEST_NEEDS] or None
    await session.flush()
    await mark_cards_stale(session, invitation.id)
    return Outcome(Result.SAVED, event, invitation)


async def purge_needs(session: Session, now: datetime) -> int:
    """Erase the needs noted for events that ended, or were called off, five days ago; how many there were."""
    return await forget_needs(session, now - NEEDS_KEPT_FOR)


async def _locked(session: Session, invitation_id: int) -> tuple[Event | None, Invitation | None]:
    event_id = await event_of_invitation(session, invitation_id)
    if event_id is None:
        return None, None
    return await lock_event(session, event_id), await lock_invitation(session, invitation_id)


async def _lapse_if_due(
    session: Session, event: Event, invitation: Invitation, now: datetime, zone: ZoneInfo
) -> None:
    """An offer whose time is up is over, even if the tick that says so has not come yet."""
    until = invitation.offer_expires_at
    if invitation.state is RsvpState.OFFERED and until is not None and until <= now:
        await waitlist.lapse(session, event, invitation, now)
        await waitlist.pass_on(session, event, now, zone)


async def _decide(
    session: Session,
    event: Event,
    invitation: Invitation,
    choice: Choice,
    now: datetime,
    zone: ZoneInfo,
    *,
    by_staff: bool = False,
) -> Result:
    """Bring the party into the state that the choice asks for, and pass on what it leaves."""
    if choice is chosen(event, invitation) and not (by_staff and invitation.state is RsvpState.WAITLISTED):
        if invitation.asked_again_at is None:
            return Result.UNCHANGED
        invitation.asked_again_at = None
        return Result(invitation.state.value)
    mode = _mode_of(event, choice)
    place_in_line = invitation.queue_key
    if mode is None:
        await waitlist.release(session, event, invitation)
        invitation.state = RsvpState(choice.value)
        invitation.mode = None
    elif invitation.state is RsvpState.OFFERED and invitation.mode is mode:
        invitation.state = RsvpState.GOING
        waitlist.leave_queue(invitation)
        await cancel_waiting_of_invitation(session, invitation.id, ("offer",), "answered")
    elif not await _take(session, event, invitation, mode, now, by_staff):
        return Result.FULL
    invitation.answered_at = now
    invitation.asked_again_at = None
    await waitlist.pass_on(session, event, now, zone)
    if place_in_line is not None and invitation.queue_key != place_in_line:
        await mark_waiting_cards_stale(session, event.id)  # those behind have moved up
    if invitation.state is RsvpState.GOING and invitation.mode is Mode.ONLINE:
        await reminders.queue_join_links(session, event, now)
    return Result(invitation.state.value)


async def _take(
    session: Session, event: Event, invitation: Invitation, mode: Mode, now: datetime, by_staff: bool
) -> bool:
    """Take the party's places in this mode, or put it on the waiting list.

    False for a party that has its places in the other mode and would lose them for a place in a queue.
    """
    others_first = not by_staff and await waitlist.somebody_fits(session, event, mode, invitation, now)
    if not others_first and await take_places(session, event, mode, places_of(event, invitation)):
        await waitlist.release(session, event, invitation)
        invitation.state, invitation.mode = RsvpState.GOING, mode
        return True
    if invitation.state in HOLDING:
        return False
    if invitation.state is not RsvpState.WAITLISTED or invitation.mode is not mode:
        await waitlist.join(session, event, invitation, mode, now)
    return True


async def _finish(session: Session, event: Event, invitation: Invitation, result: Result) -> Outcome:
    if result in _CHANGES:
        await mark_cards_stale(session, invitation.id)
    return Outcome(result, event, invitation, await waitlist.position(session, invitation))


def _all_choices(event: Event) -> tuple[Choice, ...]:
    if event.mode is Mode.HYBRID:
        return (Choice.IN_PERSON, Choice.ONLINE, Choice.NOT_GOING)
    return (Choice.GOING, Choice.MAYBE, Choice.NOT_GOING)


def _taking(event: Event, mode: Mode | None) -> Choice:
    """The button that stands for a place in this mode."""
    if event.mode is not Mode.HYBRID:
        return Choice.GOING
    return Choice.ONLINE if mode is Mode.ONLINE else Choice.IN_PERSON


def _mode_of(event: Event, choice: Choice) -> Mode | None:
    """The mode in which a choice takes a place; null for one that takes none."""
    match choice:
        case Choice.GOING:
            return Mode.ONLINE if event.mode is Mode.ONLINE else Mode.IN_PERSON
        case Choice.IN_PERSON | Choice.ONLINE:
            return Mode(choice.value)
        case Choice.MAYBE | Choice.NOT_GOING:
            return None


def _over(event: Event, invitation: Invitation, now: datetime) -> Result | None:
    if event.state is not EventState.INVITED or invitation.state is RsvpState.CANCELLED:
        return Result.CANCELLED
    return Result.BEGUN if event.starts_at <= now else None


def _closed(event: Event, now: datetime) -> bool:
    return event.rsvp_deadline is not None and event.rsvp_deadline <= now


def _why_not(event: Event, invitation: Invitation, choice: Choice, now: datetime) -> Result:
    if over := _over(event, invitation, now):
        return over
    if _closed(event, now) and choice in _all_choices(event):
        return Result.UNCHANGED if choice is chosen(event, invitation) else Result.CLOSED
    return Result.NOT_ON_OFFER


def _note_party(invitation: Invitation, party: Party) -> None:
    (
        invitation.adults,
        invitation.children_0_4,
        invitation.children_5_10,
        invitation.children_11_15,
        invitation.children_16_up,
    ) = party.numbers
