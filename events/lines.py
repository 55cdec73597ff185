"""Events as lines of a list: for the console's lists and calendar, and for the chat."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.engine import Session
from storage.event_lists import ANY, EventSearch, audiences_between, count_events, events_between, kinds_known
from storage.events import Event, EventState, Mode, RsvpBy
from storage.rsvp import RsvpState
from storage.rsvp_views import tallies


@dataclass(frozen=True, slots=True)
class Seats:
    """Places in one mode: people where households answer, carers where carers do. No limit: null."""

    mode: Mode
    taken: int
    capacity: int | None


@dataclass(frozen=True, slots=True)
class EventLine:
    """One event in a list. ``parties`` and ``going_people`` come from the answers as they stand.

    ``series_id`` null: it stands alone.
    """

    id: int
    ref: str
    title: str
    kind: str
    starts_at: datetime
    ends_at: datetime
    mode: Mode
    venue: str
    rsvp_by: RsvpBy
    state: EventState
    invite_at: datetime | None
    parties: Mapping[RsvpState, int]
    going_people: int
    seats: tuple[Seats, ...]
    series_id: int | None

    @property
    def invited(self) -> int:
        """How many parties were invited, whatever they answered."""
        return sum(self.parties.values())

    @property
    def unanswered(self) -> int:
        return self.parties.get(RsvpState.INVITED, 0)


async def event_list(
    session: Session,
    since: datetime | None,
    *,
    until: datetime | None = None,
    search: EventSearch = ANY,
    offset: int = 0,
    count: int = 200,
) -> list[EventLine]:
    """Events that end at ``since`` or later and start before ``until``, of those that are looked for, soonest
    first."""
    events = await events_between(session, since, until, search, offset=offset, count=count)
    return await lines_of(session, events)


async def lines_of(session: Session, events: Sequence[Event]) -> list[EventLine]:
    """These events in their order, each with its counts."""
    parties: dict[int, dict[RsvpState, int]] = defaultdict(dict)
    people: dict[int, int] = defaultdict(int)
    for tally in await tallies(session, [event.id for event in events]):
        parties[tally.event_id][tally.state] = tally.parties
        if tally.state is RsvpState.GOING:
            people[tally.event_id] = tally.people
    return [_line(event, parties[event.id], people[event.id]) for event in events]


def _line(event: Event, parties: Mapping[RsvpState, int], people: int) -> EventLine:
    by_household = event.rsvp_by is RsvpBy.HOUSEHOLD
    return EventLine(
        id=event.id,
        ref=event.ref,
        title=event.title,
        kind=event.kind,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        mode=event.mode,
        venue=event.venue,
        rsvp_by=event.rsvp_by,
        state=event.state,
        invite_at=event.invite_at,
        parties=parties,
        going_people=people if by_household else parties.get(RsvpState.GOING, 0),
        seats=_seats(event),
        series_id=event.series_id,
    )


def _seats(event: Event) -> tuple[Seats, ...]:
    in_person = Seats(Mode.IN_PERSON, event.taken, event.capacity)
    if event.mode is Mode.IN_PERSON:
        return (in_person,)
    if event.mode is Mode.HYBRID:
        return (in_person, Seats(Mode.ONLINE, event.online_taken, event.online_capacity))
    either = event.capacity if event.online_capacity is None else event.online_capacity
    return (Seats(Mode.ONLINE, event.online_taken, either),)


__all__ = [
    "ANY",
    "EventLine",
    "EventSearch",
    "Seats",
    "audiences_between",
    "count_events",
    "event_list",
    "kinds_known",
    "lines_of",
]
