"""Where the stories of the delivery engine are played: the cast, an engine, and a sender that is told what to
answer."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from broadcasts.engine import Engine
from broadcasts.journal import FileJournal
from broadcasts.policy import Policy
from broadcasts.queue import Recipient, queue_notice, queue_reply
from storage.deliveries import Delivery, DeliveryState, Reply
from storage.engine import Database
from storage.events import Event, EventState, Mode, RsvpBy
from storage.households import Carer
from storage.rsvp import Card, Invitation
from storage.staff import StaffMember
from tests.support.cast import NOON, Cast, gather
from tests.support.delivery import POLICY, PlainComposer, drain, engine_for
from tests.support.fake_sender import FakeSender

DAY = timedelta(days=1)


@dataclass
class Stage:
    """One test's engine and database. Chats: Amal 101, Jo 102, Sam 103, Lin 104; Priya 901, Ash 904."""

    database: Database
    cast: Cast
    sender: FakeSender = field(default_factory=FakeSender)
    composer: PlainComposer = field(default_factory=PlainComposer)
    policy: Policy = POLICY
    journal: Path | None = None
    """Where the engine keeps its journal; without one a crash leaves all that is claimed in doubt."""
    boot: str = "first"
    """Which run of the machine this is."""
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        self.start_again()

    def start_again(self) -> None:
        """A new process: nothing of the old one's memory is left."""
        journal = FileJournal(self.journal, self.boot) if self.journal else None
        self.engine = engine_for(
            self.database, self.sender, self.composer, policy=self.policy, journal=journal
        )

    def allow(self, **settings: Any) -> None:
        """Change the service's settings."""
        self.policy = replace(self.policy, **settings)
        self.start_again()

    async def queue(
        self,
        kind: str,
        *people: Carer | StaffMember,
        about: str = "a",
        now: datetime = NOON,
        send_by: datetime | None = None,
        due_at: datetime | None = None,
        invitation_id: int | None = None,
        event_id: int | None = None,
    ) -> int:
        recipients = [
            Recipient(carer_id=who.id, invitation_id=invitation_id)
            if isinstance(who, Carer)
            else Recipient(staff_id=who.id)
            for who in people
        ]
        async with self.database.write() as session:
            return await queue_notice(
                session,
                kind,
                recipients,
                about=about,
                now=now,
                send_by=send_by or now + 20 * DAY,
                due_at=due_at,
                event_id=event_id,
            )

    async def reply(self, chat_id: int, kind: str, now: datetime = NOON, **options: Any) -> None:
        async with self.database.write() as session:
            await queue_reply(session, chat_id, kind, language="en", now=now, **options)

    async def go(self, now: datetime = NOON) -> int:
        """Let the engine do all it can at this moment."""
        return await drain(self.engine, now)

    async def deliveries(self) -> list[Delivery]:
        async with self.database.read() as session:
            return list((await session.scalars(select(Delivery).order_by(Delivery.id))).all())

    async def delivery(self) -> Delivery:
        """The one delivery there is."""
        (only,) = await self.deliveries()
        return only

    async def stands(self) -> list[tuple[DeliveryState, str | None]]:
        return [(row.state, row.reason) for row in await self.deliveries()]

    async def replies(self) -> list[Reply]:
        async with self.database.read() as session:
            return list((await session.scalars(select(Reply).order_by(Reply.id))).all())

    async def cards(self) -> list[Card]:
        async with self.database.read() as session:
            return list((await session.scalars(select(Card).order_by(Card.id))).all())

    async def change(self, row: Any, **values: Any) -> None:
        """Write to a row as if somebody else did."""
        async with self.database.write() as session:
            found = await session.get_one(type(row), row.id)
            for name, value in values.items():
                setattr(found, name, value)
                setattr(row, name, value)

    async def add(self, *rows: Any) -> None:
        async with self.database.write() as session:
            session.add_all(rows)

    async def invite(self, carer: Carer, kind: str = "social") -> Invitation:
        """An event a week from now, and this carer's invitation to it."""
        async with self.database.write() as session:
            event = Event(
                ref=f"{kind}-1",
                title="Coffee afternoon",
                kind=kind,
                starts_at=NOON + 7 * DAY,
                ends_at=NOON + 7 * DAY + timedelta(hours=2),
                mode=Mode.IN_PERSON,
                rsvp_by=RsvpBy.CARER,
                state=EventState.INVITED,
                created_at=NOON - DAY,
                updated_at=NOON - DAY,
            )
            session.add(event)
            await session.flush()
            invitation = Invitation(
                event_id=event.id,
                household_id=carer.household_id,
                carer_id=carer.id,
                party=f"c{carer.id}",
                invited_at=NOON - DAY,
            )
            session.add(invitation)
        return invitation


async def set_stage(database: Database, **settings: Any) -> Stage:
    async with database.write() as session:
        cast = await gather(session)
    stage = Stage(database, cast)
    if settings:
        stage.allow(**settings)
    return stage
