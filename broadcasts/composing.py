"""What a broadcast says to each recipient, read at the moment of sending.

So a text that was corrected while it goes out is corrected for everybody who comes after, and one that was
called off reaches nobody more, whatever waits in the ledger.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from broadcasts.attachments import FilesAtHand, file_of
from broadcasts.forecast import text_for
from broadcasts.markup import to_html
from broadcasts.sender import Content, Skip
from storage.broadcasts import Broadcast, BroadcastState
from storage.broadcasts_queries import broadcasts_of_notices
from storage.deliveries import WAITING, Delivery, Notice
from storage.deliveries_due import DueDelivery
from storage.engine import Session
from storage.staff import StaffMember

CALLED_OFF = {
    BroadcastState.CANCELLED: "cancelled",
    BroadcastState.RECALLED: "recalled",
}


class BroadcastComposer:
    """Composes broadcasts, many deliveries at a time. A file is read once, not once a recipient."""

    def __init__(self) -> None:
        self._files = FilesAtHand()

    async def compose_broadcasts(
        self, session: Session, due: Sequence[DueDelivery], now: datetime
    ) -> Mapping[int, Content | Skip]:
        """What to say in each of these deliveries, by its number, or why to say nothing."""
        broadcasts = await broadcasts_of_notices(session, {row.notice_id for row in due})
        files = {
            broadcast.id: await self._file(session, broadcast.attachment_id)
            for broadcast in broadcasts.values()
        }
        return {row.id: _said(row, broadcasts.get(row.notice_id), files) for row in due}

    async def compose_test(self, session: Session, delivery: Delivery, now: datetime) -> Content | Skip:
        """The same message for a member of staff who wants to see it."""
        asked = (await session.get_one(Notice, delivery.notice_id)).params
        broadcast = await session.get(Broadcast, asked["broadcast"], populate_existing=True)
        staff = await session.get_one(StaffMember, delivery.staff_id)
        if broadcast is None:
            return Skip("discarded")
        file = await self._file(session, broadcast.attachment_id)
        said = _content(broadcast, asked["language"], staff.name.partition(" ")[0], file)
        return replace(said, language=asked["language"])

    async def _file(self, session: Session, attachment_id: int | None) -> dict[str, Any] | None:
        file = await file_of(session, attachment_id)
        return None if file is None else await self._files.filled(session, file)


def _said(
    row: DueDelivery, broadcast: Broadcast | None, files: Mapping[int, dict[str, Any] | None]
) -> Content | Skip:
    if broadcast is None:
        return Skip("no_broadcast")
    # A message that went out can still be corrected when the rest was called off.
    if broadcast.state in CALLED_OFF and row.state in WAITING:
        return Skip(CALLED_OFF[broadcast.state])
    return _content(broadcast, row.language or "", row.first_name or "", files[broadcast.id])


def _content(broadcast: Broadcast, language: str, first_name: str, file: dict[str, Any] | None) -> Content:
    params: dict[str, Any] = {"html": to_html(text_for(broadcast, language), first_name)}
    return Content("broadcast", params if file is None else {**params, "file": file})
