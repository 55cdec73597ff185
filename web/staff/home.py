"""The first page: what needs me today."""

from aiohttp import web

from carers.roles import Action
from events.lines import EventLine, event_list
from surveys.views import RoundState, RoundSummary, round_summaries
from web.parts import PARTS
from web.sessions import find_visit
from web.staff.live import Live, watch
from web.staff.numbers import event_texts
from web.staff.sign_in import UNSAVED, sign_in_page
from web.staff.tasks import tasks_of
from web.staff.views import Look, Page, Route, is_https, see

NEXT_EVENTS = 6


def routes() -> list[Route]:
    signed_in = see("/", Action.SEE_HOME, home)

    async def door(request: web.Request) -> web.StreamResponse:
        parts = request.app[PARTS]
        if await find_visit(parts.database, request, parts.clock(), https=is_https(parts)) is None:
            return sign_in_page(request, UNSAVED if "unsaved" in request.query else "")
        return await signed_in.handler(request)

    return [
        Route("GET", "/", Action.SEE_HOME, door),
        watch("/live", Action.SEE_HOME, _coming, live),
    ]


async def home(look: Look) -> Page:
    context = {
        "pressing": await tasks_of(look),
        "lines": await _coming(look),
        "rounds": await _open_rounds(look),
        "first_name": look.staff.name.split()[0],
    }
    return Page("staff/home.html", context)


async def _coming(look: Look) -> list[EventLine]:
    return await event_list(look.session, look.now, count=NEXT_EVENTS)


async def live(look: Look) -> Live:
    texts: dict[str, str] = {}
    for line in await _coming(look):
        texts |= event_texts(line)
    return Live(texts)


async def _open_rounds(look: Look) -> list[RoundSummary]:
    if not look.may(Action.SEE_SURVEYS):
        return []
    every = await round_summaries(look.session, look.parts.keys)
    return [one for one in every if one.state is RoundState.OPEN or one.key_missing]
