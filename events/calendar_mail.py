"""An event as an invitation by mail that a calendar can answer: iMIP (RFC 6047), iTIP (RFC 5546).

A carer who is told by mail has the event in their calendar from the invitation on: to be answered, then
accepted or not, moved and taken out as it happens. It is the same entry as that of the file, with the same
UID and the same count of changes, so that nobody ends with two. The join link is never in it, nor a link to
the carer's page: calendars are shared.

A couple with one address has one calendar. Where each carer answers for themselves, each has an entry there,
with their name on it: in one entry the answer of the second would wipe out that of the first.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from events.calendar import (
    PartStat,
    Status,
    calendar_of,
    entry_of,
    is_out,
    partstat_of,
    sequence_of,
    text_of,
    uid_of,
)
from events.choices import belongs_to, choices
from storage.calendar_queries import note_taken, sharers_of, taken_of
from storage.deliveries import Delivery
from storage.engine import Session
from storage.events import Event, EventState
from storage.households import Carer
from storage.rsvp import Invitation, RsvpState

if TYPE_CHECKING:
    from icalendar import Event as Entry

BRINGS_IT = (
    *("invitation", "change", "cancellation", "offer", "offer_lapsed", "ballot_lost", "answer_changed"),
    *("calendar_update", "calendar_follow_up"),
)
"""The kinds of notice whose mail brings the entry as it stands."""
BRINGS_IT_WHERE_IT_LACKS = ("nudge", "reminder")
"""The kinds that bring it to a calendar that does not have it: of who was told by another way before."""

_MAY_COME = (RsvpState.WAITLISTED, RsvpState.BALLOT_ENTERED)
_COMING = (RsvpState.GOING, RsvpState.MAYBE)


class Method(StrEnum):
    """What a calendar is to do with the entry: RFC 5546's METHOD."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True)
class CalendarPart:
    """The part of a mail for the calendar. ``content`` is its text; ``method`` is said in its headers too."""

    method: Method
    content: str
    filename: str


async def calendar_part(
    session: Session, delivery: Delivery, address: str, organiser: tuple[str, str], now: datetime
) -> CalendarPart | None:
    """What this mail brings to the carer's calendar, which is noted as theirs; null: nothing.

    ``address``: the carer's own, which the mail goes to. ``organiser``: the service's name and the address to
    which calendars send their answers. To one carer it must always be the same, for a calendar takes nothing
    from another. Call it in the transaction that claims the delivery, and again with every new try.
    """
    found = await _rows(session, delivery)
    if found is None:
        return None
    event, invitation, carer = found
    taken = await taken_of(session, invitation.id, delivery.carer_id or 0)
    if not _is_brought(delivery.kind, event, invitation, taken, now):
        return None
    sequence = sequence_of(event, invitation, taken, mailed=True)
    await note_taken(session, {(invitation.id, delivery.carer_id or 0): sequence})
    entry = _entry(event, invitation, sequence, address, organiser, now)
    if invitation.carer_id is not None:
        await _tell_apart(session, entry, event, carer)
    method = method_of(event, invitation)
    return CalendarPart(method, text_of(calendar_of([entry], method=method)), f"{event.ref}.ics")


def method_of(event: Event, invitation: Invitation) -> Method:
    """Whether the entry stands in a calendar that is kept by mail, or is taken out."""
    out = partstat_of(event, invitation) is PartStat.DECLINED
    return Method.CANCEL if out else Method.REQUEST


async def _rows(session: Session, delivery: Delivery) -> tuple[Event, Invitation, Carer] | None:
    invitation = await session.get(Invitation, delivery.invitation_id) if delivery.invitation_id else None
    carer = await session.get(Carer, delivery.carer_id) if delivery.carer_id else None
    if invitation is None or carer is None or not belongs_to(invitation, carer):
        return None
    return await session.get_one(Event, invitation.event_id), invitation, carer


async def _tell_apart(session: Session, entry: "Entry", event: Event, carer: Carer) -> None:
    """Make the entry this carer's own in a calendar that another carer's mail reaches as well."""
    from icalendar import vText

    sharers = await sharers_of(session, carer)
    if len(sharers) < 2:
        return
    entry["summary"] = vText(f"{entry['summary']} ({carer.first_name})")
    if carer.id != sharers[0]:  # whose entry keeps the name that it had while the address was theirs alone
        entry["uid"] = vText(uid_of(event, carer.id))


def _is_brought(kind: str, event: Event, invitation: Invitation, taken: int | None, now: datetime) -> bool:
    if event.ends_at <= now:
        return False
    if method_of(event, invitation) is Method.CANCEL:
        return kind in BRINGS_IT and taken is not None  # there is nothing to take out of any other calendar
    lacks_it = taken is None or is_out(taken)
    return kind in BRINGS_IT or (kind in BRINGS_IT_WHERE_IT_LACKS and lacks_it)


def _entry(
    event: Event,
    invitation: Invitation,
    sequence: int,
    address: str,
    organiser: tuple[str, str],
    now: datetime,
) -> "Entry":
    from icalendar import vCalAddress

    stands = partstat_of(event, invitation)
    out = stands is PartStat.DECLINED
    may_come = invitation.state in _MAY_COME
    status = Status.CANCELLED if out else Status.TENTATIVE if may_come else Status.CONFIRMED
    rings = not out and invitation.state in _COMING
    entry = entry_of(event, invitation, sequence, now, rings=rings, status=status)
    if out and event.state is not EventState.CANCELLED:
        del entry["status"]  # the event is on: it is this carer alone who is taken off (RFC 5546, 3.2.5)
    name, reads = organiser
    asks = vCalAddress(f"mailto:{reads}")
    asks.params["cn"] = name
    entry.add("organizer", asks)
    asked = vCalAddress(f"mailto:{address}")
    asked.params["cutype"] = "INDIVIDUAL"
    asked.params["role"] = "REQ-PARTICIPANT"
    if not out:
        asked.params["partstat"] = stands.value
        asked.params["rsvp"] = "TRUE" if choices(event, invitation, now) else "FALSE"
    entry.add("attendee", asked)
    return entry
