"""How long everything is kept, what the last purge deleted, and what one would delete now."""

from care.retention import last_purge, periods, purge
from carers.roles import Action
from web.staff.views import Deed, Look, Page, Route, do, see


def routes() -> list[Route]:
    return [
        see("/retention", Action.SEE_RETENTION, show),
        do("/retention", Action.SEE_RETENTION, count_now),
    ]


async def show(look: Look) -> Page:
    return Page("staff/retention.html", await _context(look))


async def count_now(deed: Deed) -> Page:
    """Run the purge and take it back, as a page from a deed always is: what it counts is what would go."""
    context = await _context(deed)
    counts = await purge(deed.session, deed.now, deed.parts.keeping)
    return Page("staff/retention.html", {**context, "now_counts": counts}, status=200)


async def _context(look: Look) -> dict[str, object]:
    return {
        "periods": periods(look.parts.keeping),
        "last": await last_purge(look.session),
        "now_counts": None,
    }
