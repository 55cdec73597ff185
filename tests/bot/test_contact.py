"""What the state of health says of Telegram, and what carers are asked after a silence."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from telegram.error import Conflict, InvalidToken, TelegramError

from bot.contact import SILENT_AFTER, Contact, explain
from bot.polling import POLL_SECONDS
from bot.request import NoAnswer, NotSent, ServerFault
from storage.deliveries import Delivery
from storage.engine import Database
from tests.events.acts import invited_event
from tests.support.cast import NOON, gather


class Hands:
    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


async def an_open_invitation(database: Database) -> None:
    async with database.write() as session:
        await invited_event(session, await gather(session))


async def asked(database: Database) -> int:
    async with database.read() as session:
        query = select(func.count(Delivery.id)).where(Delivery.kind == "tap_again")
        return (await session.scalars(query)).one()


async def test_a_service_is_not_ready_before_telegram_has_answered(database: Database) -> None:
    contact = Contact(database, Hands())
    assert contact.trouble() == "Telegram has not answered yet"
    await contact.good()
    assert contact.trouble() is None


async def test_silence_shows_within_a_minute_and_says_why(database: Database) -> None:
    clock = Hands()
    contact = Contact(database, clock)
    await contact.good()
    contact.bad(NotSent("ClientConnectorError"))
    assert contact.trouble() is None  # a hiccup is none yet
    assert timedelta(seconds=60 - POLL_SECONDS) > SILENT_AFTER > timedelta(seconds=POLL_SECONDS)
    clock.now += SILENT_AFTER + timedelta(seconds=1)
    assert "cannot be reached" in (contact.trouble() or "")
    await contact.good()
    assert contact.trouble() is None


async def test_a_refused_token_shows_at_once(database: Database) -> None:
    contact = Contact(database, Hands())
    await contact.good()
    contact.bad(InvalidToken("The token `1:x` was rejected by the server."))
    trouble = contact.trouble() or ""
    assert "HEARTHLINE_TELEGRAM_TOKEN" in trouble
    assert "1:x" not in trouble


async def test_a_poll_that_hangs_shows_without_an_error(database: Database) -> None:
    clock = Hands()
    contact = Contact(database, clock)
    await contact.good()
    clock.now += timedelta(seconds=59)
    assert "still open" in (contact.trouble() or "")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Conflict("terminated by other getUpdates request"), "another program"),
        (NoAnswer("x"), "did not answer"),
        (ServerFault("x"), "5xx"),
        (TelegramError("x"), "TelegramError"),
    ],
)
def test_every_failure_is_explained(error: TelegramError, words: str) -> None:
    assert words in explain(error)


async def test_after_a_gap_those_with_an_open_invitation_are_asked_once_to_tap_again(
    database: Database,
) -> None:
    await an_open_invitation(database)
    clock = Hands()
    await Contact(database, clock).good()
    clock.now += timedelta(seconds=151)
    after_a_restart = Contact(database, clock)
    await after_a_restart.good()
    everybody = await asked(database)
    assert everybody > 0
    await after_a_restart.good()
    await Contact(database, clock).good()
    assert await asked(database) == everybody


async def test_a_short_gap_and_a_first_start_ask_nobody(database: Database) -> None:
    await an_open_invitation(database)
    clock = Hands()
    contact = Contact(database, clock)
    await contact.good()
    clock.now += timedelta(seconds=149)
    await contact.good()
    assert await asked(database) == 0
