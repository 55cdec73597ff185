"""Everything the sandbox knows: the bot, the people, their chats, the files, the waiting updates."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sandbox.errors import bad_request, forbidden
from sandbox.files import StoredFile, Upload, store
from sandbox.updates import Updates
from sandbox.users import Tap, User

FIRST_USER_ID = 7_000_000_001
"""Beyond 32 bits, as real ones may be."""


class Event(NamedTuple):
    """Something happened: for the page, for whoever waits, and for the archive."""

    kind: str
    """`person`, `message`, `edited`, `deleted`, `tap`, `answer`, `action`, `profile`, `file`, `poll`,
    `webhook`, `webhook_error`."""
    user_id: int = 0
    key: Any = None
    """The message's id, the file's id, or what belongs to the kind."""
    detail: dict[str, Any] | None = None


@dataclass(slots=True)
class Profile:
    """What the bot told about itself."""

    commands: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """By scope and language, as `scope_key` writes them."""
    descriptions: dict[str, str] = field(default_factory=dict)
    """By language; an empty key for everybody else."""
    short_descriptions: dict[str, str] = field(default_factory=dict)
    menu_buttons: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By chat id as text; an empty key for the default."""


class State:
    """The whole state of one bot's world. Not thread-safe: use it on the event loop's thread."""

    def __init__(self, *, token: str, username: str, first_name: str, now: Callable[[], datetime]) -> None:
        self.token = token
        self.now = now
        self.bot: dict[str, Any] = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": first_name,
            "username": username,
        }
        self.people: dict[int, User] = {}
        self.files: dict[str, StoredFile] = {}
        self.taps: dict[str, Tap] = {}
        """Taps that have no answer yet, by the id of their callback query."""
        self.tap_count = 0
        self.votes: dict[str, list[int]] = {}
        """The options chosen in a poll, by the poll's id."""
        self.profile = Profile()
        self.updates = Updates(now)
        self.listeners: list[Callable[[Event], None]] = []

    def emit(self, event: Event) -> None:
        """Tell everybody who listens."""
        for listener in self.listeners:
            listener(event)

    def person_changed(self, user_id: int) -> None:
        """Tell that something about a person changed."""
        self.emit(Event("person", user_id))

    def message_arrived(self, user_id: int, message_id: int) -> None:
        """Tell of a new message in a chat."""
        self.emit(Event("message", user_id, message_id))

    def message_changed(self, user_id: int, message_id: int) -> None:
        """Tell that a message was edited."""
        self.emit(Event("edited", user_id, message_id))

    def tapped(self, tap: Tap) -> None:
        """Tell of a tap, which waits for its answer."""
        self.emit(Event("tap", tap.user_id, tap.message_id, {"query_id": tap.id, "data": tap.data}))

    def timestamp(self) -> int:
        """Return the present moment in whole seconds since 1970."""
        return int(self.now().timestamp())

    def add_user(
        self,
        first_name: str,
        last_name: str | None = None,
        *,
        username: str | None = None,
        language_code: str | None = "en",
        user_id: int | None = None,
        note: str = "",
        pinned: bool = False,
    ) -> User:
        """Add a person who has the app and has not met the bot. Raises ValueError for an id in use.

        `note` and `pinned` are for the page: a word about the person, and a place at the top.
        """
        if user_id is None:
            user_id = max(self.people, default=FIRST_USER_ID - 1) + 1
        if user_id in self.people or user_id == self.bot["id"]:
            raise ValueError(f"the user id {user_id} is in use")
        user = User(self, user_id, first_name, last_name, username, language_code)
        user.note, user.pinned = note, pinned
        self.people[user_id] = user
        self.emit(Event("person", user_id))
        return user

    def person(self, chat_id: int | str) -> User:
        """Return the person behind a private chat; raise ApiError 400 where there is none."""
        user = self.people.get(chat_id) if isinstance(chat_id, int) else None
        if user is None:
            raise bad_request("chat not found")
        return user

    def recipient(self, chat_id: int | str) -> User:
        """Return the person whom the bot may write to; raise ApiError 400 or 403 where it may not."""
        user = self.person(chat_id)
        if user.deactivated:
            raise forbidden("user is deactivated")
        if user.blocked:
            raise forbidden("bot was blocked by the user")
        if not user.started:
            raise forbidden("bot can't initiate conversation with a user")
        return user

    def keep(self, folder: str, upload: Upload) -> StoredFile:
        """Keep a file that was sent."""
        kept = store(len(self.files) + 1, folder, upload)
        self.files[kept.file_id] = kept
        self.emit(Event("file", key=kept.file_id))
        return kept

    def chat_instance(self, user_id: int) -> str:
        """Return the identifier that the callback queries of one chat share."""
        digest = hashlib.sha256(f"{self.bot['id']}:{user_id}".encode()).digest()
        return str(int.from_bytes(digest[:8], "big", signed=True))
