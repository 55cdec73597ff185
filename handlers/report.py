"""/report for staff: a year in a few figures, and where the whole report is.

``/report`` is the year that is running, ``/report 2023/24`` another. The figures of a large register are
those of last night: no tap waits for a count.
"""

import re
from dataclasses import asdict
from datetime import date
from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, ContextTypes

from carers.roles import Action, may
from handlers.free_text import unknown_command
from handlers.turn import Turn, current_turn
from reports.figures import Figure
from reports.headlines import headline_figures, headlines, years_on_record
from reports.kept import is_large, kept, reports_to_keep
from reports.spoken import spoken
from reports.words import long_date
from reports.years import FosteringYear, NotAYear, parse_year
from texts.callbacks import as_id, unpack

Context = ContextTypes.DEFAULT_TYPE
OTHERS_SHOWN = 3
LONGEST_YEAR = 20
"""Characters that are said back of what was taken for a year."""
_YEAR = re.compile(r"(\d{4})\s*[/–-]\s*(?:\d{2})?(\d{2})", re.ASCII)

Said = tuple[str, dict[str, Any]]
"""The kind of a message, and its parameters."""


async def show(update: Update, context: Context) -> None:
    """The headline figures of the year that is asked for, each with what it is made of."""
    turn = current_turn()
    if not _may_see(turn):
        await unknown_command(update, context)
        return
    typed = " ".join(context.args or ())
    years = await _years(turn)
    try:
        year = _read(typed) if typed else next(iter(years), None)
    except NotAYear:
        year = None
    kind, params = await _said(turn, year, years, typed)
    await turn.reply(kind, **params)


async def tap(update: Update, context: Context) -> None:
    """Another year in the same message."""
    turn = current_turn()
    if not _may_see(turn):
        await turn.toast("toast_old_button")
        return
    _, arguments = unpack(turn.tapped)
    year = FosteringYear(as_id(arguments[0]))
    years = await _years(turn)
    if year in years:
        kind, params = await _said(turn, year, years)
        await turn.edit(kind, **params)
    await turn.toast("toast_seen" if year in years else "toast_old_button")


def _may_see(turn: Turn) -> bool:
    return turn.person.staff is not None and may(turn.person.staff, Action.SEE_REPORTS)


async def _years(turn: Turn) -> list[FosteringYear]:
    return await years_on_record(turn.session, turn.zone, turn.register_since, turn.now)


def _read(typed: str) -> FosteringYear:
    """The year that was typed, however it was parted. Raises `NotAYear`."""
    found = _YEAR.fullmatch(typed.strip())
    return parse_year(f"{found[1]}/{found[2]}" if found else typed)


async def _said(turn: Turn, year: FosteringYear | None, years: list[FosteringYear], typed: str = "") -> Said:
    """What there is to say of this year; None: nobody could read which was meant."""
    if year is None or year not in years:
        return "report_wrong", _wrong(year, years, typed)
    about = {
        "year": str(year),
        "link": f"{turn.address}/reports?year={year}",
        "others": _others(year, years),
    }
    found = await _figures(turn, year)
    if found is None:
        soon = any(year == each for each, _ in reports_to_keep(turn.zone, turn.now))
        return "report_counting", {**about, "soon": soon}
    figures, counted = found
    return "report", {
        **about,
        "finished": year.last_day < counted,
        "counted": long_date(counted),
        "parts": [asdict(part) for part in spoken(figures)],
    }


async def _figures(turn: Turn, year: FosteringYear) -> tuple[list[Figure], date] | None:
    """The headlines, and the day as of which they are; None where nobody has counted them."""
    if await is_large(turn.session):
        last_night = await kept(turn.session, year)
        return (headlines(last_night.report), last_night.report.data_date) if last_night else None
    figures = await headline_figures(
        turn.session, year=year, zone=turn.zone, register_since=turn.register_since, now=turn.now
    )
    return figures, turn.now.astimezone(turn.zone).date()


def _wrong(year: FosteringYear | None, years: list[FosteringYear], typed: str) -> dict[str, Any]:
    known = {"typed": typed[:LONGEST_YEAR], "year": str(year), "others": []}
    if not years:
        return {**known, "why": "empty"}
    latest, earliest = years[0], years[-1]
    why = "unread" if year is None else "ahead" if year > latest else "before"
    others = _others(None, years)
    return {**known, "why": why, "latest": str(latest), "earliest": str(earliest), "others": others}


def _others(year: FosteringYear | None, years: list[FosteringYear]) -> list[dict[str, Any]]:
    """The latest years besides this one, for a row of buttons."""
    others = [each for each in years if each != year][:OTHERS_SHOWN]
    return [{"begins": each.start, "label": str(each)} for each in others]


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    return [
        CommandHandler("report", show),
        CallbackQueryHandler(tap, pattern=r"^report:\d{4}$"),
    ]
