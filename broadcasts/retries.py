"""How long to wait before trying again."""

from dataclasses import dataclass, field
from datetime import timedelta
from random import Random


@dataclass(frozen=True, slots=True)
class Waits:
    """Waits that double from ``first`` to ``most``, each shortened by up to half at random.

    The chance spreads out what failed together, so that it does not come back together.
    """

    first: timedelta
    most: timedelta
    random: Random = field(repr=False)

    def after(self, attempts: int) -> timedelta:
        """The wait after this many failed attempts (1 after the first)."""
        doubled: timedelta = self.first * 2 ** min(max(attempts - 1, 0), 20)
        return min(doubled, self.most) * self.random.uniform(0.5, 1.0)
