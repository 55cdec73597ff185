"""Telling members of staff in their chats of a broadcast: the message itself, and what became of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from broadcasts.drafts import ENGLISH
from broadcasts.forecast import text_for
from broadcasts.markup import to_plain
from broadcasts.queue import Recipient, queue_notice
from storage.broadcasts import Broadcast
from storage.engine import Session

TELL_FOR = timedelta(hours=24)
"""Later than that it is no news."""
TITLE_LENGTH = 60


async def show(
    session: Session, broadcast: Broadcast, staff: Sequence[int], language: str, now: datetime
) -> None:
    """Send the message itself to these members of staff."""
    await queue_notice(
        session,
        "broadcast_test",
        [Recipient(staff_id=staff_id) for staff_id in staff],
        about=f"{broadcast.id}:{language}:{now.isoformat()}",
        now=now,
        send_by=now + TELL_FOR,
        params={"broadcast": broadcast.id, "language": language},
    )


async def tell(
    session: Session,
    broadcast: Broadcast,
    staff: Sequence[int | None],
    now: datetime,
    text: str,
    **params: object,
) -> None:
    """Tell these members of staff what became of a broadcast."""
    await queue_notice(
        session,
        "staff_alert",
        [Recipient(staff_id=staff_id) for staff_id in staff if staff_id is not None],
        about=f"{text}:{broadcast.id}:{now.isoformat()}",
        now=now,
        send_by=now + TELL_FOR,
        params={"text": text, "id": broadcast.id, "excerpt": title_of(broadcast), **params},
    )


def title_of(broadcast: Broadcast) -> str:
    """A short name for it."""
    return title_in(text_for(broadcast, ENGLISH))


def title_in(text: str) -> str:
    """The first line of such words that is no greeting."""
    lines = to_plain(text, "…").strip().splitlines() or [""]
    words = next((line for line in lines if line and not line.endswith((",", "!"))), lines[0])
    return words if len(words) <= TITLE_LENGTH else f"{words[: TITLE_LENGTH - 1].rstrip()}…"
