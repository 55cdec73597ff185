"""Checking in by the poster at the venue: a deep link that counts only around the time of the event."""

from typing import Any

from telegram.ext import BaseHandler

from events.attendance import check_in
from handlers.free_text import answer_stranger
from handlers.start import opens
from handlers.turn import Turn


@opens("checkin")
async def check_in_by_code(turn: Turn, code: str) -> None:
    """``/start checkin-<code>``: note that this carer came, and say so."""
    carer = turn.person.carer
    if carer is None:
        await (answer_stranger(turn) if turn.person.is_stranger else turn.reply("help_staff"))
        return
    result, event = await check_in(turn.session, code, carer, turn.now, turn.zone)
    facts = {"title": event.title, "starts_at": event.starts_at.isoformat()} if event else {}
    await turn.reply("checked_in", result=result.value, **({"title": "", "starts_at": ""} | facts))


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """None of its own: /start hands the deep link over."""
    return []
