from datetime import timedelta

from carers.choices import (
    come_back,
    heard_from,
    pause,
    resume,
    set_language,
    set_topic,
    stop,
    wanted_topics,
)
from carers.topics import Topic, topic_of
from storage.engine import Database
from storage.households import Language
from tests.support.cast import NOON, gather


def test_every_event_has_a_topic() -> None:
    assert topic_of("support_group") is Topic.SUPPORT_GROUPS
    assert topic_of("training") is Topic.TRAINING
    assert topic_of("tickets") is Topic.TICKETS
    assert topic_of("a kind of the service's own") is Topic.SOCIALS


async def test_every_kind_is_wanted_until_the_carer_turns_it_off(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        assert await wanted_topics(session, cast.amal) == list(Topic)
        assert await set_topic(session, cast.amal, Topic.TICKETS, False, NOON)
        assert not await set_topic(session, cast.amal, Topic.TICKETS, False, NOON)
        assert Topic.TICKETS not in await wanted_topics(session, cast.amal)
        assert Topic.TICKETS in await wanted_topics(session, cast.jo)
        assert await set_topic(session, cast.amal, Topic.TICKETS, True, NOON)
        assert await wanted_topics(session, cast.amal) == list(Topic)


async def test_a_carer_chooses_their_language(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        assert await set_language(session, cast.amal, Language.URDU, NOON)
        assert not await set_language(session, cast.amal, Language.URDU, NOON)
        assert cast.amal.language is Language.URDU


async def test_a_pause_ends_when_the_carer_says_so(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await pause(session, cast.amal, NOON + timedelta(days=14), NOON)
        assert cast.amal.paused_until == NOON + timedelta(days=14)
        await resume(session, cast.amal, NOON)
        assert cast.amal.paused_until is None


async def test_stop_and_start_again(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        assert await stop(session, cast.amal, NOON)
        assert not await stop(session, cast.amal, NOON + timedelta(hours=1))
        assert cast.amal.stopped_at == NOON
        assert await come_back(session, cast.amal, NOON)
        assert not await come_back(session, cast.amal, NOON)


async def test_who_writes_can_be_reached_after_all(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        cast.amal.unreachable_since, cast.amal.unreachable_reason = NOON, "blocked"
        await heard_from(session, cast.amal)
        assert not any([cast.amal.unreachable_since, cast.amal.unreachable_reason])
