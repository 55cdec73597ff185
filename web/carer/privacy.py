"""The privacy notice in plain words, in the carer's language. `docs/privacy-notice.md` is the long form."""

from aiohttp import web

from web.carer.opening import Purpose, Route, Visit, render_page, see


def routes() -> list[Route]:
    return [see(Purpose.HOME, "/privacy", show)]


async def show(visit: Visit) -> web.Response:
    return render_page(visit, "carer/privacy.html", {})
