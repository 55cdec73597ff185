"""Taking, keeping and giving back a lease; reading and writing small facts."""

from datetime import datetime

from sqlalchemy import CursorResult, delete, update

from storage.engine import Session
from storage.leases import Fact, Lease
from storage.rows import insert_for
from storage.types import JsonDict


async def take_lease(
    session: Session, name: str, holder: str, now: datetime, until: datetime, gone: str | None = None
) -> bool:
    """Become the holder, or stay it, until this time; false while somebody else is.

    ``gone``: a holder known to have died, whose lease need not run out first.
    """
    created = await session.execute(
        insert_for(session, Lease)
        .values(name=name, holder=holder, expires_at=until)
        .on_conflict_do_nothing(index_elements=["name"])
    )
    assert isinstance(created, CursorResult)  # noqa: S101 - for the type checker
    if created.rowcount == 1:
        return True
    free = (Lease.holder == holder) | (Lease.expires_at <= now)
    if gone is not None:
        free |= Lease.holder == gone
    taken = await session.execute(
        update(Lease).where(Lease.name == name, free).values(holder=holder, expires_at=until)
    )
    assert isinstance(taken, CursorResult)  # noqa: S101 - for the type checker
    return taken.rowcount == 1


async def holder_of(session: Session, name: str) -> str | None:
    """Who holds the lease, or held it last."""
    lease = await session.get(Lease, name, populate_existing=True)
    return lease.holder if lease else None


async def release_lease(session: Session, name: str, holder: str) -> None:
    """Give the lease back, so that the next need not wait for it to run out."""
    await session.execute(delete(Lease).where(Lease.name == name, Lease.holder == holder))


async def fact(session: Session, name: str) -> Fact | None:
    """The fact of this name, if there is one."""
    return await session.get(Fact, name, populate_existing=True)


async def set_fact(session: Session, name: str, value: JsonDict, now: datetime) -> None:
    """Write a fact, over the one before."""
    statement = insert_for(session, Fact).values(name=name, value=value, updated_at=now)
    await session.execute(
        statement.on_conflict_do_update(index_elements=["name"], set_={"value": value, "updated_at": now})
    )
