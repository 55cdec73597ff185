"""Sign-in links and signed-in browsers: claiming, finding and forgetting them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CursorResult, delete, or_, select, update

from storage.engine import Session
from storage.rows import insert_for
from storage.staff import SignInLink, SignInWay, StaffMember, WebSession


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


async def claim_link(session: Session, token_hash: str, now: datetime) -> SignInWay | None:
    """Spend the link; returns by which way it went out. Of two who try at once, one gets None."""
    query = (
        update(SignInLink)
        .where(SignInLink.token_hash == token_hash, SignInLink.used_at.is_(None), SignInLink.expires_at > now)
        .values(used_at=now)
        .returning(SignInLink.way)
    )
    return (await session.scalars(query)).one_or_none()


async def spend_at_once(
    session: Session, token_hash: str, staff_id: int, way: SignInWay, now: datetime, expires_at: datetime
) -> bool:
    """Note what signs somebody in as spent, until it is too old anyway. False: it was spent before. Of two
    who try at once, one gets True."""
    row = {
        "token_hash": token_hash,
        "staff_id": staff_id,
        "created_at": now,
        "expires_at": expires_at,
        "used_at": now,
        "way": way,
    }
    statement = insert_for(session, SignInLink).values(row).on_conflict_do_nothing()
    return (await session.scalars(statement.returning(SignInLink.token_hash))).one_or_none() is not None


async def web_sessions_of(
    session: Session, staff_id: int, now: datetime, used_after: datetime
) -> Sequence[WebSession]:
    """Where this person is signed in, the browser used last first. ``used_after``: who was idle for longer is
    signed out."""
    query = (
        select(WebSession)
        .where(WebSession.staff_id == staff_id, WebSession.expires_at > now, WebSession.seen_at > used_after)
        .order_by(WebSession.seen_at.desc(), WebSession.key_hash)
    )
    return (await session.scalars(query)).all()


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
    await delete_unused_links(session, staff_id)
    return result.rowcount if isinstance(result, CursorResult) else 0


async def delete_web_sessions_but(session: Session, staff_id: int, key_hash: str, begin: str = "") -> int:
    """Sign this person out of every browser but one; of those alone whose hash begins so, if it is said.
    Returns how many that were."""
    query = delete(WebSession).where(WebSession.staff_id == staff_id, WebSession.key_hash != key_hash)
    if begin:
        query = query.where(WebSession.key_hash.startswith(begin, autoescape=True))
    result = await session.execute(query)
    return result.rowcount if isinstance(result, CursorResult) else 0


async def delete_unused_links(session: Session, staff_id: int) -> None:
    """Make the links worthless that this person has not used."""
    await session.execute(
        delete(SignInLink).where(SignInLink.staff_id == staff_id, SignInLink.used_at.is_(None))
    )


async def delete_expired(session: Session, now: datetime) -> int:
    """Forget links and browsers whose time is over. Returns how many rows went."""
    links = await session.execute(delete(SignInLink).where(SignInLink.expires_at <= now))
    browsers = await session.execute(delete(WebSession).where(WebSession.expires_at <= now))
    return sum(result.rowcount for result in (links, browsers) if isinstance(result, CursorResult))
