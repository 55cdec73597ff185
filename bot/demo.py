"""``hearthline demo``: an invented service, a stand-in for Telegram, the bot and the console in one process.

The bot talks to the sandbox over the same HTTP that it would use with Telegram and knows no difference.
Nothing leaves this machine, and no token is needed.
"""

import asyncio
import contextlib
import socket
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.clock import system_clock
from bot.opening import asynchronous, opened
from bot.settings import Settings, WrongSettings, load

if TYPE_CHECKING:
    from sandbox.server import Sandbox

HOST = "127.0.0.1"
PORT = 8080
LINK_LIVES = timedelta(days=1)


@click.command()
@click.option("--port", type=click.IntRange(1, 65534), help="The console's port; the chats get the next one.")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder that keeps the demo between two starts.",
)
@asynchronous
async def demo(port: int | None, data: Path | None) -> None:
    """Try it out: a made-up service, a stand-in for Telegram, the bot and the console."""
    from bot.cli_service import stop_on_signal
    from bot.logs import set_up_logs

    set_up_logs("WARNING")
    await run_demo(port, data, stop_on_signal())


@dataclass(frozen=True, slots=True)
class Doors:
    """Where a visitor gets in. Sign-in links work once."""

    chats: str
    mail: str
    console: str
    coordinator: str
    manager: str
    social_worker: str
    administrator: str
    newcomer: str
    folder: str


async def run_demo(
    port: int | None,
    data_dir: Path | None,
    stop: asyncio.Event,
    say: Callable[[Doors], None] | None = None,
) -> None:
    """Run until ``stop`` is set. ``port`` null: 8080 and 8081 if they are free, else two that are.

    ``data_dir`` null: a temporary folder that is gone at the end. Raises `WrongSettings` where a port is
    taken.
    """
    with contextlib.ExitStack() as stack:
        folder = data_dir or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hearthline-demo-")))
        async with demo_running(port, folder) as doors:
            (say or _print)(doors)
            if data_dir is None:
                click.echo("All of it is gone when you stop it; `--data FOLDER` keeps it. Ctrl-C stops.")
            else:
                click.echo(f"It is kept in {folder} and goes on from there next time. Ctrl-C stops.")
            await stop.wait()


@asynccontextmanager
async def demo_running(port: int | None, folder: Path) -> AsyncIterator[Doors]:
    """The whole demo, running inside the block, with what it keeps in ``folder``."""
    from bot.app import running
    from sandbox.demo_life import Life
    from sandbox.demo_mail_life import MailLife
    from sandbox.server import Sandbox

    console_port, chat_port = _ports(port)
    sandbox = Sandbox(username="riverside_bot", first_name="Fostering Riverside", data=folder / "chats")
    try:
        url = await sandbox.start(chat_port, HOST)
    except OSError as error:
        raise WrongSettings([f"Port {chat_port} cannot be listened on: {error.strerror}."]) from error
    life = None
    try:
        mail = await sandbox.mailbox.start(host=HOST)
        settings = _settings(folder, url, sandbox.token, console_port, mail)
        await _fill(settings, sandbox)
        async with running(settings) as app:
            doors = await _doors(settings, sandbox, app.address)
            life = asyncio.gather(Life(sandbox).run(), MailLife(sandbox.mailbox).run())
            yield doors
            life.cancel()
            await asyncio.gather(life, return_exceptions=True)
    finally:
        if life is not None:
            life.cancel()
        await sandbox.close()


def _ports(port: int | None) -> tuple[int, int]:
    """The console's port and the next one for the chats; 0: any two; null: the usual ones if free."""
    if port:
        return port, port + 1
    for first in (PORT, PORT + 10, PORT + 20) if port is None else ():
        if _is_free(first) and _is_free(first + 1):
            return first, first + 1
    return _any_free(), 0


def _any_free() -> int:
    """A port that nobody listens on at this moment."""
    with socket.create_server((HOST, 0)) as trial:
        return int(trial.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, port))
        except OSError:
            return False
    return True


def _settings(folder: Path, api_url: str, token: str, port: int, mail: str) -> Settings:
    """Everything that matters is given here, so that no variable of a real service reaches the demo."""
    from sandbox.demo import REGISTER_SINCE, SERVICE

    folder.mkdir(parents=True, exist_ok=True)
    return load(
        telegram_token=token,
        telegram_api_url=api_url,
        database_url=f"sqlite:///{folder.absolute() / 'hearthline.db'}",
        data_dir=folder.absolute(),
        listen=f"{HOST}:{port}",
        public_url=f"http://{HOST}:{port}",  # whoever tries it has the carers' pages on the same machine
        receive="polling",
        secret_key=None,
        smtp_url=mail,
        mail_from=f"{SERVICE} <office@example.org>",
        mail_reply_to=None,
        mail_bounces=None,
        mail_rate=20,
        service_name=SERVICE,
        timezone="Europe/London",
        duty_phone="01632 960 123",  # a number kept free for fiction
        quiet_hours="",
        weekly_cap=100,
        send_rate=60,
        register_since=REGISTER_SINCE,
    )


async def _fill(settings: Settings, sandbox: "Sandbox") -> None:
    """Make the service and its people, unless an earlier start has."""
    from sandbox.demo import add_people, is_empty, make_service
    from surveys.keys import RoundKeys

    async with opened(settings) as database:
        if await is_empty(database):
            people = await make_service(database, RoundKeys(settings.round_keys), system_clock())
            add_people(sandbox, people)


async def _doors(settings: Settings, sandbox: "Sandbox", address: str) -> Doors:
    """Fresh links for staff, and for the carer who is not connected yet."""
    from carers.linking import new_link
    from carers.sign_in import create_link
    from sandbox.demo import newcomer_ref
    from sandbox.demo_names import ADMINISTRATOR, COORDINATOR, MANAGER, SOCIAL_WORKERS
    from storage.households_queries import carers_by_ref
    from storage.staff_lists import staff_named

    now = system_clock()
    async with opened(settings) as database, database.write() as session:
        links = {}
        for name in (COORDINATOR, MANAGER, SOCIAL_WORKERS[0], ADMINISTRATOR):
            member = await staff_named(session, name)
            token = await create_link(session, member, now, LINK_LIVES) if member else ""
            links[name] = f"{address}/sign-in/{token}"
        ref = newcomer_ref(sandbox)
        carer = (await carers_by_ref(session, [ref]))[ref]
        newcomer = ""
        if carer.chat_id is None:
            token = await new_link(session, carer, now)
            newcomer = f"{sandbox.url}/deep/{sandbox.username}?start={token}"
    return Doors(
        f"{sandbox.url}/",
        f"{sandbox.url}/mail",
        f"{address}/",
        links[COORDINATOR],
        links[MANAGER],
        links[SOCIAL_WORKERS[0]],
        links[ADMINISTRATOR],
        newcomer,
        str(settings.data_dir),
    )


def _print(doors: Doors) -> None:
    """What a visitor needs, and six things to try."""
    lines = (
        "",
        "Fostering Riverside is open. Everybody in it is invented.",
        "",
        f"  Carers' chats:    {doors.chats}",
        f"  Carers' mail:     {doors.mail}  (of those without the app)",
        f"  Staff console:    {doors.coordinator}  (coordinator; works once)",
        f"                    {doors.manager}  (manager; works once)",
        f"                    {doors.social_worker}  (social worker: own households; works once)",
        f"                    {doors.administrator}  (administrator; works once)",
        "",
        "Try this:",
        "  1. In the chats, pick a carer from the top: an invitation comes within seconds. Tap Going.",
        "  2. In the console, open that event and watch the answers of the other carers come in.",
        "  3. Cancel an event in the console, and see what the carers who said yes are told.",
        "  4. Open both carers of one household side by side: what one answers, the other's card shows.",
        "  5. Open the mail, choose an invitation and answer it as a carer without the app does.",
        f"  6. Connect a carer who is new: {doors.newcomer or 'done; write /start as anybody you like'}",
        "",
        "So that something happens at any hour, quiet hours are off here and the weekly cap is high.",
    )
    click.echo("\n".join(lines))
