"""Long work that staff ask for: it is done beside the page, which can be left, and told of when it has ended.

Asking is one row in the transaction of the form. Some process takes the row, shows signs of life while it
works, and writes what it changes and how it ended in one transaction: after a crash nothing is half done, and
what stands still for a minute is said to have been interrupted, or begun anew where twice is harmless.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from carers.audit import record
from storage import works_queries as rows
from storage.engine import Session
from storage.staff import StaffMember
from storage.types import JsonDict
from storage.works import Work, WorkState

SILENT_FOR = timedelta(minutes=1)
"""Without a sign of life for so long, whoever did it is gone."""

FILE_KEPT_FOR = timedelta(days=1)
"""What work made is full of names as often as not: it can be made again."""

KEPT_FOR = timedelta(days=30)
"""How long one finds in one's list that there was such work."""

PASSING = "asked"
"""Of the parameters, what is forgotten when the work ends: it may say for whose name somebody looked."""

_AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Ended:
    """How work ended: a sentence for whoever asked, and where to go on.

    ``refused``: it came to an answer, and the answer is no. ``undo``: what its transaction wrote is taken
    back. ``file``: what it made, to be fetched for a day under ``file_name``.
    """

    said: str
    href: str = ""
    link: str = ""
    refused: bool = False
    undo: bool = False
    file: bytes | None = None
    file_name: str = ""


@dataclass(frozen=True, slots=True)
class WorkLine:
    """One piece of work, as whoever asked for it sees it. Times are aware UTC."""

    id: int
    kind: str
    params: Mapping[str, Any]
    state: WorkState
    asked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    done: int
    total: int | None
    said: str
    href: str
    link: str
    file_name: str
    kept_until: datetime | None
    seen: bool

    @property
    def goes_on(self) -> bool:
        return self.state in rows.UNDER_WAY


async def ask(session: Session, kind: str, params: JsonDict, by: StaffMember, now: datetime) -> int:
    """Ask for work; returns its number. What is under way for the same person already is not asked twice."""
    known = await rows.same_under_way(session, kind, params, by.id)
    if known is not None:
        return known
    work = Work(kind=kind, params=params, asked_by_id=by.id, asked_at=now)
    session.add(work)
    await session.flush()
    await record(session, now, by, "work.ask", f"work:{work.id}", kind=kind)
    return work.id


async def mine(session: Session, staff: StaffMember) -> list[WorkLine]:
    """What this person asked for, the latest first."""
    return [_line(work) for work in await rows.works_of(session, staff.id)]


async def one_of_mine(session: Session, work_id: int, staff: StaffMember) -> WorkLine | None:
    """One piece of this person's work; None for anybody else's."""
    work = await rows.work_by_id(session, work_id, staff.id)
    return _line(work) if work is not None else None


async def file_of_mine(session: Session, work_id: int, staff: StaffMember, now: datetime) -> bytes | None:
    """What the work made, while it is kept."""
    work = await rows.work_by_id(session, work_id, staff.id, file=True)
    if work is None or work.kept_until is None or work.kept_until <= now:
        return None
    return work.file


async def unseen(session: Session, staff: StaffMember) -> list[WorkLine]:
    """What has ended since this person last looked, for their home page."""
    return [_line(work) for work in await rows.unseen_of(session, staff.id)]


async def see(session: Session, work_id: int, staff: StaffMember, now: datetime) -> None:
    """Note that whoever asked has seen the end of it. What goes on, or is another's, has no end to see."""
    line = await one_of_mine(session, work_id, staff)
    if line is not None and not line.goes_on:
        await rows.note_seen(session, work_id, now)


async def stop(session: Session, work_id: int, staff: StaffMember, now: datetime) -> bool:
    """End one's own work before its time; nothing of it stays. False where it is not there or has ended."""
    line = await one_of_mine(session, work_id, staff)
    if line is None:
        return False
    values = _ending(WorkState.REFUSED, "You stopped it. Nothing was changed.", line.params, now)
    stopped = await rows.stop(session, work_id, {**values, "seen_at": now})
    if stopped:
        await record(session, now, staff, "work.stop", f"work:{work_id}")
    return stopped


async def forget_works_of(session: Session, staff_id: int, now: datetime) -> None:
    """Their role is another, or they have left: what was made for them in the one that they had is no longer
    theirs to fetch, and what goes on would be none either."""
    for work in await rows.works_of(session, staff_id):
        if work.state in rows.UNDER_WAY:
            values = _ending(WorkState.REFUSED, NOT_THEIRS, work.params, now)
            await rows.stop(session, work.id, values)
    await rows.drop_files(session, staff_id)


# For the process that does the work.


@dataclass(frozen=True, slots=True)
class Claimed:
    """Work that is this process's to do. ``started_at`` tells this run from any other of the same work."""

    id: int
    kind: str
    params: Mapping[str, Any]
    by: StaffMember
    started_at: datetime
    outcome: JsonDict = field(default_factory=dict)


async def waiting_or_silent(session: Session, now: datetime) -> bool:
    """A cheap question: is there anything to take, or to put right."""
    return await rows.something_to_do(session, now - SILENT_FOR)


async def take_next(session: Session, now: datetime) -> Claimed | None:
    """Take the work that has waited longest; None where there is none, or another process was quicker."""
    work = await rows.next_waiting(session)
    if work is None or not await rows.claim(session, work.id, now):
        return None
    by = await session.get_one(StaffMember, work.asked_by_id)
    return Claimed(work.id, work.kind, work.params, by, now, work.outcome)


async def show_life(session: Session, work: Claimed, now: datetime, done: int, total: int | None) -> bool:
    """It goes on. False: somebody stopped it, or took us for dead; what we do is to be dropped."""
    return await rows.beat(session, work.id, work.started_at, now, done, total)


async def end(session: Session, work: Claimed, ended: Ended, now: datetime) -> bool:
    """How it ended, in the transaction of what it changed; false: that transaction must not stand."""
    state = WorkState.REFUSED if ended.refused else WorkState.DONE
    values = {
        **_ending(state, ended.said, work.params, now),
        "outcome": {"said": ended.said, "href": ended.href, "link": ended.link},
        "file": ended.file,
        "file_name": ended.file_name[:120],
        "kept_until": now + FILE_KEPT_FOR if ended.file is not None else None,
    }
    return await rows.end(session, work.id, work.started_at, values)


async def fail(session: Session, work: Claimed, said: str, now: datetime) -> bool:
    """It broke; nothing of it stands. False where it has ended otherwise."""
    values = _ending(WorkState.FAILED, said, work.params, now)
    return await rows.end(session, work.id, work.started_at, values)


def _ending(state: WorkState, said: str, params: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """What stands in the row from the end on."""
    kept = {name: value for name, value in params.items() if name != PASSING}
    return {"state": state, "ended_at": now, "outcome": {"said": said}, "params": kept}


INTERRUPTED = "It was interrupted, and nothing was changed. Start it again."
NOT_THEIRS = "Your role was changed meanwhile. Nothing was changed."


async def put_right(
    session: Session, now: datetime, ours: Collection[int], repeatable: Collection[str]
) -> int:
    """See to work whose process is gone; how many. It begins anew once where that is harmless, so that work
    which itself brings the process down does not do so for ever."""
    silent = await rows.silent_works(session, now - SILENT_FOR, ours)
    for work in silent:
        await _interrupted(session, work, now, again=work.kind in repeatable)
    return len(silent)


async def let_go(session: Session, claimed: Claimed, now: datetime, *, repeatable: bool) -> None:
    """This process stops before the work has ended: as `put_right` would, but at once."""
    work = await session.get(Work, claimed.id, populate_existing=True, with_for_update=True)
    if work is not None and work.state is WorkState.RUNNING and work.started_at == claimed.started_at:
        await _interrupted(session, work, now, again=repeatable)


async def _interrupted(session: Session, work: Work, now: datetime, *, again: bool) -> None:
    if again and not work.outcome.get(_AGAIN):
        await rows.give_back(session, work, {_AGAIN: True})
    elif work.started_at is not None:
        values = _ending(WorkState.FAILED, INTERRUPTED, work.params, now)
        await rows.end(session, work.id, work.started_at, values)


async def forget_old_works(session: Session, now: datetime) -> int:
    """For the purge: files after a day, the rest after a month; how many."""
    return await rows.delete_old_works(session, now, now - KEPT_FOR)


def _line(work: Work) -> WorkLine:
    said: Mapping[str, str] = work.outcome
    return WorkLine(
        id=work.id,
        kind=work.kind,
        params=work.params,
        state=work.state,
        asked_at=work.asked_at,
        started_at=work.started_at,
        ended_at=work.ended_at,
        done=work.done,
        total=work.total,
        said=said.get("said", ""),
        href=said.get("href", ""),
        link=said.get("link", ""),
        file_name=work.file_name,
        kept_until=work.kept_until,
        seen=work.seen_at is not None,
    )


__all__ = [
    "FILE_KEPT_FOR",
    "INTERRUPTED",
    "KEPT_FOR",
    "PASSING",
    "SILENT_FOR",
    "Claimed",
    "Ended",
    "WorkLine",
    "WorkState",
    "ask",
    "end",
    "fail",
    "file_of_mine",
    "forget_old_works",
    "forget_works_of",
    "let_go",
    "mine",
    "one_of_mine",
    "put_right",
    "see",
    "show_life",
    "stop",
    "take_next",
    "unseen",
    "waiting_or_silent",
]
