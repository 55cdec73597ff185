"""Add to calendar: the event as a file that the phone's calendar opens."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, ContextTypes

from events.calendar import MIME, calendar_file
from handlers.turn import current_turn
from texts.callbacks import as_id, unpack

Context = ContextTypes.DEFAULT_TYPE


async def send_file(update: Update, context: Context) -> None:
    """Send the file for the invitation whose button was tapped."""
    turn = current_turn()
    carer = turn.person.carer
    _, arguments = unpack(turn.tapped)
    invitation_id = as_id(arguments[0]) if arguments else 0
    file = await calendar_file(turn.session, invitation_id, carer, turn.now) if carer else None
    if file is None:
        await turn.toast("toast_old_button")
        return
    document = {"filename": file.filename, "mime": MIME, "content": file.content}
    await turn.reply("calendar_file", cancelled=file.cancelled, document=document)
    await turn.toast()


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    return [CallbackQueryHandler(send_file, pattern="^calendar:")]
