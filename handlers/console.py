"""/console: a one-time link by which staff sign in to the console."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CommandHandler, ContextTypes

from carers.sign_in import create_link
from handlers.free_text import answer_stranger
from handlers.turn import current_turn

Context = ContextTypes.DEFAULT_TYPE


async def console(update: Update, context: Context) -> None:
    """Send a link that works once; without a preview, which would open it, and not to be passed on."""
    turn = current_turn()
    if turn.person.is_stranger:
        await answer_stranger(turn)
    elif turn.person.staff is None:
        await turn.reply("no_console")
    else:
        token = await create_link(turn.session, turn.person.staff, turn.now)
        link = f"{turn.address}/sign-in/{token}"
        await turn.reply("sign_in_link", link=link, app=turn.app, protect=True)


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    return [CommandHandler("console", console)]
