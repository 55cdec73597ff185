"""Carers: finding one, how they stand with the bot, a personal link to connect them."""

from urllib.parse import urlencode

from aiohttp import web

from carers.directory import Contact, Search, count_by_contact, disconnect, give_link, list_carers, view_carer
from carers.roles import Action
from web.staff.links import personal_link
from web.staff.views import Deed, Done, Look, Page, Route, Shown, do, see
from web.staff.words import in_words


def routes() -> list[Route]:
    return [
        see("/carers", Action.SEE_CARERS, carers),
        see("/carers/{carer}", Action.SEE_CARERS, carer),
        do("/carers/{carer}/link", Action.LINK_CARERS, make_link),
        see("/carers/{carer}/disconnect", Action.LINK_CARERS, ask_to_disconnect),
        do("/carers/{carer}/disconnect", Action.LINK_CARERS, disconnect_phone),
    ]


async def carers(look: Look) -> Page:
    asked = look.asked("contact")
    contact = Contact(asked) if asked in set(Contact) else None
    search = Search(look.asked("q"), contact, look.own_households)
    found = await list_carers(look.session, search, look.now, look.zone, look.page)
    counts = await count_by_contact(look.session, look.now, look.zone, look.own_households)
    contacts = [{"value": one.value, "text": in_words(one)} for one in Contact]
    return Page(
        "staff/carers.html",
        {
            "search": search,
            "found": found,
            "counts": counts,
            "own": look.own_households is not None,
            "contacts": [{"value": "", "text": "Any"}, *contacts],
            "query": urlencode({"q": search.words, "contact": asked if contact else ""}),
        },
    )


async def carer(look: Look) -> Page:
    view = await view_carer(look.session, look.number("carer"), look.now, look.own_households)
    if view is None:
        raise web.HTTPNotFound
    return Page("staff/carer.html", {"view": view})


async def make_link(deed: Deed) -> Shown | Page:
    view = await view_carer(deed.session, deed.number("carer"), deed.now, deed.own_households)
    token = view and await give_link(deed.session, view.carer.id, deed.staff, deed.now)
    if not view or not token:
        raise web.HTTPNotFound
    back = f"/carers/{view.carer.id}"
    page = personal_link(deed, view.carer.name, token, back=back, back_text=view.carer.name)
    return Shown(page, back, "A link was made a moment ago and shown once. Make another if you need one.")


async def ask_to_disconnect(look: Look) -> Page:
    view = await view_carer(look.session, look.number("carer"), look.now, look.own_households)
    if view is None:
        raise web.HTTPNotFound
    name, back = view.carer.name, f"/carers/{view.carer.id}"
    lines = (
        f"The bot forgets the chat in which it talks to {name}, and links given out so far stop working.",
        "Nothing else is lost. A new personal link connects them again.",
    )
    context = {"title": f"Disconnect {name}?", "lines": lines, "back": back, "warning": True}
    return Page("staff/confirm.html", {**context, "action": f"{back}/disconnect", "button": "Disconnect"})


async def disconnect_phone(deed: Deed) -> Done:
    view = await view_carer(deed.session, deed.number("carer"), deed.now, deed.own_households)
    if view is None:
        raise web.HTTPNotFound
    done = await disconnect(deed.session, view.carer.id, deed.staff, deed.now)
    said = f"{view.carer.name} is disconnected." if done else f"{view.carer.name} was not connected."
    return Done(f"/carers/{view.carer.id}", said)
