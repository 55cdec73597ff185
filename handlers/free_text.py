"""Words that are no command: the answer that a topic waits for, or a message to the service.

Also everything else that no topic took: pictures, voices and places get a kind answer and are not kept (staff
may send a picture where one is asked for), and a button that nobody knows any more says so. Nothing that
anybody sends is met with silence but what Telegram itself writes into a chat (`handlers.came`).
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from telegram import Message, Update
from telegram.ext import BaseHandler, CallbackQueryHandler, ContextTypes, MessageHandler, filters

from broadcasts.queue import says_soon
from care import inbox
from carers.conversations import Conversation, settle, told_lately, waiting_for
from carers.linking import note_stranger
from handlers.came import Came, what_came
from handlers.turn import Turn, current_turn

Context = ContextTypes.DEFAULT_TYPE
Hearer = Callable[[Turn, Conversation], Awaitable[None]]
_hearers: dict[str, Hearer] = {}
_take_files: set[str] = set()

ONCE_IN = timedelta(minutes=1)
"""An album comes as up to ten messages, and a burst of pictures as more: within this time one answer does."""

_IN_JEST = ("sticker", "dice", "game", "animation")
"""Hardly ever a call for help, so the numbers to ring are not shown for them."""

_WAITED_FOR = {"needs": "needs", "feedback": "comment", "survey": "survey", "message": "message"}
"""What a carer is told that we still wait for, by the topic; anything else is an answer."""


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


async def message(update: Update, context: Context) -> None:
    """Give words to the topic that waits for them, else to the service; and answer all else kindly."""
    turn = current_turn()
    came = _came(turn)
    if came.is_news:
        return
    if turn.person.is_stranger:
        await _answer_stranger_once(turn, came)
        return
    conversation = await waiting_for(turn.session, turn.chat_id)
    topic = conversation.topic if conversation is not None else ""
    if conversation is not None and topic in _hearers and (came.words or topic in _take_files):
        await _hearers[topic](turn, conversation)
        if came.thing and topic not in _take_files and await _is_first(turn, came):
            await turn.reply("only_the_words")
    elif came.words:
        await to_the_service(turn)
    elif await _is_first(turn, came):
        await turn.reply("only_words", **_not_words(turn, came, topic))


def _not_words(turn: Turn, came: Came, topic: str) -> dict[str, Any]:
    """What an answer to something that is no words has to say."""
    is_carer = turn.person.carer is not None
    answer = "answer" if topic in _hearers else ""
    return {
        "voice": came.thing in ("voice", "video_note"),
        "waits_for": _WAITED_FOR.get(topic, answer),
        "for_carer": is_carer,
        "numbers": is_carer and came.thing not in _IN_JEST,
    }


async def to_the_service(turn: Turn, words: str = "") -> None:
    """Keep a carer's words for staff and say when somebody will read them; a colleague gets the commands.

    ``words``: where they are not all of the message.
    """
    carer = turn.person.carer
    if carer is None:
        await turn.reply("help_staff")
        return
    came = _came(turn)
    received = await inbox.receive(
        turn.session,
        carer,
        words or turn.text,
        turn.now,
        turn.desk,
        came_with=came.thing or None,
        chat_id=turn.chat_id,
        message_id=turn.message_id,
    )
    with_thing = bool(came.thing) and await _is_first(turn, came, "words and ")
    await acknowledge(turn, received, with_thing=with_thing)


async def acknowledge(turn: Turn, received: inbox.Received, *, with_thing: bool = False) -> None:
    """Say that it is there, and whom to ring; a word is enough for what is added within minutes.

    One such word is enough for a burst: Telegram takes one message a second in a chat, and thirty of them
    would hold up an answer that says whom to ring.
    ``with_thing``: something came with the words, and they should know that it is not kept.
    """
    if received.urgent:
        await turn.reply("message_urgent", open=received.office_is_open)
    elif received.again:
        if with_thing or not await says_soon(turn.session, turn.chat_id, "message_added"):
            await turn.reply("message_added", with_thing=with_thing)
    else:
        await turn.reply("message_received", open=received.office_is_open, with_thing=with_thing)


async def answer_stranger(turn: Turn) -> None:
    """Say politely who this is and nothing else; staff see that somebody asked, not what they wrote.

    A cry for help is answered with the numbers to ring: it may be a carer whose link waits on another phone.
    """
    user = turn.update.effective_user
    await note_stranger(turn.session, turn.chat_id, user.full_name if user else "", turn.now)
    await turn.reply("unknown_person", urgent=turn.desk.is_urgent(turn.text))


async def _answer_stranger_once(turn: Turn, came: Came) -> None:
    if came.words or await _is_first(turn, came):
        await answer_stranger(turn)


def _came(turn: Turn) -> Came:
    sent = turn.update.effective_message
    return what_came(sent) if isinstance(sent, Message) else Came()


async def _is_first(turn: Turn, came: Came, besides: str = "") -> bool:
    """Whether the chat has not just been told that such a thing is not kept; now it is.

    The pictures and films of one album count as the same. ``besides``: what it came with; the same thing
    without words is answered on its own.
    """
    sent = turn.update.effective_message
    album = sent.media_group_id if sent is not None else None
    what = "album" if album else f"{besides}{came.thing}"
    return not await told_lately(turn.session, turn.chat_id, what, turn.now, ONCE_IN)


async def unknown_command(update: Update, context: Context) -> None:
    """A command that does not exist, or not for this person. Words behind it are words like any others."""
    turn = current_turn()
    if turn.person.is_stranger:
        await answer_stranger(turn)
    elif turn.person.carer is not None and len(turn.text.split()) > 1:
        await message(update, context)
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
        MessageHandler(filters.ALL, message),
        CallbackQueryHandler(unknown_button),
    ]
