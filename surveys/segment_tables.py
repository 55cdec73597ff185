"""Favourable answers by segment, as far as they may be shown beside each other and beside all the rest.

Whoever knows the register knows which segments lie inside one another: all short-break households may be
long-serving ones. And tables that share a question can be put together: from three tables over the same three
things follows how many are alike in all three, and where two questions are each crossed with the segments and
with the outcome (`surveys.drivers`) something of that kind follows too, though no table crosses all of them.
So a question is crossed with more than one thing only where every cell of all of them together is of k people
or more: whatever then follows is a sum of such cells. docs/anonymity.md has the argument in full.
"""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from itertools import product
from typing import Any

from disclosure.suppression import TOTAL, suppress
from surveys.definition import Definition
from surveys.drivers import drivers, gave_outcome
from surveys.segments import DIMENSIONS, OTHERS, large_enough, sizes_of
from surveys.tabulation import Answers, Item, tabulate


def segment_views(
    definition: Definition, sheets: Sequence[Answers], segments: Sequence[Mapping[str, str]], k: int
) -> dict[str, Any]:
    """Favourable answers by each dimension: ``{segment: {"people": n, "favourable": {question: count}}}``.

    Segments below k are put together under ``others``; a hidden count is null. A dimension is empty where
    fewer than two segments are large enough, a crossing of it with one that is shown is of a few people, or
    no question can be shown by it.
    """
    items = tabulate(definition, sheets, k)
    named = definition.outcome
    gave = gave_outcome(named, sheets) if named else [False] * len(sheets)
    driven = {driver.question.id for driver in drivers(definition, items, sheets, k)}
    views: dict[str, Any] = {}
    shown: list[Sequence[str]] = []
    for dimension in DIMENSIONS:
        views[dimension] = {}
        where = _places(segments, dimension, k) if items else []
        crossed = list(zip(*shown, where, strict=True)) if where else []
        if crossed and min(Counter(crossed).values()) >= k:
            may_show = [
                item
                for item in items
                if _can_be_parted(definition, item)
                and (not shown or _large_everywhere(crossed, [_good(item, sheets)], k))
                and (
                    item.question.id not in driven
                    or _large_everywhere(crossed, [_good(item, sheets), gave], k)
                )
            ]
            if may_show:
                views[dimension] = _by_segment(may_show, sheets, where, k)
                shown.append(where)
    return views


def _can_be_parted(definition: Definition, item: Item) -> bool:
    """The outcome is crossed with questions already, and who was asked only some are too few to part."""
    named = definition.outcome
    is_outcome = named is not None and named.question == item.question.id
    return item.favourable is not None and item.question.asked_if is None and not is_outcome


def _places(segments: Sequence[Mapping[str, str]], dimension: str, k: int) -> list[str]:
    merged = large_enough(sizes_of(segments, dimension), k)
    return [merged[one.get(dimension, OTHERS)] for one in segments] if merged else []


def _by_segment(
    items: Sequence[Item], sheets: Sequence[Answers], where: Sequence[str], k: int
) -> dict[str, Any]:
    people = Counter(where)
    tables: dict[str, Any] = {
        segment: {"people": people[segment], "favourable": {}} for segment in sorted(people)
    }
    for item in items:
        cells = Counter(zip(where, _good(item, sheets), strict=True))
        counts = {(segment, one): cells[segment, one] for segment in tables for one in (True, False)}
        # Each row's and column's total is shown elsewhere, so that the cells inside must cover each other.
        shown = suppress(counts, k, known=_margins(tables))
        for segment in tables:
            tables[segment]["favourable"][item.question.id] = shown[segment, True]
    return tables


def _good(item: Item, sheets: Sequence[Answers]) -> list[bool]:
    return [sheet.get(item.question.id) in item.question.favourable for sheet in sheets]


def _large_everywhere(places: Sequence[Hashable], marks: Sequence[Sequence[bool]], k: int) -> bool:
    """Whether in every place that has anybody in it each combination of these marks has k or more."""
    cells = Counter(zip(places, *marks, strict=True))
    return all(
        cells[place, *combination] >= k
        for place in set(places)
        for combination in product((True, False), repeat=len(marks))
    )


def _margins(rows: Mapping[str, Any]) -> set[tuple[Any, Any]]:
    return {(row, TOTAL) for row in rows} | {(TOTAL, good) for good in (True, False, TOTAL)}
