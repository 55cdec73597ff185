"""Where outages are played: the real sender and its connections, a strict Bot API server on this machine, the
engine, and one clock for all of them that the test moves by hand."""

import math
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.sender import TelegramSender
from bot.telegram import HearthlineBot, make_bot
from broadcasts.engine import Engine
from broadcasts.pace import Pace
from broadcasts.policy import Policy
from broadcasts.queue import Recipient, queue_notice, queue_reply
from broadcasts.sender import ComposeMany, Composer, Content, Renderer, Skip
from sandbox.call import Request
from sandbox.faults import Fault
from sandbox.limits import Limits
from sandbox.server import Sandbox
from storage.deliveries import Delivery, DeliveryState
from storage.deliveries_cards import StaleCard
from storage.engine import Database, Session
from storage.households import Carer, Household, HouseholdType
from storage.staff import StaffMember
from tests.support.cast import NOON, Cast, gather
from tests.support.delivery import POLICY, drain, engine_for
from tests.support.service import settings_for
from texts.message import Message

FIRST_CHAT = 2001
"""The first chat of the crowd; the cast has lower ones."""
GLANCE = 1 / 30
"""Seconds between two looks of the engine, where time passes at its usual pace."""


@dataclass
class Clock:
    """The one time of a test."""

    now: datetime = NOON

    def read(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return self.now.timestamp()


class WordsOfItsOwn:
    """Composes words that no other delivery has, so that a chat shows which deliveries arrived in it."""

    def in_bulk(self, kind: str) -> ComposeMany | None:
        return None

    async def notice(self, session: Session, delivery: Delivery, now: datetime) -> Content | Skip:
        return Content(delivery.kind, {"words": delivery.dedupe_key})

    async def cards(
        self, session: Session, cards: Sequence[StaleCard], now: datetime
    ) -> Mapping[int, Content | Skip]:
        return {}


class JustWords:
    """Renders the words, and nothing else."""

    def render(self, kind: str, params: Mapping[str, Any], language: str) -> Message:
        return Message(params["words"])


@dataclass
class Wire:
    """One test's service and the server that it talks to. The cast has the chats that `Cast` says."""

    database: Database
    cast: Cast
    clock: Clock
    sandbox: Sandbox
    bot: HearthlineBot
    policy: Policy = POLICY
    pace: Pace = field(init=False)
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    @property
    def now(self) -> datetime:
        return self.clock.now

    def start(
        self,
        pace: Pace | None = None,
        composer: Composer | None = None,
        renderer: Renderer | None = None,
        **policy: Any,
    ) -> None:
        """A new engine; as fast as the window allows unless it is given a pace."""
        self.policy = replace(self.policy, **policy)
        self.pace = pace or Pace(math.inf, per_chat=0)
        self.engine = engine_for(
            self.database,
            TelegramSender(self.bot),
            composer or WordsOfItsOwn(),
            renderer or JustWords(),
            self.policy,
            self.pace,
        )

    async def crowd(self, count: int) -> list[Carer]:
        """So many carers more, each of a household of their own, who have all started the bot."""
        taken = len(self.sandbox.users)
        async with self.database.write() as session:
            homes = [
                Household(
                    ref=f"HX{taken + number}",
                    type=HouseholdType.MAINSTREAM,
                    approved_on=date(2019, 6, 1),
                    area="North",
                )
                for number in range(count)
            ]
            session.add_all(homes)
            await session.flush()
            carers = [
                Carer(
                    ref=f"CX{taken + number}",
                    household_id=home.id,
                    main_carer=True,
                    first_name="Robin",
                    last_name=f"Hill {number}",
                    birth_year=1970,
                    chat_id=FIRST_CHAT + taken + number,
                    linked_at=NOON,
                )
                for number, home in enumerate(homes)
            ]
            session.add_all(carers)
        for carer in carers:
            self.has_the_app(carer)
        return carers

    def has_the_app(self, who: Carer | StaffMember) -> None:
        """This person has started the bot."""
        name = who.first_name if isinstance(who, Carer) else who.name
        self.sandbox.add_user(name, user_id=who.chat_id).started = True

    async def queue(
        self,
        kind: str,
        *people: Carer | StaffMember,
        about: str = "a",
        send_by: datetime | None = None,
    ) -> int:
        recipients = [
            Recipient(carer_id=who.id) if isinstance(who, Carer) else Recipient(staff_id=who.id)
            for who in people
        ]
        until = send_by or self.now + timedelta(days=20)
        async with self.database.write() as session:
            return await queue_notice(session, kind, recipients, about=about, now=self.now, send_by=until)

    async def reply(self, chat_id: int, words: str, **options: Any) -> None:
        async with self.database.write() as session:
            await queue_reply(
                session, chat_id, "words", {"words": words}, language="en", now=self.now, **options
            )

    async def go(self) -> int:
        """Let the engine do all it can at this moment."""
        return await drain(self.engine, self.now)

    async def turn(self) -> int:
        return await self.engine.work_once(self.now)

    async def later(self, after: timedelta) -> int:
        """Nobody looks for so long; then the engine does all it can."""
        self.clock.now += after
        return await self.go()

    async def pass_time(self, seconds: float, step: float = GLANCE) -> None:
        """Time passes, and the engine looks every ``step`` seconds."""
        end = self.now + timedelta(seconds=seconds)
        while self.now < end:
            await self.turn()
            self.clock.now = min(self.now + timedelta(seconds=step), end)

    def spoil(self, fault: Fault) -> Fault:
        return self.sandbox.faults.add(fault)

    async def cut(self) -> None:
        """Telegram is away: no connection can be made, and those that were open are gone."""
        await self.sandbox.go_offline()
        await self.bot.own_request.shutdown()
        await self.bot.own_request.initialize()

    async def mend(self) -> None:
        await self.sandbox.go_online()

    @property
    def requests(self) -> list[Request]:
        """The new messages that were asked for, whatever came of it."""
        return self.sandbox.requests_of("sendMessage")

    @property
    def refused(self) -> int:
        return sum(request.code != 200 for request in self.requests)

    @property
    def arrivals(self) -> list[str]:
        """What was accepted, in its order."""
        return [request.arguments["text"] for request in self.requests if request.code == 200]

    def shown(self, chat_id: int | None) -> list[str]:
        """What the bot said in this chat."""
        user = next(user for user in self.sandbox.users if user.id == chat_id)
        return [message.text for message in user.received]

    async def deliveries(self, kind: str | None = None) -> list[Delivery]:
        async with self.database.read() as session:
            rows = (await session.scalars(select(Delivery).order_by(Delivery.id))).all()
        return [row for row in rows if kind in (None, row.kind)]

    async def states(self, kind: str | None = None) -> Counter[tuple[DeliveryState, str | None]]:
        """How many deliveries stand where."""
        return Counter((row.state, row.reason) for row in await self.deliveries(kind))

    async def carer(self, carer: Carer) -> Carer:
        """This carer as the database has them now."""
        async with self.database.read() as session:
            return await session.get_one(Carer, carer.id)

    async def the_chats_bear_the_ledger_out(self) -> None:
        """Each chat shows what the ledger says that it must, and nothing that it says it cannot."""
        for row in await self.deliveries():
            chat = row.chat_id or 0
            user = next((user for user in self.sandbox.users if user.id == chat), None)
            messages = [] if user is None else [m for m in user.received if m.text == row.dedupe_key]
            numbers = [message.id for message in messages]
            if row.state is DeliveryState.SENT:
                assert row.message_id in numbers, row.dedupe_key
                assert len(numbers) <= 1 + row.doubts, row.dedupe_key
            else:
                assert len(numbers) <= row.doubts, (row.dedupe_key, row.state)


@asynccontextmanager
async def on_the_wire(database: Database, folder: Path, limits: Limits | None = None) -> AsyncIterator[Wire]:
    """The cast, all of whom have the app; a server, by default with no limits on sending."""
    async with database.write() as session:
        cast = await gather(session)
    clock = Clock()
    sandbox = Sandbox(now=clock.read, timer=clock.seconds, limits=limits)
    await sandbox.start()
    bot = make_bot(settings_for(sandbox, "sqlite://", folder, "polling"))
    try:
        await bot.initialize()
        wire = Wire(database, cast, clock, sandbox, bot)
        for who in (cast.amal, cast.jo, cast.sam, cast.lin, cast.priya, cast.tom, cast.dee, cast.ash):
            wire.has_the_app(who)
        yield wire
    finally:
        await bot.shutdown()
        await sandbox.close()
