"""An auditor who reads only what was published and works out what can be worked out.

He shares no code with the product: he writes each sum down as an equation and asks a linear solver how small
and how large each hidden cell could be, and which sets of hidden cells he knows the sum of.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

from scipy.optimize import linprog

from disclosure.suppression import TOTAL

Published = Mapping[Any, int | None]
Equation = dict[Any, int]


def equations(published: Published) -> list[Equation]:
    """Every sum that the reader of a one-way or two-way table knows must hold."""
    if TOTAL in published:
        return [{key: -1 if key == TOTAL else 1 for key in published}]
    rows = list(dict.fromkeys(row for row, _ in published))
    columns = list(dict.fromkeys(column for _, column in published))
    across = [{(row, column): -1 if column == TOTAL else 1 for column in columns} for row in rows]
    down = [{(row, column): -1 if row == TOTAL else 1 for row in rows} for column in columns]
    return across + down


def bounds(published: Published, sums: Sequence[Equation], least: int = 0) -> dict[Any, tuple[float, float]]:
    """The smallest and largest value that each hidden cell could have."""
    hidden, matrix, right = _unknowns(published, sums)
    found = {}
    for index, key in enumerate(hidden):
        aim = [1.0 if at == index else 0.0 for at in range(len(hidden))]
        ends = []
        for sign in (1, -1):
            answer = linprog(
                [sign * part for part in aim], A_eq=matrix, b_eq=right, bounds=(least, None), method="highs"
            )
            ends.append(sign * answer.fun if answer.status == 0 else float("inf"))
        found[key] = (ends[0], ends[1])
    return found


def known_sums(published: Published, sums: Sequence[Equation]) -> Iterator[tuple[tuple[Any, ...], int]]:
    """Every set of hidden cells whose sum follows from what is published (small tables: 2^cells sets)."""
    hidden, matrix, right = _unknowns(published, sums)
    basis = _reduced(
        [[Fraction(x) for x in row] + [Fraction(b)] for row, b in zip(matrix, right, strict=True)]
    )
    for chosen in product((0, 1), repeat=len(hidden)):
        if any(chosen):
            value = _value_of([Fraction(x) for x in chosen], basis)
            if value is not None:
                yield tuple(key for key, take in zip(hidden, chosen, strict=True) if take), int(value)


def _unknowns(published: Published, sums: Sequence[Equation]) -> tuple[list[Any], list[list[int]], list[int]]:
    hidden = [key for key, value in published.items() if value is None]
    matrix = [[equation.get(key, 0) for key in hidden] for equation in sums]
    right = [
        -sum(sign * (published[key] or 0) for key, sign in equation.items() if published[key] is not None)
        for equation in sums
    ]
    return hidden, matrix, right


def _reduced(rows: list[list[Fraction]]) -> list[list[Fraction]]:
    basis: list[list[Fraction]] = []
    for row in rows:
        left = _without(row, basis)
        lead = next((at for at, x in enumerate(left[:-1]) if x), None)
        if lead is not None:
            basis.append([x / left[lead] for x in left])
    return basis


def _without(row: list[Fraction], basis: list[list[Fraction]]) -> list[Fraction]:
    for known in basis:
        lead = next(at for at, x in enumerate(known) if x)
        row = [x - row[lead] * y for x, y in zip(row, known, strict=True)]
    return row


def _value_of(chosen: list[Fraction], basis: list[list[Fraction]]) -> Fraction | None:
    left = _without([*chosen, Fraction(0)], basis)
    return None if any(left[:-1]) else -left[-1]
