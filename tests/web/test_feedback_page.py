"""How it was, said on a page."""

import asyncio

import pytest
from sqlalchemy import select

from care.inbox import Desk
from carers.pages import Purpose
from storage.attendance import Feedback
from storage.conversations import Thread
from storage.engine import Database
from tests.support.cast import Cast
from tests.support.console import Console, visitor
from tests.web.own_links import SCRIPT, link, past_event


async def kept(database: Database) -> list[tuple[int, str | None]]:
    async with database.read() as session:
        return [(one.rating, one.comment) for one in (await session.scalars(select(Feedback))).all()]


async def test_a_number_and_a_comment_are_given_once(console: Console, cast: Cast) -> None:
    event = await past_event(console.database, cast.amal)
    path = link(console, cast.amal, Purpose.FEEDBACK, event).removeprefix(console.address)
    async with visitor(console) as amal:
        html = await amal.get(f"{path}?rating=4")
        assert 'value="4" checked' in html
        assert await kept(console.database) == []
        html = await amal.post(path, {"rating": 4, "words": f"Lovely {SCRIPT}"})
        assert "You gave 4 of 5." in html
        assert SCRIPT not in html
        html = await amal.post(path, {"rating": 1, "words": "And a second thought"})
        assert amal.status == 422
        assert "And a second thought" in html
    assert await kept(console.database) == [(4, f"Lovely {SCRIPT}")]


async def test_a_number_alone_is_enough_and_a_comment_may_follow(console: Console, cast: Cast) -> None:
    event = await past_event(console.database, cast.amal)
    path = link(console, cast.amal, Purpose.FEEDBACK, event).removeprefix(console.address)
    async with visitor(console) as amal:
        await amal.get(path)
        await amal.post(path, {"rating": 5})
        assert "Would you like to add anything?" in amal.html
        await amal.post(path, {"rating": 1})
        assert "You gave 5 of 5." in amal.html
        await amal.post(path, {"words": "More biscuits"})
    assert await kept(console.database) == [(5, "More biscuits")]


async def test_of_two_at_once_the_first_is_kept(console: Console, cast: Cast) -> None:
    event = await past_event(console.database, cast.amal)
    path = link(console, cast.amal, Purpose.FEEDBACK, event)

    async def send(number: int) -> int:
        async with visitor(console) as amal:
            await amal.post(path.removeprefix(console.address), {"rating": number, "words": f"Tab {number}"})
            return amal.status

    assert set(await asyncio.gather(*(send(number) for number in range(1, 6)))) <= {200, 422}
    [(rating, comment)] = await kept(console.database)
    assert rating in range(1, 6)
    assert comment is not None
    assert comment.startswith("Tab ")


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"words": "Typed at length"}, "Please choose a number first."),
        ({"rating": "6", "words": "Typed at length"}, "Please choose a number first."),
        ({"rating": "3", "words": "long " * 300}, "Please shorten it to 1000 characters."),
    ],
)
async def test_what_was_typed_is_not_lost(
    console: Console, cast: Cast, fields: dict[str, str], said: str
) -> None:
    event = await past_event(console.database, cast.amal)
    path = link(console, cast.amal, Purpose.FEEDBACK, event).removeprefix(console.address)
    async with visitor(console) as amal:
        await amal.get(path)
        html = await amal.post(path, fields)
        assert amal.status == 422
        assert said in html
        assert fields["words"].strip() in html
        if fields.get("rating") == "3":
            assert 'value="3" checked' in html
    assert await kept(console.database) == []


@pytest.mark.one_database
async def test_words_that_cannot_wait_go_to_staff_and_the_numbers_come_first(
    console: Console, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Desk, "is_urgent", lambda self, text: "kill myself" in text)
    event = await past_event(console.database, cast.amal)
    path = link(console, cast.amal, Purpose.FEEDBACK, event).removeprefix(console.address)
    async with visitor(console) as amal:
        await amal.get(path)
        html = await amal.post(path, {"rating": 2, "words": "I want to kill myself"})
        assert amal.status == 200
        assert "Please do not wait for an answer here." in html
    async with console.database.read() as session:
        [thread] = (await session.scalars(select(Thread))).all()
    assert thread.urgent
    assert await kept(console.database) == [(2, None)]
    assert console.woken != []


@pytest.mark.one_database
async def test_who_was_not_there_has_nothing_to_say(console: Console, cast: Cast) -> None:
    event = await past_event(console.database, cast.amal)
    path = link(console, cast.sam, Purpose.FEEDBACK, event).removeprefix(console.address)
    async with visitor(console) as sam:
        await sam.get(path)
        assert sam.status == 404
        await sam.post(path, {"rating": 5})
        assert sam.status == 404
    assert await kept(console.database) == []
