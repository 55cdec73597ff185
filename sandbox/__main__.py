"""`python -m sandbox --port 8081`: the Bot API emulator alone."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
from pathlib import Path

from sandbox.limits import Limits
from sandbox.server import TOKEN, serve


def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="A Telegram Bot API emulator.")
    parser.add_argument("--port", type=int, default=8081, help="0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--data", type=Path, help="a folder that keeps the chats between two starts")
    parser.add_argument("--no-limits", action="store_true", help="lift the limits on sending")
    options = parser.parse_args()
    limits = None if options.no_limits else Limits()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(options.port, options.host, options.token, options.data, limits))


async def _run(port: int, host: str, token: str, data: Path | None, limits: Limits | None) -> None:
    serving = asyncio.ensure_future(serve(port, host=host, token=token, data=data, limits=limits, ready=_say))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, serving.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await serving


def _say(url: str) -> None:
    print(f"Sandbox: {url}", flush=True)  # noqa: T201  # what the command is for


if __name__ == "__main__":
    main()
