"""Making an event and changing one: the same form, times as the clock on the wall has them."""

from aiohttp import web

from carers.audience import audience_names, audience_reach, audience_words
from carers.roles import Action
from events.editing import Editable, event_to_edit
from events.invitations import send_invitations_now
from events.planning import Changed, change_event, plan_event
from web.staff.event_fields import empty, filled, kinds, note_problems, read_plan
from web.staff.forms import Form
from web.staff.views import Deed, Done, Look, Page, Route, do, see
from web.staff.words import in_words, plural

REFUSED = {
    Changed.TOO_FEW_PLACES: ("capacity", "More places than that are taken already"),
    Changed.ANSWERS_FIXED: ("rsvp_by", "Who answers cannot change once invitations are out"),
}


def routes() -> list[Route]:
    return [
        see("/events/new", Action.PLAN_EVENTS, new_event),
        do("/events/new", Action.PLAN_EVENTS, make),
        see("/events/{event}/edit", Action.PLAN_EVENTS, edit),
        do("/events/{event}/edit", Action.PLAN_EVENTS, change),
    ]


async def new_event(look: Look) -> Page:
    return await _page(look, empty())


async def make(deed: Deed) -> Done | Page:
    plan = read_plan(deed.form, deed.zone, deed.now, await _audiences(deed))
    if plan is not None:
        note_problems(deed.form, plan)
    if plan is None or deed.form.errors:
        return await _page(deed, deed.form)
    event = await plan_event(deed.session, plan, deed.staff, deed.now)
    said = "The event is made."
    if deed.form.text("invite") == "now":
        sent = await send_invitations_now(deed.session, event.id, deed.staff, deed.now, deed.zone)
        said += f" Invitations are on their way to {plural(sent.carers, 'carer')}."
    return Done(f"/events/{event.id}", said)


async def edit(look: Look) -> Page:
    event = await _editable(look)
    return await _page(look, filled(event.plan, look.zone), event, event.version)


async def change(deed: Deed) -> Done | Page:
    """Save a change, unless somebody else saved one since this form was opened."""
    event, form = await _editable(deed), deed.form
    version = form.count("version", what="Version") or 0
    if event.invited:
        form.values["invite"] = ["usual"]  # they are out; the form does not ask
    plan = read_plan(form, deed.zone, deed.now, await _audiences(deed, event), event.plan)
    if plan is not None:
        note_problems(form, plan)
    if plan is None or form.errors:
        return await _page(deed, form, event, version)
    outcome = await change_event(deed.session, event.id, plan, deed.staff, deed.now, version)
    if outcome.result is Changed.OUTDATED:
        return await _page(deed, form, event, event.version, outdated=True)
    if outcome.result in REFUSED:
        form.fail(*REFUSED[outcome.result])
        return await _page(deed, form, event, version)
    return Done(f"/events/{event.id}", _said(outcome.result, outcome.told))


def _said(result: Changed, told: int) -> str:
    if result is Changed.UNCHANGED:
        return "Nothing was changed."
    return "The change is saved." + (f" {plural(told, 'carer is', 'carers are')} being told." if told else "")


async def _editable(look: Look) -> Editable:
    event = await event_to_edit(look.session, look.number("event"))
    if event is None:
        raise web.HTTPNotFound
    return event


async def _audiences(look: Look, event: Editable | None = None) -> list[str]:
    """Whom an event can be for; the audience that it has stays possible."""
    names = await audience_names(look.session, look.now.astimezone(look.zone).date())
    return names if event is None or event.plan.audience in names else [*names, event.plan.audience]


async def _page(
    look: Look, form: Form, event: Editable | None = None, version: int = 0, *, outdated: bool = False
) -> Page:
    today = look.now.astimezone(look.zone).date()
    audiences = []
    for name in await _audiences(look, event):
        reach = await audience_reach(look.session, name, today)
        text = f"{audience_words(name)} ({plural(reach.carers, 'carer')})"
        audiences.append({"value": name, "text": text})
    before = event.plan if event else None
    context: dict[str, object] = {
        "form": form,
        "event": event,
        "version": version,
        "outdated": filled(before, look.zone) if outdated and before else None,
        "action": f"/events/{event.id}/edit" if event else "/events/new",
        "kinds": [{"value": kind, "text": in_words(kind)} for kind in kinds(before)],
        "audiences": audiences,
    }
    return Page("staff/event_form.html", context)
