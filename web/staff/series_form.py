"""Making a series and changing one: all its dates are seen, and each can be left out, before it is saved."""

from dataclasses import replace

from aiohttp import web

from carers.roles import Action
from events.invitations import send_invitations_now
from events.planning import EventPlan
from events.rhythm import in_words
from events.series import SeriesPage, plan_series, series_page
from events.series_changes import SeriesOutcome, SeriesResult, change_series
from events.series_plan import Occasion, SeriesPlan, SeriesProblem, preview, problems
from events.terms import term_dates
from web.staff.event_form_page import audiences_for, form_page
from web.staff.flyers import LARGEST_FLYER, read_upload
from web.staff.series_fields import filled_series, note_series_problems, read_series, series_of
from web.staff.views import Deed, Done, Kept, Look, Page, Route, do, see
from web.staff.words import plural

NOT_DONE = {
    SeriesResult.NOT_FOUND: "It is not there any more; nothing was changed.",
    SeriesResult.OUTDATED: "Somebody else changed it meanwhile; nothing was changed.",
    SeriesResult.UNCHANGED: "Nothing was changed.",
    SeriesResult.ENDED: "The series has ended; nothing was changed.",
    SeriesResult.PROBLEMS: "This cannot be done; nothing was changed.",
}
NOT_TYPED = {"csrf", "once", "then", "skip", "skipped", "ticked"}
"""Fields that the preview does not carry along as they came."""


def routes() -> list[Route]:
    one = "/events/series/{series}/edit"
    return [
        see(one, Action.PLAN_EVENTS, edit),
        do(one, Action.PLAN_EVENTS, change, largest_file=LARGEST_FLYER),
    ]


async def make_series(deed: Deed, plan: EventPlan, *, fresh: bool) -> Done | Page | Kept:
    """Show the dates of a series that begins with this event; once they were seen, put it into the programme.

    ``fresh``: a picture came with the form and is kept while the dates are looked at.
    """
    form = deed.form
    series = series_of(form, plan, deed.zone)
    if series is None or not await _possible(deed, series):
        page = await form_page(deed, form)
        return Kept(page) if fresh else page
    if form.text("then") != "save" or form.errors:
        page = await _dates(deed, series, "/events/new")
        return Kept(page) if fresh else page
    made = await plan_series(deed.session, series, deed.staff, deed.now, deed.zone)
    said = "The series is in the programme."
    if form.text("invite") == "now":
        said += await _invite_first(deed, made.id)
    return Done(f"/events/series/{made.id}", said)


async def edit(look: Look) -> Page:
    series = await the_series(look)
    return await form_page(look, filled_series(series.plan, look.zone), series=series, version=series.version)


async def change(deed: Deed) -> Done | Page | Kept:
    """Change a series from now on, unless somebody else changed it since this form was opened."""
    series, form = await the_series(deed), deed.form
    here = f"/events/series/{series.id}"
    version = form.count("version", what="Version") or 0
    flyer, fresh = await read_upload(deed, series.plan.pattern.flyer_id)
    audiences = await audiences_for(deed, series.plan.pattern)
    plan = read_series(form, deed.zone, audiences, series.plan, flyer)
    if plan is not None:
        today = deed.now.astimezone(deed.zone).date()
        past = {day for day in series.plan.skipped if day < today}
        plan = replace(plan, skipped=plan.skipped | past)
    status, outdated = None, None
    if form.text("then") == "back":
        form.errors.clear()
        status = 200
    elif plan is not None and await _possible(deed, plan):
        if form.text("then") != "save" or form.errors:
            page = await _dates(deed, plan, f"{here}/edit")
            return Kept(page) if fresh else page
        outcome = await change_series(deed.session, series.id, plan, version, deed.staff, deed.now, deed.zone)
        if outcome.result is not SeriesResult.OUTDATED:
            return Done(here, said_of(outcome))
        version, outdated = series.version, filled_series(series.plan, deed.zone)
    page = await form_page(deed, form, series=series, version=version, outdated=outdated, status=status)
    return Kept(page) if fresh else page


async def the_series(look: Look) -> SeriesPage:
    """The series of the address. Raises 404 where there is none."""
    found = await series_page(look.session, look.number("series"), look.now, look.zone)
    if found is None:
        raise web.HTTPNotFound
    return found


def said_of(outcome: SeriesOutcome) -> str:
    """What became of a series, in a few sentences."""
    if outcome.result in NOT_DONE:
        return NOT_DONE[outcome.result] + _but(outcome)
    counts = (
        (outcome.made, "added"),
        (outcome.changed, "changed"),
        (outcome.removed, "taken out"),
        (outcome.cancelled, "cancelled"),
    )
    parts = [f"{plural(number, 'event')} {done}" for number, done in counts if number]
    said = f"Saved: {', '.join(parts)}." if parts else "Saved."
    told = f" {plural(outcome.told, 'carer is', 'carers are')} being told." if outcome.told else ""
    return said + told + _but(outcome)


def _but(outcome: SeriesOutcome) -> str:
    return f" Not changed: {'; '.join(outcome.refused)}." if outcome.refused else ""


async def _possible(deed: Deed, plan: SeriesPlan) -> bool:
    """Whether its dates can be shown, with errors noted: also where every one of them was left out."""
    terms = await term_dates(deed.session)
    found = problems(plan, terms, deed.now, deed.zone)
    if found == (SeriesProblem.NO_DAYS,) and plan.skipped:
        deed.form.fail("skip", "Leave at least one date in")
        return True
    note_series_problems(deed.form, found)
    return not found


async def _dates(deed: Deed, plan: SeriesPlan, action: str) -> Page:
    """All its dates of a year, each with a box to leave it out. What was typed goes along unseen."""
    form, terms = deed.form, await term_dates(deed.session)
    occasions = preview(plan, terms, deed.now, deed.zone)
    form.anchors["skip"] = f"skip-{occasions[0].day}" if occasions else "dates"
    typed = [
        (name, value) for name, values in form.values.items() if name not in NOT_TYPED for value in values
    ]
    context = {
        "form": form,
        "plan": plan,
        "rule": in_words(plan.rhythm, plan.first_on),
        "occasions": occasions,
        "missing": _missing(plan, occasions),
        "terms_end": max((term.ends_on for term in terms), default=None) if plan.rhythm.needs_terms else None,
        "typed": typed,
        "action": action,
    }
    return Page("staff/series_dates.html", context, 422 if form.errors else 200)


def _missing(plan: SeriesPlan, occasions: list[Occasion]) -> bool:
    """Whether the first date that was entered is none of the rule's, as one in the holidays."""
    return bool(occasions) and occasions[0].day > plan.first_on and plan.rhythm.needs_terms


async def _invite_first(deed: Deed, series_id: int) -> str:
    """Send the invitations of the first event of a series that was just made."""
    page = await series_page(deed.session, series_id, deed.now, deed.zone)
    first = next((line.event_id for line in page.occasions if line.event_id), None) if page else None
    if first is None:
        return ""
    sent = await send_invitations_now(deed.session, first, deed.staff, deed.now, deed.zone)
    return f" Invitations to the first are on their way to {plural(sent.carers, 'carer')}."
