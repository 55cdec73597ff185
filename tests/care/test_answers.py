"""What staff answer, by whichever way the carer is told, and words that are taken away at once."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from broadcasts.kinds import KINDS
from broadcasts.sender import Content, Skip
from care.answers import LONGEST_ANSWER, answer, redact
from care.threads import Result, latest_of_carer, settle
from storage.conversations import ThreadState
from storage.deliveries import Delivery, DeliveryState, Errand, Reply
from storage.households import Carer, Channel
from storage.staff import AuditEntry
from tests.care.desks import Inbox
from tests.support.cast import NOON

LATER = NOON + timedelta(hours=1)
THREE_DAYS_ON = NOON + timedelta(days=3)


async def asked(inbox: Inbox) -> int:
    await inbox.write(inbox.cast.amal, "Please ring me", chat_id=101, message_id=7)
    return (await inbox.thread()).id


async def answered(inbox: Inbox) -> Delivery:
    """Tom has answered Amal; the delivery of it."""
    thread = await asked(inbox)
    assert (
        await inbox.do(answer, thread, "I will, at four", await inbox.last(), inbox.cast.tom, NOON) == "done"
    )
    [delivery] = await inbox.queued("thread_answer")
    return delivery


async def went_out(inbox: Inbox, delivery: Delivery, state: DeliveryState = DeliveryState.SENT) -> None:
    sent = state is DeliveryState.SENT
    async with inbox.database.write() as session:
        await session.execute(
            update(Delivery)
            .where(Delivery.id == delivery.id)
            .values(state=state, chat_id=101, message_id=55 if sent else None, sent_at=NOON)
        )


async def replies(inbox: Inbox) -> list[tuple[str, int, int | None]]:
    async with inbox.database.read() as session:
        return [(one.op, one.chat_id, one.message_id) for one in await session.scalars(select(Reply))]


async def test_an_answer_goes_to_the_carer_signed_and_the_thread_is_the_answerers(inbox: Inbox) -> None:
    delivery = await answered(inbox)
    assert (delivery.carer_id, delivery.state) == (inbox.cast.amal.id, DeliveryState.QUEUED)
    said = await inbox.says(delivery)
    assert said == Content(
        "thread_answer", {"text": "I will, at four", "name": "Tom", "role": "social_worker"}
    )
    thread = await inbox.thread()
    assert (thread.state, thread.owner_id) == (ThreadState.ANSWERED, inbox.cast.tom.id)
    async with inbox.database.read() as session:
        written = await latest_of_carer(session, inbox.cast.amal.id)
    assert [(one.by, one.text) for one in written] == [
        (None, "Please ring me"),
        ("Tom Birch", "I will, at four"),
    ]


async def test_an_answer_goes_by_the_carers_way_at_any_hour(inbox: Inbox) -> None:
    async with inbox.database.write() as session:
        await session.execute(
            update(Carer).where(Carer.id == inbox.cast.amal.id).values(channel=Channel.LETTER)
        )
    assert (await answered(inbox)).channel == "letter"
    kind = KINDS["thread_answer"]
    assert kind.always
    assert kind.email
    assert kind.post
    assert not kind.optional
    assert not kind.capped


async def test_who_answers_has_read_what_came_last(inbox: Inbox) -> None:
    thread, cast = await asked(inbox), inbox.cast
    seen = await inbox.last()
    results = await asyncio.gather(
        *(inbox.do(answer, thread, "I will", seen, one, NOON) for one in (cast.tom, cast.priya))
    )
    assert sorted(results) == [Result.CHANGED, Result.DONE]
    assert len(await inbox.queued("thread_answer")) == 1
    await inbox.write(cast.amal, "No, write to me", LATER)
    assert await inbox.do(answer, thread, "Ringing", seen, cast.tom, LATER) is Result.CHANGED
    await inbox.do(settle, thread, await inbox.last(), cast.tom, LATER)
    late = await inbox.do(answer, thread, "Late", await inbox.last(), cast.tom, LATER)
    assert late is Result.SETTLED


@pytest.mark.one_database
async def test_an_answer_has_words_and_fits_into_a_message(inbox: Inbox) -> None:
    thread = await asked(inbox)
    for text in ("", "x" * (LONGEST_ANSWER + 1)):
        with pytest.raises(ValueError, match="an answer has"):
            await inbox.do(answer, thread, text, await inbox.last(), inbox.cast.tom, NOON)


async def test_an_answer_whose_words_were_taken_away_in_time_is_not_sent(inbox: Inbox) -> None:
    delivery = await answered(inbox)
    thread, message = await inbox.thread(), await inbox.last()
    assert await inbox.do(redact, thread.id, message, inbox.cast.tom, NOON) is Result.DONE
    assert await inbox.says(delivery) == Skip("taken_away")
    assert await inbox.do(redact, thread.id, message, inbox.cast.tom, NOON) is Result.NOTHING


@pytest.mark.parametrize("state", [DeliveryState.SENT, DeliveryState.SENDING])
async def test_an_answer_that_is_out_or_on_its_way_is_deleted_in_the_chat(
    inbox: Inbox, state: DeliveryState
) -> None:
    delivery = await answered(inbox)
    await went_out(inbox, delivery, state)
    await inbox.do(redact, (await inbox.thread()).id, await inbox.last(), inbox.cast.tom, LATER)
    [delivery] = await inbox.queued("thread_answer")
    assert (delivery.errand, delivery.errand_at) == (Errand.DELETE, LATER)


async def test_what_a_carer_wrote_is_erased_here_and_in_their_chat(inbox: Inbox) -> None:
    thread, message = await asked(inbox), await inbox.last()
    assert await inbox.do(redact, thread, message, inbox.cast.priya, LATER) is Result.DONE
    assert [one.text for one in await inbox.messages()] == [None]
    assert await replies(inbox) == [("delete", 101, 7)]
    async with inbox.database.read() as session:
        [entry] = (await session.scalars(select(AuditEntry))).all()
    assert (entry.action, entry.detail) == ("message.redact", {"carer": "C1", "message": message})


async def test_after_two_days_words_are_erased_here_alone(inbox: Inbox) -> None:
    thread, message = await asked(inbox), await inbox.last()
    assert await inbox.do(redact, thread, message, inbox.cast.priya, THREE_DAYS_ON) is Result.DONE
    assert await replies(inbox) == []


async def test_words_of_another_thread_or_household_are_not_found(inbox: Inbox) -> None:
    thread, message = await asked(inbox), await inbox.last()
    await inbox.write(inbox.cast.sam, "Hello")
    sams = (await inbox.threads())[1].id
    assert await inbox.do(redact, sams, message, inbox.cast.priya, NOON) is Result.NOT_FOUND
    assert await inbox.do(redact, sams, await inbox.last(), inbox.cast.tom, NOON) is Result.NOT_FOUND
    assert await inbox.do(redact, thread, 4711, inbox.cast.priya, NOON) is Result.NOT_FOUND
    assert [one.text for one in await inbox.messages()] == ["Please ring me", "Hello"]
