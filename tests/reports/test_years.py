"""The fostering year."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from reports.years import FosteringYear, NotAYear, anniversary, parse_year, six_months_before, year_of


def test_a_year_runs_from_april_to_march() -> None:
    year = parse_year("2022/23")
    assert (year.first_day, year.last_day) == (date(2022, 4, 1), date(2023, 3, 31))
    assert str(year) == "2022/23"
    assert str(FosteringYear(1999)) == "1999/00"


@pytest.mark.parametrize("wrong", ["2022", "2022-23", "22/23", "2022/2023", "", "year", "2022/24", "٢٠٢٢/٢٣"])
def test_what_is_not_a_year_is_refused_with_what_would_be(wrong: str) -> None:
    with pytest.raises(NotAYear, match=r"2022/23|not one year"):
        parse_year(wrong)


def test_the_last_of_march_and_the_first_of_april_are_in_different_years() -> None:
    assert year_of(date(2023, 3, 31)) == FosteringYear(2022)
    assert year_of(date(2023, 4, 1)) == FosteringYear(2023)
    assert date(2023, 3, 31) in FosteringYear(2022)
    assert date(2023, 4, 1) not in FosteringYear(2022)
    assert None not in FosteringYear(2022)


def test_the_year_begins_and_ends_at_local_midnight() -> None:
    start, end = FosteringYear(2022).span(ZoneInfo("Europe/London"))
    assert start == datetime(2022, 3, 31, 23, tzinfo=UTC)
    assert end == datetime(2023, 3, 31, 23, tzinfo=UTC)


def test_an_anniversary_of_a_leap_day_falls_on_the_first_of_march() -> None:
    assert anniversary(date(2020, 2, 29), 2) == date(2022, 3, 1)
    assert anniversary(date(2020, 2, 29), 4) == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("day", "before"),
    [
        (date(2023, 3, 31), date(2022, 9, 30)),
        (date(2023, 5, 15), date(2022, 11, 15)),
        (date(2023, 8, 31), date(2023, 2, 28)),
        (date(2023, 9, 30), date(2023, 3, 31)),
    ],
)
def test_two_quarters_back_is_six_months(day: date, before: date) -> None:
    assert six_months_before(day) == before
