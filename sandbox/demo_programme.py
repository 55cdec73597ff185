"""The demo's programme: each line a series, with the events of the year behind and of the year ahead."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

from events.occurrences import write_plan
from events.pattern import INVITE_DAYS, Pattern
from events.planning import INVITE_BEFORE
from events.rhythm import NAMED, Occurrence, TermDates, in_term
from events.series_plan import AHEAD, SeriesPlan, event_on, occurrences
from storage.engine import Session
from storage.events import Allocation, Event, EventState, Mode, RsvpBy
from storage.series import Series, Term

BEHIND = timedelta(days=370)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TERMS = (
    ("Autumn, first half", (9, 4), (10, 23)),
    ("Autumn, second half", (11, 2), (12, 18)),
    ("Spring, first half", (1, 5), (2, 13)),
    ("Spring, second half", (2, 23), (3, 31)),
    ("Summer, first half", (4, 17), (5, 24)),
    ("Summer, second half", (6, 2), (7, 21)),
)


@dataclass(frozen=True, slots=True)
class Planned:
    """A series and all its days, those of the past too."""

    plan: SeriesPlan
    days: tuple[Occurrence, ...]


def school_terms(today: date) -> list[TermDates]:
    """The terms of the last school year, of this one and of the next."""
    this = today.year if today.month >= 9 else today.year - 1
    return [
        TermDates(f"{name} {year}", date(year, *first), date(year, *last))
        for autumn in (this - 1, this, this + 1)
        for name, first, last in _TERMS
        for year in (autumn if first >= (9, 1) else autumn + 1,)
    ]


def programme(today: date, terms: Sequence[TermDates]) -> Iterator[Planned]:
    """Every line of the programme from a year ago to a year ahead; nothing from Christmas Eve to New Year."""
    text = (files("sandbox") / "demo_data" / "programme.csv").read_text(encoding="utf-8")
    for line in csv.DictReader(text.splitlines()):
        rhythm = NAMED[line["rhythm"]]
        rhythm = replace(rhythm, alternate=line["mode"] == "alternate")
        plan = SeriesPlan(_pattern(line), rhythm, _first_day(line, today - BEHIND, terms))
        days = list(occurrences(plan, terms, today + AHEAD))
        skipped = frozenset(occurrence.day for occurrence in days if _is_christmas(occurrence.day))
        held = tuple(occurrence for occurrence in days if occurrence.day not in skipped)
        yield Planned(replace(plan, skipped=skipped), held)


async def add_programme(session: Session, now: datetime, zone: ZoneInfo) -> list[Event]:
    """Write terms, series and events; the events in the order of their start."""
    today = now.astimezone(zone).date()
    terms = school_terms(today)
    session.add_all(Term(name=term.name, starts_on=term.starts_on, ends_on=term.ends_on) for term in terms)
    begun = now - BEHIND - timedelta(days=30)
    events = []
    for planned in programme(today, terms):
        series = Series(ref=_slug(planned.plan.pattern.title), created_at=begun, made_until=today + AHEAD)
        write_plan(series, planned.plan, begun)
        session.add(series)
        await session.flush()
        events += [_event(planned.plan, one, series.id, now, zone) for one in planned.days]
    events.sort(key=lambda event: event.starts_at)
    session.add_all(events)
    await session.flush()
    return events


def _pattern(line: dict[str, str]) -> Pattern:
    mode = Mode.IN_PERSON if line["mode"] == "alternate" else Mode(line["mode"])
    meets_online = line["mode"] != Mode.IN_PERSON
    return Pattern(
        title=line["title"],
        kind=line["kind"],
        description=line["description"],
        starts=time.fromisoformat(line["starts"]),
        minutes=round(float(line["hours"]) * 60),
        mode=mode,
        venue=line["venue"],
        online_url=f"https://meet.example.org/{_slug(line['title'])}" if meets_online else "",
        rsvp_by=RsvpBy(line["rsvp_by"]),
        audience=line["audience"],
        capacity=int(line["capacity"]) if line["capacity"] else None,
        online_capacity=int(line["online_capacity"]) if line["online_capacity"] else None,
        allocation=Allocation(line["allocation"]),
        deadline_days=int(line["deadline_days"]) if line["deadline_days"] else None,
        invite_days=int(line["invite_days"] or INVITE_DAYS),
    )


def _first_day(line: dict[str, str], since: date, terms: Sequence[TermDates]) -> date:
    """The first day of the line's rule from ``since`` on: ``2 tue`` in one of its months, or ``wed``."""
    months = {int(month) for month in line["months"].split()} or set(range(1, 13))
    which, _, name = line["day"].rpartition(" ")
    day = since
    while True:
        fits = day.weekday() == _DAYS.index(name) and day.month in months
        if fits and (in_term(day, terms) if not which else int(which) == (day.day - 1) // 7 + 1):
            return day
        day += timedelta(days=1)


def _is_christmas(day: date) -> bool:
    return (day.month, day.day) >= (12, 24) or (day.month, day.day) == (1, 1)


def _event(plan: SeriesPlan, occurrence: Occurrence, series_id: int, now: datetime, zone: ZoneInfo) -> Event:
    """The event as planned four weeks or more ahead: invited already if its time for that has come."""
    event = event_on(plan, occurrence, zone)
    invite_at = event.invite_at or event.starts_at - INVITE_BEFORE
    invited = invite_at <= now
    made_at = min(now, invite_at) - timedelta(days=30)
    return Event(
        ref=f"{_slug(event.title)}-{occurrence.day:%Y-%m-%d}",
        title=event.title,
        kind=event.kind,
        description=event.description,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        mode=event.mode,
        venue="" if event.mode is Mode.ONLINE else event.venue,
        online_url="" if event.mode is Mode.IN_PERSON else event.online_url,
        rsvp_by=event.rsvp_by,
        audience=event.audience,
        capacity=event.capacity,
        online_capacity=event.online_capacity,
        taken=0,
        online_taken=0,
        allocation=event.allocation,
        rsvp_deadline=event.rsvp_deadline,
        invite_at=invite_at,
        state=EventState.INVITED if invited else EventState.PLANNED,
        invited_at=invite_at if invited else None,
        created_at=made_at,
        updated_at=made_at,
        series_id=series_id,
        occurrence_on=occurrence.day,
    )


def _slug(title: str) -> str:
    return "-".join("".join(sign if sign.isalnum() else " " for sign in title.lower()).split()[:5])
