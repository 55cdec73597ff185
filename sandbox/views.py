"""Frozen views of what stands in a chat, for tests and for the demo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.files import StoredFile
from sandbox.html_entities import render_html

_MEDIA = ("photo", "document", "poll", "sticker", "voice", "location", "contact")


@dataclass(frozen=True, slots=True)
class Button:
    """One button under a message."""

    label: str
    data: str | None
    """The callback data; None for a button that opens an address."""
    url: str | None


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message as it stood when it was looked at."""

    id: int
    at: datetime
    """Aware, UTC."""
    from_bot: bool
    kind: str
    """`text`, `photo`, `document`, `poll`, `sticker`, `voice`, `location` or `contact`."""
    text: str
    """The text or the caption, without marks."""
    html: str
    """The same with its entities, as Telegram's HTML."""
    entities: tuple[dict[str, Any], ...]
    rows: tuple[tuple[Button, ...], ...]
    edited: bool
    file: StoredFile | None
    raw: dict[str, Any]
    """The Message object of the Bot API. Not to be changed."""

    @property
    def buttons(self) -> tuple[Button, ...]:
        """All buttons, row by row."""
        return tuple(button for row in self.rows for button in row)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of all buttons, row by row."""
        return tuple(button.label for button in self.buttons)


def view(raw: dict[str, Any], files: dict[str, StoredFile]) -> MessageView:
    """Return the view of a Message object."""
    kind = next((name for name in _MEDIA if name in raw), "text")
    text = raw.get("text") or raw.get("caption") or ""
    entities = raw.get("entities") or raw.get("caption_entities") or []
    rows = raw.get("reply_markup", {}).get("inline_keyboard", [])
    return MessageView(
        id=raw["message_id"],
        at=datetime.fromtimestamp(raw["date"], UTC),
        from_bot=raw["from"]["is_bot"],
        kind=kind,
        text=text,
        html=render_html(text, entities),
        entities=tuple(entities),
        rows=tuple(tuple(_button(button) for button in row) for row in rows),
        edited="edit_date" in raw,
        file=files.get(_file_id(raw, kind)),
        raw=dict(raw),
    )


def _button(raw: dict[str, Any]) -> Button:
    return Button(raw["text"], raw.get("callback_data"), raw.get("url"))


def _file_id(raw: dict[str, Any], kind: str) -> str:
    content = raw.get(kind)
    if isinstance(content, list):
        content = content[-1]
    return content.get("file_id", "") if isinstance(content, dict) else ""
