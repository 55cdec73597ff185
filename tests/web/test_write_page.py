"""Writing to the service on one's own page: acknowledged as in the chat, with the numbers to ring."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from care.answers import answer
from care.desk import Desk
from care.threads import take
from carers.pages import Purpose
from storage.conversations import CarerMessage, Thread
from storage.engine import Database
from storage.staff import StaffMember
from tests.support.cast import Cast
from tests.support.console import Console, visitor
from tests.web.own_links import SCRIPT, link
from web.carer.write import LONGEST_MESSAGE

pytestmark = pytest.mark.one_database

NUMBERS = ("999", "01632 960000", "0800 040 7675", "116 123")


def page(console: Console, cast: Cast) -> str:
    return link(console, cast.amal, Purpose.HOME).removeprefix(console.address)


async def kept(database: Database) -> list[CarerMessage]:
    async with database.read() as session:
        return list(await session.scalars(select(CarerMessage).order_by(CarerMessage.id)))


async def test_what_is_written_is_kept_shown_and_acknowledged_with_the_numbers(
    console: Console, cast: Cast, database: Database
) -> None:
    async with visitor(console) as amal:
        path = page(console, cast)
        assert "Write to us" in await amal.get(path)
        assert "Please do not write about a child here" in await amal.get(f"{path}/write")
        await amal.post(f"{path}/write", {"words": f"Could we bring a cake? {SCRIPT}"})
        assert "Thank you. Your service has your message." in amal.html
        assert all(number in amal.html for number in NUMBERS)
        assert SCRIPT not in amal.html
        assert "Could we bring a cake?" in amal.html
    [message] = await kept(database)
    assert (message.carer_id, message.chat_id) == (cast.amal.id, None)


async def test_the_same_button_pressed_twice_keeps_the_words_once_and_more_words_are_added(
    console: Console, cast: Cast, database: Database
) -> None:
    async with visitor(console) as amal:
        path = page(console, cast)
        for words in ("Hello", "Hello", "We may be late"):
            await amal.post(f"{path}/write", {"words": words})
        assert "Added to your message." in amal.html
    assert [message.text for message in await kept(database)] == ["Hello", "We may be late"]
    async with database.read() as session:
        assert (await session.scalars(select(func.count(Thread.id)))).one() == 1


async def test_words_of_danger_put_the_numbers_first(
    console: Console, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Desk, "is_urgent", lambda _, text: "suicide" in text)
    async with visitor(console) as amal:
        await amal.post(f"{page(console, cast)}/write", {"words": "I think of suicide"})
        html = amal.html
    assert html.index("Please do not wait for an answer here.") < html.index("999")
    assert html.index("01632 960000") < html.index("marked as urgent")


async def test_out_of_hours_the_duty_number_stands_before_the_form(console: Console, cast: Cast) -> None:
    console.now = datetime(2025, 5, 10, 11, 0, tzinfo=UTC)  # a Saturday
    async with visitor(console) as amal:
        html = await amal.get(f"{page(console, cast)}/write")
    assert "The office is closed now." in html
    assert html.index("If it cannot wait, ring the duty social worker") < html.index("<textarea")


@pytest.mark.parametrize(
    ("words", "says"), [("", "Please write something first."), ("x" * (LONGEST_MESSAGE + 1), "shorten it")]
)
async def test_what_cannot_be_taken_is_said_and_the_words_stay(
    console: Console, cast: Cast, database: Database, words: str, says: str
) -> None:
    async with visitor(console) as amal:
        await amal.post(f"{page(console, cast)}/write", {"words": words})
        assert amal.status == 422
        assert says in amal.html
        assert f">{words}</textarea>" in amal.html
    assert await kept(database) == []


async def test_what_staff_answered_is_there_to_read_and_words_taken_away_are_not(
    console: Console, cast: Cast, database: Database
) -> None:
    async with visitor(console) as amal:
        path = page(console, cast)
        await amal.post(f"{path}/write", {"words": "Could we bring a cake?"})
        await amal.post(f"{path}/write", {"words": "Something to be taken away"})
        async with database.write() as session:
            priya = await session.get_one(StaffMember, cast.priya.id)
            [thread] = await session.scalars(select(Thread))
            await take(session, thread.id, priya, console.now)
            console.now += timedelta(minutes=1)
            last = (await session.scalars(select(func.max(CarerMessage.id)))).one()
            await answer(session, thread.id, "Yes, do.\nSee you there.", last, priya, console.now)
            (await session.get_one(CarerMessage, last)).text = None
        html = await amal.get(f"{path}/write")
    assert "See you there." in html
    assert "<bdi>Priya</bdi>" in html
    assert "These words were taken away." in html


async def test_nobody_else_reads_it_and_looking_changes_nothing(
    console: Console, cast: Cast, database: Database
) -> None:
    async with visitor(console) as somebody:
        await somebody.post(f"{page(console, cast)}/write", {"words": "Between us"})
        jo = link(console, cast.jo, Purpose.HOME).removeprefix(console.address)
        assert "Between us" not in await somebody.get(f"{jo}/write?said=urgent")
        invitation = link(console, cast.amal, Purpose.INVITATION, 1).removeprefix(console.address)
        await somebody.get(f"{invitation}/write")
        assert somebody.status == 404
    assert len(await kept(database)) == 1
