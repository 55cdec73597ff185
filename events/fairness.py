"""Who had how much in a year: places per household, and how evenly they are spread.

Read-only. Counted are the 365 days up to now and the households approved on some day of them, those with
nothing as well. What was cancelled, or given back, nobody had.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from events.ballot import REMEMBERS
from events.holds import LONDON, STAFF_DECIDE
from storage.ballot_queries import past_ballots
from storage.engine import Session
from storage.fairness_queries import (
    Held,
    ballots_entered,
    households_between,
    names_by_household,
    places_held,
)

By = Literal["ballot", "all"]


class HouseholdPlaces(NamedTuple):
    """One household. ``events``: at how many it had ``places``."""

    household_id: int
    household_ref: str
    social_worker_id: int | None
    places: int
    events: int
    ballots_entered: int
    ballots_lost: int


@dataclass(frozen=True, slots=True)
class Fairness:
    """How places are spread over households.

    A place is a person's where households answer, a carer's where carers do. ``places``: how many households
    had how many. ``gini``: of the places per household, 0 where all had the same, towards 1 where one had
    all; ``gini_events``: of the number of events at which a household had places, which a large family does
    not sway. ``lines``: those with least first.
    """

    by: By
    since: datetime
    until: datetime
    households: int
    total: int
    had_none: int
    places: Mapping[int, int]
    gini: float
    gini_events: float
    lines: tuple[HouseholdPlaces, ...]


def gini(values: Iterable[float]) -> float:
    """The Gini coefficient: half the mean absolute difference between any two, over the mean.

    0 for no values, or where all of them are 0. Negative values have no meaning here.
    """
    ordered = sorted(values)
    total = sum(ordered)
    if not total:
        return 0.0
    count = len(ordered)
    return sum((2 * rank - count - 1) * value for rank, value in enumerate(ordered, 1)) / (count * total)


async def fairness(session: Session, now: datetime, zone: ZoneInfo = LONDON, by: By = "all") -> Fairness:
    """The spread over the year up to ``now``: of ``all`` places, or of those given by ``ballot``."""
    since = now - REMEMBERS
    days = since.astimezone(zone).date(), now.astimezone(zone).date()
    households = await households_between(session, *days)
    held = await places_held(session, since, now, ballots_only=by == "ballot")
    entered = await ballots_entered(session, since, now)
    lost = Counter(
        household for past in await past_ballots(session, since, now, STAFF_DECIDE) for household in past.lost
    )
    none = Held(0, 0)
    lines = [
        HouseholdPlaces(
            household_id=household.id,
            household_ref=household.ref,
            social_worker_id=household.social_worker_id,
            places=held.get(household.id, none).places,
            events=held.get(household.id, none).events,
            ballots_entered=entered.get(household.id, 0),
            ballots_lost=lost[household.id],
        )
        for household in households
    ]
    lines.sort(key=lambda line: (line.places, line.household_ref))
    return Fairness(
        by=by,
        since=since,
        until=now,
        households=len(lines),
        total=sum(line.places for line in lines),
        had_none=sum(not line.places for line in lines),
        places=Counter(line.places for line in lines),
        gini=gini(line.places for line in lines),
        gini_events=gini(line.events for line in lines),
        lines=tuple(lines),
    )


async def names_of(session: Session, lines: Collection[HouseholdPlaces]) -> dict[int, str]:
    """The carers of these households by the household's id: "Amal Reed and Jo Reed". No household of which no
    name is kept is among them."""
    names = await names_by_household(session, [line.household_id for line in lines])
    return {household_id: " and ".join(each) for household_id, each in names.items()}
