"""Intervals agree with figures that are known and with an independent implementation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disclosure.intervals import Z, difference, wilson

shares = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_the_normal_point_is_the_usual_one() -> None:
    assert pytest.approx(1.959964, abs=1e-6) == Z


def test_nine_of_twenty_five_lies_between_20_and_55_per_cent() -> None:
    low, high = wilson(9, 25)
    assert (round(low, 2), round(high, 2)) == (0.20, 0.55)


def test_nobody_and_everybody_touch_the_ends() -> None:
    assert wilson(0, 8)[0] == 0.0
    assert wilson(8, 8)[1] == 1.0


@pytest.mark.parametrize(("numerator", "denominator"), [(1, 0), (0, 0), (3, 2), (-1, 5)])
def test_what_is_no_share_is_refused(numerator: int, denominator: int) -> None:
    with pytest.raises(ValueError, match="no share"):
        wilson(numerator, denominator)


@given(shares)
def test_it_agrees_with_scipy(share: tuple[int, int]) -> None:
    from scipy.stats import binomtest  # half of what a worker takes to load all tests

    expected = binomtest(*share).proportion_ci(method="wilson")
    assert wilson(*share) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_the_difference_of_two_shares_is_newcombes() -> None:
    # Newcombe 1998, example (a): 56/70 against 48/80 is 0.0524 to 0.3339.
    assert difference((56, 70), (48, 80)) == pytest.approx((0.0524, 0.3339), abs=5e-5)


@given(shares, shares)
def test_the_difference_contains_itself_and_turns_round(a: tuple[int, int], b: tuple[int, int]) -> None:
    low, high = difference(a, b)
    assert low - 1e-12 <= a[0] / a[1] - b[0] / b[1] <= high + 1e-12
    assert difference(b, a) == pytest.approx((-high, -low))
