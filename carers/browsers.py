"""The browsers in which a member of staff is signed in, for them to look at and to sign out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from carers.audit import record
from carers.sign_in import IDLE_LIMIT, Visit, key_hash
from storage.engine import Session
from storage.staff import SignInWay
from storage.staff_sessions import delete_unused_links, delete_web_sessions_but, web_sessions_of

_SHOWN = 16
"""Signs of a session's hash by which it is told from the others on a page; they let nobody in."""


@dataclass(frozen=True, slots=True)
class Browser:
    """One browser. ``mark`` tells it from the others. ``agent``: what it is, in words; empty: not known.

    ``since``, ``seen_at`` (to some minutes) and ``until``, when it is signed out in any case, are aware UTC.
    """

    mark: str
    way: SignInWay
    agent: str
    since: datetime
    seen_at: datetime
    until: datetime
    this: bool


async def own_browsers(session: Session, visit: Visit, now: datetime) -> Sequence[Browser]:
    """Where the person is signed in: the browser that asks first, then that used last."""
    here = key_hash(visit.key)
    found = await web_sessions_of(session, visit.staff.id, now, now - IDLE_LIMIT)
    rows = [
        Browser(
            mark=row.key_hash[:_SHOWN],
            way=row.way,
            agent=row.agent,
            since=row.created_at,
            seen_at=row.seen_at,
            until=row.expires_at,
            this=row.key_hash == here,
        )
        for row in found
    ]
    return sorted(rows, key=lambda browser: not browser.this)


async def sign_out_other(session: Session, visit: Visit, mark: str, now: datetime) -> bool:
    """Sign the person out of one other browser; False: they are in no such browser, or it is this one."""
    if len(mark) != _SHOWN:
        return False
    ended = await delete_web_sessions_but(session, visit.staff.id, key_hash(visit.key), mark)
    if ended:
        await _note(session, visit, ended, now)
    return ended > 0


async def sign_out_others(session: Session, visit: Visit, now: datetime) -> int:
    """Sign the person out of every browser but this one, and make links worthless that wait to be opened: who
    does this may have seen a browser that is not theirs. Returns how many browsers there were."""
    ended = await delete_web_sessions_but(session, visit.staff.id, key_hash(visit.key))
    await delete_unused_links(session, visit.staff.id)
    await _note(session, visit, ended, now)
    return ended


async def _note(session: Session, visit: Visit, ended: int, now: datetime) -> None:
    await record(session, now, visit.staff, "staff.sign_out_other", f"staff:{visit.staff.id}", browsers=ended)


__all__ = ["Browser", "SignInWay", "own_browsers", "sign_out_other", "sign_out_others"]
