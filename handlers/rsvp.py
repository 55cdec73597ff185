"""A tap on Going, Maybe or Can't go; on In person or Online where an event is both."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, ContextTypes

from carers.people import Carer
from events import rsvp
from events.cards import adopt_card, card_for, is_card, shortened
from events.choices import Result, closes_at
from handlers.turn import Turn, current_turn
from texts.callbacks import as_id, unpack

Context = ContextTypes.DEFAULT_TYPE


async def tap(update: Update, context: Context) -> None:
    """Take the answer and say what became of it. The card is drawn again by the engine."""
    turn = current_turn()
    carer = turn.person.carer
    _, arguments = unpack(turn.tapped)
    match arguments:
        case (number, choice) if carer and choice in list(rsvp.Choice):
            invitation_id = as_id(number)
            outcome = await rsvp.answer(
                turn.session, invitation_id, carer, rsvp.Choice(choice), turn.now, turn.zone
            )
            await show_outcome(turn, carer, invitation_id, outcome)
        case _:
            await turn.toast("toast_old_button")


async def show_outcome(turn: Turn, carer: Carer, invitation_id: int, outcome: rsvp.Outcome) -> None:
    """Say it over the chat, and correct the tapped message if it is an older one than the card."""
    await say(turn, outcome)
    if outcome.invitation is None:
        return
    await adopt_card(turn.session, invitation_id, carer, turn.message_id, turn.now, photo=turn.photo)
    if not await is_card(turn.session, invitation_id, carer, turn.message_id):
        await redraw(turn, carer, invitation_id)


async def say(turn: Turn, outcome: rsvp.Outcome) -> None:
    """What became of the tap, in a line over the chat."""
    draws_at = None
    if outcome.result is Result.BALLOT_ENTERED and outcome.event is not None:
        draws_at = closes_at(outcome.event).isoformat()
    off = outcome.result is Result.CANCELLED
    withdrawn = off and outcome.event is not None and outcome.event.cancelled_at is None
    result = "withdrawn" if withdrawn else outcome.result.value
    await turn.toast("toast_rsvp", result=result, position=outcome.position, draws_at=draws_at)


async def redraw(turn: Turn, carer: Carer, invitation_id: int) -> None:
    """Make the tapped message show the invitation as it stands, in few words where it may be a picture's."""
    facts = await card_for(turn.session, invitation_id, carer, turn.now)
    if facts is not None:
        await turn.edit("card", **(shortened(facts) if turn.photo or facts["pictured"] else facts))


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    return [CallbackQueryHandler(tap, pattern="^rsvp:")]
