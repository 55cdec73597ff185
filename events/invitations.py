"""Inviting: when the time has come, when staff say so, and for those who come late.

An invitation is one row a party. Its notice goes to every carer of the party, linked or not: the engine marks
those without the app as skipped, so that staff see whom to reach by other means.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from broadcasts.queue import Recipient, queue_notice
from carers.audience import CONSTELLATION, EVERYONE, audience_carers, saved_with
from carers.audit import record
from carers.choices import come_back as resume
from carers.people import Carer, StaffMember
from events.choices import answers_until, choices, closed
from events.holds import LONDON
from storage.engine import Session
from storage.events import Event, EventState, RsvpBy
from storage.events_queries import events_to_invite, invited_events_between, lock_event
from storage.households import Household
from storage.households_queries import fosters_no_more
from storage.rsvp import Invitation, RsvpState
from storage.rsvp_inviting import (
    groups_of_carer,
    insert_invitations,
    invitations_shown_to,
    invited_parties,
    members_of_all,
    unanswered,
)
from storage.rsvp_queries import open_invitations_of

MOST_NUDGES = 2
TAP_AGAIN_WITHIN = timedelta(hours=24)
_FAR = timedelta(days=3650)


class Invited(StrEnum):
    """What became of staff's wish to send an event's invitations."""

    SENT = "sent"
    NOT_FOUND = "not_found"
    CANCELLED = "cancelled"
    BEGUN = "begun"


@dataclass(frozen=True, slots=True)
class InviteOutcome:
    """``carers`` counts those to whom an invitation was queued now."""

    result: Invited
    event: Event | None = None
    carers: int = 0


async def send_due_invitations(session: Session, now: datetime, zone: ZoneInfo = LONDON) -> int:
    """Invite to every planned event whose time for it has come; returns how many carers were invited."""
    invited = 0
    for due in _in_locking_order(await events_to_invite(session, now)):
        event = await lock_event(session, due.id)
        if event is not None and event.state is EventState.PLANNED:
            invited += await _invite_audience(session, event, now, zone)
    return invited


async def send_invitations_now(
    session: Session, event_id: int, by: StaffMember | None, now: datetime, zone: ZoneInfo = LONDON
) -> InviteOutcome:
    """Staff send the invitations of a draft or a planned event, or invite who joined its audience since."""
    event = await lock_event(session, event_id)
    if event is None:
        return InviteOutcome(Invited.NOT_FOUND)
    if event.state is EventState.CANCELLED:
        return InviteOutcome(Invited.CANCELLED, event)
    if event.starts_at <= now:
        return InviteOutcome(Invited.BEGUN, event)
    carers = await _invite_audience(session, event, now, zone)
    await record(session, now, by, "event.invite", f"event:{event.ref}", carers=carers)
    return InviteOutcome(Invited.SENT, event, carers)


async def invite_the_missing(
    session: Session, now: datetime, zone: ZoneInfo = LONDON, *, one_event: bool = False
) -> int:
    """Invite those who have joined the audience of an open event since it was sent; how many carers.

    For after an import of the register, and every minute. ``one_event``: to the first where somebody is
    missing, so that whoever calls it again and again lets others write between two.
    """
    invited = 0
    carers: dict[str, Sequence[Carer]] = {}
    for coming in _in_locking_order(await invited_events_between(session, now, now + _FAR)):
        if closed(coming, now):
            continue
        if coming.audience not in carers:
            today = now.astimezone(zone).date()
            carers[coming.audience] = await audience_carers(session, coming.audience, today)
        # Almost always nobody is missing: look before locking and writing.
        wanted = {_party(coming, carer) for carer in carers[coming.audience]}
        if wanted <= await invited_parties(session, coming.id):
            continue
        event = await lock_event(session, coming.id)
        if event is not None and event.state is EventState.INVITED:
            invited += await _invite_audience(session, event, now, zone)
        if invited and one_event:
            break
    return invited


async def invite_newcomer(
    session: Session, carer: Carer, now: datetime, zone: ZoneInfo = LONDON, *, since: datetime | None = None
) -> int:
    """Send a newly linked carer every open invitation of theirs, and what they count on; returns how many.
    ``since``: when they became one to whom they can go, where it is not when they were linked.

    That an earlier delivery was skipped for want of the app, or went to a chat they no longer have, does
    not count. What they have in this chat already is not sent again.
    """
    today = now.astimezone(zone).date()
    coming = await invited_events_between(session, now, now + _FAR)
    audiences = await _audiences_of(session, carer, {event.audience for event in coming}, today)
    rows = [_row(each, carer, now) for each in coming if each.audience in audiences and not closed(each, now)]
    await insert_invitations(session, rows)
    seen = await invitations_shown_to(session, carer)
    events, sent = {event.id: event for event in coming}, 0
    for invitation in await open_invitations_of(session, carer, now, today):
        event = events[invitation.event_id]
        lost = invitation.state is RsvpState.BALLOT_LOST
        if invitation.id not in seen and not lost and choices(event, invitation, now):
            about = f"event:{event.id}:{_stamp(since or carer.linked_at or now)}"
            recipient = Recipient(carer.id, invitation_id=invitation.id)
            sent += await _queue(session, event, [recipient], about, now, newcomer=True)
    return sent


async def come_back(session: Session, carer: Carer, now: datetime, zone: ZoneInfo = LONDON) -> bool:
    """End a stop and a pause, because the carer asked for it, and send what is open to who had stopped: it
    was passed over then, not held back. True if anything changed.

    Without a chat it stands on their own page.
    """
    had_stopped = carer.stopped_at is not None
    changed = await resume(session, carer, now)
    if had_stopped and carer.chat_id is not None:
        await invite_newcomer(session, carer, now, zone, since=now)
    return changed


async def invite_member(session: Session, carer: Carer, now: datetime, zone: ZoneInfo = LONDON) -> int:
    """Invite a carer who is in another group now to what is open for it; returns to how many events.

    What their party is invited to already is not sent again.
    """
    coming = [
        event for event in await invited_events_between(session, now, now + _FAR) if not closed(event, now)
    ]
    today = now.astimezone(zone).date()
    audiences = await _audiences_of(session, carer, {event.audience for event in coming}, today)
    invited = 0
    for event in _in_locking_order(coming):
        if event.audience not in audiences:
            continue
        made = await insert_invitations(session, [_row(event, carer, now)])
        recipients = [
            Recipient(member.carer_id, invitation_id=member.invitation_id)
            for member in await members_of_all(session, made)
        ]
        await _queue(session, event, recipients, f"event:{event.id}", now)
        invited += len(made)
    return invited


async def ask_to_tap_again(session: Session, now: datetime) -> int:
    """Ask those with an open invitation once to tap again: what they tapped while the bot was away is gone.

    One message a carer, however many invitations are open, counted as a nudge on each of them. Returns how
    many carers were asked.
    """
    asked: dict[int, int | None] = {}
    invitations: dict[int, Invitation] = {}
    for carer_id, invitation, event in await unanswered(session, now, MOST_NUDGES):
        if closed(event, now):
            continue
        asked[carer_id] = None if carer_id in asked else invitation.id
        invitations[invitation.id] = invitation
    for invitation in invitations.values():
        invitation.nudges += 1
    await session.flush()
    return await queue_notice(
        session,
        "tap_again",
        [Recipient(carer_id, invitation_id=invitation_id) for carer_id, invitation_id in asked.items()],
        about=f"gap:{_stamp(now)}",
        now=now,
        send_by=now + TAP_AGAIN_WITHIN,
    )


async def _invite_audience(session: Session, event: Event, now: datetime, zone: ZoneInfo) -> int:
    """Make the invitations that the audience lacks and queue their notices. The event is locked."""
    carers = await audience_carers(session, event.audience, now.astimezone(zone).date())
    rows = {row["party"]: row for row in (_row(event, carer, now) for carer in carers)}
    made = await insert_invitations(session, list(rows.values()))
    if event.state is not EventState.INVITED:
        event.state = EventState.INVITED
        event.invited_at = now
        if event.rsvp_deadline is not None and event.rsvp_deadline <= now:
            # Invited late, as the first days of a series can be: with it nobody could answer.
            event.rsvp_deadline = None
            event.version += 1
        await session.flush()
    recipients = [
        Recipient(member.carer_id, invitation_id=member.invitation_id)
        for member in await members_of_all(session, made)
    ]
    return await _queue(session, event, recipients, f"event:{event.id}", now)


async def _queue(
    session: Session,
    event: Event,
    recipients: Sequence[Recipient],
    about: str,
    now: datetime,
    *,
    newcomer: bool = False,
) -> int:
    return await queue_notice(
        session,
        "invitation",
        recipients,
        about=about,
        now=now,
        send_by=event.starts_at if closed(event, now) else answers_until(event),
        event_id=event.id,
        params={"newcomer": newcomer},
    )


def _in_locking_order(events: Sequence[Event]) -> list[Event]:
    """Everybody who locks several events does so by id, so that no two wait for each other."""
    return sorted(events, key=lambda event: event.id)


def _party(event: Event, carer: Carer) -> str:
    """Who answers for this carer: they themselves, or their household."""
    return f"h{carer.household_id}" if event.rsvp_by is RsvpBy.HOUSEHOLD else f"c{carer.id}"


def _row(event: Event, carer: Carer, now: datetime) -> dict[str, object]:
    return {
        "event_id": event.id,
        "household_id": carer.household_id,
        "carer_id": None if event.rsvp_by is RsvpBy.HOUSEHOLD else carer.id,
        "party": _party(event, carer),
        "invited_at": now,
    }


async def _audiences_of(
    session: Session, carer: Carer, used: Collection[str], today: date
) -> Collection[str]:
    """The audiences that this carer is in on this local day; of saved ones those that are ``used``."""
    household = await session.get_one(Household, carer.household_id)
    if household.approved_on > today or fosters_no_more(carer, household, today):
        return ()
    names = {EVERYONE, *await groups_of_carer(session, carer.id)}
    names |= await saved_with(session, carer, used, today)
    if household.constellation:
        names |= {CONSTELLATION, f"{CONSTELLATION}:{household.constellation}"}
    return names


def _stamp(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


__all__ = [
    "MOST_NUDGES",
    "TAP_AGAIN_WITHIN",
    "InviteOutcome",
    "Invited",
    "answers_until",
    "ask_to_tap_again",
    "come_back",
    "invite_member",
    "invite_newcomer",
    "invite_the_missing",
    "send_due_invitations",
    "send_invitations_now",
]
