"""The carers of a household: changing and adding one, and one who leaves, comes back or moves."""

from datetime import date
from typing import Any

from aiohttp import web

from carers.household_edits import (
    CarerFacts,
    Edited,
    add_carer,
    carer_for_edit,
    edit_carer,
    facts_for_edit,
    facts_of_carer,
    mark,
)
from carers.households import HouseholdSearch, HouseholdView, Member, carer_name, list_households
from carers.leaving import Left, LeftOutcome, leave_household, move_carer, return_to_household
from carers.roles import Action
from events.invitations import invite_newcomer
from web.staff.forms import Form, split_day
from web.staff.household_fields import filled_carer, languages, read_carer, read_new_carer
from web.staff.household_form import REFUSED, TAKEN, said
from web.staff.households import the_household
from web.staff.views import Deed, Done, Look, Page, Route, do, see

ONE = "/households/{household}/carers/{carer}"
MOST_FOUND = 20


def routes() -> list[Route]:
    return [
        see("/households/{household}/carers/new", Action.EDIT_HOUSEHOLDS, new),
        do("/households/{household}/carers/new", Action.EDIT_HOUSEHOLDS, make),
        see(f"{ONE}/edit", Action.EDIT_HOUSEHOLDS, edit),
        do(f"{ONE}/edit", Action.EDIT_HOUSEHOLDS, save),
        see(f"{ONE}/leave", Action.EDIT_HOUSEHOLDS, ask_to_leave),
        do(f"{ONE}/leave", Action.EDIT_HOUSEHOLDS, leave),
        see(f"{ONE}/return", Action.EDIT_HOUSEHOLDS, ask_to_return),
        do(f"{ONE}/return", Action.EDIT_HOUSEHOLDS, take_back),
        see(f"{ONE}/move", Action.EDIT_HOUSEHOLDS, ask_to_move),
        do(f"{ONE}/move", Action.EDIT_HOUSEHOLDS, move),
    ]


async def new(look: Look) -> Page:
    return _new_page(await the_household(look), Form.filled({"language": "en"}))


async def make(deed: Deed) -> Done | Page:
    view, form = await the_household(deed), deed.form
    one = read_new_carer(form, _today(deed), main=form.text("main") == "yes")
    if one is None:
        return _new_page(view, form)
    outcome = await add_carer(deed.session, view.line.id, one, deed.staff, deed.now, deed.zone)
    back = f"/households/{view.line.id}"
    match outcome.result:
        case Edited.REF_TAKEN:
            form.fail("ref", TAKEN)
            return _new_page(view, form)
        case Edited.SAVED:
            name = f"{one.facts.first_name} {one.facts.last_name}".strip()
            return Done(back, f"{name} is added. Give them a personal link to connect their phone.")
        case Edited.FULL:
            return Done(back, "Nobody was added: this household has two carers.")
        case _:
            return Done(back, "Nobody was added: the approval of this household has ended.")


def _new_page(view: HouseholdView, form: Form) -> Page:
    context = {"form": form, "view": view, "languages": languages(), "member": None, "outdated": False}
    return Page("staff/household_carer.html", context)


async def edit(look: Look) -> Page:
    view, member = await _one(look)
    facts = await _facts(look, view, member)
    return _edit_page(view, member, Form.filled(filled_carer(facts)), facts)


async def save(deed: Deed) -> Done | Page:
    view, member = await _one(deed)
    now_is, form = await _facts(deed, view, member), deed.form
    facts = read_carer(form, _today(deed), main=form.text("main") == "yes")
    if facts is None:
        return _edit_page(view, member, form, now_is, was=form.text("was"))
    outcome = await edit_carer(
        deed.session, member.id, facts, form.text("was"), deed.staff, deed.now, deed.zone
    )
    if outcome.result is Edited.OUTDATED:
        return _edit_page(view, member, form, now_is, outdated=True)
    back = f"/households/{view.line.id}"
    if outcome.result is Edited.NOT_KEPT:
        return Done(back, "Nothing was changed: of who has left no name or contact is kept.")
    return Done(back, said(outcome, f"{facts.first_name} {facts.last_name}".strip() + " is saved."))


async def _facts(look: Look, view: HouseholdView, member: Member) -> CarerFacts:
    """What stands there of a carer who can be changed. Raises 404 for who has left."""
    found = await carer_for_edit(look.session, view.line.id, member.id, look.own_households)
    if found is None or view.line.has_ended or member.left_on or member.erased:
        raise web.HTTPNotFound
    return facts_of_carer(found[1])


def _edit_page(
    view: HouseholdView,
    member: Member,
    form: Form,
    now_is: CarerFacts,
    *,
    was: str = "",
    outdated: bool = False,
) -> Page:
    context = {"form": form, "view": view, "member": member, "languages": languages(), "now_is": now_is}
    more = {"was": was or mark(now_is), "outdated": outdated}
    return Page("staff/household_carer.html", context | more)


async def ask_to_leave(look: Look) -> Page:
    view, member = await _one(look)
    return _leave_page(view, member, Form.filled(split_day("left", _today(look))))


async def leave(deed: Deed) -> Done | Page:
    view, member = await _one(deed)
    day = deed.form.day("left", what="The day", required="Enter the day on which they left")
    if day is None:
        return _leave_page(view, member, deed.form)
    outcome = await leave_household(deed.session, member.id, day, deed.staff, deed.now, deed.zone)
    if outcome.result is Left.BAD_DATE:
        deed.form.fail("left", "The day must be today or before, and not before the approval")
        return _leave_page(view, member, deed.form)
    return _done(view, outcome, f"{member.name} has left the household.")


def _leave_page(view: HouseholdView, member: Member, form: Form) -> Page:
    return Page("staff/household_leave.html", {"view": view, "member": member, "form": form})


async def ask_to_return(look: Look) -> Page:
    view, member = await _one(look)
    back = f"/households/{view.line.id}"
    lines = (
        "They are a carer of this household again and get its invitations. What they had answered for "
        "themselves was given back.",
        "Their phone has to be connected with a new personal link. If their name and contacts are erased "
        "already, enter them again.",
    )
    context = {"title": f"Take {member.name} back into {view.line.ref}?", "lines": lines, "back": back}
    action = f"{back}/carers/{member.id}/return"
    return Page("staff/confirm.html", {**context, "action": action, "button": "Yes, they are back"})


async def take_back(deed: Deed) -> Done:
    view, member = await _one(deed)
    outcome = await return_to_household(deed.session, member.id, deed.staff, deed.now, deed.zone)
    return _done(view, outcome, f"{member.name} is a carer of this household again.")


async def ask_to_move(look: Look) -> Page:
    view, member = await _one(look)
    return Page("staff/household_move.html", await _move_context(look, view, member))


async def move(deed: Deed) -> Done | Page:
    view, member = await _one(deed)
    to = deed.form.count("to", what="The household", most=2**31 - 1)
    found = await facts_for_edit(deed.session, to, deed.own_households) if to else None
    if found is None:
        deed.form.fail("to", "Choose the household to which they move")
        context = await _move_context(deed, view, member)
        return Page("staff/household_move.html", context | {"form": deed.form})
    outcome = await move_carer(deed.session, member.id, found[0].id, deed.staff, deed.now, deed.zone)
    if outcome.result is not Left.DONE:
        return _done(view, outcome, "")
    moved = await carer_for_edit(deed.session, found[0].id, member.id)
    if moved is not None and moved[1].chat_id is not None:
        await invite_newcomer(deed.session, moved[1], deed.now, deed.zone)
    return Done(f"/households/{found[0].id}", f"{member.name} belongs to this household now.")


async def _move_context(look: Look, view: HouseholdView, member: Member) -> dict[str, Any]:
    words = look.asked("q")
    search = HouseholdSearch(words, social_worker_id=look.own_households)
    found = await list_households(look.session, search, _today(look)) if words else None
    lines = [one for one in (found.lines if found else ()) if one.id != view.line.id][:MOST_FOUND]
    items = [
        {"value": str(one.id), "text": f"{one.ref}: {' and '.join(one.carers) or 'nobody'}"}
        for one in lines
        if len(one.carers) < 2
    ]
    full = [one for one in lines if len(one.carers) >= 2]
    return {"view": view, "member": member, "words": words, "items": items, "full": full, "form": Form()}


def _done(view: HouseholdView, outcome: LeftOutcome, done: str) -> Done:
    back = f"/households/{view.line.id}"
    if outcome.result is Left.NOT_FOUND:
        raise web.HTTPNotFound
    if outcome.result is not Left.DONE:
        return Done(back, f"Nothing was changed. {REFUSED[outcome.result]}")
    main = f" {carer_name(outcome.main)} is the main carer now." if outcome.main else ""
    return Done(back, done + main)


async def _one(look: Look) -> tuple[HouseholdView, Member]:
    """The household and the carer of the address. Raises 404 where the one is not of the other."""
    view, number = await the_household(look), look.number("carer")
    for member in (*view.members, *view.left):
        if member.id == number:
            return view, member
    raise web.HTTPNotFound


def _today(look: Look) -> date:
    return look.now.astimezone(look.zone).date()
