"""Commands that run something: the service, its check, the sandbox. (The demo has a file of its own.)"""

import asyncio
import os
import signal
import sys

import click

from bot.collector import spare_the_collector
from bot.opening import asynchronous


@click.command()
def run() -> None:
    """Run the service: bot, web and jobs. SIGTERM or Ctrl-C stops it within two seconds."""
    asyncio.run(_run())
    # Everything is committed and closed. Taking the interpreter apart would only use up the two seconds.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


async def _run() -> None:
    from bot.app import running
    from bot.logs import set_up_logs
    from bot.settings import load

    stop = stop_on_signal()
    settings = load()
    set_up_logs(settings.log_level, settings.secrets())
    async with running(settings):
        spare_the_collector()
        await stop.wait()


@click.command()
@asynchronous
async def check() -> None:
    """Say in plain words what is wrong; exit status 1 if anything is."""
    from bot.checks import check_all

    found = await check_all()
    for finding in found:
        click.echo(f"{finding.label}  {finding.text}")
    if not all(finding.ok for finding in found):
        sys.exit(1)


@click.command()
@click.option("--port", default=8081, show_default=True, help="Where it listens, on this machine alone.")
@asynchronous
async def sandbox(port: int) -> None:
    """Run the stand-in for Telegram alone, with a chat page in the browser."""
    from sandbox.server import TOKEN, serve

    def say(address: str) -> None:
        click.echo(f"The chat page: {address}/")
        click.echo(f"For a bot:     HEARTHLINE_TELEGRAM_API_URL={address} HEARTHLINE_TELEGRAM_TOKEN={TOKEN}")

    serving = asyncio.create_task(serve(port, ready=say))
    stop = asyncio.create_task(stop_on_signal().wait())
    await asyncio.wait({serving, stop}, return_when=asyncio.FIRST_COMPLETED)
    for task in (serving, stop):
        task.cancel()
    await asyncio.gather(serving, stop, return_exceptions=True)


def stop_on_signal() -> asyncio.Event:
    """An event that SIGTERM or Ctrl-C sets, instead of ending the process."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
