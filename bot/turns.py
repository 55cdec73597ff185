"""From a stored update to a handler: parse it, find out whose it is, and let python-telegram-bot choose."""

import re
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from telegram import Update
from telegram.constants import ChatType
from telegram.ext import ContextTypes

from bot.clock import Clock
from bot.inbox import chat_of
from bot.telegram import PtbApplication
from broadcasts.policy import Policy
from broadcasts.queue import queue_reply
from care.inbox import Desk
from carers.choices import heard_from
from carers.people import person_of_chat
from handlers.routes import add_handlers
from handlers.turn import Turn, begin_turn, current_turn
from storage.engine import Session
from surveys.keys import RoundKeys

_COMMAND = re.compile(r"/[a-z0-9_]+(@\w+)?(?=\s|$)", re.ASCII | re.IGNORECASE)


class Turns:
    """Gives each update its turn with the handlers. ``address`` is where the console is."""

    def __init__(
        self,
        application: PtbApplication,
        clock: Clock,
        zone: ZoneInfo,
        desk: Desk,
        address: str,
        keys: RoundKeys,
        policy: Policy,
        register_since: date | None = None,
    ) -> None:
        self._application = application
        self._clock = clock
        self._zone = zone
        self._desk = desk
        self._address = address
        self._keys = keys
        self._policy = policy
        self._register_since = register_since
        add_handlers(application)
        application.add_error_handler(_keep_error)

    async def handle(self, session: Session, raw: dict[str, Any]) -> None:
        """Handle one update in this transaction. Raises whatever its handler raised.

        Groups and channels are none of the bot's business: only private chats have a turn.
        """
        update = Update.de_json(_with_command(raw), self._application.bot)
        chat, user = update.effective_chat, update.effective_user
        if chat is None or user is None or chat.type != ChatType.PRIVATE or user.id != chat.id:
            return
        person = await person_of_chat(session, chat.id)
        if person.carer is not None:
            await heard_from(session, person.carer)
        turn = Turn(
            session=session,
            now=self._clock(),
            zone=self._zone,
            update=update,
            chat_id=chat.id,
            person=person,
            policy=self._policy,
            desk=self._desk,
            address=self._address,
            keys=self._keys,
            register_since=self._register_since,
        )
        begin_turn(turn)
        await self._application.process_update(update)
        if turn.error is not None:
            raise turn.error

    async def apologise(self, session: Session, raw: dict[str, Any]) -> None:
        """Say that something went wrong, to somebody known: silence would look like an answer."""
        chat_id = chat_of(raw)
        if chat_id is None:
            return
        person = await person_of_chat(session, chat_id)
        if not person.is_stranger:
            await queue_reply(session, chat_id, "went_wrong", language=person.language, now=self._clock())


def _with_command(raw: dict[str, Any]) -> dict[str, Any]:
    """The update with its command marked, which not every Bot API server does and the library looks for."""
    message = raw.get("message")
    if not isinstance(message, dict) or message.get("entities"):
        return raw
    command = _COMMAND.match(text) if isinstance(text := message.get("text"), str) else None
    if command is None:
        return raw
    entity = {"type": "bot_command", "offset": 0, "length": command.end()}
    return {**raw, "message": {**message, "entities": [entity]}}


async def _keep_error(_update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
    """The library catches what handlers raise; the inbox must see it to roll back."""
    current_turn().error = context.error
