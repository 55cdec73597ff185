"""Leaving one kind of message: with a mail program's button, or on the page."""

import pytest
from aiohttp import ClientSession, FormData
from sqlalchemy import select

from carers.pages import Purpose
from carers.topics import Topic
from storage.engine import Database
from storage.households import OptOut
from tests.support.cast import Cast
from tests.support.console import Console, visitor
from tests.web.own_links import link

pytestmark = pytest.mark.one_database
TRAINING = list(Topic).index(Topic.TRAINING)
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


async def off(database: Database) -> list[str]:
    async with database.read() as session:
        return list((await session.scalars(select(OptOut.topic).order_by(OptOut.topic))).all())


async def test_one_click_of_a_mail_program_is_enough_and_is_no_redirect(console: Console, cast: Cast) -> None:
    address = link(console, cast.amal, Purpose.UNSUBSCRIBE, TRAINING)
    async with ClientSession() as client:
        for _ in range(2):
            async with client.post(address, data=ONE_CLICK, allow_redirects=False) as reply:
                assert reply.status == 200
    assert await off(console.database) == ["training"]


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}]
)
async def test_it_works_from_wherever_it_comes(console: Console, cast: Cast, headers: dict[str, str]) -> None:
    address = link(console, cast.amal, Purpose.UNSUBSCRIBE, TRAINING)
    async with ClientSession() as client, client.post(address, data=ONE_CLICK, headers=headers) as reply:
        assert reply.status == 200
    assert await off(console.database) == ["training"]


async def test_as_a_form_of_several_parts_too(console: Console, cast: Cast) -> None:
    form = FormData(ONE_CLICK, default_to_multipart=True)
    address = link(console, cast.amal, Purpose.UNSUBSCRIBE, TRAINING)
    async with ClientSession() as client, client.post(address, data=form) as reply:
        assert reply.status == 200
    assert await off(console.database) == ["training"]


async def test_looking_changes_nothing_and_the_page_can_be_undone(console: Console, cast: Cast) -> None:
    path = link(console, cast.amal, Purpose.UNSUBSCRIBE, TRAINING).removeprefix(console.address)
    async with visitor(console) as amal:
        for _ in range(10):
            assert "No more messages about: Training" in await amal.get(path)
        assert await off(console.database) == []
        assert "You will not receive these messages any more." in await amal.post(path, {"what": "off"})
        assert await off(console.database) == ["training"]
        assert "You receive these messages again." in await amal.post(path, {"what": "on"})
        assert await off(console.database) == []
        await amal.post(path, {"what": "everything"})
        assert await off(console.database) == []


@pytest.mark.parametrize("about", [-1, 5, 99])
async def test_a_kind_that_does_not_exist_opens_nothing(console: Console, cast: Cast, about: int) -> None:
    path = link(console, cast.amal, Purpose.UNSUBSCRIBE, about).removeprefix(console.address)
    async with visitor(console) as amal:
        await amal.get(path)
        assert amal.status == 404
        await amal.post(path, {"List-Unsubscribe": "One-Click"})
        assert amal.status == 404
    assert await off(console.database) == []


async def test_another_s_forged_or_ended_link_turns_nothing_off(console: Console, cast: Cast) -> None:
    good = link(console, cast.amal, Purpose.UNSUBSCRIBE, TRAINING)
    ended = console.pages.link(cast.amal.id, 2, Purpose.UNSUBSCRIBE, TRAINING, console.now)
    for wrong in (good[:-1], good + "x", ended, console.address + "/c/" + "A" * 400):
        async with ClientSession() as client, client.post(wrong, data=ONE_CLICK) as reply:
            assert reply.status == 404
    assert await off(console.database) == []
