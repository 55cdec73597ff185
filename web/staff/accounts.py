"""Accounts of staff, for an administrator: list, add, give a link, end."""

from aiohttp import web

from carers.accounts import Account, Ended, add_account, end_account, give_staff_link, list_accounts
from carers.roles import Action, Role
from web.staff.forms import Form
from web.staff.links import personal_link
from web.staff.views import Deed, Done, Look, Page, Route, Shown, do, see
from web.staff.words import in_words

ROLE_HINTS = {
    Role.COORDINATOR: "Runs the programme: events, surveys, messages. Alone sees access and dietary needs.",
    Role.SOCIAL_WORKER: "Sees and acts for their own households only.",
    Role.MANAGER: "As a coordinator; reads the audit log and decides on erasure too.",
    Role.ADMINISTRATOR: "Accounts, the audit log, erasure; reads nothing that carers wrote.",
}
AGAIN = "A link was made a moment ago and shown once. Make another if you need one."


def routes() -> list[Route]:
    return [
        see("/staff", Action.MANAGE_STAFF, accounts),
        see("/staff/new", Action.MANAGE_STAFF, new_account),
        do("/staff/new", Action.MANAGE_STAFF, add),
        do("/staff/{staff}/link", Action.MANAGE_STAFF, make_link),
        see("/staff/{staff}/end", Action.MANAGE_STAFF, ask_to_end),
        do("/staff/{staff}/end", Action.MANAGE_STAFF, end),
    ]


async def accounts(look: Look) -> Page:
    return Page("staff/accounts.html", {"accounts": await list_accounts(look.session, look.now)})


async def new_account(look: Look) -> Page:
    return _form(Form())


def _form(form: Form) -> Page:
    roles = [
        {"value": role.value, "text": in_words(role), "hint": {"text": ROLE_HINTS[role]}} for role in Role
    ]
    return Page("staff/account_new.html", {"form": form, "roles": roles})


async def add(deed: Deed) -> Shown | Page:
    form = deed.form
    name = form.words("name", required="Enter the person's name")
    email = form.words("email", most=254)
    role = form.choice("role", set(Role), required="Choose what the person may do")
    if email and "@" not in email:
        form.fail("email", "Enter an email address like name@example.org, or leave it empty")
    if form.errors:
        return _form(form)
    member, token = await add_account(deed.session, name, Role(role), deed.staff, deed.now, email)
    page = personal_link(deed, member.name, token, back="/staff", back_text="staff")
    return Shown(page, "/staff", AGAIN)


async def make_link(deed: Deed) -> Shown | Page:
    member = await _account(deed)
    token = await give_staff_link(deed.session, member.id, deed.staff, deed.now)
    if token is None:
        raise web.HTTPNotFound
    page = personal_link(deed, member.name, token, back="/staff", back_text="staff")
    return Shown(page, "/staff", AGAIN)


async def ask_to_end(look: Look) -> Page:
    member = await _account(look)
    lines = (
        f"{member.name} is signed out of every browser and of the bot at once.",
        "What they did stays in the audit log. Households keep their name until the register says otherwise.",
    )
    context = {"title": f"End {member.name}'s access?", "lines": lines, "back": "/staff", "warning": True}
    action = f"/staff/{member.id}/end"
    return Page("staff/confirm.html", {**context, "action": action, "button": "End access"})


async def end(deed: Deed) -> Done:
    member = await _account(deed)
    today = deed.now.astimezone(deed.zone).date()
    outcome = await end_account(deed.session, member.id, deed.staff, deed.now, today)
    said = {
        Ended.ENDED: f"{member.name} has no access any more.",
        Ended.YOURSELF: "You cannot end your own access. Ask another administrator.",
        Ended.NOT_FOUND: f"{member.name} had no access.",
    }
    return Done("/staff", said[outcome])


async def _account(look: Look) -> Account:
    wanted = look.number("staff")
    found = next((one for one in await list_accounts(look.session, look.now) if one.id == wanted), None)
    if found is None:
        raise web.HTTPNotFound
    return found
