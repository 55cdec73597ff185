"""The waiting list by hand: moving one party to another place, with a reason that the audit log keeps."""

from collections.abc import Sequence

from aiohttp import web

from carers.roles import Action
from carers.sent_forms import Undo
from events.line import Moved, move_in_line
from events.parties import PartyRow, PartySearch, RsvpState, hold_parties, parties_of
from events.views import EventPage, EventState
from web.staff.event_answers import the_party
from web.staff.events import the_event
from web.staff.forms import Form
from web.staff.marks import FIELD, is_outdated, mark
from web.staff.views import Deed, Done, Look, Page, Route, do, see
from web.staff.words import plural

LONGEST_REASON = 200
PUT_BACK = "Put back: the move was undone"
NOT_MOVED = {
    Moved.UNCHANGED: "{names} had that place already. Nothing was changed.",
    Moved.NOT_WAITING: "{names} no longer wait. Nothing was changed.",
}


def routes() -> list[Route]:
    return [
        see("/events/{event}/parties/{party}/move", Action.PLAN_EVENTS, ask),
        do("/events/{event}/parties/{party}/move", Action.PLAN_EVENTS, move),
    ]


async def ask(look: Look) -> Page:
    event, party = await _party(look)
    return _form(event, party, await _line_with(look, event, party))


async def move(deed: Deed) -> Done | Page:
    await hold_parties(deed.session, deed.number("event"))
    event, party = await _party(deed)
    line = await _line_with(deed, event, party)
    places = [str(place) for place in range(1, len(line) + 1)]
    to = deed.form.choice("to", places, required="Choose a new place")
    reason = deed.form.words("reason", required="Enter a reason", most=LONGEST_REASON)
    if line and deed.form.errors:
        return _form(event, party, line, deed.form)
    if line and is_outdated(deed.form, _mark(line)):
        return _form(event, party, line, deed.form, outdated=True)
    back, names = f"/events/{event.line.id}#group-waitlisted", party.names or party.household_ref
    if not line:
        return Done(back, NOT_MOVED[Moved.NOT_WAITING].format(names=names))
    outcome = await move_in_line(deed.session, party.invitation_id, int(to), reason, deed.staff, deed.now)
    if outcome is Moved.NOT_FOUND:
        raise web.HTTPNotFound
    if outcome is Moved.NO_REASON:
        deed.form.fail("reason", "Enter a reason")
        return _form(event, party, line, deed.form)
    moved = f"{names}: now number {to} of {len(line)} on the waiting list. {_others(party, int(to))}"
    undo = await _putting_back(deed, event, party) if outcome is Moved.MOVED else None
    return Done(back, NOT_MOVED.get(outcome, moved).format(names=names), undo)


async def _putting_back(deed: Deed, event: EventPage, party: PartyRow) -> Undo:
    """What moves the party back to where it was, unless the line moves meanwhile."""
    line = await _line_with(deed, event, party)
    fields = {"to": str(party.position), "reason": PUT_BACK, FIELD: _mark(line)}
    return Undo(f"/events/{event.line.id}/parties/{party.invitation_id}/move", fields)


def _others(party: PartyRow, to: int) -> str:
    """What the move means for those in between."""
    passed = abs((party.position or to) - to)
    towards = "back" if to < (party.position or to) else "up"
    return f"{plural(passed, 'other moves', 'others move')} {towards} by one place."


def _mark(line: Sequence[PartyRow]) -> str:
    """Who stands where: a place has another meaning in another list."""
    return mark([row.invitation_id for row in line])


def _form(
    event: EventPage,
    party: PartyRow,
    line: Sequence[PartyRow],
    form: Form | None = None,
    *,
    outdated: bool = False,
) -> Page:
    context = {
        "event": event,
        "party": party,
        "line": line,
        "items": _places(line, party),
        "form": form,
        "outdated": outdated,
        "was": (form.text(FIELD) if form and not outdated else "") or _mark(line),
    }
    return Page("staff/waiting_move.html", context)


def _places(line: Sequence[PartyRow], party: PartyRow) -> list[dict[str, object]]:
    """The places to choose from, each said by who stands there now."""
    items: list[dict[str, object]] = [{"value": "", "text": "Choose a place"}]
    here = party.position or 0
    for place, row in enumerate(line, 1):
        names = row.names or row.household_ref
        side = "before" if place < here else "after"
        text = f"{place}: where they are now" if place == here else f"{place}: {side} {names}"
        items.append({"value": str(place), "text": text})
    return items


async def _line_with(look: Look, event: EventPage, party: PartyRow) -> Sequence[PartyRow]:
    """Those who wait for places in the same mode; nobody where the party itself no longer waits."""
    open_still = event.line.state is EventState.INVITED and event.line.ends_at > look.now
    if party.position is None or not open_still:
        return ()
    waiting = PartySearch(states=(RsvpState.WAITLISTED,), social_worker_id=look.own_households)
    rows = await parties_of(look.session, event.line.id, waiting)
    return [row for row in rows if row.position is not None and row.mode is party.mode]


async def _party(look: Look) -> tuple[EventPage, PartyRow]:
    event = await the_event(look)
    return event, await the_party(look, event)
