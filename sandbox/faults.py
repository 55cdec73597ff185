"""What can be made to go wrong, so that the bot's answer to it can be tested.

A fault matches requests by method and chat and strikes before or after the request took effect:
after is the nasty case, where the sender cannot know whether its message was delivered.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, get_args

FaultKind = Literal[
    "error",
    "hang",
    "reset",
    "latency",
    "duplicate_updates",
    "lost_webhook_response",
]
KINDS: tuple[str, ...] = get_args(FaultKind)


@dataclass(slots=True)
class Fault:
    """One thing that goes wrong, until it has struck `times` times or `for_seconds` have passed.

    - `error`: answer `code` and `description` (429 takes `retry_after`, in seconds);
    - `hang`: accept the request and answer nothing for `seconds`;
    - `reset`: drop the connection;
    - `latency`: answer `seconds` late;
    - `duplicate_updates`: deliver every update twice;
    - `lost_webhook_response`: deliver to the webhook and take its answer for lost.
    """

    kind: FaultKind
    method: str = "*"
    chat_id: int | None = None
    when: Literal["before", "after"] = "before"
    times: int | None = None
    skip: int = 0
    """How many matching requests pass first."""
    every: int = 1
    """Strike each n-th matching request only."""
    for_seconds: float | None = None
    code: int = 500
    description: str = "Internal Server Error"
    retry_after: int | None = None
    seconds: float = 3600
    struck: int = field(default=0, init=False)
    seen: int = field(default=0, init=False)
    begun_at: float = field(default=0, init=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind of fault {self.kind!r}; there are {', '.join(KINDS)}")
        if self.when not in ("before", "after"):
            raise ValueError('"when" is "before" or "after"')
        if self.every < 1:
            raise ValueError('"every" is 1 or more')

    def _over(self, now: float) -> bool:
        spent = self.times is not None and self.struck >= self.times
        return spent or (self.for_seconds is not None and now >= self.begun_at + self.for_seconds)

    def _strikes(self, method: str, chat_id: int | None) -> bool:
        if self.method not in ("*", method) or self.chat_id not in (None, chat_id):
            return False
        self.seen += 1
        if self.seen <= self.skip or (self.seen - self.skip) % self.every:
            return False
        self.struck += 1
        return True


def too_many_requests(retry_after: int, **where: object) -> Fault:
    """Return a 429 that names the seconds to wait."""
    return _fault("error", where, code=429, retry_after=retry_after, description="Too Many Requests")


def server_error(code: int = 500, **where: object) -> Fault:
    """Return a 5xx, before the effect unless `when="after"` is given."""
    words = {502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}
    return _fault("error", where, code=code, description=words.get(code, "Internal Server Error"))


def unauthorized(method: str = "getUpdates", **where: object) -> Fault:
    """Return the 401 of a token that was revoked."""
    return _fault("error", where, method=method, code=401, description="Unauthorized")


def not_found(method: str = "getUpdates", **where: object) -> Fault:
    """Return the 404 that stops a stock polling loop for ever."""
    return _fault("error", where, method=method, code=404, description="Not Found")


def hang(**where: object) -> Fault:
    """Return a time-out: the request is accepted and never answered."""
    return _fault("hang", where)


def reset(**where: object) -> Fault:
    """Return a dropped connection."""
    return _fault("reset", where)


def latency(seconds: float, **where: object) -> Fault:
    """Return a slow answer."""
    return _fault("latency", where, seconds=seconds)


def outage(for_seconds: float | None = None) -> Fault:
    """Return an outage of the whole server: every connection is dropped."""
    return Fault("reset", for_seconds=for_seconds)


def _fault(kind: FaultKind, where: dict[str, object], **rest: object) -> Fault:
    return Fault(kind, **{**rest, **where})  # type: ignore[arg-type]  # checked by __post_init__


class Faults:
    """The faults that are switched on now."""

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self._timer = timer
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        """Switch a fault on."""
        fault.begun_at = self._timer()
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Switch every fault off."""
        self._faults.clear()

    def __iter__(self) -> Iterator[Fault]:
        return iter(tuple(self._faults))

    def __bool__(self) -> bool:
        return bool(self._faults)

    def strike(
        self, method: str, chat_id: int | None, *, kinds: Iterable[FaultKind], when: str | None = None
    ) -> list[Fault]:
        """Return the faults that strike this request now, and count them."""
        if not self._faults:
            return []
        now = self._timer()
        self._faults = [fault for fault in self._faults if not fault._over(now)]
        return [
            fault
            for fault in self._faults
            if fault.kind in kinds and when in (None, fault.when) and fault._strikes(method, chat_id)
        ]
