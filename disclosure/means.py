"""When a mean may be shown beside a distribution with hidden cells: not if it lets one solve for them.

Five people, a mean of 4.8 on a scale to 5: four said 5 and one said 4, whatever is hidden. A mean is safe
when every small group that it could give away has another possible size that gives the same rounded mean.
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from disclosure.suppression import K


@dataclass(frozen=True, slots=True)
class Part:
    """How many gave one answer. ``value`` None: no answer, which counts in no mean. ``group``: the published
    sums that it is part of, for people can only have moved between parts of the same sums."""

    value: int | None
    count: int
    hidden: bool
    group: Hashable = None


def rounded_mean(counts: Sequence[tuple[int | None, int]], digits: int = 1) -> float | None:
    """The mean of the values by their counts, rounded; None if nobody answered."""
    people = sum(count for value, count in counts if value is not None)
    if people == 0:
        return None
    return round(sum(value * count for value, count in counts if value is not None) / people, digits)


def safe_mean(parts: Sequence[Part], k: int = K, digits: int = 1) -> float | None:
    """The rounded mean, or None where it stands for fewer than k people or would give some away.

    Every set of hidden parts with 1 to k-1 people is tried; another table counts as possible only if it is
    found, by moving one or two people, so that a mean that is shown is safe and some safe ones are not shown.
    """
    mean = rounded_mean([(part.value, part.count) for part in parts], digits)
    if mean is None or sum(part.count for part in parts if part.value is not None) < k:
        return None
    others = list(_same_mean(parts, mean, digits))
    hidden = [at for at, part in enumerate(parts) if part.hidden]
    for size in range(1, len(hidden) + 1):
        for chosen in combinations(hidden, size):
            people = sum(parts[at].count for at in chosen)
            if 0 < people < k and all(sum(other[at] for at in chosen) == people for other in others):
                return None
    return mean


def _same_mean(parts: Sequence[Part], mean: float, digits: int) -> Iterator[list[int]]:
    """Other tables, one or two moves away, that the reader cannot tell from the true one."""
    true = [part.count for part in parts]
    total = sum(part.value * part.count for part in parts if part.value is not None)
    people = sum(part.count for part in parts if part.value is not None)
    moves = list(_moves(parts))

    def alike(*taken: _Move) -> bool:
        answered = people + sum(move.answered for move in taken)
        return answered > 0 and round((total + sum(move.total for move in taken)) / answered, digits) == mean

    for at, once in enumerate(moves):
        if true[once.source] > 0 and alike(once):
            yield _table(true, once)
        for twice in moves[at:]:
            # Of two moves the one that can go first does, so that only where both end counts.
            if alike(once, twice):
                table = _table(true, once, twice)
                if min(table) >= 0 and table != true:
                    yield table


@dataclass(frozen=True, slots=True)
class _Move:
    """One person from one hidden part to another: what it adds to the sum of values and to the answers."""

    source: int
    target: int
    total: int
    answered: int


def _moves(parts: Sequence[Part]) -> Iterator[_Move]:
    for start, source in enumerate(parts):
        for end, target in enumerate(parts):
            if start != end and source.hidden and target.hidden and source.group == target.group:
                yield _Move(
                    start,
                    end,
                    (target.value or 0) - (source.value or 0),
                    (target.value is not None) - (source.value is not None),
                )


def _table(counts: Sequence[int], *moves: _Move) -> list[int]:
    table = list(counts)
    for move in moves:
        table[move.source] -= 1
        table[move.target] += 1
    return table
