"""What is published of a small table lets nobody work out a group of one to four people."""

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure.suppression import TOTAL, Cell, covered, protect, suppress, two_way_cells
from tests.disclosure.auditor import bounds, equations, known_sums

small_counts = st.one_of(st.integers(0, 9), st.integers(0, 60))
one_way = st.lists(small_counts, min_size=1, max_size=7).map(
    lambda counts: {f"option {at}": count for at, count in enumerate(counts)}
)
two_way = st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(
    lambda size: st.lists(small_counts, min_size=size[0] * size[1], max_size=size[0] * size[1]).map(
        lambda counts: {
            (f"row {at // size[1]}", f"column {at % size[1]}"): count for at, count in enumerate(counts)
        }
    )
)


def with_totals(counts: dict[Any, int]) -> dict[Any, int]:
    if not isinstance(next(iter(counts)), tuple):
        return {**counts, TOTAL: sum(counts.values())}
    whole: dict[Any, int] = dict(counts)
    for (row, column), count in counts.items():
        for key in ((row, TOTAL), (TOTAL, column), (TOTAL, TOTAL)):
            whole[key] = whole.get(key, 0) + count
    return whole


def test_a_total_does_not_give_a_hidden_cell_away() -> None:
    assert suppress({"yes": 12, "no": 2}) == {"yes": None, "no": None, TOTAL: 14}


def test_the_smallest_cell_that_covers_is_the_one_that_goes() -> None:
    shown = suppress({"a": 30, "b": 2, "c": 7, "d": 21})
    assert shown == {"a": 30, "b": None, "c": None, "d": 21, TOTAL: 60}


def test_two_small_cells_that_add_up_to_few_people_need_a_third() -> None:
    assert suppress({"a": 1, "b": 2, "c": 9, "d": 20})["c"] is None


def test_small_cells_that_cover_each_other_cost_nothing_more() -> None:
    assert suppress({"a": 4, "b": 3, "c": 9}) == {"a": None, "b": None, "c": 9, TOTAL: 16}


def test_a_table_of_fewer_than_five_people_shows_nothing() -> None:
    assert set(suppress({"a": 1, "b": 2}).values()) == {None}


def test_large_cells_are_left_alone() -> None:
    assert suppress({"a": 5, "b": 6}) == {"a": 5, "b": 6, TOTAL: 11}


def test_zeros_are_hidden_among_the_small_ones_unless_asked_for() -> None:
    assert suppress({"a": 0, "b": 6, "c": 8})["a"] is None
    assert suppress({"a": 0, "b": 6, "c": 8}, show_zeros=True)["a"] == 0


def test_a_two_way_table_hides_in_both_directions() -> None:
    shown = suppress({("x", "p"): 2, ("x", "q"): 20, ("y", "p"): 10, ("y", "q"): 30})
    hidden = {key for key, value in shown.items() if value is None}
    assert hidden == {("x", "p"), ("x", "q"), ("y", "p"), ("y", "q")}


def test_a_higher_threshold_hides_more() -> None:
    assert suppress({"a": 8, "b": 9}, 10) == {"a": None, "b": None, TOTAL: 17}


def test_a_mixture_of_one_way_and_two_way_keys_is_refused() -> None:
    with pytest.raises(ValueError, match="not both"):
        suppress({"a": 1, ("x", "p"): 2})


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(ValueError, match="never negative"):
        suppress({"a": -1})


def test_subtotals_are_protected_with_their_parts() -> None:
    cells = {
        "very good": Cell("good", "both", 20),
        "good": Cell("good", "both", 10),
        "poor": Cell("bad", "both", 2),
        "very poor": Cell("bad", "both", 1),
        "favourable": Cell("top", "good", 30, total=True),
        "other": Cell("top", "bad", 3, total=True),
        "all": Cell("both", "top", 33, total=True),
    }
    shown = protect(cells, known={"all"})
    sums = [
        {"very good": 1, "good": 1, "favourable": -1},
        {"poor": 1, "very poor": 1, "other": -1},
        {"favourable": 1, "other": 1, "all": -1},
    ]
    assert shown["all"] == 33
    assert shown["other"] is None
    assert shown["favourable"] is None
    assert all(high >= 5 for _, high in bounds(shown, sums).values())


@given(st.one_of(one_way, two_way), st.integers(5, 10), st.booleans())
def test_every_hidden_person_could_be_one_of_k(counts: dict[Any, int], k: int, show_zeros: bool) -> None:
    shown, true = suppress(counts, k, show_zeros=show_zeros), with_totals(counts)
    least = 1 if show_zeros else 0
    assert {key: true[key] for key, value in shown.items() if value is not None} == {
        key: value for key, value in shown.items() if value is not None
    }
    assert all(value >= k or (value == 0 and show_zeros) for value in shown.values() if value is not None)
    for key, (low, high) in bounds(shown, equations(shown), least).items():
        assert low - 1e-6 <= true[key] <= high + 1e-6
        assert true[key] == 0 or true[key] >= k or high >= k - 1e-6, (key, shown)


@given(st.one_of(one_way, two_way))
def test_no_sum_that_can_be_worked_out_is_of_one_to_four_people(counts: dict[Any, int]) -> None:
    shown = suppress(counts)
    if sum(value is None for value in shown.values()) <= 12:
        for cells, value in known_sums(shown, equations(shown)):
            assert value == 0 or value >= 5, (cells, shown)


@given(two_way)
def test_totals_that_are_published_elsewhere_stay_and_the_cells_inside_are_covered(
    counts: dict[Any, int],
) -> None:
    true = with_totals(counts)
    margins = {key: value for key, value in true.items() if TOTAL in key}
    if all(value == 0 or value >= 5 for value in margins.values()):
        shown = suppress(counts, known=margins)
        assert {key: shown[key] for key in margins} == margins
        for key, (_, high) in bounds(shown, equations(shown)).items():
            assert true[key] == 0 or true[key] >= 5 or high >= 5 - 1e-6, (key, shown)


@settings(max_examples=25)
@given(two_way, st.randoms())
def test_cells_are_covered_if_each_small_one_could_be_five_for_a_linear_solver(
    counts: dict[Any, int], random: Random
) -> None:
    hidden = {key for key in counts if counts[key] < 5 or random.random() < 0.3}
    published: dict[Any, int | None] = {
        key: None if key in hidden else count for key, count in with_totals(counts).items()
    }
    highest = bounds(published, equations(published)) if hidden else {}
    could = all(highest[key][1] > 5 - 1e-6 for key in hidden if 0 < counts[key] < 5)
    assert covered(two_way_cells(counts), hidden) is could
