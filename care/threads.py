"""Threads: who looks after what a carer wrote, and where it stands.

A thread is new until somebody takes it, waits for its owner while the carer was the last to write, and is
answered until they write back or somebody settles it. What is settled stays so: the carer's next words open
another. A social worker sees and takes those of their own households and no others.

Two colleagues may press at once, and a carer may write while somebody reads. So each change holds the row of
the thread, looks at where it stands then, and says what has come between instead of going over it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from care.alerts import alert_handed
from carers.audit import record
from carers.people import Carer, StaffMember
from carers.roles import ALLOWED, Action, own_households_of
from storage.conversations import Thread, ThreadState
from storage.engine import Session
from storage.threads_lists import (
    Counts,
    Shown,
    ThreadLine,
    ThreadSearch,
    Written,
    count_threads,
    count_waiting,
    staff_who_may,
    thread_line,
    threads_found,
    threads_of_carer,
    written_in,
)
from storage.threads_queries import WAITING, last_message_id, lock_thread, unsettle

PER_PAGE = 25
OTHERS_SHOWN = 5


class Result(StrEnum):
    """What came of it."""

    DONE = "done"
    NOTHING = "nothing"
    """It was so already."""
    NOT_FOUND = "not_found"
    """There is none, or it is not this person's to see."""
    TAKEN = "taken"
    """Somebody else has it."""
    CHANGED = "changed"
    """Something was written that whoever pressed had not seen."""
    SETTLED = "settled"
    OTHER_OPEN = "other_open"
    """The carer has written again since: that is where it goes on."""
    NOT_THEM = "not_them"
    """The colleague may not see what this carer wrote, or has left."""


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """One page; pages count from 1."""

    lines: Sequence[ThreadLine]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class ThreadView:
    """A thread with all that is written in it. ``seen``: the newest message in it, for whoever answers or
    settles it to say what they have read."""

    line: ThreadLine
    written: Sequence[Written]

    @property
    def seen(self) -> int:
        return self.written[-1].id if self.written else 0


async def counts(session: Session, staff: StaffMember) -> Counts:
    """How many threads wait, as far as this person sees them."""
    return await count_waiting(session, staff.id, own_households_of(staff))


async def list_threads(
    session: Session, search: ThreadSearch, page: int = 1, per_page: int = PER_PAGE
) -> ThreadPage:
    """A page of threads. A page past the end is the last one."""
    total = await count_threads(session, search)
    pages = max(1, -(-total // per_page))
    page = min(page, pages)
    lines = await threads_found(session, search, offset=(page - 1) * per_page, count=per_page)
    return ThreadPage(lines, total, page, pages)


async def view_thread(session: Session, thread_id: int, staff: StaffMember) -> ThreadView | None:
    """A thread to read; None where it is not this person's to see."""
    line = await thread_line(session, thread_id, own_households_of(staff))
    return None if line is None else ThreadView(line, await written_in(session, thread_id))


async def latest_of_carer(session: Session, carer_id: int) -> Sequence[Written]:
    """What the carer and the service wrote to each other in the carer's latest thread, for the carer to read;
    empty where there is none, or nothing of it is kept any more."""
    lines = await threads_of_carer(session, carer_id, 1)
    return await written_in(session, lines[0].id) if lines else ()


async def others_of_carer(session: Session, line: ThreadLine) -> Sequence[ThreadLine]:
    """The latest of the carer's other threads."""
    latest = await threads_of_carer(session, line.carer_id, OTHERS_SHOWN + 1)
    return [one for one in latest if one.id != line.id][:OTHERS_SHOWN]


async def owners(session: Session) -> Sequence[StaffMember]:
    """Everybody who may look after threads."""
    return await staff_who_may(session, ALLOWED[Action.ANSWER_MESSAGES])


async def possible_owners(session: Session, carer_id: int) -> Sequence[StaffMember]:
    """Who may look after this carer's threads: of social workers only their own."""
    return await staff_who_may(session, ALLOWED[Action.ANSWER_MESSAGES], carer_id)


async def take(session: Session, thread_id: int, by: StaffMember, now: datetime) -> Result:
    """Look after a thread that is nobody's. Of two who press at once the second is told."""
    thread = await _open(session, thread_id, by)
    if isinstance(thread, Result):
        return thread
    if thread.owner_id is not None:
        return Result.NOTHING if thread.owner_id == by.id else Result.TAKEN
    _own(thread, by.id)
    await note(session, thread, "thread.take", by, now)
    return Result.DONE


async def give_back(session: Session, thread_id: int, by: StaffMember, now: datetime) -> Result:
    """Let anybody take a thread again that was one's own."""
    thread = await _open(session, thread_id, by)
    if isinstance(thread, Result):
        return thread
    if thread.owner_id != by.id:
        return Result.NOTHING if thread.owner_id is None else Result.TAKEN
    _own(thread, None)
    await note(session, thread, "thread.give_back", by, now)
    return Result.DONE


async def hand_over(
    session: Session, thread_id: int, to_id: int, from_id: int | None, by: StaffMember, now: datetime
) -> Result:
    """Have a colleague look after a thread, or take it over from one who is away; the new owner is told.

    ``from_id``: whose it was when whoever pressed looked, null for nobody's.
    """
    thread = await _open(session, thread_id, by)
    if isinstance(thread, Result):
        return thread
    if thread.owner_id != from_id:
        return Result.TAKEN
    if to_id not in {member.id for member in await possible_owners(session, thread.carer_id)}:
        return Result.NOT_THEM
    if to_id == from_id:
        return Result.NOTHING
    _own(thread, to_id)
    await note(session, thread, "thread.hand_over", by, now, to=to_id)
    if to_id != by.id:
        carer = await session.get_one(Carer, thread.carer_id)
        await alert_handed(session, thread, carer, to_id, by.name, now)
    return Result.DONE


async def settle(session: Session, thread_id: int, seen: int, by: StaffMember, now: datetime) -> Result:
    """Nothing more is to be said. ``seen``: the newest message that whoever presses has read: what the
    carer adds meanwhile is never put away unread."""
    thread = await lock_thread(session, thread_id, own_households_of(by))
    if thread is None:
        return Result.NOT_FOUND
    if thread.state is ThreadState.SETTLED:
        return Result.NOTHING
    if await last_message_id(session, thread.id) != seen:
        return Result.CHANGED
    thread.state, thread.settled_at, thread.settled_by_id = ThreadState.SETTLED, now, by.id
    await note(session, thread, "thread.settle", by, now)
    return Result.DONE


async def reopen(session: Session, thread_id: int, by: StaffMember, now: datetime) -> Result:
    """Go on with a settled thread, as its owner; refused where the carer has opened another since."""
    thread = await lock_thread(session, thread_id, own_households_of(by))
    if thread is None:
        return Result.NOT_FOUND
    if thread.state is not ThreadState.SETTLED:
        return Result.NOTHING
    if not await unsettle(session, thread, by.id):
        return Result.OTHER_OPEN
    await note(session, thread, "thread.reopen", by, now)
    return Result.DONE


async def note(
    session: Session, thread: Thread, action: str, by: StaffMember, now: datetime, **detail: object
) -> None:
    """Write down in the audit log what was done to a thread, with its carer's reference."""
    carer = await session.get_one(Carer, thread.carer_id)
    await record(session, now, by, action, f"thread:{thread.id}", carer=carer.ref, **detail)


async def _open(session: Session, thread_id: int, by: StaffMember) -> Thread | Result:
    """A thread that is not settled, held until the transaction ends, or why there is none to change."""
    thread = await lock_thread(session, thread_id, own_households_of(by))
    if thread is None:
        return Result.NOT_FOUND
    return Result.SETTLED if thread.state is ThreadState.SETTLED else thread


def _own(thread: Thread, owner_id: int | None) -> None:
    thread.owner_id = owner_id
    if thread.state in WAITING:
        thread.state = ThreadState.NEW if owner_id is None else ThreadState.TAKEN


__all__ = [
    "Counts",
    "Result",
    "Shown",
    "ThreadLine",
    "ThreadPage",
    "ThreadSearch",
    "ThreadView",
    "Written",
    "counts",
    "give_back",
    "hand_over",
    "latest_of_carer",
    "list_threads",
    "note",
    "others_of_carer",
    "owners",
    "possible_owners",
    "reopen",
    "settle",
    "take",
    "view_thread",
]
