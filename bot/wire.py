"""Kept connections to one HTTP server, for small requests by the thousand.

A general client spends most of a request's time on what these never use: redirects, cookies, hooks, streams.
Here a request is two pieces of bytes and an answer a status and some bytes, read by the parser that the fast
web servers of Python use. One rule matters: whoever waits learns whether the request can have arrived.
"""

import asyncio
import ssl
from collections import deque
from typing import cast
from urllib.parse import urlsplit

from httptools import HttpParserError, HttpResponseParser

from bot.patience import Patience


class NotConnected(Exception):
    """No connection could be made: nothing went out."""


class Interrupted(Exception):
    """The request went out, and no answer came back whole."""


class Wire:
    """Connections to the server of ``url``, made as they are needed and kept for ``keep`` seconds.

    ``connect_within`` and ``answer_within``: seconds for each of the two. Their limits are apart, so that
    whichever is reached says whether anything went out.
    """

    def __init__(self, url: str, keep: float, connect_within: float, answer_within: float) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._port = parts.port or (443 if self._tls else 80)
        host = parts.netloc.rpartition("@")[2]
        self._head = f"Host: {host}\r\nContent-Type: application/json\r\nContent-Length: "
        self._keep = keep
        self._connecting = Patience(connect_within)
        self._answering = Patience(answer_within)
        self._idle: deque[_Line] = deque()

    async def post(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer to this JSON. Raises `NotConnected` or `Interrupted`."""
        line = self._kept() or await self._connected()
        head = f"POST {path} HTTP/1.1\r\n{self._head}{len(body)}\r\n\r\n"
        task = self._answering.begin()
        try:
            answer = await line.ask(head.encode("ascii") + body)
        except BaseException as error:
            line.close()  # an answer that comes later must not be taken for the next one's
            if self._answering.gave_up(task):
                raise Interrupted("TimeoutError") from error
            raise
        finally:
            self._answering.end(task)
        if line.is_open:
            line.idle_since = asyncio.get_running_loop().time()
            self._idle.append(line)
        return answer

    def close(self) -> None:
        """Let every connection go that nobody waits at."""
        while self._idle:
            self._idle.pop().close()

    def _kept(self) -> "_Line | None":
        """The connection that was used last, if the server can be trusted to have it still."""
        now = asyncio.get_running_loop().time()
        while self._idle:
            line = self._idle.pop()
            if line.is_open and now - line.idle_since < self._keep:
                return line
            line.close()
        return None

    async def _connected(self) -> "_Line":
        loop = asyncio.get_running_loop()
        task = self._connecting.begin()
        try:
            _, line = await loop.create_connection(_Line, self._host, self._port, ssl=self._tls)
        except asyncio.CancelledError as error:
            if self._connecting.gave_up(task):
                raise NotConnected("TimeoutError") from error
            raise
        except OSError as error:
            raise NotConnected(type(error).__name__) from error
        finally:
            self._connecting.end(task)
        return line


class _Line(asyncio.Protocol):
    """One connection: a question, its answer, the next question."""

    def __init__(self) -> None:
        self.idle_since = 0.0
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._parser = HttpResponseParser(self)
        self._body = b""

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def ask(self, request: bytes) -> "asyncio.Future[tuple[int, bytes]]":
        if self._transport is None:
            raise NotConnected("closed")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    # What the event loop tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except HttpParserError as error:
            self._fail(error)
            self.close()

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        self._fail(error)

    # What the parser tells.

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        status, body = self._parser.get_status_code(), self._body
        self._body = b""
        if not self._parser.should_keep_alive():
            self.close()
        answer, self._answer = self._answer, None
        if answer is None:
            self.close()  # an answer that nobody asked for
        elif not answer.done():
            answer.set_result((status, body))

    def _fail(self, error: Exception | None) -> None:
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_exception(Interrupted(type(error).__name__ if error else "closed"))
