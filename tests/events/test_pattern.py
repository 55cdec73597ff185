"""An event without its date: 19:00 stays 19:00, whatever the clocks do."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.pattern import Pattern, from_json, pattern_of, plan_on, problems, to_json
from events.planning import Problem
from storage.events import Allocation, Mode, RsvpBy
from tests.events.seasons import LONDON, pattern

PATTERNS = st.builds(
    Pattern,
    title=st.text(min_size=1, max_size=9),
    kind=st.just("social"),
    starts=st.times().map(lambda clock: clock.replace(second=0, microsecond=0)),
    minutes=st.integers(1, 3000),
    mode=st.sampled_from(Mode),
    rsvp_by=st.sampled_from(RsvpBy),
    allocation=st.sampled_from(Allocation),
    capacity=st.none() | st.integers(1, 500),
    deadline_days=st.none() | st.integers(1, 60),
    invite_days=st.integers(1, 90),
    draft=st.just(False),
)


@pytest.mark.parametrize(
    ("day", "utc_hour"),
    [(date(2025, 3, 29), 19), (date(2025, 3, 30), 18), (date(2025, 10, 25), 18), (date(2025, 10, 26), 19)],
)
def test_seven_in_the_evening_stays_seven_across_both_changes_of_the_clocks(day: date, utc_hour: int) -> None:
    plan = plan_on(pattern(deadline_days=1, invite_days=14), day, LONDON)
    assert plan.starts_at == datetime(day.year, day.month, day.day, utc_hour, tzinfo=UTC)
    assert plan.starts_at.astimezone(LONDON).time() == time(19)
    assert plan.ends_at - plan.starts_at == timedelta(minutes=90)
    assert plan.rsvp_deadline is not None
    assert plan.rsvp_deadline.astimezone(LONDON).time() == time(17)
    assert plan.invite_at is not None
    assert plan.invite_at.astimezone(LONDON).time() == time(19)


def test_what_begins_in_the_hour_that_is_skipped_begins_an_hour_later_and_of_two_it_is_the_first() -> None:
    early = pattern(starts=time(1, 30), minutes=60)
    skipped = plan_on(early, date(2025, 3, 30), LONDON)
    assert skipped.starts_at.astimezone(LONDON).time() == time(2, 30)
    twice = plan_on(early, date(2025, 10, 26), LONDON)
    assert twice.starts_at == datetime(2025, 10, 26, 0, 30, tzinfo=UTC)


@given(PATTERNS, st.dates(date(2024, 1, 1), date(2027, 12, 31)))
def test_the_pattern_of_an_event_is_the_pattern_that_made_it(made_by: Pattern, day: date) -> None:
    plan = plan_on(made_by, day, LONDON)
    if plan.starts_at.astimezone(LONDON).time() == made_by.starts:  # unless the clocks skip it
        assert pattern_of(plan, LONDON) == made_by
    assert from_json(to_json(made_by)) == made_by


def test_an_event_whose_invitations_were_left_to_the_product_has_the_usual_28_days() -> None:
    plan = plan_on(pattern(draft=True), date(2025, 6, 3), LONDON)
    assert plan.invite_at is None
    assert pattern_of(plan, LONDON).invite_days == 28
    late = replace(plan, draft=False, invite_at=plan.starts_at - timedelta(hours=2))
    assert pattern_of(late, LONDON).invite_days == 1


def test_the_problems_of_a_pattern_are_those_of_its_events() -> None:
    assert problems(pattern()) == ()
    assert problems(pattern(title="", capacity=0)) == (Problem.NO_TITLE, Problem.CAPACITY_BELOW_ONE)
