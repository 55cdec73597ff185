"""Events as a file that the phone's calendar opens: one by its card's button, all by /calendar.

/calendar also leads to the carer's own link, by which a calendar keeps itself up to date.
"""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, ContextTypes

from carers.people import Carer
from events.calendar import MIME, CalendarFile, calendar_file, whole_calendar
from events.cards import adopt_card, card_for
from events.feed import end_feed, has_feed, new_feed
from handlers.free_text import unknown_command
from handlers.turn import Turn, current_turn
from texts.callbacks import as_id, unpack

Context = ContextTypes.DEFAULT_TYPE


async def send_file(update: Update, context: Context) -> None:
    """Send the file for the invitation whose button was tapped, and remember that this carer has it."""
    turn = current_turn()
    carer = turn.person.carer
    _, arguments = unpack(turn.tapped)
    invitation_id = as_id(arguments[0]) if arguments else 0
    file = None
    if carer is not None and await card_for(turn.session, invitation_id, carer, turn.now):
        await adopt_card(turn.session, invitation_id, carer, turn.message_id, turn.now, photo=turn.photo)
        file = await calendar_file(turn.session, invitation_id, carer, turn.now)
    if file is None:
        await turn.toast("toast_old_button")
        return
    await _send(turn, "calendar_file", file, cancelled=file.cancelled)
    await turn.toast()


async def send_all(update: Update, context: Context) -> None:
    """/calendar: everything that the carer is going to, in one file; and the way to their own link."""
    turn = current_turn()
    if turn.person.carer is None:
        await unknown_command(update, context)
        return
    file = await whole_calendar(turn.session, turn.person.carer, turn.now)
    if file is None:
        await turn.reply("calendar_empty", feed=turn.feeds is not None)
    else:
        await _send(turn, "calendar_all", file, feed=turn.feeds is not None)


async def tap_feed(update: Update, context: Context) -> None:
    """The carer's link: to see it, to have a new one, to switch it off. A button of an old link is old."""
    turn = current_turn()
    carer = turn.person.carer
    _, arguments = unpack(turn.tapped)
    if carer is None or turn.feeds is None:
        await turn.toast("toast_old_button")
        return
    match arguments:
        case ("show",):
            if not has_feed(carer):
                await new_feed(turn.session, carer, turn.now)
            await turn.reply("calendar_feed", **_feed(turn, carer, fresh=False))
            await turn.toast()
        case ("new", number) if has_feed(carer) and as_id(number) == carer.feed_number:
            await new_feed(turn.session, carer, turn.now)
            await turn.edit("calendar_feed", **_feed(turn, carer, fresh=True))
            await turn.toast()
        case ("off", number) if as_id(number) == carer.feed_number:
            await end_feed(turn.session, carer, turn.now)
            await turn.edit("calendar_feed_off")
            await turn.toast()
        case _:
            await turn.toast("toast_old_button")


def _feed(turn: Turn, carer: Carer, *, fresh: bool) -> dict[str, Any]:
    url = turn.feeds.link_of(carer) if turn.feeds is not None else None
    return {"url": url, "number": carer.feed_number, "fresh": fresh}


async def _send(turn: Turn, kind: str, file: CalendarFile, **params: Any) -> None:
    document = {"filename": file.filename, "mime": MIME, "content": file.content}
    await turn.reply(kind, document=document, **params)


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    return [
        CommandHandler("calendar", send_all),
        CallbackQueryHandler(send_file, pattern="^calendar:"),
        CallbackQueryHandler(tap_feed, pattern="^feed:"),
    ]
