"""What you told us: the surveys whose results are shared with carers, and what they say in short."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, ContextTypes

from care.said import published_of_round
from handlers.turn import Turn, current_turn
from surveys.definition import words
from surveys.sharing import SharedRound, shared_rounds, shared_summary
from surveys.summary import Step, told
from texts.callbacks import as_id, unpack
from texts.clock_words import short_day

Context = ContextTypes.DEFAULT_TYPE
MOST = 8
"""How many surveys one message offers; the carer's page has them all."""
LONGEST_LABEL = 60
"""Characters of a button that a phone shows on two lines."""


async def show_all(update: Update, context: Context) -> None:
    """The surveys that are shared, a button each, in the message that was tapped."""
    turn = current_turn()
    if turn.person.carer is None:
        await turn.toast("toast_old_button")
        return
    rounds = await shared_rounds(turn.session)
    listed = [{"round": round.id, "label": _label(turn, round)} for round in rounds[:MOST]]
    await turn.edit("told_list", rounds=listed, more=len(rounds) > MOST)
    await turn.toast()


async def show(update: Update, context: Context) -> None:
    """What carers said in one of them, and what is done about it, in the same message."""
    turn = current_turn()
    _, arguments = unpack(turn.tapped)
    round_id = as_id(arguments[0]) if turn.person.carer and arguments else 0
    summary = await shared_summary(turn.session, round_id) if round_id else None
    if summary is None:
        await turn.toast("toast_old_button")
        return
    said = await published_of_round(turn.session, round_id, turn.language)
    steps = [Step(one.said, one.did) for one in said if one.did]
    await turn.edit("told", **told(summary, steps, turn.language))
    await turn.toast()


def _label(turn: Turn, round: SharedRound) -> str:
    """``Quick pulse · Sat 24 May``, short enough for a button: what is cut is the title."""
    day = f" · {short_day(round.closed_at, turn.zone, turn.language)}"
    title, room = words(round.title, turn.language), LONGEST_LABEL - len(day)
    return (title if len(title) <= room else title[: room - 1].rstrip() + "…") + day


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    return [
        CallbackQueryHandler(show_all, pattern=r"^told:list\Z"),
        CallbackQueryHandler(show, pattern=r"^told:[0-9]{1,9}\Z"),
    ]
