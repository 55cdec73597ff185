"""Who had how much in a year: places per household, and how evenly they are spread.

Read-only. Counted are the 365 days up to now and the households approved on some day of them, those with
nothing as well. What was cancelled, or given back, nobody had.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from events.ballot import REMEMBERS
from events.holds import LONDON, STAFF_DECIDE
from storage.ballot_queries import past_ballots
from storage.engine import Session
from storage.fairness_queries import (
    Between,
    ballots_entered,
    households_between,
    names_by_household,
    places_had,
)

By = Literal["ballot", "all"]


class HouseholdPlaces(NamedTuple):
    """One household. ``events``: at how many it had ``places``."""

    household_id: int
    household_ref: str
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
    not sway. ``lines``: those with least first, of one page of so many ``pages``.
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
    page: int = 1
    pages: int = 1


def gini(numbers: Mapping[int, int]) -> float:
    """The Gini coefficient: half the mean absolute difference between any two, over the mean.

    ``numbers``: how many have a value, by the value. 0 for none, or where all values are 0. Negative values
    have no meaning here.
    """
    count = sum(numbers.values())
    total = sum(value * number for value, number in numbers.items())
    if not total:
        return 0.0
    sum_of_ranked, below = 0, 0
    for value, number in sorted(numbers.items()):
        # The sum of 2 * rank - count - 1 over the ranks that have this value.
        sum_of_ranked += value * number * (2 * below + number - count)
        below += number
    return sum_of_ranked / (count * total)


async def fairness(
    session: Session,
    now: datetime,
    zone: ZoneInfo = LONDON,
    by: By = "all",
    *,
    social_worker_id: int | None = None,
    page: int = 1,
    per_page: int | None = None,
) -> Fairness:
    """The spread over the year up to ``now``: of ``all`` places, or of those given by ``ballot``.

    The figures are of every household; the lines of a social worker's where one is named, and all of them
    unless they come by the page.
    """
    since = now - REMEMBERS
    time = Between(since, now, since.astimezone(zone).date(), now.astimezone(zone).date())
    pages = 1
    if per_page is not None:
        pages = max(1, -(-await households_between(session, time, social_worker_id) // per_page))
    page = min(page, pages)
    had, listed = await places_had(
        session,
        time,
        ballots_only=by == "ballot",
        social_worker_id=social_worker_id,
        offset=(page - 1) * (per_page or 0),
        limit=per_page,
    )
    shown = None if per_page is None else [one.household_id for one in listed]
    entered = await ballots_entered(session, time, shown)
    past = await past_ballots(session, since, now, STAFF_DECIDE, household_ids=shown)
    lost = Counter(household for ballot in past for household in ballot.lost)
    places, events = Counter[int](), Counter[int]()
    for one in had:
        places[one.places] += one.households
        events[one.events] += one.households
    return Fairness(
        by=by,
        since=since,
        until=now,
        households=places.total(),
        total=sum(value * number for value, number in places.items()),
        had_none=places[0],
        places=places,
        gini=gini(places),
        gini_events=gini(events),
        lines=tuple(
            HouseholdPlaces(
                household_id=id,
                household_ref=ref,
                places=had_places,
                events=had_events,
                ballots_entered=entered.get(id, 0),
                ballots_lost=lost[id],
            )
            for had_places, had_events, id, ref in listed
        ),
        page=page,
        pages=pages,
    )


async def names_of(session: Session, lines: Collection[HouseholdPlaces]) -> dict[int, str]:
    """The carers of these households by the household's id: "Amal Reed and Jo Reed". No household of which no
    name is kept is among them."""
    names = await names_by_household(session, [line.household_id for line in lines])
    return {household_id: " and ".join(each) for household_id, each in names.items()}
