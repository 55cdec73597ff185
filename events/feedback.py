"""How it was: asked of those who attended, the morning after.

By one tap and perhaps a comment, or by a survey, as the rules of the kind of event say; never by both.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from broadcasts.queue import Recipient, queue_notice
from carers.people import Carer
from events.holds import LONDON
from events.kind_rules import rules_of, usual_rules
from storage.attendance import AttendanceState
from storage.attendance_queries import add_feedback, attendance_of, attended_without, feedback_of
from storage.engine import Session
from storage.events import Event
from storage.events_queries import events_ended_between

ASKED_AT = time(9, 30)
"""Local, on the day after the event ended."""

ASKED_WITHIN = timedelta(days=7)
"""Of the event's end. Who is ticked later than that is not asked any more."""

RATINGS = range(1, 6)
LONGEST_COMMENT = 1000


class Given(StrEnum):
    """What became of a carer's feedback."""

    THANKS = "thanks"
    ALREADY = "already"
    NOT_YOURS = "not_yours"


AskByForm = Callable[[Session, Event, str, datetime], Awaitable[int | None]]
"""Asks those who came to an event by the survey of this name (empty: none) and says how many were asked now;
None: they are not asked so."""


async def no_forms(session: Session, event: Event, form: str, now: datetime) -> int | None:
    """For where nothing but one tap is asked."""
    return None


def morning_after(event: Event, zone: ZoneInfo) -> datetime:
    """When feedback on this event is asked for."""
    day = event.ends_at.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(day, ASKED_AT, zone)


async def ask_due(
    session: Session, now: datetime, zone: ZoneInfo = LONDON, by_form: AskByForm = no_forms
) -> int:
    """Ask those who attended an event whose morning after has come; returns how many were asked now.

    Not of a kind for which staff have said that nobody is asked. How it is asked is decided for an event
    once, with the first who are asked.
    """
    asked = 0
    rules = await rules_of(session)
    for event in await events_ended_between(session, now - ASKED_WITHIN, now):
        rule = rules.get(event.kind) or usual_rules(event.kind)
        if morning_after(event, zone) > now or not rule.feedback:
            continue
        by_survey = await by_form(session, event, rule.feedback_form, now)
        asked += await _ask_for_a_tap(session, event, now) if by_survey is None else by_survey
    await session.flush()
    return asked


async def _ask_for_a_tap(session: Session, event: Event, now: datetime) -> int:
    about = f"event:{event.id}"
    carers = await attended_without(session, event.id, f"feedback:{about}")
    if carers and event.feedback_asked_at is None:
        event.feedback_asked_at = now
    return await queue_notice(
        session,
        "feedback",
        [Recipient(carer_id) for carer_id in carers],
        about=about,
        now=now,
        send_by=event.ends_at + ASKED_WITHIN,
        event_id=event.id,
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """What a carer is asked about, and what they have said of it so far. Times are UTC."""

    title: str
    starts_at: datetime
    rating: int | None
    comment: str | None


async def asked_of(session: Session, event_id: int, carer: Carer) -> Asked | None:
    """The event and this carer's feedback; None if they did not come."""
    event = await session.get(Event, event_id)
    attended = await attendance_of(session, event_id, carer.id)
    if event is None or attended is None or attended.state is not AttendanceState.ATTENDED:
        return None
    said = await feedback_of(session, event_id, carer.id)
    return Asked(event.title, event.starts_at, said.rating if said else None, said.comment if said else None)


async def given(session: Session, event_id: int, carer_id: int) -> bool:
    """Whether this carer has said how this event was."""
    return await feedback_of(session, event_id, carer_id) is not None


async def rate(session: Session, event_id: int, carer: Carer, rating: int, now: datetime) -> Given:
    """One tap from 1 (poor) to 5 (very good). The first one is kept: a double tap changes nothing."""
    attended = await attendance_of(session, event_id, carer.id)
    if rating not in RATINGS or attended is None or attended.state is not AttendanceState.ATTENDED:
        return Given.NOT_YOURS
    kept = await add_feedback(session, event_id, carer.id, rating, now)
    return Given.THANKS if kept else Given.ALREADY


async def comment(session: Session, event_id: int, carer: Carer, words: str) -> Given:
    """What the carer adds to their rating, cut at 1,000 characters; stored once."""
    row = await feedback_of(session, event_id, carer.id, lock=True)
    if row is None:
        return Given.NOT_YOURS
    if row.comment is not None:
        return Given.ALREADY
    row.comment = words.replace("\0", "").strip()[:LONGEST_COMMENT] or None
    await session.flush()
    return Given.THANKS
