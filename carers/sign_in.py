"""How staff sign in to the console: a one-time link, then a browser that stays signed in for a while.

A link goes out in the chat or by email; `carers.mini_app` lets in who opens the console within the app.

Looking at a link never spends it: programs that preview links open them within seconds. Only a POST from the
browser that opened the link does. Of tokens and cookies the database keeps SHA-256 hashes: who reads it
cannot sign in.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from carers.audit import record
from carers.sent_forms import SentForm, forms_in, with_form
from storage.engine import Session
from storage.staff import SignInLink, SignInWay, StaffMember, WebSession
from storage.staff_sessions import (
    bind_link,
    claim_link,
    delete_expired,
    delete_web_session,
    delete_web_sessions_of,
    link_of,
    lock_web_session,
    web_session_of,
)

LINK_LIVES = timedelta(minutes=15)
IDLE_LIMIT = timedelta(hours=8)
ABSOLUTE_LIMIT = timedelta(hours=24)
_NOTE_EVERY = timedelta(minutes=5)


class LinkRefusal(StrEnum):
    """Why a link does not sign anybody in."""

    UNKNOWN = "unknown"
    EXPIRED = "expired"
    SPENT = "spent"
    OTHER_BROWSER = "other_browser"


@dataclass(frozen=True, slots=True)
class Visit:
    """A signed-in browser: who sits at it, the secret of its cookie, and the forms that it has sent."""

    staff: StaffMember
    key: str = field(repr=False)
    seen_at: datetime
    sent_forms: tuple[SentForm, ...] = ()

    def wants_noting(self, now: datetime) -> bool:
        """Whether `note_visit` is due: not on every request, which would make each look a write."""
        return now - self.seen_at >= _NOTE_EVERY


def key_hash(secret: str) -> str:
    """What the database keeps of a token or of a cookie."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_browser_key() -> str:
    """A fresh secret for the cookie of a browser that opens a link."""
    return secrets.token_urlsafe(16)


async def create_link(
    session: Session,
    staff: StaffMember,
    now: datetime,
    lives: timedelta = LINK_LIVES,
    way: SignInWay = SignInWay.CHAT,
) -> str:
    """A new one-time token (128 bits) for ``/sign-in/<token>``, which goes out by ``way``.

    Earlier links stay as they are.
    """
    token = secrets.token_urlsafe(16)
    expires_at = now + lives
    session.add(
        SignInLink(
            token_hash=key_hash(token), staff_id=staff.id, created_at=now, expires_at=expires_at, way=way
        )
    )
    await session.flush()
    return token


async def open_link(
    session: Session, token: str, browser_key: str, now: datetime, *, is_browser: bool
) -> StaffMember | LinkRefusal:
    """Whom the link would sign in, without spending it.

    The first real browser (``is_browser``) to open it is the only one that can spend it. A program that
    previews links does not count as one: binding to it would lock the person out.
    """
    found = await _usable(session, token, browser_key, now)
    if isinstance(found, StaffMember) and is_browser:
        await bind_link(session, key_hash(token), key_hash(browser_key))
    return found


async def spend_link(
    session: Session, token: str, browser_key: str, now: datetime, agent: str = ""
) -> tuple[str, StaffMember] | LinkRefusal:
    """Sign in: spends the link and returns the new browser's secret with whose it is. ``agent``: the browser
    in words."""
    found = await _usable(session, token, browser_key, now)
    if isinstance(found, LinkRefusal):
        return found
    if not await bind_link(session, key_hash(token), key_hash(browser_key)):
        return LinkRefusal.OTHER_BROWSER
    way = await claim_link(session, key_hash(token), now)
    if way is None:
        return LinkRefusal.SPENT
    return await sign_in_browser(session, found, way, now, agent), found


async def sign_in_browser(
    session: Session, staff: StaffMember, way: SignInWay, now: datetime, agent: str = ""
) -> str:
    """Let a browser in, for whom ``way`` has shown to be this person; returns the secret of its cookie.

    The secret is always a new one, so that a cookie planted beforehand is worth nothing.
    """
    key = secrets.token_urlsafe(32)
    session.add(
        WebSession(
            key_hash=key_hash(key),
            staff_id=staff.id,
            data={},
            way=way,
            agent=agent,
            created_at=now,
            seen_at=now,
            expires_at=now + ABSOLUTE_LIMIT,
        )
    )
    await record(session, now, staff, "staff.sign_in", f"staff:{staff.id}", way=way.value)
    return key


async def _usable(session: Session, token: str, browser_key: str, now: datetime) -> StaffMember | LinkRefusal:
    found = await link_of(session, key_hash(token))
    if found is None or found[1].left_on is not None:
        return LinkRefusal.UNKNOWN
    link, staff = found
    if link.used_at is not None:
        return LinkRefusal.SPENT
    if link.expires_at <= now:
        return LinkRefusal.EXPIRED
    if link.browser_hash is not None and link.browser_hash != key_hash(browser_key):
        return LinkRefusal.OTHER_BROWSER
    return staff


async def visit_of(session: Session, key: str, now: datetime) -> Visit | None:
    """Who sits at the browser with this secret; None once it was idle or signed in for too long."""
    found = await web_session_of(session, key_hash(key))
    if found is None:
        return None
    browser, staff = found
    if now >= browser.expires_at or now - browser.seen_at >= IDLE_LIMIT:
        return None
    return Visit(staff, key, browser.seen_at, _forms(browser))


async def note_visit(session: Session, visit: Visit, now: datetime) -> None:
    """Remember that the browser was used, which puts off its idle limit but never the absolute one."""
    browser = await lock_web_session(session, key_hash(visit.key))
    if browser is not None:
        browser.seen_at = max(browser.seen_at, now)


async def sent_form(session: Session, visit: Visit, once: str) -> SentForm | None:
    """What came of this form if the browser has sent it before; waits for one that is being handled now."""
    browser = await lock_web_session(session, key_hash(visit.key))
    return next((form for form in _forms(browser) if form.once == once), None)


async def keep_form(
    session: Session, visit: Visit, form: SentForm, now: datetime, *, undoes: str = ""
) -> None:
    """Remember a form in the transaction of its effect, so that sending it twice changes nothing twice.

    ``undoes``: the form that it took back, which is not offered to be taken back again.
    """
    browser = await lock_web_session(session, key_hash(visit.key))
    if browser is not None:
        browser.data = with_form(browser.data, form, now, undoes)


def _forms(browser: WebSession | None) -> tuple[SentForm, ...]:
    return forms_in(browser.data) if browser else ()


async def sign_out(session: Session, visit: Visit, now: datetime) -> None:
    """End this browser's session."""
    await delete_web_session(session, key_hash(visit.key))
    await record(session, now, visit.staff, "staff.sign_out", f"staff:{visit.staff.id}")


async def sign_out_everywhere(session: Session, staff: StaffMember, by: StaffMember, now: datetime) -> int:
    """End every session and unused link of this person. Returns how many browsers were signed out."""
    ended = await delete_web_sessions_of(session, staff.id)
    await record(session, now, by, "staff.sign_out_everywhere", f"staff:{staff.id}", browsers=ended)
    return ended


async def forget_expired_sign_ins(session: Session, now: datetime) -> int:
    """Delete links and sessions whose time is over; part of the daily purge. Returns how many rows went."""
    return await delete_expired(session, now)


__all__ = [
    "LinkRefusal",
    "SentForm",
    "SignInWay",
    "StaffMember",
    "Visit",
    "create_link",
    "forget_expired_sign_ins",
    "keep_form",
    "key_hash",
    "new_browser_key",
    "note_visit",
    "open_link",
    "sent_form",
    "sign_in_browser",
    "sign_out",
    "sign_out_everywhere",
    "spend_link",
    "visit_of",
]
