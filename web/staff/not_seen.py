"""Not seen: households without contact for two quarters, by social worker, with what was tried."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode

from care.not_seen import (
    NO_WORKER,
    Contact,
    NotSeen,
    Tried,
    count_by_worker,
    not_seen,
    what_was_tried,
    window,
)
from carers.colleagues import staff_names
from carers.roles import Action
from carers.spreadsheet_writing import Cell
from web.staff.taking import Sheet, take
from web.staff.views import Look, Noted, Page, Route, see
from web.staff.words import plural
from web.whole_numbers import whole_number

PER_PAGE = 50
ALL_AT_ONCE = 1000
"""In a service of more households than this the page shows one social worker's at a time."""
LAST = {
    "attended": "came to an event",
    "answered": "answered an invitation",
    "wrote": "wrote to us",
    "spoke": "spoke to us",
}
COLUMNS = (
    "Social worker",
    "Household",
    "Carers",
    "Telephone",
    "On hold",
    "Approved",
    "Last contact",
    "What it was",
    "Invitations since",
    "Messages since",
    "Tries since",
    "Last try",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose households the page shows: ``number`` null for everybody's. ``names``: of the workers to choose
    from, by their number; of one person's own there is no choice."""

    number: int | None
    names: Mapping[int, str]


def routes() -> list[Route]:
    return [
        see("/not-seen", Action.CHECK_IN, by_worker),
        *take("/not-seen", Action.CHECK_IN, table, audited_as="not_seen"),
    ]


async def by_worker(look: Look) -> Page:
    asked = await _asked(look)
    everybody = await _ordered(look, asked)
    pages = max(1, -(-len(everybody) // PER_PAGE))
    page = min(look.page, pages)
    lines = everybody[(page - 1) * PER_PAGE : page * PER_PAGE]
    worker = "" if asked.number is None or look.own_households is not None else str(asked.number)
    context = {
        "lists": _by_worker(asked, lines),
        "total": len(everybody),
        "tried": await what_was_tried(look.session, lines, look.now, look.zone),
        "what": LAST,
        "since": window(look.now, look.zone).since,
        "today": look.today,
        "own": look.own_households is not None,
        "workers": [{"value": str(number), "text": name} for number, name in asked.names.items()],
        "worker": worker,
        "query": urlencode({"worker": worker} if worker else {}),
        "page": page,
        "pages": pages,
    }
    return Page("staff/not_seen.html", context, noted=Noted("not_seen.read", "", {"households": len(lines)}))


async def _asked(look: Look) -> Asked:
    if look.own_households is not None:
        return Asked(look.own_households, {})
    homes = await count_by_worker(look.session, look.today)
    called = await staff_names(look.session)
    with_homes = [(called[one], one) for one in homes if one in called]
    names = {number: name for name, number in sorted(with_homes)}
    if set(homes) - set(names):
        names[NO_WORKER] = "No social worker"
    number = whole_number(look.asked("worker"))
    if number in names:
        return Asked(number, names)
    first = next(iter(names), None)
    return Asked(first if sum(homes.values()) > ALL_AT_ONCE else None, names)


async def _ordered(look: Look, asked: Asked) -> list[NotSeen]:
    """All that the page lists, one worker's after the other's, last those of nobody."""
    found = await not_seen(look.session, look.now, look.zone, asked.number)
    order = {number: place for place, number in enumerate(asked.names)}
    return sorted(found, key=lambda one: order.get(_worker(asked, one), 0))


def _worker(asked: Asked, one: NotSeen) -> int:
    """Who sees to it; nobody, where whoever it was has left."""
    number = one.social_worker_id or NO_WORKER
    return number if number in asked.names else NO_WORKER


def _by_worker(asked: Asked, lines: Sequence[NotSeen]) -> list[tuple[str, list[NotSeen]]]:
    return [
        (asked.names.get(number, ""), list(some))
        for number, some in groupby(lines, key=lambda one: _worker(asked, one))
    ]


async def table(look: Look) -> Sheet:
    """The same households as a file; what was tried is looked up a page at a time."""
    asked = await _asked(look)
    lines, rows = await _ordered(look, asked), []
    for start in range(0, len(lines), PER_PAGE):
        some = lines[start : start + PER_PAGE]
        tried = await what_was_tried(look.session, some, look.now, look.zone)
        own = look.staff.name if look.own_households is not None else ""
        rows += [
            _row(own or asked.names.get(_worker(asked, one), ""), one, tried[one.household_id])
            for one in some
        ]
    return Sheet("not-seen", COLUMNS, rows)


def _row(worker: str, one: NotSeen, tried: Tried) -> list[Cell]:
    last: Contact | None = one.last
    return [
        worker,
        one.ref,
        one.name,
        "; ".join(one.phones),
        "yes" if one.on_hold else "no",
        one.approved_on,
        last.on if last else "",
        LAST[last.what] if last else "",
        tried.invited,
        tried.messages,
        tried.tries,
        tried.tried_on or "",
    ]


def overdue_words(number: int, most: int) -> str:
    """For the first page: ``3 households not seen for two quarters``."""
    if number >= most:
        return f"{most} or more households not seen for two quarters"
    return f"{plural(number, 'household')} not seen for two quarters"
