"""The programme as a list: what is to come and what has been, looked for and by month."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from urllib.parse import urlencode

from carers.audience import audience_words
from carers.roles import Action
from events.lines import EventLine, EventSearch, audiences_between, count_events, event_list, kinds_known
from events.views import EventState
from web.staff.views import Look, Page, Route, see
from web.staff.words import in_words

PER_PAGE = 30
STATES = {
    EventState.DRAFT: "Draft",
    EventState.PLANNED: "Not sent yet",
    EventState.INVITED: "Invitations sent",
    EventState.CANCELLED: "Cancelled",
}


def routes() -> list[Route]:
    return [
        see("/events", Action.SEE_EVENTS, upcoming),
        see("/events/past", Action.SEE_EVENTS, past),
    ]


async def upcoming(look: Look) -> Page:
    return await _list(look, past=False)


async def past(look: Look) -> Page:
    return await _list(look, past=True)


async def _list(look: Look, *, past: bool) -> Page:
    """A page of events that are looked for, by month: those to come, or what has begun, the latest first."""
    search = asked(look)
    since, until = (None, look.now) if past else (look.now, None)
    total = await count_events(look.session, since, until, search)
    pages = max(1, -(-total // PER_PAGE))
    page = min(look.page, pages)
    # What is past is read from the end of the list, which comes soonest first.
    first = max(0, total - page * PER_PAGE) if past else (page - 1) * PER_PAGE
    last = total - (page - 1) * PER_PAGE if past else first + PER_PAGE
    lines = await event_list(
        look.session, since, until=until, search=search, offset=first, count=last - first
    )
    context = {
        "months": by_month(look, lines[::-1] if past else lines),
        "past": past,
        "page": page,
        "pages": pages,
        **await looked_for(look, search, since, until),
    }
    return Page("staff/events.html", context)


def asked(look: Look) -> EventSearch:
    """Which events the address looks for; what it asks for wrongly is left out."""
    state = look.asked("state")
    return EventSearch(
        words=look.asked("q"),
        kind=look.asked("kind")[:40],
        state=EventState(state) if state in set(EventState) else None,
        audience=look.asked("for"),
    )


async def looked_for(
    look: Look, search: EventSearch, since: datetime | None, until: datetime | None
) -> dict[str, object]:
    """What the form over a list of the events between two moments offers, and what it was asked for."""
    kinds = await kinds_known(look.session)
    audiences = await audiences_between(look.session, since, until)
    asked_for = {"q": search.words, "kind": search.kind, "state": search.state or "", "for": search.audience}
    return {
        "search": search,
        "query": urlencode({name: str(value) for name, value in asked_for.items() if value}),
        "kinds": _offered({kind: in_words(kind) for kind in (*kinds, search.kind)}),
        "states": _offered({state.value: text for state, text in STATES.items()}),
        "audiences": _offered({name: audience_words(name) for name in (*audiences, search.audience)}),
    }


def _offered(names: Mapping[str, str]) -> list[dict[str, str]]:
    """Any, and the choices, with what was chosen though there is no event of it here."""
    offered = ({"value": name, "text": text} for name, text in names.items() if name)
    return [{"value": "", "text": "Any"}, *offered]


def by_month(look: Look, lines: Sequence[EventLine]) -> list[tuple[date, list[EventLine]]]:
    """The same lines under the local month in which each begins."""

    def month(line: EventLine) -> date:
        return line.starts_at.astimezone(look.zone).date().replace(day=1)

    return [(first, list(some)) for first, some in groupby(lines, key=month)]
