"""What staff answer a carer in a thread, and words that are taken away.

An answer is a notice of its own: it goes by whichever way the carer is told, at any hour, for it was asked
for. What it says is read at the moment of sending, so that words taken away in time are never sent.
"""

from datetime import datetime, timedelta

from broadcasts.queue import Recipient, queue_notice, queue_reply
from care.threads import Result, note
from carers.people import StaffMember
from carers.roles import own_households_of
from storage.conversations import CarerMessage, ThreadState
from storage.deliveries import Errand
from storage.deliveries_broadcasts import give_errand
from storage.engine import Session
from storage.events_notices import notice_of
from storage.threads_queries import last_message_id, lock_thread, message_of_thread

ANSWER_TOPIC = "inbox"
"""The topic of a staff chat's conversation that waits for an answer's words; its ``thread`` is the thread."""
LONGEST_ANSWER = 3000
"""Characters: with what stands around it, an answer is one message in the app."""
ANSWER_USEFUL_FOR = timedelta(days=14)
TAKEN_BACK_FOR = timedelta(hours=48)
"""Telegram lets a bot delete what stands in a chat for so long."""


async def answer(
    session: Session, thread_id: int, text: str, seen: int, by: StaffMember, now: datetime
) -> Result:
    """Send the carer an answer; a thread that is nobody's becomes the answerer's.

    ``seen``: the newest message that they have read: if the carer or a colleague wrote meanwhile nothing is
    sent, and they read that first. Raises ``ValueError`` for words that are none or too many.
    """
    if not 0 < len(text) <= LONGEST_ANSWER:
        raise ValueError(f"an answer has 1 to {LONGEST_ANSWER} characters, not {len(text)}")
    thread = await lock_thread(session, thread_id, own_households_of(by))
    if thread is None:
        return Result.NOT_FOUND
    if thread.state is ThreadState.SETTLED:
        return Result.SETTLED
    if await last_message_id(session, thread.id) != seen:
        return Result.CHANGED
    message = CarerMessage(
        carer_id=thread.carer_id,
        thread_id=thread.id,
        written_by_id=by.id,
        text=text.replace("\0", ""),
        received_at=now,
    )
    session.add(message)
    thread.state, thread.answered_at = ThreadState.ANSWERED, now
    thread.owner_id = thread.owner_id or by.id
    await session.flush()
    await queue_notice(
        session,
        "thread_answer",
        [Recipient(carer_id=thread.carer_id)],
        about=f"message:{message.id}",
        now=now,
        send_by=now + ANSWER_USEFUL_FOR,
        params={"message": message.id},
        created_by_id=by.id,
    )
    await note(session, thread, "thread.answer", by, now)
    return Result.DONE


async def redact(session: Session, thread_id: int, message_id: int, by: StaffMember, now: datetime) -> Result:
    """Erase the words of a message for good, because they name a child or say what has no place here.

    That somebody wrote stays, and who erased it. Where it stands in the carer's chat it is deleted too, if it
    is less than two days old; an answer that has not gone out is not sent. Email and paper cannot be
    called back.
    """
    thread = await lock_thread(session, thread_id, own_households_of(by))
    message = None if thread is None else await message_of_thread(session, thread, message_id)
    if thread is None or message is None:
        return Result.NOT_FOUND
    if message.text is None:
        return Result.NOTHING
    message.text = None
    await note(session, thread, "message.redact", by, now, message=message.id)
    if message.written_by_id is not None:
        notice = await notice_of(session, "thread_answer", f"message:{message.id}")
        if notice is not None:
            await give_errand(session, notice.id, Errand.DELETE, now - TAKEN_BACK_FOR, now)
    elif message.chat_id is not None and message.received_at > now - TAKEN_BACK_FOR:
        await queue_reply(
            session, message.chat_id, "", language="en", now=now, op="delete", message_id=message.message_id
        )
    return Result.DONE


__all__ = ["ANSWER_TOPIC", "LONGEST_ANSWER", "answer", "redact"]
