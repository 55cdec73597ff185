"""A carer's own page: what is on, which surveys are open, what came of others, and all that is theirs."""

from aiohttp import web

from care.said import count_published
from events.listing import whats_on
from surveys.definition import words
from surveys.reading import read_definition
from surveys.rounds import rounds_of_carer
from surveys.sharing import shared_rounds
from web.carer.opening import Purpose, Route, Visit, render_page, see
from web.whole_numbers import whole_number


def routes() -> list[Route]:
    return [see(Purpose.HOME, "", show)]


async def show(visit: Visit) -> web.Response:
    """What is on, a page at a time, each with a link to where it is answered."""
    number = whole_number(visit.asked("page"), 99_999) or 1
    listed = await whats_on(visit.session, visit.carer, number, visit.now, visit.zone)
    rounds = await rounds_of_carer(visit.session, visit.carer, visit.now)
    if visit.opened.handed:
        # Whoever made this link could come here too, and see who took part in what is anonymous.
        rounds = [(round, took_part) for round, took_part in rounds if not round.anonymous]
    language = visit.carer.language.value
    paused = visit.carer.paused_until
    context = {
        "listed": listed,
        "lines": [(line, visit.link(Purpose.INVITATION, line.invitation_id)) for line in listed.lines],
        "rounds": [
            {
                "title": words(read_definition(round.definition).title, language),
                "closes_at": round.closes_at,
                "took_part": took_part,
                "address": visit.link(Purpose.SURVEY, round.id),
            }
            for round, took_part in rounds
        ],
        "paused_until": paused if paused and paused > visit.now else None,
        "told": bool(await shared_rounds(visit.session)),
        "said": await count_published(visit.session) > 0,
        "feeds": visit.parts.feeds is not None,
        "back_again": visit.asked("done") == "back",
    }
    return render_page(visit, "carer/home.html", context)
