"""Rules make days: in order, each once, within the terms, and as people say them."""

import calendar
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.rhythm import (
    NAMED,
    Rhythm,
    TermDates,
    Unit,
    days,
    from_json,
    in_term,
    in_words,
    to_json,
)
from tests.events.seasons import (
    AUTUMN_1,
    AUTUMN_2,
    SCHOOL_YEAR,
    SPRING_1,
    SPRING_2,
    SUMMER_1,
    SUMMER_2,
)

A_YEAR = timedelta(days=366)
DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
RHYTHMS = st.builds(Rhythm, st.sampled_from(Unit), st.integers(1, 13), st.booleans(), st.booleans())


@st.composite
def term_dates(draw: st.DrawFn) -> list[TermDates]:
    """Up to nine stretches of school, none of which touches another."""
    begins, terms = draw(DAYS), []
    for length, gap in draw(st.lists(st.tuples(st.integers(1, 100), st.integers(2, 60)), max_size=9)):
        ends = begins + timedelta(days=length)
        terms.append(TermDates("Term", begins, ends))
        begins = ends + timedelta(days=gap)
    return draw(st.permutations(terms))


@given(RHYTHMS, DAYS, st.integers(-10, 1500), term_dates())
def test_days_are_in_order_each_once_and_within_the_terms(
    rhythm: Rhythm, first_on: date, span: int, terms: list[TermDates]
) -> None:
    until = first_on + timedelta(days=span)
    found = list(days(rhythm, first_on, until, terms))
    on = [occurrence.day for occurrence in found]
    numbers = [occurrence.number for occurrence in found]
    assert on == sorted(set(on))
    assert numbers == sorted(set(numbers))
    assert all(first_on <= day <= until for day in on)
    assert all(day.weekday() == first_on.weekday() for day in on) or rhythm.unit is Unit.MONTH_BY_DAY
    if rhythm.needs_terms:
        assert all(in_term(day, terms) for day in on)


@given(RHYTHMS.filter(lambda rhythm: rhythm.unit is not Unit.TERM), DAYS, term_dates())
def test_days_are_those_that_counting_on_a_calendar_finds(
    rhythm: Rhythm, first_on: date, terms: list[TermDates]
) -> None:
    until = first_on + timedelta(days=1000)
    counted = [
        (day, number)
        for number, day in enumerate(counted_by_hand(rhythm, first_on, until))
        if not rhythm.term_time_only or in_term(day, terms)
    ]
    assert [(found.day, found.number) for found in days(rhythm, first_on, until, terms)] == counted


def counted_by_hand(rhythm: Rhythm, first_on: date, until: date) -> Iterator[date]:
    for step in count(0, rhythm.every):
        if rhythm.unit is Unit.WEEK:
            day = first_on + timedelta(weeks=step)
        else:
            year, month = divmod(first_on.year * 12 + first_on.month - 1 + step, 12)
            day = day_of_month(rhythm.unit, first_on, year, month + 1)
        if day > until:
            return
        yield day


def day_of_month(unit: Unit, first_on: date, year: int, month: int) -> date:
    last = calendar.monthrange(year, month)[1]
    if unit is Unit.MONTH_BY_DAY:
        return date(year, month, min(first_on.day, last))
    all_days = (date(year, month, day) for day in range(1, last + 1))
    same = [day for day in all_days if day.weekday() == first_on.weekday()]
    return same[-1] if first_on.day > 28 else same[(first_on.day - 1) // 7]


@given(RHYTHMS.filter(lambda rhythm: not rhythm.needs_terms), DAYS)
def test_the_first_day_is_the_first(rhythm: Rhythm, first_on: date) -> None:
    first = next(days(rhythm, first_on, first_on + A_YEAR, ()))
    assert (first.day, first.number) == (first_on, 0)


def on(rhythm: Rhythm, first_on: date, until: date) -> list[str]:
    return [f"{found.day:%d %b}" for found in days(rhythm, first_on, until, SCHOOL_YEAR)]


@pytest.mark.parametrize(
    ("name", "first_on", "until", "expected"),
    [
        ("fortnightly", date(2025, 5, 8), date(2025, 6, 6), ["08 May", "22 May", "05 Jun"]),
        # The second Tuesday; the fifth is the last.
        ("monthly", date(2025, 5, 13), date(2025, 8, 31), ["13 May", "10 Jun", "08 Jul", "12 Aug"]),
        ("monthly", date(2025, 4, 29), date(2025, 7, 31), ["29 Apr", "27 May", "24 Jun", "29 Jul"]),
        ("quarterly", date(2025, 5, 13), date(2025, 12, 31), ["13 May", "12 Aug", "11 Nov"]),
        ("yearly", date(2025, 5, 24), date(2027, 6, 1), ["24 May", "23 May", "22 May"]),
        # Half term is from the 24th of May to the 1st of June.
        ("weekly-term-time", date(2025, 5, 15), date(2025, 6, 12), ["15 May", "22 May", "05 Jun", "12 Jun"]),
        # The third week of each term; halves are one term.
        ("termly", date(2025, 5, 13), date(2026, 4, 30), ["13 May", "16 Sep", "20 Jan"]),
        # The ninth week of autumn is half term, and the nearest week before it counts.
        ("termly", date(2025, 6, 24), date(2025, 12, 31), ["24 Jun", "21 Oct"]),
        # A first day in the holidays stands for the first week of the next term.
        ("termly", date(2025, 8, 5), date(2026, 3, 1), ["02 Sep", "06 Jan"]),
    ],
)
def test_named_rhythms_have_the_days_that_people_expect(
    name: str, first_on: date, until: date, expected: list[str]
) -> None:
    assert on(NAMED[name], first_on, until) == expected


def test_a_day_of_the_month_that_is_missing_is_the_last() -> None:
    last_days = on(Rhythm(Unit.MONTH_BY_DAY), date(2025, 1, 31), date(2025, 5, 1))
    assert last_days == ["31 Jan", "28 Feb", "31 Mar", "30 Apr"]
    leap = list(days(Rhythm(Unit.MONTH_BY_DAY, 12), date(2024, 2, 29), date(2028, 3, 1), ()))
    assert [found.day.day for found in leap] == [29, 28, 28, 28, 29]


def test_numbers_count_through_the_holidays_so_that_turns_are_kept() -> None:
    weekly = Rhythm(Unit.WEEK, term_time_only=True, alternate=True)
    found = list(days(weekly, date(2025, 5, 15), date(2025, 6, 12), SCHOOL_YEAR))
    assert [occurrence.number for occurrence in found] == [0, 1, 3, 4]
    assert [weekly.is_online(occurrence.number) for occurrence in found] == [False, True, True, False]
    assert Rhythm(Unit.WEEK, alternate=True, online_first=True).is_online(0)
    assert not Rhythm(Unit.WEEK, online_first=True).is_online(0)


def test_every_other_term_counts_whole_terms() -> None:
    terms = (SUMMER_1, SUMMER_2, AUTUMN_1, AUTUMN_2, SPRING_1, SPRING_2)
    found = list(days(Rhythm(Unit.TERM, 2), date(2025, 5, 13), date(2026, 4, 30), terms))
    assert [(occurrence.day.month, occurrence.number) for occurrence in found] == [(5, 0), (1, 1)]


@pytest.mark.parametrize(
    ("rhythm", "words"),
    [
        (NAMED["weekly"], "Every week, on Tuesdays"),
        (NAMED["weekly-term-time"], "Every week in term time, on Tuesdays"),
        (NAMED["fortnightly"], "Every two weeks, on Tuesdays"),
        (NAMED["monthly"], "Every month, on the second Tuesday"),
        (NAMED["quarterly"], "Every three months, on the second Tuesday"),
        (NAMED["yearly"], "Every year, on the second Tuesday of May"),
        (NAMED["termly"], "Once a term, on a Tuesday"),
        (Rhythm(Unit.MONTH_BY_DAY), "Every month, on the 13th"),
        (Rhythm(Unit.TERM, 2), "Once in two terms, on a Tuesday"),
        (Rhythm(Unit.MONTH_BY_DAY, 24), "Every two years, on the 13th of May"),
        (Rhythm(Unit.WEEK, 13), "Every 13 weeks, on Tuesdays"),
        (
            Rhythm(Unit.MONTH_BY_WEEKDAY, 3, alternate=True),
            "Every three months, on the second Tuesday, in person and online in turn",
        ),
    ],
)
def test_a_rule_is_said_in_words(rhythm: Rhythm, words: str) -> None:
    assert in_words(rhythm, date(2025, 5, 13)) == words


def test_the_fifth_is_called_the_last() -> None:
    assert in_words(NAMED["monthly"], date(2025, 4, 29)) == "Every month, on the last Tuesday"
    assert in_words(Rhythm(Unit.MONTH_BY_DAY), date(2025, 5, 31)) == "Every month, on the last day"
    assert in_words(Rhythm(Unit.MONTH_BY_DAY), date(2025, 5, 22)) == "Every month, on the 22nd"


@given(RHYTHMS)
def test_a_rhythm_comes_back_from_the_database_as_it_was(rhythm: Rhythm) -> None:
    assert from_json(to_json(rhythm)) == rhythm


@pytest.mark.parametrize("every", [0, -1, 61])
def test_what_comes_never_or_hardly_ever_is_no_rhythm(every: int) -> None:
    with pytest.raises(ValueError, match="every"):
        Rhythm(Unit.WEEK, every)
