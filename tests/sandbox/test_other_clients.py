"""Libraries that know only the real server talk to the sandbox without noticing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from telegram import Bot, BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, InputPollOption, Update
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, RetryAfter, TimedOut
from telegram.ext import Application, ApplicationBuilder, CallbackContext, CommandHandler

from sandbox import faults
from sandbox.server import Sandbox
from sandbox.users import User, plain_picture


def _bot(sandbox: Sandbox, token: str = "") -> Bot:
    base = f"{sandbox.url}/bot"
    return Bot(token or sandbox.token, base_url=base, base_file_url=f"{sandbox.url}/file/bot")


@pytest.fixture
async def library(sandbox: Sandbox) -> AsyncIterator[Bot]:
    async with _bot(sandbox) as bot:
        yield bot


async def test_the_library_sends_edits_and_deletes(library: Bot, amal: User) -> None:
    markup = InlineKeyboardMarkup([[InlineKeyboardButton("Going", callback_data="g")]])
    sent = await library.send_message(amal.id, "<b>Tea</b>", parse_mode="HTML", reply_markup=markup)
    assert (sent.text, sent.chat.id) == ("Tea", amal.id)
    edited = await sent.edit_text("Coffee", reply_markup=markup)
    assert isinstance(edited, type(sent))
    assert edited.edit_date is not None
    with pytest.raises(BadRequest, match="Message is not modified"):
        await sent.edit_text("Coffee", reply_markup=markup)
    assert await sent.edit_reply_markup(None)
    assert await sent.delete()


async def test_the_library_sends_files_and_polls(library: Bot, amal: User) -> None:
    document = await library.send_document(amal.id, b"BEGIN", filename="a.ics", caption="Yours")
    assert document.document is not None
    assert (document.document.file_name, document.document.mime_type) == ("a.ics", "text/calendar")
    file = await library.get_file(document.document.file_id)
    assert await file.download_as_bytearray() == b"BEGIN"
    photo = await library.send_photo(amal.id, plain_picture(), caption="Pots")
    assert photo.photo[0].width == 320
    assert await photo.edit_caption("Pans")
    poll = await library.send_poll(amal.id, "Which day?", [InputPollOption("Tuesday"), "Thursday"])
    assert poll.poll is not None
    assert [option.text for option in poll.poll.options] == ["Tuesday", "Thursday"]


async def test_the_library_sets_the_profile(library: Bot) -> None:
    await library.set_my_commands([BotCommand("help", "Help")], language_code="en")
    assert (await library.get_my_commands(language_code="en"))[0].command == "help"
    await library.set_my_description("Not watched round the clock")
    assert await library.set_chat_menu_button()
    assert (await library.get_webhook_info()).pending_update_count == 0


async def test_the_library_tells_refusals_apart(
    library: Bot, sandbox: Sandbox, amal: User, stranger: User
) -> None:
    with pytest.raises(Forbidden, match="can't initiate conversation"):
        await library.send_message(stranger.id, "x")
    with pytest.raises(BadRequest, match="Chat not found"):
        await library.send_message(5, "x")
    sandbox.faults.add(faults.too_many_requests(9, times=1))
    with pytest.raises(RetryAfter):
        await library.send_message(amal.id, "x")
    sandbox.faults.add(faults.hang(method="sendMessage", when="after", times=1))
    with pytest.raises(TimedOut):
        await library.send_message(amal.id, "x", read_timeout=0.05)
    assert len(amal.received) == 1
    with pytest.raises(InvalidToken):
        await _bot(sandbox, "1:wrong").initialize()


async def test_the_librarys_own_polling_receives_taps_and_words(sandbox: Sandbox, amal: User) -> None:
    async def help_(
        update: Update, context: CallbackContext[Bot, dict[str, object], dict[str, object], dict[str, object]]
    ) -> None:
        assert update.message is not None
        await update.message.reply_text("Of course")

    builder = ApplicationBuilder().token(sandbox.token).base_url(f"{sandbox.url}/bot")
    application: Application = builder.build()  # type: ignore[type-arg]  # six parameters, none of use here
    application.add_handler(CommandHandler("help", help_))
    async with application:
        await application.start()
        assert application.updater is not None
        await application.updater.start_polling(drop_pending_updates=True, timeout=5)
        await sandbox.wait_for(lambda: sandbox.polling)
        amal.say("/help")
        await sandbox.wait_for(lambda: amal.find("Of course"))
        await application.updater.stop()
        await application.stop()


async def test_the_library_sees_a_conflict(library: Bot, sandbox: Sandbox) -> None:
    first = asyncio.ensure_future(library.get_updates(timeout=20))
    await sandbox.wait_for(lambda: sandbox.polling)
    async with _bot(sandbox) as other:
        second = asyncio.ensure_future(other.get_updates(timeout=20))
        with pytest.raises(Conflict, match="terminated by other getUpdates request"):
            await first
        await sandbox.wait_for(lambda: sandbox.polling)
        sandbox.add_user("Jo").start()
        assert len(await second) == 1
