"""/events: what is on for this carer, and any of it as a card to answer."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, ContextTypes

from broadcasts.queue import queue_reply
from carers.people import Carer
from events.cards import card_for
from events.listing import Line, whats_on
from handlers.free_text import answer_stranger
from handlers.turn import Turn, current_turn
from texts.callbacks import as_id, unpack
from texts.clock_words import short_day

Context = ContextTypes.DEFAULT_TYPE
LONGEST_LABEL = 60
"""Characters of a button that a phone shows on two lines."""
MARKS = {
    "going": "✅ ",
    "maybe": "❔ ",
    "not_going": "✖ ",
    "waitlisted": "⏳ ",
    "ballot_entered": "🎟️ ",
    "ballot_lost": "➖ ",
    "offered": "❗ ",
}


async def show(update: Update, context: Context) -> None:
    """The first page."""
    turn = current_turn()
    carer = turn.person.carer
    if carer is None:
        await (answer_stranger(turn) if turn.person.is_stranger else turn.reply("help_staff"))
    else:
        await turn.reply("events_list", **await _page(turn, carer, 1))


async def turn_page(update: Update, context: Context) -> None:
    """Another page, in the same message."""
    turn = current_turn()
    carer = turn.person.carer
    _, arguments = unpack(turn.tapped)
    if carer is None or len(arguments) != 1:
        await turn.toast("toast_old_button")
        return
    await turn.edit("events_list", **await _page(turn, carer, as_id(arguments[0])))
    await turn.toast()


async def show_card(update: Update, context: Context) -> None:
    """One event of the list as a new message, which is the carer's card of it from now on."""
    turn = current_turn()
    carer = turn.person.carer
    _, arguments = unpack(turn.tapped)
    invitation_id = as_id(arguments[0]) if arguments else 0
    facts = await card_for(turn.session, invitation_id, carer, turn.now, as_photo=True) if carer else None
    if carer is None or facts is None:
        await turn.toast("toast_old_button")
        return
    await queue_reply(
        turn.session,
        turn.chat_id,
        "card",
        turn.said("card", facts),
        language=turn.language,
        now=turn.now,
        invitation_id=invitation_id,
        carer_id=carer.id,
    )
    await turn.toast()


async def _page(turn: Turn, carer: Carer, number: int) -> dict[str, Any]:
    page = await whats_on(turn.session, carer, number, turn.now, turn.zone)
    rows = [{"invitation_id": line.invitation_id, "label": _label(turn, line)} for line in page.lines]
    return {"rows": rows, "page": page.page, "pages": page.pages}


def _label(turn: Turn, line: Line) -> str:
    """``✅ Sat 24 May · Coffee Afternoon``, short enough for a button."""
    day = short_day(line.starts_at, turn.zone, turn.language)
    label = f"{MARKS.get(line.state.value, '')}{day} · {line.title}"
    return label if len(label) <= LONGEST_LABEL else label[: LONGEST_LABEL - 1].rstrip() + "…"


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    return [
        CommandHandler("events", show),
        CallbackQueryHandler(turn_page, pattern="^events:"),
        CallbackQueryHandler(show_card, pattern="^event:"),
    ]
