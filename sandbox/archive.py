"""Keeping the sandbox's state in a folder, so that a restarted demo finds its chats again.

What changed is written every half second; a kill costs what happened since. The bot's own messages are
then gone from the chat although it was told that they were sent, which only a demo can bear.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from sandbox.files import StoredFile
from sandbox.state import Event, State
from sandbox.updates import Update, Webhook
from sandbox.users import Tap, User

WRITE_SECONDS = 0.5
_PERSON = (
    "id",
    "first_name",
    "last_name",
    "username",
    "language_code",
    "note",
    "pinned",
    "started",
    "blocked",
    "deactivated",
    "last_message_id",
    "read_up_to",
    "keyboard",
)
_Key = tuple[str, str]


class Archive:
    """Writes what changed to one SQLite file and reads it back."""

    def __init__(self, state: State, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._state = state
        self._dirty: dict[_Key, None] = {}
        self._task: asyncio.Task[None] | None = None
        self._writing = threading.Lock()
        """A write that was begun in its thread ends before the last one of `close`."""
        self._database = sqlite3.connect(
            folder / "sandbox.sqlite3", isolation_level=None, check_same_thread=False
        )
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS kept"
            " (kind TEXT, id TEXT, body BLOB, PRIMARY KEY (kind, id)) WITHOUT ROWID"
        )

    def start(self) -> None:
        """Follow what happens from now on and write it."""
        self._state.listeners.append(self._on_event)
        self._state.updates.on_arrival.append(lambda update: self._mark("update", update.id))
        self._state.updates.on_removal.append(self._on_removal)
        self._task = asyncio.get_running_loop().create_task(self._write_regularly())

    async def close(self) -> None:
        """Write the rest and let the file go."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._write(self._rows())
        self._database.close()

    def _mark(self, kind: str, key: object) -> None:
        self._dirty[kind, str(key)] = None
        self._dirty["state", "bot"] = None

    def _on_removal(self, numbers: list[int]) -> None:
        for number in numbers:
            self._mark("update", number)

    def _on_event(self, event: Event) -> None:
        if event.kind in ("message", "edited", "deleted"):
            self._mark("message", f"{event.user_id}/{event.key}")
            self._mark("person", event.user_id)
        elif event.kind == "person":
            self._mark("person", event.user_id)
        elif event.kind == "file":
            self._mark("file", event.key)
        elif event.kind in ("tap", "answer") and event.detail is not None:
            self._mark("tap", event.detail["query_id"])
        elif event.kind in ("profile", "webhook"):
            self._mark("state", "bot")

    async def _write_regularly(self) -> None:
        while True:
            await asyncio.sleep(WRITE_SECONDS)
            if self._dirty:
                await asyncio.to_thread(self._write, self._rows())

    def _rows(self) -> list[tuple[str, str, bytes | None]]:
        dirty, self._dirty = self._dirty, {}
        return [(kind, key, self._body(kind, key)) for kind, key in dirty]

    def _write(self, rows: Iterable[tuple[str, str, bytes | None]]) -> None:
        with self._writing:
            self._database.execute("BEGIN")
            for kind, key, body in rows:
                if body is None:
                    self._database.execute("DELETE FROM kept WHERE kind = ? AND id = ?", (kind, key))
                else:
                    self._database.execute("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", (kind, key, body))
            self._database.execute("COMMIT")

    def _body(self, kind: str, key: str) -> bytes | None:
        """Return what is to be kept, or None for what is gone."""
        state = self._state
        if kind == "person":
            user = state.people[int(key)]
            return orjson.dumps({name: getattr(user, name) for name in _PERSON})
        if kind == "message":
            user_id, _, message_id = key.partition("/")
            raw = state.people[int(user_id)].raw_messages.get(int(message_id))
            return orjson.dumps(raw) if raw is not None else None
        if kind == "update":
            update = state.updates.pending.get(int(key))
            if update is None:
                return None
            head = {"kind": update.kind, "chat_id": update.chat_id, "expires_at": update.expires_at}
            return orjson.dumps(head) + b"\n" + update.body
        if kind == "tap":
            tap = state.taps.get(key)
            return orjson.dumps(tap) if tap is not None else None
        if kind == "file":
            kept = state.files[key]
            head = {"path": kept.path, "name": kept.name, "mime_type": kept.mime_type}
            return orjson.dumps(head) + b"\n" + kept.content
        return orjson.dumps(self._of_the_bot())

    def _of_the_bot(self) -> dict[str, Any]:
        state = self._state
        updates = state.updates
        return {
            "tap_count": state.tap_count,
            "votes": state.votes,
            "next_update_id": updates.next_id,
            "allowed": sorted(updates.allowed) if updates.allowed is not None else None,
            "webhook": updates.webhook,
            "profile": state.profile,
        }

    def load(self) -> None:
        """Read back what an earlier start kept. The token may be another one by now."""
        for key, body in self._kept("file"):
            head, _, content = body.partition(b"\n")
            self._state.files[key] = StoredFile(file_id=key, content=content, **orjson.loads(head))
        for _, body in self._kept("person"):
            self._load_person(orjson.loads(body))
        messages = [(key, orjson.loads(body)) for key, body in self._kept("message")]
        for key, raw in sorted(messages, key=lambda entry: int(entry[1]["message_id"])):
            user = self._state.people[int(key.partition("/")[0])]
            user.raw_messages[raw["message_id"]] = raw
        for _, body in self._kept("state"):
            self._load_bot(orjson.loads(body))
        for key, body in sorted(self._kept("update"), key=lambda entry: int(entry[0])):
            head, _, content = body.partition(b"\n")
            self._state.updates.pending[int(key)] = Update(int(key), body=content, **orjson.loads(head))
        for key, body in self._kept("tap"):
            fields = orjson.loads(body)
            fields["at"] = datetime.fromisoformat(fields["at"])
            self._state.taps[key] = Tap(**fields)

    def _kept(self, kind: str) -> list[tuple[str, bytes]]:
        return self._database.execute("SELECT id, body FROM kept WHERE kind = ?", (kind,)).fetchall()

    def _load_person(self, fields: dict[str, Any]) -> None:
        user = User(
            self._state,
            fields["id"],
            fields["first_name"],
            fields["last_name"],
            fields["username"],
            fields["language_code"],
        )
        for name in _PERSON[5:]:
            setattr(user, name, fields[name])
        self._state.people[user.id] = user

    def _load_bot(self, fields: dict[str, Any]) -> None:
        state = self._state
        state.tap_count = fields["tap_count"]
        state.votes = fields["votes"]
        state.updates.next_id = fields["next_update_id"]
        allowed = fields["allowed"]
        state.updates.allowed = frozenset(allowed) if allowed is not None else None
        state.updates.webhook = Webhook(**fields["webhook"]) if fields["webhook"] else None
        for name, value in fields["profile"].items():
            setattr(state.profile, name, value)
