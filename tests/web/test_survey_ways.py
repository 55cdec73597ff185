"""One sheet by two ways: begun in the chat and ended on the page, and the reverse."""

import pytest
from sqlalchemy import select

from storage.surveys import Participant, Response, Round
from surveys.closing import close_rounds
from tests.handlers.chats import Chats
from tests.support.cast import Cast
from tests.support.console import Console, visitor
from tests.surveys.stories import CLOSES, open_round
from tests.web.test_survey_form import WISH, Form

pytestmark = pytest.mark.one_database
AMAL = 101


@pytest.fixture(params=[True, False], ids=["anonymous", "named"])
async def round(request: pytest.FixtureRequest, console: Console, cast: Cast) -> Round:
    return await open_round(console.database, console.keys, anonymous=request.param)


@pytest.fixture
async def chats(console: Console, round: Round) -> Chats:
    chats = Chats(console.database, console.keys.folder)
    await chats.pass_time()
    return chats


async def answers(console: Console) -> list[dict[str, object]]:
    await close_rounds(console.database, CLOSES, console.keys)
    async with console.database.read() as session:
        return [one.answers for one in (await session.scalars(select(Response))).all()]


async def test_begun_in_the_chat_and_ended_on_the_page(
    console: Console, cast: Cast, round: Round, chats: Chats
) -> None:
    await chats.tap(AMAL, "Start")
    await chats.tap(AMAL, "Often")
    await chats.tap(AMAL, "⬜ Milk")
    async with visitor(console) as browser:
        amal = Form(browser, console, cast.amal, round)
        assert "Go on where I stopped" in await amal.look()
        html = await amal.look("/q")
        assert "2 of 4" in html
        assert 'name="box" value="1" checked' in html
        await amal.press("next", box=[1, 3])
        await amal.press("next", value=1)
        assert "Often" in await amal.press("next", words=WISH)
        await amal.press("send")
    await chats.write(AMAL, "Words that come too late")
    assert "You have sent your answers already." in chats.last(AMAL).text
    assert await answers(console) == [{"warm": 4, "with": [1, 3], "again": 1}]


async def test_begun_on_the_page_and_ended_in_the_chat(
    console: Console, cast: Cast, round: Round, chats: Chats
) -> None:
    async with visitor(console) as browser:
        amal = Form(browser, console, cast.amal, round)
        await amal.look("/q")
        await amal.press("next", value=4)
        await amal.press("next", box=[3])
        await chats.tap(AMAL, "Start")
        assert "3 of 4" in chats.last(AMAL).text
        await chats.tap(AMAL, "Yes")
        await chats.write(AMAL, WISH)
        html = await amal.look("/q")
        assert WISH in html
        assert 'value="send"' in html
        await chats.tap(AMAL, "Send")
        assert "You have sent your answers already" in await amal.press("send")
        assert "You have sent your answers already" in await amal.look()
    assert await answers(console) == [{"warm": 4, "with": [3], "again": 1}]


async def test_sending_on_the_page_leaves_no_time_behind(
    console: Console, cast: Cast, round: Round, chats: Chats
) -> None:
    """Who took part is a flag alone, whichever way they came."""
    async with visitor(console) as browser:
        amal = Form(browser, console, cast.amal, round)
        await amal.fill()
        await amal.press("send")
    async with console.database.read() as session:
        took_part = await session.get_one(Participant, (round.id, cast.amal.id))
        assert took_part.took_part
        assert {column.name for column in Participant.__table__.columns} == {
            "round_id",
            "carer_id",
            "segments",
            "took_part",
            "asked_at",
        }
        assert took_part.asked_at is None
