"""What the engine has done since it started, for whoever shows it."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Progress:
    """Counters that only grow, and two gauges.

    ``counts`` by name: a delivery's states (``sent``, ``unknown``, ``failed``, ``retrying``, ``held``,
    ``skipped``, ``missed``), ``replies_sent``, ``replies_unknown``, ``replies_failed``, ``replies_late``,
    ``replies_retried``, ``cards_drawn``, ``cards_failed``, ``cards_left``, ``set_aside``, ``faults``.
    ``in_flight``: requests whose result is not written yet. ``last_turn``: when the engine last looked for
    work, in UTC; an engine that is well looks every second.
    """

    counts: Counter[str] = field(default_factory=Counter)
    in_flight: int = 0
    last_turn: datetime | None = None

    def __getitem__(self, name: str) -> int:
        return self.counts[name]
