"""Email beside the app: an engine of its own, with its own server, pace and journal.

It needs nothing of Telegram: while that is away, or does not know the bot, mail goes out all the same.
"""

import asyncio
from dataclasses import replace

from bot.clock import Clock
from bot.in_force import InForce
from bot.mail_compose import MailComposer, MailTexts
from bot.mail_files import Fetch
from bot.mail_message import Letterhead
from bot.mail_sender import WINDOW, MailSender
from broadcasts.engine import Engine
from broadcasts.journal import FileJournal
from broadcasts.policy import Policy
from carers.pages import Pages
from storage.engine import Database
from storage.households import Channel


class Mailing:
    """All that sends email in one process."""

    def __init__(self, engine: Engine, sender: MailSender, clock: Clock) -> None:
        self.engine = engine
        self._sender = sender
        self._clock = clock

    async def run(self, stop: asyncio.Event) -> None:
        """Send until ``stop`` is set, and a moment longer for what is in flight."""
        watching = asyncio.create_task(self._sender.watch())
        try:
            await self.engine.run(stop)
        finally:
            watching.cancel()
            await self._sender.close()

    def trouble(self) -> str | None:
        """What is wrong, in plain words."""
        return self._sender.trouble() or self.engine.progress.trouble(self._clock())


def make_mailing(
    in_force: InForce, database: Database, pages: Pages, clock: Clock, fetch: Fetch
) -> Mailing | None:
    """Email as the settings say; None where they name no server."""
    mail = in_force.settings.mail
    if mail is None:
        return None

    def head() -> Letterhead:
        assert in_force.letterhead is not None  # noqa: S101 - whether there is email is the server's to say
        return in_force.letterhead

    def policy() -> Policy:
        return replace(in_force.policy, window=WINDOW)

    sender = MailSender(mail.server, head, pages, in_force.texts, clock, fetch)
    engine = Engine(
        database,
        sender,
        MailComposer(head, pages.address),
        MailTexts(in_force.texts),
        policy,
        clock,
        channel=Channel.EMAIL,
        journal=FileJournal(in_force.settings.mail_journal),
    )
    return Mailing(engine, sender, clock)
