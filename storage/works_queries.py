"""Long work: taking a piece of it, keeping it alive, ending it, finding one's own."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, delete, exists, func, null, select, update
from sqlalchemy.orm import undefer

from storage.engine import Session
from storage.types import JsonDict
from storage.works import Work, WorkState

UNDER_WAY = (WorkState.WAITING, WorkState.RUNNING)


async def work_by_id(session: Session, work_id: int, asked_by_id: int, *, file: bool = False) -> Work | None:
    """One piece of work of this person; nobody else's is found. ``file``: with what it made."""
    query = select(Work).where(Work.id == work_id, Work.asked_by_id == asked_by_id)
    query = query.execution_options(populate_existing=True)
    return (await session.scalars(query.options(undefer(Work.file)) if file else query)).one_or_none()


async def works_of(session: Session, asked_by_id: int) -> Sequence[Work]:
    """Everything that this person asked for and that is still known, the latest first."""
    query = select(Work).where(Work.asked_by_id == asked_by_id).order_by(Work.id.desc())
    return (await session.scalars(query)).all()


async def unseen_of(session: Session, asked_by_id: int) -> Sequence[Work]:
    """What has ended, and this person has not looked at since."""
    query = select(Work).where(
        Work.asked_by_id == asked_by_id, Work.state.not_in(UNDER_WAY), Work.seen_at.is_(None)
    )
    return (await session.scalars(query.order_by(Work.id.desc()))).all()


async def same_under_way(session: Session, kind: str, params: JsonDict, asked_by_id: int) -> int | None:
    """The same work that this person asked for already and that has not ended."""
    query = select(Work.id, Work.params).where(
        Work.asked_by_id == asked_by_id, Work.kind == kind, Work.state.in_(UNDER_WAY)
    )
    rows = (await session.execute(query.order_by(Work.id))).all()
    return next((row[0] for row in rows if row[1] == params), None)


async def something_to_do(session: Session, silent_since: datetime) -> bool:
    """Whether work waits, or is said to run and has shown no sign of life since then."""
    waits = Work.state == WorkState.WAITING
    silent = (Work.state == WorkState.RUNNING) & (Work.beat_at < silent_since)
    return bool((await session.scalars(select(exists().where(waits | silent)))).one())


async def next_waiting(session: Session) -> Work | None:
    """The work that has waited longest."""
    query = select(Work).where(Work.state == WorkState.WAITING).order_by(Work.id).limit(1)
    return (await session.scalars(query.execution_options(populate_existing=True))).one_or_none()


async def claim(session: Session, work_id: int, now: datetime) -> bool:
    """Take what waits; false where another process was quicker."""
    taken = update(Work).where(Work.id == work_id, Work.state == WorkState.WAITING)
    return await _one(session, taken.values(state=WorkState.RUNNING, started_at=now, beat_at=now))


async def silent_works(session: Session, since: datetime, ours: Collection[int]) -> Sequence[Work]:
    """What is said to run and has shown no sign of life since then. ``ours``: what this process runs.

    What another process is ending at this moment is passed over.
    """
    query = select(Work).where(
        Work.state == WorkState.RUNNING, Work.beat_at < since, Work.id.not_in(list(ours))
    )
    return (await session.scalars(query.with_for_update(skip_locked=True))).all()


async def beat(
    session: Session, work_id: int, started_at: datetime, now: datetime, done: int, total: int | None
) -> bool:
    """Show that it goes on, and how far it is; false where it is not ours to do any more."""
    values = {"beat_at": now, "done": done, "total": total}
    return await _one(session, _mine(work_id, started_at).values(**values))


async def end(session: Session, work_id: int, started_at: datetime, values: dict[str, Any]) -> bool:
    """Write down how it ended; false, and nothing is written, where it is not ours to end any more."""
    return await _one(session, _mine(work_id, started_at).values(**values))


async def give_back(session: Session, work: Work, outcome: JsonDict) -> None:
    """Let what was interrupted begin anew."""
    again = update(Work).where(Work.id == work.id, Work.state == WorkState.RUNNING)
    values = {"state": WorkState.WAITING, "outcome": outcome, "done": 0, "total": null(), "beat_at": null()}
    await session.execute(again.values(**values))


async def stop(session: Session, work_id: int, values: dict[str, Any]) -> bool:
    """End what waits or runs without a result; false where it has ended."""
    going = update(Work).where(Work.id == work_id, Work.state.in_(UNDER_WAY))
    return await _one(session, going.values(**values))


async def note_seen(session: Session, work_id: int, now: datetime) -> None:
    await session.execute(update(Work).where(Work.id == work_id, Work.seen_at.is_(None)).values(seen_at=now))


async def drop_files(session: Session, asked_by_id: int | None = None) -> None:
    """Take away what work made, for this person or for all."""
    made = update(Work).where(Work.file.is_not(None))
    if asked_by_id is not None:
        made = made.where(Work.asked_by_id == asked_by_id)
    dropped = made.values(file=null(), kept_until=null())
    await session.execute(dropped.execution_options(synchronize_session=False))


async def delete_old_works(session: Session, now: datetime, ended_before: datetime) -> int:
    """Take the files away that were kept long enough, and what ended before then; how many of both."""
    late = update(Work).where(Work.file.is_not(None), Work.kept_until <= now).values(file=null())
    files = await session.execute(late)
    gone = await session.execute(delete(Work).where(Work.ended_at < ended_before))
    assert isinstance(files, CursorResult)  # noqa: S101 - for the type checker
    assert isinstance(gone, CursorResult)  # noqa: S101 - for the type checker
    return files.rowcount + gone.rowcount


async def count_waiting_works(session: Session) -> int:
    """How much work waits or runs."""
    query = select(func.count()).where(Work.state.in_(UNDER_WAY))
    return (await session.scalars(query)).one()


def _mine(work_id: int, started_at: datetime) -> Any:
    """The row, as long as it is the run that began then: another run of it has another beginning."""
    return update(Work).where(
        Work.id == work_id, Work.state == WorkState.RUNNING, Work.started_at == started_at
    )


async def _one(session: Session, statement: Any) -> bool:
    result = await session.execute(statement.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)  # noqa: S101 - for the type checker
    return result.rowcount == 1
