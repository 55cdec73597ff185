"""An answer given in the carer's own calendar: late, out of order, a stranger's, or to what is so no more."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from icalendar import vCalAddress

from events.calendar_replies import read_reply, take_reply
from events.phoned import answer_for
from events.planning import cancel_event, change_event, plan_of
from events.rsvp import Choice, Outcome, Result
from storage.engine import Database, Session
from storage.events import Allocation, Event, Mode
from storage.rsvp import RsvpState
from tests.events.acts import HOUSEHOLD, HYBRID, invitation_of, invited_event, queued, taps
from tests.events.calendars import check_scheduling, reply_to
from tests.events.mailed import entries, mail_goes_out, told_by_mail
from tests.support.cast import NOON, Cast, gather

SECOND, MINUTE, HOUR, DAY = (
    timedelta(seconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
)
pytestmark = pytest.mark.one_database  # on both: tests/events/test_ways_agree.py

YES, PERHAPS, NO = "ACCEPTED", "TENTATIVE", "DECLINED"


class Mailbox:
    """Amal's, with the latest entry that came by mail."""

    def __init__(self, session: Session, cast: Cast, event: Event, mail: str) -> None:
        self.session, self.cast, self.event, self.mail = session, cast, event, mail

    async def says(self, said: str, stamped: datetime, arrives: datetime | None = None) -> Outcome | None:
        """Amal answers in the calendar; the reply arrives then, or within the second."""
        text = reply_to(self.mail, said, stamped)
        check_scheduling(text)
        return await self.takes(text, arrives or stamped)

    async def takes(self, text: str, now: datetime) -> Outcome | None:
        return await take_reply(self.session, text, None, self.cast.amal.id, now)

    async def is_sent(self, now: datetime) -> list[str]:
        """What the calendar is sent then, as PARTSTAT or CANCEL."""
        mails = await mail_goes_out(self.session, self.event, self.cast.amal, now)
        self.mail = mails[-1] if mails else self.mail
        return [check_scheduling(mail).said or "CANCEL" for mail in mails]

    async def state(self) -> RsvpState:
        return (await invitation_of(self.session, self.event, self.cast.amal)).state


async def mailbox(session: Session, **event: Any) -> Mailbox:
    cast = await gather(session)
    await told_by_mail(session, cast.amal)
    invited = await invited_event(session, cast, **event)
    (mail,) = await mail_goes_out(session, invited, cast.amal)
    return Mailbox(session, cast, invited, mail)


@pytest.mark.parametrize(
    ("said", "state"),
    [(YES, RsvpState.GOING), (PERHAPS, RsvpState.MAYBE), (NO, RsvpState.NOT_GOING)],
)
async def test_an_answer_in_the_calendar_is_the_partys_answer_and_needs_no_mail_back(
    database: Database, said: str, state: RsvpState
) -> None:
    async with database.write() as session:
        box = await mailbox(session)
        outcome = await box.says(said, NOON + MINUTE)
        assert outcome is not None
        assert outcome.result == state.value
        invitation = await invitation_of(session, box.event, box.cast.amal)
        assert (invitation.state, invitation.answered_by_id) == (state, box.cast.amal.id)
        assert invitation.answered_at == NOON + MINUTE
        assert await box.is_sent(NOON + MINUTE) == []
        assert (await box.says(said, NOON + MINUTE, NOON + HOUR)) == replace(outcome, result=Result.UNCHANGED)


@pytest.mark.parametrize("changes", [{"sequence": None}, {"comment": None, "summary": None, "dtstart": None}])
async def test_calendars_that_say_little_are_understood(database: Database, changes: dict[str, None]) -> None:
    async with database.write() as session:
        box = await mailbox(session)
        assert await box.takes(reply_to(box.mail, YES, NOON + MINUTE, **changes), NOON + MINUTE)
        assert await box.state() is RsvpState.GOING


async def test_yes_to_a_hybrid_event_is_in_person_but_for_who_comes_online(database: Database) -> None:
    async with database.write() as session:
        box = await mailbox(session, mode=HYBRID)
        await box.says(YES, NOON + MINUTE)
        assert (await invitation_of(session, box.event, box.cast.amal)).mode is Mode.IN_PERSON
        await taps(session, box.event, box.cast.amal, Choice.ONLINE, NOON + HOUR)
        assert await box.is_sent(NOON + HOUR) == [YES]
        again = await box.says(YES, NOON + 2 * HOUR)
        assert again is not None
        assert again.result is Result.UNCHANGED
        assert (await invitation_of(session, box.event, box.cast.amal)).mode is Mode.ONLINE


async def test_a_late_reply_never_undoes_what_was_said_after_it(database: Database) -> None:
    async with database.write() as session:
        box = await mailbox(session)
        invitation = await invitation_of(session, box.event, box.cast.amal)
        await taps(session, box.event, box.cast.amal, Choice.GOING, NOON + HOUR)
        assert await box.is_sent(NOON + HOUR) == [YES]
        before = await box.says(NO, NOON + MINUTE, NOON + 2 * HOUR)
        assert before is not None
        assert (before.result, await box.state()) == (Result.UNCHANGED, RsvpState.GOING)
        assert await box.is_sent(NOON + 2 * HOUR) == [YES]  # their calendar says no, which is not so

        await answer_for(session, invitation.id, Choice.MAYBE, box.cast.priya, NOON + 3 * HOUR)
        await box.says(NO, NOON + 2 * HOUR, NOON + 4 * HOUR)
        assert await box.state() is RsvpState.MAYBE
        await box.says(NO, NOON + 5 * HOUR, NOON + 9 * HOUR)
        assert await box.state() is RsvpState.NOT_GOING
        assert invitation.answered_at == NOON + 5 * HOUR  # and not when the mail came


async def test_replies_that_overtake_each_other_end_in_the_last_that_was_given(database: Database) -> None:
    async with database.write() as session:
        box = await mailbox(session)
        for minutes, said in ((3, YES), (1, NO), (2, PERHAPS), (3, NO)):
            await box.says(said, NOON + minutes * MINUTE, NOON + HOUR)
        assert await box.state() is RsvpState.GOING


async def test_a_clock_that_is_wrong_never_puts_an_answer_into_the_future(database: Database) -> None:
    async with database.write() as session:
        box = await mailbox(session)
        for stamped, arrives in ((NOON + DAY, NOON + MINUTE), (NOON - DAY, NOON + HOUR)):
            await box.says(YES, stamped, arrives)
            answered = (await invitation_of(session, box.event, box.cast.amal)).answered_at
            assert answered == NOON + MINUTE


async def test_a_reply_from_a_clock_that_is_ahead_undoes_no_later_answer_when_it_is_read_again(
    database: Database,
) -> None:
    async with database.write() as session:
        box = await mailbox(session)
        await box.says(YES, NOON + DAY, NOON + MINUTE)
        await taps(session, box.event, box.cast.amal, Choice.NOT_GOING, NOON + HOUR)
        await box.says(YES, NOON + DAY, NOON + 2 * HOUR)
        assert await box.state() is RsvpState.NOT_GOING


async def test_yes_to_the_old_time_of_an_event_that_moved_is_no_yes_to_the_new(database: Database) -> None:
    async with database.write() as session:
        box = await mailbox(session)
        old = box.mail
        moved = replace(
            plan_of(box.event), starts_at=box.event.starts_at + HOUR, ends_at=box.event.ends_at + HOUR
        )
        await change_event(session, box.event.id, moved, None, NOON + HOUR)
        assert await box.is_sent(NOON + HOUR) == ["NEEDS-ACTION"]
        for given in (NOON + MINUTE, NOON + 2 * HOUR):  # before it moved; after, but without having seen it
            await box.takes(reply_to(old, YES, given), NOON + 3 * HOUR)
            assert await box.state() is RsvpState.INVITED
        assert await box.is_sent(NOON + 3 * HOUR) == ["NEEDS-ACTION"]
        await box.says(YES, NOON + 4 * HOUR)
        assert await box.state() is RsvpState.GOING


async def test_who_accepts_what_is_full_waits_and_their_calendar_says_so_once(database: Database) -> None:
    """Even a calendar that accepts whatever comes: nobody writes to it for ever."""
    async with database.write() as session:
        box = await mailbox(session, capacity=1)
        await taps(session, box.event, box.cast.lin, Choice.GOING, NOON)
        sent = []
        for minutes in range(1, 6):
            await box.says(YES, NOON + minutes * MINUTE)
            sent += await box.is_sent(NOON + minutes * MINUTE)
        assert await box.state() is RsvpState.WAITLISTED
        assert sent in (["TENTATIVE"], ["TENTATIVE"] * 2)
        await taps(session, box.event, box.cast.lin, Choice.NOT_GOING, NOON + HOUR)
        assert await box.is_sent(NOON + HOUR) == ["NEEDS-ACTION"]
        await box.says(YES, NOON + 2 * HOUR)  # takes up the offer
        assert await box.state() is RsvpState.GOING


@pytest.mark.parametrize("why", ["closed", "cancelled", "no maybe in a draw", "begun"])
async def test_what_cannot_be_answered_any_more_is_put_right_in_the_calendar(
    database: Database, why: str
) -> None:
    async with database.write() as session:
        ballot = {"allocation": Allocation.BALLOT} if why == "no maybe in a draw" else {}
        box = await mailbox(session, rsvp_deadline=NOON + HOUR, **ballot)
        now, said, right = NOON + 2 * HOUR, YES, ["NEEDS-ACTION"]
        match why:
            case "cancelled":
                await cancel_event(session, box.event.id, "", None, NOON + MINUTE)
                right = ["CANCEL"]
            case "no maybe in a draw":
                now, said = NOON + MINUTE, PERHAPS
            case "begun":
                now = box.event.starts_at
        outcome = await box.says(said, now)
        assert outcome is not None
        assert not outcome.changed
        assert await box.is_sent(now) == right


async def test_the_other_carer_of_a_household_reads_of_it_in_their_own_calendar(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await told_by_mail(session, cast.amal, cast.jo)
        event = await invited_event(session, cast, rsvp_by=HOUSEHOLD)
        (mail,) = await mail_goes_out(session, event, cast.amal)
        await mail_goes_out(session, event, cast.jo)
        await take_reply(session, reply_to(mail, YES, NOON + MINUTE), None, cast.amal.id, NOON + MINUTE)
        assert [each.said for each in await entries(session, event, cast.jo, NOON + MINUTE)] == [YES]
        assert await queued(session, "calendar_update") == []


def stranger(address: str = "mailto:stranger@mail.example", said: str = YES) -> vCalAddress:
    attendee = vCalAddress(address)
    attendee.params["partstat"] = said
    return attendee


@pytest.mark.parametrize(
    "changes",
    [
        {"attendee": stranger()},
        {"attendee": None},
        {"attendee": [stranger("mailto:amal@mail.example"), stranger()]},
        {"attendee": stranger("mailto:amal@mail.example", "DELEGATED")},
        {"uid": "event-999-1@hearthline"},
        {"uid": "event-1-1@hearthline"},
        {"uid": "event-999999999999999999999-1@hearthline"},
        {"uid": "meeting@elsewhere.example"},
        {"dtstamp": None},
    ],
    ids=str,
)
async def test_what_is_no_reply_of_this_carers_changes_nothing(
    database: Database, changes: dict[str, object]
) -> None:
    async with database.write() as session:
        box = await mailbox(session)
        assert await box.takes(reply_to(box.mail, YES, NOON + MINUTE, **changes), NOON + MINUTE) is None
        assert await box.state() is RsvpState.INVITED


async def test_a_reply_counts_for_who_was_written_to_and_about_what(database: Database) -> None:
    async with database.write() as session:
        box = await mailbox(session)
        text = reply_to(box.mail, YES, NOON + MINUTE)
        others = [each for each in await queued(session, "invitation") if each.carer_id != box.cast.amal.id]
        assert await take_reply(session, text, None, box.cast.lin.id, NOON + MINUTE) is None
        assert await take_reply(session, text, None, 999, NOON + MINUTE) is None
        assert await take_reply(session, text, others[0].id, box.cast.amal.id, NOON + MINUTE) is None
        tagged = stranger("MAILTO:Amal+Fostering@Mail.Example")
        assert await box.takes(reply_to(box.mail, YES, NOON + MINUTE, attendee=tagged), NOON + MINUTE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "BEGIN:VCALENDAR",
        "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR\r\n",
        "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nDTSTAMP:yesterday\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nSEQUENCE:x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        "\x00\xff" * 50,
        "BEGIN:VEVENT\r\n" * 2000,
        "A" * 300_000,
    ],
    ids=lambda text: text[:12],
)
def test_what_cannot_be_read_is_nothing(text: str) -> None:
    assert read_reply(text) is None


def test_a_request_or_a_counter_proposal_is_no_answer() -> None:
    text = """BEGIN:VCALENDAR\r
METHOD:{method}\r
BEGIN:VEVENT\r
UID:event-1-1@hearthline\r
DTSTAMP:20250506T110000Z\r
{attendee}\r
END:VEVENT\r
END:VCALENDAR\r
"""
    attendee = 'ATTENDEE;PARTSTAT=ACCEPTED;X-RESPONSE-COMMENT="Yes; please":MAILTO:amal@mail.\r\n example'
    reply = read_reply(text.format(method="REPLY", attendee=attendee))
    assert reply is not None
    assert (reply.address, reply.stamped, reply.sequence) == ("amal@mail.example", NOON, None)
    for method in ("REQUEST", "COUNTER", "CANCEL", "PUBLISH"):
        assert read_reply(text.format(method=method, attendee=attendee)) is None
