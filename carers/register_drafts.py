"""Register files that staff uploaded in the console: looked at first, then taken in or put away."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from carers.audit import record
from carers.file_outcome import FileOutcome
from carers.register_changes import fingerprint
from carers.register_file import import_register
from storage.engine import Session
from storage.register_drafts import RegisterDraft
from storage.register_queries import count_drafts, delete_drafts, draft_by_id, drafts_in_order
from storage.staff import StaffMember

KEPT_FOR = timedelta(days=1)
"""How long a file full of names may wait for somebody to decide."""


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A file that waits, called as it was called where it came from."""

    id: int
    name: str
    uploaded_at: datetime
    uploaded_by: str


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
    outcome = await import_register(session, name, content, now, today, dry_run=True)
    if outcome.errors:
        return Preview(name, outcome)
    mark = fingerprint(outcome)
    draft = RegisterDraft(
        name=name[:200], content=content, fingerprint=mark, uploaded_at=now, uploaded_by_id=by.id
    )
    session.add(draft)
    await session.flush()
    await record(session, now, by, "register.upload", f"draft:{draft.id}", changes=len(outcome.changes))
    return Preview(draft.name, outcome, mark, draft.id)


async def preview(session: Session, draft_id: int, now: datetime, today: date) -> Preview | None:
    """What a file that waits would change now. All of it is done and taken back: ``session`` may write."""
    draft = await draft_by_id(session, draft_id)
    if draft is None:
        return None
    outcome = await import_register(session, draft.name, draft.content, now, today, dry_run=True)
    mark = fingerprint(outcome)
    return Preview(draft.name, outcome, mark, draft.id, stale=mark != draft.fingerprint)


async def take_in(
    session: Session, draft_id: int, shown: str, by: StaffMember, now: datetime, today: date
) -> TakeOutcome:
    """Take a file that waits into the register, if it changes what was ``shown``: see `Preview.mark`."""
    draft = await draft_by_id(session, draft_id, lock=True)
    if draft is None:
        return TakeOutcome(Taken.GONE)
    outcome = await import_register(session, draft.name, draft.content, now, today, by=by)
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


async def waiting_drafts(session: Session) -> list[DraftLine]:
    """The files that wait, the latest first."""
    return [DraftLine(*row) for row in await drafts_in_order(session)]


async def forget_register_drafts(session: Session, now: datetime) -> int:
    """For the purge: delete the files that waited for a day; how many."""
    return await delete_drafts(session, now - KEPT_FOR)


async def count_register_drafts(session: Session, now: datetime) -> int:
    """How many `forget_register_drafts` would delete."""
    return await count_drafts(session, now - KEPT_FOR)
