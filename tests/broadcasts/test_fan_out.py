"""Queueing one notice for a whole audience."""

from datetime import date, timedelta

from sqlalchemy import select

from broadcasts.queue import queue_for_audience
from storage.deliveries import Delivery, DeliveryState, Notice
from storage.engine import Database
from tests.support.cast import NOON, gather

TODAY = NOON.date()


async def queue(database: Database, audience: str = "all", about: str = "a", today: date = TODAY) -> int:
    async with database.write() as session:
        _, count = await queue_for_audience(
            session,
            "broadcast",
            audience,
            about=about,
            now=NOON,
            today=today,
            send_by=NOON + timedelta(days=3),
            topic="socials",
        )
    return count


async def rows(database: Database) -> list[Delivery]:
    async with database.read() as session:
        return list((await session.scalars(select(Delivery).order_by(Delivery.id))).all())


async def test_every_current_carer_of_the_audience_gets_a_delivery(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        cast.okafors.ended_on = TODAY
    assert await queue(database) == len({row.carer_id for row in await rows(database)})
    found = await rows(database)
    assert {cast.amal.id, cast.jo.id} <= {row.carer_id for row in found}
    assert cast.sam.id not in {row.carer_id for row in found}
    first = found[0]
    assert (first.state, first.priority, first.channel) == (DeliveryState.QUEUED, 40, "app")
    assert (first.queued_at, first.due_at, first.send_by) == (NOON, NOON, NOON + timedelta(days=3))
    assert first.dedupe_key == f"broadcast:a:c{first.carer_id}"


async def test_queueing_it_again_adds_only_who_is_new(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        cast.okafors.ended_on = TODAY
    await queue(database)
    before = len(await rows(database))
    assert await queue(database) == 0
    assert await queue(database, today=TODAY - timedelta(days=1)) == 1
    assert len(await rows(database)) == before + 1
    async with database.read() as session:
        notice = (await session.scalars(select(Notice))).one()
    assert notice.topic == "socials"


async def test_an_audience_that_does_not_exist_has_nobody(database: Database) -> None:
    async with database.write() as session:
        await gather(session)
    assert await queue(database, audience="the moon") == 0
