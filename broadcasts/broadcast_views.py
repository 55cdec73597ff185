"""What staff see of broadcasts, read-only: a list, one and what may be done to it, progress, report."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from broadcasts.broadcast_alerts import title_of
from broadcasts.broadcast_progress import Pulse, ReportPage, page_of, pulse, report_rows
from broadcasts.forecast import Tally
from broadcasts.stopping import BEFORE_THE_END, ONCE_BEGUN, can_be_recalled
from carers.audience import audience_words
from storage.broadcasts import Attachment, Broadcast, BroadcastState
from storage.broadcasts_queries import (
    attachment_facts,
    broadcasts_found,
    count_broadcasts,
    names_of_staff,
)
from storage.deliveries import DeliveryState
from storage.deliveries_broadcasts import ReportRow, pause_of
from storage.engine import Session
from storage.staff import StaffMember


class Deed(StrEnum):
    """What a member of staff may do to a broadcast as it stands."""

    EDIT = "edit"
    CONFIRM = "confirm"
    DISCARD = "discard"
    APPROVE = "approve"
    SEND_BACK = "send_back"
    UNSCHEDULE = "unschedule"
    CANCEL = "cancel"
    PAUSE = "pause"
    RESUME = "resume"
    RECALL = "recall"
    CORRECT = "correct"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class BroadcastLine:
    """A broadcast in a list. ``title``: the first line of its English text. Times are UTC."""

    id: int
    state: BroadcastState
    title: str
    audience: str
    audience_words: str
    written_by: str | None
    changed_at: datetime
    send_at: datetime | None
    starts_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class BroadcastList:
    """One page of broadcasts, the latest first; pages count from 1."""

    lines: list[BroadcastLine]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class AttachmentLine:
    """What goes out with a broadcast. ``size`` in bytes; null for what Telegram keeps for us."""

    id: int
    filename: str
    mime: str
    is_photo: bool
    size: int | None

    @property
    def has_content(self) -> bool:
        """Whether there is something to look at outside Telegram."""
        return self.size is not None


@dataclass(frozen=True, slots=True)
class AttachmentFile:
    """The file of a broadcast as it was uploaded; no content where Telegram keeps it for us."""

    filename: str
    mime: str
    is_photo: bool
    content: bytes | None


@dataclass(frozen=True, slots=True)
class BroadcastPage:
    """All there is to know of a broadcast, and what this person may do to it now. Times are UTC.

    ``texts`` by language, as written; ``changed_by`` wrote this version. ``paused_reason``: ``staff``,
    ``failures_in_a_row`` or ``restored``. ``notice_id``: what it is in the ledger, once it has begun.
    """

    id: int
    state: BroadcastState
    version: int
    title: str
    texts: dict[str, str]
    audience: str
    audience_words: str
    topic: str | None
    attachment: AttachmentLine | None
    attachment_id: int | None
    written_by: str | None
    changed_by: str | None
    confirmed_by: str | None
    approved_by: str | None
    created_at: datetime
    changed_at: datetime
    send_at: datetime | None
    confirmed_at: datetime | None
    approved_at: datetime | None
    starts_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    corrected_at: datetime | None
    paused_at: datetime | None
    paused_reason: str | None
    repeat_meant: bool
    notice_id: int | None
    deeds: frozenset[Deed]


async def list_broadcasts(
    session: Session, *, page: int, per_page: int = 30, state: BroadcastState | None = None
) -> BroadcastList:
    """A page of broadcasts, of one state or of all. A page past the end is the last one."""
    total = await count_broadcasts(session, state)
    page, pages = page_of(page, total, per_page)
    found = await broadcasts_found(session, state, offset=(page - 1) * per_page, count=per_page)
    return BroadcastList([_line(broadcast, name) for broadcast, name in found], total, page, pages)


def _line(broadcast: Broadcast, written_by: str | None) -> BroadcastLine:
    return BroadcastLine(
        id=broadcast.id,
        state=broadcast.state,
        title=title_of(broadcast),
        audience=broadcast.audience,
        audience_words=audience_words(broadcast.audience),
        written_by=written_by,
        changed_at=broadcast.changed_at,
        send_at=broadcast.send_at,
        starts_at=broadcast.starts_at,
        started_at=broadcast.started_at,
        ended_at=broadcast.ended_at,
    )


async def broadcast_page(
    session: Session, broadcast_id: int, by: StaffMember, now: datetime
) -> BroadcastPage | None:
    """One broadcast as this person sees it, or None where there is no such broadcast.

    ``deeds`` follow from its state and from who did what; the role is checked where they are done.
    """
    broadcast = await session.get(Broadcast, broadcast_id, populate_existing=True)
    if broadcast is None:
        return None
    people = (
        broadcast.created_by_id,
        broadcast.changed_by_id,
        broadcast.confirmed_by_id,
        broadcast.approved_by_id,
    )
    names = await names_of_staff(session, {person for person in people if person is not None})
    paused_at, paused_reason = await _pause(session, broadcast)
    return BroadcastPage(
        id=broadcast.id,
        state=broadcast.state,
        version=broadcast.version,
        title=title_of(broadcast),
        texts=dict(broadcast.texts),
        audience=broadcast.audience,
        audience_words=audience_words(broadcast.audience),
        topic=broadcast.topic,
        attachment=await _attachment(session, broadcast.attachment_id),
        attachment_id=broadcast.attachment_id,
        written_by=names.get(broadcast.created_by_id or 0),
        changed_by=names.get(broadcast.changed_by_id or 0),
        confirmed_by=names.get(broadcast.confirmed_by_id or 0),
        approved_by=names.get(broadcast.approved_by_id or 0),
        created_at=broadcast.created_at,
        changed_at=broadcast.changed_at,
        send_at=broadcast.send_at,
        confirmed_at=broadcast.confirmed_at,
        approved_at=broadcast.approved_at,
        starts_at=broadcast.starts_at,
        started_at=broadcast.started_at,
        ended_at=broadcast.ended_at,
        corrected_at=broadcast.corrected_at,
        paused_at=paused_at,
        paused_reason=paused_reason,
        repeat_meant=broadcast.repeat_meant,
        notice_id=broadcast.notice_id,
        deeds=frozenset(await _deeds(session, broadcast, by, now)),
    )


async def _pause(session: Session, broadcast: Broadcast) -> tuple[datetime | None, str | None]:
    if broadcast.state is not BroadcastState.PAUSED:
        return None, None
    if broadcast.notice_id is None:
        return None, "restored"  # nothing else pauses what has not begun
    return await pause_of(session, broadcast.notice_id)


async def _attachment(session: Session, attachment_id: int | None) -> AttachmentLine | None:
    facts = await attachment_facts(session, attachment_id) if attachment_id is not None else None
    if facts is None:
        return None
    return AttachmentLine(facts["id"], facts["filename"], facts["mime"], facts["is_photo"], facts["size"])


async def attachment_content(session: Session, broadcast_id: int) -> AttachmentFile | None:
    """The file of a broadcast, to look at; None if it has none."""
    broadcast = await session.get(Broadcast, broadcast_id, populate_existing=True)
    attachment_id = broadcast.attachment_id if broadcast else None
    file = await session.get(Attachment, attachment_id) if attachment_id is not None else None
    return AttachmentFile(file.filename, file.mime, file.is_photo, file.content) if file else None


_ALWAYS: dict[BroadcastState, set[Deed]] = {
    BroadcastState.DRAFT: {Deed.EDIT, Deed.CONFIRM, Deed.DISCARD, Deed.TEST},
    BroadcastState.AWAITING_APPROVAL: {Deed.SEND_BACK, Deed.TEST},
    BroadcastState.SCHEDULED: {Deed.UNSCHEDULE, Deed.TEST},
    BroadcastState.SENDING: {Deed.PAUSE},
    BroadcastState.PAUSED: {Deed.RESUME},
}


async def _deeds(session: Session, broadcast: Broadcast, by: StaffMember, now: datetime) -> set[Deed]:
    deeds = set(_ALWAYS.get(broadcast.state, ()))
    if broadcast.state in BEFORE_THE_END:
        deeds.add(Deed.CANCEL)
    own = by.id in (broadcast.changed_by_id, broadcast.confirmed_by_id)
    if broadcast.state is BroadcastState.AWAITING_APPROVAL and not own:
        deeds.add(Deed.APPROVE)
    begun = broadcast.state in ONCE_BEGUN and broadcast.notice_id is not None
    if begun and await can_be_recalled(session, broadcast.notice_id or 0, now):
        deeds |= {Deed.RECALL, Deed.CORRECT}
    return deeds


__all__ = [
    "AttachmentFile",
    "AttachmentLine",
    "BroadcastLine",
    "BroadcastList",
    "BroadcastPage",
    "BroadcastState",
    "Deed",
    "DeliveryState",
    "Pulse",
    "ReportPage",
    "ReportRow",
    "Tally",
    "attachment_content",
    "broadcast_page",
    "list_broadcasts",
    "pulse",
    "report_rows",
]
