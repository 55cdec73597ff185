"""The figures about households that left, against numbers worked out by hand."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from random import Random

import pytest

from disclosure.intervals import wilson
from reports.figures import Figure
from reports.report import NotYetBegun, Report, figures_of_register, tallies_of
from reports.sentences import sentence
from reports.tallies import BANDS, TYPES, band, tally
from reports.years import FosteringYear, year_of
from storage.engine import Database, open_database
from storage.households import Carer, Household, HouseholdType
from storage.report_queries import Approval
from tests.reports.register import STAYING, YEAR, by_chance, leaver, published, report_of, store

LEAVERS = (
    "deregistered_households",
    "change_on_previous_year",
    "deregistration_rate",
    "end_route",
    "end_reason",
    "left_within_2_years",
    "left_after_10_years",
    "leavers_over_50",
    "leaving_rate_by_age_band",
    "leavers_by_age_band",
    "leavers_by_years_fostered",
)
ESTIMATES = ("retention_at_years", "retention_after_first_year", "engaged_log_rank")
"""Whose value is not the quotient of what they are made of."""


@pytest.fixture
async def sqlite(sqlite_url: str) -> AsyncIterator[Database]:
    opened = open_database(sqlite_url)
    yield opened
    await opened.close()


@pytest.fixture
async def report(sqlite: Database) -> Report:
    await store(sqlite, published())
    return await report_of(sqlite)


async def test_both_databases_give_what_the_register_says(database: Database) -> None:
    households = published()
    await store(database, households)
    report = await report_of(database)
    tallies = tallies_of(households, YEAR, report.data_date)
    expected = figures_of_register(households, tallies, YEAR, date(2018, 4, 1), report.data_date)
    found = report.by_key()
    assert all(found[figure.key] == figure for figure in expected)
    assert len(found) == len(expected) + 4 * 10


@pytest.mark.parametrize(
    ("period", "friends", "mainstream", "everybody"),
    [("2019/20", 1, 19, 20), ("2020/21", 2, 22, 24), ("2021/22", 4, 32, 36), ("2022/23", 2, 23, 25)],
)
async def test_the_published_leavers_come_out_by_year_and_type(
    report: Report, period: str, friends: int, mainstream: int, everybody: int
) -> None:
    def left(kind: str) -> object:
        return report.get("deregistered_households", period, household_type=kind).value

    assert (left("family_and_friends"), left("mainstream"), left("all")) == (friends, mainstream, everybody)
    assert left("short_break") == 0


async def test_25_after_36_is_a_fall_of_31_per_cent_that_may_be_chance(report: Report) -> None:
    change = report.get("change_on_previous_year", household_type="all")
    assert change.value == pytest.approx(-0.3056, abs=1e-4)
    assert (change.numerator, change.denominator) == (-11, 36)
    assert change.interval is not None
    assert change.interval[0] < -0.3056 < 0 < change.interval[1]


async def test_23_resigned_and_one_went_each_other_way(report: Report) -> None:
    def way(route: str) -> tuple[int | None, int | None]:
        figure = report.get("end_route", household_type="all", end_route=route)
        return figure.numerator, figure.denominator

    assert way("resignation") == (23, 25)
    assert way("deregistration") == (1, 25)
    assert way("resignation_before_deregistration") == (1, 25)
    assert way("not_recorded") == (0, 25)


async def test_two_shares_that_were_once_printed_side_by_side_each_carry_their_own_denominator(
    report: Report,
) -> None:
    soon = report.get("left_within_2_years", household_type="all")
    late = report.get("left_after_10_years", household_type="mainstream")
    assert (soon.numerator, soon.denominator, soon.value) == (9, 25, 0.36)
    assert (late.numerator, late.denominator) == (10, 23)
    assert late.value == pytest.approx(0.43, abs=0.005)
    assert soon.interval == pytest.approx((0.20, 0.55), abs=0.005)


async def test_60_per_cent_of_leavers_were_over_50(report: Report) -> None:
    figure = report.get("leavers_over_50", household_type="all")
    assert (figure.numerator, figure.denominator, figure.value) == (15, 25, 0.6)


async def test_the_rate_is_of_all_households_approved_at_any_time_in_the_year(report: Report) -> None:
    figure = report.get("deregistration_rate", household_type="all")
    assert (figure.numerator, figure.denominator) == (25, 149)


async def test_the_mockingbird_share_is_of_those_still_approved_on_the_last_day(report: Report) -> None:
    figure = report.get("mockingbird_share")
    assert (figure.numerator, figure.denominator) == (40, 124)


async def test_every_figure_carries_what_it_is_made_of(report: Report) -> None:
    periods = {"2019/20", "2020/21", "2021/22", "2022/23"}
    for figure in report.figures:
        assert figure.definition
        assert figure.data_date == date(2023, 6, 1)
        assert figure.period in periods
        assert all(isinstance(value, str) for value in figure.group.values())
        if figure.is_count:
            assert figure.value == figure.numerator
        elif figure.value is not None and figure.id not in ESTIMATES:
            assert figure.denominator is not None
            assert figure.numerator is not None
            assert figure.value == figure.numerator / figure.denominator
            assert figure.interval is not None
            assert figure.interval[0] <= figure.value <= figure.interval[1]
        json.dumps(figure.as_json())
    assert len(report.by_key()) == len(report.figures)


@pytest.mark.parametrize("figure_id", LEAVERS)
async def test_every_figure_about_leavers_is_there_for_all_and_for_each_type(
    report: Report, figure_id: str
) -> None:
    for period in ("2019/20", "2020/21", "2021/22", "2022/23"):
        kinds = {
            figure.group["household_type"]
            for figure in report.figures
            if figure.id == figure_id and figure.period == period
        }
        assert kinds == {"all", *TYPES}


def test_the_year_ends_with_the_31st_of_march() -> None:
    households = [leaver(date(2015, 1, 1), date(2023, 3, 31)), leaver(date(2015, 1, 1), date(2023, 4, 1))]
    counts = tally(households, YEAR, date(2023, 6, 1))
    assert (counts.left["mainstream"], counts.stayed["mainstream"]) == (1, 1)
    later = tally(households, FosteringYear(2023), date(2024, 6, 1))
    assert (later.left["mainstream"], later.stayed["mainstream"]) == (1, 0)


def test_two_years_to_the_day_are_not_under_two_years() -> None:
    day_short = leaver(date(2020, 12, 2), date(2022, 12, 1))
    to_the_day = leaver(date(2020, 12, 1), date(2022, 12, 1))
    ten = leaver(date(2012, 12, 1), date(2022, 12, 1))
    counts = tally([day_short, to_the_day, ten], YEAR, date(2023, 6, 1)).tenure
    assert counts == {
        ("mainstream", "under_2"): 1,
        ("mainstream", "2_to_10"): 1,
        ("mainstream", "after_10"): 1,
    }


def test_fifty_is_the_year_of_leaving_less_the_year_of_birth() -> None:
    assert band(1972, 2022) == "50-59"
    assert band(1973, 2022) == "40-49"
    assert band(1920, 2022) == "70+"
    assert band(2003, 2022) == "not_known"
    assert band(None, 2022) == "not_known"


def test_leavers_and_stayers_are_all_who_were_approved_at_any_time() -> None:
    for seed in range(20):
        households = by_chance(Random(seed))
        counts = tally(households, YEAR, date(2023, 6, 1))
        there = sum(
            each.approved_on <= YEAR.last_day and (each.ended_on is None or each.ended_on >= YEAR.first_day)
            for each in households
        )
        assert counts.left.total() + counts.stayed.total() == there
        assert counts.tenure.total() == counts.routes.total() == counts.left.total()
        assert counts.left_by_age.total() == counts.left.total()


async def test_a_rate_by_age_is_of_the_main_carers_of_that_age(sqlite: Database) -> None:
    young = [replace(STAYING, birth_year=1990)] * 3
    gone = leaver(date(2020, 5, 1), date(2022, 6, 1), born=1990, end_reasons=("moved", "work"))
    await store(sqlite, [*young, gone, replace(STAYING, birth_year=None)])
    report = await report_of(sqlite)
    rate = report.get("leaving_rate_by_age_band", household_type="all", age_band="30-39")
    assert (rate.numerator, rate.denominator, rate.interval) == (1, 4, wilson(1, 4))
    empty = report.get("leaving_rate_by_age_band", household_type="all", age_band="70+")
    assert (empty.denominator, empty.value, empty.interval) == (0, None, None)
    for reason in ("moved", "work"):
        assert report.get("end_reason", household_type="all", end_reason=reason).value == 1.0


async def test_someone_who_fosters_alone_is_the_main_carer(sqlite: Database) -> None:
    async with sqlite.write() as session:
        home = Household(
            ref="A", type=HouseholdType.MAINSTREAM, approved_on=date(2019, 1, 1), ended_on=date(2022, 7, 1)
        )
        session.add(home)
        await session.flush()
        session.add(Carer(ref="A1", household_id=home.id, main_carer=False, birth_year=1950))
    report = await report_of(sqlite)
    assert report.get("leavers_over_50", household_type="all").numerator == 1


async def test_a_year_that_the_register_cannot_know_has_no_numbers(sqlite: Database) -> None:
    await store(sqlite, published())
    report = await report_of(sqlite, register_since=date(2020, 4, 1))
    unknown = report.get("deregistered_households", "2019/20", household_type="all")
    assert unknown.value is None
    assert not unknown.suppressed
    assert "1 April 2020" in unknown.note
    assert report.get("change_on_previous_year", "2020/21", household_type="all").value is None
    assert report.get("deregistered_households", "2020/21", household_type="all").value == 24


async def test_a_year_without_data_says_so(sqlite: Database) -> None:
    report = await report_of(sqlite)
    assert report.notes == ("The register is empty: no household has been imported.",)
    await store(sqlite, [STAYING])
    report = await report_of(sqlite, year=FosteringYear(2010))
    assert report.notes == ("There are no data for 2010/11: no household was approved in it.",)


async def test_a_future_year_is_refused_and_a_running_one_says_that_it_runs(sqlite: Database) -> None:
    await store(sqlite, [STAYING])
    with pytest.raises(NotYetBegun, match="1 April 2024"):
        await report_of(sqlite, year=FosteringYear(2024))
    report = await report_of(sqlite, year=FosteringYear(2023))
    assert report.notes == ("2023/24 is still running: its figures are those up to 1 June 2023.",)


async def test_leavers_by_years_fostered_and_by_age_are_shares_of_the_same_leavers(report: Report) -> None:
    def shares(figure_id: str, key: str, kind: str = "all") -> dict[str, tuple[int | None, int | None]]:
        return {
            figure.group[key]: (figure.numerator, figure.denominator)
            for figure in report.figures
            if figure.id == figure_id
            and figure.period == "2022/23"
            and figure.group["household_type"] == kind
        }

    assert shares("leavers_by_years_fostered", "years_fostered") == {
        "under_2": (9, 25),
        "2_to_5": (0, 25),
        "5_to_10": (6, 25),
        "10_and_over": (10, 25),
    }
    friends = shares("leavers_by_years_fostered", "years_fostered", "family_and_friends")
    assert friends == {"under_2": (1, 2), "2_to_5": (0, 2), "5_to_10": (1, 2), "10_and_over": (0, 2)}
    by_age = shares("leavers_by_age_band", "age_band")
    assert by_age == {
        **dict.fromkeys((*BANDS, "not_known"), (0, 25)),
        "40-49": (10, 25),
        "50-59": (15, 25),
    }


@pytest.mark.parametrize(
    ("approved", "years"),
    [
        (date(2020, 12, 2), "under_2"),
        (date(2020, 12, 1), "2_to_5"),
        (date(2017, 12, 2), "2_to_5"),
        (date(2017, 12, 1), "5_to_10"),
        (date(2012, 12, 2), "5_to_10"),
        (date(2012, 12, 1), "10_and_over"),
    ],
)
def test_years_fostered_begin_on_an_anniversary(approved: date, years: str) -> None:
    counts = tally([leaver(approved, date(2022, 12, 1))], YEAR, date(2023, 6, 1)).fostered
    assert counts == {("mainstream", years): 1}


def _left_on(*days: date) -> list[Approval]:
    return [STAYING, *(leaver(date(2015, 1, 1), day) for day in days)]


def _same_days(
    households: list[Approval], year: FosteringYear, today: date, since: date | None
) -> list[Figure]:
    tallies = tallies_of(households, year, today)
    return [
        figure
        for figure in figures_of_register(households, tallies, year, since, today)
        if figure.id == "change_on_same_days"
    ]


def test_a_year_that_runs_is_compared_with_the_same_days_of_the_year_before() -> None:
    households = _left_on(
        date(2022, 4, 1), date(2022, 6, 1), date(2022, 6, 2), date(2023, 3, 31),  # two of them by 1 June
        date(2023, 4, 1), date(2023, 5, 31), date(2023, 6, 1), date(2023, 6, 2),  # three; one is to leave
    )  # fmt: skip
    figures = _same_days(households, FosteringYear(2023), date(2023, 6, 1), None)
    assert {figure.group["household_type"] for figure in figures} == {"all", *TYPES}
    (change,) = [figure for figure in figures if figure.group["household_type"] == "all"]
    assert (change.period, change.numerator, change.denominator, change.value) == ("2023/24", 1, 2, 0.5)
    assert "a rise of 50%" in sentence(change)


def test_of_a_year_that_is_over_there_is_no_change_on_the_same_days() -> None:
    households = _left_on(date(2022, 6, 1), date(2023, 3, 31))
    assert _same_days(households, YEAR, date(2023, 4, 1), None) == []
    assert len(_same_days(households, YEAR, date(2023, 3, 31), None)) == len(TYPES) + 1


def test_the_same_days_are_not_compared_where_the_register_begins_among_them() -> None:
    year, today = FosteringYear(2023), date(2023, 6, 1)
    for since, known in ((date(2022, 4, 1), True), (date(2022, 4, 2), False)):
        change = _same_days(_left_on(date(2022, 6, 1)), year, today, since)[0]
        assert (change.value is not None) is known
        assert known or "2 April 2022" in change.note


@pytest.mark.parametrize(
    ("today", "before"),
    [
        (date(2024, 4, 1), date(2023, 4, 1)),
        (date(2025, 3, 31), date(2024, 3, 31)),
        (date(2024, 2, 29), date(2023, 2, 28)),
        (date(2025, 2, 28), date(2024, 2, 28)),
    ],
)
def test_the_same_day_of_the_year_before(today: date, before: date) -> None:
    assert year_of(today).back(1).same_day(today) == before
