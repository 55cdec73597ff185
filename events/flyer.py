"""The picture that goes out with an event's invitation: a photo that whoever uploads it vouches for."""

from datetime import datetime

from broadcasts.attachments import (
    PHOTO_LIMIT,
    AttachmentRefused,
    file_of,
    keep_attachment,
    read_content,
)
from storage.engine import Session
from storage.events import Event

PHOTO_ENDINGS = (".jpg", ".jpeg", ".png")


async def keep_flyer(
    session: Session, *, filename: str, mime: str, content: bytes, now: datetime
) -> int | AttachmentRefused:
    """Keep a picture, once however often it is uploaded; its id, or why it cannot go out as a photo."""
    if not filename.lower().endswith(PHOTO_ENDINGS):
        return AttachmentRefused.NOT_SUPPORTED
    return await keep_attachment(session, filename=filename, mime=mime, now=now, content=content)


async def is_flyer(session: Session, flyer_id: int) -> bool:
    """Whether there is a picture of this id."""
    file = await file_of(session, flyer_id)
    return file is not None and bool(file["is_photo"])


async def read_flyer(session: Session, flyer_id: int) -> bytes | None:
    """The picture; None where there is none, or Telegram alone has it."""
    return await read_content(session, flyer_id) if await is_flyer(session, flyer_id) else None


async def flyer_of(session: Session, event_id: int) -> int | None:
    """The id of an event's picture."""
    event = await session.get(Event, event_id)
    return event.flyer_id if event is not None else None


__all__ = [
    "PHOTO_LIMIT",
    "AttachmentRefused",
    "flyer_of",
    "is_flyer",
    "keep_flyer",
    "read_flyer",
]
