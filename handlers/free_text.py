"""Words that are no command: the answer that a topic waits for, or a message to the service.

Also everything else that no topic took: pictures, voices and places get a kind answer and are not kept (staff
may send a picture where one is asked for), and a button that nobody knows any more says so.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, ContextTypes, MessageHandler, filters

from care import inbox
from carers.conversations import Conversation, settle, waiting_for
from carers.linking import note_stranger
from handlers.turn import Turn, current_turn

Context = ContextTypes.DEFAULT_TYPE
Hearer = Callable[[Turn, Conversation], Awaitable[None]]
_hearers: dict[str, Hearer] = {}
_take_files: set[str] = set()


def hears(topic: str, *, files: bool = False) -> Callable[[Hearer], Hearer]:
    """Register who takes free text while a chat's conversation (`carers.conversations`) has this topic.

    The hearer is called with the turn and the conversation; it ends the conversation by `settle`. With
    ``files`` it gets pictures, voices and all else that is no text too.
    """

    def register(hearer: Hearer) -> Hearer:
        if topic in _hearers:
            raise ValueError(f"somebody else hears {topic} already")
        _hearers[topic] = hearer
        if files:
            _take_files.add(topic)
        return hearer

    return register


async def words(update: Update, context: Context) -> None:
    """Give what was written to the topic that waits for it, else to the service's inbox."""
    turn = current_turn()
    if turn.person.is_stranger:
        await answer_stranger(turn)
        return
    conversation = await waiting_for(turn.session, turn.chat_id)
    if conversation is not None and conversation.topic in _hearers:
        await _hearers[conversation.topic](turn, conversation)
    else:
        await to_the_service(turn)


async def to_the_service(turn: Turn) -> None:
    """Keep a carer's words for staff and say when somebody will read them; a colleague gets the commands."""
    carer = turn.person.carer
    if carer is None:
        await turn.reply("help_staff")
        return
    received = await inbox.receive(turn.session, carer, turn.text, turn.now, turn.desk)
    await turn.reply(
        "message_urgent" if received.urgent else "message_received", open=received.office_is_open
    )


async def answer_stranger(turn: Turn) -> None:
    """Say politely who this is and nothing else; staff see that somebody asked, not what they wrote."""
    user = turn.update.effective_user
    await note_stranger(turn.session, turn.chat_id, user.full_name if user else "", turn.now)
    await turn.reply("unknown_person")


async def not_words(update: Update, context: Context) -> None:
    """A picture, a voice, a sticker, a place: nothing of it is kept, unless a topic waits for it."""
    turn = current_turn()
    if turn.person.is_stranger:
        await answer_stranger(turn)
        return
    conversation = await waiting_for(turn.session, turn.chat_id)
    if conversation is not None and conversation.topic in _take_files:
        await _hearers[conversation.topic](turn, conversation)
    else:
        await turn.reply("only_words")


async def unknown_command(update: Update, context: Context) -> None:
    """A command that does not exist, or not for this person."""
    turn = current_turn()
    if turn.person.is_stranger:
        await answer_stranger(turn)
    else:
        await turn.reply("help_staff" if turn.person.carer is None else "help")


async def unknown_button(update: Update, context: Context) -> None:
    """Data that no topic knows: an old message's button, or somebody's invention."""
    await current_turn().toast("toast_old_button")


@hears("message")
async def asked_for(turn: Turn, conversation: Conversation) -> None:
    """What follows /message."""
    await settle(turn.session, turn.chat_id)
    await to_the_service(turn)


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    return [
        MessageHandler(filters.COMMAND, unknown_command),
        MessageHandler(filters.TEXT, words),
        MessageHandler(filters.ALL & ~filters.StatusUpdate.ALL, not_words),
        CallbackQueryHandler(unknown_button),
    ]
