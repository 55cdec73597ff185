"""The composition root: every part is made and joined here, started in order and stopped in order.

Start: database, web (so that health answers from the first moment), then the wait for the lease; who leads
connects to Telegram, handles what is stored, sends, receives and runs due work. Stop: no new requests, then
what is in flight lands, then the lease goes back, the connections and the database close; all within two
seconds, since whoever runs us may kill us after that. Nothing depends on a clean stop: it is only quicker.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from ipaddress import ip_network
from math import nan

import structlog
from aiohttp import web
from prometheus_client import REGISTRY

from bot import metrics
from bot.clock import Clock, system_clock
from bot.compose import Composers
from bot.contact import Contact
from bot.in_force import InForce
from bot.inbox import Inbox
from bot.jobs import Heartbeat, due_work
from bot.lease import Lease
from bot.mail_files import TelegramFiles
from bot.mailing import make_mailing
from bot.menus import Menus
from bot.mini_app import app_address
from bot.opening import opened
from bot.polling import keep_webhook, persist, poll
from bot.report_jobs import Reporting, report_jobs
from bot.sender import TelegramSender
from bot.settings import Settings, WrongSettings, unset, variable
from bot.settings_told import SettingsTold
from bot.steady import Steady
from bot.telegram import make_application, make_bot
from bot.turns import Turns
from bot.works import Works
from broadcasts.engine import Engine
from broadcasts.journal import FileJournal
from broadcasts.ledger_views import waiting
from broadcasts.policy import Policy
from care.desk import Desk
from carers.mini_app import launch_key
from carers.pages import Pages
from events.feed import Feeds
from storage.engine import Database
from storage.routing import reroute
from storage.ways import note_mail
from surveys.keys import RoundKeys
from surveys.sealed_replies import SealedReplies
from surveys.update_seal import UpdateSeal
from web.app import make_app
from web.parts import Parts, Progress
from web.staff.work_kinds import KINDS
from web.webhook import PATH

CLOSING_SECONDS = 0.5
MEASURE_SECONDS = 5.0

log = structlog.get_logger(__name__)


class Hearthline:
    """One running process of one service. Made by `running`."""

    def __init__(self, in_force: InForce, database: Database, clock: Clock, address: str) -> None:
        settings = self.settings = in_force.settings
        self.database = database
        self.clock = clock
        self.address = address
        self.bot = make_bot(settings)
        self.application = make_application(self.bot)
        self.in_force = in_force
        self.texts = in_force.texts
        self.keys = RoundKeys(settings.round_keys)
        self.composers = Composers(
            web_forms=settings.public_url is not None, zone=settings.timezone, keys=self.keys
        )
        self.feeds = _feeds(settings)
        self.pages = Pages(settings.key(), address)
        self.engine = Engine(
            database,
            TelegramSender(self.bot),
            self.composers,
            SealedReplies(self.texts, self.keys),
            self._policy,
            clock,
            journal=FileJournal(settings.journal),
        )
        self.mailing = make_mailing(in_force, database, self.pages, clock, TelegramFiles(self.bot))
        self.turns = Turns(
            self.application,
            clock,
            settings.timezone,
            self._desk,
            address,
            self.keys,
            self._policy,
            settings.register_since,
            self.feeds,
            self.pages if settings.public_url is not None else None,
            app_address(settings),
        )
        self.inbox = Inbox(
            database,
            clock,
            UpdateSeal(self.keys),
            self.turns.handle,
            self.turns.apologise,
            self.wake,
            self.turns.together,
        )
        self.heartbeat = Heartbeat(
            database,
            clock,
            settings.keeping,
            due_work(settings.timezone, self._policy, self.keys) + report_jobs(self._reporting()),
            self.wake,
        )
        self.menus = Menus(self.bot, database, self.texts, app_address(settings))
        self.lease = Lease(database, clock)
        self.contact: Contact | None = None
        self.steady = Steady(clock)
        self._known = asyncio.Event()
        """Set once Telegram has told the bot who it is."""
        self._working: dict[int, Progress] = {}
        self.works = Works(self.parts(), KINDS)

    def _policy(self) -> Policy:
        return self.in_force.policy

    def _desk(self) -> Desk:
        return self.in_force.desk

    def _reporting(self) -> Reporting:
        return Reporting(
            zone=self.settings.timezone,
            register_since=self.settings.register_since,
            address=self.address,
            policy=self._policy,
            service=lambda: self.in_force.settings.service_name,
            how_often=lambda: self.in_force.settings.reports,
        )

    async def follow_settings(self) -> None:
        """Take up what is set in the console, in every process, until cancelled."""
        follow = partial(self.in_force.follow, self.database, self.clock, self.wake)
        await self.steady.run("settings", follow)

    def wake(self) -> None:
        """Something was queued, for whichever way, or asked for: look for it now."""
        self.works.wake()
        self.engine.wake()
        if self.mailing is not None:
            self.mailing.engine.wake()

    async def do_works(self) -> None:
        """Do the long work that staff ask for, in every process, until cancelled."""
        await self.steady.run("works", self.works.run)

    async def lead(self) -> None:
        """Wait for the lease and do the work of the leader, again and again, until cancelled."""
        while True:
            await self.steady.run("leading", self._lead_until_lost)

    async def _lead_until_lost(self) -> None:
        await self.lease.acquire()
        metrics.LEADS.set(1)
        try:
            await self._work()
        finally:
            metrics.LEADS.set(0)
            self.contact = None

    async def _work(self) -> None:
        """Everything that one process alone does, until the lease is lost or this is cancelled."""
        contact = self.contact = Contact(self.database, self.clock)
        stop_sending = asyncio.Event()
        engines: dict[str, Callable[[], Awaitable[None]]] = {"sending": lambda: self._send(stop_sending)}
        if (mailing := self.mailing) is not None:
            engines["mail"] = lambda: mailing.run(stop_sending)
        parts: dict[str, Callable[[], Awaitable[None]]] = {
            "receiving": lambda: self._receive(contact),
            "handling": self._handle,
            "jobs": self.heartbeat.run,
            "menus": self._keep_menus,
        }
        sending = [asyncio.create_task(self.steady.run(name, engine)) for name, engine in engines.items()]
        others = [asyncio.create_task(self.steady.run(name, part)) for name, part in parts.items()]
        try:
            await self.lease.keep()
        finally:
            stop_sending.set()
            for task in others:
                task.cancel()
            await asyncio.gather(*sending, *others, return_exceptions=True)

    async def _receive(self, contact: Contact) -> None:
        await persist(self.application.initialize, contact)
        self._known.set()
        if self.settings.by_webhook:
            url = f"{self.settings.public_url}{PATH}"
            await keep_webhook(self.bot, contact, url, self.settings.webhook_secret())
        else:
            await poll(self.bot, self.inbox, contact)

    # These wait until Telegram has told the bot who it is: what they do needs its name or its answer.

    async def _handle(self) -> None:
        await self._known.wait()
        await self.inbox.run()

    async def _keep_menus(self) -> None:
        await self._known.wait()
        await self.menus.run()

    async def _send(self, stop: asyncio.Event) -> None:
        known = asyncio.create_task(self._known.wait())
        stopped = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({known, stopped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            known.cancel()
            stopped.cancel()
        if not stop.is_set():
            await self.engine.run(stop)

    def readiness(self) -> dict[str, str | None]:
        """Each part with what is wrong with it. A process that waits for its turn is well."""
        if self.contact is None:
            starting = None if self.lease.waits else "the service is starting"
            return {"telegram": starting, "jobs": starting}
        return {
            "leading": self.steady.trouble("leading"),
            "settings": self.steady.trouble("settings"),
            "telegram": self.contact.trouble() or self.steady.trouble("receiving"),
            "inbox": self.steady.trouble("handling"),
            "sending": self.steady.trouble("sending") or self.engine.progress.trouble(self.clock()),
            "jobs": self.heartbeat.trouble() or self.steady.trouble("jobs"),
            **self._mail_readiness(),
        }

    def _mail_readiness(self) -> dict[str, str | None]:
        if self.mailing is None:
            return {}
        return {"mail": self.steady.trouble("mail") or self.mailing.trouble()}

    async def measure(self) -> None:
        """Count what waits, for who asks for numbers. Without a database the rest is told all the same."""
        deliveries = replies = nan
        try:
            async with asyncio.timeout(MEASURE_SECONDS), self.database.read() as session:
                deliveries, replies = await waiting(session, self.clock())
        except Exception as error:  # noqa: BLE001 - whatever the database has, /readyz says it
            log.info("what waits cannot be counted", error=type(error).__name__)
        metrics.WAITING.labels("deliveries").set(deliveries)
        metrics.WAITING.labels("replies").set(replies)

    def parts(self) -> Parts:
        """What the web needs of this process."""
        by_webhook = self.settings.by_webhook
        return Parts(
            database=self.database,
            clock=self.clock,
            texts=self.texts,
            address=self.address,
            secret_key=self.settings.key(),
            launch_key=launch_key(self.settings.token),
            bot_username=lambda: self.bot.username if self._known.is_set() else None,
            wake=self.wake,
            readiness=self.readiness,
            policy_now=self._policy,
            pages=self.pages,
            keys=self.keys,
            composer=self.composers,
            settings=SettingsTold(self.in_force.server),
            mail_on=self.mailing is not None,
            feeds=self.feeds,
            metrics_from=tuple(ip_network(part.strip()) for part in self.settings.metrics_from.split(",")),
            receive=self.inbox.receive if by_webhook else None,
            webhook_secret=self.settings.webhook_secret() if by_webhook else None,
            measure=self.measure,
            register_since=self.settings.register_since,
            desk_now=self._desk,
            keeping=self.settings.keeping,
            working=self._working,
        )

    async def close(self) -> None:
        """Close the connections to Telegram and give the lease back."""
        await self.lease.release()
        await self.application.shutdown()
        await self.bot.shutdown()


@asynccontextmanager
async def running(settings: Settings, clock: Clock = system_clock) -> AsyncIterator[Hearthline]:
    """The whole service, running inside the block and stopped at its end.

    Raises `WrongSettings` without a token, without the number of the duty social worker, or where the
    address to listen on is taken.
    """
    _complain_of_missing(settings, "telegram_token")
    listening = _listen(settings)
    try:
        async with opened(settings) as database:
            in_force = await _in_force(database, settings)
            _complain_of_missing(in_force.settings, "duty_phone")
            app = Hearthline(in_force, database, clock, _address(settings, listening))
            await _note_ways(database, app.mailing is not None, clock())
            runner = web.AppRunner(make_app(app.parts()), access_log=None, shutdown_timeout=CLOSING_SECONDS)
            await runner.setup()
            await web.SockSite(runner, listening).start()
            working = asyncio.gather(app.lead(), app.follow_settings(), app.do_works())
            counts = [metrics.of_the_app(app.engine.progress)]
            if app.mailing is not None:
                counts.append(metrics.of_email(app.mailing.engine.progress))
            for count in counts:
                REGISTRY.register(count)
            log.info(
                "running",
                address=app.address,
                receives="by webhook" if settings.by_webhook else "by polling",
                email="on" if app.mailing is not None else "off",
                settings_of_the_console=list(in_force.from_console),
            )
            try:
                yield app
            finally:
                for count in counts:
                    REGISTRY.unregister(count)
                working.cancel()
                await asyncio.gather(runner.cleanup(), working, return_exceptions=True)
                await app.close()
                log.info("stopped")
    finally:
        listening.close()


def _complain_of_missing(settings: Settings, name: str) -> None:
    if getattr(settings, name) is None:
        raise WrongSettings([unset(name)])


async def _in_force(database: Database, settings: Settings) -> InForce:
    """What holds as this process starts: nothing is sent by rules that were changed while it was away."""
    in_force = InForce(settings)
    async with database.read() as session:
        await in_force.look(session)
    return in_force


async def _note_ways(database: Database, mail_on: bool, now: datetime) -> None:
    """Write down whether there is email, and put what waits on the way that each carer has by that."""
    async with database.write() as session:
        await note_mail(session, mail_on, now)
        await reroute(session, now)


def _listen(settings: Settings) -> socket.socket:
    try:
        return socket.create_server(
            (settings.host, settings.port), family=_family(settings.host), backlog=512
        )
    except OSError as error:
        raise WrongSettings(
            [f"{variable('listen')} is {settings.listen!r}, which cannot be listened on: {error.strerror}."]
        ) from error


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _address(settings: Settings, listening: socket.socket) -> str:
    """The address by which a browser finds us; port 0 in the settings means one that was free."""
    if settings.public_url is not None:
        return settings.public_url
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{listening.getsockname()[1]}"


def _feeds(settings: Settings) -> Feeds | None:
    """Calendar apps read feeds from anywhere: without a public address there is nothing to give out."""
    return Feeds(settings.key(), settings.pages_address) if settings.public_url is not None else None
