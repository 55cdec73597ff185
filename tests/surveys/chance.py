"""Stand-ins for chance at the close of a round."""

import random
from typing import Any


class SeededChance:
    """Stands in for `secrets`, so that the count below is the same on every run."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    def token_hex(self, size: int) -> str:
        return self._chance.randbytes(size).hex()

    def SystemRandom(self) -> random.Random:  # noqa: N802 - the name that it stands in for
        return self._chance


class NoChance(SeededChance):
    """A close that forgot to shuffle, and whose keys count upwards: the control."""

    def __init__(self) -> None:
        super().__init__(0)
        self._count = 0

    def token_hex(self, size: int) -> str:
        self._count += 1
        return f"{self._count:032x}"

    def SystemRandom(self) -> Any:  # noqa: N802 - the name that it stands in for
        class Unmoved:
            @staticmethod
            def shuffle(_items: list[Any]) -> None: ...

        return Unmoved()
