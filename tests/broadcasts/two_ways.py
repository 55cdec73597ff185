"""A stage with two ways out: the engine of the app, and beside it that of email with a sender of its own."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from broadcasts.engine import Engine
from broadcasts.journal import FileJournal
from broadcasts.pace import Pace
from broadcasts.sender import NOT_CONNECTED, MailTo, Outcome, Refused, Retry, Sent, Unreachable
from storage.engine import Database
from storage.households import Carer, Channel
from storage.ways import note_mail
from tests.broadcasts.stage import Stage
from tests.support.cast import NOON, gather
from tests.support.delivery import drain, engine_for
from tests.support.fake_sender import Killed

SERVER_AWAY = Retry(timedelta(seconds=2), NOT_CONNECTED, everyone=True)
NO_SUCH_ADDRESS = Unreachable("no_such_address")
REJECTED = Refused("rejected:5.7.1")

Answer = Outcome | type[Killed] | Callable[[MailTo], Outcome]


@dataclass
class FakeMailer:
    """Takes each answer from ``script`` while there is one, then accepts everything. ``asked``: every mail
    that it was handed; ``arrived``: those in somebody's inbox."""

    script: deque[Answer] = field(default_factory=deque)
    asked: list[tuple[MailTo, str]] = field(default_factory=list)
    arrived: list[tuple[MailTo, str]] = field(default_factory=list)

    def will(self, *answers: Answer) -> None:
        self.script.extend(answers)

    def sent_to(self, address: str) -> list[str]:
        return [text for to, text in self.arrived if to.address == address]

    async def send(self, to: MailTo, message: Any) -> Outcome:
        mail = (to, str(message.text))
        self.asked.append(mail)
        answer = self.script.popleft() if self.script else Sent(None)
        if isinstance(answer, type):
            self.arrived.append(mail)
            raise answer
        outcome = answer(to) if callable(answer) else answer
        if isinstance(outcome, Sent):
            self.arrived.append(mail)
        return outcome

    async def edit(self, to: MailTo, message_id: int, message: Any, *, photo: bool = False) -> Outcome:
        return Refused("not_by_email")

    async def delete(self, to: MailTo, message_id: int) -> Outcome:
        return Refused("not_by_email")

    async def toast(self, callback_id: str, text: str) -> Outcome:
        return Refused("not_by_email")


@dataclass
class TwoWays(Stage):
    """Amal has the app, Jo and Sam have email alone, Lin has neither. The service sends email."""

    mailer: FakeMailer = field(default_factory=FakeMailer)
    mail_journal: Path | None = None
    mail_engine: Engine = field(init=False)

    def start_again(self) -> None:
        super().start_again()
        self.mail_engine = self._mail_engine()

    def _mail_engine(self, pace: Pace | None = None) -> Engine:
        return engine_for(
            self.database,
            self.mailer,
            self.composer,
            policy=self.policy,
            pace=pace,
            journal=FileJournal(self.mail_journal, self.boot) if self.mail_journal else None,
            channel=Channel.EMAIL,
        )

    async def mail(self, now: Any = NOON) -> int:
        """Let the engine of email do all it can at this moment."""
        return await drain(self.mail_engine, now)

    async def channels(self) -> list[str]:
        return [row.channel for row in await self.deliveries()]

    async def carer(self, who: Carer) -> Carer:
        """As the register has them now."""
        async with self.database.read() as session:
            return await session.get_one(Carer, who.id)


async def set_two_ways(database: Database, **settings: Any) -> TwoWays:
    async with database.write() as session:
        cast = await gather(session)
        await note_mail(session, True, NOON)
    stage = TwoWays(database, cast)
    if settings:
        stage.allow(**settings)
    await stage.change(cast.jo, chat_id=None, linked_at=None, email="Jo@example.org")
    await stage.change(cast.sam, chat_id=None, linked_at=None, email="sam@example.org")
    await stage.change(cast.lin, chat_id=None, linked_at=None)
    return stage
