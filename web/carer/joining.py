"""The link for who joins online: given when a button is pressed, from an hour before the start."""

from aiohttp import web

from events.joining import Asked, Door, ask_to_join
from web.carer.opening import Deed, Purpose, Route, Shown, Shut, Visit, do, render_page, see


def routes() -> list[Route]:
    return [
        see(Purpose.INVITATION, "/join", show),
        do(Purpose.INVITATION, "/join", give),
    ]


async def show(visit: Visit) -> web.Response | Shut:
    """When there is a link, and a button for it. The link itself is in no page that is only looked at."""
    asked = await ask_to_join(visit.session, visit.about, visit.carer, visit.now, visit.zone)
    return Shut.NOT_OURS if asked.door is Door.NOT_YOURS else _page(visit, asked, "")


async def give(deed: Deed) -> Shown | Shut:
    """The link, while the door is open; else why not."""
    asked = await ask_to_join(deed.session, deed.about, deed.carer, deed.now, deed.zone)
    return Shut.NOT_OURS if asked.door is Door.NOT_YOURS else Shown(_page(deed, asked, asked.url))


def _page(visit: Visit, asked: Asked, url: str) -> web.Response:
    context = {
        "event": asked.event,
        "door": asked.door.value,
        "opens_at": asked.opens_at,
        "url": url,
        "opens_in_browser": url.startswith(("https://", "http://")),
    }
    return render_page(visit, "carer/join.html", context)
