"""What came of surveys, for carers: those whose results are shared, and what each said in short."""

from aiohttp import web

from care.said import published_of_round
from surveys.definition import words
from surveys.sharing import shared_rounds, shared_summary
from web.carer.opening import Purpose, Route, Shut, Visit, render_page, see


def routes() -> list[Route]:
    return [see(Purpose.HOME, "/told", show_all), see(Purpose.HOME, "/told/{round}", show)]


async def show_all(visit: Visit) -> web.Response:
    """Every survey that is shared, the latest first."""
    language = visit.carer.language.value
    rounds = [
        {
            "title": words(round.title, language),
            "closed_at": round.closed_at,
            "address": visit.here(f"/told/{round.id}"),
        }
        for round in await shared_rounds(visit.session)
    ]
    return render_page(visit, "carer/told_list.html", {"rounds": rounds})


async def show(visit: Visit) -> web.Response | Shut:
    """What carers said in one of them, and what is done about it."""
    round_id, language = visit.number("round"), visit.carer.language.value
    summary = await shared_summary(visit.session, round_id)
    if summary is None:
        return Shut.NOT_OURS
    context = {
        "summary": summary,
        "title": words(summary.title, language),
        "parts": [
            [(words(line.text, language), line) for line in lines]
            for lines in (summary.strengths, summary.to_work_on)
        ],
        "steps": await published_of_round(visit.session, round_id, language),
    }
    return render_page(visit, "carer/told.html", context)
