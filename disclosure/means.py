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
    """How many gave one answer. ``value`` None: no answer, which counts in no mean. ``group``: parts whose
    sum is published together, so that people can only have moved within it."""

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
    for once in _moved(parts, true):
        for table in (once, *_moved(parts, once)):
            found = rounded_mean(
                [(part.value, count) for part, count in zip(parts, table, strict=True)], digits
            )
            if found == mean and table != true:
                yield table


def _moved(parts: Sequence[Part], counts: list[int]) -> Iterator[list[int]]:
    for start, source in enumerate(parts):
        for end, target in enumerate(parts):
            movable = source.hidden and target.hidden and source.group == target.group
            if start != end and movable and counts[start] > 0:
                table = counts.copy()
                table[start] -= 1
                table[end] += 1
                yield table
