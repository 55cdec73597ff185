"""Sign-in links and signed-in browsers: claiming, finding and forgetting them."""

from datetime import datetime

from sqlalchemy import CursorResult, delete, or_, select, update

from storage.engine import Session
from storage.staff import SignInLink, StaffMember, WebSession


async def link_of(session: Session, token_hash: str) -> tuple[SignInLink, StaffMember] | None:
    """The link with this hash and whom it signs in."""
    query = (
        select(SignInLink, StaffMember)
        .join(StaffMember, StaffMember.id == SignInLink.staff_id)
        .where(SignInLink.token_hash == token_hash)
    )
    row = (await session.execute(query)).one_or_none()
    return (row[0], row[1]) if row else None


async def bind_link(session: Session, token_hash: str, browser_hash: str) -> bool:
    """Tie the link to a browser unless it is tied to another. False: it is."""
    result = await session.execute(
        update(SignInLink)
        .where(
            SignInLink.token_hash == token_hash,
            or_(SignInLink.browser_hash.is_(None), SignInLink.browser_hash == browser_hash),
        )
        .values(browser_hash=browser_hash)
    )
    return isinstance(result, CursorResult) and result.rowcount == 1


async def claim_link(session: Session, token_hash: str, now: datetime) -> bool:
    """Spend the link. Of two who try at once, one gets True."""
    result = await session.execute(
        update(SignInLink)
        .where(SignInLink.token_hash == token_hash, SignInLink.used_at.is_(None), SignInLink.expires_at > now)
        .values(used_at=now)
    )
    return isinstance(result, CursorResult) and result.rowcount == 1


async def web_session_of(session: Session, key_hash: str) -> tuple[WebSession, StaffMember] | None:
    """The signed-in browser with this hash, and who sits at it unless they have left."""
    query = (
        select(WebSession, StaffMember)
        .join(StaffMember, StaffMember.id == WebSession.staff_id)
        .where(WebSession.key_hash == key_hash, StaffMember.left_on.is_(None))
    )
    row = (await session.execute(query)).one_or_none()
    return (row[0], row[1]) if row else None


async def lock_web_session(session: Session, key_hash: str) -> WebSession | None:
    """The row of this browser, so that two submissions of one form wait for each other."""
    query = select(WebSession).where(WebSession.key_hash == key_hash).with_for_update()
    return (await session.scalars(query)).one_or_none()


async def delete_web_session(session: Session, key_hash: str) -> None:
    await session.execute(delete(WebSession).where(WebSession.key_hash == key_hash))


async def delete_web_sessions_of(session: Session, staff_id: int) -> int:
    """Sign this person out everywhere. Returns how many browsers that were."""
    result = await session.execute(delete(WebSession).where(WebSession.staff_id == staff_id))
    await session.execute(
        delete(SignInLink).where(SignInLink.staff_id == staff_id, SignInLink.used_at.is_(None))
    )
    return result.rowcount if isinstance(result, CursorResult) else 0


async def delete_expired(session: Session, now: datetime) -> int:
    """Forget links and browsers whose time is over. Returns how many rows went."""
    links = await session.execute(delete(SignInLink).where(SignInLink.expires_at <= now))
    browsers = await session.execute(delete(WebSession).where(WebSession.expires_at <= now))
    return sum(result.rowcount for result in (links, browsers) if isinstance(result, CursorResult))
