"""How long an offered place is kept: a pure rule of the clock."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
"""The zone of a service that has not set another."""

OPENS, CLOSES = time(8), time(21)
"""The clock of a hold runs between these local times only: nobody loses a place in their sleep."""

STAFF_DECIDE = timedelta(hours=2)
_HOLD_BY_DAYS_LEFT = {0: timedelta(minutes=30), 1: timedelta(hours=2)}
_HOLD = timedelta(hours=24)


def held_until(now: datetime, starts_at: datetime, zone: ZoneInfo) -> datetime | None:
    """When an offer made now lapses: 24 running hours, 2 on the day before, 30 minutes on the day.

    Null inside the last two hours before the start, when staff decide. Never later than the start. Aware
    times in and out; the days are those of ``zone``, judged when the clock begins to run.
    """
    begins = _next_running(now.astimezone(zone))
    if starts_at - begins <= STAFF_DECIDE:
        return None
    days_left = (starts_at.astimezone(zone).date() - begins.date()).days
    until = _after(begins, _HOLD_BY_DAYS_LEFT.get(days_left, _HOLD))
    return min(until.astimezone(now.tzinfo), starts_at)


def _next_running(local: datetime) -> datetime:
    """This moment if the clock runs, else when it next begins to."""
    if local.time() < OPENS:
        return datetime.combine(local.date(), OPENS, local.tzinfo)
    if local.time() >= CLOSES:
        return datetime.combine(local.date() + timedelta(days=1), OPENS, local.tzinfo)
    return local


def _after(local: datetime, running: timedelta) -> datetime:
    """The moment when the clock, started now, has run this long. It stands at night, when zones change."""
    while True:
        left_today = datetime.combine(local.date(), CLOSES, local.tzinfo) - local
        if running <= left_today:
            return local + running
        running -= left_today
        local = datetime.combine(local.date() + timedelta(days=1), OPENS, local.tzinfo)
