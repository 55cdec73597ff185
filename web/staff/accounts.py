"""Accounts of staff, for an administrator: find, look at, add, give a link, sign out, end and bring back."""

from collections.abc import Sequence
from urllib.parse import urlencode

from aiohttp import web

from carers.accounts import (
    Ended,
    Refused,
    Wanted,
    add_account,
    bring_back,
    end_account,
    give_staff_link,
    sign_out_colleague,
)
from carers.colleagues import Colleague, Show, colleague, find_colleagues
from carers.roles import Action, Role
from web.staff.forms import Form
from web.staff.links import AGAIN, personal_link
from web.staff.views import Deed, Done, Look, Page, Route, Shown, do, see
from web.staff.words import in_words, plural

ROLE_HINTS = {
    Role.COORDINATOR: "Runs the programme: events, surveys, messages. Alone sees access and dietary needs.",
    Role.SOCIAL_WORKER: "Sees and acts for their own households only.",
    Role.MANAGER: "As a coordinator; reads the audit log and decides on erasure too.",
    Role.ADMINISTRATOR: "Accounts, the audit log, erasure; reads nothing that carers wrote.",
}
SHOWN = {
    Show.HERE: "Who works here",
    Show.NOT_CONNECTED: "Who has never connected to the bot",
    Show.NO_WAY_IN: "Who cannot ask for a sign-in link",
    Show.LEFT: "Who has left",
}
REFUSALS = {
    Refused.NAME_TAKEN: ("name", "Somebody of this name works here already. Change their role on their page"),
    Refused.ADDRESS_TAKEN: ("email", "Somebody else who works here has this address already"),
    Refused.LAST_ADMINISTRATOR: ("role", "This is the last administrator. Add another first"),
}
NOT_BACK = {
    Refused.NOT_FOUND: "They have access.",
    Refused.NAME_TAKEN: "Somebody of the same name works here now. Change that name first.",
    Refused.ADDRESS_TAKEN: "Somebody who works here has their address now. Change that address first.",
}


def routes() -> list[Route]:
    return [
        see("/staff", Action.MANAGE_STAFF, accounts),
        see("/staff/new", Action.MANAGE_STAFF, new_account),
        do("/staff/new", Action.MANAGE_STAFF, add),
        see("/staff/{staff}", Action.MANAGE_STAFF, account),
        do("/staff/{staff}/link", Action.MANAGE_STAFF, make_link),
        do("/staff/{staff}/sign-out", Action.MANAGE_STAFF, sign_out),
        see("/staff/{staff}/end", Action.MANAGE_STAFF, ask_to_end),
        do("/staff/{staff}/end", Action.MANAGE_STAFF, end),
        see("/staff/{staff}/back", Action.MANAGE_STAFF, ask_to_bring_back),
        do("/staff/{staff}/back", Action.MANAGE_STAFF, back),
    ]


async def accounts(look: Look) -> Page:
    words, show, found = await asked(look)
    choices = [{"value": one.value, "text": text} for one, text in SHOWN.items()]
    query = urlencode({"q": words, "show": show.value})
    context = {"found": found, "words": words, "choices": choices, "show": show, "query": query}
    return Page("staff/accounts.html", context)


async def asked(look: Look) -> tuple[str, Show, Sequence[Colleague]]:
    """What the address asks for, and whom that finds."""
    words, wanted = look.asked("q"), look.asked("show")
    show = Show(wanted) if wanted in set(Show) else Show.HERE
    return words, show, await find_colleagues(look.session, look.now, look.today, words, show)


async def account(look: Look) -> Page:
    found = await its_colleague(look)
    return Page("staff/account.html", {"one": found.account, "found": found})


async def new_account(look: Look) -> Page:
    return _form(Form())


def _form(form: Form) -> Page:
    return Page("staff/account_new.html", {"form": form, "roles": role_choices()})


def role_choices() -> list[dict[str, object]]:
    """The roles as radio buttons, each with what it is for."""
    return [
        {"value": role.value, "text": in_words(role), "hint": {"text": ROLE_HINTS[role]}} for role in Role
    ]


def wanted_of(form: Form) -> Wanted | None:
    """What was typed about somebody; None with errors noted."""
    name = " ".join(form.words("name", required="Enter the person’s name").split())
    email = form.address("email")
    role = form.choice("role", set(Role), required="Choose what the person may do")
    return None if form.errors else Wanted(name, Role(role), email)


async def add(deed: Deed) -> Shown | Page:
    wanted = wanted_of(deed.form)
    if wanted is None:
        return _form(deed.form)
    added = await add_account(deed.session, wanted, deed.staff, deed.now)
    if isinstance(added, Refused):
        deed.form.fail(*REFUSALS[added])
        return _form(deed.form)
    member, token = added
    page = personal_link(deed, member.name, token, back=f"/staff/{member.id}", back_text=member.name)
    return Shown(page, f"/staff/{member.id}", AGAIN)


async def make_link(deed: Deed) -> Shown | Page:
    one = (await its_colleague(deed)).account
    token = await give_staff_link(deed.session, one.id, deed.staff, deed.now)
    if token is None:
        raise web.HTTPNotFound
    page = personal_link(deed, one.name, token, back=f"/staff/{one.id}", back_text=one.name)
    return Shown(page, f"/staff/{one.id}", AGAIN)


async def sign_out(deed: Deed) -> Done:
    one = (await its_colleague(deed)).account
    if one.id == deed.staff.id:
        return Done("/account", "To sign yourself out elsewhere, choose the browsers here.")
    number = await sign_out_colleague(deed.session, one.id, deed.staff, deed.now) or 0
    said = f"{one.name} is signed out of {plural(number, 'browser')}, and links on their way are worthless."
    return Done(f"/staff/{one.id}", said)


async def ask_to_end(look: Look) -> Page:
    found = await its_colleague(look)
    one = found.account
    lines = [
        f"{one.name} is signed out of every browser and of the bot at once.",
        "What they did stays in the audit log. You can bring them back later.",
    ]
    if found.households:
        kept = f"{plural(found.households, 'household keeps', 'households keep')} them as social worker"
        lines.append(f"{kept} until the register or the household’s page says otherwise.")
    context = {
        "title": f"End {one.name}’s access?",
        "lines": lines,
        "back": f"/staff/{one.id}",
        "warning": True,
    }
    action = f"/staff/{one.id}/end"
    return Page("staff/confirm.html", {**context, "action": action, "button": "End access"})


async def end(deed: Deed) -> Done:
    one = (await its_colleague(deed)).account
    outcome = await end_account(deed.session, one.id, deed.staff, deed.now, deed.today)
    said = {
        Ended.ENDED: f"{one.name} has no access any more.",
        Ended.YOURSELF: "You cannot end your own access. Ask another administrator.",
        Ended.LAST_ADMINISTRATOR: f"{one.name} is the last administrator. Add another first.",
        Ended.NOT_FOUND: f"{one.name} had no access.",
    }
    return Done("/staff", said[outcome])


async def ask_to_bring_back(look: Look) -> Page:
    one = (await its_colleague(look)).account
    if one.left_on is None:
        return await account(look)
    lines = (
        f"{one.name} gets access again as {in_words(one.role).lower()}.",
        "The next page shows the link by which they connect their Telegram account anew.",
    )
    context = {"title": f"Bring {one.name} back?", "lines": lines, "back": f"/staff/{one.id}"}
    action = f"/staff/{one.id}/back"
    return Page("staff/confirm.html", {**context, "action": action, "button": "Bring back"})


async def back(deed: Deed) -> Shown | Done:
    one = (await its_colleague(deed)).account
    brought = await bring_back(deed.session, one.id, deed.staff, deed.now)
    if isinstance(brought, Refused):
        return Done(f"/staff/{one.id}", f"{one.name} was not brought back. {NOT_BACK[brought]}")
    member, token = brought
    page = personal_link(deed, member.name, token, back=f"/staff/{member.id}", back_text=member.name)
    return Shown(page, f"/staff/{member.id}", AGAIN)


async def its_colleague(look: Look) -> Colleague:
    """Whoever the address names. Raises 404 for nobody."""
    found = await colleague(look.session, look.number("staff"), look.now, look.today)
    if found is None:
        raise web.HTTPNotFound
    return found
