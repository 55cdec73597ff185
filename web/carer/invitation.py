"""One invitation, as its card in the chat shows it: what is on, where the party stands, and the answers."""

from aiohttp import web

from events.cards import card_for
from web.carer.opening import Purpose, Route, Shut, Visit, render_page, see


def routes() -> list[Route]:
    return [see(Purpose.INVITATION, "", show)]


async def show(visit: Visit) -> web.Response | Shut:
    facts = await card_for(visit.session, visit.about, visit.carer, visit.now)
    if facts is None:
        return Shut.NOT_OURS
    return render_page(visit, "carer/invitation.html", {"it": facts})
