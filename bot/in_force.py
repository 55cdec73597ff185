"""The settings that hold now in this process: those of the server, and before them those of the console.

Each process looks into the database every few seconds, so that what an administrator changes is true
everywhere within ten, and nothing is started anew. Whoever keeps something of this asks for it at each use.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime

import structlog

from bot.decided import NAMES, read
from bot.mail_message import Letterhead, letterhead_of
from bot.service import service_of
from bot.settings import Settings
from broadcasts.policy import Policy
from broadcasts.quiet import QuietHours
from care.desk import Desk
from care.service_settings import console_settings, judge_held_back
from storage.engine import Database, Session
from storage.faults import passes
from texts.render import Texts

EVERY_SECONDS = 3.0

log = structlog.get_logger(__name__)


class InForce:
    """What the service has decided, as it is now. All of it is replaced at one place, here."""

    def __init__(self, server: Settings) -> None:
        self.server = server
        self._console: Mapping[str, str] = {}
        self.texts = Texts(service_of(server), server.timezone)
        self._take(server)

    def _take(self, settings: Settings) -> None:
        self.settings = settings
        self.texts.speak_for(service_of(settings))
        self.policy = policy_of(settings)
        self.desk = desk_of(settings)
        self.letterhead = _letterhead(settings)

    @property
    def from_console(self) -> tuple[str, ...]:
        """The names of the settings that the console has."""
        return tuple(name for name in NAMES if name in self._console)

    async def look(self, session: Session) -> bool:
        """Take up what the console says now; whether anything is different."""
        found = await values_of_console(session)
        if found == self._console:
            return False
        self._console = found
        self._take(with_console(self.server, found))
        log.info("settings of the console were taken up", names=list(self.from_console))
        return True

    async def follow(
        self, database: Database, clock: Callable[[], datetime], wake: Callable[[], None]
    ) -> None:
        """Look every few seconds, until cancelled. While the database is away what held before holds.

        What other quiet hours or another cap held back is judged anew. A crash between the two leaves it
        waiting for as long as the rules that were would have had it wait.
        """
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            try:
                if await self._look_and_judge(database, clock()):
                    wake()
            except Exception as error:
                if not passes(error):
                    raise

    async def _look_and_judge(self, database: Database, now: datetime) -> bool:
        before = self.policy
        async with database.read() as session:
            changed = await self.look(session)
        if (before.quiet, before.weekly_cap) == (self.policy.quiet, self.policy.weekly_cap):
            return changed
        async with database.write() as session:
            await judge_held_back(session, now)
        return True


def with_console(server: Settings, console: Mapping[str, str]) -> Settings:
    """The server's settings with those of the console before them.

    A value that is none, since another version had other rules, is left out: the service must run on.
    """
    found: dict[str, object] = {}
    for name, text in console.items():
        try:
            found[name] = read(name, text)
        except ValueError:
            log.warning("a setting of the console is not used: its value is wrong", name=name)
    return server.model_copy(update=found)


async def settings_in_force(session: Session, server: Settings) -> Settings:
    """What holds now, for a command that runs once."""
    return with_console(server, await values_of_console(session))


async def values_of_console(session: Session) -> dict[str, str]:
    """What is set in the console, but for names that this version does not know."""
    return {name: one.value for name, one in (await console_settings(session)).items() if name in NAMES}


def policy_of(settings: Settings) -> Policy:
    """What may go out, and when."""
    return Policy(
        QuietHours(settings.quiet_hours, settings.timezone),
        settings.weekly_cap or None,
        float(settings.send_rate),
        approval_above=settings.approval_above or None,
        mail_rate=settings.mail_rate,
    )


def desk_of(settings: Settings) -> Desk:
    """When somebody reads what carers write, and the words that cannot wait."""
    opens, closes = settings.office_hours or (None, None)
    return Desk(settings.timezone, opens, closes, settings.words_of_danger)


def _letterhead(settings: Settings) -> Letterhead | None:
    mail = settings.mail
    return letterhead_of(mail, settings.key()) if mail is not None else None
