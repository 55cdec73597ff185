"""Pace: one scheduled slot per message (the generic cell rate algorithm), for all and for each chat.

Two limits are kept: messages a second in all, evenly spread so that there is no burst at the start, and
seconds between two messages to one chat. A refusal for too many requests is one deadline for everything.
Times are seconds on any clock that never goes back.
"""

import sys

PER_CHAT = 1.0
"""Seconds between two messages to one chat."""
ANSWERS_AT_ONCE = 3
"""Answers to a carer's own taps that may go to one chat without a wait; Telegram bears short bursts."""


class Pace:
    """When the next message may go, in all and to each chat."""

    def __init__(self, rate: float, per_chat: float = PER_CHAT) -> None:
        """``rate``: messages a second in all, ``math.inf`` for no limit; ``per_chat``: seconds between two
        to the same chat."""
        self._interval = 1 / rate
        self._per_chat = per_chat
        self._next = 0.0
        self._chats: dict[int, float] = {}
        self._halted_until = 0.0

    def halt(self, until: float) -> None:
        """Let nothing pass before this time."""
        self._halted_until = max(self._halted_until, until)

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
        return int((until - first) / self._interval) + 1 if self._interval else sys.maxsize

    def take(self, chat_id: int, at: float, at_once: int = 1) -> float:
        """The slot of the next message to this chat, now taken.

        Ask when the message is ready to leave, not before: slots given out early and used late would bunch.
        ``at_once``: how many may follow each other without a wait before one a second holds.
        """
        slot = max(self.next_slot(at), self._free_at(chat_id, at, at_once))
        self._next = slot + self._interval
        self._chats[chat_id] = max(self._chats.get(chat_id, at), slot) + self._per_chat
        return slot

    def rests(self, chat_id: int, at: float, until: float, at_once: int = 1) -> bool:
        """Whether this chat can take no message by ``until``."""
        return self._free_at(chat_id, at, at_once) > until

    def resting(self, at: float, until: float, at_once: int = 1) -> set[int]:
        """The chats that can take no message by ``until``."""
        self._chats = {chat: free for chat, free in self._chats.items() if free > at}
        return {chat for chat in self._chats if self.rests(chat, at, until, at_once)}

    def _free_at(self, chat_id: int, at: float, at_once: int) -> float:
        return self._chats.get(chat_id, at) - (at_once - 1) * self._per_chat
