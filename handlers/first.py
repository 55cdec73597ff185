"""What is looked at before any topic: messages that were edited, and a cry for help behind a command.

An edited message would otherwise run its command a second time. And "/stop, I cannot cope any more" is more
than a command.

Reactions are not asked for (`bot.telegram`): a thumb under one of our messages says all by itself, nobody
waits for an answer to it, and a carer who takes it back would be answered twice.
"""

from typing import Any

from telegram import Message, Update
from telegram.ext import BaseHandler, ContextTypes, MessageHandler, filters

from care import inbox
from carers.conversations import waiting_for
from handlers.came import words_of
from handlers.free_text import acknowledge, to_the_service
from handlers.surveys import SENT
from handlers.surveys import TOPIC as SURVEY
from handlers.turn import current_turn

Context = ContextTypes.DEFAULT_TYPE


async def edited(update: Update, context: Context) -> None:
    """Keep what a message to the service says now. What was no message to it stays as it was first written.

    Those words are not taken for a new message: they may change an answer in an anonymous survey, which must
    not come to staff with a name. Without words, as where somebody walks with their location on, and without
    a date, as where Telegram changed something of its own, there is nothing to say.
    """
    turn, message = current_turn(), update.edited_message
    if message is None or not message.edit_date or not turn.text.strip() or turn.person.is_stranger:
        return
    carer = turn.person.carer
    if carer is not None:
        received = await inbox.edited(
            turn.session, carer, turn.chat_id, message.message_id, turn.text, turn.now, turn.desk
        )
        if received is not None:
            await (acknowledge(turn, received) if received.urgent else turn.reply("message_changed"))
            return
    await turn.reply("edit_not_seen", urgent=carer is not None and turn.desk.is_urgent(turn.text))


class _CommandWithACry(filters.MessageFilter):
    """A carer's command with words of danger behind it."""

    def filter(self, message: Message) -> bool:
        turn = current_turn()
        if turn.person.carer is None or turn.person.staff is not None:
            return False
        _, _, rest = words_of(message).partition(" ")
        return turn.desk.is_urgent(rest)


async def cry(update: Update, context: Context) -> None:
    """It goes to the service, and the numbers to the carer. The command is not carried out.

    In the middle of a survey they get the numbers alone: what may be an answer never goes to staff.
    """
    turn = current_turn()
    conversation = await waiting_for(turn.session, turn.chat_id)
    if conversation is not None and conversation.topic == SURVEY and conversation.step != SENT:
        await turn.reply("survey_buttons", urgent=True)
    else:
        await to_the_service(turn)


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    return [
        MessageHandler(filters.UpdateType.EDITED, edited),
        MessageHandler(filters.COMMAND & ~filters.Regex("^/start") & _CommandWithACry(), cry),
    ]
