"""Changing a colleague's name, role and address, for an administrator."""

from aiohttp import web

from carers.accounts import Refused, Wanted, change_account
from carers.colleagues import Colleague
from carers.roles import Action, Role
from web.staff.accounts import REFUSALS, its_colleague, role_choices, wanted_of
from web.staff.forms import Form
from web.staff.views import Deed, Done, Look, Page, Route, do, see
from web.staff.words import in_words, plural

NOW_IT_IS = "A colleague has changed this meanwhile: it is now “{}”. Save again to have it as it stands here"


def routes() -> list[Route]:
    return [
        see("/staff/{staff}/edit", Action.MANAGE_STAFF, show),
        do("/staff/{staff}/edit", Action.MANAGE_STAFF, change),
    ]


async def show(look: Look) -> Page:
    found = await _who_works_here(look)
    one = found.account
    form = Form.filled({"name": one.name, "email": one.email, "role": one.role.value, "version": one.version})
    return _page(found, form)


def _page(found: Colleague, form: Form, version: int | None = None) -> Page:
    seen = form.text("version") if version is None else version
    context = {"form": form, "one": found.account, "roles": role_choices(), "version": seen}
    homes = found.households if found.account.role is Role.SOCIAL_WORKER else 0
    return Page("staff/account_form.html", {**context, "homes": homes})


async def change(deed: Deed) -> Done | Page:
    found, form = await _who_works_here(deed), deed.form
    one = found.account
    wanted = wanted_of(form)
    if wanted is None:
        return _page(found, form)
    version = form.count("version", what="Version") or 0
    refused = await change_account(deed.session, one.id, version, wanted, deed.staff, deed.now)
    if refused is Refused.NOT_FOUND:
        raise web.HTTPNotFound
    if refused is Refused.UNCHANGED:
        return Done(f"/staff/{one.id}", "Nothing was changed.")
    if refused is Refused.CHANGED_MEANWHILE:
        _say_what_it_is_now(form, found, wanted)
        return _page(found, form, one.version)
    if refused is not None:
        form.fail(*REFUSALS[refused])
        return _page(found, form)
    return Done(f"/staff/{one.id}", _said(found, wanted))


def _say_what_it_is_now(form: Form, found: Colleague, wanted: Wanted) -> None:
    """What was typed stays; beside whatever differs stands what a colleague has saved."""
    one = found.account
    for name, saved, typed in (
        ("name", one.name, wanted.name),
        ("email", one.email or "empty", wanted.email or "empty"),
        ("role", in_words(one.role), in_words(wanted.role)),
    ):
        if saved != typed:
            form.fail(name, NOW_IT_IS.format(saved))


def _said(found: Colleague, wanted: Wanted) -> str:
    one, said = found.account, f"{wanted.name} is changed."
    if one.role is Role.SOCIAL_WORKER and wanted.role is not one.role and found.households:
        homes = plural(found.households, "household still has", "households still have")
        said += f" {homes} them as social worker."
    return said


async def _who_works_here(look: Look) -> Colleague:
    found = await its_colleague(look)
    if found.account.left_on is not None:
        raise web.HTTPNotFound
    return found
