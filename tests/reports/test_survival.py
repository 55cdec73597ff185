"""The product limit and the log-rank test: by hand, against other implementations, and against truth."""

from collections import Counter
from collections.abc import Iterable
from math import log
from random import Random

import numpy
import pytest
from scipy.stats import CensoredData, ecdf, logrank

from reports.survival import (
    DAYS_A_YEAR,
    MOST_STEPS,
    NEVER,
    Estimate,
    Watched,
    estimate,
    line,
    log_rank,
    together,
    watched,
)

Seen = tuple[float, float, bool]
"""Entry and exit in years, and whether it was seen to leave."""


def group(*seen: Seen) -> Watched:
    def days(years: Iterable[float]) -> Counter[int]:
        return Counter(round(each * DAYS_A_YEAR) for each in years)

    return Watched(
        days(entry for entry, _, _ in seen),
        days(end for _, end, left in seen if left),
        days(end for _, end, left in seen if not left),
    )


def by_chance(random: Random, size: int, mean: float) -> Watched:
    """Watched from their beginning, in days; about half are still there when the watch ends."""
    left: Counter[int] = Counter()
    stayed: Counter[int] = Counter()
    for _ in range(size):
        leaves, watch_ends = 1 + int(random.expovariate(1 / mean)), random.randrange(1, 2500)
        (left if leaves <= watch_ends else stayed)[min(leaves, watch_ends)] += 1
    return Watched(Counter({0: size}), left, stayed)


def censored(of: Watched) -> CensoredData:
    return CensoredData(uncensored=list(of.left.elements()), right=list(of.stayed.elements()))


def test_the_estimate_is_the_product_of_what_those_at_risk_did() -> None:
    found = estimate(group((0, 0.5, True), (0, 1.5, True), (0, 3, False), (0, 6, False), (1, 6, False)), 5)
    after_one, after_two = found.retained(1), found.retained(2)
    assert after_one is not None
    assert after_two is not None
    assert after_one.share == pytest.approx(3 / 4)
    assert after_two.share == pytest.approx(3 / 4 * 3 / 4)  # with the late one 4 are at risk, and 1 leaves
    assert (after_two.leavers, after_two.watched) == (2, 5)
    assert [found.at_risk(years) for years in (0, 1, 2, 5)] == [4, 4, 3, 2]


def test_the_interval_of_a_curve_is_greenwoods() -> None:
    found = estimate(group(*[(0.0, 0.5, True)] * 5, *[(0.0, 9.0, False)] * 15), 10).retained(1)
    assert found is not None
    assert found.share == 0.75
    # log(-log) Greenwood: exp(+-1.96 * sqrt(5 / (20 * 15)) / -log(0.75)) as exponents of 0.75
    assert found.interval == pytest.approx((0.500, 0.887), abs=0.001)


def test_ties_leave_together() -> None:
    found = estimate(group((0, 1, True), (0, 1, True), (0, 1, False), (0, 2, False)), 1).retained(1)
    assert found is not None
    assert found.share == pytest.approx(0.5)


def test_years_that_nobody_watched_give_no_estimate() -> None:
    assert estimate(group(), 1).retained(1) is None
    assert estimate(group((2, 9, False)), 5).retained(5) is None
    assert estimate(group((0, 1, False), (3, 9, False)), 5).retained(5) is None
    assert estimate(group((0, 4, False)), 5).retained(5) is None


def test_once_all_have_left_nobody_is_retained() -> None:
    found = estimate(group((0, 0.5, True), (0, 1.5, True)), 5).retained(5)
    assert found is not None
    assert found.share == 0
    assert found.interval[0] == 0
    assert found.interval[1] > 0.5


def test_one_of_one_that_leaves_empties_the_curve_and_the_interval_says_how_little_that_is_worth() -> None:
    alone = (0.0, 0.1, True)
    found = estimate(group(alone, *[(0.2, 9.0, False)] * 500), 5)
    after_five = found.retained(5)
    assert after_five is not None
    assert after_five.share == 0
    assert after_five.interval == pytest.approx((0, 0.793), abs=0.001)  # of one, not of five hundred
    assert (found.at_risk(0), found.at_risk(5)) == (1, 500)


@pytest.mark.filterwarnings("ignore:The confidence interval is undefined")
@pytest.mark.parametrize("seed", range(3))
def test_where_all_are_watched_from_the_beginning_an_independent_estimate_agrees(seed: int) -> None:
    some = by_chance(Random(seed), 150, 1200)
    curve = ecdf(censored(some)).sf
    band = curve.confidence_interval(method="log-log")
    found = estimate(some, 7)
    steps = found.steps(7)[1:-1]
    assert len(steps) == len(found.drops)  # few enough to be drawn one by one
    for drop, step in zip(found.drops, steps, strict=True):
        assert drop.share == pytest.approx(float(curve.evaluate(drop.day)))
        if step.share > 0:
            oracle = (float(band.low.evaluate(drop.day)), float(band.high.evaluate(drop.day)))
            assert (step.low, step.high) == pytest.approx(oracle)


@pytest.mark.parametrize("seed", range(3))
def test_an_independent_log_rank_test_agrees(seed: int) -> None:
    random = Random(seed)
    some, others = by_chance(random, 60, 900), by_chance(random, 90, 1300)
    found = log_rank(some, others)
    oracle = logrank(censored(some), censored(others))
    assert found is not None
    assert found.p == pytest.approx(float(oracle.pvalue))
    assert (found.observed > found.expected) == (oracle.statistic > 0)


def test_the_log_rank_test_compares_with_those_at_risk_at_the_same_age() -> None:
    """By hand: at age 2 one of three leaves, one of them engaged; at age 4 one of two, one engaged."""
    found = log_rank(group((1, 2, True), (3, 5, False)), group((0, 4, True), (0, 6, False)))
    assert found is not None
    assert found.expected == pytest.approx(1 / 3 + 1 / 3)
    assert (found.observed, found.leavers) == (1, 2)


def test_late_entry_alone_makes_no_difference_between_two_groups() -> None:
    """The second group's record begins late, so only those that stayed are in it; both leave at one rate."""
    random = Random(5)
    both = []
    for begins in (0, 900):
        leaves = [1 + int(random.expovariate(1 / 1500)) for _ in range(3000)]
        stays = [(0, begins, day) for day in leaves if day > begins]
        both.append(watched(stays, 3000))
    plain = [Watched(Counter({0: each.number}), each.left, each.stayed) for each in both]
    with_entry, without = log_rank(*both), log_rank(*plain)
    assert with_entry is not None
    assert without is not None
    assert with_entry.p > 0.05
    assert without.p < 1e-6


def test_where_both_groups_were_never_together_at_risk_there_is_no_test() -> None:
    assert log_rank(group(), group()) is None
    assert log_rank(group((0, 1, True)), group()) is None
    assert log_rank(group((0, 5, False)), group((0, 5, False))) is None
    assert log_rank(group((0, 1, True)), group((2, 3, True))) is None


@pytest.mark.parametrize("shape", [1.0, 0.7, 1.5])
def test_a_register_that_begins_late_tells_the_truth_at_a_rate_that_is_even_falls_or_rises(
    shape: float,
) -> None:
    """61 % are there after five years; 20 years of approvals, of which the record holds the last five."""
    random = Random(11)
    scale = 5 / (-log(0.61)) ** (1 / shape) * DAYS_A_YEAR
    since, until = 15 * 365, 20 * 365
    stays = []
    for _ in range(12_000):
        begun = random.randrange(until)
        ended = begun + 1 + int(random.weibullvariate(scale, shape))
        if ended > since:
            stays.append((begun, max(since - begun, 0), ended))
    found = estimate(watched(stays, until), 10)
    for years in (1, 2, 5, 10):
        truth = 0.61 ** ((years / 5) ** shape)
        retained = found.retained(years)
        assert retained is not None
        assert retained.share == pytest.approx(truth, abs=0.02)
        assert retained.interval[0] - 0.01 < truth < retained.interval[1] + 0.01


def test_groups_together_are_the_whole() -> None:
    random = Random(3)
    stays = [(day := random.randrange(5000), random.randrange(99), day + 99 + day % 7) for _ in range(300)]
    stays += [(1, 0, NEVER), (9000, 0, NEVER)]
    parts = [watched(stays[:50], 4000), watched(stays[50:], 4000)]
    assert together(parts) == watched(stays, 4000)


def test_a_curve_has_few_steps_and_goes_as_far_as_somebody_was_watched() -> None:
    many = estimate(by_chance(Random(1), 3000, 1500), 10)
    drawn = line("All", many, (0, 1, 2, 5, 10))
    assert drawn is not None
    assert 100 < len(drawn.steps) <= MOST_STEPS
    assert (drawn.steps[0].at, drawn.steps[0].share) == (0, 1)
    assert drawn.steps[-1].at == pytest.approx(many.covered / DAYS_A_YEAR, abs=0.001)
    assert drawn.steps[-1].share == many.drops[-1].share
    shares = [step.share for step in drawn.steps]
    assert shares == sorted(shares, reverse=True)
    assert all(0 <= step.low <= step.share <= step.high <= 1 for step in drawn.steps)
    assert drawn.at_risk[0] == (0.0, 3000)
    assert drawn.at_risk[-1] == (10.0, 0)


def test_a_small_service_is_drawn_household_by_household_and_nobody_not_at_all() -> None:
    few = estimate(group((0, 1, True), (0, 3, True), (0, 20, False)), 10)
    drawn = line("All", few, (0, 10))
    assert drawn is not None
    assert [step.share for step in drawn.steps] == pytest.approx([1, 2 / 3, 1 / 3, 1 / 3])
    assert drawn.steps[-1].at == 10
    assert line("Nobody", estimate(group(), 10), (0, 10)) is None
    assert line("Late", estimate(group((1, 9, False)), 10), (0, 10)) is None


def test_the_last_day_that_was_watched_is_drawn_whichever_it_is() -> None:
    for day in range(1, 400):
        emptied = estimate(Watched(Counter({0: 1}), Counter({day: 1}), Counter()), 10).steps(10)
        assert (emptied[-1].share, emptied[-1].at) == (0, round(day / DAYS_A_YEAR, 4))
        nobody_left = estimate(Watched(Counter({0: 3}), Counter(), Counter({day: 3})), 10).steps(10)
        assert [(step.share, round(step.low, 2)) for step in nobody_left] == [(1, 0.44)] * 2


def test_the_numbers_at_risk_are_those_between_entry_and_exit() -> None:
    random = Random(2)
    spans = [(low := random.randrange(400), low + random.randrange(1, 900)) for _ in range(200)]
    some = Watched(Counter(a for a, _ in spans), Counter(), Counter(b for _, b in spans))
    entries, exits = numpy.array(spans).T
    counted = [int(((entries < day) & (day <= exits)).sum()) for day in range(1300)]
    assert some.at_risk(1299) == counted
    found: Estimate = estimate(some, 2)
    assert found.at_risk(0) == counted[1]
    assert found.at_risk(1) == counted[366]
