"""`/bot<token>/<method>`: from the request to the answer, with limits and faults on the way."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from typing import Any

from aiohttp import web

from sandbox.call import Call, Request
from sandbox.errors import ApiError, bad_request
from sandbox.faults import Fault, FaultKind, Faults
from sandbox.files import Upload
from sandbox.limits import Limits, Pace
from sandbox.methods import PACED, handlers
from sandbox.receiving import Receiving
from sandbox.spec import API, Method
from sandbox.state import State
from sandbox.wire import failure, read_parameters, success

KEPT_REQUESTS = 50_000
_ON_A_REQUEST: tuple[FaultKind, ...] = ("latency", "hang", "reset", "error")

log = logging.getLogger(__name__)


class BotApi:
    """Answers the bot's requests and keeps a log of them."""

    def __init__(
        self, state: State, limits: Limits | None, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self.state = state
        self.faults = Faults(timer)
        self.receiving = Receiving(state, self.faults)
        self.requests: deque[Request] = deque(maxlen=KEPT_REQUESTS)
        self.counts: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self.closing = asyncio.Event()
        self.on_request: Callable[[], None] = lambda: None
        self._timer = timer
        self._pace: Pace | None = None
        self._at_once, self._waiting = handlers(state, self.receiving)
        self._count = 0
        self.limit(limits)

    def limit(self, limits: Limits | None) -> None:
        """Change the limits on sending; None lifts them."""
        self._pace = Pace(limits, self._timer) if limits else None

    @property
    def limits(self) -> Limits | None:
        """The limits in force."""
        return self._pace.limits if self._pace else None

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        try:
            method = self._method(request)
            parameters, uploads = await read_parameters(request)
        except ApiError as error:
            return failure(error)
        try:
            call = _read(method, parameters, uploads)
        except ApiError as error:
            self._log(Call(method.name, parameters, uploads), error.code, error.description)
            return failure(error)
        if self.faults:
            return await self._with_faults(request, method, call)
        return await self._perform(method, call)

    def _method(self, request: web.Request) -> Method:
        token, _, name = request.match_info["rest"].partition("/")
        if token != self.state.token:
            raise ApiError(401, "Unauthorized")
        method = API.methods.get(name.lower())
        if method is not None:
            return method
        known = API.not_implemented.get(name.lower())
        if known is not None:
            raise ApiError(501, f"Not Implemented: method {known} is not implemented in the sandbox")
        raise ApiError(404, "Not Found: method not found")

    async def _perform(self, method: Method, call: Call) -> web.Response:
        """Let the request take effect."""
        name = method.name
        try:
            if self._pace is not None and name in PACED and call.chat_id is not None:
                self._pace.take(call.chat_id, paid=call.arguments.get("allow_paid_broadcast", False))
            handler = self._at_once.get(name)
            result = handler(call) if handler is not None else await self._waiting[name](call)
        except ApiError as error:
            self._log(call, error.code, error.description)
            return failure(error)
        self._log(call, 200, "")
        return success(result)

    async def _with_faults(self, request: web.Request, method: Method, call: Call) -> web.StreamResponse:
        before = self.faults.strike(method.name, call.chat_id, kinds=_ON_A_REQUEST, when="before")
        spoilt = await self._spoil(request, call, before)
        if spoilt is not None:
            return spoilt
        response: web.StreamResponse = await self._perform(method, call)
        after = self.faults.strike(method.name, call.chat_id, kinds=_ON_A_REQUEST, when="after")
        spoilt = await self._spoil(request, None, after)
        return spoilt or response

    async def _spoil(
        self, request: web.Request, call: Call | None, faults: list[Fault]
    ) -> web.Response | None:
        """Do what the faults say. `call` is given where the request never takes effect through them."""
        for fault in faults:
            if fault.kind == "latency":
                await self._pause(fault.seconds)
                continue
            if call is not None:
                code = fault.code if fault.kind == "error" else 0
                self._log(call, code, fault.description if code else fault.kind)
            if fault.kind == "error":
                return failure(_error(fault))
            if fault.kind == "hang":
                await self._pause(fault.seconds)
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        return None

    async def _pause(self, seconds: float) -> None:
        """Wait, but not beyond the end of the sandbox."""
        try:
            async with asyncio.timeout(seconds):
                await self.closing.wait()
        except TimeoutError:
            return

    def _log(self, call: Call, code: int, description: str) -> None:
        self._count += 1
        self.counts[call.method][code] += 1
        arguments = call.arguments
        if call.uploads:
            arguments = {**arguments, **dict(_named(call.uploads))}
        self.requests.append(
            Request(self._count, self.state.now(), call.method, arguments, code, description)
        )
        self.on_request()

    async def download(self, request: web.Request) -> web.Response:
        """Answer `/file/bot<token>/<path>`."""
        token, _, path = request.match_info["rest"].partition("/")
        if token != self.state.token:
            return failure(ApiError(401, "Unauthorized"))
        for kept in self.state.files.values():
            if kept.path == path:
                return web.Response(body=kept.content, content_type="application/octet-stream")
        return failure(ApiError(404, "Not Found"))


def _read(method: Method, parameters: dict[str, Any], uploads: dict[str, Upload]) -> Call:
    """Check what a request gave; raise ApiError 400 naming what is wrong."""
    attached = {
        value.removeprefix("attach://")
        for value in parameters.values()
        if isinstance(value, str) and value.startswith("attach://")
    }
    for name in uploads:
        if name in method.parameters:
            parameters = {**parameters, name: f"attach://{name}"}
        elif name not in attached:
            raise bad_request(f'unknown parameter "{name}" of method {method.name}')
    return Call(method.name, method.read(parameters), uploads)


def _named(uploads: dict[str, Upload] | Any) -> Iterator[tuple[str, str]]:
    for name, upload in uploads.items():
        yield name, f"{upload.name} ({len(upload.content)} bytes)"


def _error(fault: Fault) -> ApiError:
    if fault.code == 429:
        seconds = fault.retry_after or 1
        return ApiError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
    return ApiError(fault.code, fault.description, retry_after=fault.retry_after)
