"""/help and /message: what the bot can do, and how to write to the service."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CommandHandler, ContextTypes

from carers.conversations import expect
from handlers.free_text import answer_stranger, to_the_service
from handlers.turn import current_turn

Context = ContextTypes.DEFAULT_TYPE


async def show_help(update: Update, context: Context) -> None:
    """The commands, and the numbers to ring."""
    turn = current_turn()
    if turn.person.is_stranger:
        await answer_stranger(turn)
    else:
        await turn.reply("help" if turn.person.carer else "help_staff")


async def message(update: Update, context: Context) -> None:
    """Ask what the carer wants to say, with the notice of safety before they write; or take what they have
    written behind the command already."""
    turn = current_turn()
    if turn.person.carer is None:
        await show_help(update, context)
        return
    if context.args:
        await to_the_service(turn, turn.text.split(maxsplit=1)[1])
        return
    await expect(turn.session, turn.chat_id, "message", turn.now)
    await turn.reply("message_ask", open=turn.desk.is_open(turn.now))


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    return [CommandHandler("help", show_help), CommandHandler("message", message)]
