"""How python-telegram-bot reaches a Bot API server: pooled aiohttp connections, JSON by orjson.

What matters beyond speed: a failure says whether the request can have arrived. `NotSent` is raised when no
connection was made, so nothing went out and sending again is safe; `NoAnswer` and `ServerFault` when it may
have been carried out. The address of a request holds the token, so it appears in no message raised here.
"""

import os
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import orjson
from telegram._utils.defaultvalue import DEFAULT_NONE
from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.request import BaseRequest, RequestData
from yarl import URL

from bot.wire import Interrupted, NotConnected, Wire

# The library's exceptions then hold spans of time as such, as they will in its next version.
os.environ.setdefault("PTB_TIMEDELTA", "true")

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 20.0
KEEP_ALIVE_SECONDS = 20.0
"""Shorter than any Bot API server's own: a connection that the server closes first costs an `Unknown`."""
_REFUSALS: dict[int, type[TelegramError]] = {
    400: BadRequest,
    401: InvalidToken,
    403: Forbidden,
    404: InvalidToken,
    409: Conflict,
}
"""Those for which the library has exceptions of its own."""
_NO_CONNECTION = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
)
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
    """One pool of connections. ``api_url`` only decides through which of the machine's proxies, if any."""

    def __init__(self, api_url: str, connections: int = 64) -> None:
        self._connections = connections
        self._through = _through(proxy_for(api_url))
        self._session: aiohttp.ClientSession | None = None
        # Through a proxy the usual way is the only one.
        self._wire = (
            None if self._through else Wire(api_url, KEEP_ALIVE_SECONDS, CONNECT_SECONDS, ANSWER_SECONDS)
        )

    @property
    def read_timeout(self) -> float:
        return ANSWER_SECONDS

    async def initialize(self) -> None:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=KEEP_ALIVE_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
            )

    async def shutdown(self) -> None:
        if self._wire is not None:
            self._wire.close()
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
        timeout = _timeout(read_timeout) if isinstance(read_timeout, int | float) else _USUAL
        return await self._exchange(method, url, timeout, **_body(request_data))

    async def call(self, url: str, body: bytes) -> Any:
        """The ``result`` that a method of the Bot API gives for this JSON. Raises ``TelegramError``.

        For what goes out by the thousand: nothing is built that nobody reads.
        """
        if self._wire is None:
            status, payload = await self._exchange("POST", url, _USUAL, data=_json(body))
        else:
            status, payload = await self._post(self._wire, url, body)
        answer = self.parse_json_payload(payload)
        if status == 200:
            return answer["result"]
        raise _REFUSALS.get(status, NetworkError)(str(answer.get("description", status)))

    async def _post(self, wire: Wire, url: str, body: bytes) -> tuple[int, bytes]:
        if self._session is None:
            raise NotSent("closed")
        address = url.partition("//")[2]
        try:
            status, payload = await wire.post(address[address.index("/") :], body)
        except NotConnected as error:
            raise NotSent(str(error)) from error
        except Interrupted as error:
            raise NoAnswer(str(error)) from error
        return self._worth_reading(status, payload)

    async def _exchange(
        self, method: str, url: str, timeout: aiohttp.ClientTimeout, **body: Any
    ) -> tuple[int, bytes]:
        """Status and body of an answer that is worth reading."""
        if self._session is None or self._session.closed:
            raise NotSent("closed")
        try:
            async with self._session.request(
                method, url, timeout=timeout, allow_redirects=False, **self._through, **body
            ) as response:
                status, payload = response.status, await response.read()
        except _NO_CONNECTION as error:
            raise NotSent(type(error).__name__) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NoAnswer(type(error).__name__) from error
        return self._worth_reading(status, payload)

    def _worth_reading(self, status: int, payload: bytes) -> tuple[int, bytes]:
        if status >= 500:
            raise ServerFault(f"the server answered {status}")
        if status == 429:
            raise RetryAfter(self._retry_after(payload))
        if status >= 300 and status not in _REFUSALS:
            raise Rejected(f"the server answered {status}")
        return status, payload

    def _retry_after(self, payload: bytes) -> int:
        try:
            return int(self.parse_json_payload(payload)["parameters"]["retry_after"])
        except (TelegramError, KeyError, TypeError, ValueError):
            return RETRY_AFTER_UNSAID


def proxy_for(url: str) -> URL | None:
    """The proxy that the machine's settings name for this address, null for none."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host in ("127.0.0.1", "localhost", "::1") or proxy_bypass(host):
        return None
    address = getproxies().get(parts.scheme)
    return URL(address) if address else None


def _through(proxy: URL | None) -> dict[str, Any]:
    # Not the client's trust_env, which asks the machine anew for each request, in a thread, twice.
    if proxy is None:
        return {}
    through: dict[str, Any] = {"proxy": proxy.with_user(None)}
    if proxy.user:
        password = aiohttp.encode_basic_auth(proxy.user, proxy.password or "")
        through["proxy_headers"] = {"Proxy-Authorization": password}
    return through


def _timeout(answer: float) -> aiohttp.ClientTimeout:
    # `connect` covers the wait for a free connection and the making of one, and nothing after it.
    return aiohttp.ClientTimeout(
        total=CONNECT_SECONDS + 2 * answer, connect=CONNECT_SECONDS, sock_read=answer
    )


_USUAL = _timeout(ANSWER_SECONDS)


def _json(body: bytes) -> aiohttp.BytesPayload:
    return aiohttp.BytesPayload(body, content_type="application/json")


def _body(data: RequestData | None) -> dict[str, Any]:
    if data is None:
        return {}
    if not data.contains_files:
        return {"data": _json(orjson.dumps(data.parameters))}
    form = aiohttp.FormData()
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=mime)
    return {"data": form}
