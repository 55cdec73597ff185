"""One turn of a conversation: the update being handled, its transaction, and whom it came from.

The inbox opens the transaction, sets the turn, and lets python-telegram-bot pick the handler. A handler reads
its turn, calls one use case, and replies; the effect, the reply and the mark "done" commit together. A crash
anywhere before that commit leaves the update waiting, and it is handled again from the start.
"""

from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from telegram import Message, Update

from broadcasts.policy import Policy
from broadcasts.queue import queue_reply
from care.inbox import Desk
from carers.pages import Pages
from carers.people import Person
from carers.shared_chats import called
from events.feed import Feeds
from handlers.came import words_of
from storage.engine import Session
from surveys.keys import RoundKeys

CARDS = frozenset({"card", "party"})
SAYS_WHOSE = frozenset(
    {
        "settings",
        "settings_pause",
        "settings_quiet",
        "language",
        "stopped",
        "mydata",
        "mydata_erase",
        "mydata_asked",
        "events_list",
        "mygroups",
        "surveys",
        "survey",
        "survey_question",
        "survey_review",
        "message_ask",
        "message_received",
        "nominate_whom",
        "nominate_why",
        "nominate_check",
        "nominate_enough",
    }
)
"""What is one carer's own: in a chat that two share it begins with whose it is, and the other can say that it
is them who sits here."""


@dataclass
class Turn:
    """What a handler needs. ``now`` is aware UTC; ``person`` may be a carer, staff, both or neither."""

    session: Session
    now: datetime
    zone: ZoneInfo
    update: Update
    chat_id: int
    person: Person
    policy: Policy
    desk: Desk = field(default_factory=Desk)
    address: str = ""
    """Where the console and the carers' pages are, without a slash at the end."""
    app: str = ""
    """Where the app opens the console within itself; nothing where it does not."""
    keys: RoundKeys = field(default_factory=lambda: RoundKeys(Path("round-keys")))
    """Where the keys of anonymous rounds are."""
    register_since: date | None = None
    """From which day the register holds every household that left, or null."""
    feeds: Feeds | None = None
    """What makes the addresses of calendar feeds; null where calendars cannot reach the service."""
    pages: Pages | None = None
    """What makes links to carers' own pages; null where nobody could open them from outside."""
    redraws: bool = False
    """The next reply takes the place of the message whose button was tapped."""
    error: BaseException | None = field(default=None)
    """What a handler raised, for the inbox to roll back."""

    @property
    def language(self) -> str:
        return self.person.language

    @property
    def message_id(self) -> int | None:
        tap = self.update.callback_query
        message = tap.message if tap is not None else self.update.effective_message
        return message.message_id if message else None

    @property
    def photo(self) -> bool:
        """Whether the message whose button was tapped is a picture, with its words as the caption."""
        tap = self.update.callback_query
        return tap is not None and isinstance(tap.message, Message) and bool(tap.message.photo)

    @property
    def tapped(self) -> str:
        query = self.update.callback_query
        return (query.data or "") if query else ""

    @property
    def text(self) -> str:
        """What was written: under a picture too, where the words are its caption."""
        message = self.update.effective_message
        return words_of(message) if isinstance(message, Message) else ""

    def said(self, kind: str, params: dict[str, Any]) -> dict[str, Any]:
        """The parameters of a message, with whose it is where carers share the chat and it is one's own."""
        carer, others = self.person.carer, self.person.others
        if carer is None or not others:
            return params
        if kind in CARDS and not params.get("by_household"):
            return {**params, "for_name": called(carer)}
        if kind in SAYS_WHOSE:
            names = [{"id": one.id, "name": called(one)} for one in others]
            return {**params, "whose": {"name": called(carer), "others": names}}
        return params

    async def reply(self, kind: str, **params: Any) -> None:
        """Send a new message."""
        if self.redraws:
            self.redraws = False
            await self.edit(kind, **params)
            return
        said = self.said(kind, params)
        await queue_reply(self.session, self.chat_id, kind, said, language=self.language, now=self.now)

    async def edit(self, kind: str, **params: Any) -> None:
        """Change the message whose button was tapped."""
        await queue_reply(
            self.session,
            self.chat_id,
            kind,
            self.said(kind, params),
            language=self.language,
            now=self.now,
            op="edit",
            message_id=self.message_id,
            photo=self.photo,
        )

    async def toast(self, kind: str = "toast_seen", **params: Any) -> None:
        """Answer the tap, whose button spins until then; with a line that shows for a moment, if need be."""
        query = self.update.callback_query
        if query is not None:
            await queue_reply(
                self.session,
                self.chat_id,
                kind,
                params,
                language=self.language,
                now=self.now,
                op="toast",
                callback_id=query.id,
            )


_turn: ContextVar[Turn] = ContextVar("turn")


def current_turn() -> Turn:
    """The turn being handled. Raises ``LookupError`` outside one."""
    return _turn.get()


def begin_turn(turn: Turn) -> None:
    _turn.set(turn)
