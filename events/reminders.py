"""What goes out because its time has come: nudges, reminders and join links.

Everything is reckoned at each tick from the event's live time and the rules of its kind, so that a moved
event moves its reminders and nothing planned ahead has to be undone. A crash between two ticks costs nothing:
the next one finds the same.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from hashlib import sha256
from itertools import chain, pairwise
from zoneinfo import ZoneInfo

from broadcasts.queue import Recipient, queue_notice
from broadcasts.quiet import QuietHours, Span
from events.choices import answers_until, closed
from events.invitations import MOST_NUDGES
from events.kind_rules import USUAL, Rules, rules_of
from storage.engine import Session
from storage.events import Event, EventState, Mode
from storage.events_notices import notice_of
from storage.events_queries import invited_events_between, online_events_near
from storage.rsvp_inviting import (
    Silent,
    coming_since,
    count_nudge,
    online_without,
    own_hours_at,
    silent_parties,
)

FIRST_NUDGE_AFTER = timedelta(days=3)
LAST_NUDGE_BEFORE = timedelta(hours=48)
NUDGES_APART = timedelta(hours=24)
NUDGED_AHEAD = timedelta(days=731)

ON_THE_DAY = time(8)
"""Local: when those are reminded who are reminded on the day itself."""

LINK_BEFORE = timedelta(hours=1)


async def queue_due(session: Session, now: datetime, quiet: QuietHours) -> int:
    """Queue the reminders and join links that are due; returns how many deliveries were new."""
    reminded = await queue_reminders(session, now, quiet)
    links = 0
    for event in await online_events_near(session, now, now + LINK_BEFORE):
        links += await queue_join_links(session, event, now)
    return reminded + links


async def any_to_nudge(session: Session, now: datetime) -> bool:
    """Whether anybody is due for a nudge: a look, for a transaction that only reads."""
    for event, last in await _asking(session, now):
        if await _silent(session, event, last, now, count=1):
            return True
    return False


async def queue_nudges(session: Session, now: datetime) -> int:
    """Ask those who have not answered: three days after their invitation, and 48 hours before answers close.

    At most two, a day or more apart, and only those who got the invitation in the app. Returns how many
    deliveries were new.
    """
    nudged = 0
    for event, last in await _asking(session, now):
        due = await _silent(session, event, last, now)
        nudged += await queue_notice(
            session,
            "nudge",
            [Recipient(each.carer_id, invitation_id=each.invitation_id) for each in due],
            about=f"event:{event.id}:{'last' if last else 'first'}",
            now=now,
            send_by=answers_until(event),
            event_id=event.id,
        )
        await count_nudge(session, {each.invitation_id for each in due}, MOST_NUDGES if last else 1)
    return nudged


async def _asking(session: Session, now: datetime) -> list[tuple[Event, bool]]:
    """The events that may have somebody to nudge, each with whether it would be the last time."""
    rules = await rules_of(session)
    asking: list[tuple[Event, bool]] = []
    for event in await invited_events_between(session, now, now + NUDGED_AHEAD):
        last = answers_until(event) <= now + LAST_NUDGE_BEFORE
        too_soon = event.invited_at is not None and event.invited_at > now - FIRST_NUDGE_AFTER
        if not closed(event, now) and (last or not too_soon) and rules.get(event.kind, USUAL).nudge:
            asking.append((event, last))
    return asking


async def _silent(
    session: Session, event: Event, last: bool, now: datetime, count: int | None = None
) -> Sequence[Silent]:
    return await silent_parties(
        session,
        event.id,
        sent_by=now - (NUDGES_APART if last else FIRST_NUDGE_AFTER),
        not_asked_since=now - NUDGES_APART,
        nudged_less_than=MOST_NUDGES if last else 1,
        count=count,
    )


async def queue_reminders(session: Session, now: datetime, quiet: QuietHours) -> int:
    """Remind those who are going, or may be, as many days before the start as the rules of its kind say.

    A reminder due in quiet hours goes before they begin, for who has some of their own before those. After
    an outage it still goes until the next one is due. Who answered after its moment, an event moved after it
    and a rule set after it wait for the next. Who changes their hours between two moments is reminded once.
    """
    rules = await rules_of(session)
    days = chain(USUAL.remind_days, *(each.remind_days for each in rules.values()))
    # A reminder pulled out of quiet hours is due up to a night before its own moment.
    ahead = timedelta(days=max(days) + 2)
    reminded = 0
    events = await invited_events_between(session, now, now + ahead)
    own_hours = await own_hours_at(session, [event.id for event in events])
    for event in events:
        kind = rules.get(event.kind, USUAL)
        # Who has hours of their own comes first: the service's moments are for who has not been reminded.
        for own in (*own_hours.get(event.id, ()), None):
            moments = _moments(event.starts_at, kind.remind_days, quiet, own)
            for moment, until in pairwise([*moments, event.starts_at]):
                if moment <= now < until and not _changed_since(event, kind, moment):
                    named = sorted(name for name in moments.values() if name >= moments[moment])
                    reminded += await _remind(session, event, moment, named, now, own)
    return reminded


def _changed_since(event: Event, kind: Rules, moment: datetime) -> bool:
    return any(at is not None and at > moment for at in (event.timing_changed_at, kind.set_at))


def _moments(
    starts_at: datetime, days: Sequence[int], quiet: QuietHours, own: Span | None
) -> dict[datetime, datetime]:
    """When the reminders of an event that starts then are due, the first one first, in UTC; each with its
    moment for who has no hours of their own, by which it is known for everybody."""
    hours, due = quiet.with_own(own), dict[datetime, datetime]()
    for day in days:
        at = _before(starts_at, day, quiet.zone)
        moment, named = hours.last_before(at), quiet.last_before(at)
        due[moment] = max(named, due.get(moment, named))
    return dict(sorted(due.items()))


def _before(starts_at: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The same local time as the start these many days before; on the day itself in the morning.

    Local, so that nobody is reminded an hour off in the week when the clocks change. What starts within an
    hour of the morning's moment, or before it, is reminded of an hour before: out of quiet hours if need be.
    """
    local = starts_at.astimezone(zone)
    if days:
        return (local - timedelta(days=days)).astimezone(UTC)
    morning = datetime.combine(local.date(), ON_THE_DAY, zone).astimezone(UTC)
    return min(morning, starts_at - timedelta(hours=1))


async def _remind(
    session: Session,
    event: Event,
    moment: datetime,
    named: Sequence[datetime],
    now: datetime,
    own: Span | None,
) -> int:
    """Remind those who are coming and have these quiet hours of their own; null: all who are coming.

    ``named``: by which moment this reminder is known, and the later ones. Who has had any of them, whatever
    their hours were then, is not told again: they may change them between two moments.
    """
    abouts = [f"event:{event.id}:{_stamp(event.starts_at)}:{_stamp(each)}" for each in named]
    about = abouts[0] if own is None else f"{abouts[0]}:{own[0]:%H%M}-{own[1]:%H%M}"
    if await notice_of(session, "reminder", about) is not None:
        return 0
    had = [f"reminder:{each}:" for each in abouts]
    return await queue_notice(
        session,
        "reminder",
        [
            Recipient(member.carer_id, invitation_id=member.invitation_id)
            for member in await coming_since(session, event.id, moment, own, had)
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
