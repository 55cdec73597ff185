"""An event as an iCalendar file (RFC 5545) for a carer's own calendar.

The UID never changes, and SEQUENCE grows with every change of time or place and with a cancellation, so that
a calendar replaces the entry it has. The join link is never in it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from carers.people import Carer
from events.rsvp import belongs_to
from storage.engine import Session
from storage.events import Event, EventState, Mode
from storage.rsvp import Invitation, RsvpState
from storage.rsvp_queries import open_invitations_of

if TYPE_CHECKING:
    # Its zones weigh four megabytes, so it is imported with the first calendar that somebody asks for.
    from icalendar import Event as Entry

MIME = "text/calendar"


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """``content`` is the file's text. ``cancelled``: opening it takes the entry out."""

    filename: str
    content: str
    cancelled: bool


async def calendar_file(
    session: Session, invitation_id: int, carer: Carer, now: datetime
) -> CalendarFile | None:
    """The file for this carer's invitation: the entry while they come, else its removal. Null: not theirs."""
    invitation = await session.get(Invitation, invitation_id)
    if invitation is None or not belongs_to(invitation, carer):
        return None
    event = await session.get_one(Event, invitation.event_id)
    cancelled = event.state is EventState.CANCELLED or invitation.state is not RsvpState.GOING
    content = ics(event, invitation.mode, now, cancelled=cancelled)
    return CalendarFile(f"{event.ref}.ics", content, cancelled)


async def whole_calendar(session: Session, carer: Carer, now: datetime) -> CalendarFile | None:
    """One file of everything ahead that this carer is going to. Null: they are going to nothing."""
    going = [
        entry_of(await session.get_one(Event, invitation.event_id), invitation.mode, now, cancelled=False)
        for invitation in await open_invitations_of(session, carer, now)
        if invitation.state is RsvpState.GOING
    ]
    return CalendarFile("events.ics", _text("PUBLISH", going), cancelled=False) if going else None


def ics(event: Event, mode: Mode | None, now: datetime, *, cancelled: bool) -> str:
    """The text of the file. ``mode``: how the party takes part, which says where."""
    entry = entry_of(event, mode, now, cancelled=cancelled)
    return _text("CANCEL" if cancelled else "PUBLISH", [entry])


def _text(method: str, entries: "Iterable[Entry]") -> str:
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//Hearthline//Events//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    for entry in entries:
        calendar.add_component(entry)
    return str(calendar.to_ical(), "utf-8")


def entry_of(event: Event, mode: Mode | None, now: datetime, *, cancelled: bool) -> "Entry":
    """One VEVENT. Times are in UTC, which every calendar shows in its own zone."""
    from icalendar import Alarm
    from icalendar import Event as Entry

    entry = Entry()
    entry.add("uid", f"event-{event.id}-{int(event.created_at.timestamp())}@hearthline")
    entry.add("dtstamp", now)
    entry.add("last-modified", event.updated_at)
    entry.add("sequence", event.sequence)
    entry.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    entry.add("summary", event.title)
    entry.add("dtstart", event.starts_at)
    entry.add("dtend", event.ends_at)
    place = "Online" if mode is Mode.ONLINE else event.venue
    if place:
        entry.add("location", place)
    if event.description:
        entry.add("description", event.description)
    if not cancelled:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", event.title)
        alarm.add("trigger", timedelta(hours=-2))
        entry.add_component(alarm)
    return entry
