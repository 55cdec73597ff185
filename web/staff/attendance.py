"""Attendance: a list to tick, saved at once for as many as were ticked."""

from carers.roles import Action
from events.attendance import AttendanceState, Ticked, tick
from events.views import attendance_list
from web.staff.events import the_event
from web.staff.views import Deed, Done, Look, Page, Route, do, see
from web.staff.words import plural

STATES = {"attended": AttendanceState.ATTENDED, "no_show": AttendanceState.NO_SHOW, "none": None}


def routes() -> list[Route]:
    return [
        see("/events/{event}/attendance", Action.TAKE_ATTENDANCE, show),
        do("/events/{event}/attendance", Action.TAKE_ATTENDANCE, save),
    ]


async def show(look: Look) -> Page:
    event = await the_event(look)
    rows = await attendance_list(look.session, event.line.id, social_worker_id=look.own_households)
    came = sum(row.state is AttendanceState.ATTENDED for row in rows)
    context = {"event": event, "rows": rows, "came": came, "own": look.own_households is not None}
    return Page("staff/attendance.html", context)


async def save(deed: Deed) -> Done:
    """Note what was ticked, of the carers whom this person may see.

    Only what differs from what the page showed counts: two people with the list open undo nothing of each
    other's.
    """
    event = await the_event(deed)
    back = f"/events/{event.line.id}/attendance"
    changed = 0
    for row in await attendance_list(deed.session, event.line.id, social_worker_id=deed.own_households):
        wanted, shown = deed.form.text(f"c{row.carer_id}"), deed.form.text(f"was{row.carer_id}")
        if wanted not in STATES or wanted == shown:
            continue
        outcome = await tick(
            deed.session, event.line.id, row.carer_id, STATES[wanted], deed.staff, deed.now, source="console"
        )
        if outcome is Ticked.CANCELLED:
            return Done(back, "The event is cancelled; nothing was noted.")
        changed += outcome is Ticked.RECORDED
    return Done(back, f"Saved: {plural(changed, 'change')}." if changed else "Nothing was changed.")
