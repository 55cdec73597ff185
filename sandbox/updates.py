"""The queue of updates that wait for the bot, and where they are to go.

An update waits until the bot confirms it: by a later offset, or by a 2xx of its webhook. A tap is kept
for 150 seconds and everything else for 24 hours, as at Telegram.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import orjson

TAP_SECONDS = 150
OTHER_SECONDS = 24 * 60 * 60
FAR_AHEAD = 1000
"""An offset beyond the last update by more than this belongs to another numbering and confirms nothing."""
REMEMBERED = 1000
"""How many updates can be delivered once more after their confirmation."""
_NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass(frozen=True, slots=True)
class Update:
    """One update as it will go over the wire."""

    id: int
    kind: str
    chat_id: int
    expires_at: float
    """Seconds since 1970."""
    body: bytes
    """JSON of the whole Update object, frozen at the moment it happened."""


@dataclass(slots=True)
class Webhook:
    """Where updates are posted to, and what came of it."""

    url: str
    secret_token: str = ""
    max_connections: int = 40
    last_error_at: int | None = None
    """Seconds since 1970."""
    last_error: str = ""


class Updates:
    """The queue. `changed` is called after every arrival and every confirmation."""

    def __init__(self, now: Callable[[], datetime], first_id: int = 100_000_001) -> None:
        self._now = now
        self.next_id = first_id
        self.pending: dict[int, Update] = {}
        """By update_id, in the order of arrival."""
        self.allowed: frozenset[str] | None = None
        """What the bot asked for; None: everything that comes by default."""
        self.webhook: Webhook | None = None
        self.arrived = asyncio.Event()
        """Set by an arrival; whoever waits clears it."""
        self.on_arrival: list[Callable[[Update], None]] = []
        self.on_removal: list[Callable[[list[int]], None]] = []
        self._past: deque[Update] = deque(maxlen=REMEMBERED)
        self._again: list[Update] = []
        self._pruned_at = 0.0

    def add(self, kind: str, payload: dict[str, Any], chat_id: int) -> int | None:
        """Queue an update and return its id, or None when the bot did not ask for its kind."""
        if self.allowed is not None and kind not in self.allowed:
            return None
        if self.allowed is None and kind in _NOT_BY_DEFAULT:
            return None
        number = self.next_id
        self.next_id += 1
        lifetime = TAP_SECONDS if kind == "callback_query" else OTHER_SECONDS
        self._arrive(
            Update(
                id=number,
                kind=kind,
                chat_id=chat_id,
                expires_at=self._now().timestamp() + lifetime,
                body=orjson.dumps({"update_id": number, kind: payload}),
            )
        )
        return number

    def _arrive(self, update: Update) -> None:
        self.pending[update.id] = update
        self.arrived.set()
        for call in self.on_arrival:
            call(update)

    def take(self, offset: int, limit: int) -> list[Update]:
        """Confirm what the offset confirms and return the next updates, oldest first."""
        self.prune()
        if offset < 0:
            self._remove(list(self.pending)[:offset])
        elif offset > 0:
            self._remove(self._confirmed_by(offset))
        again, self._again = self._again, []
        return again + list(islice(self.pending.values(), limit))

    def _confirmed_by(self, offset: int) -> list[int]:
        if offset - 1 in self.pending:
            waiting = list(self.pending)
            return waiting[: waiting.index(offset - 1) + 1]
        if offset > self.next_id + FAR_AHEAD:
            return []
        return [number for number in self.pending if number < offset]

    def confirm(self, number: int) -> None:
        """Forget one update that the bot has taken."""
        if number in self.pending:
            self._remove([number])

    def drop_all(self) -> None:
        """Forget everything that waits."""
        self._remove(list(self.pending))

    def prune(self) -> None:
        """Forget what has waited too long; looks at most once a second."""
        now = self._now().timestamp()
        if abs(now - self._pruned_at) < 1:
            return
        self._pruned_at = now
        self._remove([update.id for update in self.pending.values() if update.expires_at <= now])

    def _remove(self, numbers: list[int]) -> None:
        if not numbers:
            return
        for number in numbers:
            self._past.append(self.pending.pop(number))
        for call in self.on_removal:
            call(numbers)

    def redeliver(self, number: int | None = None) -> int:
        """Deliver an update once more, by default the last confirmed one; return its id.

        Raises LookupError when there is no such update.
        """
        for update in reversed(self._past):
            if number in (None, update.id):
                if self.webhook is not None:
                    self._arrive(update)
                else:
                    self._again.append(update)
                    self.arrived.set()
                return update.id
        raise LookupError(f"no confirmed update {number or ''}".rstrip())

    def jump(self, next_id: int) -> None:
        """Number the next update so, as Telegram does at random after a week without any."""
        self.next_id = next_id
