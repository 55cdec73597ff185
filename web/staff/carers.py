"""Carers: finding one, how they stand, and by which way they are told."""

from collections.abc import Iterable
from urllib.parse import urlencode

from aiohttp import web

from carers.accounts import list_accounts
from carers.channels import Channel, Chosen, choose_channel, clear_email_failure, hold_carer
from carers.directory import (
    NO_WAY,
    NO_WORKER,
    CarerView,
    Contact,
    Search,
    count_by_channel,
    count_by_contact,
    list_carers,
    view_carer,
)
from carers.roles import Action, Role
from carers.sent_forms import Undo
from carers.timeline import timeline_of
from carers.topics import Topic
from web.staff.marks import FIELD, is_outdated
from web.staff.views import Deed, Done, Look, Page, Route, do, see
from web.staff.words import channel_in_words, in_words, topic_in_words
from web.whole_numbers import whole_number


def routes() -> list[Route]:
    return [
        see("/carers", Action.SEE_CARERS, carers),
        see("/carers/{carer}", Action.SEE_CARERS, carer),
        do("/carers/{carer}/way", Action.LINK_CARERS, choose_way),
        do("/carers/{carer}/email", Action.LINK_CARERS, try_email_again),
    ]


MOST_PAGES = 100
"""Further back no timeline of one carer goes."""
LINKS = {"out": True, "none": False}
"""In the address of the list: whether somebody has a personal link that was not used."""


async def carers(look: Look) -> Page:
    search = await searched(look)
    found = await list_carers(look.session, search, look.now, look.zone, look.page)
    own = look.own_households is not None
    return Page(
        "staff/carers.html",
        {
            "search": search,
            "asked": _asked(look, search),
            "found": found,
            "counts": await count_by_contact(look.session, look.now, look.zone, look.own_households),
            "by_way": await count_by_channel(look.session, look.now, look.zone, look.own_households),
            "own": own,
            "contacts": _items((one.value, in_words(one)) for one in Contact),
            "ways": _items((one, channel_in_words(one)) for one in (*Channel, NO_WAY)),
            "links": _items((("out", "Given, not used"), ("none", "None yet"))),
            "topics": _items((one.value, topic_in_words(one)) for one in Topic),
            "workers": [] if own else _items(await workers(look)),
            "query": urlencode(_asked(look, search)),
        },
    )


async def searched(look: Look) -> Search:
    """What the address asks for; what it asks for wrongly is left out."""
    contact, way, off = look.asked("contact"), look.asked("way"), look.asked("off")
    return Search(
        words=look.asked("q"),
        contact=Contact(contact) if contact in set(Contact) else None,
        social_worker_id=look.own_households or _worker(look.asked("worker")),
        way=way if way in (*Channel, NO_WAY) else "",
        link=LINKS.get(look.asked("link")),
        turned_off=off if off in set(Topic) else "",
    )


def _worker(asked: str) -> int | None:
    return whole_number(asked)


def _asked(look: Look, search: Search) -> dict[str, str]:
    """What was asked for and understood, as it stands in an address."""
    names = {True: "out", False: "none", None: ""}
    worker = "" if look.own_households is not None else search.social_worker_id
    asked = {
        "q": search.words,
        "contact": search.contact or "",
        "way": search.way,
        "link": names[search.link],
        "off": search.turned_off,
        "worker": "" if worker is None else str(worker),
    }
    return {name: str(value) for name, value in asked.items() if value}


async def workers(look: Look) -> list[tuple[str, str]]:
    """The social workers by whom lists can be narrowed, and "none"."""
    staff = await list_accounts(look.session, look.now)
    named = [(str(one.id), one.name) for one in staff if one.role is Role.SOCIAL_WORKER]
    return [*sorted(named, key=lambda one: one[1]), (str(NO_WORKER), "No social worker")]


def _items(choices: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"value": "", "text": "Any"}, *({"value": value, "text": text} for value, text in choices)]


async def carer(look: Look) -> Page:
    view = await the_carer(look)
    context = {
        "view": view,
        "why": why_this_way(view),
        "choices": _choices(view),
        "today": look.today,
        "timeline": await timeline_of(look.session, view.carer.id, look.zone, min(look.page, MOST_PAGES)),
    }
    return Page("staff/carer.html", context)


async def the_carer(look: Look) -> CarerView:
    """The carer of the address as this person may see them. Raises 404 where there is none."""
    view = await view_carer(look.session, look.number("carer"), look.now, look.today, look.own_households)
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
    await hold_carer(deed.session, deed.number("carer"))
    view = await the_carer(deed)
    channel = deed.form.choice("way", Channel, required="Choose a way")
    back = "/not-reached" if deed.form.text("from") == "not-reached" else f"/carers/{view.carer.id}#way"
    if not channel:
        return Done(back, "Nothing was changed: choose a way first.")
    if is_outdated(deed.form, view.chosen or Channel.APP):
        return Done(back, "Nothing was changed: the way was changed meanwhile. Look at it, then choose.")
    outcome = await choose_channel(deed.session, view.carer.id, Channel(channel), deed.staff, deed.now)
    said = {
        Chosen.CHOSEN: f"{view.carer.name}: {in_words(channel).lower()} from now on.",
        Chosen.NO_MAIL: f"{view.carer.name} has no email address that takes mail. Nothing was changed.",
    }
    undo = Undo(f"/carers/{view.carer.id}/way", {"way": view.chosen or Channel.APP, FIELD: channel})
    return Done(back, said.get(outcome, "It was so already."), undo if outcome is Chosen.CHOSEN else None)


async def try_email_again(deed: Deed) -> Done:
    view = await the_carer(deed)
    done = await clear_email_failure(deed.session, view.carer.id, deed.staff, deed.now)
    said = "The next message by email tries the address again." if done else "The address had not failed."
    return Done(f"/carers/{view.carer.id}#way", said)
