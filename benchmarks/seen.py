"""What the emulator saw of a run: arrivals, edits, answered taps, and how many came at once."""

import asyncio
import time
from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

Fields = dict[str, Any]


@dataclass
class State:
    """What happened since the last reset. Times are seconds of the machine's monotonic clock."""

    latency: float
    limit: int | None
    chat_limit: int | None
    last_id: int = 1000
    begun: list[float] = field(default_factory=list)
    """When each message came in, those refused included."""
    arrivals: list[tuple[int, int]] = field(default_factory=list)
    """(chat, id of the message)."""
    words: int = 0
    """A sum over the texts that came in; two runs that sent the same texts have the same."""
    refused: int = 0
    recent: deque[float] = field(default_factory=deque)
    of_chat: dict[int, deque[float]] = field(default_factory=dict)
    updates: list[Fields] = field(default_factory=list)
    toasts: dict[str, float] = field(default_factory=dict)
    """When each tap was answered, by the id of its query."""
    edits: dict[int, float] = field(default_factory=dict)
    """When each chat's message was edited first."""
    loaded_at: float = 0.0
    cpu_before: float = field(default_factory=time.process_time)
    loaded: asyncio.Event = field(default_factory=asyncio.Event)


def report(state: State) -> Fields:
    """What came, and what it cost to answer."""
    cpu_seconds = time.process_time() - state.cpu_before
    arrivals: dict[int, list[int]] = {}
    for chat, message_id in state.arrivals:
        arrivals.setdefault(chat, []).append(message_id)
    to_wall = time.time() - time.monotonic()
    return {
        "arrivals": arrivals,
        "messages": len(state.arrivals),
        "words": state.words,
        "refused": state.refused,
        "most_in_a_sliding_second": most_in_a_second(state.begun),
        "most_in_a_calendar_second": max(
            Counter(int(at + to_wall) for at in state.begun).values(), default=0
        ),
        "longest_gap": max((later - at for at, later in pairwise(state.begun)), default=0.0),
        "first_at": state.begun[0] if state.begun else None,
        "last_at": state.begun[-1] if state.begun else None,
        "loaded_at": state.loaded_at,
        "toasts": state.toasts,
        "edits": state.edits,
        "cpu_seconds": cpu_seconds,
    }


def most_in_a_second(times: Sequence[float]) -> int:
    """The most that began within any one second, wherever it begins. ``times`` are in order."""
    return max((bisect_right(times, at) - bisect_right(times, at - 1) for at in times), default=0)
