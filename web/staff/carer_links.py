"""What staff hand to a carer: a personal link, a letter with one, a way to their own page; and its end."""

from aiohttp import web

from carers.handing_out import (
    disconnect,
    end_all_links,
    give_link,
    give_page,
    link_letter,
    withdraw_links,
)
from carers.pages import Purpose, by_hand
from carers.roles import Action
from web.staff.carers import the_carer
from web.staff.links import AGAIN, letters_to_print, own_page, personal_link
from web.staff.views import Deed, Done, Look, Page, Route, Shown, do, see
from web.staff.words import plural

LINK = Action.LINK_CARERS


def routes() -> list[Route]:
    one = "/carers/{carer}"
    return [
        do(f"{one}/link", LINK, make_link),
        do(f"{one}/letter", LINK, print_letter),
        see(f"{one}/withdraw", LINK, ask_to_withdraw),
        do(f"{one}/withdraw", LINK, withdraw),
        see(f"{one}/disconnect", LINK, ask_to_disconnect),
        do(f"{one}/disconnect", LINK, disconnect_phone),
        do(f"{one}/page", LINK, show_page),
        see(f"{one}/end-links", LINK, ask_to_end_links),
        do(f"{one}/end-links", LINK, end_links),
    ]


async def make_link(deed: Deed) -> Shown | Page:
    view = await the_carer(deed)
    token = await give_link(deed.session, view.carer.id, deed.staff, deed.now, deed.today)
    if not token:
        raise web.HTTPNotFound
    back = f"/carers/{view.carer.id}"
    page = personal_link(deed, view.carer.name, token, back=back, back_text=view.carer.name)
    return Shown(page, back, AGAIN)


async def print_letter(deed: Deed) -> Shown | Done:
    """A letter with a QR code, to print now: it holds a fresh link, which is nowhere else."""
    view = await the_carer(deed)
    back = f"/carers/{view.carer.id}"
    bot = deed.parts.bot_username()
    if not bot:
        return Done(
            back, "Nothing was made: the bot’s name is not known yet. It is once the bot has started."
        )
    letter = await link_letter(deed.session, view.carer.id, bot, deed.staff, deed.now, deed.today)
    if letter is None:
        raise web.HTTPNotFound
    page = letters_to_print([letter], left=0, back=back, back_text=view.carer.name)
    return Shown(page, back, "A letter was made a moment ago and shown once. Make another if you need one.")


async def ask_to_withdraw(look: Look) -> Page:
    view = await the_carer(look)
    name, back = view.carer.name, f"/carers/{view.carer.id}"
    number = view.carer.links.number if view.carer.links else 0
    lines = (
        f"{plural(number, 'link')} to the bot that {name} has not used will open nothing any more, on paper "
        "and as a QR code too. Do this when one fell into the wrong hands.",
        "A chat that is connected stays so. A new link works.",
    )
    context = {"title": f"End the unused links of {name}?", "lines": lines, "back": back, "warning": True}
    return Page("staff/confirm.html", {**context, "action": f"{back}/withdraw", "button": "End them"})


async def withdraw(deed: Deed) -> Done:
    view = await the_carer(deed)
    number = await withdraw_links(deed.session, view.carer.id, deed.staff, deed.now)
    said = f"{plural(number, 'unused link')} ended." if number else "There was no unused link."
    return Done(f"/carers/{view.carer.id}", said)


async def ask_to_disconnect(look: Look) -> Page:
    view = await the_carer(look)
    name, back = view.carer.name, f"/carers/{view.carer.id}"
    shares = f" {view.shares[0]} has the same chat and keeps it." if view.shares else ""
    lines = (
        f"The bot forgets the chat in which it talks to {name}, and links given out so far stop working."
        f"{shares}",
        "Nothing else is lost. A new personal link connects them again.",
    )
    context = {"title": f"Disconnect {name}?", "lines": lines, "back": back, "warning": True}
    return Page("staff/confirm.html", {**context, "action": f"{back}/disconnect", "button": "Disconnect"})


async def disconnect_phone(deed: Deed) -> Done:
    view = await the_carer(deed)
    done = await disconnect(deed.session, view.carer.id, deed.staff, deed.now)
    said = f"{view.carer.name} is disconnected." if done else f"{view.carer.name} was not connected."
    return Done(f"/carers/{view.carer.id}", said)


async def show_page(deed: Deed) -> Shown:
    """A link to the carer's own page, to hold under a telephone, to print, or to read out as a code."""
    view, parts = await the_carer(deed), deed.parts
    given = await give_page(deed.session, view.carer.id, parts.secret_key, deed.staff, deed.now, deed.today)
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
