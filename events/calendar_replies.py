"""The answer that a carer gives in their own calendar, and that comes back by mail: a REPLY of RFC 5546.

It is an answer like any other and goes the same way as a tap. Mail is late and comes out of order: what
counts is when the carer answered, not when it arrived. Where their calendar then says what is not so, because
the event is full, has moved or takes no more answers, it is sent the entry again.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from carers.people import Carer
from events import rsvp
from events.calendar import PartStat, partstat_of
from events.calendar_updates import put_right
from events.choices import Choice, Outcome, Result
from events.deciding import locked
from events.holds import LONDON
from storage.calendar_queries import party_of_event, taken_of
from storage.deliveries import Delivery
from storage.engine import Session
from storage.events import Event, Mode
from storage.rsvp import Invitation

if TYPE_CHECKING:
    from icalendar import Event as Entry

LONGEST_REPLY = 200_000
"""Characters. A calendar sends the description back, perhaps twice."""
FORGOTTEN_AFTER = timedelta(minutes=15)
"""A reply that took longer is confirmed: its carer may have said the same as before elsewhere since."""
CLOCKS_DIFFER = timedelta(minutes=10)
"""By how much the clock of a carer's calendar may be ahead of ours."""

_UID = re.compile(r"event-(\d{1,9})-(\d{1,12})(?:-(\d{1,9}))?@hearthline")
_SAID = (PartStat.ACCEPTED, PartStat.TENTATIVE, PartStat.DECLINED)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a calendar says.

    ``made``: when the event was, as its UID says. ``carer_id``: whose entry it is, where an address has more
    than one. ``stamped``: when the carer answered (UTC). ``sequence``: that of the entry that they answered;
    null where the calendar does not say.
    """

    event_id: int
    made: int
    carer_id: int | None
    address: str
    said: PartStat
    stamped: datetime
    sequence: int | None


async def take_reply(
    session: Session,
    text: str,
    delivery_id: int | None,
    carer_id: int,
    now: datetime,
    zone: ZoneInfo = LONDON,
) -> Outcome | None:
    """Take the answer in a calendar's reply for this carer's; null for what is no reply of theirs to us.

    ``text``: iCalendar, from anybody and never trusted. ``carer_id``: who it is from, as a signature of ours
    says that came back with it; ``delivery_id``: the mail that it answers, where that is known. An answer
    that was given before the one that stands, or before the event was moved, changes nothing:
    `Result.UNCHANGED`.
    """
    reply = read_reply(text)
    carer = await session.get(Carer, carer_id)
    if reply is None or carer is None or not _is_from(reply, carer):
        return None
    if not await _is_about(session, delivery_id, reply.event_id, carer_id):
        return None
    invitation_id = await party_of_event(session, reply.event_id, carer)
    if invitation_id is None:
        return None
    event, invitation = await locked(session, invitation_id)
    if event is None or invitation is None or int(event.created_at.timestamp()) != reply.made:
        return None
    taken = await taken_of(session, invitation.id, carer.id)
    if _is_overtaken(reply, event, invitation, taken, now):
        outcome = Outcome(Result.UNCHANGED, event, invitation)
    else:
        choice = _choice(reply, event, invitation)
        # An entry that was sent since replaces what they put there.
        shows = None if _is_older(reply, taken) else reply.said
        outcome = await rsvp.answer(session, invitation.id, carer, choice, now, zone, in_calendar=shows)
    if outcome.changed:
        invitation.answered_at = _answered_at(reply, invitation, now)
        await session.flush()
    forgotten = outcome.changed and now - reply.stamped > FORGOTTEN_AFTER
    if partstat_of(event, invitation) is not reply.said or forgotten:
        await put_right(session, event, invitation, carer.id, now)
    return outcome


def read_reply(text: str) -> Reply | None:
    """What a calendar says, as far as it concerns an event of ours; null for anything else."""
    from icalendar import Calendar

    if len(text) > LONGEST_REPLY:
        return None
    try:
        calendar = Calendar.from_ical(text)
        if str(calendar.get("method", "")).upper() != "REPLY":
            return None
        entries = calendar.events
        return _read_entry(entries[0]) if len(entries) == 1 else None
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError):
        return None  # whatever somebody's calendar, or somebody else, wrote there: it cannot be read


def _read_entry(entry: "Entry") -> Reply | None:
    """Of one attendee alone: a reply that hands back a whole list does not say who answers."""
    named = _UID.fullmatch(str(entry.get("uid", "")))
    attendees = entry.attendees
    stamped = entry.DTSTAMP
    if named is None or len(attendees) != 1 or stamped is None:
        return None
    said = str(attendees[0].params.get("partstat", "")).upper()
    if said not in _SAID:
        return None
    return Reply(
        int(named[1]),
        int(named[2]),
        int(named[3]) if named[3] else None,
        re.sub(r"^mailto:", "", str(attendees[0]), flags=re.IGNORECASE).strip(),
        PartStat(said),
        stamped.astimezone(UTC),
        entry.sequence if "sequence" in entry else None,
    )


def _is_from(reply: Reply, carer: Carer) -> bool:
    """Whether it is this carer's calendar that answers, and not that of somebody to whom they sent it on."""
    if reply.carer_id not in (None, carer.id):
        return False
    return bool(carer.email) and _bare(reply.address) == _bare(carer.email or "")


def _bare(address: str) -> str:
    """An address without what its owner may add to it (``amal+events@``)."""
    local, _, domain = address.strip().casefold().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


async def _is_about(session: Session, delivery_id: int | None, event_id: int, carer_id: int) -> bool:
    """Whether the mail that is answered was this carer's and about this event, as far as it is known."""
    delivery = await session.get(Delivery, delivery_id) if delivery_id is not None else None
    return delivery is None or (delivery.event_id, delivery.carer_id) == (event_id, carer_id)


def _is_overtaken(
    reply: Reply, event: Event, invitation: Invitation, taken: int | None, now: datetime
) -> bool:
    """Whether the party has answered since, or the event has been moved since the carer saw it.

    A calendar counts whole seconds: of two answers within one the first stands. One whose clock is ahead does
    not say which of two answers was later, and a mail may be read more than once: what it says counts where
    nothing was answered yet. The number of the entry grows with answers as well, so it is asked only where
    the event was moved.
    """
    is_ahead = reply.stamped > now + CLOCKS_DIFFER
    if invitation.answered_at is not None and (is_ahead or reply.stamped <= invitation.answered_at):
        return True
    if event.timing_changed_at is None:
        return False
    return _is_older(reply, taken) or reply.stamped <= event.timing_changed_at


def _is_older(reply: Reply, taken: int | None) -> bool:
    """Whether the carer answered an entry before the one that they were sent last."""
    return reply.sequence is not None and taken is not None and reply.sequence < taken


def _choice(reply: Reply, event: Event, invitation: Invitation) -> Choice:
    """What the party means. A calendar cannot say how: online for who was coming, or was offered it, so."""
    match reply.said:
        case PartStat.DECLINED:
            return Choice.NOT_GOING
        case PartStat.TENTATIVE:
            return Choice.MAYBE
        case _ if event.mode is not Mode.HYBRID:
            return Choice.GOING
        case _:
            return Choice.ONLINE if invitation.mode is Mode.ONLINE else Choice.IN_PERSON


def _answered_at(reply: Reply, invitation: Invitation, now: datetime) -> datetime:
    """When the carer answered by their own clock, which may be wrong: not in the future, nor before asked."""
    return min(now, max(reply.stamped, invitation.invited_at))
