"""What carers are asked as something happens: after a panel, and when a household leaves."""

from aiohttp import web

from carers.roles import Action
from surveys.definition import Definition, words
from surveys.standing import (
    FEWEST_DAYS,
    HIGHEST_THRESHOLD,
    LOWEST_THRESHOLD,
    MOST_DAYS,
    Occasion,
    Period,
    Standing,
    StandingProblem,
    StandingSaved,
    problems,
    set_standing,
    standing_of,
    surveys_for,
)
from web.staff.forms import Form
from web.staff.views import Deed, Done, Look, Page, Route, do, see
from web.staff.words import plural

OCCASIONS = {
    Occasion.PANEL: ("After a panel", "Asked from 9.30 on the morning after a panel that staff noted."),
    Occasion.EXIT: ("When a household leaves", "Asked on the day on which the approval ends."),
}
PERIODS = {
    Period.MONTH: ("A month", "month"),
    Period.QUARTER: ("A quarter", "quarter"),
    Period.HALF_YEAR: ("Half a year, from April and from October", "half-year"),
    Period.YEAR: ("A year, from April", "year"),
}
PROBLEMS = {
    StandingProblem.UNKNOWN_SURVEY: ("survey", "Choose a survey"),
    StandingProblem.MUST_BE_ANONYMOUS: ("named", "This survey asks what may only be asked anonymously"),
    StandingProblem.WRONG_THRESHOLD: ("threshold", "Results need five people or more"),
    StandingProblem.WRONG_DAYS: ("open_days", f"Enter {FEWEST_DAYS} to {MOST_DAYS} days"),
}


def routes() -> list[Route]:
    run = Action.RUN_SURVEYS
    return [
        see("/surveys/standing", run, both),
        see("/surveys/standing/{occasion}", run, one),
        do("/surveys/standing/{occasion}", run, save),
    ]


async def both(look: Look) -> Page:
    lines = []
    for occasion, (title, when) in OCCASIONS.items():
        standing = await standing_of(look.session, occasion)
        survey = (await surveys_for(look.session, occasion)).get(standing.survey)
        lines.append(
            {
                "occasion": occasion,
                "title": title,
                "when": when,
                "standing": standing,
                "survey": words(survey.title, "en") if survey else "",
                "period": PERIODS[standing.period][1],
            }
        )
    return Page("staff/standing.html", {"lines": lines})


async def one(look: Look) -> Page:
    occasion = _occasion(look)
    standing = await standing_of(look.session, occasion)
    return await _page(look, occasion, _filled(standing), standing.version)


async def save(deed: Deed) -> Done | Page:
    occasion, form = _occasion(deed), deed.form
    version = form.count("version", what="Version") or 0
    standing = await _read(deed, occasion, version)
    for problem in await problems(deed.session, occasion, standing):
        form.fail(*PROBLEMS[problem])
    if form.errors:
        return await _page(deed, occasion, form, version)
    saved = await set_standing(deed.session, occasion, standing, deed.staff, deed.now)
    if saved is StandingSaved.OUTDATED:
        now_is = await standing_of(deed.session, occasion)
        return await _page(deed, occasion, form, now_is.version, outdated=True)
    said = (
        "Nothing was changed."
        if saved is StandingSaved.UNCHANGED
        else "Saved. It holds from the next round on."
    )
    return Done("/surveys/standing", said)


async def _read(deed: Deed, occasion: Occasion, version: int) -> Standing:
    """What the form says; what cannot be read is an error of the form and stands at its least."""
    form = deed.form
    survey = form.choice("survey", await surveys_for(deed.session, occasion), required="Choose a survey")
    named = form.choice("named", ("yes", "no"), required="Say whether answers are anonymous")
    period = form.choice("period", PERIODS, required="Choose how long a round collects")
    limits = {"least": LOWEST_THRESHOLD, "most": HIGHEST_THRESHOLD}
    threshold = form.count("threshold", what="The number of people", **limits)
    days = form.count("open_days", what="The number of days", least=FEWEST_DAYS, most=MOST_DAYS)
    if not form.text("open_days"):
        form.fail("open_days", PROBLEMS[StandingProblem.WRONG_DAYS][1])
    return Standing(
        survey,
        form.text("is_on") == "yes",
        named == "no",
        threshold or LOWEST_THRESHOLD,
        Period(period) if period else Period.MONTH,
        days or FEWEST_DAYS,
        version,
    )


def _filled(standing: Standing) -> Form:
    return Form.filled(
        {
            "survey": standing.survey,
            "is_on": "yes" if standing.is_on else "",
            "named": "no" if standing.anonymous else "yes",
            "threshold": standing.threshold,
            "period": standing.period,
            "open_days": standing.open_days,
        }
    )


def _occasion(look: Look) -> Occasion:
    """The occasion of the address. Raises 404 for what is none of those on this page."""
    found = next((one for one in OCCASIONS if one == look.request.match_info["occasion"]), None)
    if found is None:
        raise web.HTTPNotFound
    return found


async def _page(look: Look, occasion: Occasion, form: Form, version: int, *, outdated: bool = False) -> Page:
    found = await surveys_for(look.session, occasion)
    context = {
        "occasion": occasion,
        "title": OCCASIONS[occasion][0],
        "when": OCCASIONS[occasion][1],
        "form": form,
        "version": version,
        "outdated": outdated,
        "surveys": [_survey(one) for one in found.values()],
        "periods": [{"value": period, "text": text} for period, (text, _) in PERIODS.items()],
        "least": LOWEST_THRESHOLD,
    }
    return Page("staff/standing_one.html", context)


def _survey(one: Definition) -> dict[str, object]:
    hint = plural(len(one.questions), "question")
    return {
        "value": one.id,
        "text": words(one.title, "en"),
        "hint": {"text": f"{hint}; anonymous only" if one.anonymous_only else hint},
    }
