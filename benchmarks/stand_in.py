"""Starting the emulator, and asking it what came."""

import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from typing import Any, Self

import orjson

TOKEN = "7000000001:bench"  # noqa: S105 - of the emulator, which takes any


class StandIn:
    """The emulator in a process of its own, while the block lasts. ``latency`` is in milliseconds."""

    def __init__(self, latency: float = 0, limit: int | None = None, chat_limit: int | None = None) -> None:
        self._options = ["--latency", str(latency)]
        if limit is not None:
            self._options += ["--limit", str(limit)]
        if chat_limit is not None:
            self._options += ["--chat-limit", str(chat_limit)]

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "benchmarks.emulator", *self._options]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    def reset(self) -> None:
        control(self.url, "reset", b"")

    def report(self) -> dict[str, Any]:
        return dict(control(self.url, "report"))

    def hand_out(self, updates: Sequence[dict[str, Any]]) -> None:
        """Let all of these wait for getUpdates, from one moment on."""
        control(self.url, "updates", orjson.dumps(updates))


def control(url: str, path: str, body: bytes | None = None) -> Any:
    """Ask the emulator; with a body it is a POST."""
    with urllib.request.urlopen(f"{url}/{path}", body) as answer:  # noqa: S310 - our own process
        return orjson.loads(answer.read())
