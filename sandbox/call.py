"""One request of the bot, once it is read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.errors import bad_request
from sandbox.files import Upload


@dataclass(frozen=True, slots=True)
class Call:
    """A method with its checked arguments and the files that came along."""

    method: str
    arguments: Mapping[str, Any]
    uploads: Mapping[str, Upload] = field(default_factory=dict)

    @property
    def chat_id(self) -> int | None:
        """The chat that the request is about, if any."""
        chat_id = self.arguments.get("chat_id")
        return chat_id if isinstance(chat_id, int) else None

    def upload(self, name: str) -> Upload | None:
        """Return the file given for a parameter, in the part of its name or of an `attach://` one."""
        if name in self.uploads:
            return self.uploads[name]
        value = self.arguments.get(name)
        if isinstance(value, str) and value.startswith("attach://"):
            part = self.uploads.get(value.removeprefix("attach://"))
            if part is None:
                raise bad_request(f'file part "{value}" was not found in the request')
            return part
        return None


@dataclass(frozen=True, slots=True)
class Answer:
    """A result together with the sentence that a few methods add."""

    result: Any
    description: str


@dataclass(frozen=True, slots=True)
class Request:
    """A request that the bot made, for tests and for the page."""

    number: int
    at: datetime
    method: str
    arguments: Mapping[str, Any]
    """As checked; a file appears by its name and size."""
    code: int
    """200, or the error's code; 0 while it is under way or was never answered."""
    description: str
    """The error's sentence, empty for a success."""

    @property
    def ok(self) -> bool:
        """Whether it took effect."""
        return self.code == 200

    @property
    def chat_id(self) -> int | None:
        """The chat that it was about."""
        chat_id = self.arguments.get("chat_id")
        return chat_id if isinstance(chat_id, int) else None
