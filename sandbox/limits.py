"""How fast a bot may send: about 30 messages a second in all, about one a second to each chat.

Telegram publishes the rates and not the algorithm. This is a token bucket each, with a small burst,
and after a refusal nothing passes before the time that was named, as there.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.errors import too_many_requests


@dataclass(frozen=True, slots=True)
class Limits:
    """Rates a second and how many may go at once after a rest."""

    global_rate: float = 30
    global_burst: int = 30
    chat_rate: float = 1
    chat_burst: int = 5
    paid_rate: float = 1000
    """In all, for messages sent with `allow_paid_broadcast`."""


_HAIR = 1e-6
"""Seconds and messages below this are rounding."""


class _Bucket:
    __slots__ = ("burst", "closed_until", "filled_at", "level", "rate")

    def __init__(self, rate: float, burst: int, now: float) -> None:
        self.rate = rate
        self.burst = burst
        self.level = float(burst)
        self.filled_at = now
        self.closed_until = 0.0

    def wait(self, now: float) -> float:
        """Return the seconds until one more may pass, 0 when it may now."""
        if self.closed_until - now > _HAIR:
            return self.closed_until - now
        self.level = min(self.burst, self.level + (now - self.filled_at) * self.rate)
        self.filled_at = now
        return 0.0 if self.level >= 1 - _HAIR else (1 - self.level) / self.rate


class Pace:
    """The state of the limits; `timer` gives seconds that never go back."""

    def __init__(self, limits: Limits, timer: Callable[[], float]) -> None:
        self.limits = limits
        self._timer = timer
        now = timer()
        self._all = _Bucket(limits.global_rate, limits.global_burst, now)
        self._paid = _Bucket(limits.paid_rate, int(limits.paid_rate), now)
        self._chats: dict[int, _Bucket] = {}

    def take(self, chat_id: int, *, paid: bool = False) -> None:
        """Let one message to the chat pass; raise ApiError 429 where it comes too soon."""
        now = self._timer()
        chat = self._chats.get(chat_id)
        if chat is None:
            chat = self._chats[chat_id] = _Bucket(self.limits.chat_rate, self.limits.chat_burst, now)
        shared = self._paid if paid else self._all
        for bucket in (chat, shared):
            wait = bucket.wait(now)
            if wait > 0:
                retry_after = max(1, math.ceil(wait - _HAIR))
                if bucket.closed_until <= now:
                    bucket.closed_until = now + retry_after
                raise too_many_requests(retry_after)
        chat.level -= 1
        shared.level -= 1
