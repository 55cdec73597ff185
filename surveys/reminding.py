"""Reminders of surveys, to those who have not taken part: at most two to each.

Whoever takes part before theirs is sent does not get it (`surveys.notices`). After an outage only the latest
reminder that is due goes out.
"""

from datetime import datetime, timedelta

from storage.deliveries import SURVEY_REMINDER
from storage.engine import Session
from storage.standing_queries import still_to_remind
from storage.surveys import Round
from storage.surveys_queries import carers_still_to_ask, notice_exists, open_rounds
from surveys.asking import tell

LAST_REMINDER = timedelta(hours=48)
"""Before the close."""
APART = timedelta(hours=24)
"""The least time between the notice, a reminder and the next."""


async def remind_due(session: Session, now: datetime) -> int:
    """Remind those who have not taken part; how many reminders were queued."""
    queued = 0
    for round in await open_rounds(session):
        if now < round.closes_at:
            remind = _remind_all if round.asks_until is None else _remind_each
            queued += await remind(session, round, now)
    return queued


async def _remind_all(session: Session, round: Round, now: datetime) -> int:
    """Of a round that asked everybody when it opened."""
    moments = reminder_times(round.opens_at, round.closes_at)
    due = [number for number, moment in enumerate(moments, start=1) if moment <= now]
    if not due:
        return 0
    number = due[-1]
    about = f"{round.ref}:{number}"
    if await notice_exists(session, f"{SURVEY_REMINDER}:{about}"):
        return 0
    send_by = moments[number] if number < len(moments) else round.closes_at
    people = await carers_still_to_ask(session, round.id)
    return await tell(session, round, SURVEY_REMINDER, people, about, now, send_by)


async def _remind_each(session: Session, round: Round, now: datetime) -> int:
    """Of a round that asks people as something happens: each after a third and two thirds of their days. The
    second follows the first in time, so that nobody is due both at once.

    In an anonymous one a reminder is queued for whoever was asked, and not sent to those who have answered:
    its rows go at the close, but that there were some, and when, can be told from the numbers of other rows.
    With one carer asked on a day it would say whether that one had answered.
    """
    queued, third = 0, time_to_answer(round) / 3
    for number in (1, 2):
        about = f"{round.ref}:{number}"
        until = (number + 1) * third
        since, up_to = now - until, now - number * third
        waiting = await still_to_remind(
            session, round.id, f"{SURVEY_REMINDER}:{about}", since, up_to, whoever=round.anonymous
        )
        for asked_at, people in waiting.items():
            send_by = min(asked_at + until, round.closes_at)
            queued += await tell(session, round, SURVEY_REMINDER, people, about, now, send_by)
    return queued


def time_to_answer(round: Round) -> timedelta:
    """For how long those who are asked as something happens are counted on: whole days."""
    until = round.asks_until or round.closes_at
    return timedelta(days=(round.closes_at - until).days)


def reminder_times(opens_at: datetime, closes_at: datetime) -> list[datetime]:
    """Midway and 48 hours before the close, as far as they lie a day apart from each other and the start."""
    last, midway = closes_at - LAST_REMINDER, opens_at + (closes_at - opens_at) / 2
    times = [last] if last - opens_at >= APART else []
    if midway - opens_at >= APART and last - midway >= APART:
        times.insert(0, midway)
    return times
