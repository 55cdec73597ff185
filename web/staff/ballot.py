"""The fair ballot: what will be drawn, every draw with all that it was made of, and a check of it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from carers.roles import Action
from carers.spreadsheet_writing import exact_time
from events.ballot import Drawn, DrawPage, EntryLine, draw_now, draws_of, verify
from events.parties import PartySearch, parties_of
from events.views import Allocation, EventPage, EventState
from web.staff.events import the_event
from web.staff.taking import Sheet, take
from web.staff.views import Deed, Done, Look, Page, Route, do, see
from web.staff.words import plural

COLUMNS = (
    "Draw",
    "Mode",
    "Drawn at",
    "Seed",
    "Places to give",
    "Turn",
    "Party",
    "Household",
    "Carers",
    "Places",
    "Had before",
    "Lost since",
    "Weight",
    "Chance",
    "Number",
    "Score",
    "Result",
)
SAID = {
    Drawn.NOT_YET: "The ballot has not closed yet. Nothing was drawn.",
    Drawn.ALREADY: "The ballot was drawn already.",
    Drawn.NO_BALLOT: "There is nothing to draw at this event.",
}


def routes() -> list[Route]:
    return [
        see("/events/{event}/ballot", Action.SEE_EVENTS, show),
        do("/events/{event}/ballot", Action.PLAN_EVENTS, draw),
        *take("/events/{event}/ballot", Action.SEE_EVENTS, table, audited_as="ballot", deed="ballot.read"),
    ]


@dataclass(frozen=True, slots=True)
class Row:
    """One entry as the page shows it. ``number`` is what chance gave it, ``score`` that by its weight."""

    entry: EntryLine
    number: float
    score: float
    result: str
    told: str


async def show(look: Look) -> Page:
    """Before the draw what it will be about; after it the first draw, or the one that the address names."""
    event = await the_event(look)
    draws = await draws_of(look.session, event.line.id)
    shown, seen = _wanted(look, draws), await _seen_by(look, event)
    context = {
        "event": event,
        "draws": draws,
        "draw": shown,
        "rows": [_row(shown, entry) for entry in seen(shown)] if shown else [],
        "agrees": await verify(look.session, shown.id) if shown and look.asked("check") else None,
        "own": look.own_households is not None,
        "to_draw": may_draw(event, look.now),
    }
    return Page("staff/ballot.html", context)


def may_draw(event: EventPage, now: datetime) -> bool:
    """Whether the ballot has closed and nobody has drawn it yet."""
    open_still = event.line.state is EventState.INVITED and event.line.starts_at > now
    closed = event.closes_at is not None and event.closes_at <= now
    return event.allocation is Allocation.BALLOT and event.drawn_at is None and open_still and closed


def _wanted(look: Look, draws: Sequence[DrawPage]) -> DrawPage | None:
    """The draw that the address asks for. Raises 404 for one that was never made."""
    asked = look.asked("draw")
    if not asked:
        return draws[0] if draws else None
    found = next((one for one in draws if str(one.id) == asked), None)
    if found is None:
        raise web.HTTPNotFound
    return found


Seen = Callable[[DrawPage], Sequence[EntryLine]]


async def _seen_by(look: Look, event: EventPage) -> Seen:
    """Of a draw the entries that this person may see: a social worker those of their own households."""
    if look.own_households is None:
        return lambda draw: draw.entries
    mine = await parties_of(look.session, event.line.id, PartySearch(social_worker_id=look.own_households))
    own = {party.household_ref for party in mine}
    return lambda draw: [entry for entry in draw.entries if entry.household_ref in own]


def _row(draw: DrawPage, entry: EntryLine) -> Row:
    number = -math.log(entry.chance)
    return Row(entry, number, number / float(entry.weight), _result(entry), _told(draw, entry))


def _result(entry: EntryLine) -> str:
    if entry.won:
        return "Drawn"
    return "Too large for what was left" if entry.too_large else "Nothing was left"


def _told(draw: DrawPage, entry: EntryLine) -> str:
    """What staff can read out to this household: the facts of its own entry, and nobody else's."""
    had = f"They had places by ballot {_times(entry.received)} in the twelve months before"
    lost = f"and have lost {_times(entry.losses)} since."
    if not entry.received:
        had = "They had no places by ballot in the twelve months before"
        lost = f"and lost {_times(entry.losses)} in that time." if entry.losses else "and lost none."
    turn = f"Their turn was number {entry.turn} of {len(draw.entries)}."
    places = plural(entry.seats, "place")
    if entry.won:
        end = f"All of their party still fitted, so they were offered {places}."
    elif entry.too_large:
        end = f"Fewer than {places} were left by then, and a party is never split."
    else:
        end = "All the places had gone to earlier turns."
    return f"{had}, {lost} So their weight was {entry.weight}. {turn} {end}"


def _times(number: int) -> str:
    return {0: "no ballot", 1: "once", 2: "twice"}.get(number) or f"{number} times"


async def draw(deed: Deed) -> Done:
    event = await the_event(deed)
    outcome = await draw_now(deed.session, event.line.id, deed.staff, deed.now, deed.zone)
    said = SAID.get(outcome, "The ballot is drawn. Those who were drawn are offered their places now.")
    return Done(f"/events/{event.line.id}/ballot", said)


async def table(look: Look) -> Sheet:
    """Every draw that was made, or the one asked for."""
    event = await the_event(look)
    draws = await draws_of(look.session, event.line.id)
    wanted = _wanted(look, draws) if look.asked("draw") else None
    seen = await _seen_by(look, event)
    rows = [_cells(look, one, entry) for one in draws if wanted in (None, one) for entry in seen(one)]
    return Sheet(f"ballot-{event.line.id}", COLUMNS, rows, about=f"event:{event.line.ref}")


def _cells(look: Look, draw: DrawPage, entry: EntryLine) -> list[str | int | None]:
    row = _row(draw, entry)
    return [
        draw.number,
        draw.mode.value,
        exact_time(draw.drawn_at, look.zone),
        draw.seed,
        draw.places,
        entry.turn,
        entry.party,
        entry.household_ref,
        entry.names,
        entry.seats,
        entry.received,
        entry.losses,
        str(entry.weight),
        repr(entry.chance),
        repr(row.number),
        repr(row.score),
        row.result,
    ]
