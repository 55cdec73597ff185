"""What a carer chooses for themselves: kinds of notice, language, quiet hours, a pause, /stop, coming back.

What was held back for them goes out as soon as it may once the cause is gone.
"""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from carers.quiet_hours import LONGEST_PAUSE, Span, leaves_room
from carers.topics import Topic
from storage.deliveries_held import judge_again
from storage.directory import Ways, ways_of
from storage.engine import Session
from storage.households import Carer, Language
from storage.households_queries import opt_in, opt_out, opted_out_topics

_FOR_A_PAUSE = ("paused",)
_FOR_QUIET = ("quiet_hours",)
"""Reasons that the engine writes beside what it holds."""


async def wanted_topics(session: Session, carer: Carer) -> list[Topic]:
    """The kinds of notice that this carer has not turned off."""
    unwanted = await opted_out_topics(session, carer.id)
    return [topic for topic in Topic if topic not in unwanted]


async def set_topic(session: Session, carer: Carer, topic: Topic, wanted: bool, now: datetime) -> bool:
    """Turn one kind of notice on or off. False if it was so already, as after a double tap."""
    return await (opt_in if wanted else opt_out)(session, carer.id, topic.value)


async def set_language(session: Session, carer: Carer, language: Language, now: datetime) -> bool:
    """Talk to this carer in the language that they chose; the register no longer changes it.

    False if it was theirs already.
    """
    carer.language_chosen = True
    if carer.language == language:
        return False
    carer.language = language
    await session.flush()
    return True


async def ways_to(session: Session, carer: Carer) -> Ways:
    """By which way this carer is told, and which others would work."""
    return (await ways_of(session, [carer.id]))[carer.id]


async def pause(session: Session, carer: Carer, until: datetime, now: datetime) -> None:
    """Nothing optional is sent before ``until``; what they said yes to still is."""
    carer.paused_until = until
    await session.flush()


def last_day_of_pause(today: date) -> date:
    """The last day that a pause may last until; ``today`` is the service's local date."""
    return today + LONGEST_PAUSE


async def pause_until_day(session: Session, carer: Carer, day: date, now: datetime, zone: ZoneInfo) -> bool:
    """Pause until this local day begins. False, and nothing changes, where it is not in the year to come."""
    today = now.astimezone(zone).date()
    if not today < day <= last_day_of_pause(today):
        return False
    await pause(session, carer, datetime.combine(day, time(), zone).astimezone(UTC), now)
    return True


async def resume(session: Session, carer: Carer, now: datetime) -> None:
    """End a pause."""
    carer.paused_until = None
    await session.flush()
    await judge_again(session, carer.id, _FOR_A_PAUSE, now)


def quiet_hours_of(carer: Carer) -> Span | None:
    """The quiet hours that the carer has besides the service's, local time of day."""
    if carer.quiet_from is None or carer.quiet_until is None:
        return None
    return carer.quiet_from, carer.quiet_until


async def set_quiet_hours(
    session: Session, carer: Carer, own: Span | None, service: Span | None, now: datetime
) -> bool:
    """Keep quiet for this carer in these hours too; null: in the service's alone.

    False, and nothing changes, where the two together would leave too little of the day.
    """
    if own is not None and not leaves_room(own, service):
        return False
    carer.quiet_from, carer.quiet_until = own or (None, None)
    await session.flush()
    await judge_again(session, carer.id, _FOR_QUIET, now)
    return True


async def stop(session: Session, carer: Carer, now: datetime) -> bool:
    """The carer wrote /stop: nothing unasked is sent until they come back. False if it was so already."""
    if carer.stopped_at is not None:
        return False
    carer.stopped_at = now
    await session.flush()
    return True


async def come_back(session: Session, carer: Carer, now: datetime) -> bool:
    """End a stop and a pause, because the carer asked for it. True if anything changed."""
    if carer.stopped_at is None and carer.paused_until is None:
        return False
    carer.stopped_at = carer.paused_until = None
    await session.flush()
    await judge_again(session, carer.id, _FOR_A_PAUSE, now)
    return True


async def heard_from(session: Session, carer: Carer) -> None:
    """The carer wrote or tapped: they can be reached after all."""
    if carer.unreachable_since is not None:
        carer.unreachable_since = carer.unreachable_reason = None
        await session.flush()
