"""Telling staff in the chat how a broadcast gets on: one message, drawn again when what it says has changed.

A crash costs nothing: which message it is and what it says are rows, and the next look draws what is missing.
"""

from datetime import datetime, timedelta
from typing import Any

from broadcasts.broadcast_views import Deed, broadcast_page, pulse
from broadcasts.policy import Policy
from broadcasts.queue import queue_reply
from carers.people import person_of_chat
from carers.roles import Action, StaffMember, may
from storage.broadcasts_telling import (
    Shown,
    all_shown,
    forget_shown,
    is_about_to_change,
    keep_shown,
    shown_in,
)
from storage.engine import Session

KIND = "broadcast_status"
BLOCKS = 10
SOON = timedelta(hours=12)
"""A time nearer than this is said without its day."""
STILL_SHOWN = timedelta(minutes=10)
"""So long after its last change one that is over is looked at: a recall takes a while."""
_OVER = ("finished", "cancelled", "recalled", "draft")


async def status_of(
    session: Session, broadcast_id: int, by: StaffMember, policy: Policy, now: datetime
) -> dict[str, Any] | None:
    """What the message says to this person, as plain JSON; None for a broadcast that is gone."""
    page = await broadcast_page(session, broadcast_id, by, now)
    found = await pulse(session, broadcast_id, policy, now)
    if page is None or found is None:
        return None
    open_ones = found.waiting + found.held + found.retrying
    done = max(0, found.total - open_ones)
    nearest = found.finishes_at or page.starts_at
    return {
        "id": page.id,
        "version": page.version,
        "state": page.state.value,
        "mine": Deed.APPROVE not in page.deeds,
        "title": page.title,
        "audience": page.audience_words,
        "starts_at": page.starts_at.isoformat() if page.starts_at else None,
        "finishes_at": _to_the_minute(found.finishes_at) if found.finishes_at else None,
        "soon": nearest is None or nearest - now < SOON,
        "paused_reason": page.paused_reason,
        "total": found.total,
        "done": done,
        "blocks": BLOCKS * done // found.total if found.total else 0,
        "sent": found.sent,
        "waiting": found.waiting,
        "held": found.held,
        "retrying": found.retrying,
        "unknown": found.unknown,
        "failed": found.failed,
        "left_out": found.skipped + found.missed,
        "cancelled": found.cancelled,
        "recalled": found.recalled,
        "reasons": [{"name": one.name, "carers": one.carers} for one in found.reasons],
        "deeds": sorted(deed.value for deed in page.deeds),
    }


async def show_in(
    session: Session, chat_id: int, message_id: int, params: dict[str, Any], language: str, now: datetime
) -> None:
    """Let this message of the bot say it, now and from now on; the one that did so before goes away."""
    before = await shown_in(session, params["id"], chat_id)
    if before is not None and before.message_id != message_id:
        await _queue(session, before, {}, language, now, op="delete")
    shown = Shown(params["id"], chat_id, message_id, params, now)
    await _queue(session, shown, params, language, now)
    await keep_shown(session, shown)


async def stop_showing(session: Session, broadcast_id: int, chat_id: int) -> None:
    """The message is something else from now on."""
    await forget_shown(session, broadcast_id, chat_id)


async def is_shown(session: Session, broadcast_id: int, chat_id: int) -> bool:
    """Whether a message in this chat is kept up to date."""
    return await shown_in(session, broadcast_id, chat_id) is not None


async def any_to_tell(session: Session, now: datetime, policy: Policy) -> bool:
    """Whether `tell_progress` has something to do: asked every few seconds, before anything is locked."""
    for shown in await all_shown(session):
        params, _ = await _told_now(session, shown, policy, now)
        if params != shown.params or _has_rested(shown, now):
            return True
    return False


async def tell_progress(session: Session, now: datetime, policy: Policy) -> int:
    """Draw again what has changed; returns how many messages. Due every few seconds.

    Somebody whose access has ended is told nothing more. While an edit waits (Telegram may be away) no second
    one is queued behind it.
    """
    drawn = 0
    for shown in await all_shown(session):
        params, language = await _told_now(session, shown, policy, now)
        if params is None or (params == shown.params and _has_rested(shown, now)):
            await forget_shown(session, shown.broadcast_id, shown.chat_id)
        elif params != shown.params and not await is_about_to_change(
            session, shown.chat_id, shown.message_id
        ):
            await show_in(session, shown.chat_id, shown.message_id, params, language, now)
            drawn += 1
    return drawn


async def _told_now(
    session: Session, shown: Shown, policy: Policy, now: datetime
) -> tuple[dict[str, Any] | None, str]:
    """What the message should say by now, in which language; None: nothing more."""
    person = await person_of_chat(session, shown.chat_id)
    if person.staff is None or not may(person.staff, Action.WRITE_BROADCASTS):
        return None, person.language
    return await status_of(session, shown.broadcast_id, person.staff, policy, now), person.language


def _has_rested(shown: Shown, now: datetime) -> bool:
    return shown.params["state"] in _OVER and now - shown.at > STILL_SHOWN


async def _queue(
    session: Session, shown: Shown, params: dict[str, Any], language: str, now: datetime, op: str = "edit"
) -> None:
    await queue_reply(
        session,
        shown.chat_id,
        KIND,
        params,
        language=language,
        now=now,
        op=op,
        message_id=shown.message_id,
    )


def _to_the_minute(moment: datetime) -> str:
    """A forecast moves by seconds all the time, and nobody needs those."""
    return moment.replace(second=0, microsecond=0).isoformat()
