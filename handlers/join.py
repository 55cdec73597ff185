"""A tap on "Join online": the link for who goes online, from an hour before the start; for nobody else."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, ContextTypes

from events.cards import event_facts
from events.joining import Asked, Door, ask_to_join
from handlers.turn import Turn, current_turn
from texts.callbacks import as_id, unpack

Context = ContextTypes.DEFAULT_TYPE


async def tap(update: Update, context: Context) -> None:
    turn = current_turn()
    carer = turn.person.carer
    _, arguments = unpack(turn.tapped)
    match arguments:
        case (number,) if carer:
            asked = await ask_to_join(turn.session, as_id(number), carer, turn.now, turn.zone)
            await _answer(turn, asked)
        case _:
            await turn.toast("toast_old_button")


async def _answer(turn: Turn, asked: Asked) -> None:
    if asked.door is Door.OPEN and asked.event is not None:
        await turn.reply("join_link", **event_facts(asked.event), url=asked.url, protect=True)
        await turn.toast()
        return
    opens_at = asked.opens_at.isoformat() if asked.opens_at else None
    await turn.toast("toast_join", door=asked.door.value, opens_at=opens_at)


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    return [CallbackQueryHandler(tap, pattern="^join:")]
