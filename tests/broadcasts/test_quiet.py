"""Quiet hours on the wall clock, also when the clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from broadcasts.quiet import QuietHours, parse_span
from tests.support.delivery import LONDON

NIGHT = QuietHours(parse_span("21:00-08:00"), LONDON)
MINUTE = timedelta(minutes=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [
        ("2025-05-06 19:59", False),  # 20:59 in London
        ("2025-05-06 20:00", True),
        ("2025-05-07 06:59", True),
        ("2025-05-07 07:00", False),
        ("2025-01-06 20:59", False),  # winter: London is UTC
        ("2025-01-06 21:00", True),
    ],
)
def test_the_night_is_quiet_on_the_clock_on_the_wall(moment: str, quiet: bool) -> None:
    assert NIGHT.is_quiet(at(moment)) is quiet


def test_quiet_hours_end_at_eight_the_next_morning() -> None:
    assert NIGHT.ends(at("2025-05-06 22:00")) == at("2025-05-07 07:00")


def test_a_moment_that_is_not_quiet_is_its_own_end() -> None:
    assert NIGHT.ends(at("2025-05-06 12:00")) == at("2025-05-06 12:00")


def test_the_night_the_clocks_go_forward_ends_an_hour_sooner() -> None:
    assert NIGHT.ends(at("2025-03-29 22:00")) == at("2025-03-30 07:00")


def test_the_night_the_clocks_go_back_ends_an_hour_later() -> None:
    assert NIGHT.ends(at("2025-10-25 22:00")) == at("2025-10-26 08:00")


def test_a_reminder_due_at_night_goes_before_the_night() -> None:
    assert NIGHT.last_before(at("2025-05-07 05:00")) == at("2025-05-06 19:45")


def test_a_reminder_due_by_day_keeps_its_time() -> None:
    assert NIGHT.last_before(at("2025-05-07 12:00")) == at("2025-05-07 12:00")


def test_where_the_day_is_shorter_than_the_margin_the_last_minute_is_taken() -> None:
    almost_always = QuietHours(parse_span("08:10-08:00"), LONDON)
    assert almost_always.last_before(at("2025-05-06 12:00")) == at("2025-05-06 07:09")


def test_an_empty_setting_means_no_quiet_hours() -> None:
    never = QuietHours(parse_span(""), LONDON)
    assert not never.is_quiet(at("2025-05-06 23:00"))
    assert never.ends(at("2025-05-06 23:00")) == at("2025-05-06 23:00")


@pytest.mark.parametrize("text", ["21-8", "21:00", "25:00-08:00", "21:60-08:00", "night", "21:00-08:00x"])
def test_a_wrong_setting_says_what_would_be_right(text: str) -> None:
    with pytest.raises(ValueError, match="21:00-08:00"):
        QuietHours(parse_span(text), LONDON)


def test_hours_that_begin_when_they_end_are_refused() -> None:
    with pytest.raises(ValueError, match="different times"):
        QuietHours(parse_span("08:00-08:00"), LONDON)


def test_the_hours_of_a_carer_are_quiet_besides_those_of_the_service() -> None:
    longer = NIGHT.with_own(parse_span("18:00-09:30"))
    assert longer.is_quiet(at("2025-05-06 17:30"))
    assert longer.ends(at("2025-05-06 22:00")) == at("2025-05-07 08:30")
    assert longer.last_before(at("2025-05-07 05:00")) == at("2025-05-06 16:45")
    at_work = NIGHT.with_own(parse_span("09:00-17:00"))
    assert at_work.ends(at("2025-05-06 22:00")) == at("2025-05-07 07:00")
    assert at_work.ends(at("2025-05-07 09:00")) == at("2025-05-07 16:00")
    assert at_work.begins(at("2025-05-07 07:30")) == at("2025-05-07 08:00")


def test_hours_that_would_leave_no_time_of_the_day_count_for_nothing() -> None:
    assert NIGHT.with_own(parse_span("08:00-21:00")) is NIGHT
    assert NIGHT.with_own(parse_span("09:30-21:00")) is NIGHT
    assert NIGHT.with_own(parse_span("10:00-21:00")) is not NIGHT
    assert NIGHT.with_own(None) is NIGHT


_zones = some.sampled_from(["Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Karachi"])
_spans = some.sampled_from(["21:00-08:00", "01:30-08:00", "22:00-01:30", "13:00-14:00", "02:15-01:45"])
_near_a_change = some.builds(
    lambda day, minutes: at(day) + timedelta(minutes=minutes),
    some.sampled_from(["2025-03-30", "2025-10-26", "2025-04-05", "2025-11-02", "2025-07-01"]),
    some.integers(-2000, 2000),
)


_own = some.sampled_from(["", "20:00-10:00", "09:00-17:00", "01:15-02:45", "06:00-22:30", "00:00-12:00"])


@given(_zones, _spans, _own, _near_a_change)
def test_both_edges_are_the_first_and_last_minute_there_is(
    zone: str, span: str, own: str, now: datetime
) -> None:
    quiet = QuietHours(parse_span(span), ZoneInfo(zone)).with_own(parse_span(own))
    later = earlier = now
    while quiet.is_quiet(later):
        later += MINUTE
    while quiet.is_quiet(earlier):
        earlier -= MINUTE
    assert quiet.ends(now) == later
    assert quiet.last_before(now, margin=MINUTE) == earlier
