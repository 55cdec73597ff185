"""Erasing a carer: who has asked, what would go and what would stay, and a second confirmation."""

from aiohttp import web

from care.erasure import Erased, Preview, erase, lately_erased, preview, refuse, requests
from carers.roles import Action
from web.staff.forms import Form
from web.staff.views import Deed, Done, Look, Page, Route, do, see

GOES = {
    "messages": "messages between them and the service",
    "conversations": "conversations",
    "groups": "groups that they are in",
    "groups left": "groups that they left",
    "choices": "kinds of message that they turned off",
    "links": "personal links",
    "codes": "codes on letters",
    "calendar entries": "entries in their own calendar",
    "cards": "invitations shown in their chat",
    "replies": "answers on their way to their chat",
    "surveys begun": "named surveys begun and not sent",
    "survey comments": "comments in named surveys",
    "comments on events": "comments on events",
    "needs": "access or dietary needs",
    "messages waiting": "messages waiting to be sent to them",
    "named answers": "their name on answers in named surveys",
    "nominations sent": "names and words of nominations that they sent",
    "nominations received": "names and words of nominations that name them",
    "nominations of the household": "words of nominations of their household",
    "check-ins": "notes that staff spoke to the household, or tried to",
}
STAYS = {
    "answers": "answers to invitations of their own",
    "attendances": "events at which they were ticked",
    "messages sent": "messages that were sent to them, as numbers",
}
"""The parts by the names that the use case gives them, as staff read them."""


def routes() -> list[Route]:
    return [
        see("/erasures", Action.ERASE_CARERS, show_requests),
        see("/carers/{carer}/erase", Action.ERASE_CARERS, show),
        see("/carers/{carer}/erase/sure", Action.ERASE_CARERS, ask_again),
        do("/carers/{carer}/erase/sure", Action.ERASE_CARERS, go),
        do("/carers/{carer}/erase/refuse", Action.ERASE_CARERS, put_aside),
    ]


async def show_requests(look: Look) -> Page:
    waiting, erased = await requests(look.session), await lately_erased(look.session)
    return Page("staff/erasures.html", {"waiting": waiting, "erased": erased})


async def show(look: Look) -> Page:
    found = await _carer(look)
    goes = [(count, GOES[name]) for name, count in found.goes.items()]
    stays = [(count, STAYS[name]) for name, count in found.stays.items()]
    return Page("staff/erase.html", {"found": found, "goes": goes, "stays": stays})


async def ask_again(look: Look) -> Page:
    return _sure(await _carer(look), Form())


def _sure(found: Preview, form: Form) -> Page:
    return Page("staff/erase_sure.html", {"found": found, "form": form})


async def go(deed: Deed) -> Done | Page:
    """Erase, once the carer's number was typed; a wrong one is said and erases nobody."""
    found = await _carer(deed)
    typed = deed.form.words("number", required="Type the carer’s number")
    if not deed.form.errors:
        outcome = await erase(deed.session, found.carer_id, typed, deed.parts.keys, deed.staff, deed.now)
        if outcome is Erased.ERASED:
            said = f"{found.ref} is erased. Every count is as it was, but they are reached no more."
            return Done("/erasures", said)
        deed.form.fail("number", f"That is not the number of this carer, which is {found.ref}")
    return _sure(found, deed.form)


async def put_aside(deed: Deed) -> Done:
    found = await _carer(deed)
    done = await refuse(deed.session, found.carer_id, deed.staff, deed.now)
    said = f"The request of {found.ref} is off the list." if done else "There was no request any more."
    return Done("/erasures", said)


async def _carer(look: Look) -> Preview:
    found = await preview(look.session, look.number("carer"))
    if found is None:
        raise web.HTTPNotFound
    return found
