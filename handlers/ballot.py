"""A tap on "Why?" after a draw: how it went for this household, in plain words."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, ContextTypes

from events.ballot_why import why_facts
from handlers.turn import current_turn
from texts.callbacks import as_id, unpack

Context = ContextTypes.DEFAULT_TYPE


async def why(update: Update, context: Context) -> None:
    """Told of their own entry, to who entered; to anybody else the button is an old one."""
    turn = current_turn()
    carer = turn.person.carer
    _, arguments = unpack(turn.tapped)
    match arguments:
        case (number,) if carer and (told := await why_facts(turn.session, as_id(number), carer)):
            await turn.reply("ballot_why", **told)
            await turn.toast()
        case _:
            await turn.toast("toast_old_button")


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    return [CallbackQueryHandler(why, pattern="^ballot:")]
