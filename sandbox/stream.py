"""Server-sent events: what happens in the sandbox, to every open page."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from aiohttp import web

from sandbox.state import Event, State
from sandbox.users import User

_TOLD = frozenset({"person", "message", "edited", "deleted", "tap", "answer", "action", "profile"})
QUEUED = 5000
"""A page that falls behind by more is cut off; it connects again and reads everything anew."""
_LABELS = {
    "photo": "Photo",
    "voice": "Voice message",
    "location": "Location",
    "contact": "Contact",
}
HEARTBEAT_SECONDS = 15.0


class Stream:
    """Feeds any number of open pages."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._pages: set[asyncio.Queue[bytes | None]] = set()
        state.listeners.append(self._on_event)

    def close(self) -> None:
        """End every stream, so that the server need not wait for its pages."""
        for page in self._pages:
            _put(page, None)

    def _on_event(self, event: Event) -> None:
        if not self._pages or event.kind not in _TOLD:
            return
        line = b"data: " + orjson.dumps(self._told(event)) + b"\n\n"
        for page in self._pages:
            _put(page, line)

    def _told(self, event: Event) -> dict[str, Any]:
        told: dict[str, Any] = {"kind": event.kind, **(event.detail or {})}
        user = self._state.people.get(event.user_id)
        if user is None:
            return told
        told["user_id"] = user.id
        told["unread"] = user.unread
        if event.kind == "person":
            told["person"] = summary(self._state, user.id)
        if event.key is not None:
            told["message_id"] = event.key
            if event.kind in ("message", "edited"):
                told["message"] = user.raw_messages.get(event.key)
                told["keyboard"] = user.keyboard
                told["last"] = _last(user)
        return told

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Keep a stream open until the page or the sandbox goes."""
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await response.prepare(request)
        page: asyncio.Queue[bytes | None] = asyncio.Queue(QUEUED)
        self._pages.add(page)
        try:
            await response.write(b"retry: 1000\n\n")
            await _feed(response, page)
        except ConnectionResetError:
            pass  # the page was closed
        finally:
            self._pages.discard(page)
        return response


async def _feed(response: web.StreamResponse, page: asyncio.Queue[bytes | None]) -> None:
    while True:
        try:
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                line = await page.get()
        except TimeoutError:
            line = b": still here\n\n"
        if line is None:
            return
        await response.write(line)


def _put(page: asyncio.Queue[bytes | None], line: bytes | None) -> None:
    """Queue a line; a page that is too slow loses its queue and is ended."""
    if page.full() or line is None:
        while not page.empty():
            page.get_nowait()
        line = None
    page.put_nowait(line)


def summary(state: State, user_id: int) -> dict[str, Any]:
    """Return what the list of people shows of one."""
    user = state.people[user_id]
    return {
        "id": user.id,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "name": user.name,
        "username": user.username,
        "language_code": user.language_code,
        "started": user.started,
        "blocked": user.blocked,
        "deactivated": user.deactivated,
        "note": user.note,
        "pinned": user.pinned,
        "unread": user.unread,
        "last": _last(user),
    }


def _last(user: User) -> dict[str, Any] | None:
    """Return what the list of people shows of a chat's last message."""
    raw = next(reversed(user.raw_messages.values()), None)
    if raw is None:
        return None
    return {"text": _words(raw), "date": raw["date"], "from_bot": raw["from"]["is_bot"]}


def _words(raw: dict[str, Any]) -> str:
    """Return a message in a few words."""
    if words := raw.get("text") or raw.get("caption"):
        return str(words)
    if "poll" in raw:
        return str(raw["poll"]["question"])
    if "document" in raw:
        return str(raw["document"]["file_name"])
    if "sticker" in raw:
        return str(raw["sticker"]["emoji"])
    return next((label for kind, label in _LABELS.items() if kind in raw), "Message")
