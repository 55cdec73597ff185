"""Events as a file that the phone's calendar opens: one by its card's button, all by /calendar."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, ContextTypes

from events.calendar import MIME, CalendarFile, calendar_file, whole_calendar
from handlers.free_text import unknown_command
from handlers.turn import Turn, current_turn
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
    await _send(turn, "calendar_file", file, cancelled=file.cancelled)
    await turn.toast()


async def send_all(update: Update, context: Context) -> None:
    """/calendar: everything that the carer is going to, in one file."""
    turn = current_turn()
    if turn.person.carer is None:
        await unknown_command(update, context)
        return
    file = await whole_calendar(turn.session, turn.person.carer, turn.now)
    if file is None:
        await turn.reply("calendar_empty")
    else:
        await _send(turn, "calendar_all", file)


async def _send(turn: Turn, kind: str, file: CalendarFile, **params: Any) -> None:
    document = {"filename": file.filename, "mime": MIME, "content": file.content}
    await turn.reply(kind, document=document, **params)


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    return [
        CommandHandler("calendar", send_all),
        CallbackQueryHandler(send_file, pattern="^calendar:"),
    ]
