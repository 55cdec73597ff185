"""`hearthline check`: what is well and what is wrong, in sentences for whoever sets the service up."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from telegram.error import TelegramError

from bot.contact import explain
from bot.decided import read, right
from bot.in_force import values_of_console, with_console
from bot.mail_sender import try_server
from bot.opening import opened
from bot.settings import Settings, WrongSettings, load, unknown_variables, unset, variable
from bot.telegram import connected
from storage.engine import Database
from surveys.keys import RoundKeys
from surveys.views import round_summaries

DATABASE_SECONDS = 20
"""Migrations of a large database included."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence, and whether all is well with what it is about. ``warns``: it works, and still there is
    something that somebody should know."""

    ok: bool
    text: str
    warns: bool = False

    @property
    def label(self) -> str:
        """What stands before the sentence: five signs."""
        return "WRONG" if not self.ok else "note " if self.warns else "ok   "


async def check_all(settings_of: Callable[[], Settings] = load) -> list[Finding]:
    """Look at everything that `hearthline run` needs. Changes nothing but the database's schema."""
    strange = [
        Finding(False, f"{name} is not a setting that Hearthline knows.") for name in unknown_variables()
    ]
    try:
        settings = settings_of()
    except WrongSettings as wrong:
        return strange + [Finding(False, problem) for problem in wrong.problems]
    in_force, of_database = await _database(settings)
    return [
        *(strange or [Finding(True, "The settings can be read.")]),
        _duty_phone(in_force),
        await _telegram(settings),
        *of_database,
        *await _mail(settings),
    ]


def _duty_phone(settings: Settings) -> Finding:
    if settings.duty_phone is None:
        return Finding(False, f"{unset('duty_phone')} Without it the service does not start.")
    return Finding(True, f"Carers are told to ring {settings.duty_phone} for the duty social worker.")


async def _telegram(settings: Settings) -> Finding:
    if settings.telegram_token is None:
        return Finding(False, unset("telegram_token"))
    try:
        async with connected(settings) as bot:
            return Finding(True, f"Telegram knows the bot as @{bot.username}.")
    except TelegramError as error:
        return Finding(False, f"At {settings.telegram_api_url}: {explain(error)}.")


async def _mail(settings: Settings) -> list[Finding]:
    """Email is a choice: nothing is said of a service without it."""
    mail = settings.mail
    if mail is None:
        return []
    wrong = await try_server(mail.server, mail.bounces or mail.sender)
    where = f"{mail.server.host}:{mail.server.port}"
    found = [
        Finding(False, f"At {where}: {wrong}{'' if wrong.endswith('?') else '.'}")
        if wrong
        else Finding(True, f"The mail server at {where} takes mail from {mail.sender.address}.")
    ]
    if settings.public_url is None:
        found.append(
            Finding(
                True,
                f"{variable('public_url')} is not set: nobody outside this machine can open the links in "
                f"emails, which lead to {settings.pages_address}.",
                warns=True,
            )
        )
    return found


async def _database(settings: Settings) -> tuple[Settings, list[Finding]]:
    """The settings with those that the console has before them, and what is to be said of the database."""
    try:
        async with asyncio.timeout(DATABASE_SECONDS), opened(settings) as database:
            await database.ping()
            well = Finding(True, f"The {database.dialect} database answers and its schema is up to date.")
            async with database.read() as session:
                console = await values_of_console(session)
            found = [well, *_from_console(console), *await _round_keys(database, settings)]
            return with_console(settings, console), found
    except WrongSettings as wrong:
        return settings, [Finding(False, wrong.problems[0])]
    except Exception as error:  # noqa: BLE001 - whatever keeps the database away is what there is to say
        said = (
            f"The database of {variable('database_url')} cannot be used ({type(error).__name__}): "
            "is its address right, does it run, and may this user write to it?"
        )
        return settings, [Finding(False, said)]


def _from_console(console: Mapping[str, str]) -> list[Finding]:
    """What an administrator has put before the server's settings, so that nobody looks for it in vain."""
    return [_of_console(name, text) for name, text in console.items()]


def _of_console(name: str, text: str) -> Finding:
    try:
        read(name, text)
    except ValueError:
        said = f"{variable(name)} was set in the console to {text!r}, which is wrong and not used."
        return Finding(True, f"{said} It should be {right(name)}.", warns=True)
    return Finding(True, f"{variable(name)} comes from the console: {text!r}.")


async def _round_keys(database: Database, settings: Settings) -> list[Finding]:
    """Rounds that wait for answers, or to close, without their key: as after a restore in another place."""
    async with database.read() as session:
        every = await round_summaries(session, RoundKeys(settings.round_keys))
    return [
        Finding(
            False,
            f"The key of the survey “{one.title}” is missing in {settings.round_keys}: nobody can answer it, "
            "and its answers cannot be opened, until that folder is put back.",
        )
        for one in every
        if one.key_missing
    ]
