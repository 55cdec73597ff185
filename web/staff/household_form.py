"""Changing a household, and adding one with its carers."""

from aiohttp import web

from carers.household_edits import (
    Edited,
    EditOutcome,
    HouseholdFacts,
    add_household,
    carer_for_edit,
    edit_household,
    facts_for_edit,
    mark,
)
from carers.households import carer_name
from carers.leaving import Left, move_carer
from carers.people import Carer
from carers.roles import Action
from carers.sent_forms import Undo
from web.staff.forms import Form
from web.staff.household_fields import (
    NO_ROLE,
    filled_household,
    offered,
    read_household,
    read_new_carer,
    read_ref,
)
from web.staff.views import Deed, Done, Look, Page, Route, do, see
from web.whole_numbers import whole_number

TYPED = ("ref", "first", "last", "birth", "email", "phone")
"""The fields of a carer that are empty where there is none."""
TAKEN = "The register has this number already"
REFUSED = {
    Left.NOT_FOUND: "There is no such carer any more.",
    Left.LAST: "Nobody would be left in this household. If nobody fosters here any more, end the approval.",
    Left.ALREADY: "It is so already.",
    Left.ENDED: "The approval of that household has ended.",
    Left.FULL: "That household has two carers already.",
}
"""Why a carer did not leave or move."""


def routes() -> list[Route]:
    return [
        see("/households/new", Action.EDIT_HOUSEHOLDS, new),
        do("/households/new", Action.EDIT_HOUSEHOLDS, make),
        see("/households/{household}/edit", Action.EDIT_HOUSEHOLDS, edit),
        do("/households/{household}/edit", Action.EDIT_HOUSEHOLDS, save),
    ]


async def edit(look: Look) -> Page:
    found = await facts_for_edit(look.session, look.number("household"), look.own_households)
    if found is None:
        raise web.HTTPNotFound
    home, facts = found
    return await _household_page(look, Form.filled(filled_household(facts)), home.id, home.ref, facts)


async def save(deed: Deed) -> Done | Page:
    found = await facts_for_edit(deed.session, deed.number("household"), deed.own_households)
    if found is None:
        raise web.HTTPNotFound
    home, now_is = found
    context = await offered(deed)
    facts = read_household(deed, deed.form, context["workers"])
    if facts and home.ended_on and home.ended_on < facts.approved_on:
        deed.form.fail("approved", "The day of approval must not be after the day on which it ends")
    if facts is None or deed.form.errors:
        return await _household_page(deed, deed.form, home.id, home.ref, now_is, was=deed.form.text("was"))
    outcome = await edit_household(
        deed.session, home.id, facts, deed.form.text("was"), deed.staff, deed.now, deed.zone
    )
    if outcome.result is Edited.OUTDATED:
        return await _household_page(deed, deed.form, home.id, home.ref, now_is, outdated=True)
    undo = _as_before(home.id, now_is, facts) if outcome.result is Edited.SAVED else None
    return Done(f"/households/{home.id}", said(outcome, "The household is saved."), undo)


def _as_before(household_id: int, before: HouseholdFacts, now_is: HouseholdFacts) -> Undo:
    """What saves the household as it was, unless a colleague changes it meanwhile."""
    filled = {name: "" if value is None else str(value) for name, value in filled_household(before).items()}
    return Undo(f"/households/{household_id}/edit", {**filled, "was": mark(now_is)})


async def _household_page(
    look: Look,
    form: Form,
    household_id: int,
    ref: str,
    now_is: HouseholdFacts,
    *,
    was: str = "",
    outdated: bool = False,
) -> Page:
    context = {
        **await offered(look),
        "form": form,
        "id": household_id,
        "ref": ref,
        "now_is": now_is,
        "was": was or mark(now_is),
        "outdated": outdated,
    }
    return Page("staff/household_form.html", context)


async def new(look: Look) -> Page:
    """Empty; or with a carer who moves into it, who was approved anew by themselves."""
    usual = {"role": NO_ROLE, "carer-language": "en", "second-language": "en"}
    return await _new_page(look, Form.filled(usual | {"mover": look.asked("mover")}))


async def make(deed: Deed) -> Done | Page:
    form, today = deed.form, deed.now.astimezone(deed.zone).date()
    ref = read_ref(form, "ref", "Enter the household’s number in your records")
    facts = read_household(deed, form, (await offered(deed))["workers"])
    mover = await _mover(deed, form)
    carers = [] if mover else [read_new_carer(form, today, "carer-")]
    if not mover and any(form.text(f"second-{name}") for name in TYPED):
        carers.append(read_new_carer(form, today, "second-"))
    if form.errors or facts is None:
        return await _new_page(deed, form)
    added = [one for one in carers if one]
    outcome = await add_household(deed.session, ref, facts, added, deed.staff, deed.now, deed.zone)
    if outcome.taken is not None:
        form.fail(("ref", "carer-ref", "second-ref")[outcome.taken], TAKEN)
        return await _new_page(deed, form)
    if mover and outcome.id and not await _moves(deed, mover, outcome.id):
        return await _new_page(deed, form)
    return Done(f"/households/{outcome.id}", said(outcome, f"Household {ref} is added."))


async def _mover(look: Look, form: Form) -> Carer | None:
    """The carer who moves in, as ``household-carer`` by their ids; None where nobody does. Raises 404 for one
    who is not of that household, or not this person's to see."""
    if not form.text("mover"):
        return None
    home, carer = map(whole_number, form.text("mover").partition("-")[::2])
    if home is None or carer is None:
        raise web.HTTPNotFound
    found = await carer_for_edit(look.session, home, carer, look.own_households)
    if found is None:
        raise web.HTTPNotFound
    return found[1]


async def _moves(deed: Deed, mover: Carer, household_id: int) -> bool:
    outcome = await move_carer(deed.session, mover.id, household_id, deed.staff, deed.now, deed.zone)
    if outcome.result is not Left.DONE:
        deed.form.fail("ref", f"{carer_name(mover)} cannot move. {REFUSED[outcome.result]}")
        return False
    return True


async def _new_page(look: Look, form: Form) -> Page:
    second = any(form.text(f"second-{name}") for name in TYPED)
    mover = await _mover(look, form)
    context = {"form": form, "second": second, "mover": carer_name(mover) if mover else ""}
    return Page("staff/household_new.html", {**await offered(look), **context})


def said(outcome: EditOutcome, done: str) -> str:
    """What came of it, and what to look at: a constellation that is not as it should be."""
    if outcome.result is Edited.UNCHANGED:
        return "Nothing was changed."
    odd = "; ".join(outcome.odd)
    return f"{done} Please look: {odd}." if odd else done
