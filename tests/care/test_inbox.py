"""What carers write: kept in a thread, acknowledged, and told to the right staff at the right time."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from broadcasts.sender import Skip
from care.answers import answer, redact
from care.desk import Desk
from care.inbox import Received, edited, forget_old_messages
from care.threads import settle, take
from storage.conversations import ThreadState
from storage.households import Carer, Household
from storage.staff import StaffMember
from storage.ways import note_mail
from tests.care.desks import DESK, Inbox
from tests.support.cast import NOON

MINUTE = timedelta(minutes=1)
FRIDAY_EVENING = datetime(2025, 5, 9, 18, 0, tzinfo=UTC)
MONDAY_AT_NINE = datetime(2025, 5, 12, 8, 0, tzinfo=UTC)


async def changes(inbox: Inbox, who: Carer, chat: int, message: int, text: str) -> Received | None:
    async with inbox.database.write() as session:
        carer = await session.get_one(Carer, who.id)
        return await edited(session, carer, chat, message, text, NOON + MINUTE, DESK)


async def test_the_first_words_open_a_thread_and_the_next_belong_to_it(inbox: Inbox) -> None:
    assert await inbox.write(inbox.cast.amal, "Please ring me") == Received(False, True, again=False)
    assert await inbox.write(inbox.cast.amal, "after four", NOON + MINUTE) == Received(
        False, True, again=True
    )
    later = await inbox.write(inbox.cast.amal, "or tomorrow", NOON + 30 * MINUTE)
    assert not later.again
    thread = await inbox.thread()
    assert (thread.state, thread.urgent, thread.heard_at) == (ThreadState.NEW, False, NOON + 30 * MINUTE)
    assert {one.thread_id for one in await inbox.messages()} == {thread.id}


async def test_two_messages_at_once_open_one_thread(inbox: Inbox) -> None:
    await asyncio.gather(*(inbox.write(inbox.cast.amal, f"words {number}") for number in range(6)))
    thread = await inbox.thread()
    assert [one.thread_id for one in await inbox.messages()] == [thread.id] * 6
    assert len(await inbox.told("alert_message_new")) == 1


async def test_the_social_worker_is_told_of_a_new_thread_and_coordinators_where_there_is_none(
    inbox: Inbox,
) -> None:
    await inbox.write(inbox.cast.amal, "Please ring me")
    await inbox.write(inbox.cast.amal, "after four", NOON + MINUTE)
    await inbox.write(inbox.cast.sam, "Thank you for Saturday")
    told = await inbox.told("alert_message_new")
    assert told == [(inbox.cast.tom.id, NOON), (inbox.cast.priya.id, NOON)]


async def test_out_of_hours_staff_are_told_when_the_office_opens(inbox: Inbox) -> None:
    received = await inbox.write(inbox.cast.amal, "Please ring me", FRIDAY_EVENING)
    assert not received.office_is_open
    assert await inbox.told("alert_message_new") == [(inbox.cast.tom.id, MONDAY_AT_NINE)]
    waits = await inbox.told("alert_message_waits")
    assert waits == [(inbox.cast.priya.id, MONDAY_AT_NINE + timedelta(days=1))]


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("now", "there", "a_day_after"),
    [
        (NOON, NOON, NOON + timedelta(days=1)),
        (FRIDAY_EVENING, MONDAY_AT_NINE, MONDAY_AT_NINE + timedelta(days=1)),
        # A Friday in October: the clocks go back before Monday, and the office opens at nine all the same.
        (
            datetime(2025, 10, 24, 13, tzinfo=UTC),
            datetime(2025, 10, 24, 13, tzinfo=UTC),
            datetime(2025, 10, 27, 14, tzinfo=UTC),
        ),
        (
            datetime(2025, 10, 25, 13, tzinfo=UTC),
            datetime(2025, 10, 27, 9, tzinfo=UTC),
            datetime(2025, 10, 28, 9, tzinfo=UTC),
        ),
    ],
)
def test_the_office_is_open_on_working_days_in_local_time(
    now: datetime, there: datetime, a_day_after: datetime
) -> None:
    assert DESK.next_there(now) == there
    assert DESK.a_working_day_after(now) == a_day_after


@pytest.mark.one_database
def test_without_office_hours_staff_are_told_at_once() -> None:
    assert Desk(opens=None, closes=None).next_there(FRIDAY_EVENING) == FRIDAY_EVENING


async def test_words_of_danger_go_at_once_to_all_who_watch_and_say_nothing_of_themselves(
    inbox: Inbox,
) -> None:
    received = await inbox.write(inbox.cast.amal, "I think of suicide", FRIDAY_EVENING)
    assert received.urgent
    assert (await inbox.thread()).urgent
    watch = [inbox.cast.priya.id, inbox.cast.tom.id, inbox.cast.dee.id]
    assert await inbox.told("alert_urgent_message") == [(one, FRIDAY_EVENING) for one in watch]
    said = [await inbox.says(one) for one in await inbox.queued()]
    assert "suicide" not in str(said)


async def test_words_of_danger_reach_who_is_told_by_email_on_their_telephone_too(inbox: Inbox) -> None:
    async with inbox.database.write() as session:
        await note_mail(session, True, NOON)
        for who in (inbox.cast.dee, inbox.cast.tom):
            here = await session.get_one(StaffMember, who.id)
            here.email, here.channel = f"{who.id}@rowdale.example", "email"
            here.chat_id = 903 if who is inbox.cast.dee else None
    await inbox.write(inbox.cast.amal, "suicide", NOON)
    at_once = [one for one in await inbox.queued() if one.due_at == NOON]
    told = [(one.staff_id, one.channel) for one in at_once]
    assert told == [(inbox.cast.priya.id, "app"), (inbox.cast.tom.id, "email"), (inbox.cast.dee.id, "email")]
    assert [(one.staff_id, one.channel) for one in await inbox.queued("staff_urgent")] == [
        (inbox.cast.dee.id, "app")
    ]


async def test_a_burst_of_urgent_messages_is_one_alert(inbox: Inbox) -> None:
    for minutes in (0, 1, 2, 30):
        received = await inbox.write(inbox.cast.amal, "suicide", NOON + minutes * MINUTE)
        assert received.urgent
    assert len(await inbox.told("alert_urgent_message")) == 3 * 2  # the first, and the one half an hour later


async def test_who_waits_a_working_day_is_named_to_coordinators_unless_somebody_answered(
    inbox: Inbox,
) -> None:
    await inbox.write(inbox.cast.amal, "Please ring me")
    [reminder] = [one for one in await inbox.queued() if one.due_at > NOON]
    assert (reminder.staff_id, reminder.due_at) == (inbox.cast.priya.id, NOON + timedelta(days=1))
    thread = await inbox.thread()
    await inbox.do(take, thread.id, inbox.cast.tom, NOON)
    assert not isinstance(await inbox.says(reminder), Skip)  # taken is not answered
    await inbox.do(answer, thread.id, "I will", await inbox.last(), inbox.cast.tom, NOON)
    assert await inbox.says(reminder) == Skip("already answered")


async def test_an_alert_of_a_new_thread_is_not_sent_once_it_is_taken(inbox: Inbox) -> None:
    await inbox.write(inbox.cast.amal, "Please ring me", FRIDAY_EVENING)
    await inbox.do(take, (await inbox.thread()).id, inbox.cast.tom, FRIDAY_EVENING)
    assert await inbox.told("alert_message_new") == []


async def test_writing_back_makes_the_thread_its_owners_again_and_they_are_told(inbox: Inbox) -> None:
    await inbox.write(inbox.cast.amal, "Please ring me")
    thread = await inbox.thread()
    await inbox.do(answer, thread.id, "I will", await inbox.last(), inbox.cast.priya, NOON + MINUTE)
    assert (await inbox.thread()).state is ThreadState.ANSWERED
    await inbox.write(inbox.cast.amal, "Thank you", NOON + 2 * MINUTE)
    thread = await inbox.thread()
    assert (thread.state, thread.owner_id) == (ThreadState.TAKEN, inbox.cast.priya.id)
    assert await inbox.told("alert_message_back") == [(inbox.cast.priya.id, NOON + 2 * MINUTE)]
    assert len(await inbox.told("alert_message_waits")) == 2  # for this wait, and the row of the first


async def test_an_owner_who_is_not_the_social_worker_any_more_is_told_nothing(inbox: Inbox) -> None:
    await inbox.write(inbox.cast.amal, "Please ring me")
    thread, cast = await inbox.thread(), inbox.cast
    await inbox.do(answer, thread.id, "I will", await inbox.last(), cast.tom, NOON)
    async with inbox.database.write() as session:
        (await session.get_one(Household, cast.reeds.id)).social_worker_id = None
    await inbox.write(cast.amal, "I think of suicide", NOON + MINUTE)
    told = [one.staff_id for one in await inbox.queued() if one.due_at == NOON + MINUTE]
    assert told == [cast.priya.id, cast.dee.id]


async def test_a_settled_thread_stays_so_and_the_next_words_open_another(inbox: Inbox) -> None:
    await inbox.write(inbox.cast.amal, "Please ring me")
    await inbox.do(settle, (await inbox.thread()).id, await inbox.last(), inbox.cast.tom, NOON)
    assert not (await inbox.write(inbox.cast.amal, "One more thing", NOON + MINUTE)).again
    assert [one.state for one in await inbox.threads()] == [ThreadState.SETTLED, ThreadState.NEW]


async def test_what_is_changed_in_the_chat_is_changed_here_and_looked_at_again(inbox: Inbox) -> None:
    await inbox.write(inbox.cast.amal, "All is well", chat_id=101, message_id=7)
    changed = await changes(inbox, inbox.cast.amal, 101, 7, "I think of suicide")
    assert changed is not None
    assert changed.urgent
    assert changed.again
    assert [one.text for one in await inbox.messages()] == ["I think of suicide"]
    assert (await inbox.thread()).urgent
    assert len(await inbox.told("alert_urgent_message")) == 3


async def test_in_a_shared_chat_a_change_stays_with_who_wrote(inbox: Inbox) -> None:
    await inbox.write(inbox.cast.amal, "All is well", chat_id=101, message_id=7)
    assert await changes(inbox, inbox.cast.jo, 101, 7, "Nearly well") is not None
    [message] = await inbox.messages()
    assert (message.text, message.carer_id) == ("Nearly well", inbox.cast.amal.id)


async def test_nobody_changes_what_another_household_wrote_or_what_was_taken_away_or_settled(
    inbox: Inbox,
) -> None:
    await inbox.write(inbox.cast.amal, "All is well", chat_id=101, message_id=7)
    assert await changes(inbox, inbox.cast.sam, 101, 7, "Mine") is None
    assert await changes(inbox, inbox.cast.amal, 101, 8, "Unknown") is None
    thread, message = await inbox.thread(), await inbox.last()
    await inbox.do(redact, thread.id, message, inbox.cast.tom, NOON)
    assert await changes(inbox, inbox.cast.amal, 101, 7, "Back again") is None
    assert [one.text for one in await inbox.messages()] == [None]
    await inbox.write(inbox.cast.amal, "More", chat_id=101, message_id=9)
    await inbox.do(settle, thread.id, await inbox.last(), inbox.cast.tom, NOON)
    assert await changes(inbox, inbox.cast.amal, 101, 9, "After all") is None


async def test_words_go_after_ninety_days_and_the_thread_with_the_last_of_them(inbox: Inbox) -> None:
    await inbox.write(inbox.cast.amal, "Please ring me")
    thread, first = await inbox.thread(), await inbox.last()
    later = NOON + timedelta(days=2)
    await inbox.do(answer, thread.id, "I have", first, inbox.cast.tom, later)
    await inbox.write(inbox.cast.sam, "Hello", later)
    await inbox.do(settle, thread.id, await inbox.last() - 1, inbox.cast.tom, later)
    assert await inbox.do(forget_old_messages, NOON + timedelta(days=91)) == 1
    assert len(await inbox.threads()) == 2  # an answer is still kept
    assert await inbox.do(forget_old_messages, later + timedelta(days=91)) == 2
    assert await inbox.threads() == []
