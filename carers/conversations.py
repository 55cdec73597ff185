"""What the bot waits to hear in a chat: one thing at a time, in a row, so that a restart forgets nothing."""

from datetime import datetime, timedelta
from typing import Any

from storage.conversations import Conversation
from storage.engine import Session

TOLD = "told"


async def waiting_for(session: Session, chat_id: int) -> Conversation | None:
    """What this chat was asked for, if anything."""
    return await session.get(Conversation, chat_id)


async def expect(
    session: Session, chat_id: int, topic: str, now: datetime, step: str = "", **data: Any
) -> None:
    """From now on free text in this chat goes to ``topic``; whatever was asked before is forgotten.

    ``data`` is plain JSON. Whoever asks a question calls this in the same transaction.
    """
    conversation = await session.get(Conversation, chat_id)
    if conversation is None:
        session.add(Conversation(chat_id=chat_id, topic=topic, step=step, data=data, updated_at=now))
    else:
        conversation.topic, conversation.step, conversation.data = topic, step, data
        conversation.updated_at = now
    await session.flush()


async def settle(session: Session, chat_id: int) -> None:
    """Nothing is asked of this chat any more."""
    conversation = await session.get(Conversation, chat_id)
    if conversation is not None:
        await session.delete(conversation)
        await session.flush()


async def told_lately(session: Session, chat_id: int, what: str, now: datetime, within: timedelta) -> bool:
    """Whether this chat was told ``what`` within this time; if not, it is told now.

    So ten pictures at once get one answer. What the chat was asked for is asked for still.
    """
    conversation = await session.get(Conversation, chat_id)
    if conversation is None:
        conversation = Conversation(chat_id=chat_id, topic="", data={}, updated_at=now)
        session.add(conversation)
    told: dict[str, str] = conversation.data.get(TOLD, {})
    lately = {name: at for name, at in told.items() if now - datetime.fromisoformat(at) < within}
    conversation.data = {**conversation.data, TOLD: {**lately, what: lately.get(what, now.isoformat())}}
    await session.flush()
    return what in lately


__all__ = ["Conversation", "expect", "settle", "told_lately", "waiting_for"]
