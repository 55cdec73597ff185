"""What staff see of the programme, as frozen facts: for the console and for the chat."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from events.ballot import closes_at, seed_fingerprint
from events.cards import event_facts
from events.lines import EventLine, EventSearch, Seats, count_events, event_list, lines_of
from storage.attendance_queries import count_ratings
from storage.engine import Session
from storage.events import Allocation, Event, EventState, Mode, RsvpBy
from storage.rsvp import RsvpState
from storage.rsvp_views import BANDS, people_going


@dataclass(frozen=True, slots=True)
class FeedbackSummary:
    """How those who came found it. ``mean`` is null while nobody has said."""

    count: int
    mean: float | None


@dataclass(frozen=True, slots=True)
class EventPage:
    """What there is to know of one event. ``people_by_band`` counts those going.

    Of a ballot ``closes_at`` is when entries close and it is drawn, ``drawn_at`` when that happened, and
    ``fingerprint`` what may be known of its seed before.
    """

    line: EventLine
    description: str
    online_url: str
    audience: str
    allocation: Allocation
    rsvp_deadline: datetime | None
    closes_at: datetime | None
    drawn_at: datetime | None
    fingerprint: str
    map_url: str
    """Where the place is on a map; empty without a place."""
    flyer_id: int | None
    series_id: int | None
    capacity: int | None
    online_capacity: int | None
    cancel_reason: str
    cancelled_at: datetime | None
    checkin_code: str
    version: int
    people_by_band: Mapping[str, int]
    feedback: FeedbackSummary


async def event_page(session: Session, event_id: int) -> EventPage | None:
    """One event with its counts, which are of everybody; null if there is none. `events.parties` has its
    parties."""
    event = await session.get(Event, event_id)
    if event is None:
        return None
    line = (await lines_of(session, [event]))[0]
    return EventPage(
        line=line,
        description=event.description,
        online_url=event.online_url,
        audience=event.audience,
        allocation=event.allocation,
        map_url=event_facts(event)["map_url"],
        flyer_id=event.flyer_id,
        series_id=event.series_id,
        rsvp_deadline=event.rsvp_deadline,
        closes_at=closes_at(event) if event.allocation is Allocation.BALLOT else None,
        drawn_at=event.drawn_at,
        fingerprint=seed_fingerprint(event) if event.allocation is Allocation.BALLOT else "",
        capacity=event.capacity,
        online_capacity=event.online_capacity,
        cancel_reason=event.cancel_reason,
        cancelled_at=event.cancelled_at,
        checkin_code=event.checkin_code,
        version=event.version,
        people_by_band=await people_going(session, event.id),
        feedback=await feedback_summary(session, event.id),
    )


async def feedback_summary(session: Session, event_id: int) -> FeedbackSummary:
    """How it was, over all who said so."""
    given = await count_ratings(session, event_id)
    number = sum(given.values())
    total = sum(rating * times for rating, times in given.items())
    return FeedbackSummary(number, total / number if number else None)


__all__ = [
    "BANDS",
    "Allocation",
    "EventLine",
    "EventPage",
    "EventSearch",
    "EventState",
    "FeedbackSummary",
    "Mode",
    "RsvpBy",
    "RsvpState",
    "Seats",
    "count_events",
    "event_list",
    "event_page",
    "feedback_summary",
]
