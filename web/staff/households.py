"""Households: the list, one household with what happened to it, and the constellations."""

from collections.abc import Sequence
from urllib.parse import urlencode

from aiohttp import web

from care.check_ins import check_ins_of
from carers.approvals import NOTICE
from carers.constellations import MOST_SATELLITES, list_constellations
from carers.household_edits import MOST_CARERS
from carers.households import (
    IN_ANY,
    IN_NONE,
    HouseholdSearch,
    HouseholdType,
    HouseholdView,
    Standing,
    choices,
    count_by_standing,
    list_households,
    view_household,
)
from carers.panels import panels_of
from carers.roles import Action
from web.staff.views import Look, Page, Route, see
from web.staff.words import in_words

LATEST = 3
"""So many check-ins stand beside their button; the timeline has more."""
STANDINGS = {
    Standing.CURRENT: "Approved now",
    Standing.ON_HOLD: "On hold",
    Standing.NOTICE: "Ending soon",
    Standing.ENDED: "Ended",
    Standing.EVERY: "Everything",
}


def routes() -> list[Route]:
    return [
        see("/households", Action.SEE_HOUSEHOLDS, households),
        see("/households/{household}", Action.SEE_HOUSEHOLDS, household),
        see("/constellations", Action.SEE_HOUSEHOLDS, constellations),
    ]


async def households(look: Look) -> Page:
    search = searched(look)
    today = look.now.astimezone(look.zone).date()
    found = await list_households(look.session, search, today, look.page)
    offered = await choices(look.session, today, look.own_households)
    counts = await count_by_standing(look.session, today, look.own_households)
    asked = {"q": search.words, "show": search.standing.value, "type": search.type or ""}
    asked |= {"area": search.area, "constellation": search.constellation}
    return Page(
        "staff/households.html",
        {
            "search": search,
            "found": found,
            "counts": {one: (number, STANDINGS[one]) for one, number in counts.items()},
            "own": look.own_households is not None,
            "narrowed": any(value for name, value in asked.items() if name != "show"),
            "standings": [{"value": one.value, "text": text} for one, text in STANDINGS.items()],
            "types": _offered("Any", [(one.value, in_words(one)) for one in HouseholdType]),
            "areas": _offered("Any", [(area, area) for area in offered.areas]),
            "constellations": _offered(
                "Any or none",
                [
                    (IN_ANY, "In one"),
                    (IN_NONE, "In none"),
                    *((name, name) for name in offered.constellations),
                ],
            ),
            "query": urlencode({name: value for name, value in asked.items() if value}),
        },
    )


def searched(look: Look) -> HouseholdSearch:
    show, kind = look.asked("show"), look.asked("type")
    return HouseholdSearch(
        words=look.asked("q"),
        standing=Standing(show) if show in set(Standing) else Standing.CURRENT,
        type=HouseholdType(kind) if kind in set(HouseholdType) else None,
        area=look.asked("area"),
        constellation=look.asked("constellation"),
        social_worker_id=look.own_households,
    )


def _offered(first: str, others: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"value": value, "text": text} for value, text in (("", first), *others)]


async def household(look: Look) -> Page:
    view = await the_household(look)
    may_check_in = look.may(Action.CHECK_IN)
    context = {
        "view": view,
        "can_add": not view.line.has_ended and len(view.members) < MOST_CARERS,
        "days": NOTICE.days,
        "panels": await panels_of(look.session, view.line.id),
        "check_ins": await check_ins_of(look.session, view.line.id, LATEST) if may_check_in else (),
    }
    return Page("staff/household.html", context)


async def the_household(look: Look) -> HouseholdView:
    """The household of the address as this person may see it. Raises 404 where there is none."""
    number = look.number("household")
    view = await view_household(look.session, number, look.now, look.zone, look.own_households)
    if view is None:
        raise web.HTTPNotFound
    return view


async def constellations(look: Look) -> Page:
    today = look.now.astimezone(look.zone).date()
    found = await list_constellations(look.session, today, look.own_households, look.page)
    own = look.own_households is not None
    return Page("staff/constellations.html", {"all": found, "own": own, "most": MOST_SATELLITES})
