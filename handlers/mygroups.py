"""/mygroups: the groups that a carer belongs to."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CommandHandler, ContextTypes

from carers.held import groups_of
from handlers.free_text import answer_stranger
from handlers.turn import current_turn

Context = ContextTypes.DEFAULT_TYPE


async def show(update: Update, context: Context) -> None:
    """Name the groups; the register says who is in them."""
    turn = current_turn()
    carer = turn.person.carer
    if carer is None:
        await (answer_stranger(turn) if turn.person.is_stranger else turn.reply("help_staff"))
        return
    await turn.reply("mygroups", groups=list(await groups_of(turn.session, carer)))


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    return [CommandHandler("mygroups", show)]
