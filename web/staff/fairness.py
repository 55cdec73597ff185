"""Who had how much in a year: places per household, for ballots alone or for all events."""

from dataclasses import dataclass

from carers.roles import Action
from events.fairness import By, Fairness, fairness, names_of
from web.staff.taking import Sheet, take
from web.staff.views import Look, Page, Route, see

COLUMNS = ("Household", "Carers", "Places", "Events", "Ballots entered", "Ballots lost")
MOST_BARS = 12
PER_PAGE = 50


def routes() -> list[Route]:
    return [
        see("/events/fairness", Action.SEE_EVENTS, show),
        *take("/events/fairness", Action.SEE_EVENTS, table, audited_as="fairness", deed="fairness.read"),
    ]


@dataclass(frozen=True, slots=True)
class Bar:
    """How many households had so many places: ``3``, or ``1 to 10``."""

    label: str
    households: int


async def show(look: Look) -> Page:
    found = await _fairness(look, page=look.page, per_page=PER_PAGE)
    context = {
        "found": found,
        "bars": bars(found),
        "meaning": meaning(found.gini),
        "names": await names_of(look.session, found.lines),
        "own": look.own_households is not None,
    }
    return Page("staff/fairness.html", context)


def bars(found: Fairness) -> list[Bar]:
    """The distribution without gaps: a bar for none, then bands of equal width up to what any had."""
    most = max(found.places, default=0)
    wide = max(1, -(-most // (MOST_BARS - 1)))
    drawn = [Bar("0", found.places.get(0, 0))]
    for first in range(1, most + 1, wide):
        last = first + wide - 1
        households = sum(number for places, number in found.places.items() if first <= places <= last)
        drawn.append(Bar(str(first) if wide == 1 else f"{first} to {last}", households))
    return drawn


def meaning(gini: float) -> str:
    """One plain sentence on a Gini coefficient."""
    if gini < 0.2:
        return "Places are spread evenly: most households had about the same."
    if gini < 0.4:
        return "Places are spread a little unevenly: some households had clearly more than others."
    if gini < 0.6:
        return "Places are spread unevenly: a part of the households had most of them."
    return "Places are spread very unevenly: few households had most of them, and many had little or nothing."


async def table(look: Look) -> Sheet:
    """The households that this person may see."""
    found = await _fairness(look)
    names = await names_of(look.session, found.lines)
    rows = [
        (
            line.household_ref,
            names.get(line.household_id, ""),
            line.places,
            line.events,
            line.ballots_entered,
            line.ballots_lost,
        )
        for line in found.lines
    ]
    return Sheet(f"fairness-{found.by}", COLUMNS, rows, about=f"fairness:{found.by}")


async def _fairness(look: Look, page: int = 1, per_page: int | None = None) -> Fairness:
    """Of every household; the list is of a social worker's own."""
    by: By = "ballot" if look.asked("by") == "ballot" else "all"
    own = look.own_households
    return await fairness(
        look.session, look.now, look.zone, by, social_worker_id=own, page=page, per_page=per_page
    )
