"""What a carer chooses for themselves: kinds of notice, language, a pause, /stop and coming back."""

from datetime import datetime

from carers.topics import Topic
from storage.directory import Ways, ways_of
from storage.engine import Session
from storage.households import Carer, Language
from storage.households_queries import opt_in, opt_out, opted_out_topics


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


async def resume(session: Session, carer: Carer, now: datetime) -> None:
    """End a pause."""
    carer.paused_until = None
    await session.flush()


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
    return True


async def heard_from(session: Session, carer: Carer) -> None:
    """The carer wrote or tapped: they can be reached after all."""
    if carer.unreachable_since is not None:
        carer.unreachable_since = carer.unreachable_reason = None
        await session.flush()
