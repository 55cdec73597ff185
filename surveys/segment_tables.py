"""Favourable answers by segment, as far as they may be shown beside each other and beside all the rest.

Whoever knows the register knows which segments lie inside one another: all short-break households may be
long-serving ones. And tables that share a question can be put together: from three tables over the same three
things follows how many are alike in all three, and where two questions are each crossed with the segments and
with the outcome (`surveys.drivers`) something of that kind follows too, though no table crosses all of them.
So a question is crossed with more than one thing only where every cell of all of them together is of k people
or more: whatever then follows is a sum of such cells. docs/anonymity.md has the argument in full.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import compress
from typing import Any

from disclosure.suppression import TOTAL, suppress
from surveys.definition import Definition
from surveys.drivers import Driver, drivers, gave_outcome
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
    return segment_views_of(definition, items, drivers(definition, items, sheets, k), sheets, segments, k)


def segment_views_of(
    definition: Definition,
    items: Sequence[Item],
    found: Sequence[Driver],
    sheets: Sequence[Answers],
    segments: Sequence[Mapping[str, str]],
    k: int,
) -> dict[str, Any]:
    """The same where the tables of these sheets and what goes with the outcome in them are known already."""
    named = definition.outcome
    gave = gave_outcome(named, sheets) if named else [False] * len(sheets)
    driven = {driver.question.id for driver in found}
    good = {item.question.id: _good(item, sheets) for item in items if _can_be_parted(definition, item)}
    views: dict[str, Any] = {}
    shown: list[Sequence[str]] = []
    for dimension in DIMENSIONS:
        views[dimension] = {}
        where = _places(segments, dimension, k) if items else []
        crossed = _numbered(zip(*shown, where, strict=True)) if where else []
        if crossed and min(Counter(crossed).values()) >= k:
            places = max(crossed) + 1
            parted = [2 * place + did for place, did in zip(crossed, gave, strict=True)]
            may_show = {
                question: marks
                for question, marks in good.items()
                if (
                    _large_everywhere(parted, 2 * places, marks, k)
                    if question in driven
                    else not shown or _large_everywhere(crossed, places, marks, k)
                )
            }
            if may_show:
                views[dimension] = _by_segment(may_show, where, k)
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


def _by_segment(good: Mapping[str, Sequence[bool]], where: Sequence[str], k: int) -> dict[str, Any]:
    """``good``: of each question whether each of the sheets answers it favourably."""
    people = Counter(where)
    tables: dict[str, Any] = {
        segment: {"people": people[segment], "favourable": {}} for segment in sorted(people)
    }
    for question, marks in good.items():
        content = Counter(compress(where, marks))
        counts = {(segment, True): content[segment] for segment in tables}
        counts |= {(segment, False): people[segment] - content[segment] for segment in tables}
        # Each row's and column's total is shown elsewhere, so that the cells inside must cover each other.
        shown = suppress(counts, k, known=_margins(tables))
        for segment in tables:
            tables[segment]["favourable"][question] = shown[segment, True]
    return tables


def _good(item: Item, sheets: Sequence[Answers]) -> list[bool]:
    return [sheet.get(item.question.id) in item.question.favourable for sheet in sheets]


def _numbered(places: Iterable[Hashable]) -> list[int]:
    """A number from 0 up in place of each, which is quicker to count."""
    numbers: dict[Hashable, int] = {}
    return [numbers.setdefault(place, len(numbers)) for place in places]


def _large_everywhere(where: Sequence[int], places: int, marks: Sequence[bool], k: int) -> bool:
    """Whether each of so many places has k or more of those marked and k or more of the others.

    ``where``: the place of each. A place without anybody is not large.
    """
    people, marked = Counter(where), Counter(compress(where, marks))
    return all(k <= marked[place] <= people[place] - k for place in range(places))


def _margins(rows: Mapping[str, Any]) -> set[tuple[Any, Any]]:
    return {(row, TOTAL) for row in rows} | {(TOTAL, good) for good in (True, False, TOTAL)}
