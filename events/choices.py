"""What can be answered to an invitation, until when, and what can come of it: rules without a database."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from carers.people import Carer
from storage.events import Allocation, Event, EventState, Mode
from storage.rsvp import Invitation, RsvpState

MOST_OF_A_KIND = 20
LONGEST_NEEDS = 500
BALLOT_CLOSES_BEFORE = timedelta(days=7)
"""Before the start, where staff set no deadline: time enough to offer again what is not taken up."""


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
    BALLOT_ENTERED = "ballot_entered"
    """The party is in the draw; no place is taken."""
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


CHANGES = (
    Result.GOING,
    Result.MAYBE,
    Result.NOT_GOING,
    Result.WAITLISTED,
    Result.BALLOT_ENTERED,
    Result.SAVED,
)
"""The results of an answer that changed something."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """``position`` is the place on the waiting list, from 1, of a party that waits."""

    result: Result
    event: Event | None = None
    invitation: Invitation | None = None
    position: int | None = None

    @property
    def changed(self) -> bool:
        return self.result in CHANGES


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


def note_party(invitation: Invitation, party: Party) -> None:
    """Write the numbers down. The places that they take are the caller's business."""
    (
        invitation.adults,
        invitation.children_0_4,
        invitation.children_5_10,
        invitation.children_11_15,
        invitation.children_16_up,
    ) = party.numbers


def note_needs(invitation: Invitation, needs: str) -> None:
    """Write down access or dietary needs, cut at 500 characters; empty text takes them back."""
    invitation.needs = needs.replace("\0", "").strip()[:LONGEST_NEEDS] or None


def belongs_to(invitation: Invitation, carer: Carer) -> bool:
    """Whether this carer may answer: it is theirs, or their household's."""
    if invitation.household_id != carer.household_id:
        return False
    return invitation.carer_id is None or invitation.carer_id == carer.id


def closes_at(event: Event) -> datetime:
    """When a ballot takes no more entries and is drawn: the deadline that staff set.

    Without one, seven days before the start; where the invitations went out so late that this would leave
    less than half of the time, halfway from the invitations to the start.
    """
    if event.rsvp_deadline is not None:
        return event.rsvp_deadline
    usual = event.starts_at - BALLOT_CLOSES_BEFORE
    invited = event.invited_at or event.invite_at
    return usual if invited is None else max(usual, invited + (event.starts_at - invited) / 2)


def answers_until(event: Event) -> datetime:
    """Until when an answer is of use: the draw of a ballot, the deadline, else the start."""
    if event.allocation is Allocation.BALLOT:
        return closes_at(event)
    return event.rsvp_deadline or event.starts_at


def in_ballot(event: Event, now: datetime) -> bool:
    """Whether who says yes now enters a draw instead of taking a place."""
    return event.allocation is Allocation.BALLOT and event.drawn_at is None and now < event.starts_at


def choices(event: Event, invitation: Invitation, now: datetime) -> tuple[Choice, ...]:
    """The answers that a carer may give now: the buttons of the card, and what a tap is checked against.

    After the deadline a party can still say that it cannot come, which frees its places, or take up an offer.
    """
    if over(event, invitation, now) is not None:
        return ()
    if invitation.state is RsvpState.OFFERED:
        return (_taking(event, invitation.mode), Choice.NOT_GOING)
    if closed(event, now):
        match invitation.state:
            case RsvpState.GOING:
                return (_taking(event, invitation.mode), Choice.NOT_GOING)
            case RsvpState.MAYBE | RsvpState.WAITLISTED | RsvpState.BALLOT_ENTERED | RsvpState.BALLOT_LOST:
                return (Choice.NOT_GOING,)
            case _:
                return ()
    return all_choices(event.mode, event.allocation)


def chosen(event: Event, invitation: Invitation) -> Choice | None:
    """The answer that stands: the button that carries a tick."""
    match invitation.state:
        case RsvpState.GOING | RsvpState.WAITLISTED | RsvpState.BALLOT_ENTERED:
            return _taking(event, invitation.mode)
        case RsvpState.MAYBE:
            return Choice.MAYBE
        case RsvpState.NOT_GOING:
            return Choice.NOT_GOING
        case _:
            return None


def all_choices(mode: Mode, allocation: Allocation) -> tuple[Choice, ...]:
    """Every answer that such an event knows. There is no Maybe in a draw."""
    if mode is Mode.HYBRID:
        return (Choice.IN_PERSON, Choice.ONLINE, Choice.NOT_GOING)
    if allocation is Allocation.BALLOT:
        return (Choice.GOING, Choice.NOT_GOING)
    return (Choice.GOING, Choice.MAYBE, Choice.NOT_GOING)


def mode_of(event: Event, choice: Choice) -> Mode | None:
    """The mode in which a choice takes a place; null for one that takes none."""
    match choice:
        case Choice.GOING:
            return Mode.ONLINE if event.mode is Mode.ONLINE else Mode.IN_PERSON
        case Choice.IN_PERSON | Choice.ONLINE:
            return Mode(choice.value)
        case Choice.MAYBE | Choice.NOT_GOING:
            return None


def over(event: Event, invitation: Invitation, now: datetime) -> Result | None:
    """Why nothing can be answered any more, if so. For who has left, an event may be on all the same."""
    if event.state is not EventState.INVITED:
        return Result.CANCELLED
    if invitation.state is RsvpState.CANCELLED:
        return Result.NOT_ON_OFFER
    return Result.BEGUN if event.starts_at <= now else None


def closed(event: Event, now: datetime) -> bool:
    """Whether it is too late for a new answer. A ballot that has been drawn never opens again."""
    return event.drawn_at is not None or answers_until(event) <= now


def why_not(event: Event, invitation: Invitation, choice: Choice, now: datetime) -> Result:
    """What to say to a tap on a choice that is not among the `choices`."""
    if found := over(event, invitation, now):
        return found
    if closed(event, now) and choice in all_choices(event.mode, event.allocation):
        return Result.UNCHANGED if choice is chosen(event, invitation) else Result.CLOSED
    return Result.NOT_ON_OFFER


def _taking(event: Event, mode: Mode | None) -> Choice:
    """The button that stands for a place in this mode."""
    if event.mode is not Mode.HYBRID:
        return Choice.GOING
    return Choice.ONLINE if mode is Mode.ONLINE else Choice.IN_PERSON
