"""How an event was: one tap from 1 to 5, and a comment for those who want to add one."""

from datetime import timedelta
from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, ContextTypes

from carers.conversations import Conversation, expect, settle
from events import feedback
from events.feedback import Given
from handlers.free_text import hears, to_the_service
from handlers.turn import Turn, current_turn
from texts.callbacks import as_id, unpack

Context = ContextTypes.DEFAULT_TYPE
WAITS_FOR = timedelta(hours=2)
"""After that, what a carer writes is taken for a message to the service."""


async def tap(update: Update, context: Context) -> None:
    """Keep the rating and ask, in the same message, for a comment that nobody has to give."""
    turn = current_turn()
    carer = turn.person.carer
    _, arguments = unpack(turn.tapped)
    if carer is None or len(arguments) != 2:
        await turn.toast("toast_old_button")
        return
    event_id, rating = map(as_id, arguments)
    match await feedback.rate(turn.session, event_id, carer, rating, turn.now):
        case Given.THANKS:
            await expect(turn.session, turn.chat_id, "feedback", turn.now, event_id=event_id)
            await turn.edit("feedback_thanks", rating=rating)
            await turn.toast()
        case Given.ALREADY:
            await turn.toast("toast_feedback_given")
        case Given.NOT_YOURS:
            await turn.toast("toast_old_button")


@hears("feedback")
async def hear_comment(turn: Turn, conversation: Conversation) -> None:
    """The comment, unless it comes late or cannot wait: then it is a message to the service."""
    carer = turn.person.carer
    await settle(turn.session, turn.chat_id)
    late = turn.now - conversation.updated_at > WAITS_FOR
    if carer is None or late or turn.desk.is_urgent(turn.text):
        await to_the_service(turn)
        return
    await feedback.comment(turn.session, int(conversation.data["event_id"]), carer, turn.text)
    await turn.reply("feedback_commented")


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    return [CallbackQueryHandler(tap, pattern="^feedback:")]
