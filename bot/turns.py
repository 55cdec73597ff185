"""From a stored update to a handler: parse it, find out whose it is, and let python-telegram-bot choose."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from telegram import Update
from telegram.constants import ChatType
from telegram.ext import CommandHandler, ContextTypes, MessageHandler

from bot.clock import Clock
from bot.parsing import as_update
from bot.raw_updates import chat_of
from bot.telegram import PtbApplication
from broadcasts.policy import PolicyNow
from broadcasts.queue import queue_reply
from care.inbox import Desk
from carers.choices import heard_from
from carers.pages import Pages
from carers.people import Person, people_of_chats, person_of_chat
from carers.shared_chats import who_taps, who_writes
from events.feed import Feeds
from handlers.routes import add_handlers
from handlers.speaking import tap_in
from handlers.turn import Turn, begin_turn, current_turn
from storage.engine import Session
from storage.rsvp_hold import let_go, take_hold
from surveys.keys import RoundKeys
from texts.callbacks import as_id, unpack

_PEOPLE = "people of a group"


class Turns:
    """Gives each update its turn with the handlers, and the ``desk`` and ``policy`` that hold at that moment.
    ``address`` is where the console is, ``app`` where the app opens it within itself."""

    def __init__(
        self,
        application: PtbApplication,
        clock: Clock,
        zone: ZoneInfo,
        desk: Callable[[], Desk],
        address: str,
        keys: RoundKeys,
        policy: PolicyNow,
        register_since: date | None = None,
        feeds: Feeds | None = None,
        pages: Pages | None = None,
        app: str = "",
    ) -> None:
        self._application = application
        self._clock = clock
        self._zone = zone
        self._desk = desk
        self._address = address
        self._keys = keys
        self._policy = policy
        self._register_since = register_since
        self._feeds = feeds
        self._pages = pages
        self._app = app
        add_handlers(application)
        self._taps = [
            handler
            for handler in application.handlers[0]
            if not isinstance(handler, CommandHandler | MessageHandler)
        ]
        application.add_error_handler(_keep_error)

    @asynccontextmanager
    async def together(self, session: Session, updates: Sequence[dict[str, Any]]) -> AsyncIterator[None]:
        """Surrounds the handling of these updates in one transaction.

        Answers to invitations share what they need: it is read for all of them, and what they change in the
        same rows is written once, at the end. Anything else reads for itself, and after it so does the rest:
        it may have changed anything, and not every change reaches the rows in memory.
        """
        if len(updates) > 1:
            session.info[_PEOPLE] = {}
        answers = [(invitation, raw) for raw in updates if (invitation := _answers(raw))]
        if len(answers) > 1:
            await take_hold(session, {invitation for invitation, _ in answers})
            chats = {chat for _, raw in answers if (chat := chat_of(raw)) is not None}
            session.info[_PEOPLE] = await people_of_chats(session, chats)
        yield
        await let_go(session)

    async def handle(self, session: Session, raw: dict[str, Any]) -> None:
        """Handle one update in this transaction. Raises whatever its handler raised."""
        shares = _answers(raw) or _PEOPLE not in session.info
        if not shares:
            await let_go(session)
        await self._handle(session, raw)
        if not shares:
            await session.flush()
            session.expire_all()
            session.info[_PEOPLE] = {}

    async def _handle(self, session: Session, raw: dict[str, Any]) -> None:
        """Groups and channels are none of the bot's business: only private chats have a turn."""
        update = as_update(raw, self._application.bot)
        chat, user = update.effective_chat, update.effective_user
        if chat is None or user is None or chat.type != ChatType.PRIVATE or user.id != chat.id:
            return
        person = await _person(session, chat.id, hold=not _answers(raw))
        for carer in person.carers:
            await heard_from(session, carer)
        if person.others:
            person = await _who_of_them(session, person, raw, self._clock())
        turn = Turn(
            session=session,
            now=self._clock(),
            zone=self._zone,
            update=update,
            chat_id=chat.id,
            person=person,
            policy=self._policy(),
            desk=self._desk(),
            address=self._address,
            app=self._app,
            keys=self._keys,
            register_since=self._register_since,
            feeds=self._feeds,
            pages=self._pages,
        )
        begin_turn(turn)
        if update.callback_query is not None:
            await self._tapped(update)
        else:
            await self._application.process_update(update)
        if turn.error is not None:
            raise turn.error

    async def _tapped(self, update: Update) -> None:
        """Ask only those for whom a tap can be: the library would ask every command as well."""
        for handler in self._taps:
            check = handler.check_update(update)
            if check is not None and check is not False:
                context = self._application.context_types.context.from_update(update, self._application)
                await handler.handle_update(update, self._application, check, context)
                return

    async def apologise(self, session: Session, raw: dict[str, Any]) -> None:
        """Say that something went wrong, to somebody known: silence would look like an answer."""
        chat_id = chat_of(raw)
        if chat_id is None:
            return
        person = await person_of_chat(session, chat_id)
        if not person.is_stranger:
            await queue_reply(session, chat_id, "went_wrong", language=person.language, now=self._clock())


async def _person(session: Session, chat_id: int, *, hold: bool) -> Person:
    """Whose chat it is. ``hold``: nobody erases them meanwhile. An answer to an invitation needs that not, of
    which there are thousands in a minute: it is a number, and stays."""
    known: dict[int, Person] = session.info.get(_PEOPLE, {}) if not hold else {}
    return known.get(chat_id) or await person_of_chat(session, chat_id, hold=hold)


async def _who_of_them(session: Session, person: Person, raw: dict[str, Any], now: datetime) -> Person:
    """Whose turn it is in a chat that carers share: by the message that was tapped, or what was asked for."""
    tap, message = raw.get("callback_query"), raw.get("message")
    if isinstance(tap, dict):
        person = await who_taps(session, person, tap_in(tap))
    elif isinstance(message, dict) and not str(message.get("text", "")).startswith("/"):
        person = await who_writes(session, person, now)
    known: dict[int, Person] = session.info.get(_PEOPLE, {})
    if person.chat_id in known:
        known[person.chat_id] = person
    return person


def _answers(raw: dict[str, Any]) -> int:
    """The invitation that this update answers by a tap; 0 for any other update."""
    tap = raw.get("callback_query")
    data = tap.get("data") if isinstance(tap, dict) else None
    topic, arguments = unpack(data) if isinstance(data, str) else ("", ())
    return as_id(arguments[0]) if topic == "rsvp" and arguments else 0


async def _keep_error(_update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
    """The library catches what handlers raise; the inbox must see it to roll back."""
    current_turn().error = context.error
