"""A real Chromium for the tests, driven by Playwright; it reaches loopback and nothing else.

To start Playwright and Chromium takes longer than most tests of a page, and Playwright belongs to the event
loop that it was started in, while every test has a loop of its own. So both live in a thread for as long as
the worker does, and tests hold their objects at arm's length: a call is made there and awaited here.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Coroutine, Generator
from functools import wraps
from threading import Thread
from typing import Any, cast

from playwright.async_api import Browser, Playwright, async_playwright

ARGUMENTS = (
    "--no-sandbox",  # CI runs as root, where Chromium's sandbox refuses to start
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)


class Chromium:
    """One headless browser from the Chromium at this path, for all the tests of a worker."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None

    def browser(self) -> Browser:
        """The browser; another one if a test has ended the last."""
        return cast(Browser, _Far(self._do(self._running()), self._loop))

    def clear(self) -> None:
        """Close whatever pages a test has left open."""
        self._do(self._close_contexts())

    def close(self) -> None:
        self._do(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _running(self) -> Browser:
        if self._playwright is None:
            self._playwright = await async_playwright().start()
        if self._browser is None or not self._browser.is_connected():
            chromium = self._playwright.chromium
            self._browser = await chromium.launch(executable_path=self._path, args=list(ARGUMENTS))
        return self._browser

    async def _close_contexts(self) -> None:
        for context in self._browser.contexts if self._browser else ():
            await context.close()

    async def _stop(self) -> None:
        if self._browser is not None:
            await self._browser.close()
        if self._playwright is not None:
            await self._playwright.stop()


class _Far:
    """An object of Playwright's, or something to be awaited, that lives in another thread's loop."""

    def __init__(self, there: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._there = there
        self._loop = loop

    @property  # type: ignore[misc] # so that Playwright's own `expect` takes it for a page or a locator
    def __class__(self) -> type:
        return type(self._there)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._there, name)
        return self._calling(found) if callable(found) and not isinstance(found, type) else self._near(found)

    def _calling(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            given = [self._own(one) for one in arguments]
            options = {name: self._own(one) for name, one in named.items()}
            if inspect.iscoroutinefunction(function):
                return self._awaited(function(*given, **options))
            if _runs_here(self._loop):  # in a handler, which is called over there
                return self._near(function(*given, **options))

            async def there() -> Any:
                return function(*given, **options)

            return self._near(asyncio.run_coroutine_threadsafe(there(), self._loop).result())

        return call

    def _near(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._near(one) for one in value]
        ours = type(value).__module__.startswith("playwright.")
        return _Far(value, self._loop) if ours or inspect.isawaitable(value) else value

    async def _awaited(self, awaitable: Awaitable[Any]) -> Any:
        async def there() -> Any:
            return await awaitable

        return self._near(await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(there(), self._loop)))

    def __await__(self) -> Generator[Any, None, Any]:
        return self._awaited(self._there).__await__()

    async def __aenter__(self) -> Any:
        return await self._awaited(self._there.__aenter__())

    async def __aexit__(self, *error: Any) -> Any:
        return await self._awaited(self._there.__aexit__(*error))

    def _own(self, value: Any) -> Any:
        """What Playwright is given: its own objects, and handlers that run in the loop of the test."""
        if type(value) is _Far:
            return value._there
        if not inspect.isroutine(value):
            return value
        home = asyncio.get_running_loop()

        @wraps(value)
        def handle(*arguments: Any) -> Any:
            told = value(*map(self._near, arguments))
            if not inspect.iscoroutine(told):
                return told
            return asyncio.wrap_future(asyncio.run_coroutine_threadsafe(told, home))

        return handle


def _runs_here(loop: asyncio.AbstractEventLoop) -> bool:
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:  # none does
        return False
