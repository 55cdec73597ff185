"""Files that Telegram alone keeps: fetched once, for the mails that they go out with."""

from typing import Protocol

from telegram.error import TelegramError

from bot.outcomes import outcome_of
from bot.telegram import HearthlineBot
from broadcasts.sender import Refused, Unreachable
from texts.message import Attachment

FILES_AT_HAND = 3


class NotToHand(Exception):
    """The file cannot be had at present."""


class Fetch(Protocol):
    """Says what is in a file; None for one that cannot be had by mail. Raises `NotToHand`."""

    async def __call__(self, file: Attachment) -> bytes | None: ...


class TelegramFiles:
    """A `Fetch` from Telegram. What goes to many is fetched once."""

    def __init__(self, bot: HearthlineBot) -> None:
        self._bot = bot
        self._contents: dict[str, bytes | None] = {}

    async def __call__(self, file: Attachment) -> bytes | None:
        if file.file_id not in self._contents:
            content = await self._fetch(file.file_id)
            if len(self._contents) >= FILES_AT_HAND:
                del self._contents[next(iter(self._contents))]
            self._contents[file.file_id] = content
        return self._contents[file.file_id]

    async def _fetch(self, file_id: str) -> bytes | None:
        try:
            found = await self._bot.get_file(file_id)
            return bytes(await found.download_as_bytearray())
        except TelegramError as error:
            # Larger than a bot may fetch, or gone: the words go out without it.
            if isinstance(outcome_of(error), Refused | Unreachable):
                return None
            raise NotToHand from error
