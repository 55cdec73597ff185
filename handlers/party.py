"""Who of a household is coming, in numbers, and what they need: both under the card."""

from datetime import timedelta
from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, ContextTypes

from carers.conversations import Conversation, expect, settle
from carers.people import Carer
from events import rsvp
from events.cards import card_for
from handlers.free_text import hears, to_the_service
from handlers.rsvp import redraw, say
from handlers.turn import Turn, current_turn
from texts.callbacks import as_id, unpack

Context = ContextTypes.DEFAULT_TYPE
WAITS_FOR = timedelta(hours=2)
"""After that, what a carer writes is taken for a message to the service."""


async def tap(update: Update, context: Context) -> None:
    """Open the numbers, change one, or go back to the card. Each button carries the numbers it leads to."""
    turn = current_turn()
    carer = turn.person.carer
    _, arguments = unpack(turn.tapped)
    match arguments:
        case (number,) if carer:
            await _show(turn, carer, as_id(number))
        case (number, "done") if carer:
            await redraw(turn, carer, as_id(number))
            await turn.toast()
        case (number, *bands) if carer and len(bands) == 5:
            await _change(turn, carer, as_id(number), rsvp.Party(*map(as_id, bands)))
        case _:
            await turn.toast("toast_old_button")


async def _show(turn: Turn, carer: Carer, invitation_id: int) -> None:
    facts = await card_for(turn.session, invitation_id, carer, turn.now)
    if facts is None or not facts["can_set_party"]:
        await turn.toast("toast_old_button")
        return
    await turn.edit("party", **facts)
    await turn.toast()


async def _change(turn: Turn, carer: Carer, invitation_id: int, party: rsvp.Party) -> None:
    outcome = await rsvp.set_party(turn.session, invitation_id, carer, party, turn.now, turn.zone)
    await say(turn, outcome)
    facts = await card_for(turn.session, invitation_id, carer, turn.now)
    if facts is not None and facts["can_set_party"]:
        await turn.edit("party", **facts)
    else:
        await redraw(turn, carer, invitation_id)


async def ask_for_needs(update: Update, context: Context) -> None:
    """Wait for one message with what the organiser should know."""
    turn = current_turn()
    carer = turn.person.carer
    _, arguments = unpack(turn.tapped)
    match arguments:
        case (number,) if carer:
            facts = await card_for(turn.session, as_id(number), carer, turn.now)
            if facts is not None and facts["can_note_needs"]:
                await expect(turn.session, turn.chat_id, "needs", turn.now, invitation_id=as_id(number))
                await turn.reply("needs_ask", title=facts["title"])
                await turn.toast()
                return
    await turn.toast("toast_old_button")


@hears("needs")
async def hear_needs(turn: Turn, conversation: Conversation) -> None:
    """The message that was waited for: kept with the invitation, shown to the organiser alone.

    One that comes late, or cannot wait, is a message to the service.
    """
    carer = turn.person.carer
    await settle(turn.session, turn.chat_id)
    late = turn.now - conversation.updated_at > WAITS_FOR
    if carer is None or late or turn.desk.is_urgent(turn.text):
        await to_the_service(turn)
        return
    outcome = await rsvp.set_needs(
        turn.session, int(conversation.data["invitation_id"]), carer, turn.text, turn.now
    )
    await turn.reply("needs_saved" if outcome.changed else "needs_too_late")


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    return [
        CallbackQueryHandler(tap, pattern="^party:"),
        CallbackQueryHandler(ask_for_needs, pattern="^needs:"),
    ]
