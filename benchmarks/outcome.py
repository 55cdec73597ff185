"""What a benchmark says: its figure, a peer's figure from the same run, and whether the goal was met."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Outcome:
    """``ratio`` is ``value / peer_value``. ``goal`` is the least that it should be, or the most where
    ``lower_is_better`` (seconds, bytes). ``also``: what else has to hold for the goal to be met, by name."""

    id: str
    value: float
    unit: str
    peer: str
    peer_value: float
    goal: float
    lower_is_better: bool = False
    also: tuple[tuple[str, bool], ...] = ()

    @property
    def ratio(self) -> float:
        return self.value / self.peer_value

    @property
    def missed(self) -> list[str]:
        """What was not reached, in words; empty when the goal was met."""
        reached = self.ratio <= self.goal if self.lower_is_better else self.ratio >= self.goal
        return [name for name, holds in (("the ratio", reached), *self.also) if not holds]

    def row(self) -> dict[str, Any]:
        """The line of ``results.json``."""
        return {
            "id": self.id,
            "value": round(self.value, 4),
            "unit": self.unit,
            "peer": self.peer,
            "peer_value": round(self.peer_value, 4),
            "ratio": round(self.ratio, 4),
            "goal": self.goal,
            "met": not self.missed,
        }

    def sentence(self) -> str:
        """For whoever watches."""
        verdict = f"MISSED: {', '.join(self.missed)}" if self.missed else "met"
        sign = "at most" if self.lower_is_better else "at least"
        return (
            f"{self.id:<28} {self.value:>10.3f} {self.unit:<11} {self.ratio:>8.3f} of {self.peer} "
            f"({self.peer_value:.3f}); goal {sign} {self.goal}: {verdict}"
        )


def middle(runs: Sequence[dict[str, Any]], name: str) -> float:
    """The median of one figure over several runs."""
    return median(float(run[name]) for run in runs)


def say(line: str) -> None:
    """Log what is no outcome, such as the time that the emulator took."""
    print(f"    {line}", flush=True)
