"""Panels of a household: noted, so that its carers are asked the morning after, and taken back."""

from datetime import date

from aiohttp import web

from carers.panels import About, PanelNoted, note_panel, panels_of, take_back_panel
from carers.roles import Action
from carers.sent_forms import Undo
from web.staff.forms import Form, split_day
from web.staff.households import the_household
from web.staff.views import Deed, Done, Look, Page, Route, do, see

ABOUT = {
    About.REVIEW: "A review of the approval",
    About.APPROVAL: "The first approval",
    About.CHANGE: "A change of the terms of approval",
    About.OTHER: "Something else",
}
REFUSED = {
    PanelNoted.FUTURE: "The day must be today or before: note a panel when it has been held",
    PanelNoted.BEFORE_APPROVAL: "The day must not be before the household was approved",
    PanelNoted.TOO_LONG_AGO: "The day must be within the last year",
    PanelNoted.ALREADY: "A panel on this day is noted already",
}


def routes() -> list[Route]:
    here = "/households/{household}/panels"
    return [
        see(f"{here}/new", Action.NOTE_PANELS, ask),
        do(f"{here}/new", Action.NOTE_PANELS, note),
        see(f"{here}/{{panel}}/back", Action.NOTE_PANELS, ask_back),
        do(f"{here}/{{panel}}/back", Action.NOTE_PANELS, back),
    ]


async def ask(look: Look) -> Page:
    return await _page(look, Form.filled({"about": About.REVIEW, **split_day("held", look.today)}))


async def note(deed: Deed) -> Done | Page:
    view, form = await the_household(deed), deed.form
    held_on = form.day("held", what="The day", required="Enter the day of the panel")
    about = form.choice("about", ABOUT, required="Choose what the panel was about")
    if form.errors or held_on is None:
        return await _page(deed, form)
    household = view.line.id
    noted = await note_panel(deed.session, household, held_on, About(about), deed.staff, deed.now, deed.zone)
    if noted in REFUSED:
        form.fail("held", REFUSED[noted])
        return await _page(deed, form)
    said = {
        PanelNoted.NOTED: "Noted. Its carers are asked how it was from tomorrow morning.",
        PanelNoted.ENDED: "This approval has ended: its carers are asked about that instead.",
    }
    undo = await _taking_back(deed, household, held_on) if noted is PanelNoted.NOTED else None
    return Done(f"/households/{household}", said.get(noted, "Nothing was changed."), undo)


async def _taking_back(deed: Deed, household: int, held_on: date) -> Undo | None:
    """What takes back the panel of this day, which was noted just now: the latest of them."""
    noted = [panel.id for panel in await panels_of(deed.session, household) if panel.held_on == held_on]
    return Undo(f"/households/{household}/panels/{max(noted)}/back", {}) if noted else None


async def ask_back(look: Look) -> Page:
    view, number = await the_household(look), look.number("panel")
    panel = next((one for one in await panels_of(look.session, view.line.id) if one.id == number), None)
    if panel is None:
        raise web.HTTPNotFound
    back = f"/households/{view.line.id}"
    day = f"{panel.held_on.day} {panel.held_on:%B %Y}"
    lines = ("Do this when it was noted by mistake. Nobody is asked about it then.",)
    context = {"title": f"Take back the panel of {day}?", "lines": lines, "back": back}
    action = f"{back}/panels/{panel.id}/back"
    return Page("staff/confirm.html", {**context, "action": action, "button": "Yes, take it back"})


async def back(deed: Deed) -> Done:
    view = await the_household(deed)
    outcome = await take_back_panel(deed.session, view.line.id, deed.number("panel"), deed.staff, deed.now)
    if outcome is PanelNoted.NOT_FOUND:
        raise web.HTTPNotFound
    said = "It is taken back. Nobody is asked about it."
    if outcome is PanelNoted.ASKED:
        said = "Its carers were asked already. Nothing was changed."
    return Done(f"/households/{view.line.id}", said)


async def _page(look: Look, form: Form) -> Page:
    form.anchors = {"held": "held-day"}
    context = {
        "view": await the_household(look),
        "form": form,
        "about": [{"value": code, "text": text} for code, text in ABOUT.items()],
    }
    return Page("staff/panel_new.html", context)
