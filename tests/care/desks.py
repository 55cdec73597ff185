"""The inbox of the cast: somebody writes, somebody reads, and what staff are told of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from broadcasts.sender import Content, Skip
from care.desk import Desk
from care.inbox import Received, receive
from care.notices import COMPOSERS
from storage.conversations import CarerMessage, Thread
from storage.deliveries import Delivery
from storage.engine import Database
from storage.households import Carer
from tests.support.cast import NOON, Cast, gather

DESK = Desk(danger_words=("suicide",))


@dataclass
class Inbox:
    """The cast with their database; each act is one transaction."""

    database: Database
    cast: Cast

    async def write(self, carer: Carer, text: str, now: datetime = NOON, **more: Any) -> Received:
        """A carer writes to the service."""
        async with self.database.write() as session:
            here = await session.get_one(Carer, carer.id)
            return await receive(session, here, text, now, DESK, **more)

    async def do(self, deed: Any, *arguments: Any, **more: Any) -> Any:
        """A use case in a transaction of its own."""
        async with self.database.write() as session:
            return await deed(session, *arguments, **more)

    async def threads(self) -> list[Thread]:
        async with self.database.read() as session:
            return list(await session.scalars(select(Thread).order_by(Thread.id)))

    async def thread(self) -> Thread:
        [only] = await self.threads()
        return only

    async def messages(self) -> list[CarerMessage]:
        async with self.database.read() as session:
            return list(await session.scalars(select(CarerMessage).order_by(CarerMessage.id)))

    async def last(self) -> int:
        """The number of the newest message."""
        return (await self.messages())[-1].id

    async def queued(self, kind: str = "staff_alert") -> list[Delivery]:
        async with self.database.read() as session:
            query = select(Delivery).where(Delivery.kind == kind).order_by(Delivery.id)
            return list(await session.scalars(query))

    async def says(self, delivery: Delivery, now: datetime = NOON) -> Content | Skip:
        """What a delivery would say if it went out now."""
        async with self.database.write() as session:
            here = await session.get_one(Delivery, delivery.id)
            return await COMPOSERS[delivery.kind](session, here, now)

    async def told(self, text: str, now: datetime = NOON) -> list[tuple[int | None, datetime]]:
        """Who of the staff is told this, and from when."""
        told = []
        for delivery in await self.queued():
            said = await self.says(delivery, now)
            if isinstance(said, Content) and said.kind == text:
                told.append((delivery.staff_id, delivery.due_at))
        return told


async def opened(database: Database) -> Inbox:
    async with database.write() as session:
        return Inbox(database, await gather(session))
