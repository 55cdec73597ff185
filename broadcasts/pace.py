"""Pace: one scheduled slot per message (the generic cell rate algorithm), for all and for each address.

Two limits are kept: messages a second in all, evenly spread so that there is no burst at the start, and
seconds between two messages to one address, a chat's or an email's. A refusal for too many requests is one
deadline for everything, and lowers the pace for a while: the server has just said that it is too fast for it.
Times are seconds on any clock that never goes back.
"""

import sys
from collections.abc import Hashable

PER_CHAT = 1.0
"""Seconds between two messages to one chat."""
ANSWERS_AT_ONCE = 3
"""Answers to a carer's own taps that may go to one chat without a wait; Telegram bears short bursts."""
SHARE = 0.995
"""Of the permitted rate that is used: so that even messages that jostle on their way never come too fast."""
LATENESS = 0.01
"""Seconds, or one interval if longer, by which a slot may be used late and the next one still keeps its time.
Without it each late wake-up slows everything down; with more, lost time comes back in bursts."""
SLOWER = 0.8
RECOVERS_AFTER = 10.0
"""Seconds without a refusal after which the pace rises again, by a twentieth of what is permitted."""


class Pace:
    """When the next message may go, in all and to each chat."""

    def __init__(self, rate: float, per_chat: float = PER_CHAT) -> None:
        """``rate``: messages a second that are permitted in all, ``math.inf`` for no limit; ``per_chat``:
        seconds between two to the same chat."""
        self._most = rate * SHARE
        self._rate = self._most
        self._per_chat = per_chat
        self._next = 0.0
        self._addresses: dict[Hashable, float] = {}
        self._swept_at = 0.0
        self._halted_until = 0.0
        self._slowed_at = 0.0

    @property
    def rate(self) -> float:
        """Messages a second at present."""
        return self._rate

    def halt(self, at: float, seconds: float, *, flood: bool = False) -> None:
        """Let nothing pass for so long. ``flood``: because there were too many; the first refusal of a burst
        lowers the pace, the others came of the same."""
        if flood and at >= self._halted_until:
            self._rate = max(self._rate * SLOWER, min(1.0, self._most))
        self._halted_until = max(self._halted_until, at + seconds)
        self._slowed_at = self._halted_until

    def is_halted(self, at: float) -> bool:
        return at < self._halted_until

    def next_slot(self, at: float) -> float:
        """When the next message, to whatever chat, may go."""
        return max(at, self._next, self._halted_until)

    def room(self, at: float, until: float) -> int:
        """How many messages may go from ``at`` up to and including ``until``."""
        first = self.next_slot(at)
        if first > until:
            return 0
        return sys.maxsize if self._rate == float("inf") else int((until - first) * self._rate) + 1

    def take(self, to: Hashable, at: float) -> None:
        """A message to this address goes now, ``at`` a moment that is not before `next_slot`."""
        self._recover(at)
        interval = 1 / self._rate
        in_time = at - self._next <= max(interval, LATENESS)
        self._next = (self._next if in_time else at) + interval
        self._addresses[to] = max(self._addresses.get(to, at), at) + self._per_chat
        if at - self._swept_at > self._per_chat:
            self._swept_at = at
            self._addresses = {address: free for address, free in self._addresses.items() if free > at}

    def rests(self, to: Hashable, at: float, at_once: int = 1) -> bool:
        """Whether this address can take no message now. ``at_once``: how many may follow each other without a
        wait before one a second holds."""
        return self._addresses.get(to, at) - (at_once - 1) * self._per_chat > at

    def anyone_rests(self, at: float) -> bool:
        """Whether some chat can take no message now."""
        return any(free > at for free in self._addresses.values())

    def _recover(self, at: float) -> None:
        if self._rate < self._most and at - self._slowed_at >= RECOVERS_AFTER:
            self._rate = min(self._rate + self._most / 20, self._most)
            self._slowed_at = at
