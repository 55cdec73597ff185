"""What staff do in the chat to write a broadcast, and time that passes until it goes out."""

from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, Self

from broadcasts.launching import finish_done, start_due
from broadcasts.telling import tell_progress
from events.holds import LONDON
from storage.broadcasts import Broadcast
from storage.engine import Database
from tests.handlers.chats import POLICY, Chats
from tests.support.cast import Cast, gather
from texts.message import Message

AMAL, JO, SAM, LIN = 101, 102, 103, 104
PRIYA, TOM, DEE, ASH = 901, 902, 903, 904
NEWS = "Dear {first_name}, the office is closed on Monday."

_numbers = count(50_000)
_FILE = {"file_unique_id": "u", "duration": 3, "width": 800, "height": 600, "length": 1, "file_size": 9_000}
PHOTO: dict[str, Any] = {"photo": [_FILE | {"file_id": "PHOTO-1"}]}
PDF: dict[str, Any] = {
    "document": _FILE | {"file_id": "PDF-1", "file_name": "Rates.pdf", "mime_type": "application/pdf"}
}
PROGRAM: dict[str, Any] = {"document": _FILE | {"file_id": "EXE-1", "file_name": "setup.exe"}}
FILM: dict[str, Any] = {
    "document": _FILE | {"file_id": "BIG-1", "file_name": "a.mp4", "file_size": 30_000_000}
}
VOICE: dict[str, Any] = {"voice": _FILE | {"file_id": "VOICE-1"}}
VIDEO: dict[str, Any] = {"video": _FILE | {"file_id": "VIDEO-1"}}
STICKER: dict[str, Any] = {
    "sticker": _FILE | {"file_id": "S-1", "type": "regular", "is_animated": False, "is_video": False}
}


class Office(Chats):
    """The chats of a service whose staff write broadcasts."""

    cast: Cast

    @classmethod
    async def opened(cls, database: Database, folder: Path, **changes: Any) -> Self:
        """With the cast in it; ``changes`` to the policy."""
        office = cls(database, folder, policy=replace(POLICY, **changes))
        async with database.write() as session:
            office.cast = await gather(session)
        return office

    async def post(self, chat_id: int, **content: Any) -> None:
        """Somebody sends something with formatting, a photo, a voice."""
        await self._handle({"message": self._message(chat_id, next(_numbers)) | content})

    async def compose(self, chat_id: int = PRIYA, words: str = NEWS) -> None:
        """Up to the summary: the words, everyone, service news."""
        await self.write(chat_id, "/broadcast")
        await self.write(chat_id, words)
        await self.tap(chat_id, "Everyone · 4")
        await self.tap(chat_id, "Service news")

    async def pass_time(self, by: timedelta = timedelta()) -> None:
        await super().pass_time(by)
        assert self._engine.progress.counts["replies_failed"] == 0, "an answer could not be put into words"

    async def tick(self, by: timedelta = timedelta(seconds=1)) -> None:
        """Time passes: what is due begins, goes out, ends, and is told."""
        self.now += by
        for due in (self._start, finish_done, self._tell):
            async with self.database.write() as session:
                await due(session, self.now)
            await self.pass_time()

    async def _start(self, session: Any, now: Any) -> int:
        return await start_due(session, now, LONDON)

    async def _tell(self, session: Any, now: Any) -> int:
        return await tell_progress(session, now, self.policy)

    def shown(self, chat_id: int, words: str) -> tuple[int, Message]:
        """The newest message of a chat that says this, with its number."""
        for number, message in reversed(self.screens.messages.get(chat_id, {}).items()):
            if words in message.text:
                return number, message
        raise AssertionError(f"nothing in chat {chat_id} says {words!r}")

    async def broadcast(self, number: int = 1) -> Broadcast:
        async with self.database.read() as session:
            return await session.get_one(Broadcast, number)
