"""Series: the list of all, one with its dates, leaving out a date and bringing it back, ending it."""

from datetime import date

from aiohttp import web

from carers.roles import Action
from carers.sent_forms import Undo
from events.series import OccasionLine, SeriesPage, series_list
from events.series_changes import SeriesResult, end_series, skip_day, unskip_day
from web.staff.forms import Form
from web.staff.series_form import said_of, the_series
from web.staff.views import Deed, Done, Look, Page, Route, do, see
from web.staff.words import in_words

FIELDS = {
    "starts_at": "date or time",
    "ends_at": "date or time",
    "venue": "place",
    "map_url": "map link",
    "online_url": "join link",
    "capacity": "places",
    "online_capacity": "places online",
    "allocation": "how places are given out",
    "rsvp_by": "who answers",
    "rsvp_deadline": "last day for answers",
    "invite_at": "invitations",
    "draft": "invitations",
    "flyer_id": "picture",
    "audience": "who it is for",
    "mode": "in person or online",
}
"""What staff call a field that was changed on one event alone; the others are called by their names."""


def routes() -> list[Route]:
    one, plan = "/events/series/{series}", Action.PLAN_EVENTS
    return [
        see("/events/series", Action.SEE_EVENTS, all_series),
        see(one, Action.SEE_EVENTS, one_series),
        see(f"{one}/days/{{day}}/skip", plan, ask_to_skip),
        do(f"{one}/days/{{day}}/skip", plan, skip),
        do(f"{one}/days/{{day}}/back", plan, bring_back),
        see(f"{one}/end", plan, ask_to_end),
        do(f"{one}/end", plan, end),
    ]


async def all_series(look: Look) -> Page:
    return Page("staff/series_list.html", {"lines": await series_list(look.session, look.now)})


async def one_series(look: Look) -> Page:
    series = await the_series(look)
    return Page("staff/series.html", {"series": series, "alone": changed_in_words})


def changed_in_words(names: tuple[str, ...]) -> str:
    """What was changed on one event alone: "place, date or time"."""
    return ", ".join(dict.fromkeys(FIELDS.get(name) or in_words(name).lower() for name in names))


async def ask_to_skip(look: Look) -> Page:
    series = await the_series(look)
    return _skip_page(series, _occasion(series, _day(look)), None)


async def skip(deed: Deed) -> Done | Page:
    series, day, form = await the_series(deed), _day(deed), deed.form
    reason = form.words("reason", most=500)
    if form.errors:
        return _skip_page(series, _occasion(series, day), form)
    invited = _occasion(series, day).state == "invited"
    outcome = await skip_day(deed.session, series.id, day, reason, deed.staff, deed.now, deed.zone)
    if outcome.result is SeriesResult.NOT_FOUND:
        raise web.HTTPNotFound
    here = f"/events/series/{series.id}"
    told = invited or outcome.result is not SeriesResult.CHANGED  # whoever was told stays told
    return Done(here, said_of(outcome), None if told else Undo(f"{here}/days/{day}/back", {}))


async def bring_back(deed: Deed) -> Done:
    series, day = await the_series(deed), _day(deed)
    outcome = await unskip_day(deed.session, series.id, day, deed.staff, deed.now, deed.zone)
    return Done(f"/events/series/{series.id}", said_of(outcome))


async def ask_to_end(look: Look) -> Page:
    return _end_page(await the_series(look), Form.filled({}))


async def end(deed: Deed) -> Done | Page:
    """End a series after the day that was entered, or at once."""
    series, form = await the_series(deed), deed.form
    today = deed.now.astimezone(deed.zone).date()
    which = form.choice("when", ("now", "later"), required="Choose when it ends")
    after = today
    if which == "later":
        after = form.day("after", what="The last day", required="Enter the last day") or today
        if after < today:
            form.fail("after", "The last day must be today or later")
    reason = form.words("reason", most=500)
    if form.errors:
        return _end_page(series, form)
    outcome = await end_series(deed.session, series.id, after, reason, deed.staff, deed.now, deed.zone)
    return Done(f"/events/series/{series.id}", said_of(outcome))


def _skip_page(series: SeriesPage, occasion: OccasionLine, form: Form | None) -> Page:
    context = {"series": series, "one": occasion, "form": form, "invited": occasion.state == "invited"}
    return Page("staff/series_skip.html", context)


def _end_page(series: SeriesPage, form: Form) -> Page:
    return Page("staff/series_end.html", {"series": series, "form": form})


def _day(look: Look) -> date:
    """The day of the address. Raises 404 for what is none."""
    try:
        return date.fromisoformat(look.request.match_info["day"])
    except ValueError as error:
        raise web.HTTPNotFound from error


def _occasion(series: SeriesPage, day: date) -> OccasionLine:
    found = next((line for line in series.occasions if line.day == day), None)
    if found is None:
        raise web.HTTPNotFound
    return found
