"""An event as an iCalendar file (RFC 5545) for a carer's own calendar.

The UID never changes, and for one carer SEQUENCE never falls: it grows with every change of the event and
with every answer of the party, so that a calendar replaces the entry it has, takes it out, and takes it back
in after somebody who could not come can after all. The join link is never in it. What goes out by mail, as an
invitation that a calendar can answer, is `events.calendar_mail`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from carers.people import Carer
from events.choices import belongs_to
from events.joining import without_link
from storage.calendar_queries import going_to, note_taken, taken_of
from storage.engine import Session
from storage.events import Event, EventState, Mode
from storage.events_queries import lock_event
from storage.rsvp import Invitation, RsvpState
from storage.rsvp_queries import event_of_invitation, lock_invitation

if TYPE_CHECKING:
    # Its zones weigh four megabytes, so it is imported with the first calendar that somebody asks for.
    from icalendar import Calendar
    from icalendar import Event as Entry

MIME = "text/calendar"
LONGEST_DESCRIPTION = 300
REMINDS = timedelta(hours=-2)
"""When the entry of a file rings, against the start."""

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
"""What no text of a calendar may hold; a line break becomes ``\\n`` there."""


class Status(StrEnum):
    """How an entry stands: RFC 5545's STATUS of an event."""

    CONFIRMED = "CONFIRMED"
    TENTATIVE = "TENTATIVE"
    CANCELLED = "CANCELLED"


class PartStat(StrEnum):
    """How somebody who was asked by mail stands: RFC 5545's PARTSTAT of an attendee."""

    NEEDS_ACTION = "NEEDS-ACTION"
    ACCEPTED = "ACCEPTED"
    TENTATIVE = "TENTATIVE"
    DECLINED = "DECLINED"


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """``content`` is the file's text. ``cancelled``: opening it takes the entry out."""

    filename: str
    content: str
    cancelled: bool


def status_of(event: Event, invitation: Invitation) -> Status:
    """How the event stands in the calendar of this party: who does not come has it no more."""
    if event.state is EventState.CANCELLED:
        return Status.CANCELLED
    match invitation.state:
        case RsvpState.GOING:
            return Status.CONFIRMED
        case RsvpState.MAYBE:
            return Status.TENTATIVE
        case _:
            return Status.CANCELLED


def partstat_of(event: Event, invitation: Invitation) -> PartStat:
    """How the party stands in a calendar that was asked by mail, where an entry is there from the first.

    Who waits, or is in a draw, may come; who has been asked again has to answer. `PartStat.DECLINED`: the
    entry is taken out, because they do not come or nobody can.
    """
    if event.state is EventState.CANCELLED:
        return PartStat.DECLINED
    match invitation.state:
        case RsvpState.GOING | RsvpState.MAYBE if invitation.asked_again_at is not None:
            return PartStat.NEEDS_ACTION
        case RsvpState.GOING:
            return PartStat.ACCEPTED
        case RsvpState.MAYBE | RsvpState.WAITLISTED | RsvpState.BALLOT_ENTERED:
            return PartStat.TENTATIVE
        case RsvpState.INVITED | RsvpState.OFFERED:
            return PartStat.NEEDS_ACTION
        case RsvpState.NOT_GOING | RsvpState.BALLOT_LOST | RsvpState.CANCELLED:
            return PartStat.DECLINED


def stands_in(event: Event, invitation: Invitation, *, mailed: bool) -> bool:
    """Whether the event stands in the calendar of this party. ``mailed``: it gets its entries by mail."""
    if mailed:
        return partstat_of(event, invitation) is not PartStat.DECLINED
    return status_of(event, invitation) is not Status.CANCELLED


def sequence_of(event: Event, invitation: Invitation, taken: int | None, *, mailed: bool = False) -> int:
    """The SEQUENCE of the entry as it stands, for a carer who took ``taken`` last (null: none).

    Twice the event's changes and the seconds until the party's latest answer: both only ever grow, and so
    does their sum with either of them. An entry that is taken out has an odd number, any other an even one:
    so the carer's next number is higher whenever it goes out or comes back, even within the same second.
    """
    answered = invitation.answered_at or event.created_at
    changes = event.version - 1 + max(0, int((answered - event.created_at).total_seconds()))
    odd = not stands_in(event, invitation, mailed=mailed)
    number = 2 * changes + odd
    if taken is None:
        return number
    return max(number, taken if is_out(taken) == odd else taken + 1)


def is_out(sequence: int) -> bool:
    """Whether the file with this SEQUENCE took the entry out."""
    return sequence % 2 == 1


async def calendar_file(
    session: Session, invitation_id: int, carer: Carer, now: datetime
) -> CalendarFile | None:
    """The file for this carer's invitation, which they now have: the entry, or its removal. Null: not theirs.

    The event is locked, so that a change of it either is in the file or finds that the file was taken.
    """
    event_id = await event_of_invitation(session, invitation_id)
    event = await lock_event(session, event_id) if event_id is not None else None
    invitation = await lock_invitation(session, invitation_id) if event is not None else None
    if event is None or invitation is None or not belongs_to(invitation, carer):
        return None
    taken = await taken_of(session, invitation.id, carer.id)
    sequence = sequence_of(event, invitation, taken)
    if not (taken is None and is_out(sequence)):
        await note_taken(session, {(invitation.id, carer.id): sequence})
    return file_of(event, invitation, sequence, now)


async def whole_calendar(session: Session, carer: Carer, now: datetime) -> CalendarFile | None:
    """One file of everything ahead that this carer is going to. Null: they are going to nothing."""
    going = await going_to(session, carer, now)
    numbers = {one.invitation.id: sequence_of(one.event, one.invitation, one.taken) for one in going}
    await note_taken(session, {(invitation, carer.id): number for invitation, number in numbers.items()})
    entries = [entry_of(one.event, one.invitation, numbers[one.invitation.id], now) for one in going]
    return CalendarFile("events.ics", text_of(calendar_of(entries)), cancelled=False) if going else None


def file_of(event: Event, invitation: Invitation, sequence: int, now: datetime) -> CalendarFile:
    """The file of one entry as it stands."""
    cancelled = status_of(event, invitation) is Status.CANCELLED
    entry = entry_of(event, invitation, sequence, now)
    calendar = calendar_of([entry], method="CANCEL" if cancelled else "PUBLISH")
    return CalendarFile(f"{event.ref}.ics", text_of(calendar), cancelled)


def calendar_of(entries: "Iterable[Entry]", *, method: str = "PUBLISH") -> "Calendar":
    """A calendar of these entries."""
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//Hearthline//Events//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    for entry in entries:
        calendar.add_component(entry)
    return calendar


def text_of(calendar: "Calendar") -> str:
    """The calendar as it is written: lines of 75 octets at most that end with CRLF."""
    return str(calendar.to_ical(), "utf-8")


def uid_of(event: Event, carer_id: int | None = None) -> str:
    """What calendars know an event by. ``carer_id``: of who has an entry of their own beside another's."""
    own = "" if carer_id is None else f"-{carer_id}"
    return f"event-{event.id}-{int(event.created_at.timestamp())}{own}@hearthline"


def entry_of(
    event: Event,
    invitation: Invitation,
    sequence: int,
    stamped: datetime,
    *,
    rings: bool = True,
    status: Status | None = None,
) -> "Entry":
    """One VEVENT. Times are in UTC, which every calendar shows in its own zone.

    ``rings``: with an alarm. ``status``: null for that of a file.
    """
    from icalendar import Alarm
    from icalendar import Event as Entry

    status = status or status_of(event, invitation)
    title = _printable(event.title)
    entry = Entry()
    entry.add("uid", uid_of(event))
    entry.add("dtstamp", stamped)
    entry.add("last-modified", changed_at(event, invitation))
    entry.add("sequence", sequence)
    entry.add("status", status.value)
    entry.add("summary", title)
    entry.add("dtstart", event.starts_at)
    entry.add("dtend", event.ends_at)
    if place := _place(event, invitation):
        entry.add("location", place)
    if description := _description(event):
        entry.add("description", description)
    if status is Status.CANCELLED:
        entry.add("transp", "TRANSPARENT")
    elif rings:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", title)
        alarm.add("trigger", REMINDS)
        entry.add_component(alarm)
    return entry


@dataclass(frozen=True, slots=True)
class ShownTo:
    """What of an answer stands in the calendars of a party: how they come, and where.

    ``file``: where a carer took a file; null: nothing does. ``mail``: where a carer was asked by mail.
    """

    file: tuple[Status, Mode | None] | None
    mail: tuple[PartStat, Mode | None]


def shown_to(event: Event, invitation: Invitation) -> ShownTo:
    """How the event stands in the calendars of this party now."""
    status = status_of(event, invitation)
    mode = invitation.mode
    file = None if status is Status.CANCELLED else (status, mode)
    return ShownTo(file, (partstat_of(event, invitation), mode))


def changed_at(event: Event, invitation: Invitation) -> datetime:
    """When the entry became what it is."""
    return max(event.updated_at, invitation.answered_at or event.updated_at)


def _place(event: Event, invitation: Invitation) -> str:
    """Where this party takes part: it chose, where an event is both."""
    mode = invitation.mode or event.mode
    return "Online" if mode is Mode.ONLINE else _printable(without_link(event, event.venue))


def _description(event: Event) -> str:
    """A few words, and never the join link, should staff have written it there as well."""
    words = _printable(without_link(event, event.description)).strip()
    return words if len(words) <= LONGEST_DESCRIPTION else words[: LONGEST_DESCRIPTION - 1].rstrip() + "…"


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub(" ", text.replace("\r\n", "\n"))
