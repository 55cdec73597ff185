"""Nudges, reminders and join links: from the live time, to whom they are for, and never too late."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from broadcasts.quiet import QuietHours, parse_span
from broadcasts.sender import Content, Skip
from events.holds import LONDON
from events.kind_rules import Rules, set_rules
from events.notices import COMPOSERS
from events.planning import cancel_event, change_event, plan_of
from events.reminders import any_to_nudge, queue_due, queue_nudges
from events.rsvp import Choice
from storage.deliveries import DeliveryState
from storage.engine import Database, Session
from storage.events import Event
from storage.households import Household
from storage.rsvp import RsvpState
from tests.events.acts import (
    HYBRID,
    IN_TWO_WEEKS,
    invitation_of,
    invited_event,
    queued,
    taps,
    told,
)
from tests.support.cast import NOON, Cast, gather

QUIET = QuietHours(parse_span("21:00-08:00"), LONDON)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


async def tick(session: Session, now: datetime) -> int:
    nudging = await any_to_nudge(session, now)
    nudged = await queue_nudges(session, now)
    assert nudging == (nudged > 0)  # the look says whether there is anything to do
    return nudged + await queue_due(session, now, QUIET)


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


async def arrived(session: Session, at: datetime = NOON) -> None:
    """What is queued has been sent."""
    for row in await queued(session, "invitation"):
        row.state, row.sent_at = DeliveryState.SENT, at
    await session.flush()


async def test_who_does_not_answer_is_nudged_after_three_days_and_before_the_deadline_and_no_more(
    database: Database,
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, starts_at=NOON + 20 * DAY, rsvp_deadline=NOON + 10 * DAY)
        await arrived(session)
        await taps(session, event, cast.amal, Choice.GOING)
        assert await tick(session, NOON + 3 * DAY - HOUR) == 0
        assert await tick(session, NOON + 3 * DAY) == 3
        assert await tick(session, NOON + 4 * DAY) == 0
        await taps(session, event, cast.sam, Choice.NOT_GOING)
        assert await tick(session, NOON + 8 * DAY) == 2
        assert await tick(session, NOON + 9 * DAY) == 0
        assert await told(session, "nudge") == [
            *(cast.jo.id, cast.jo.id),
            cast.sam.id,
            *(cast.lin.id, cast.lin.id),
        ]


async def test_who_never_got_the_invitation_is_not_nudged(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await invited_event(session, cast)
        assert await tick(session, NOON + 4 * DAY) == 0


async def test_two_nudges_are_never_a_day_apart_or_less(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await invited_event(session, cast, rsvp_deadline=NOON + 5 * DAY)
        await arrived(session)
        assert await tick(session, NOON + 3 * DAY) == 4  # both are due: one is sent
        assert await tick(session, NOON + 3 * DAY + HOUR) == 0
        assert await tick(session, NOON + 4 * DAY + HOUR) == 0


async def test_those_who_are_coming_are_reminded_a_week_and_a_day_before(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        await taps(session, event, cast.amal, Choice.GOING)
        await taps(session, event, cast.sam, Choice.MAYBE)
        await taps(session, event, cast.lin, Choice.NOT_GOING)
        assert await tick(session, IN_TWO_WEEKS - 7 * DAY - HOUR) == 0
        assert await tick(session, IN_TWO_WEEKS - 7 * DAY) == 2
        assert await tick(session, IN_TWO_WEEKS - 7 * DAY + HOUR) == 0
        assert await tick(session, IN_TWO_WEEKS - DAY) == 2
        assert await tick(session, IN_TWO_WEEKS + HOUR) == 0
        assert await told(session, "reminder") == [cast.amal.id, cast.amal.id, cast.sam.id, cast.sam.id]
        assert {row.send_by for row in await queued(session, "reminder")} == {event.starts_at}


async def test_a_late_sign_up_gets_the_next_reminder_and_none_that_is_past(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        await taps(session, event, cast.amal, Choice.GOING, IN_TWO_WEEKS - 3 * DAY)
        assert await tick(session, IN_TWO_WEEKS - 3 * DAY + HOUR) == 0
        assert await tick(session, IN_TWO_WEEKS - DAY) == 1


async def test_after_an_outage_a_reminder_still_goes_while_it_is_useful(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        await taps(session, event, cast.amal, Choice.GOING)
        assert await tick(session, IN_TWO_WEEKS - HOUR) == 1
        assert len(await queued(session, "reminder")) == 1


async def test_a_moved_event_moves_its_reminders(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        await taps(session, event, cast.amal, Choice.GOING)
        await tick(session, IN_TWO_WEEKS - 7 * DAY)
        moved = replace(plan_of(event), starts_at=event.starts_at + 7 * DAY, ends_at=event.ends_at + 7 * DAY)
        await change_event(session, event.id, moved, cast.priya, IN_TWO_WEEKS - 7 * DAY + HOUR)
        assert (await queued(session, "reminder"))[0].state is DeliveryState.CANCELLED
        assert await tick(session, IN_TWO_WEEKS - DAY) == 0
        assert await tick(session, IN_TWO_WEEKS) == 1
        earlier = replace(plan_of(event), starts_at=IN_TWO_WEEKS + 2 * DAY, ends_at=IN_TWO_WEEKS + 3 * DAY)
        await change_event(session, event.id, earlier, cast.priya, IN_TWO_WEEKS + HOUR)
        assert await tick(session, IN_TWO_WEEKS + 2 * HOUR) == 0  # the change itself told them
        assert await tick(session, IN_TWO_WEEKS + DAY) == 1


async def test_a_reminder_that_falls_in_quiet_hours_goes_before_them(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        early = datetime(2025, 5, 20, 6, 30, tzinfo=LONDON)
        event = await invited_event(session, cast, starts_at=early)
        await taps(session, event, cast.amal, Choice.GOING)
        the_evening_before = datetime(2025, 5, 18, 20, 45, tzinfo=LONDON)
        await tick(session, the_evening_before - HOUR)
        before = len(await queued(session, "reminder"))
        await tick(session, the_evening_before)
        assert len(await queued(session, "reminder")) == before + 1


async def test_who_has_quiet_hours_of_their_own_is_reminded_before_those_and_once(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        cast.amal.quiet_from, cast.amal.quiet_until = time(9), time(17)
        event = await invited_event(session, cast)  # at noon
        for carer in (cast.amal, cast.sam):
            await taps(session, event, carer, Choice.GOING)
        the_day_before = london("2025-05-19 08:45")
        await tick(session, the_day_before - timedelta(minutes=1))  # those of the week before
        assert sorted(await told(session, "reminder")) == [cast.amal.id, cast.sam.id]
        await tick(session, the_day_before)
        assert sorted(await told(session, "reminder")) == [cast.amal.id, cast.amal.id, cast.sam.id]
        await tick(session, london("2025-05-19 12:00"))
        assert sorted(await told(session, "reminder")) == sorted([cast.amal.id, cast.sam.id] * 2)


@pytest.mark.parametrize(("before", "after"), [(None, time(18)), (time(18), None), (time(18), time(17))])
async def test_who_changes_their_quiet_hours_between_two_moments_is_reminded_once(
    database: Database, before: time | None, after: time | None
) -> None:
    """The event is at 19:00, so its reminders are due then, or before the hours of who has some."""
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, starts_at=london("2025-05-20 19:00"))
        for carer, begin in ((cast.amal, before), (cast.lin, time(17)), (cast.sam, time(18))):
            carer.quiet_from, carer.quiet_until = begin, time(10) if begin else None
            await taps(session, event, carer, Choice.GOING)
        await tick(session, london("2025-05-13 17:50"))
        cast.amal.quiet_from, cast.amal.quiet_until = after, time(10) if after else None
        for clock in ("18:10", "19:00", "20:00"):
            await tick(session, london(f"2025-05-13 {clock}"))
        assert sorted(await told(session, "reminder")) == [cast.amal.id, cast.sam.id, cast.lin.id]


async def test_who_comes_to_have_the_hours_of_others_already_reminded_is_reminded_as_well(
    database: Database,
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, starts_at=london("2025-05-20 19:00"))
        cast.sam.quiet_from, cast.sam.quiet_until = time(18), time(10)
        for carer in (cast.amal, cast.sam):
            await taps(session, event, carer, Choice.GOING)
        await tick(session, london("2025-05-13 17:50"))
        cast.amal.quiet_from, cast.amal.quiet_until = time(18), time(10)
        for clock in ("18:10", "19:00", "20:00"):
            await tick(session, london(f"2025-05-13 {clock}"))
        assert sorted(await told(session, "reminder")) == [cast.amal.id, cast.sam.id]


async def test_a_kind_is_reminded_of_on_the_days_that_staff_chose_for_it(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await set_rules(session, "training", Rules((10, 0)), 0, cast.priya, NOON)
        training = await invited_event(session, cast, kind="training")
        social = await invited_event(session, cast)
        for event in (training, social):
            await taps(session, event, cast.amal, Choice.GOING)
        assert await tick(session, IN_TWO_WEEKS - 10 * DAY - HOUR) == 0
        assert await tick(session, IN_TWO_WEEKS - 10 * DAY) == 1
        assert await tick(session, IN_TWO_WEEKS - 7 * DAY) == 1
        assert await tick(session, IN_TWO_WEEKS - DAY) == 1
        the_morning = datetime(2025, 5, 20, 8, tzinfo=LONDON)
        assert await tick(session, the_morning - timedelta(minutes=1)) == 0
        assert await tick(session, the_morning) == 1
        reminded = [row.event_id for row in await queued(session, "reminder")]
        assert reminded == [training.id, social.id, social.id, training.id]


@pytest.mark.parametrize(
    ("starts_at", "moment"),
    [
        ("2025-05-20 13:00", "2025-05-20 08:00"),
        ("2025-05-20 09:00", "2025-05-20 08:00"),
        ("2025-05-20 08:30", "2025-05-19 20:45"),  # an hour before would be in quiet hours
    ],
)
async def test_a_reminder_on_the_day_itself_comes_in_the_morning_or_the_evening_before(
    database: Database, starts_at: str, moment: str
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await set_rules(session, "social", Rules((0,)), 0, cast.priya, NOON)
        event = await invited_event(session, cast, starts_at=london(starts_at))
        await taps(session, event, cast.amal, Choice.GOING)
        assert await tick(session, london(moment) - timedelta(minutes=1)) == 0
        assert await tick(session, london(moment)) == 1


async def test_a_rule_that_is_set_late_sends_no_reminder_that_is_past(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        await taps(session, event, cast.amal, Choice.GOING)
        await tick(session, IN_TWO_WEEKS - 7 * DAY)
        now = IN_TWO_WEEKS - 2 * DAY
        await set_rules(session, "social", Rules((3, 1)), 0, cast.priya, now)
        assert await tick(session, now) == 0
        assert await tick(session, IN_TWO_WEEKS - DAY) == 1


async def test_a_kind_can_do_without_nudges_and_reminders(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await set_rules(session, "social", Rules((), nudge=False), 0, cast.priya, NOON)
        event = await invited_event(session, cast)
        await arrived(session)
        await taps(session, event, cast.amal, Choice.GOING)
        for days in range(14):
            assert await tick(session, NOON + days * DAY) == 0


async def test_a_reminder_comes_at_the_same_time_of_day_when_the_clocks_change(database: Database) -> None:
    async with database.write() as session:
        winter = london("2025-10-20 12:00")
        cast = await gather(session, winter)
        event = await invited_event(session, cast, winter, starts_at=london("2025-10-29 19:00"))
        await taps(session, event, cast.amal, Choice.GOING, winter)
        # Summer time ended on the 26th: seven times 24 hours before would be 20:00.
        assert await tick(session, london("2025-10-22 18:59")) == 0
        assert await tick(session, london("2025-10-22 19:00")) == 1


async def test_only_those_who_come_online_ever_get_the_link(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, mode=HYBRID, online_url="https://meet.example/x")
        await taps(session, event, cast.amal, Choice.ONLINE)
        await taps(session, event, cast.sam, Choice.IN_PERSON)
        assert await tick(session, IN_TWO_WEEKS - HOUR - timedelta(seconds=1)) >= 0
        assert await told(session, "join_link") == []
        await tick(session, IN_TWO_WEEKS - HOUR)
        await tick(session, IN_TWO_WEEKS - HOUR + timedelta(minutes=1))
        assert await told(session, "join_link") == [cast.amal.id]
        # Who turns up late, or decides late, gets it at once; a new link goes out anew.
        await taps(session, event, cast.lin, Choice.ONLINE, IN_TWO_WEEKS - timedelta(minutes=30))
        assert await told(session, "join_link") == [cast.amal.id, cast.lin.id]
        other = replace(plan_of(event), online_url="https://meet.example/y")
        await change_event(session, event.id, other, cast.priya, IN_TWO_WEEKS - timedelta(minutes=20))
        await tick(session, IN_TWO_WEEKS - timedelta(minutes=19))
        assert len(await queued(session, "join_link")) == 4


async def _composed(session: Session, kind: str, now: datetime) -> Sequence[Content | Skip]:
    return [await COMPOSERS[kind](session, row, now) for row in await queued(session, kind)]


async def _going_online(session: Session) -> tuple[Cast, Event]:
    cast = await gather(session)
    event = await invited_event(session, cast, mode=HYBRID, online_url="https://meet.example/x")
    await taps(session, event, cast.amal, Choice.ONLINE)
    return cast, event


async def test_a_link_that_waits_is_not_sent_to_who_no_longer_comes_online(database: Database) -> None:
    async with database.write() as session:
        cast, event = await _going_online(session)
        now = IN_TWO_WEEKS - HOUR
        await tick(session, now)
        [content] = await _composed(session, "join_link", now)
        assert isinstance(content, Content)
        assert content.params["url"] == "https://meet.example/x"
        assert content.params["protect"] is True
        await taps(session, event, cast.amal, Choice.IN_PERSON, now)
        [nothing] = await _composed(session, "join_link", now)
        assert isinstance(nothing, Skip)


async def test_a_household_that_has_left_gets_neither_the_link_nor_a_reminder(database: Database) -> None:
    async with database.write() as session:
        cast, _event = await _going_online(session)
        now = IN_TWO_WEEKS - HOUR
        await tick(session, IN_TWO_WEEKS - DAY)
        await tick(session, now)
        (await session.get_one(Household, cast.amal.household_id)).ended_on = now.date()
        for kind in ("invitation", "reminder", "join_link"):
            theirs = [row for row in await queued(session, kind) if row.carer_id == cast.amal.id]
            assert theirs
            assert all([isinstance(await COMPOSERS[kind](session, row, now), Skip) for row in theirs])


async def test_no_other_notice_carries_the_link(database: Database) -> None:
    async with database.write() as session:
        cast, event = await _going_online(session)
        await tick(session, IN_TWO_WEEKS - 7 * DAY)
        moved = replace(plan_of(event), venue="Library")
        await change_event(session, event.id, moved, cast.priya, NOON + DAY)
        for kind in ("invitation", "reminder", "change"):
            for content in await _composed(session, kind, NOON + DAY):
                assert "meet.example" not in str(content)


async def test_a_new_venue_asks_again_who_said_yes_to_the_old_one_and_only_them(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(
            session, cast, mode=HYBRID, capacity=1, online_url="https://meet.example/x"
        )
        await taps(session, event, cast.amal, Choice.IN_PERSON)
        await taps(session, event, cast.jo, Choice.ONLINE)
        await taps(session, event, cast.sam, Choice.IN_PERSON)  # waits
        moved = replace(plan_of(event), venue="Library")
        await change_event(session, event.id, moved, cast.priya, NOON + DAY)
        asked = {
            carer.first_name
            for carer in (cast.amal, cast.jo, cast.sam, cast.lin)
            if (await invitation_of(session, event, carer)).asked_again_at
        }
        assert asked == {"Amal"}


async def test_a_cancellation_goes_to_everybody_who_still_counts_on_the_event(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        counts_on_it = {
            *(RsvpState.GOING, RsvpState.MAYBE, RsvpState.WAITLISTED, RsvpState.OFFERED),
            RsvpState.BALLOT_ENTERED,
        }
        for state in RsvpState:
            event = await invited_event(session, cast, ref=f"event-{state}")
            (await invitation_of(session, event, cast.sam)).state = state
            await session.flush()
            await cancel_event(session, event.id, "", cast.priya, NOON)
            heard = [
                row.carer_id for row in await queued(session, "cancellation") if row.event_id == event.id
            ]
            assert heard == ([cast.sam.id] if state in counts_on_it else []), state


async def test_what_is_no_longer_so_is_not_said(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        await taps(session, event, cast.amal, Choice.GOING)
        await tick(session, IN_TWO_WEEKS - DAY)
        await taps(session, event, cast.amal, Choice.NOT_GOING, IN_TWO_WEEKS - DAY)
        [reminder] = await _composed(session, "reminder", IN_TWO_WEEKS - DAY)
        assert reminder == Skip("not coming")
        invitations = await _composed(session, "invitation", IN_TWO_WEEKS - DAY)
        assert invitations[0] == Skip("already answered")
        assert all(isinstance(content, Content) for content in invitations[1:])
        assert all(isinstance(late, Skip) for late in await _composed(session, "invitation", IN_TWO_WEEKS))
