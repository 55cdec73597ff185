"""Carers: finding one, by which way they are told, links that connect them or open their own page."""

from urllib.parse import urlencode

from aiohttp import web

from carers.channels import Channel, Chosen, choose_channel, clear_email_failure
from carers.directory import (
    NO_WAY,
    CarerView,
    Contact,
    Search,
    count_by_channel,
    count_by_contact,
    disconnect,
    end_all_links,
    give_link,
    give_page,
    list_carers,
    view_carer,
)
from carers.pages import Purpose, by_hand
from carers.roles import Action
from web.staff.links import own_page, personal_link
from web.staff.views import Deed, Done, Look, Page, Route, Shown, do, see
from web.staff.words import channel_in_words, in_words


def routes() -> list[Route]:
    return [
        see("/carers", Action.SEE_CARERS, carers),
        see("/carers/{carer}", Action.SEE_CARERS, carer),
        do("/carers/{carer}/link", Action.LINK_CARERS, make_link),
        see("/carers/{carer}/disconnect", Action.LINK_CARERS, ask_to_disconnect),
        do("/carers/{carer}/disconnect", Action.LINK_CARERS, disconnect_phone),
        do("/carers/{carer}/way", Action.LINK_CARERS, choose_way),
        do("/carers/{carer}/email", Action.LINK_CARERS, try_email_again),
        do("/carers/{carer}/page", Action.LINK_CARERS, show_page),
        see("/carers/{carer}/end-links", Action.LINK_CARERS, ask_to_end_links),
        do("/carers/{carer}/end-links", Action.LINK_CARERS, end_links),
    ]


async def carers(look: Look) -> Page:
    asked = look.asked("contact")
    contact = Contact(asked) if asked in set(Contact) else None
    way = look.asked("way") if look.asked("way") in (*Channel, NO_WAY) else ""
    search = Search(look.asked("q"), contact, look.own_households, way)
    found = await list_carers(look.session, search, look.now, look.zone, look.page)
    counts = await count_by_contact(look.session, look.now, look.zone, look.own_households)
    contacts = [{"value": one.value, "text": in_words(one)} for one in Contact]
    ways = [{"value": one, "text": channel_in_words(one)} for one in (*Channel, NO_WAY)]
    return Page(
        "staff/carers.html",
        {
            "search": search,
            "found": found,
            "counts": counts,
            "by_way": await count_by_channel(look.session, look.now, look.zone, look.own_households),
            "own": look.own_households is not None,
            "contacts": [{"value": "", "text": "Any"}, *contacts],
            "ways": [{"value": "", "text": "Any"}, *ways],
            "query": urlencode({"q": search.words, "contact": asked if contact else "", "way": way}),
        },
    )


async def carer(look: Look) -> Page:
    view = await the_carer(look)
    context = {"view": view, "why": why_this_way(view), "choices": _choices(view)}
    return Page("staff/carer.html", context)


async def the_carer(look: Look) -> CarerView:
    """The carer of the address as this person may see them. Raises 404 where there is none."""
    view = await view_carer(look.session, look.number("carer"), look.now, look.own_households)
    if view is None:
        raise web.HTTPNotFound
    return view


def why_this_way(view: CarerView) -> str:
    """Why a carer is told by the way by which they are told."""
    way, chosen = view.ways.way, view.chosen
    if chosen is not None and way == chosen:
        return "It was chosen for them."
    wanted = "Email was chosen, but their address takes none. " if chosen is Channel.EMAIL else ""
    match way:
        case Channel.APP:
            return f"{wanted}They are connected to the bot."
        case Channel.EMAIL:
            return "The bot does not reach them, and the register has an email address."
        case _:
            return wanted + _why_no_way(view)


def _why_no_way(view: CarerView) -> str:
    bot = "They blocked the bot or their account is gone" if view.carer.why else "They have not connected"
    if not view.ways.mail_on:
        return f"{bot}, and this service sends no email."
    if view.email_failed_at is not None:
        return f"{bot}, and their email address does not work."
    return f"{bot}, and the register has no email address."


def _choices(view: CarerView) -> list[dict[str, object]]:
    """The ways to choose from; email only where it would arrive."""
    usual = "The bot, or email where the bot does not reach them" if view.ways.mail_on else "The bot"
    mail = view.ways.takes_mail or view.chosen is Channel.EMAIL
    offered = (
        ("app", usual, "", True),
        ("email", "Email", "Even where they have the bot.", mail),
        ("letter", "Letters", "You print and post them, or ring where a letter would come too late.", True),
    )
    return [
        {"value": value, "text": text, "hint": {"text": hint} if hint else None}
        for value, text, hint, there in offered
        if there
    ]


async def choose_way(deed: Deed) -> Done:
    view = await the_carer(deed)
    channel = deed.form.choice("way", Channel, required="Choose a way")
    back = "/not-reached" if deed.form.text("from") == "not-reached" else f"/carers/{view.carer.id}#way"
    if not channel:
        return Done(back, "Nothing was changed: choose a way first.")
    outcome = await choose_channel(deed.session, view.carer.id, Channel(channel), deed.staff, deed.now)
    said = {
        Chosen.CHOSEN: f"{view.carer.name}: {in_words(channel).lower()} from now on.",
        Chosen.NO_MAIL: f"{view.carer.name} has no email address that takes mail. Nothing was changed.",
    }
    return Done(back, said.get(outcome, "It was so already."))


async def try_email_again(deed: Deed) -> Done:
    view = await the_carer(deed)
    done = await clear_email_failure(deed.session, view.carer.id, deed.staff, deed.now)
    said = "The next message by email tries the address again." if done else "The address had not failed."
    return Done(f"/carers/{view.carer.id}#way", said)


async def show_page(deed: Deed) -> Shown:
    """A link to the carer's own page, to hold under a telephone, to print, or to read out as a code."""
    view, parts = await the_carer(deed), deed.parts
    given = await give_page(deed.session, view.carer.id, parts.secret_key, deed.staff, deed.now)
    if given is None:
        raise web.HTTPNotFound
    back = f"/carers/{view.carer.id}"
    link = parts.pages.link(given.carer_id, given.page_number, Purpose.HOME, 0, deed.now, by_hand())
    page = own_page(deed, view.carer.name, link, given.code, back=back)
    return Shown(
        page, back, "A page link was made a moment ago and shown once. Make another if you need one."
    )


async def ask_to_end_links(look: Look) -> Page:
    view = await the_carer(look)
    name, back = view.carer.name, f"/carers/{view.carer.id}"
    lines = (
        f"Every link and code that {name} was given so far stops working: in emails, on letters, and the "
        "address of their calendar. Do this when one fell into the wrong hands.",
        "What we send from now on has new ones. Their chat with the bot stays connected.",
    )
    context = {"title": f"End the links of {name}?", "lines": lines, "back": back, "warning": True}
    return Page("staff/confirm.html", {**context, "action": f"{back}/end-links", "button": "End all links"})


async def end_links(deed: Deed) -> Done:
    view = await the_carer(deed)
    await end_all_links(deed.session, view.carer.id, deed.staff, deed.now)
    return Done(f"/carers/{view.carer.id}", f"The links of {view.carer.name} have ended.")


async def make_link(deed: Deed) -> Shown | Page:
    view = await the_carer(deed)
    token = await give_link(deed.session, view.carer.id, deed.staff, deed.now)
    if not token:
        raise web.HTTPNotFound
    back = f"/carers/{view.carer.id}"
    page = personal_link(deed, view.carer.name, token, back=back, back_text=view.carer.name)
    return Shown(page, back, "A link was made a moment ago and shown once. Make another if you need one.")


async def ask_to_disconnect(look: Look) -> Page:
    view = await the_carer(look)
    name, back = view.carer.name, f"/carers/{view.carer.id}"
    lines = (
        f"The bot forgets the chat in which it talks to {name}, and links given out so far stop working.",
        "Nothing else is lost. A new personal link connects them again.",
    )
    context = {"title": f"Disconnect {name}?", "lines": lines, "back": back, "warning": True}
    return Page("staff/confirm.html", {**context, "action": f"{back}/disconnect", "button": "Disconnect"})


async def disconnect_phone(deed: Deed) -> Done:
    view = await the_carer(deed)
    done = await disconnect(deed.session, view.carer.id, deed.staff, deed.now)
    said = f"{view.carer.name} is disconnected." if done else f"{view.carer.name} was not connected."
    return Done(f"/carers/{view.carer.id}", said)
