"""/mydata: what the service keeps about a carer here."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CommandHandler, ContextTypes

from carers.held import what_is_held
from handlers.free_text import answer_stranger
from handlers.turn import current_turn

Context = ContextTypes.DEFAULT_TYPE


async def show_data(update: Update, context: Context) -> None:
    """Show the carer's own row of the register and how much there is of the rest."""
    turn = current_turn()
    carer = turn.person.carer
    if carer is None:
        await (answer_stranger(turn) if turn.person.is_stranger else turn.reply("help_staff"))
        return
    held = await what_is_held(turn.session, carer)
    await turn.reply(
        "mydata",
        name=f"{carer.first_name} {carer.last_name}".strip(),
        household=carer.household.ref,
        email=carer.email,
        phone=carer.phone,
        birth_year=carer.birth_year,
        linked_at=(carer.linked_at or turn.now).isoformat(),
        groups=", ".join(held.groups),
        answers=held.answers,
        messages=held.messages,
        notices=held.notices,
    )


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    return [CommandHandler("mydata", show_data)]
