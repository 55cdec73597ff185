"""A mean beside its distribution lets nobody solve for a small group: every table that fits is tried."""

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure.means import rounded_mean
from surveys.reading import read_definition
from surveys.tabulation import Item, tabulate

K = 5
NONE = None
VALUES = (1, 2, 3, 4)


def shown_of(counts: Sequence[int], none: int, *, required: bool) -> Item:
    """The results of a question with four steps, of which the upper two are good news."""
    scale = {
        "id": "warm",
        "type": "scale",
        "text": {"en": "Warm?"},
        "options": [{"en": str(value)} for value in VALUES],
        "favourable": [3, 4],
        "required": required,
    }
    cold = {
        "id": "cold",
        "type": "yes/no",
        "text": {"en": "Cold?"},
        "asked_if": {"question": "warm", "values": [1]},
    }
    words = {"title": {"en": "Tea"}, "introduction": {"en": "Tea."}, "minutes": 1, "version": 1}
    definition = read_definition({"id": "tea", "questions": [scale, cold], **words})
    sheets: list[dict[str, Any]] = [
        {"warm": value} for value, count in zip(VALUES, counts, strict=True) for _ in range(count)
    ]
    return tabulate(definition, [*sheets, *[{} for _ in range(none)]], K)[0]


def tables(people: int, cells: int) -> Iterator[tuple[int, ...]]:
    for cuts in combinations(range(people + cells - 1), cells - 1):
        yield tuple(b - a - 1 for a, b in pairwise((-1, *cuts, people + cells - 1)))


def fits(table: Sequence[int], item: Item, *, required: bool) -> bool:
    """Whether for all that is shown this could be how many gave each answer, and last, none."""
    counts = dict(zip(VALUES, table, strict=False))
    favourable = item.favourable.numerator if item.favourable else None
    return (
        all(bar.count in (None, counts[bar.value]) for bar in item.bars)
        and item.no_answer in (None, table[-1])
        and not (required and table[-1])
        and favourable in (None, counts[3] + counts[4])
        and item.mean == rounded_mean([*counts.items(), (NONE, table[-1])])
    )


def given_away(counts: Sequence[int], none: int, *, required: bool = False) -> tuple[int, ...] | None:
    """The places of answers (4: none) that are certain to be of one to four people together."""
    item = shown_of(counts, none, required=required)
    if item.mean is None:
        return None
    people = sum(counts) + none
    possible = [table for table in tables(people, 5) if fits(table, item, required=required)]
    for size in range(1, 6):
        for chosen in combinations(range(5), size):
            sizes = {sum(table[at] for at in chosen) for table in possible}
            if len(sizes) == 1 and 0 < min(sizes) < K:
                return chosen
    return None


@given(st.lists(st.integers(0, 7), min_size=4, max_size=4), st.integers(0, 3))
@settings(max_examples=60)
def test_no_table_that_fits_is_the_only_one(counts: list[int], none: int) -> None:
    if K <= sum(counts) + none <= 16:
        assert given_away(counts, none) is None
        if not none:
            assert given_away(counts, 0, required=True) is None


def test_a_mean_beside_a_share_of_all_is_held_back() -> None:
    """All seven are favourable, so that the mean would tell how many gave each of the two answers."""
    item = shown_of([0, 0, 3, 4], 0, required=False)
    assert item.favourable is not None
    assert item.favourable.numerator == 7
    assert item.mean is None


def test_who_must_answer_is_not_counted_among_who_may_not_have() -> None:
    assert shown_of([0, 0, 6, 3], 0, required=True).no_answer == 0


@pytest.mark.parametrize("required", [True, False])
def test_a_mean_of_large_answers_is_shown(required: bool) -> None:
    assert shown_of([6, 7, 12, 9], 0, required=required).mean == 2.7
