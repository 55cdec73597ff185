"""The demo's programme: rhythms, such as the second Tuesday, as dates of the year behind and ahead."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

from storage.events import Event, EventState, Mode, RsvpBy

BEHIND, AHEAD = timedelta(days=370), timedelta(days=366)
INVITE_BEFORE = timedelta(days=28)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOLIDAYS = (((2, 14), (2, 22)), ((4, 1), (4, 16)), ((5, 25), (6, 1)), ((7, 22), (9, 3)), ((10, 24), (11, 1)))
_CHRISTMAS = ((12, 19), (1, 4))


@dataclass(frozen=True, slots=True)
class Occasion:
    """One line of the programme on one day."""

    line: dict[str, str]
    day: date
    number: int


def occasions(today: date) -> Iterator[Occasion]:
    """Every occasion of the programme from a year ago to a year ahead, line by line."""
    text = (files("sandbox") / "demo_data" / "programme.csv").read_text(encoding="utf-8")
    for line in csv.DictReader(text.splitlines()):
        for number, day in enumerate(_days_of(line, today - BEHIND, today + AHEAD)):
            yield Occasion(line, day, number)


def _days_of(line: dict[str, str], first: date, last: date) -> Iterator[date]:
    months = {int(month) for month in line["months"].split()} or set(range(1, 13))
    which, _, name = line["day"].rpartition(" ")
    weekday = _DAYS.index(name)
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if day.weekday() != weekday or day.month not in months:
            continue
        if which and int(which) == (day.day - 1) // 7 + 1:
            yield clear_of_christmas(day)
        elif not which and not _is_holiday(day):
            yield day


def clear_of_christmas(day: date) -> date:
    """The day, or the same of another week where nobody would come: from Christmas Eve to New Year's Day."""
    while (day.month, day.day) >= (12, 24):
        day -= timedelta(days=7)
    return day + timedelta(days=7) if (day.month, day.day) == (1, 1) else day


def _is_holiday(day: date) -> bool:
    date_of_year = (day.month, day.day)
    if date_of_year >= _CHRISTMAS[0] or date_of_year <= _CHRISTMAS[1]:
        return True
    return any(start <= date_of_year <= end for start, end in _HOLIDAYS)


def event_of(occasion: Occasion, now: datetime, zone: ZoneInfo) -> Event:
    """The event as planned four weeks or more ahead: invited already if its time for that has come."""
    line = occasion.line
    starts_at = datetime.combine(occasion.day, time.fromisoformat(line["starts"]), zone).astimezone(UTC)
    mode = _mode(line["mode"], occasion.number)
    invite_at = starts_at - INVITE_BEFORE
    invited = invite_at <= now
    words = "".join(sign if sign.isalnum() else " " for sign in line["title"].lower()).split()[:5]
    return Event(
        ref=f"{'-'.join(words)}-{occasion.day:%Y-%m-%d}",
        title=line["title"],
        kind=line["kind"],
        description=line["description"],
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=float(line["hours"])),
        mode=mode,
        venue="" if mode is Mode.ONLINE else line["venue"],
        online_url="" if mode is Mode.IN_PERSON else f"https://meet.example.org/{'-'.join(words)}",
        rsvp_by=RsvpBy(line["rsvp_by"]),
        audience=line["audience"],
        capacity=int(line["capacity"]) if line["capacity"] else None,
        online_capacity=int(line["online_capacity"]) if line["online_capacity"] else None,
        taken=0,
        online_taken=0,
        invite_at=invite_at,
        state=EventState.INVITED if invited else EventState.PLANNED,
        invited_at=invite_at if invited else None,
        created_at=min(now, invite_at) - timedelta(days=30),
        updated_at=min(now, invite_at) - timedelta(days=30),
    )


def _mode(name: str, number: int) -> Mode:
    if name == "alternate":
        return Mode.ONLINE if number % 2 else Mode.IN_PERSON
    return Mode(name)
