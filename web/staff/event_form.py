"""Making an event and changing one: the same form, times as the clock on the wall has them."""

from aiohttp import web

from carers.roles import Action
from events.editing import Editable, event_to_edit
from events.invitations import send_invitations_now
from events.planning import Changed, EventPlan, change_event, plan_event
from events.series_changes import SeriesResult, change_all_to_come
from events.templates import template
from web.staff.event_fields import empty, filled, note_problems, read_plan
from web.staff.event_form_page import audiences_for, form_page
from web.staff.flyers import LARGEST_FLYER, read_upload
from web.staff.series_fields import filled_template, repeats
from web.staff.series_form import make_series, said_of
from web.staff.views import Deed, Done, Kept, Look, Page, Route, do, see
from web.staff.words import plural

REFUSED = {
    Changed.TOO_FEW_PLACES: (
        "capacity",
        "More places than that are taken already. Enter more, or note first who cannot come",
    ),
    Changed.ANSWERS_FIXED: ("rsvp_by", "Who answers cannot change once invitations are out"),
    Changed.ALLOCATION_FIXED: (
        "allocation",
        "How places are given out cannot change once somebody has answered",
    ),
}
ONLY_THIS, ALL_TO_COME = "one", "all"


def routes() -> list[Route]:
    plan = Action.PLAN_EVENTS
    return [
        see("/events/new", plan, new_event),
        do("/events/new", plan, make, largest_file=LARGEST_FLYER),
        see("/events/{event}/edit", plan, edit),
        do("/events/{event}/edit", plan, change, largest_file=LARGEST_FLYER),
    ]


async def new_event(look: Look) -> Page:
    """An empty form, or one that starts from the template that the address names."""
    line = await template(look.session, look.asked("template"))
    if line is None:
        return await form_page(look, empty())
    return await form_page(look, filled_template(line.pattern, line.rhythm), started_from=line.name)


async def make(deed: Deed) -> Done | Page | Kept:
    form = deed.form
    flyer, fresh = await read_upload(deed, None)
    plan = read_plan(form, deed.zone, deed.now, await audiences_for(deed), flyer=flyer)
    if plan is not None:
        note_problems(form, plan)
    if form.text("then") == "back":
        form.errors.clear()
        return await form_page(deed, form, status=200)
    if plan is not None and not form.errors and repeats(form):
        return await make_series(deed, plan, fresh=fresh)
    if plan is None or form.errors:
        return _shown_again(await form_page(deed, form), fresh=fresh)
    event = await plan_event(deed.session, plan, deed.staff, deed.now)
    said = "The event is made."
    if form.text("invite") == "now":
        sent = await send_invitations_now(deed.session, event.id, deed.staff, deed.now, deed.zone)
        said += f" Invitations are on their way to {plural(sent.carers, 'carer')}."
    return Done(f"/events/{event.id}", said)


async def edit(look: Look) -> Page:
    event = await _editable(look)
    return await form_page(look, filled(event.plan, look.zone), event, event.version)


async def change(deed: Deed) -> Done | Page | Kept:
    """Save a change, unless somebody else saved one since this form was opened."""
    event, form = await _editable(deed), deed.form
    version = form.count("version", what="Version") or 0
    if event.invited:
        form.values["invite"] = ["usual"]  # they are out; the form does not ask
    flyer, fresh = await read_upload(deed, event.plan.flyer_id)
    plan = read_plan(form, deed.zone, deed.now, await audiences_for(deed, event.plan), event.plan, flyer)
    if plan is not None:
        note_problems(form, plan)
    if event.series_id is not None:
        form.choice("scope", (ONLY_THIS, ALL_TO_COME), required="Choose which events you change")
    if plan is None or form.errors:
        return _shown_again(await form_page(deed, form, event, version), fresh=fresh)
    if event.series_id is not None and form.text("scope") == ALL_TO_COME:
        return await _change_all(deed, event, plan, version, fresh=fresh)
    outcome = await change_event(deed.session, event.id, plan, deed.staff, deed.now, version)
    if outcome.result is Changed.OUTDATED:
        page = await form_page(deed, form, event, event.version, outdated=filled(event.plan, deed.zone))
        return _shown_again(page, fresh=fresh)
    if outcome.result in REFUSED:
        form.fail(*REFUSED[outcome.result])
        return _shown_again(await form_page(deed, form, event, version), fresh=fresh)
    return Done(f"/events/{event.id}", _said(outcome.result, outcome.told))


async def _change_all(
    deed: Deed, event: Editable, plan: EventPlan, version: int, *, fresh: bool
) -> Done | Page | Kept:
    """Change this event of a series and every later one."""
    form, outdated = deed.form, None
    outcome = await change_all_to_come(deed.session, event.id, plan, deed.staff, deed.now, deed.zone, version)
    if outcome.result is SeriesResult.OUTDATED:
        version, outdated = event.version, filled(event.plan, deed.zone)
    elif outcome.result is SeriesResult.PROBLEMS:
        form.fail("scope", f"They cannot all change: {'; '.join(outcome.refused)}")
    else:
        return Done(f"/events/{event.id}", said_of(outcome))
    return _shown_again(await form_page(deed, form, event, version, outdated=outdated), fresh=fresh)


def _shown_again(page: Page, *, fresh: bool) -> Page | Kept:
    """The form once more. A picture that came with it is kept: a browser sends a chosen file only once."""
    return Kept(page) if fresh else page


def _said(result: Changed, told: int) -> str:
    if result is Changed.UNCHANGED:
        return "Nothing was changed."
    return "The change is saved." + (f" {plural(told, 'carer is', 'carers are')} being told." if told else "")


async def _editable(look: Look) -> Editable:
    event = await event_to_edit(look.session, look.number("event"))
    if event is None:
        raise web.HTTPNotFound
    return event
