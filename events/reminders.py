"""What goes out because its time has come: nudges, reminders and join links.

Everything is reckoned from the event's live time at each tick, so that a moved event moves its reminders and
nothing planned ahead has to be undone. A crash between two ticks costs nothing: the next one finds the same.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from broadcasts.queue import Recipient, queue_notice
from broadcasts.quiet import QuietHours
from events.invitations import MOST_NUDGES, answers_until
from storage.engine import Session
from storage.events import Event, EventState, Mode
from storage.events_notices import notice_of
from storage.events_queries import invited_events_between, online_events_near
from storage.rsvp import Invitation
from storage.rsvp_inviting import coming_since, online_without, to_be_nudged

FIRST_NUDGE_AFTER = timedelta(days=3)
LAST_NUDGE_BEFORE = timedelta(hours=48)
NUDGES_APART = timedelta(hours=24)
REMIND_BEFORE = (timedelta(days=7), timedelta(days=1))
"""Longest first."""

LINK_BEFORE = timedelta(hours=1)


async def queue_due(session: Session, now: datetime, quiet: QuietHours) -> int:
    """Queue the nudges, reminders and join links that are due; returns how many deliveries were new."""
    nudged = await queue_nudges(session, now)
    reminded = await queue_reminders(session, now, quiet)
    links = 0
    for event in await online_events_near(session, now, now + LINK_BEFORE):
        links += await queue_join_links(session, event, now)
    return nudged + reminded + links


async def queue_nudges(session: Session, now: datetime) -> int:
    """Ask those who have not answered: three days after their invitation, and 48 hours before answers close.

    At most two, a day or more apart, and only those who got the invitation in the app.
    """
    due = await to_be_nudged(
        session,
        now,
        first_after=FIRST_NUDGE_AFTER,
        last_before=LAST_NUDGE_BEFORE,
        apart=NUDGES_APART,
        at_most=MOST_NUDGES,
    )
    nudged = 0
    counted: dict[int, tuple[Invitation, bool]] = {}
    for carer_id, invitation, event in due:
        last = answers_until(event) <= now + LAST_NUDGE_BEFORE
        counted[invitation.id] = (invitation, last)
        nudged += await queue_notice(
            session,
            "nudge",
            [Recipient(carer_id, invitation_id=invitation.id)],
            about=f"event:{event.id}:{'last' if last else 'first'}",
            now=now,
            send_by=answers_until(event),
            event_id=event.id,
        )
    for invitation, last in counted.values():
        invitation.nudges = MOST_NUDGES if last else invitation.nudges + 1
    await session.flush()
    return nudged


async def queue_reminders(
    session: Session, now: datetime, quiet: QuietHours, before: Sequence[timedelta] = REMIND_BEFORE
) -> int:
    """Remind those who are going, or may be, this long before the start (longest first).

    A reminder due in quiet hours goes before they begin. After an outage it still goes until the next one
    is due. Who answered after its moment, and an event moved after it, wait for the next.
    """
    reminded = 0
    # A reminder pulled out of quiet hours is due up to a night before its own moment.
    for event in await invited_events_between(session, now, now + before[0] + timedelta(days=1)):
        moments = [quiet.last_before(event.starts_at - lead) for lead in before]
        for moment, until in zip(moments, [*moments[1:], event.starts_at], strict=True):
            if moment <= now < until and not (event.timing_changed_at and event.timing_changed_at > moment):
                reminded += await _remind(session, event, moment, now)
    return reminded


async def _remind(session: Session, event: Event, moment: datetime, now: datetime) -> int:
    about = f"event:{event.id}:{_stamp(event.starts_at)}:{_stamp(moment)}"
    if await notice_of(session, "reminder", about) is not None:
        return 0
    return await queue_notice(
        session,
        "reminder",
        [
            Recipient(member.carer_id, invitation_id=member.invitation_id)
            for member in await coming_since(session, event.id, moment)
        ],
        about=about,
        now=now,
        send_by=event.starts_at,
        event_id=event.id,
    )


async def queue_join_links(session: Session, event: Event, now: datetime) -> int:
    """From an hour before the start until the end, send the link to those going online who lack it.

    Nobody else ever gets it: the composer looks again at the moment of sending. A link that staff replace
    in that hour goes out anew.
    """
    if event.state is not EventState.INVITED or event.mode is Mode.IN_PERSON or not event.online_url:
        return 0
    if not event.starts_at - LINK_BEFORE <= now < event.ends_at:
        return 0
    link = sha256(event.online_url.encode()).hexdigest()[:12]
    about = f"event:{event.id}:{_stamp(event.starts_at)}:{link}"
    return await queue_notice(
        session,
        "join_link",
        [
            Recipient(member.carer_id, invitation_id=member.invitation_id)
            for member in await online_without(session, event.id, f"join_link:{about}")
        ],
        about=about,
        now=now,
        send_by=event.ends_at,
        event_id=event.id,
    )


def _stamp(moment: datetime) -> int:
    return int(moment.timestamp())
