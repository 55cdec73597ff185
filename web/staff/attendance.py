"""Attendance: a list to tick, saved at once for all that was ticked; who walked in; a list for the door."""

from urllib.parse import urlencode

from aiohttp import web

from carers.directory import view_carer
from carers.roles import Action
from carers.sent_forms import Undo
from events.attendance import (
    AttendanceState,
    Ticked,
    can_undo_rest,
    find_carers,
    not_there,
    rest_did_not_come,
    tick,
    undo_rest,
)
from events.parties import (
    EXPECTED,
    AttendanceRow,
    PartyRow,
    PartySearch,
    attendance_list,
    hold_parties,
    parties_of,
)
from events.views import EventPage, EventState, RsvpBy, RsvpState
from web.staff.events import the_event
from web.staff.views import Deed, Done, Look, Noted, Page, Route, do, see
from web.staff.words import plural
from web.whole_numbers import whole_number

NOT_NOTED = "none"
TAKES_BACK = "takes-back"
"""The field of a form that takes back what was ticked."""
STATES = {"attended": AttendanceState.ATTENDED, "no_show": AttendanceState.NO_SHOW, NOT_NOTED: None}
UNDO_REST = "Undo “everyone else did not come”"
PER_PAGE = 100
_EXPECTED: dict[RsvpState | None, int] = {
    state: place
    for place, state in enumerate(
        (RsvpState.GOING, RsvpState.OFFERED, RsvpState.MAYBE, RsvpState.WAITLISTED, RsvpState.BALLOT_LOST)
    )
}
"""Those who are expected come first."""
CALLED_OFF = "The event is cancelled; nothing was noted."
TAKES = Action.TAKE_ATTENDANCE


def routes() -> list[Route]:
    return [
        see("/events/{event}/attendance", TAKES, show),
        do("/events/{event}/attendance", TAKES, save),
        see("/events/{event}/attendance/door", TAKES, list_for_the_door),
        do("/events/{event}/attendance/walk-in", TAKES, walk_in),
        do("/events/{event}/attendance/rest/undo", TAKES, take_the_rest_back),
    ]


async def show(look: Look) -> Page:
    event = await the_event(look)
    line, own, words = event.line, look.own_households, look.asked("q")
    rows, called = await rows_to_tick(look, event), look.asked("name")
    listed = rows if not called else await rows_to_tick(look, event, called)
    pages = max(1, -(-len(listed) // PER_PAGE))
    page = min(look.page, pages)
    begun = line.starts_at <= look.now and line.state is not EventState.CANCELLED
    rest = not_there(rows, by_household=line.rsvp_by is RsvpBy.HOUSEHOLD) if begun else []
    context = {
        "event": event,
        "rows": listed[(page - 1) * PER_PAGE : page * PER_PAGE],
        "all": len(rows),
        "called": called,
        "page": page,
        "pages": pages,
        "query": urlencode({"name": called}) if called else "",
        "going": sum(row.answer is RsvpState.GOING for row in rows),
        "came": sum(row.state is AttendanceState.ATTENDED for row in rows),
        "own": own is not None,
        "rest": len(rest),
        "undo": await can_undo_rest(look.session, line.id, own_households=own),
        "words": words,
        "found": await find_carers(look.session, words, look.now, look.zone, own_households=own),
        "states": {row.carer_id: row.state for row in rows},
    }
    noted = Noted("attendance.read", f"event:{line.ref}", {"rows": len(rows)})
    return Page("staff/attendance.html", context, noted=noted)


async def rows_to_tick(look: Look, event: EventPage, words: str = "") -> list[AttendanceRow]:
    """The carers whom this person may see, those who are expected first; of those who are called so."""
    own = look.own_households
    rows = await attendance_list(look.session, event.line.id, social_worker_id=own, words=words)
    return sorted(rows, key=lambda row: _EXPECTED.get(row.answer, len(_EXPECTED)))


async def save(deed: Deed) -> Done:
    """Note what was ticked, of the carers whom this person may see.

    Only what differs from what the page showed counts: two people with the list open undo nothing of each
    other's. Nor does who takes back what they ticked, where somebody has ticked it anew since.
    """
    await hold_parties(deed.session, deed.number("event"))
    event = await the_event(deed)
    here, takes_back = f"/events/{event.line.id}/attendance", deed.form.text(TAKES_BACK) != ""
    back, changed, before = f"{here}{_same_page(deed)}", 0, dict[str, str]()
    for row in await attendance_list(deed.session, event.line.id, social_worker_id=deed.own_households):
        wanted, shown = deed.form.text(f"c{row.carer_id}"), deed.form.text(f"was{row.carer_id}")
        if wanted not in STATES or wanted == shown or (takes_back and shown != (row.state or NOT_NOTED)):
            continue
        outcome = await tick(
            deed.session, event.line.id, row.carer_id, STATES[wanted], deed.staff, deed.now, source="console"
        )
        if outcome is Ticked.CANCELLED:
            return Done(back, CALLED_OFF)
        if outcome is Ticked.RECORDED:
            changed += 1
            before |= {f"c{row.carer_id}": row.state or NOT_NOTED, f"was{row.carer_id}": wanted}
    said = f"Saved: {plural(changed, 'change')}." if changed else "Nothing was changed."
    undo = Undo(here, {**before, TAKES_BACK: "yes"}) if before else None
    if not deed.form.text("rest"):
        return Done(back, said, undo)
    if noted := await _rest(deed, event.line.id):
        said += f" {plural(noted, 'carer')} noted as not there."
        return Done(back, said, Undo(f"{here}/rest/undo", {}, UNDO_REST))
    return Done(back, f"{said} There was nobody left to note.", undo)


def _same_page(look: Look) -> str:
    """What leads back to the page of the list that was looked at."""
    asked = {"name": look.asked("name"), "page": look.asked("page")}
    return f"?{urlencode(kept)}" if (kept := {name: text for name, text in asked.items() if text}) else ""


async def _rest(deed: Deed, event_id: int) -> int:
    """Everybody else did not come: said with the same button that saves the ticks, so that none is lost."""
    own = deed.own_households
    return await rest_did_not_come(deed.session, event_id, deed.staff, deed.now, own_households=own)


async def at_the_door(look: Look, event: EventPage) -> list[PartyRow]:
    """The parties that may turn up and that this person may see, by name."""
    search = PartySearch(states=EXPECTED, social_worker_id=look.own_households)
    rows = await parties_of(look.session, event.line.id, search)
    return sorted(rows, key=lambda row: row.names.casefold())


async def list_for_the_door(look: Look) -> Page:
    """Who is expected, by name, with boxes to tick by hand and room for who is not on it."""
    event = await the_event(look)
    rows = await at_the_door(look, event)
    by_household = event.line.rsvp_by is RsvpBy.HOUSEHOLD
    coming = [row for row in rows if row.state is RsvpState.GOING]
    people = sum(row.adults + row.children for row in coming) if by_household else len(coming)
    context = {"event": event, "rows": rows, "coming": len(coming), "people": people}
    context["own"] = look.own_households is not None
    noted = Noted("attendance.print", f"event:{event.line.ref}", {"rows": len(rows)})
    return Page("staff/attendance_door.html", context, noted=noted)


async def walk_in(deed: Deed) -> Done:
    """Note a carer as there, invited or not, whom this person may see. Raises 404 for any other."""
    await hold_parties(deed.session, deed.number("event"))
    number = deed.form.text("carer")
    known = whole_number(number) or 0
    event = await the_event(deed)
    view = await view_carer(deed.session, known, deed.now, deed.today, deed.own_households)
    if view is None:
        raise web.HTTPNotFound
    was = await _state_of(deed, event, known)
    outcome = await tick(
        deed.session, event.line.id, known, AttendanceState.ATTENDED, deed.staff, deed.now, source="walk_in"
    )
    said = {
        Ticked.RECORDED: f"{view.carer.name} is noted as there.",
        Ticked.UNCHANGED: f"{view.carer.name} was noted as there already.",
    }
    back = here = f"/events/{event.line.id}/attendance"
    if words := deed.form.text("q")[:200]:
        back += f"?{urlencode({'q': words})}"
    noted = {f"c{known}": was, f"was{known}": AttendanceState.ATTENDED.value}
    before = Undo(here, {**noted, TAKES_BACK: "yes"})
    return Done(back, said.get(outcome, CALLED_OFF), before if outcome is Ticked.RECORDED else None)


async def _state_of(deed: Deed, event: EventPage, carer_id: int) -> str:
    """What is noted of this carer by now, as the form says it."""
    rows = await attendance_list(deed.session, event.line.id, social_worker_id=deed.own_households)
    return next((row.state for row in rows if row.carer_id == carer_id and row.state), NOT_NOTED)


async def take_the_rest_back(deed: Deed) -> Done:
    event = await the_event(deed)
    undone = await undo_rest(
        deed.session, event.line.id, deed.staff, deed.now, own_households=deed.own_households
    )
    said = f"{plural(undone, 'note')} taken back." if undone else "There was nothing to take back."
    return Done(f"/events/{event.line.id}/attendance", said)
