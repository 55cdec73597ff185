"""Check-ins with a household: that staff spoke to it or tried to, noted in one step and taken back in one."""

from aiohttp import web

from care.check_ins import CheckedIn, CheckInHow, note_check_in, take_back_check_in
from carers.roles import Action
from carers.sent_forms import Undo
from web.staff.forms import Form, split_day
from web.staff.households import the_household
from web.staff.views import Deed, Done, Look, Page, Route, do, see

HOW = {
    CheckInHow.PHONE: "By telephone",
    CheckInHow.VISIT: "On a visit",
    CheckInHow.EVENT: "At an event",
    CheckInHow.MESSAGE: "By message or email",
    CheckInHow.NO_ANSWER: "I tried and had no answer",
}
REFUSED = {
    CheckedIn.FUTURE: "The day must be today or before",
    CheckedIn.BEFORE_APPROVAL: "The day must not be before the household was approved",
    CheckedIn.TOO_LONG_AGO: "The day must be within the last year",
    CheckedIn.ENDED: "This approval has ended: nobody needs to check in any more",
}
BACK = {"not-seen": "/not-seen"}
"""Where a form can lead besides the household's page, by what it says in ``from``."""


def routes() -> list[Route]:
    here = "/households/{household}/check-ins"
    return [
        see(f"{here}/new", Action.CHECK_IN, ask),
        do(f"{here}/new", Action.CHECK_IN, note),
        do(f"{here}/{{check_in}}/back", Action.CHECK_IN, take_back),
    ]


async def ask(look: Look) -> Page:
    shown = {"how": CheckInHow.PHONE, "from": look.asked("from"), **split_day("on", look.today)}
    return await _page(look, Form.filled(shown))


async def note(deed: Deed) -> Done | Page:
    view, form = await the_household(deed), deed.form
    on = form.day("on", what="The day", required="Enter the day")
    how = form.choice("how", HOW, required="Choose how it was")
    if form.errors or on is None:
        return await _page(deed, form)
    household, means = view.line.id, CheckInHow(how)
    outcome = await note_check_in(
        deed.session, household, on, means, deed.staff, deed.now, deed.zone, deed.own_households
    )
    if outcome.result in REFUSED:
        form.fail("on", REFUSED[outcome.result])
        return await _page(deed, form)
    who = " and ".join(view.line.carers) or view.line.ref
    if outcome.result is CheckedIn.ALREADY:
        return Done(_back(form, household), f"You have noted that of {who} already.")
    said = f"Noted: you tried to reach {who}." if means is CheckInHow.NO_ANSWER else f"Noted: {who}."
    undo = Undo(f"/households/{household}/check-ins/{outcome.check_in_id}/back", {"from": form.text("from")})
    return Done(_back(form, household), said, undo)


async def take_back(deed: Deed) -> Done:
    household = deed.number("household")
    outcome = await take_back_check_in(
        deed.session, household, deed.number("check_in"), deed.staff, deed.now, deed.own_households
    )
    if outcome is CheckedIn.NOT_FOUND:
        raise web.HTTPNotFound
    return Done(_back(deed.form, household), "It is taken back.")


def _back(form: Form, household: int) -> str:
    return BACK.get(form.text("from"), f"/households/{household}#check-ins")


async def _page(look: Look, form: Form) -> Page:
    form.anchors = {"on": "on-day"}
    view = await the_household(look)
    items = [{"value": how.value, "text": text} for how, text in HOW.items()]
    return Page(
        "staff/check_in_new.html",
        {"view": view, "form": form, "how": items, "back": _back(form, view.line.id)},
    )
