"""How long households stay, from the register: who is watched, which figures there are, and what they say."""

from dataclasses import replace
from datetime import date, timedelta
from math import ceil, log
from random import Random

import pytest

from reports.figures import Sheet
from reports.outline import while_some_stay
from reports.report import curves_of_register, figures_of_register, tallies_of
from reports.retention import EMPTIED, estimates, retention_figures, stays_by_type
from reports.survival import DAYS_A_YEAR, estimate, watched
from storage.engine import open_database
from tests.reports.register import STAYING, YEAR, by_chance, leaver, published, report_of, store

SINCE = date(2018, 4, 1)


def days(later: date, earlier: date) -> int:
    return (later - earlier).days


def test_a_household_that_left_before_the_record_began_is_not_watched() -> None:
    before = leaver(date(2010, 1, 1), date(2017, 1, 1))
    long_there = leaver(date(2008, 4, 1), date(2019, 4, 1))
    found = watched(
        stays_by_type([before, long_there, STAYING], SINCE)["mainstream"], YEAR.last_day.toordinal()
    )
    approved = date(2008, 4, 1)
    assert found.number == 2
    assert found.entered == {days(SINCE, approved): 1, days(SINCE, STAYING.approved_on): 1}
    assert found.left == {days(date(2019, 4, 1), approved): 1}
    assert found.stayed == {days(YEAR.last_day, STAYING.approved_on): 1}


def test_who_leaves_when_approved_was_there_and_who_leaves_as_the_record_begins_was_not_seen() -> None:
    at_once = leaver(date(2020, 5, 1), date(2020, 5, 1))
    on_the_first_day = leaver(date(2015, 5, 1), SINCE)
    found = watched(
        stays_by_type([at_once, on_the_first_day], SINCE)["mainstream"], YEAR.last_day.toordinal()
    )
    assert (found.entered, found.left, found.stayed.total()) == ({0: 1}, {1: 1}, 0)


def test_whoever_leaves_after_the_year_stayed_in_it_and_whoever_begins_after_it_is_not_in_it() -> None:
    later = leaver(date(2020, 4, 1), date(2023, 5, 1))
    new = leaver(date(2023, 4, 1), date(2023, 5, 1))
    found = watched(stays_by_type([later, new], SINCE)["mainstream"], YEAR.last_day.toordinal())
    assert (found.number, found.left.total()) == (1, 0)
    assert found.stayed == {days(YEAR.last_day, date(2020, 4, 1)): 1}


def test_delayed_entry_finds_the_truth_that_a_plain_estimate_overstates() -> None:
    """Households leave at an even rate that keeps 61 % after five years; the record begins in 2018."""
    random = Random(7)
    rate = -log(0.61) / 5
    households = []
    for _ in range(6000):
        approved = date(1998, 4, 1) + timedelta(days=random.randrange(25 * 365))
        ended = approved + timedelta(days=int(random.expovariate(rate) * DAYS_A_YEAR) + 1)
        if ended >= SINCE:
            households.append(leaver(approved, ended))
    stays = stays_by_type(households, SINCE)["mainstream"]
    with_entry, plain = (
        estimate(watched(some, date(2023, 3, 31).toordinal()), 5).retained(5)
        for some in (stays, [(begun, 0, ended) for begun, _, ended in stays])
    )
    assert with_entry is not None
    assert plain is not None
    assert with_entry.interval[0] < 0.61 < with_entry.interval[1]
    assert with_entry.share == pytest.approx(0.61, abs=0.02)
    assert plain.share > 0.75


def test_under_every_estimate_stands_how_many_were_watched_at_that_age() -> None:
    households = by_chance(Random(6), 300)
    found = estimates(stays_by_type(households, SINCE), YEAR.last_day)
    figures = [
        figure
        for figure in retention_figures(Sheet("2022/23", YEAR.last_day), found)
        if figure.id == "households_at_risk"
    ]
    assert len(figures) == 5 * 9
    for figure in figures:
        day = max(ceil(int(figure.group["years"]) * DAYS_A_YEAR), 1)
        assert figure.value == sum(
            max(days(SINCE, each.approved_on), 0)
            < day
            <= days(min(each.ended_on or YEAR.last_day, YEAR.last_day), each.approved_on)
            for each in households
            if figure.group.get("household_type", each.household_type) == each.household_type
        )


def test_an_estimate_that_one_household_emptied_says_so_and_is_told_once() -> None:
    alone = leaver(date(2019, 5, 1), date(2019, 9, 1), "short_break")
    late = [replace(STAYING, household_type="short_break", approved_on=date(2017, 6, 1))] * 30
    found = estimates(stays_by_type([alone, *late], SINCE), YEAR.last_day)
    figures = [
        figure
        for figure in retention_figures(Sheet("2022/23", YEAR.last_day), found)
        if figure.id == "retention_at_years" and figure.value is not None
    ]
    assert [figure.value for figure in figures] == [0] * 8
    assert {figure.note for figure in figures} == {EMPTIED}
    assert {figure.interval and round(figure.interval[1], 2) for figure in figures} == {0.79}
    assert [figure and figure.group for figure in while_some_stay(figures)] == [
        {"years": "1"},
        {"years": "1", "household_type": "short_break"},
    ]


def test_the_types_together_are_all_households() -> None:
    found = estimates(stays_by_type(by_chance(Random(1), 400), SINCE), YEAR.last_day)
    for years in (0, 1, 5, 10):
        assert sum(each.at_risk(years) for kind, each in found.items() if kind) == found[""].at_risk(years)


def test_the_curve_that_is_drawn_goes_through_the_figures() -> None:
    households = by_chance(Random(4), 2000)
    figures = figures_of_register(
        households, tallies_of(households, YEAR, YEAR.last_day), YEAR, SINCE, YEAR.last_day
    )
    curves = curves_of_register(households, SINCE, YEAR.last_day)
    assert curves[0].lines[0].label == "All households"
    for figure in figures:
        if figure.id == "retention_at_years" and figure.period == "2022/23" and len(figure.group) == 1:
            steps = [step for step in curves[0].lines[0].steps if step.at <= int(figure.group["years"])]
            assert steps[-1].share == pytest.approx(figure.value, abs=0.02)
    assert 2 <= len(curves[1].lines) <= 4
    assert curves_of_register(households, None, YEAR.last_day) == ()
    assert curves_of_register([], SINCE, YEAR.last_day) == ()


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
