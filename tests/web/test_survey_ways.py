"""One sheet by two ways: begun in the chat and ended on the page, and the reverse."""

import pytest

from carers.pages import Purpose
from storage.surveys import Participant, Round
from surveys.catalogue import standard_definitions
from tests.handlers.chats import Chats
from tests.support.cast import NOON, Cast
from tests.support.console import Console, visitor
from tests.surveys.stories import open_round
from tests.surveys.test_answering import sent
from tests.web.own_links import link
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
    answers = {"warm": 4, "with": [1, 3], "again": 1, "wish": WISH}
    assert await sent(console.database, console.keys, round) == [answers]


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
    answers = {"warm": 4, "with": [3], "again": 1, "wish": WISH}
    assert await sent(console.database, console.keys, round) == [answers]


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


async def test_who_has_left_answers_the_survey_about_it_and_opens_no_other_page(
    console: Console, cast: Cast
) -> None:
    """Their chat stays connected for a while, and their link goes on for as long as that survey is there."""
    exit_interview = standard_definitions()["exit-interview"]
    asked = await open_round(console.database, console.keys, definition=exit_interview, anonymous=False)
    other = await open_round(console.database, console.keys, definition=standard_definitions()["pulse"])
    async with console.database.write() as session:
        (await session.get_one(Round, asked.id)).occasion = "exit"
        (await session.merge(cast.reeds)).ended_on = NOON.date()
    chats = Chats(console.database, console.keys.folder)
    await chats.pass_time()
    await chats.write(AMAL, "/surveys")
    await chats.tap(AMAL, exit_interview.title["en"])
    assert "This survey is not anonymous." in chats.last(AMAL).text
    await chats.tap(AMAL, "Answer on a web page")
    assert "/c/" in chats.last(AMAL).text
    async with visitor(console) as browser:
        for purpose, about in ((Purpose.HOME, 0), (Purpose.SURVEY, other.id)):
            await browser.get(link(console, cast.amal, purpose, about))
            assert browser.status == 404
        amal = Form(browser, console, cast.amal, asked)
        assert "Start" in await amal.look()
        await amal.look("/q")
        await amal.press("skip")
        assert browser.status == 200
        assert "2 of" in browser.html
        await amal.press("next", value=1)
        assert "We wish you all the best" in await amal.press("send")
        sam = Form(browser, console, cast.sam, asked)
        async with console.database.write() as session:
            (await session.merge(cast.okafors)).ended_on = NOON.date()
            (await session.merge(cast.sam)).erased_at = NOON
        await sam.look()
        assert browser.status == 404
