"""Who gets a notice now, who later and who not at all."""

from datetime import UTC, datetime, time, timedelta

import pytest

from broadcasts.kinds import KINDS
from broadcasts.quiet import QuietHours, parse_span
from broadcasts.sender import Content, Skip
from storage.deliveries import Delivery, DeliveryState
from storage.engine import Session
from storage.households import OptOut
from tests.broadcasts.stage import DAY, Stage
from tests.support.cast import NOON
from tests.support.delivery import LONDON
from tests.support.fake_sender import NO_ANSWER

HELD, SENT, SKIPPED, MISSED = (
    DeliveryState.HELD,
    DeliveryState.SENT,
    DeliveryState.SKIPPED,
    DeliveryState.MISSED,
)
NIGHT = datetime(2025, 5, 6, 21, 0, tzinfo=UTC)  # 22:00 in London
MORNING = datetime(2025, 5, 7, 7, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def test_a_notice_reaches_everyone_it_is_for_and_keeps_its_message_ids(stage: Stage) -> None:
    await stage.queue("reminder", stage.cast.amal, stage.cast.jo, stage.cast.sam)
    await stage.go()
    rows = await stage.deliveries()
    assert [row.state for row in rows] == [SENT] * 3
    assert sorted(row.chat_id or 0 for row in rows) == [101, 102, 103]
    assert len({row.message_id for row in rows} - {None}) == 3
    assert {row.sent_at for row in rows} == {NOON}


async def test_the_same_notice_queued_again_reaches_only_who_is_new(stage: Stage) -> None:
    assert await stage.queue("reminder", stage.cast.amal) == 1
    assert await stage.queue("reminder", stage.cast.amal, stage.cast.sam) == 1
    await stage.go()
    assert stage.sender.sent_to(101) == ["reminder"]
    assert stage.sender.sent_to(103) == ["reminder"]


async def test_each_carer_is_written_to_in_their_language(stage: Stage) -> None:
    await stage.change(stage.cast.sam, language="ur")
    await stage.queue("reminder", stage.cast.sam, stage.cast.lin)
    await stage.go()
    assert stage.sender.sent_to(103) == ["reminder [ur]"]
    assert stage.sender.sent_to(104) == ["reminder"]


async def test_quiet_hours_of_a_carers_own_hold_what_can_wait_and_nothing_else(stage: Stage) -> None:
    await stage.change(stage.cast.amal, quiet_from=time(9), quiet_until=time(17))  # it is noon in London
    await stage.queue("invitation", stage.cast.amal, stage.cast.sam)
    await stage.queue("cancellation", stage.cast.amal)
    await stage.go()
    assert stage.sender.sent_to(101) == ["cancellation"]
    assert stage.sender.sent_to(103) == ["invitation"]
    [held] = [row for row in await stage.deliveries() if row.state is HELD]
    assert (held.reason, held.due_at) == ("quiet_hours", NOON + 5 * HOUR)
    await stage.go(NOON + 5 * HOUR)
    assert stage.sender.sent_to(101) == ["cancellation", "invitation"]


async def test_nothing_goes_out_before_it_is_due(stage: Stage) -> None:
    await stage.queue("reminder", stage.cast.amal, due_at=NOON + HOUR)
    assert await stage.go(NOON) == 0
    await stage.go(NOON + HOUR)
    assert stage.sender.sent_to(101) == ["reminder"]


async def test_urgent_news_goes_before_reminders_and_reminders_before_broadcasts(stage: Stage) -> None:
    for kind in ("broadcast", "invitation", "reminder", "cancellation"):
        await stage.queue(kind, stage.cast.lin)
    await stage.go()
    assert stage.sender.sent_to(104) == ["cancellation", "reminder", "invitation", "broadcast"]


async def test_what_is_due_at_night_is_held_until_the_morning(stage: Stage) -> None:
    await stage.queue("reminder", stage.cast.amal, now=NIGHT)
    await stage.go(NIGHT)
    held = await stage.delivery()
    assert (held.state, held.reason, held.due_at) == (HELD, "quiet_hours", MORNING)
    await stage.go(MORNING)
    assert await stage.stands() == [(SENT, None)]


@pytest.mark.parametrize("kind", ["cancellation", "change", "join_link"])
async def test_news_that_cannot_wait_goes_out_at_night_and_over_the_cap(stage: Stage, kind: str) -> None:
    stage.allow(weekly_cap=1)
    await stage.queue("invitation", stage.cast.amal)
    await stage.go()
    await stage.queue(kind, stage.cast.amal, now=NIGHT)
    await stage.go(NIGHT)
    assert stage.sender.sent_to(101) == ["invitation", kind]


async def test_without_quiet_hours_the_night_is_like_the_day(stage: Stage) -> None:
    stage.allow(quiet=QuietHours(None, LONDON))
    await stage.queue("reminder", stage.cast.amal, now=NIGHT)
    await stage.go(NIGHT)
    assert await stage.stands() == [(SENT, None)]


async def test_a_sixth_notice_in_seven_days_waits_until_the_first_is_a_week_old(stage: Stage) -> None:
    for day in range(5):
        await stage.queue("invitation", stage.cast.sam, about=f"day {day}", now=NOON + day * DAY)
        await stage.go(NOON + day * DAY)
    await stage.queue("invitation", stage.cast.sam, about="sixth", now=NOON + 5 * DAY)
    await stage.go(NOON + 5 * DAY)
    sixth = (await stage.deliveries())[-1]
    assert (sixth.state, sixth.reason, sixth.due_at) == (HELD, "weekly_cap", NOON + 7 * DAY)
    await stage.go(NOON + 7 * DAY)
    assert (await stage.stands())[-1] == (SENT, None)


async def test_a_reminder_of_a_survey_waits_for_the_cap_and_does_not_count(stage: Stage) -> None:
    """What is held back because of it would say on a broadcast's page who had not answered."""
    stage.allow(weekly_cap=1)
    await stage.queue("survey_reminder", stage.cast.sam)
    await stage.go()
    await stage.queue("broadcast", stage.cast.sam)
    await stage.go()
    assert await stage.stands() == [(SENT, None)] * 2
    await stage.queue("survey_reminder", stage.cast.sam, about="second")
    await stage.go()
    assert (await stage.stands())[-1] == (HELD, "weekly_cap")


async def test_one_notice_to_both_carers_counts_once(stage: Stage) -> None:
    stage.allow(weekly_cap=2)
    for about in ("first", "second"):
        await stage.queue("invitation", stage.cast.amal, stage.cast.jo, about=about)
    await stage.go()
    assert [state for state, _ in await stage.stands()] == [SENT] * 4


async def test_the_other_carer_gets_what_the_household_had_already_whatever_the_cap(stage: Stage) -> None:
    stage.allow(weekly_cap=1)
    await stage.queue("invitation", stage.cast.amal, about="shared")
    await stage.go()
    await stage.queue("invitation", stage.cast.jo, about="shared")
    await stage.queue("invitation", stage.cast.jo, about="another")
    await stage.go(NOON + HOUR)
    assert [state for state, _ in await stage.stands()] == [SENT, SENT, HELD]


async def test_the_cap_holds_within_one_moment_too(stage: Stage) -> None:
    stage.allow(weekly_cap=2)
    for number in range(4):
        person = stage.cast.amal if number % 2 else stage.cast.jo
        await stage.queue("invitation", person, about=str(number))
    await stage.go()
    assert sorted(state for state, _ in await stage.stands()) == [HELD, HELD, SENT, SENT]


async def test_the_cap_of_one_household_is_not_that_of_another(stage: Stage) -> None:
    stage.allow(weekly_cap=1)
    await stage.queue("invitation", stage.cast.amal, about="theirs")
    await stage.queue("invitation", stage.cast.sam, about="his")
    await stage.go()
    assert [state for state, _ in await stage.stands()] == [SENT, SENT]


async def test_reminders_and_offers_neither_count_nor_wait(stage: Stage) -> None:
    stage.allow(weekly_cap=1)
    for kind in ("offer", "reminder", "invitation"):
        await stage.queue(kind, stage.cast.amal)
    await stage.go()
    assert [state for state, _ in await stage.stands()] == [SENT, SENT, SENT]
    await stage.queue("reminder", stage.cast.amal, about="b")
    await stage.go()
    assert (await stage.stands())[-1] == (SENT, None)


async def test_what_may_have_arrived_counts_towards_the_cap(stage: Stage) -> None:
    stage.allow(weekly_cap=1)
    await stage.queue("invitation", stage.cast.amal, about="first")
    stage.sender.will(NO_ANSWER)
    await stage.go()
    await stage.queue("invitation", stage.cast.amal, about="second")
    await stage.go(NOON + HOUR)
    assert [state for state, _ in await stage.stands()] == [DeliveryState.UNKNOWN, HELD]


async def test_the_end_of_the_cap_is_not_at_night(stage: Stage) -> None:
    stage.allow(weekly_cap=1)
    evening = datetime(2025, 5, 6, 19, 59, tzinfo=UTC)
    await stage.queue("invitation", stage.cast.amal, about="first", now=evening)
    await stage.go(evening)
    await stage.queue("invitation", stage.cast.amal, about="second", now=evening)
    await stage.go(evening + timedelta(seconds=30))
    assert (await stage.deliveries())[-1].due_at == evening + 7 * DAY
    late = QuietHours(parse_span("20:30-08:00"), LONDON)
    stage.allow(quiet=late)
    await stage.queue("invitation", stage.cast.amal, about="third", now=NOON + DAY)
    await stage.go(NOON + DAY)
    assert (await stage.deliveries())[-1].due_at == MORNING + 7 * DAY


async def test_a_notice_whose_time_has_passed_is_missed_and_never_sent(stage: Stage) -> None:
    await stage.queue("reminder", stage.cast.amal, send_by=NOON + HOUR)
    await stage.go(NOON + HOUR)
    assert await stage.stands() == [(MISSED, "late")]
    assert stage.sender.requests == []


async def test_what_would_be_held_for_too_long_is_missed_at_its_send_by_time_and_says_why(
    stage: Stage,
) -> None:
    await stage.queue("reminder", stage.cast.amal, now=NIGHT, send_by=NIGHT + HOUR)
    await stage.go(NIGHT)
    assert (await stage.delivery()).due_at == NIGHT + HOUR
    await stage.go(NIGHT + HOUR)
    assert await stage.stands() == [(MISSED, "quiet_hours")]


async def test_after_a_long_outage_what_is_still_of_use_goes_out_and_the_rest_is_missed(stage: Stage) -> None:
    await stage.queue("reminder", stage.cast.amal, about="soon", send_by=NOON + HOUR)
    await stage.queue("reminder", stage.cast.amal, about="next week", send_by=NOON + 7 * DAY)
    await stage.go(NOON + DAY)
    assert await stage.stands() == [(MISSED, "late"), (SENT, None)]


async def test_a_carer_without_the_app_is_skipped(stage: Stage) -> None:
    await stage.change(stage.cast.amal, chat_id=None)
    await stage.queue("cancellation", stage.cast.amal)
    await stage.go()
    assert await stage.stands() == [(SKIPPED, "no_app")]


async def test_a_carer_who_cannot_be_reached_is_not_tried_again(stage: Stage) -> None:
    await stage.change(stage.cast.amal, unreachable_since=NOON, unreachable_reason="blocked")
    await stage.queue("reminder", stage.cast.amal)
    await stage.go()
    assert await stage.stands() == [(SKIPPED, "blocked")]


async def test_staff_who_have_left_are_told_nothing(stage: Stage) -> None:
    await stage.change(stage.cast.priya, left_on=NOON.date())
    await stage.queue("staff_alert", stage.cast.priya)
    await stage.go()
    assert await stage.stands() == [(SKIPPED, "no_app")]


async def test_after_stop_nothing_optional_comes_but_what_they_said_yes_to_does(stage: Stage) -> None:
    await stage.change(stage.cast.amal, stopped_at=NOON)
    await stage.queue("cancellation", stage.cast.amal)
    await stage.queue("invitation", stage.cast.amal)
    await stage.go()
    assert await stage.stands() == [(SENT, None), (SKIPPED, "stopped")]


async def test_who_opted_out_of_a_topic_gets_none_of_its_invitations_but_its_cancellation(
    stage: Stage,
) -> None:
    invitation = await stage.invite(stage.cast.amal, kind="training")
    await stage.add(OptOut(carer_id=stage.cast.amal.id, topic="training"))
    await stage.queue("invitation", stage.cast.amal, event_id=invitation.event_id)
    await stage.queue("cancellation", stage.cast.amal, event_id=invitation.event_id)
    await stage.go()
    assert await stage.stands() == [(SKIPPED, "opted_out"), (SENT, None)]


async def test_opting_out_of_training_leaves_surveys_and_socials(stage: Stage) -> None:
    invitation = await stage.invite(stage.cast.amal, kind="social")
    await stage.add(OptOut(carer_id=stage.cast.amal.id, topic="training"))
    await stage.queue("invitation", stage.cast.amal, event_id=invitation.event_id)
    await stage.queue("survey", stage.cast.amal)
    await stage.go()
    assert await stage.stands() == [(SENT, None), (SENT, None)]


async def test_who_opted_out_of_surveys_gets_none(stage: Stage) -> None:
    await stage.add(OptOut(carer_id=stage.cast.amal.id, topic="surveys"))
    await stage.queue("survey", stage.cast.amal, stage.cast.jo)
    await stage.go()
    assert await stage.stands() == [(SKIPPED, "opted_out"), (SENT, None)]


async def test_who_paused_gets_it_when_the_pause_ends(stage: Stage) -> None:
    await stage.change(stage.cast.amal, paused_until=NOON + 3 * DAY)
    await stage.queue("invitation", stage.cast.amal)
    await stage.queue("reminder", stage.cast.amal)
    await stage.go()
    assert sorted(await stage.stands()) == [(HELD, "paused"), (SENT, None)]
    await stage.go(NOON + 3 * DAY)
    assert await stage.stands() == [(SENT, None), (SENT, None)]


async def test_whoever_composes_may_leave_someone_out_and_say_why(stage: Stage) -> None:
    async def answered(session: Session, delivery: Delivery, now: datetime) -> Content | Skip:
        return Skip("already_answered") if delivery.carer_id == stage.cast.amal.id else Content("nudge", {})

    stage.composer.kinds["nudge"] = answered
    await stage.queue("nudge", stage.cast.amal, stage.cast.sam)
    await stage.go()
    assert await stage.stands() == [(SKIPPED, "already_answered"), (SENT, None)]


async def test_what_is_said_is_what_is_true_when_it_goes_out(stage: Stage) -> None:
    async def live(session: Session, delivery: Delivery, now: datetime) -> Content | Skip:
        return Content("reminder", {"text": f"{now:%H:%M}"})

    stage.composer.kinds["reminder"] = live
    await stage.queue("reminder", stage.cast.amal)
    await stage.go(NOON + HOUR)
    assert stage.sender.sent_to(101) == ["reminder: 12:00"]


async def test_hundreds_that_are_held_do_not_keep_one_that_may_go_from_going(stage: Stage) -> None:
    await stage.change(stage.cast.amal, paused_until=NOON + DAY)
    for number in range(250):
        await stage.queue("invitation", stage.cast.amal, about=str(number))
    await stage.queue("invitation", stage.cast.sam, about="last")
    await stage.go()
    assert stage.sender.sent_to(103) == ["invitation"]


def test_a_weekly_cap_of_nothing_is_refused(stage: Stage) -> None:
    with pytest.raises(ValueError, match="1 or more"):
        stage.allow(weekly_cap=0)


def test_only_news_that_cannot_wait_is_repeated() -> None:
    repeated = {kind.name for kind in KINDS.values() if kind.repeats}
    assert repeated == {"cancellation", "change", "join_link"}
