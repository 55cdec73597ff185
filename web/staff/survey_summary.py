"""The one-page summary of a round: to print, to share with carers, and to write to them about."""

import re
from html import unescape

from aiohttp import web
from markupsafe import Markup

from broadcasts.drafts import Wording, start_draft
from care.said import published_of_round
from carers.audience import audience_exists
from carers.roles import Action
from carers.topics import Topic
from surveys.sharing import Sharing, share, shared_since, shared_summary, unshare
from surveys.summary import Step, Summary, summarise, told
from surveys.views import Results, RoundSummary, Withheld, results
from web.staff.survey_findings import favourable_words, outcome_share, ranking_of
from web.staff.survey_results import the_round
from web.staff.views import Deed, Done, Look, Page, Route, do, see

MOST_STEPS = 4
"""How many things that are done about it stand on the sheet, so that it stays one."""
SHARED = {
    Sharing.DONE: "Carers can see it now: in the chat under /surveys, and on their own page.",
    Sharing.ALREADY: "It is shared with carers already.",
    Sharing.NO_RESULTS: "There is nothing to share: the round has no results that can be shown.",
}
_MARKS = re.compile("[\u200e\u200f\u2066-\u2069]")
"""Invisible marks of direction: a message to all is given its own when it is sent."""


def routes() -> list[Route]:
    here, run = "/surveys/{closed}", Action.RUN_SURVEYS
    return [
        see(f"{here}/summary", Action.SEE_SURVEYS, one_page),
        see(f"{here}/share", run, ask_to_share),
        do(f"{here}/share", run, share_it),
        see(f"{here}/unshare", run, ask_to_stop),
        do(f"{here}/unshare", run, stop),
        do(f"{here}/tell", Action.WRITE_BROADCASTS, tell),
    ]


async def one_page(look: Look) -> Page:
    round, found, summary = await _summary(look)
    context = {
        "round": round,
        "results": found,
        "summary": summary,
        "ranking": ranking_of(found),
        "outcome_share": outcome_share(found),
        "good": {item.question.id: favourable_words(item.question) for item in found.items},
        "steps": await published_of_round(look.session, round.id, "en"),
        "most_steps": MOST_STEPS,
        "shared": await shared_since(look.session, round.id),
    }
    return Page("staff/survey_summary.html", context)


async def ask_to_share(look: Look) -> Page:
    """What carers are going to see, word for word, before they do."""
    round, _, summary = await _summary(look)
    text = look.parts.texts.render("told", told(summary, await _steps(look, round.id, "en"), "en"), "en").text
    lines: tuple[str, ...] = (
        "Every carer can then read this, in their language, in the chat under /surveys and on their own"
        " page. Nobody is written to; you can do that afterwards.",
    )
    if not (summary.strengths or summary.to_work_on):
        lines = ("No question can be shown, so carers learn no more than how many answered.", *lines)
    context = {
        "title": f"Share “{round.title}” with carers?",
        "quote": Markup(text),  # noqa: S704 - a text of ours, which escapes what was typed
        "lines": lines,
        "back": f"/surveys/{round.id}/summary",
        "action": f"/surveys/{round.id}/share",
        "button": "Share with carers",
    }
    return Page("staff/confirm.html", context)


async def share_it(deed: Deed) -> Done:
    round = await the_round(deed)
    done = await share(deed.session, round.id, deed.staff, deed.now)
    back = f"/surveys/{round.id}" if done is Sharing.NO_RESULTS else f"/surveys/{round.id}/summary"
    return Done(back, SHARED[done])


async def ask_to_stop(look: Look) -> Page:
    round = await the_round(look)
    context = {
        "title": "Stop sharing this with carers?",
        "lines": ("They do not find it any more. Who has read it has read it, and what was sent was sent.",),
        "back": f"/surveys/{round.id}/summary",
        "action": f"/surveys/{round.id}/unshare",
        "button": "Stop sharing it",
        "warning": True,
    }
    return Page("staff/confirm.html", context)


async def stop(deed: Deed) -> Done:
    round = await the_round(deed)
    done = await unshare(deed.session, round.id, deed.staff, deed.now)
    said = "Carers do not see it any more." if done is Sharing.DONE else "It was not shared."
    return Done(f"/surveys/{round.id}/summary", said)


async def tell(deed: Deed) -> Done:
    """A draft of a message to all whom the round asked, with the summary in every language that the survey
    has whole. It goes out as any other: with a check, a test and a minute to take it back."""
    round = await the_round(deed)
    summary = await shared_summary(deed.session, round.id)
    if summary is None:
        return Done(f"/surveys/{round.id}/summary", "Share it with carers first, so that they find it again.")
    texts = {
        language: as_markup(deed.parts.texts.render("told", said, language).text)
        for language in sorted(summary.languages)
        for said in [
            told(summary, await _steps(deed, round.id, language), language, for_all=True),
        ]
    }
    # Who came to an event, or left, is no audience that a message can have: then staff choose.
    known = await audience_exists(deed.session, round.audience, deed.today)
    wording = Wording(texts, round.audience if known else "", Topic.SURVEYS)
    draft = await start_draft(deed.session, wording, deed.staff, deed.now)
    return Done(f"/broadcasts/{draft.id}/edit", "This is a draft. Nobody gets it until you send it.")


def as_markup(html: str) -> str:
    """What was said in the chat's HTML, in the light markup of `broadcasts.markup`."""
    return _MARKS.sub("", unescape(re.sub("</?b>", "*", html)))


async def _steps(look: Look, round_id: int, language: str) -> list[Step]:
    said = await published_of_round(look.session, round_id, language)
    return [Step(one.said, one.did) for one in said if one.did]


async def _summary(look: Look) -> tuple[RoundSummary, Results, Summary]:
    """The round of the address with its results. Raises 404 where none can be shown."""
    round = await the_round(look)
    found = await results(look.session, round.id)
    if isinstance(found, Withheld):
        raise web.HTTPNotFound
    return round, found, summarise(found, round.closed_at or round.closes_at)
