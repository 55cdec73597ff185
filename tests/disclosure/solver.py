"""A solver for every group there is: whoever is in or out of it by any mixture of what was asked.

People are of kinds: two of one kind cannot be told apart by anything that is published. A statement says how
many there are of some kinds together. The size of a group follows from the statements exactly if its mark, 1
for each kind in it and 0 for the others, is a sum of multiples of theirs; kinds of which the statements
allow nobody may be marked in any way. Whether there is such a group of 1 to k-1 people is a question for
integer programming, and the answer covers all groups at once: each of the 2^kinds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Statement:
    """``count`` people are of these kinds (by place). ``told``: where it was read. ``times``: how often one
    of a kind is counted, where that is not once: in a sum over several questions."""

    told: str
    kinds: frozenset[int]
    count: int
    times: Mapping[int, int] = field(default_factory=dict)

    def marks(self, kinds: int) -> list[float]:
        """How often one of each kind is counted."""
        return [float(self.times.get(kind, kind in self.kinds)) for kind in range(kinds)]


def small_group(people: Sequence[int], said: Sequence[Statement], k: int) -> list[frozenset[int]] | None:
    """A group of 1 to k-1 people whose size follows from what was said, as sets of kinds that were never told
    apart; None if there is none. ``people``: how many there truly are of each kind."""
    marks = np.array([one.marks(len(people)) for one in said])
    alike: dict[bytes, list[int]] = {}
    for kind in range(len(people)):
        alike.setdefault(marks[:, kind].tobytes(), []).append(kind)
    classes = list(alike.values())
    matrix = _independent(marks[:, [members[0] for members in classes]])
    true = np.array([sum(people[kind] for kind in members) for members in classes], dtype=float)
    possible = _possible(matrix, matrix @ true)
    found = _search(matrix[:, possible], true[possible], k)
    if found is None:
        return None
    return [
        frozenset(classes[at]) for at, taken in zip(np.flatnonzero(possible), found, strict=True) if taken
    ]


def _independent(matrix: Vector) -> Vector:
    """As many of the rows as say something that the others do not."""
    kept: list[Vector] = []
    for row in matrix:
        if np.linalg.matrix_rank(np.array([*kept, row])) > len(kept):
            kept.append(row)
    return np.array(kept)


def _possible(matrix: Vector, counts: Vector) -> NDArray[np.bool_]:
    """Of which kinds there could be anybody, for all that the statements say."""
    wide = matrix.shape[1]
    found = np.zeros(wide, dtype=bool)
    while not found.all():
        # As much as can be had of those not yet found possible; once that is nothing, nothing more is.
        best = linprog(-(~found).astype(float), A_eq=matrix, b_eq=counts, bounds=(0, None), method="highs")
        assert best.status == 0, best.message
        more = ~found & (best.x > 1e-6)
        if not more.any():
            break
        found |= more
    return found


def _search(matrix: Vector, true: Vector, k: int) -> NDArray[np.bool_] | None:
    """Multiples of the rows that sum to a mark of 1 to k-1 people."""
    rows, wide = matrix.shape
    sums = np.hstack([matrix.T, -np.eye(wide)])
    size = np.concatenate([np.zeros(rows), true])
    answer = milp(
        np.concatenate([np.zeros(rows), true]),
        constraints=[LinearConstraint(sums, 0, 0), LinearConstraint(size, 1, k - 1)],
        integrality=np.concatenate([np.zeros(rows), np.ones(wide)]),
        bounds=Bounds(
            np.concatenate([np.full(rows, -16.0), np.zeros(wide)]),
            np.concatenate([np.full(rows, 16.0), np.ones(wide)]),
        ),
    )
    if answer.status == 2:
        return None
    assert answer.status == 0, answer.message
    taken = answer.x[rows:] > 0.5
    sure = np.linalg.lstsq(matrix.T, taken.astype(float), rcond=None)[0]
    assert np.abs(matrix.T @ sure - taken).max() < 1e-6, "the solver took a sum for a mark that is none"
    return np.asarray(taken)
