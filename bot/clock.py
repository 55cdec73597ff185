"""The time, as the one thing that only the edge of the product asks the machine for."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present as an aware time in UTC. The domain never asks: it is given ``now``."""


def system_clock() -> datetime:
    """The machine's own time."""
    return datetime.now(UTC)
