"""Writing a broadcast: drafts, what is wrong with one, and what goes out with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from broadcasts.attachments import AttachmentRefused, file_of, keep_attachment
from broadcasts.markup import (
    CAPTION_LIMIT,
    TEXT_LIMIT,
    bad_links,
    shown_length,
    to_plain,
    unknown_placeholders,
)
from carers.audience import audience_exists
from carers.audit import record
from carers.people import Language
from carers.topics import Topic
from storage.broadcasts import Broadcast, BroadcastState
from storage.broadcasts_queries import forget_unused_attachment, locked_broadcast
from storage.engine import Session
from storage.staff import StaffMember

ENGLISH = Language.ENGLISH.value
LANGUAGES = tuple(language.value for language in Language)
KEPT_CHARACTERS = 3 * TEXT_LIMIT
"""A draft may be too long while it is being written, but not without end."""
_ROOM_FOR_MARKS = {Language.URDU.value: 64, Language.ARABIC.value: 64}
"""For the invisible marks that keep names and numbers in their places in a text from right to left."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What staff write. ``texts`` by language in the markup of `broadcasts.markup`; ``send_at`` is aware, and
    null for at once; ``topic``: what a carer can opt out of to be spared it, or null."""

    texts: Mapping[str, str]
    audience: str
    topic: str | None = None
    attachment_id: int | None = None
    send_at: datetime | None = None


class Problem(StrEnum):
    """Why a broadcast cannot go out as it is."""

    NO_ENGLISH = "no_english"
    EMPTY = "empty"
    """It shows nothing."""
    TOO_LONG = "too_long"
    UNKNOWN_PLACEHOLDER = "unknown_placeholder"
    BAD_LINK = "bad_link"
    NO_AUDIENCE = "no_audience"
    IN_THE_PAST = "in_the_past"
    BAD_TOPIC = "bad_topic"


class Saved(StrEnum):
    """What came of saving."""

    SAVED = "saved"
    CHANGED_MEANWHILE = "changed_meanwhile"
    """Somebody saved a newer version."""
    NOT_A_DRAFT = "not_a_draft"
    """It is in no state in which it can be changed like this."""
    NOT_FOUND = "not_found"


async def problems(session: Session, wording: Wording, now: datetime, zone: ZoneInfo) -> dict[str, Problem]:
    """What is wrong, by field: ``texts.en``, ``audience``, ``send_at``, ``topic``; empty when all is well."""
    found = text_problems(wording.texts, has_attachment=wording.attachment_id is not None)
    if not await audience_exists(session, wording.audience, now.astimezone(zone).date()):
        found["audience"] = Problem.NO_AUDIENCE
    if wording.topic is not None and wording.topic not in set(Topic):
        found["topic"] = Problem.BAD_TOPIC
    # The minute that has begun is not past yet: that is what a form offers.
    if wording.send_at is not None and wording.send_at < now.replace(second=0, microsecond=0):
        found["send_at"] = Problem.IN_THE_PAST
    return found


def text_problems(texts: Mapping[str, str], *, has_attachment: bool) -> dict[str, Problem]:
    """What is wrong with the texts, by ``texts.<language>``."""
    kept = normalised(texts)
    found = {} if ENGLISH in kept else {f"texts.{ENGLISH}": Problem.NO_ENGLISH}
    for language, text in kept.items():
        limit = (CAPTION_LIMIT if has_attachment else TEXT_LIMIT) - _ROOM_FOR_MARKS.get(language, 0)
        problem = _problem_of(text, limit)
        if problem is not None:
            found[f"texts.{language}"] = problem
    return found


def _problem_of(text: str, limit: int) -> Problem | None:
    if not to_plain(text).strip():
        return Problem.EMPTY
    if shown_length(text) > limit:
        return Problem.TOO_LONG
    if unknown_placeholders(text):
        return Problem.UNKNOWN_PLACEHOLDER
    return Problem.BAD_LINK if bad_links(text) else None


def normalised(texts: Mapping[str, str]) -> dict[str, str]:
    """The texts as they are kept: languages that we speak, without what is blank, lines ended alike."""
    kept = {language: _cleaned(texts.get(language, "")) for language in LANGUAGES}
    return {language: text for language, text in kept.items() if text}


def _cleaned(text: str) -> str:
    lines = text.replace("\N{NULL}", "").replace("\r\n", "\n").replace("\r", "\n")
    # Half of a surrogate pair cannot be stored.
    return lines.encode("utf-8", "ignore").decode().strip()[:KEPT_CHARACTERS]


def wording_of(broadcast: Broadcast) -> Wording:
    """What is written in a broadcast."""
    return Wording(
        broadcast.texts, broadcast.audience, broadcast.topic, broadcast.attachment_id, broadcast.send_at
    )


async def start_draft(session: Session, wording: Wording, by: StaffMember, now: datetime) -> Broadcast:
    """Keep a new draft, whatever is wrong with it."""
    broadcast = Broadcast(
        state=BroadcastState.DRAFT,
        version=1,
        created_at=now,
        created_by_id=by.id,
        changed_at=now,
        changed_by_id=by.id,
        **await _columns(session, wording),
    )
    session.add(broadcast)
    await session.flush()
    await record(session, now, by, "broadcast.write", subject_of(broadcast.id))
    return broadcast


async def change_draft(
    session: Session, broadcast_id: int, wording: Wording, version: int, by: StaffMember, now: datetime
) -> Saved:
    """Save a draft over the version that the writer saw."""
    broadcast = await locked_broadcast(session, broadcast_id)
    if broadcast is None:
        return Saved.NOT_FOUND
    if broadcast.state is not BroadcastState.DRAFT:
        return Saved.NOT_A_DRAFT
    if broadcast.version != version:
        return Saved.CHANGED_MEANWHILE
    dropped = broadcast.attachment_id
    columns = await _columns(session, wording)
    for name, value in columns.items():
        setattr(broadcast, name, value)
    broadcast.version += 1
    broadcast.changed_at, broadcast.changed_by_id = now, by.id
    broadcast.repeat_meant = False
    await session.flush()
    if dropped is not None and dropped != broadcast.attachment_id:
        await forget_unused_attachment(session, dropped)
    await record(session, now, by, "broadcast.change", subject_of(broadcast_id), version=broadcast.version)
    return Saved.SAVED


async def discard_draft(session: Session, broadcast_id: int, by: StaffMember, now: datetime) -> bool:
    """Throw a draft away with what was attached; false for what is no draft."""
    broadcast = await locked_broadcast(session, broadcast_id)
    if broadcast is None or broadcast.state is not BroadcastState.DRAFT:
        return False
    attachment_id = broadcast.attachment_id
    await session.delete(broadcast)
    await session.flush()
    if attachment_id is not None:
        await forget_unused_attachment(session, attachment_id)
    await record(session, now, by, "broadcast.discard", subject_of(broadcast_id))
    return True


def subject_of(broadcast_id: int) -> str:
    """How the audit log calls a broadcast."""
    return f"broadcast:{broadcast_id}"


async def _columns(session: Session, wording: Wording) -> dict[str, Any]:
    texts = normalised(wording.texts)
    attachment_id = wording.attachment_id if await file_of(session, wording.attachment_id) else None
    return {
        "texts": texts,
        # No audience and no topic has a longer name; `problems` says that there is none like it.
        "audience": wording.audience[:120],
        "topic": wording.topic[:40] if wording.topic else None,
        "attachment_id": attachment_id,
        "send_at": wording.send_at,
        "fingerprint": fingerprint(texts, attachment_id, wording.audience),
    }


def fingerprint(texts: Mapping[str, str], attachment_id: int | None, audience: str) -> str:
    """The same for what readers would take for the same message: case and spaces make no difference."""
    words = {language: " ".join(text.split()).casefold() for language, text in texts.items()}
    content = orjson.dumps([words, attachment_id, audience], option=orjson.OPT_SORT_KEYS)
    return sha256(content).hexdigest()


__all__ = [
    "LANGUAGES",
    "AttachmentRefused",
    "Broadcast",
    "BroadcastState",
    "Problem",
    "Saved",
    "Wording",
    "change_draft",
    "discard_draft",
    "fingerprint",
    "keep_attachment",
    "normalised",
    "problems",
    "start_draft",
    "subject_of",
    "text_problems",
    "wording_of",
]
