"""How python-telegram-bot reaches a Bot API server: pooled aiohttp connections, JSON by orjson.

What matters beyond speed: a failure says whether the request can have arrived. `NotSent` is raised when no
connection was made, so nothing went out and sending again is safe; `NoAnswer` and `ServerFault` when it may
have been carried out. The address of a request holds the token, so it appears in no message raised here.
"""

import os
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson
from telegram._utils.defaultvalue import DEFAULT_NONE
from telegram.error import NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

# The library's exceptions then hold spans of time as such, as they will in its next version.
os.environ.setdefault("PTB_TIMEDELTA", "true")

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 20.0
KEEP_ALIVE_SECONDS = 20.0
"""Shorter than any Bot API server's own: a connection that the server closes first costs an `Unknown`."""
_KNOWN_REFUSALS = (400, 401, 403, 404, 409)
"""Those for which the library has exceptions of its own."""
RETRY_AFTER_UNSAID = 5  # seconds; for a 429 from a proxy, which names none


class NotSent(NetworkError):
    """No connection: nothing went out."""


class NoAnswer(TimedOut):
    """The request went out, and then a time-out or a reset: it may have been carried out."""


class ServerFault(NetworkError):
    """The server answered with a 5xx: it may have been carried out."""


class Rejected(NetworkError):
    """The server answered with a status that the Bot API does not use, such as 413: it was not accepted."""


class AiohttpRequest(BaseRequest):
    """One pool of connections. ``api_url`` only decides whether the machine's proxy settings are heeded."""

    def __init__(self, api_url: str, connections: int = 64) -> None:
        self._connections = connections
        self._through_proxy = urlsplit(api_url).hostname not in ("127.0.0.1", "localhost", "::1")
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        return ANSWER_SECONDS

    async def initialize(self) -> None:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=KEEP_ALIVE_SECONDS),
                trust_env=self._through_proxy,
                cookie_jar=aiohttp.DummyCookieJar(),
            )

    async def shutdown(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """As the library's own, but by orjson, and without logging what it could not read."""
        try:
            parsed: dict[str, Any] = orjson.loads(payload)
        except orjson.JSONDecodeError:
            return BaseRequest.parse_json_payload(payload)
        return parsed

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = DEFAULT_NONE,
        write_timeout: Any = DEFAULT_NONE,
        connect_timeout: Any = DEFAULT_NONE,
        pool_timeout: Any = DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Status and body. Raises `NotSent`, `NoAnswer`, `ServerFault` or ``RetryAfter``."""
        if self._session is None or self._session.closed:
            raise NotSent("closed")
        answer = read_timeout if isinstance(read_timeout, int | float) else ANSWER_SECONDS
        # `connect` covers the wait for a free connection and the making of one, and nothing after it.
        timeout = aiohttp.ClientTimeout(
            total=CONNECT_SECONDS + 2 * answer, connect=CONNECT_SECONDS, sock_read=answer
        )
        try:
            async with self._session.request(
                method, url, timeout=timeout, allow_redirects=False, **_body(request_data)
            ) as response:
                status, payload = response.status, await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            raise NotSent(type(error).__name__) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NoAnswer(type(error).__name__) from error
        if status >= 500:
            raise ServerFault(f"the server answered {status}")
        if status == 429:
            raise RetryAfter(self._retry_after(payload))
        if status >= 300 and status not in _KNOWN_REFUSALS:
            raise Rejected(f"the server answered {status}")
        return status, payload

    def _retry_after(self, payload: bytes) -> int:
        try:
            return int(self.parse_json_payload(payload)["parameters"]["retry_after"])
        except (TelegramError, KeyError, TypeError, ValueError):
            return RETRY_AFTER_UNSAID


def _body(data: RequestData | None) -> dict[str, Any]:
    if data is None:
        return {}
    if not data.contains_files:
        return {
            "data": orjson.dumps(data.parameters),
            "headers": {"Content-Type": "application/json"},
        }
    form = aiohttp.FormData()
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=mime)
    return {"data": form}
