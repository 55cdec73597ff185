"""Training of earlier years in the demo, taken elsewhere: courses, and who took their places."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.demo_programme import BEHIND
from sandbox.demo_register import Home
from storage.attendance import AttendanceState
from storage.events import Event, EventState, Mode, RsvpBy

COURSES = (
    "First Aid",
    "Safer Care",
    "Attachment",
    "Understanding Trauma",
    "Being Online Safely",
    "Allegations and Support",
    "Moving On to Adulthood",
    "Men Who Foster",
    "Autism Awareness",
    "Record Keeping",
)
TAKEN = {2021: (52, 790, 212), 2022: (56, 867, 221), 2023: (54, 812, 214), 2024: (58, 841, 209)}
"""In the year from that April: courses, places, different carers. 2022/23 is what a service published."""


def training_years(today: date) -> list[int]:
    """The years whose training lies further back than the demo's own programme."""
    return [year for year in TAKEN if date(year + 1, 3, 31) < today - BEHIND]


def courses_of(year: int, random: Random, zone: ZoneInfo) -> list[Event]:
    """The courses of one year, one every week or so."""
    number = TAKEN[year][0]
    events = []
    for index in range(number):
        day = _clear_of_christmas(date(year, 4, 2) + timedelta(days=index * 360 // number))
        starts_at = datetime.combine(day, time(random.choice((10, 13, 18))), zone).astimezone(UTC)
        events.append(
            Event(
                ref=f"training-{year}-{index + 1:02d}",
                title=f"Training: {COURSES[index % len(COURSES)]}",
                kind="training",
                starts_at=starts_at,
                ends_at=starts_at + timedelta(hours=3),
                mode=Mode.IN_PERSON,
                venue="Northfield Family Hub",
                rsvp_by=RsvpBy.CARER,
                audience="all",
                state=EventState.INVITED,
                created_at=starts_at - timedelta(days=60),
                updated_at=starts_at - timedelta(days=60),
            )
        )
    return events


def places_taken(
    year: int, events: Sequence[Event], homes: Sequence[Home], random: Random
) -> list[dict[str, Any]]:
    """Who came: exactly as many places and different carers as `TAKEN` says, if there were so many."""
    _, places, carers = TAKEN[year]
    first, last = date(year, 4, 1), date(year + 1, 3, 31)
    there = [
        carer
        for home in homes
        if home.household.approved_on < last
        and (home.household.ended_on is None or home.household.ended_on > first)
        for carer in home.carers
    ]
    chosen = random.sample(there, min(carers, len(there)))
    # Everybody takes one place; the rest go to those who like to learn.
    takes = [(carer, random.choice(events)) for carer in chosen]
    seen = {(carer.id, event.id) for carer, event in takes}
    while len(takes) < places:
        carer, event = random.choice(chosen), random.choice(events)
        if (carer.id, event.id) not in seen:
            seen.add((carer.id, event.id))
            takes.append((carer, event))
    return [
        {
            "event_id": event.id,
            "carer_id": carer.id,
            "household_id": carer.household_id,
            "state": AttendanceState.ATTENDED,
            "source": "import",
            "recorded_at": event.ends_at + timedelta(days=2),
            "recorded_by_id": None,
        }
        for carer, event in takes
    ]


def _clear_of_christmas(day: date) -> date:
    """The day, or the same of another week where nobody would come: from Christmas Eve to New Year's Day."""
    while (day.month, day.day) >= (12, 24):
        day -= timedelta(days=7)
    return day + timedelta(days=7) if (day.month, day.day) == (1, 1) else day
