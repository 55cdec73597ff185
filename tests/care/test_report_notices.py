"""When managers are told the year in figures: the day, the hour, and which year it is about."""

from datetime import UTC, datetime, time, timedelta

import pytest

from broadcasts.quiet import QuietHours
from care.report_notices import USEFUL_FOR, DueReport, HowOften, due_report
from events.holds import LONDON

QUIET = QuietHours((time(21), time(8)), LONDON)
MINUTE = timedelta(minutes=1)
MONTHLY, YEARLY, NEVER = HowOften


def due(now: datetime, how_often: HowOften = MONTHLY, quiet: QuietHours = QUIET) -> DueReport | None:
    return due_report(now, LONDON, quiet, how_often)


@pytest.mark.parametrize(
    ("due_at", "year", "finished"),
    [
        (datetime(2026, 5, 4, 8, tzinfo=UTC), 2026, False),  # the 2nd is a Saturday
        (datetime(2026, 6, 2, 8, tzinfo=UTC), 2026, False),  # the 1st is a Monday, and too early
        (datetime(2026, 11, 2, 9, tzinfo=UTC), 2026, False),  # by the clock of the winter
        (datetime(2027, 1, 4, 9, tzinfo=UTC), 2026, False),
        (datetime(2027, 3, 2, 9, tzinfo=UTC), 2026, False),
        (datetime(2026, 4, 8, 8, tzinfo=UTC), 2025, True),
        (datetime(2028, 4, 10, 8, tzinfo=UTC), 2027, True),  # the 8th is a Saturday
    ],
)
def test_a_report_is_due_at_nine_on_the_first_working_day(
    due_at: datetime, year: int, finished: bool
) -> None:
    found = due(due_at)
    assert found == DueReport(year, finished, f"{due_at:%Y-%m}", due_at, due_at + USEFUL_FOR)
    assert due(due_at - MINUTE) is None
    assert due(due_at + USEFUL_FOR - MINUTE) == found
    assert due(due_at + USEFUL_FOR) is None


def test_in_april_the_finished_year_takes_the_place_of_the_month() -> None:
    days = [datetime(2026, 4, day, 12, tzinfo=UTC) for day in range(1, 31)]
    assert {found.finished for day in days if (found := due(day))} == {True}


def test_a_service_may_want_the_whole_year_alone_or_nothing() -> None:
    april, may = datetime(2026, 4, 8, 9, tzinfo=UTC), datetime(2026, 5, 4, 9, tzinfo=UTC)
    assert [bool(due(day, YEARLY)) for day in (april, may)] == [True, False]
    assert [bool(due(day, NEVER)) for day in (april, may)] == [False, False]


def test_where_nine_is_quiet_it_waits_for_the_end_of_that() -> None:
    late = QuietHours((time(20), time(10, 30)), LONDON)
    found = due(datetime(2026, 5, 4, 9, 30, tzinfo=UTC), quiet=late)
    assert found is not None
    assert found.due_at == datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
    assert due(found.due_at - MINUTE, quiet=late) is None
