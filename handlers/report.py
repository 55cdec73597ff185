"""/report for staff: the year so far in a few figures, and where the whole report is."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CommandHandler, ContextTypes

from carers.roles import Action, may
from handlers.free_text import unknown_command
from handlers.turn import current_turn
from reports.figures import Figure
from reports.headlines import headline_figures
from reports.words import TITLES, sentence, value
from reports.years import year_of

Context = ContextTypes.DEFAULT_TYPE


async def show(update: Update, context: Context) -> None:
    """Say the headline figures of the year that is running, each with what it is made of."""
    turn = current_turn()
    staff = turn.person.staff
    if staff is None or not may(staff, Action.SEE_REPORTS):
        await unknown_command(update, context)
        return
    year = year_of(turn.now.astimezone(turn.zone).date())
    figures = await headline_figures(
        turn.session, year=year, zone=turn.zone, register_since=turn.register_since, now=turn.now
    )
    lines = [_said(figure) for figure in figures]
    await turn.reply("report", year=str(year), lines=lines, link=f"{turn.address}/reports")


def _said(figure: Figure) -> str:
    return sentence(figure) or f"{TITLES[figure.id]}: {value(figure)}. {figure.note}".strip()


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    return [CommandHandler("report", show)]
