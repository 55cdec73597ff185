"""/inbox for staff: how many messages wait. The words are read in the console, not sent out again."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CommandHandler, ContextTypes

from care.messages import waiting_count
from carers.roles import Action, may, own_households_of
from handlers.free_text import unknown_command
from handlers.turn import current_turn

Context = ContextTypes.DEFAULT_TYPE


async def show(update: Update, context: Context) -> None:
    """Say how many messages wait; a social worker's are those of their own households."""
    turn = current_turn()
    staff = turn.person.staff
    if staff is None or not may(staff, Action.READ_MESSAGES):
        await unknown_command(update, context)
        return
    await turn.reply("inbox", waiting=await waiting_count(turn.session, own_households_of(staff)))


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    return [CommandHandler("inbox", show)]
