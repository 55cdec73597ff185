"""The photo or document that goes out with a broadcast or as an event's flyer: what is taken, and how it is
handed to the sender."""

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import PurePath
from typing import Any

from broadcasts.sender import Content
from storage.broadcasts import Attachment
from storage.broadcasts_queries import (
    attachment_content,
    attachment_facts,
    forget_unused_attachments,
    same_attachment,
)
from storage.engine import Session

PHOTO_LIMIT = 10 * 1024 * 1024
DOCUMENT_LIMIT = 20 * 1024 * 1024
"""Bytes that Telegram lets a bot send as a photo, and that it lets a bot fetch again as a document."""

ABANDONED_AFTER = timedelta(days=7)
AT_HAND = 2 * DOCUMENT_LIMIT
"""Bytes of files that are kept at hand while they go out."""

_PHOTO_BEGINS = {".jpg": b"\xff\xd8\xff", ".jpeg": b"\xff\xd8\xff", ".png": b"\x89PNG\r\n\x1a\n"}
_PAPERS = {".pdf", ".doc", ".docx", ".odt", ".rtf", ".txt", ".ics"}
_SHEETS_AND_SLIDES = {".xls", ".xlsx", ".ods", ".csv", ".ppt", ".pptx", ".odp"}
_PICTURES_AND_SOUND = {".jpg", ".jpeg", ".png", ".gif", ".webp", ".mp3", ".m4a", ".mp4", ".mov"}
_DOCUMENTS = _PAPERS | _SHEETS_AND_SLIDES | _PICTURES_AND_SOUND
"""What carers can open and what starts no program: the rest is refused."""
_PROGRAM_BEGINS = (b"MZ", b"\x7fELF", b"#!")


class AttachmentRefused(StrEnum):
    """Why a file cannot go out with a broadcast."""

    TOO_BIG = "too_big"
    EMPTY = "empty"
    NOT_SUPPORTED = "not_supported"


async def keep_attachment(
    session: Session,
    *,
    filename: str,
    mime: str,
    now: datetime,
    content: bytes | None = None,
    telegram_file_id: str | None = None,
    is_photo: bool | None = None,
) -> int | AttachmentRefused:
    """Keep a file that was uploaded (``content``), or that Telegram has (``telegram_file_id``); its id.

    The same file is kept once, so that who uploads it again is told that the same was sent before.
    ``is_photo`` null: a JPEG or PNG is a photo. Exactly one of the two must be given.
    """
    if (content is None) == (telegram_file_id is None):
        raise ValueError("an attachment has either content or Telegram's id")
    name = PurePath(filename.replace("\\", "/").replace("\N{NULL}", "")).name[-200:] or "file"
    ending = PurePath(name).suffix.lower()
    photo = ending in _PHOTO_BEGINS if is_photo is None else is_photo
    refused = _refused(ending, photo, content) if content is not None else _not_supported(ending, photo)
    if refused is not None:
        return refused
    attachment = Attachment(
        filename=name,
        mime=mime.replace("\N{NULL}", "")[:100],
        is_photo=photo,
        content=content,
        telegram_file_id=telegram_file_id,
        created_at=now,
    )
    known = await same_attachment(session, attachment)
    if known is not None:
        return known
    session.add(attachment)
    await session.flush()
    return attachment.id


def _refused(ending: str, photo: bool, content: bytes) -> AttachmentRefused | None:
    if not content:
        return AttachmentRefused.EMPTY
    if len(content) > (PHOTO_LIMIT if photo else DOCUMENT_LIMIT):
        return AttachmentRefused.TOO_BIG
    # A photo that is none would be refused at the first recipient, and at every other one.
    begins = _PHOTO_BEGINS.get(ending, b"") if photo else b""
    if not content.startswith(begins) or content.startswith(_PROGRAM_BEGINS):
        return AttachmentRefused.NOT_SUPPORTED
    return _not_supported(ending, photo)


def _not_supported(ending: str, photo: bool) -> AttachmentRefused | None:
    supported = _PHOTO_BEGINS if photo else _DOCUMENTS
    return None if ending in supported else AttachmentRefused.NOT_SUPPORTED


async def file_of(session: Session, attachment_id: int | None) -> dict[str, Any] | None:
    """A file as `broadcasts.sender.Content` names it, without what is in it: see `FilesAtHand`.

    Its ``key`` is never another file's, although a database may use the number of one that is gone again.
    """
    facts = await attachment_facts(session, attachment_id) if attachment_id is not None else None
    if facts is None:
        return None
    return {
        "id": facts["id"],
        "key": f"attachment:{facts['id']}:{facts['created_at']:%Y%m%dT%H%M%S.%f}",
        "filename": facts["filename"],
        "mime": facts["mime"],
        "is_photo": facts["is_photo"],
        "content": None,
        "file_id": facts["telegram_file_id"],
    }


async def forget_abandoned(session: Session, now: datetime) -> int:
    """Delete the files that were uploaded a week ago, went into no broadcast and are no flyer; how many."""
    return await forget_unused_attachments(session, now - ABANDONED_AFTER)


async def read_content(session: Session, attachment_id: int) -> bytes | None:
    """What is in an attachment that was uploaded; None for one that Telegram keeps."""
    return await attachment_content(session, attachment_id)


class FilesAtHand:
    """What is in the files that go out, read once and not once a recipient."""

    def __init__(self) -> None:
        self._contents: dict[str, bytes | None] = {}

    async def filled(self, session: Session, file: dict[str, Any]) -> dict[str, Any]:
        """The file with its content, if it has to be uploaded."""
        if file["file_id"] is not None:
            return file
        key = file["key"]
        if key not in self._contents:
            content = await read_content(session, file["id"])
            self._make_room(len(content or b""))
            self._contents[key] = content
        return {**file, "content": self._contents[key]}

    async def with_flyer(self, session: Session, content: Content) -> Content:
        """The same, with what is in its flyer, if there is one: whoever composes only names it."""
        flyer = content.params.get("flyer")
        if not flyer:
            return content
        return replace(content, params={**content.params, "flyer": await self.filled(session, flyer)})

    def _make_room(self, size: int) -> None:
        """Let those go that were read first."""
        while self._contents and sum(len(kept or b"") for kept in self._contents.values()) + size > AT_HAND:
            del self._contents[next(iter(self._contents))]
