"""Retention with delayed entry, by hand and against a truth that is known because it was simulated."""

from datetime import date, timedelta
from math import log
from random import Random

import pytest

from reports.retention import Watch, retained, watches
from storage.engine import open_database
from tests.reports.register import STAYING, YEAR, leaver, published, report_of, store


def test_the_estimate_is_the_product_of_what_those_at_risk_did() -> None:
    watched = [
        Watch(0, 0.5, True),  # at risk 4: 3/4
        Watch(0, 1.5, True),  # at risk 3 with the late one: 2/3... see below
        Watch(0, 3.0, False),
        Watch(0, 6.0, False),
        Watch(1.0, 6.0, False),
    ]
    after_one = retained(watched, 1)
    after_two = retained(watched, 2)
    assert after_one is not None
    assert after_two is not None
    assert after_one.share == pytest.approx(3 / 4)
    assert after_two.share == pytest.approx(3 / 4 * 3 / 4)  # the late one makes it 3 of 4 at risk
    assert (after_two.leavers, after_two.watched) == (2, 5)


def test_the_interval_of_a_curve_is_greenwoods() -> None:
    watched = [Watch(0, 0.5, True)] * 5 + [Watch(0, 9, False)] * 15
    found = retained(watched, 1)
    assert found is not None
    assert found.share == 0.75
    # log(-log) Greenwood: exp(+-1.96 * sqrt(5 / (20 * 15)) / -log(0.75)) as exponents of 0.75
    assert found.interval == pytest.approx((0.500, 0.887), abs=0.001)


def test_ties_leave_together() -> None:
    found = retained([Watch(0, 1, True), Watch(0, 1, True), Watch(0, 1, False), Watch(0, 2, False)], 1)
    assert found is not None
    assert found.share == pytest.approx(0.5)


def test_years_that_nobody_watched_give_no_estimate() -> None:
    assert retained([], 1) is None
    assert retained([Watch(2.0, 9.0, False)], 5) is None
    assert retained([Watch(0, 1.0, False), Watch(3.0, 9.0, False)], 5) is None
    assert retained([Watch(0, 4.0, False)], 5) is None


def test_once_all_have_left_nobody_is_retained() -> None:
    found = retained([Watch(0, 0.5, True), Watch(0, 1.5, True)], 5)
    assert found is not None
    assert found.share == 0.0
    assert found.interval[0] == 0.0
    assert found.interval[1] > 0


def test_a_household_that_left_before_the_record_began_is_not_watched() -> None:
    since = date(2018, 4, 1)
    before = leaver(date(2010, 1, 1), date(2017, 1, 1))
    long_there = leaver(date(2008, 4, 1), date(2019, 4, 1))
    still = STAYING
    watched = watches([before, long_there, still], since, YEAR.last_day)
    assert len(watched) == 2
    assert watched[0].entry == pytest.approx(10, abs=0.01)
    assert watched[0].left
    assert not watched[1].left


def test_delayed_entry_finds_the_truth_that_a_plain_estimate_overstates() -> None:
    """Households leave at an even rate that keeps 61 % after five years; the record begins in 2018."""
    random = Random(7)
    since, until = date(2018, 4, 1), date(2023, 3, 31)
    rate = -log(0.61) / 5
    households = []
    for _ in range(6000):
        approved = date(1998, 4, 1) + timedelta(days=random.randrange(25 * 365))
        ended = approved + timedelta(days=int(random.expovariate(rate) * 365.25) + 1)
        if ended >= since:
            households.append(leaver(approved, ended))
    with_entry = retained(watches(households, since, until), 5)
    plain = retained([Watch(0, watch.exit, watch.left) for watch in watches(households, since, until)], 5)
    assert with_entry is not None
    assert plain is not None
    assert with_entry.interval[0] < 0.61 < with_entry.interval[1]
    assert with_entry.share == pytest.approx(0.61, abs=0.03)
    assert plain.share > 0.75


async def test_the_curve_is_there_overall_and_by_type(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    await store(database, published())
    report = await report_of(database)
    await database.close()
    overall = report.get("retention_at_years", years="5")
    assert overall.value is not None
    assert overall.interval is not None
    assert overall.interval[0] < overall.value < overall.interval[1]
    assert report.get("retention_at_years", years="5", household_type="mainstream").value is not None
    short_break = report.get("retention_at_years", years="5", household_type="short_break")
    assert short_break.value is None
    assert "watched" in short_break.note
    assert {f.group["years"] for f in report.figures if f.id == "retention_at_years"} == {"1", "2", "5", "10"}


async def test_without_the_first_day_of_the_record_there_is_no_curve_and_the_reason_is_said(
    sqlite_url: str,
) -> None:
    database = open_database(sqlite_url)
    await store(database, published())
    report = await report_of(database, register_since=None)
    await database.close()
    figures = [figure for figure in report.figures if figure.id == "retention_at_years"]
    assert figures
    for figure in figures:
        assert figure.value is None
        assert "HEARTHLINE_REGISTER_SINCE" in figure.note
