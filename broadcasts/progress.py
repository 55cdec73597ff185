"""What the engine has done since it started, for whoever shows it."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

STALLED = timedelta(seconds=60)
"""What is due goes out within seconds, save where Telegram asks for a pause; longer is worth a look."""


@dataclass(slots=True)
class Progress:
    """Counters that only grow, and two gauges.

    ``counts`` by name: a delivery's states (``sent``, ``unknown``, ``failed``, ``retrying``, ``held``,
    ``skipped``, ``missed``), ``replies_sent``, ``replies_unknown``, ``replies_failed``, ``replies_late``,
    ``replies_retried``, ``cards_drawn``, ``cards_failed``, ``cards_left``, ``set_aside``, ``faults``.
    ``in_flight``: requests whose result is not written yet. ``last_turn``: when the engine last looked for
    work, in UTC; an engine that is well looks every second. ``last_progress``: when it last found nothing
    due, or got something done.
    """

    counts: Counter[str] = field(default_factory=Counter)
    in_flight: int = 0
    last_turn: datetime | None = None
    last_progress: datetime | None = None

    def __getitem__(self, name: str) -> int:
        return self.counts[name]

    def trouble(self, now: datetime) -> str | None:
        """What is wrong with sending, in plain words; None while it is well or has not begun."""
        if self.last_turn is not None and now - self.last_turn > STALLED:
            return f"has not looked for work since {self.last_turn:%H:%M:%S} UTC"
        if self.last_progress is not None and now - self.last_progress > STALLED:
            return f"nothing has gone out since {self.last_progress:%H:%M:%S} UTC though something is due"
        return None
