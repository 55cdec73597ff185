"""Conversations with carers in the console: read, taken, answered, handed over, settled, words taken away."""

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser
from sqlalchemy import select

from care.answers import answer
from care.threads import Result, take
from storage.conversations import CarerMessage, Thread, ThreadState
from storage.deliveries import Delivery, DeliveryState
from storage.engine import Database
from storage.households import Carer, Channel
from storage.staff import AuditEntry
from tests.support.cast import NOON, Cast
from tests.support.console import Console, sign_in, visitor
from tests.web.conftest import Busy

LATER = NOON + timedelta(hours=1)


async def actions(database: Database) -> list[str]:
    async with database.read() as session:
        return list(await session.scalars(select(AuditEntry.action)))


async def thread_of(database: Database, busy: Busy) -> Thread:
    async with database.read() as session:
        return await session.get_one(Thread, busy.thread)


async def sams(database: Database, cast: Cast, words: str = "For Priya") -> int:
    """A conversation that is not of Tom's households."""
    async with database.write() as session:
        thread = Thread(carer_id=cast.sam.id, opened_at=NOON, heard_at=NOON, urgent=True)
        session.add(thread)
        await session.flush()
        session.add(CarerMessage(carer_id=cast.sam.id, thread_id=thread.id, text=words, received_at=NOON))
        return thread.id


async def test_a_conversation_is_taken_answered_settled_and_opened_again(
    console: Console, database: Database, cast: Cast, busy: Busy
) -> None:
    here = f"/messages/{busy.thread}"
    async with visitor(console, cast.tom) as tom:
        assert "Please ring me" in await tom.get("/messages")
        assert "Nobody has taken it yet." in await tom.get(here)
        assert "This conversation is yours now." in await tom.post(f"{here}/take")
        answered = await tom.post(f"{here}/answer", {"text": "I will,\nat four", "seen": busy.message})
        assert "Your answer to Amal Reed is on its way." in answered
        assert "at four" in answered
        assert "Goes out in a moment" in answered
        assert "at four" not in await tom.get("/messages?show=answered")  # only what the carer wrote
        assert "Please ring me" in tom.html
        seen = re.search(r'name="seen" value="(\d+)"', await tom.get(here))
        assert seen
        assert "This conversation is settled." in await tom.post(f"{here}/settle", {"seen": seen[1]})
        assert "Please ring me" in await tom.get("/messages?show=settled")
        assert "open again, and yours" in await tom.post(f"{here}/reopen")
    deeds = [f"thread.{verb}" for verb in ("take", "answer", "settle", "reopen")]
    assert set(deeds) <= set(await actions(database))


async def test_an_answer_without_words_or_with_too_many_is_kept_and_said(
    console: Console, database: Database, cast: Cast, busy: Busy
) -> None:
    path = f"/messages/{busy.thread}/answer"
    async with visitor(console, cast.priya) as priya:
        await priya.get(f"/messages/{busy.thread}")
        assert "Write an answer" in await priya.post(path, {"text": "  ", "seen": busy.message})
        assert priya.status == 422
        long = "word " * 700
        assert "3,000 characters or fewer" in await priya.post(path, {"text": long, "seen": busy.message})
        assert "word word" in priya.html
    assert (await thread_of(database, busy)).state is ThreadState.NEW


async def test_an_answer_to_what_has_changed_is_kept_until_it_was_read(
    console: Console, database: Database, cast: Cast, busy: Busy
) -> None:
    here = f"/messages/{busy.thread}"
    async with visitor(console, cast.priya) as priya:
        await priya.get(here)
        async with database.write() as session:
            result = await answer(session, busy.thread, "I have rung", busy.message, cast.tom, NOON)
            assert result is Result.DONE
        answered = await priya.post(f"{here}/answer", {"text": "Shall I ring?", "seen": busy.message})
        assert priya.status == 422
        assert "Something new was written meanwhile" in answered
        assert "I have rung" in answered
        assert "Shall I ring?" in answered
        seen = re.search(r'name="seen" value="(\d+)"', answered)
        assert seen
        await priya.post(f"{here}/answer", {"text": "Shall I ring too?", "seen": seen[1]})
        assert priya.status == 200
        assert "Shall I ring too?" in priya.html
        settled = await priya.post(f"{here}/settle", {"seen": busy.message})
        assert "something new was written meanwhile" in settled


async def test_a_double_press_sends_one_answer(
    console: Console, database: Database, cast: Cast, busy: Busy
) -> None:
    path = f"/messages/{busy.thread}/answer"
    async with visitor(console, cast.priya) as priya:
        await priya.get(f"/messages/{busy.thread}")
        form = {"text": "I will", "seen": busy.message, "once": "the-same"}
        await priya.post(path, form)
        await priya.post(path, form)
        assert priya.status == 200
    async with database.read() as session:
        assert (await session.get(CarerMessage, busy.message + 1)) is not None
        assert (await session.get(CarerMessage, busy.message + 2)) is None


async def test_a_conversation_is_handed_over_and_taken_over_and_a_race_is_told(
    console: Console, database: Database, cast: Cast, busy: Busy
) -> None:
    path = f"/messages/{busy.thread}/hand-over"
    async with visitor(console, cast.priya) as priya:
        page = await priya.get(f"/messages/{busy.thread}")
        assert "Ash Moor" not in page
        assert "Choose a colleague" in await priya.post(path, {"owner": "", "was": ""})
        assert "Choose a colleague" in await priya.post(path, {"owner": cast.ash.id, "was": ""})
        handed = await priya.post(path, {"owner": cast.dee.id, "was": ""})
        assert "Dee Hall looks after this conversation now." in handed
        raced = await priya.post(path, {"owner": cast.tom.id, "was": ""})
        assert "a colleague has taken this conversation meanwhile" in raced
        over = await priya.post(path, {"owner": cast.priya.id, "was": cast.dee.id})
        assert "You have taken it" in over
        assert "It waits for anybody again." in await priya.post(f"/messages/{busy.thread}/give-back")
    async with visitor(console, cast.tom) as tom:
        await tom.get(f"/messages/{busy.thread}")
        async with database.write() as session:
            await take(session, busy.thread, cast.dee, LATER)
        assert "a colleague has taken" in await tom.post(f"/messages/{busy.thread}/take")


async def test_words_are_taken_away_after_a_question_that_shows_them(
    console: Console, database: Database, cast: Cast, busy: Busy
) -> None:
    path = f"/messages/{busy.thread}/redact/{busy.message}"
    async with visitor(console, cast.tom) as tom:
        assert "Please ring me" in await tom.get(path)
        assert "The words are gone." in await tom.post(path)
        assert "Please ring me" not in tom.html
        assert "The words were taken away." in await tom.get("/messages")
        assert "Please ring me" not in tom.html
        await tom.get(path)
        assert tom.status == 404
    assert "message.redact" in await actions(database)


async def test_a_social_worker_finds_nothing_of_another_households_and_changes_nothing(
    console: Console, database: Database, cast: Cast, busy: Busy
) -> None:
    thread = await sams(database, cast)
    async with visitor(console, cast.tom) as tom:
        assert "For Priya" not in await tom.get("/messages?q=sam")
        await tom.get(f"/messages/{busy.thread}")
        for deed in ("take", "give-back", "hand-over", "answer", "settle", "reopen"):
            await tom.post(f"/messages/{thread}/{deed}", {"text": "x", "seen": "2", "owner": cast.dee.id})
            assert tom.status == 404, deed
        await tom.post(f"/messages/{thread}/redact/{busy.message + 1}")
        assert tom.status == 404
        await tom.post(f"/messages/{busy.thread}/redact/{busy.message + 1}")
        assert tom.status == 404
    async with database.read() as session:
        now = await session.get_one(Thread, thread)
        words = (await session.get_one(CarerMessage, busy.message + 1)).text
    assert (now.state, now.owner_id, words) == (ThreadState.NEW, None, "For Priya")


@pytest.mark.one_database
async def test_the_lists_can_be_searched_and_say_when_they_are_empty(
    console: Console, database: Database, cast: Cast, busy: Busy
) -> None:
    await sams(database, cast, "<script>alert(1)</script>")
    async with visitor(console, cast.priya) as priya:
        waiting = await priya.get("/messages")
        assert waiting.index("Sam Okafor") < waiting.index("Amal Reed")  # urgent
        assert "<script>alert" not in waiting
        assert "Sam Okafor" not in await priya.get("/messages?q=reed")
        assert "Amal Reed" not in await priya.get(f"/messages?owner={cast.dee.id}")
        assert "No conversation matches." in priya.html
        assert "Amal Reed" in await priya.get("/messages?owner=nobody")
        assert "You have taken none" in await priya.get("/messages?show=mine")
        assert "Nothing has been settled yet." in await priya.get("/messages?show=settled")
        assert "Amal Reed" in await priya.get("/messages?show=nonsense&owner=nonsense&page=99")
        for path in ("/messages/4711", "/messages/x", "/messages/99999999999"):
            await priya.get(path)
            assert priya.status == 404


@pytest.mark.one_database
async def test_the_page_says_by_which_way_an_answer_goes_and_what_became_of_it(
    console: Console, database: Database, cast: Cast, busy: Busy
) -> None:
    async with database.write() as session:
        (await session.get_one(Carer, cast.amal.id)).channel = Channel.LETTER
        await session.flush()
        await answer(session, busy.thread, "I will", busy.message, cast.priya, NOON)
    async with visitor(console, cast.priya) as priya:
        assert "It goes by letter, which you print under Letters." in await priya.get(
            f"/messages/{busy.thread}"
        )
        assert "To be printed under Letters" in priya.html
        async with database.write() as session:
            amal = await session.get_one(Carer, cast.amal.id)
            amal.channel, amal.chat_id, amal.phone = None, None, "01709 1"
            query = select(Delivery).where(Delivery.kind == "thread_answer")
            sent = (await session.scalars(query)).one()
            sent.channel, sent.state, sent.reason = "app", DeliveryState.SKIPPED, "no_app"
        page = await priya.get(f"/messages/{busy.thread}")
        assert "an answer would not arrive. Ring 01709 1." in page
        assert "Left out: has not connected" in page


async def test_a_carer_is_answered_without_scripts_on_a_narrow_screen(
    shown: tuple[Console, Cast, Busy], browser: Browser
) -> None:
    """With HEARTHLINE_SCREENSHOTS set to a folder it leaves a picture of each page."""
    console, cast, _ = shown
    await sams(console.database, cast, "I cannot come on Saturday.\nThe car is broken.")
    page = await (await browser.new_context(java_script_enabled=False, locale="en-GB")).new_page()
    folder = os.environ.get("HEARTHLINE_SCREENSHOTS")

    async def picture(name: str) -> None:
        for width in (1280, 320):
            await page.set_viewport_size({"width": width, "height": 900})
            if folder:
                await page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)

    await sign_in(page, console, cast.priya)
    await page.goto(f"{console.address}/messages")
    await picture("messages")
    await page.get_by_role("link", name="Amal Reed").click()
    await page.get_by_role("button", name="Take it").click()
    await page.get_by_role("button", name="Send to Amal Reed").click()
    await page.get_by_role("link", name="Write an answer").click()
    await picture("thread-wrong")
    await page.get_by_label("Your answer").fill("I will ring at four")
    await page.get_by_role("button", name="Send to Amal Reed").click()
    await page.get_by_text("Your answer to Amal Reed is on its way.").wait_for()
    await picture("thread")
    await page.get_by_role("link", name="that Amal Reed wrote").click()
    await picture("thread-redact")
    await page.get_by_role("button", name="Take the words away").click()
    await page.get_by_text("The words are gone.").wait_for()
    await page.context.close()
