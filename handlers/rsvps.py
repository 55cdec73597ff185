"""/rsvps for staff: who is coming to what, in numbers, and ticking off who came."""

from datetime import timedelta
from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, ContextTypes

from carers.roles import Action, StaffMember, may, own_households_of
from events.attendance import AttendanceState, tick
from events.editing import event_to_edit
from events.parties import attendance_list
from events.views import EventLine, EventPage, EventState, RsvpState, event_list, event_page
from handlers.free_text import unknown_command
from handlers.turn import Turn, current_turn
from texts.callbacks import as_id, unpack
from texts.clock_words import short_day

Context = ContextTypes.DEFAULT_TYPE
EVENTS_SHOWN = 8
CARERS_SHOWN = 8
MOST_PAGES = 1000
STILL_TICKED = timedelta(days=3)
"""After its end an event stays in the list for so long, so that staff can tick who came."""


async def show(update: Update, context: Context) -> None:
    """The first events that are on or just over, with their counts."""
    turn = current_turn()
    staff = turn.person.staff
    if staff is None or not may(staff, Action.SEE_EVENTS):
        await unknown_command(update, context)
        return
    await turn.reply("rsvps", **await _overview(turn))


async def tap(update: Update, context: Context) -> None:
    """A page of the list, or one event of it."""
    turn = current_turn()
    staff = turn.person.staff
    _, arguments = unpack(turn.tapped)
    if staff is None or not may(staff, Action.SEE_EVENTS):
        await turn.toast("toast_old_button")
        return
    match arguments:
        case ("list",):
            await turn.edit("rsvps", **await _overview(turn))
        case ("list", page):
            await turn.edit("rsvps", **await _overview(turn, as_id(page)))
        case (number,):
            await _show_event(turn, staff, as_id(number))
    await turn.toast()


async def tap_attendance(update: Update, context: Context) -> None:
    """A page of the list, or a tick on it. Each button carries the state it leads to."""
    turn = current_turn()
    staff = turn.person.staff
    _, arguments = unpack(turn.tapped)
    if staff is None or not may(staff, Action.TAKE_ATTENDANCE):
        await turn.toast("toast_old_button")
        return
    match arguments:
        case (event, page):
            await _show_attendance(turn, staff, as_id(event), as_id(page))
            await turn.toast()
        case (event, page, carer, ("attended" | "no_show" | "none") as state):
            await _tick(turn, staff, as_id(event), as_id(carer), state)
            await _show_attendance(turn, staff, as_id(event), as_id(page))
        case _:
            await turn.toast("toast_old_button")


async def _tick(turn: Turn, staff: StaffMember, event_id: int, carer_id: int, state: str) -> None:
    """Only for a carer whom this member of staff sees in the list."""
    own = own_households_of(staff)
    listed = await attendance_list(turn.session, event_id, social_worker_id=own)
    if carer_id not in {row.carer_id for row in listed}:
        await turn.toast("toast_old_button")
        return
    noted = None if state == "none" else AttendanceState(state)
    await tick(turn.session, event_id, carer_id, noted, staff, turn.now)
    await turn.toast()


async def _overview(turn: Turn, page: int = 1) -> dict[str, Any]:
    """A page of the events, from 1 on; the first one instead of a page that there is not, or no longer."""
    before = (min(max(1, page), MOST_PAGES) - 1) * EVENTS_SHOWN
    since = turn.now - STILL_TICKED
    lines = await event_list(turn.session, since, offset=before, count=EVENTS_SHOWN + 1)
    if before and not lines:
        return await _overview(turn)
    shown = [_line(turn, line) for line in lines[:EVENTS_SHOWN]]
    return {"events": shown, "page": before // EVENTS_SHOWN + 1, "more": len(lines) > EVENTS_SHOWN}


def _line(turn: Turn, line: EventLine) -> dict[str, Any]:
    day = short_day(line.starts_at, turn.zone, turn.language)
    return {
        "event_id": line.id,
        "title": line.title,
        "starts_at": line.starts_at.isoformat(),
        "label": f"{day} · {line.title}"[:60],
        "state": line.state.value,
        "going_people": line.going_people,
        "by_household": line.rsvp_by.value == "household",
        "counts": {state.value: count for state, count in line.parties.items()},
        "seats": [
            {"mode": seats.mode.value, "taken": seats.taken, "capacity": seats.capacity}
            for seats in line.seats
        ],
    }


async def _show_event(turn: Turn, staff: StaffMember, event_id: int) -> None:
    page = await event_page(turn.session, event_id)
    if page is None:
        await turn.edit("rsvps", **await _overview(turn))
        return
    facts = _line(turn, page.line) | {"by_band": dict(page.people_by_band), "may": _deeds(turn, staff, page)}
    await turn.edit("rsvps_event", **facts)


def _deeds(turn: Turn, staff: StaffMember, page: EventPage) -> list[str]:
    """What this person can do now about the event."""
    coming = page.line.ends_at > turn.now and page.line.state is not EventState.CANCELLED
    invited = page.line.state is EventState.INVITED
    can = {
        "tick": may(staff, Action.TAKE_ATTENDANCE),
        "phone": coming and invited and may(staff, Action.ANSWER_FOR_CARERS),
        "waiting": coming and RsvpState.WAITLISTED in page.line.parties and may(staff, Action.PLAN_EVENTS),
        "change": coming and may(staff, Action.PLAN_EVENTS),
    }
    return [deed for deed, possible in can.items() if possible]


async def _show_attendance(turn: Turn, staff: StaffMember, event_id: int, page: int) -> None:
    rows = await attendance_list(turn.session, event_id, social_worker_id=own_households_of(staff))
    pages = max(1, -(-len(rows) // CARERS_SHOWN))
    page = min(max(1, page), pages)
    shown = rows[(page - 1) * CARERS_SHOWN : page * CARERS_SHOWN]
    event = await event_to_edit(turn.session, event_id)
    await turn.edit(
        "attendance",
        event_id=event_id,
        page=page,
        pages=pages,
        rows=[
            {"carer_id": row.carer_id, "name": row.name, "state": row.state.value if row.state else "none"}
            for row in shown
        ],
        open=event is not None,
        rest=event is not None
        and event.plan.starts_at <= turn.now
        and any(row.state is None and row.answer is RsvpState.GOING for row in rows),
        attended=sum(row.state is AttendanceState.ATTENDED for row in rows),
        listed=len(rows),
    )


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    return [
        CommandHandler("rsvps", show),
        CallbackQueryHandler(tap, pattern="^rsvps:"),
        CallbackQueryHandler(tap_attendance, pattern="^tick:"),
    ]
