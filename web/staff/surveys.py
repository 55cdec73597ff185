"""Surveys: the rounds there are, and one of them while it runs; how many took part, never who.

No count here moves by itself: somebody who knows when a carer answered could match the two. Of a round that
asks a few carers at a time the number is not shown at all before it closes.
"""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from carers.roles import Action
from surveys.rounds import close_early
from surveys.views import RoundState, RoundSummary, round_summaries, round_summary
from web.staff.survey_results import shown_of
from web.staff.views import Deed, Done, Look, Page, Route, do, see
from web.staff.words import plural

PER_PAGE = 30
SHOWS: dict[str, tuple[str, Callable[[RoundSummary], bool]]] = {
    "": ("All", lambda one: True),
    "planned": ("Planned", lambda one: one.state is RoundState.DRAFT),
    "open": ("Open", lambda one: one.state not in (RoundState.DRAFT, RoundState.CLOSED)),
    "closed": ("Closed", lambda one: one.state is RoundState.CLOSED),
}
FOLLOWS: dict[str, tuple[str, Callable[[RoundSummary], bool]]] = {
    "": ("Everything", lambda one: True),
    "audience": ("Asked of an audience", lambda one: one.occasion is None),
    "event": ("After events", lambda one: one.occasion == "event"),
    "panel": ("After panels", lambda one: one.occasion == "panel"),
    "exit": ("When a household leaves", lambda one: one.occasion == "exit"),
}


def routes() -> list[Route]:
    return [
        see("/surveys", Action.SEE_SURVEYS, rounds),
        see("/surveys/{round}", Action.SEE_SURVEYS, one_round),
        see("/surveys/{round}/close", Action.RUN_SURVEYS, ask_to_close),
        do("/surveys/{round}/close", Action.RUN_SURVEYS, close),
    ]


async def rounds(look: Look) -> Page:
    every = await round_summaries(look.session, look.parts.keys)
    found = wanted_of(look, every)
    show, follows, survey = (look.asked(name) for name in ("show", "follows", "survey"))
    pages = max(1, -(-len(found) // PER_PAGE))
    page = min(look.page, pages)
    asked = {"show": show, "follows": follows, "survey": survey}
    context = {
        "rounds": found[(page - 1) * PER_PAGE : page * PER_PAGE],
        "total": len(found),
        "any": bool(every),
        "asked": asked,
        "narrowed": any(asked.values()),
        "shows": _offered(SHOWS),
        "follows": _offered(FOLLOWS),
        "surveys": [{"value": "", "text": "Every survey"}, *_surveys(every)],
        "page": page,
        "pages": pages,
        "query": urlencode({name: value for name, value in asked.items() if value}),
    }
    return Page("staff/surveys.html", context)


def wanted_of(look: Look, every: Sequence[RoundSummary]) -> list[RoundSummary]:
    """The rounds that the address asks for."""
    show, follows, survey = (look.asked(name) for name in ("show", "follows", "survey"))
    wanted = (SHOWS.get(show, SHOWS[""])[1], FOLLOWS.get(follows, FOLLOWS[""])[1])
    return [one for one in every if all(fits(one) for fits in wanted) and survey in ("", one.survey)]


def _offered(choices: dict[str, tuple[str, Any]]) -> list[dict[str, str]]:
    return [{"value": value, "text": text} for value, (text, _) in choices.items()]


def _surveys(every: list[RoundSummary]) -> list[dict[str, str]]:
    """The surveys that have rounds, each by the title of its latest without an occasion's own words."""
    titles: dict[str, str] = {}
    for one in every:
        titles.setdefault(one.survey, one.survey_title)
    return [{"value": id, "text": title} for id, title in sorted(titles.items(), key=lambda item: item[1])]


async def one_round(look: Look) -> Page:
    summary = await _round(look)
    return Page("staff/survey.html", {"round": summary, **await shown_of(look, summary)})


async def ask_to_close(look: Look) -> Page:
    summary = await _round(look)
    asked = plural(summary.asked, "carer")
    so_far = f"{summary.took_part} of {asked} took part so far." if summary.counts_in_the_open else ""
    lines = (
        so_far or f"{asked} were asked so far. Whoever is to be asked next is asked in a new round.",
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
    summary = await round_summary(look.session, look.number("round"), look.parts.keys)
    if summary is None:
        raise web.HTTPNotFound
    return summary
