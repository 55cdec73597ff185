"""A carer's calendar feed: its address, a new one, none."""

from aiohttp import web

from events.feed import end_feed, has_feed, new_feed
from web.carer.opening import Deed, Done, Purpose, Route, Shut, Visit, do, render_page, see

TAIL = "/feed"


def routes() -> list[Route]:
    return [see(Purpose.HOME, TAIL, show), do(Purpose.HOME, TAIL, change)]


async def show(visit: Visit) -> web.Response | Shut:
    """Nothing where the service has no address that a calendar could read."""
    feeds = visit.parts.feeds
    if feeds is None:
        return Shut.NOT_OURS
    context = {
        "url": feeds.link_of(visit.carer),
        "number": visit.carer.feed_number,
        "done": visit.asked("done"),
    }
    return render_page(visit, "carer/calendar_link.html", context)


async def change(deed: Deed) -> Done | Shut:
    """A page that shows an older address ends no newer one."""
    if deed.parts.feeds is None:
        return Shut.NOT_OURS
    number = deed.form.number("number") or 0
    match deed.form.text("what"):
        case "first" if not has_feed(deed.carer):
            await new_feed(deed.session, deed.carer, deed.now)
        case "new" if has_feed(deed.carer) and number == deed.carer.feed_number:
            await new_feed(deed.session, deed.carer, deed.now)
            return Done(TAIL, {"done": "new"})
        case "off" if number == deed.carer.feed_number:
            await end_feed(deed.session, deed.carer, deed.now)
            return Done(TAIL, {"done": "off"})
    return Done(TAIL)
