"""The results of a closed round: charts with the tables behind them, and all of it as a spreadsheet.

Everything is made of `Results` alone. Who said what is a page of its own, for rounds with names.
"""

import asyncio
from typing import Any

from aiohttp import web

from carers.audit import record
from carers.roles import Action
from surveys.definition import Definition, Question, words
from surveys.named_answers import NamedAnswers, named_answers
from surveys.sharing import shared_since
from surveys.views import Results, RoundState, RoundSummary, Withheld, results, round_summary
from surveys.workbook import answers_workbook, results_workbook
from web.parts import PARTS
from web.security import document_headers
from web.staff.survey_charts import axis_of, chart_of
from web.staff.survey_findings import (
    change_of,
    favourable_words,
    outcome_share,
    outcome_words,
    overview_of,
    ranking_of,
)
from web.staff.views import Look, Noted, Page, Route, allowed_visit, is_https, see

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PER_PAGE = 25


def routes() -> list[Route]:
    here, read = "/surveys/{closed}", Action.READ_NAMED_ANSWERS
    return [
        Route("GET", f"{here}/results.xlsx", Action.SEE_SURVEYS, take_results_away),
        see(f"{here}/answers", read, who_said_what),
        Route("GET", f"{here}/answers.xlsx", read, take_answers_away),
    ]


async def shown_of(look: Look, round: RoundSummary) -> dict[str, Any]:
    """What the page of a round needs to show its results, or why there are none."""
    named = not round.anonymous and round.state is RoundState.CLOSED
    found = await results(look.session, round.id)
    if isinstance(found, Withheld):
        return {"results": None, "withheld": found, "named": named}
    ranking = ranking_of(found)
    return {
        "results": found,
        "withheld": None,
        "named": named,
        "shared": await shared_since(look.session, round.id),
        "overview": overview_of(found),
        "outcome": outcome_words(found),
        "outcome_share": outcome_share(found),
        "charts": _charts(found),
        "ranking": ranking,
    }


def _charts(found: Results) -> list[dict[str, Any]]:
    axis = axis_of(found.items)
    return [
        {
            "item": item,
            "chart": chart_of(item, axis),
            "change": change_of(found, item.question.id),
            "good": favourable_words(item.question),
            "asked_if": asked_if(found.definition, item.question),
        }
        for item in found.items
    ]


def asked_if(definition: Definition, question: Question) -> str:
    """Of whom a question was asked, where it was not everybody: a sentence; else empty."""
    needs = question.asked_if
    earlier = definition.question(needs.question) if needs else None
    if needs is None or earlier is None:
        return ""
    labels = [f"“{words(one.label, 'en')}”" for one in earlier.options if one.value in needs.values]
    return f"Asked of those who answered {' or '.join(labels)} to “{words(earlier.text, 'en')}”"


async def take_results_away(request: web.Request) -> web.StreamResponse:
    """The results as a workbook; noted in the audit log first. Raises 404 where none can be shown."""
    parts, now = request.app[PARTS], request.app[PARTS].clock()
    visit = await allowed_visit(request, Action.SEE_SURVEYS, now)
    async with parts.database.read() as session:
        look = Look(request, session, visit, now, parts)
        round = await the_round(look)
        found = await results(session, round.id)
    if isinstance(found, Withheld):
        raise web.HTTPNotFound
    body = await asyncio.to_thread(results_workbook, found, round, parts.texts.service.name, parts.texts.zone)
    async with parts.database.write() as session:
        await record(session, now, visit.staff, "round.export", f"round:{round.ref}")
    return _workbook(request, body, f"results-{round.ref}.xlsx")


async def who_said_what(look: Look) -> Page:
    """The sheets of a round with names. Raises 404 while it is open, and for one without names."""
    answers = await _answers(look)
    pages = max(1, -(-len(answers.sheets) // PER_PAGE))
    page = min(look.page, pages)
    context = {
        "answers": answers,
        "sheets": answers.sheets[(page - 1) * PER_PAGE : page * PER_PAGE],
        "page": page,
        "pages": pages,
    }
    noted = Noted("round.read_answers", f"round:{answers.ref}", {"sheets": len(answers.sheets)})
    return Page("staff/survey_answers.html", context, noted=noted)


async def take_answers_away(request: web.Request) -> web.StreamResponse:
    """The same as a workbook; noted in the audit log first."""
    parts, now = request.app[PARTS], request.app[PARTS].clock()
    visit = await allowed_visit(request, Action.READ_NAMED_ANSWERS, now)
    async with parts.database.read() as session:
        answers = await _answers(Look(request, session, visit, now, parts))
    body = await asyncio.to_thread(answers_workbook, answers)
    async with parts.database.write() as session:
        subject, sheets = f"round:{answers.ref}", len(answers.sheets)
        await record(session, now, visit.staff, "round.export_answers", subject, sheets=sheets)
    return _workbook(request, body, f"answers-{answers.ref}.xlsx")


async def the_round(look: Look) -> RoundSummary:
    """The round of the address. Raises 404 where there is none."""
    round = await round_summary(look.session, look.number("closed"), look.parts.keys)
    if round is None:
        raise web.HTTPNotFound
    return round


async def _answers(look: Look) -> NamedAnswers:
    answers = await named_answers(look.session, look.number("closed"))
    if answers is None:
        raise web.HTTPNotFound
    return answers


def _workbook(request: web.Request, body: bytes, name: str) -> web.Response:
    headers = {
        **document_headers(https=is_https(request.app[PARTS])),
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    return web.Response(body=body, content_type=XLSX, headers=headers)
