"""The fostering year: 1 April to 31 March, written 2022/23."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAYS_KEPT = 16_384
"""A large register asks for the same days again and again: those of twenty years and their anniversaries."""


class NotAYear(ValueError):
    """The text names no fostering year; the message says what would."""


@dataclass(frozen=True, slots=True, order=True)
class FosteringYear:
    """The year that begins on 1 April of ``start``. Dates are local calendar dates, both ends included."""

    start: int

    def __str__(self) -> str:
        return f"{self.start}/{(self.start + 1) % 100:02d}"

    @property
    def first_day(self) -> date:
        return date(self.start, 4, 1)

    @property
    def last_day(self) -> date:
        return date(self.start + 1, 3, 31)

    def __contains__(self, day: date | None) -> bool:
        return day is not None and self.first_day <= day <= self.last_day

    def back(self, years: int) -> "FosteringYear":
        return FosteringYear(self.start - years)

    def as_at(self, data_date: date) -> date:
        """The day on which the year is looked at: its last one, or today while it runs."""
        return min(self.last_day, data_date)

    def same_day(self, day: date) -> date:
        """The day of this year that ``day`` is of its own; 28 February for a 29th that there is not."""
        try:
            return day.replace(year=day.year + self.start - year_of(day).start)
        except ValueError:
            return day.replace(year=day.year + self.start - year_of(day).start, day=28)

    def span(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The year in UTC: from its first local midnight to the midnight that ends it."""
        return midnight(self.first_day, zone), midnight(self.last_day + timedelta(days=1), zone)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The moment at which this local day begins, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def parse_year(text: str) -> FosteringYear:
    """The year that ``2022/23`` names. Raises `NotAYear` for anything else."""
    match = re.fullmatch(r"(\d{4})/(\d{2})", text.strip(), re.ASCII)
    if match is None or not 1900 <= int(match[1]) < 2200:
        raise NotAYear(f"{text!r} is not a year. Write it as 2022/23: from 1 April 2022 to 31 March 2023.")
    year = FosteringYear(int(match[1]))
    if str(year) != match[0]:
        raise NotAYear(f"{text!r} is not one year. The year that begins on 1 April {year.start} is {year}.")
    return year


@lru_cache(DAYS_KEPT)
def year_of(day: date) -> FosteringYear:
    """The fostering year in which this day lies."""
    return FosteringYear(day.year if (day.month, day.day) >= (4, 1) else day.year - 1)


@lru_cache(DAYS_KEPT)
def anniversary(day: date, years: int) -> date:
    """The same day so many years on; what began on 29 February counts from 1 March in common years."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def six_months_before(day: date) -> date:
    """The day after which the two quarters up to and including this day begin: 30 September for 31 March."""
    months = day.year * 12 + day.month - 1 - 6
    year, month = divmod(months, 12)
    ends_month = (day + timedelta(days=1)).day == 1
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, last if ends_month else min(day.day, last))
