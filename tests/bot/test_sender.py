"""What the sender makes of the wire: each way in which a send can fail, against a real HTTP server."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import bot.request
from bot.request import AiohttpRequest
from bot.sender import TelegramSender
from bot.telegram import HearthlineBot, make_bot
from broadcasts.sender import Refused, Retry, Sent, Unknown, Unreachable
from sandbox import faults
from sandbox.server import Sandbox
from sandbox.users import User, plain_picture
from tests.support.service import settings_for
from texts.message import Attachment, Button, Message

HELLO = Message(
    "<b>Hello</b>", buttons=((Button("Going", "rsvp:1:go"), Button("Map", url="https://a.example")),)
)


@pytest.fixture
async def bot_(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[HearthlineBot]:
    made = make_bot(settings_for(sandbox, "sqlite://", tmp_path, "polling"))
    await made.initialize()
    yield made
    await made.shutdown()


@pytest.fixture
def sender(bot_: HearthlineBot) -> TelegramSender:
    return TelegramSender(bot_)


@pytest.fixture
def amal(sandbox: Sandbox) -> User:
    user = sandbox.add_user("Amal", user_id=101)
    user.start()
    return user


async def test_a_message_arrives_with_its_buttons_and_its_number(sender: TelegramSender, amal: User) -> None:
    outcome = await sender.send(101, HELLO)
    message = amal.find("Hello")
    assert message is not None
    assert outcome == Sent(message.id)


async def test_a_file_goes_out_with_its_words(sender: TelegramSender, amal: User) -> None:
    calendar = Attachment("event.ics", b"BEGIN:VCALENDAR", "text/calendar")
    assert isinstance(await sender.send(101, Message("Your event", attachment=calendar)), Sent)
    picture = Attachment("poster.png", plain_picture(), "image/png", is_photo=True)
    assert isinstance(await sender.send(101, Message("The poster", attachment=picture)), Sent)


async def test_an_edit_that_changes_nothing_counts_as_sent(sender: TelegramSender, amal: User) -> None:
    sent = await sender.send(101, HELLO)
    assert isinstance(sent, Sent)
    assert sent.message_id is not None
    assert await sender.edit(101, sent.message_id, HELLO) == Sent(sent.message_id)
    assert await sender.edit(101, sent.message_id, Message("Other")) == Sent(sent.message_id)


async def test_what_may_not_be_forwarded_can_be_edited(sender: TelegramSender, amal: User) -> None:
    sent = await sender.send(101, Message("Before", protect=True))
    assert isinstance(sent, Sent)
    assert sent.message_id is not None
    assert await sender.edit(101, sent.message_id, Message("After", protect=True)) == Sent(sent.message_id)
    assert amal.message(sent.message_id).text == "After"
    assert amal.message(sent.message_id).raw["has_protected_content"]


async def test_the_words_under_a_file_can_be_edited(sender: TelegramSender, amal: User) -> None:
    sent = await sender.send(101, Message("Before", attachment=Attachment("a.txt", b"x", "text/plain")))
    assert isinstance(sent, Sent)
    assert sent.message_id is not None
    assert await sender.edit(101, sent.message_id, Message("After")) == Sent(sent.message_id)
    assert amal.find("After") is not None


async def test_editing_what_is_gone_is_refused_and_deleting_it_is_done(
    sender: TelegramSender, amal: User
) -> None:
    assert isinstance(await sender.edit(101, 99999, HELLO), Refused)
    assert await sender.delete(101, 99999) == Sent(99999)


async def test_a_tap_that_telegram_has_forgotten_is_refused(sender: TelegramSender, amal: User) -> None:
    assert isinstance(await sender.toast("12345", "Done"), Refused)


async def test_who_blocked_the_bot_or_never_came_is_unreachable(sender: TelegramSender, amal: User) -> None:
    amal.block()
    assert await sender.send(101, HELLO) == Unreachable("blocked")
    assert isinstance(await sender.send(555, HELLO), Unreachable)


async def test_a_429_is_a_deadline_for_everyone(sender: TelegramSender, sandbox: Sandbox, amal: User) -> None:
    sandbox.faults.add(faults.too_many_requests(9, method="sendMessage", times=1))
    assert await sender.send(101, HELLO) == Retry(timedelta(seconds=9), "flood", everyone=True)


async def test_a_server_that_is_not_there_took_nothing(
    sender: TelegramSender, sandbox: Sandbox, amal: User
) -> None:
    await sandbox.close()
    first = await sender.send(101, HELLO)
    # The connection that was open is found broken first; from then on none is made.
    assert first == Unknown("no_answer") or isinstance(first, Retry)
    assert await sender.send(101, HELLO) == Retry(timedelta(seconds=2), "not_connected", everyone=True)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_reset_after_the_request_went_out_may_have_arrived(
    sender: TelegramSender, sandbox: Sandbox, amal: User, when: str
) -> None:
    sandbox.faults.add(faults.Fault("reset", method="sendMessage", when=when, times=1))  # type: ignore[arg-type]  # either word
    assert await sender.send(101, HELLO) == Unknown("no_answer")


async def test_a_5xx_may_have_arrived(sender: TelegramSender, sandbox: Sandbox, amal: User) -> None:
    sandbox.faults.add(faults.server_error(502, method="sendMessage", when="after", times=1))
    assert await sender.send(101, HELLO) == Unknown("server_fault")
    assert amal.find("Hello") is not None


async def test_a_server_that_never_answers_may_have_taken_it(
    monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox, amal: User, tmp_path: Path
) -> None:
    monkeypatch.setattr(bot.request, "ANSWER_SECONDS", 0.2)
    sandbox.faults.add(faults.Fault("hang", method="sendMessage", times=1))
    made = make_bot(settings_for(sandbox, "sqlite://", tmp_path, "polling"))
    await made.initialize()
    assert await TelegramSender(made).send(101, HELLO) == Unknown("no_answer")
    await made.shutdown()


async def test_a_wrong_token_is_temporary_and_everybodys(
    sender: TelegramSender, sandbox: Sandbox, amal: User
) -> None:
    sandbox.faults.add(faults.unauthorized("sendMessage", times=1))
    outcome = await sender.send(101, HELLO)
    assert isinstance(outcome, Retry)
    assert outcome.everyone


async def test_after_closing_nothing_goes_out(
    clock: Callable[[], datetime], sandbox: Sandbox, tmp_path: Path
) -> None:
    made = make_bot(settings_for(sandbox, "sqlite://", tmp_path, "polling"))
    assert isinstance(await TelegramSender(made).send(101, HELLO), Retry)
    assert isinstance(made.request, AiohttpRequest)


async def test_a_toast_is_plain_text(sender: TelegramSender, amal: User) -> None:
    sent = await sender.send(101, HELLO)
    assert isinstance(sent, Sent)
    assert sent.message_id is not None
    tap = amal.tap(sent.message_id, "Going")
    assert await sender.toast(tap.id, "<b>Tea &amp; cake</b>") == Sent(None)
    assert tap.text == "Tea & cake"
