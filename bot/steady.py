"""Keeping a part of the process going: a fault ends one run of it, not the service, and is shown."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock

AGAIN_SECONDS = 1.0
SHOWN_FOR = timedelta(seconds=15)

log = structlog.get_logger(__name__)


class Steady:
    """Runs parts by name and starts one again when it fails."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failed: dict[str, tuple[str, datetime]] = {}

    async def run(self, name: str, part: Callable[[], Awaitable[None]]) -> None:
        """Run the part until it ends by itself or is cancelled."""
        while True:
            try:
                await part()
            except Exception as error:
                log.exception("a part failed and is started again", part=name)
                self._failed[name] = (type(error).__name__, self._clock())
                await asyncio.sleep(AGAIN_SECONDS)
            else:
                return

    def trouble(self, name: str) -> str | None:
        """Which failure the part had a moment ago; one that keeps failing never looks well in between."""
        if name not in self._failed:
            return None
        error, at = self._failed[name]
        recent = self._clock() - at < SHOWN_FOR
        return f"failed and was started again ({error})" if recent else None
