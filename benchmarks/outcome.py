"""What a benchmark says: its figure, a peer's figure from the same run, and whether the goal was met."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Outcome:
    """``ratio`` is ``value / peer_value``. ``goal`` is the least that it should be, or the most where
    ``lower_is_better`` (seconds, bytes)."""

    id: str
    value: float
    unit: str
    peer: str
    peer_value: float
    goal: float
    lower_is_better: bool = False

    @property
    def ratio(self) -> float:
        return self.value / self.peer_value

    @property
    def met(self) -> bool:
        return self.ratio <= self.goal if self.lower_is_better else self.ratio >= self.goal

    def row(self) -> dict[str, Any]:
        """The line of ``results.json``."""
        row = asdict(self)
        del row["lower_is_better"]
        return {
            **row,
            "value": round(self.value, 3),
            "peer_value": round(self.peer_value, 3),
            "ratio": round(self.ratio, 3),
            "met": self.met,
        }
