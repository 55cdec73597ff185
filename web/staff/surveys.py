"""Surveys: rounds, how many took part, results once there are enough of them.

Counts of an open round do not change while one looks: somebody who knows when a carer answered could match
the two.
"""

from datetime import UTC, datetime, time, timedelta

from aiohttp import web

from carers.audience import audience_names, audience_reach, audience_words, carers_apart
from carers.roles import Action
from surveys.catalogue import standard_definitions
from surveys.definition import words
from surveys.rounds import Refusal, Refused, close_early, plan_round
from surveys.views import RoundState, RoundSummary, round_summaries, round_summary
from web.staff.forms import Form, split_day
from web.staff.survey_results import shown_of
from web.staff.views import Deed, Done, Look, Page, Route, do, see
from web.staff.words import plural

CLOSES_AT = time(20, 0)
"""Local, on the last day: before quiet hours, so that nobody is cut off while asleep."""

LATELY = timedelta(days=183)
"""For so long two rounds of one survey can be held against each other; after that opinions have moved on."""
TOO_ALIKE = (
    "But for a few carers these are the same people as in the round for “{}”. From the two results anybody"
    " could work out what those few said: choose the very same audience, or one that differs more"
)

REFUSED = {
    Refusal.UNKNOWN_SURVEY: ("survey", "Choose a survey"),
    Refusal.UNKNOWN_AUDIENCE: ("audience", "Choose whom to ask"),
    Refusal.WRONG_TIMES: ("closes", "The last day must be after today"),
    Refusal.MUST_BE_ANONYMOUS: ("named", "This survey asks what may only be asked anonymously"),
    Refusal.THRESHOLD_TOO_LOW: ("named", "Results need five people or more"),
    Refusal.TOO_FAR: ("closes", "The last day must be within a year"),
}


def routes() -> list[Route]:
    return [
        see("/surveys", Action.SEE_SURVEYS, rounds),
        see("/surveys/new", Action.RUN_SURVEYS, new_round),
        do("/surveys/new", Action.RUN_SURVEYS, start),
        see("/surveys/{round}", Action.SEE_SURVEYS, one_round),
        see("/surveys/{round}/close", Action.RUN_SURVEYS, ask_to_close),
        do("/surveys/{round}/close", Action.RUN_SURVEYS, close),
    ]


async def rounds(look: Look) -> Page:
    return Page("staff/surveys.html", {"rounds": await round_summaries(look.session)})


async def new_round(look: Look) -> Page:
    today = look.now.astimezone(look.zone).date()
    first = next(iter(standard_definitions()), "")
    last_day = split_day("closes", today + timedelta(days=14))
    return await _form(look, Form.filled({"survey": first, "audience": "all", "named": "no", **last_day}))


async def _form(look: Look, form: Form) -> Page:
    today = look.now.astimezone(look.zone).date()
    surveys = [
        {
            "value": one.id,
            "text": words(one.title, "en"),
            "hint": {
                "text": f"{plural(len(one.questions), 'question')}, about {plural(one.minutes, 'minute')}"
            },
        }
        for one in standard_definitions().values()
    ]
    audiences = [
        {"value": name, "text": f"{audience_words(name)} ({plural(reach.carers, 'carer')})"}
        for name in await audience_names(look.session, today)
        if (reach := await audience_reach(look.session, name, today)).carers
    ]
    return Page("staff/survey_new.html", {"form": form, "surveys": surveys, "audiences": audiences})


async def start(deed: Deed) -> Done | Page:
    form, today = deed.form, deed.now.astimezone(deed.zone).date()
    survey = form.choice("survey", standard_definitions(), required="Choose a survey")
    names = await audience_names(deed.session, today)
    audience = form.choice("audience", names, required="Choose whom to ask")
    named = form.choice("named", ("yes", "no"), required="Say whether answers are anonymous")
    day = form.day("closes", what="The last day", required="Enter the last day for answers")
    if survey and await _is_under_way(deed, survey, audience):
        form.fail("survey", "This survey is open for them already; a second would ask the same people twice")
    if survey and named == "no" and (almost := await _almost_the_same(deed, survey, audience)):
        form.fail("audience", TOO_ALIKE.format(audience_words(almost)))
    if form.errors or day is None:
        return await _form(deed, form)
    closes_at = datetime.combine(day, CLOSES_AT, deed.zone).astimezone(UTC)
    planned = await plan_round(
        deed.session,
        survey,
        audience,
        deed.now,
        closes_at,
        anonymous=named == "no",
        by=deed.staff,
        now=deed.now,
    )
    if isinstance(planned, Refused):
        form.fail(*REFUSED[planned.why])
        return await _form(deed, form)
    return Done(f"/surveys/{planned.id}", "The round opens within a minute, and carers are asked.")


async def _is_under_way(deed: Deed, survey: str, audience: str) -> bool:
    """Whether a round of this survey for this audience is open, or about to be."""
    return any(
        (one.survey, one.audience) == (survey, audience) and one.state in (RoundState.DRAFT, RoundState.OPEN)
        for one in await round_summaries(deed.session)
    )


async def _almost_the_same(deed: Deed, survey: str, audience: str) -> str | None:
    """An audience that was asked the same anonymously of late and differs from this one by so few carers
    that the two results, held against each other, would tell what those few said."""
    today = deed.now.astimezone(deed.zone).date()
    for one in await round_summaries(deed.session):
        asked_of_late = (one.closed_at or one.closes_at) >= deed.now - LATELY
        if (one.survey, one.anonymous) != (survey, True) or not asked_of_late or one.audience == audience:
            continue
        if 0 < await carers_apart(deed.session, audience, one.audience, today) < one.threshold:
            return one.audience
    return None


async def one_round(look: Look) -> Page:
    summary = await _round(look)
    return Page("staff/survey.html", {"round": summary, **await shown_of(look, summary)})


async def ask_to_close(look: Look) -> Page:
    summary = await _round(look)
    lines = (
        f"{summary.took_part} of {plural(summary.asked, 'carer')} took part so far.",
        "A closed round stays closed: nobody can answer any more, and results can be seen.",
    )
    back = f"/surveys/{summary.id}"
    context = {"title": f"Close {summary.title} now?", "lines": lines, "back": back, "warning": True}
    return Page("staff/confirm.html", {**context, "action": f"{back}/close", "button": "Close the round"})


async def close(deed: Deed) -> Done:
    summary = await _round(deed)
    done = await close_early(deed.session, summary.id, deed.staff, deed.now)
    said = "The round closes within a minute." if done else "The round is not open."
    return Done(f"/surveys/{summary.id}", said)


async def _round(look: Look) -> RoundSummary:
    summary = await round_summary(look.session, look.number("round"))
    if summary is None:
        raise web.HTTPNotFound
    return summary
