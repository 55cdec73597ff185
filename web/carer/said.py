"""You said, we did, on a carer's own page."""

from aiohttp import web

from care.said import published
from web.carer.opening import Purpose, Route, Visit, render_page, see
from web.whole_numbers import whole_number


def routes() -> list[Route]:
    return [see(Purpose.HOME, "/said", show)]


async def show(visit: Visit) -> web.Response:
    """A page of what the service does about what carers said, the latest first."""
    number = whole_number(visit.asked("page"), 99_999) or 1
    found = await published(visit.session, visit.carer.language.value, number)
    return render_page(visit, "carer/said.html", {"found": found})
