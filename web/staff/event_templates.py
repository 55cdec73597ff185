"""Templates: what a new event can start from, keeping an event as one, and deleting one."""

from dataclasses import replace

from aiohttp import web

from carers.roles import Action
from carers.sent_forms import Undo
from events.editing import Editable, event_to_edit
from events.pattern import pattern_of
from events.rhythm import Rhythm
from events.series import series_page
from events.templates import (
    LONGEST_NAME,
    TemplateLine,
    TemplateProblem,
    carried,
    delete_template,
    save_template,
    template,
    templates,
    uncarried,
)
from web.staff.forms import Form
from web.staff.series_fields import REPEATS, name_of
from web.staff.views import Deed, Done, Look, Page, Route, do, see

PLAN = Action.PLAN_EVENTS
REFUSED = {
    TemplateProblem.NO_NAME: "Enter a name",
    TemplateProblem.TOO_LONG: f"Use {LONGEST_NAME} characters or fewer",
    TemplateProblem.NAME_TAKEN: "There is a template of this name; choose another name, or replace it",
}


def routes() -> list[Route]:
    return [
        see("/events/start", PLAN, start),
        do("/events/start/back", PLAN, bring_back),
        see("/events/start/{template}/delete", PLAN, ask_to_delete),
        do("/events/start/{template}/delete", PLAN, delete),
        see("/events/{event}/template", PLAN, ask_for_name),
        do("/events/{event}/template", PLAN, save),
    ]


async def start(look: Look) -> Page:
    """The first step of a new event: an empty form, or a template."""
    lines = await templates(look.session)
    context = {
        "own": [line for line in lines if not line.standard],
        "standard": [line for line in lines if line.standard],
        "rhythm": rhythm_in_words,
    }
    return Page("staff/event_start.html", context)


def rhythm_in_words(rhythm: Rhythm | None) -> str:
    """How often a template takes place, before it has a date."""
    if rhythm is None:
        return "Once"
    return REPEATS.get(name_of(rhythm), "Repeats").partition(",")[0]


async def ask_for_name(look: Look) -> Page:
    event = await _event(look)
    return _name_page(event, Form.filled({"name": event.plan.title}))


async def save(deed: Deed) -> Done | Page:
    """Keep what the event is apart from its date. Its picture stays behind: it was made for one occasion."""
    event, form = await _event(deed), deed.form
    kept = await save_template(
        deed.session,
        form.text("name"),
        replace(pattern_of(event.plan, deed.zone), flyer_id=None),
        await _rhythm(deed, event),
        deed.staff,
        deed.now,
        replacing=form.text("replace") == "yes",
    )
    if isinstance(kept, TemplateProblem):
        form.fail("name", REFUSED[kept])
        return _name_page(event, form, taken=kept is TemplateProblem.NAME_TAKEN)
    return Done("/events/start", f"The template {form.text('name')} is saved.")


async def ask_to_delete(look: Look) -> Page:
    line = await _own(look)
    return Page(
        "staff/confirm.html",
        {
            "title": f"Delete the template “{line.name}”?",
            "lines": ["The events that were made from it stay as they are."],
            "back": "/events/start",
            "action": f"/events/start/{look.number('template')}/delete",
            "button": "Delete the template",
            "warning": True,
        },
    )


async def delete(deed: Deed) -> Done:
    line = await _own(deed)
    await delete_template(deed.session, line.key, deed.staff, deed.now)
    said = f"The template {line.name} is deleted."
    return Done("/events/start", said, Undo("/events/start/back", {"name": line.name, "kept": carried(line)}))


async def bring_back(deed: Deed) -> Done:
    """A template that was deleted, as the page carries it. Raises 400 for what no page of ours has sent."""
    try:
        pattern, rhythm = uncarried(deed.form.text("kept"))
        kept = await save_template(
            deed.session, deed.form.text("name"), pattern, rhythm, deed.staff, deed.now
        )
    except (ValueError, KeyError, TypeError) as wrong:
        raise web.HTTPBadRequest(reason="This template did not come from the console") from wrong
    if isinstance(kept, TemplateProblem):
        return Done("/events/start", "Nothing was changed: there is a template of that name by now.")
    return Done("/events/start", "The template is there again.")


async def _own(look: Look) -> TemplateLine:
    line = await template(look.session, f"own:{look.number('template')}")
    if line is None:
        raise web.HTTPNotFound
    return line


async def _event(look: Look) -> Editable:
    event = await event_to_edit(look.session, look.number("event"))
    if event is None:
        raise web.HTTPNotFound
    return event


async def _rhythm(look: Look, event: Editable) -> Rhythm | None:
    """How the event's series repeats, if it has one."""
    if event.series_id is None:
        return None
    series = await series_page(look.session, event.series_id, look.now, look.zone)
    return series.plan.rhythm if series else None


def _name_page(event: Editable, form: Form, *, taken: bool = False) -> Page:
    taken = taken or form.text("replace") == "yes"
    return Page("staff/event_template.html", {"event": event, "form": form, "taken": taken})
