"""Register files that staff uploaded in the console: looked at first, then taken in or put away."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from carers.audit import record
from carers.file_outcome import FileOutcome
from carers.pace import Pace
from carers.register_changes import fingerprint
from carers.register_file import ReadFile, import_read, read_file
from storage.engine import Session
from storage.register_drafts import RegisterDraft
from storage.register_queries import count_drafts, delete_drafts, draft_by_id, drafts_in_order
from storage.staff import StaffMember

KEPT_FOR = timedelta(days=1)
"""How long a file full of names may wait for somebody to decide."""


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A file that waits, called as it was called where it came from. ``size`` in bytes."""

    id: int
    name: str
    uploaded_at: datetime
    uploaded_by: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would change, and the ``mark`` that tells these changes from any others.

    ``draft_id`` null: it has errors and was not kept. ``stale``: it would change other things now than when
    it was uploaded.
    """

    name: str
    outcome: FileOutcome
    mark: str = ""
    draft_id: int | None = None
    stale: bool = False

    @property
    def changes_nothing(self) -> bool:
        return not (self.outcome.errors or self.outcome.changes or self.outcome.besides)


class Taken(StrEnum):
    """``DIFFERS``: it changes other things than were shown. Whoever asked must undo the transaction."""

    TAKEN = "taken"
    DIFFERS = "differs"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class TakeOutcome:
    """``found``: what it changed, or would change; null where the file is gone."""

    result: Taken
    found: Preview | None = None


async def upload(
    session: Session, name: str, content: bytes, by: StaffMember, now: datetime, today: date
) -> Preview:
    """Look at a file; keep it until somebody decides, unless it has errors. ``today`` is the local date."""
    outcome = await import_read(session, await read_file(name, content, today), now, today, dry_run=True)
    if outcome.errors:
        return Preview(name, outcome)
    mark = fingerprint(outcome)
    draft_id = await keep(session, name, content, by, now, mark=mark, changes=len(outcome.changes))
    return Preview(name[:200], outcome, mark, draft_id)


async def keep(
    session: Session,
    name: str,
    content: bytes,
    by: StaffMember,
    now: datetime,
    *,
    mark: str = "",
    changes: int | None = None,
) -> int:
    """Keep a file until somebody decides; returns its number. ``mark`` and ``changes``: what was found in it;
    nobody may have looked into it yet."""
    draft = RegisterDraft(
        name=name[:200], content=content, fingerprint=mark, uploaded_at=now, uploaded_by_id=by.id
    )
    session.add(draft)
    await session.flush()
    found = {} if changes is None else {"changes": changes}
    await record(session, now, by, "register.upload", f"draft:{draft.id}", **found)
    return draft.id


async def read_draft(session: Session, draft_id: int) -> tuple[str, bytes] | None:
    """A file that waits, by its name and content."""
    draft = await draft_by_id(session, draft_id)
    return (draft.name, draft.content) if draft is not None else None


async def preview(
    session: Session,
    draft_id: int,
    now: datetime,
    today: date,
    read: ReadFile | None = None,
    pace: Pace | None = None,
) -> Preview | None:
    """What a file that waits would change now. All of it is done and taken back: ``session`` may write.

    ``read``: the file, where it was read before the transaction began.
    """
    draft = await draft_by_id(session, draft_id)
    if draft is None:
        return None
    read = read or await read_file(draft.name, draft.content, today)
    outcome = await import_read(session, read, now, today, dry_run=True, pace=pace)
    mark, before = fingerprint(outcome), draft.fingerprint
    if not before:
        draft.fingerprint = mark
    return Preview(draft.name, outcome, mark, draft.id, stale=before not in ("", mark))


async def take_in(
    session: Session,
    draft_id: int,
    shown: str,
    by: StaffMember,
    now: datetime,
    today: date,
    read: ReadFile | None = None,
    pace: Pace | None = None,
) -> TakeOutcome:
    """Take a file that waits into the register, if it changes what was ``shown``: see `Preview.mark`."""
    draft = await draft_by_id(session, draft_id, lock=True)
    if draft is None:
        return TakeOutcome(Taken.GONE)
    read = read or await read_file(draft.name, draft.content, today)
    outcome = await import_read(session, read, now, today, by=by, pace=pace)
    mark = fingerprint(outcome)
    found = Preview(draft.name, outcome, mark, draft.id)
    if outcome.errors or mark != shown:
        return TakeOutcome(Taken.DIFFERS, found)
    await session.delete(draft)
    await session.flush()
    return TakeOutcome(Taken.TAKEN, found)


async def put_away(session: Session, draft_id: int, by: StaffMember, now: datetime) -> bool:
    """Delete a file that waits; False if it is gone already."""
    draft = await draft_by_id(session, draft_id, lock=True)
    if draft is None:
        return False
    await session.delete(draft)
    await record(session, now, by, "register.put_away", f"draft:{draft_id}")
    return True


async def drop(session: Session, draft_id: int) -> None:
    """Delete a file in which there are errors: nothing of it is kept."""
    draft = await draft_by_id(session, draft_id, lock=True)
    if draft is not None:
        await session.delete(draft)
        await session.flush()


async def waiting_drafts(session: Session) -> list[DraftLine]:
    """The files that wait, the latest first."""
    return [DraftLine(*row) for row in await drafts_in_order(session)]


async def waiting_draft(session: Session, draft_id: int) -> DraftLine | None:
    """One of them."""
    return next((one for one in await waiting_drafts(session) if one.id == draft_id), None)


async def forget_register_drafts(session: Session, now: datetime) -> int:
    """For the purge: delete the files that waited for a day; how many."""
    return await delete_drafts(session, now - KEPT_FOR)


async def count_register_drafts(session: Session, now: datetime) -> int:
    """How many `forget_register_drafts` would delete."""
    return await count_drafts(session, now - KEPT_FOR)
