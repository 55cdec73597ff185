"""You said, we did: what the service does about what carers said, a few at a time."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, ContextTypes

from care.said import published
from handlers.turn import current_turn
from texts.callbacks import as_id, unpack

Context = ContextTypes.DEFAULT_TYPE


async def show(update: Update, context: Context) -> None:
    """A page of it, for carers, in place of the message whose button was tapped."""
    turn = current_turn()
    _, arguments = unpack(turn.tapped)
    if turn.person.carer is None or len(arguments) != 1:
        await turn.toast("toast_old_button")
        return
    found = await published(turn.session, turn.language, as_id(arguments[0]))
    actions = [one.as_params() for one in found.actions]
    await turn.edit("said_list", actions=actions, page=found.page, pages=found.pages)
    await turn.toast()


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    return [CallbackQueryHandler(show, pattern="^said:")]
