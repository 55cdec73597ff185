"""What you told us, in the chat: the surveys that are shared, in short, and what is done about it."""

from datetime import timedelta

import pytest

from carers.people import Language
from storage.actions import ActionState, ServiceAction
from storage.households import Carer
from surveys.catalogue import standard_definitions
from surveys.sharing import share, unshare
from tests.handlers.chats import Chats
from tests.support.cast import NOON, STRANGER_CHAT, Cast, gather
from tests.surveys.closed_rounds import closed_round, health_sheets

pytestmark = pytest.mark.one_database
AMAL, PRIYA = 101, 901
SHORT = "health-check-short"


async def shared(chats: Chats, *, times: int = 1) -> tuple[Cast, int]:
    """Health checks that carers may see, the latest first; the id of the latest."""
    number = 0
    async with chats.database.write() as session:
        cast = await gather(session)
        for year in reversed(range(times)):
            closed_at = NOON - timedelta(days=2 + 365 * year)
            number = await closed_round(session, SHORT, health_sheets(60), asked=100, closed_at=closed_at)
            await share(session, number, cast.priya, NOON)
    return cast, number


def labels(chats: Chats, chat: int) -> list[str]:
    return [button.label for row in chats.last(chat).buttons for button in row]


async def open_list(chats: Chats) -> None:
    """As the button under /surveys does."""
    await chats.write(AMAL, "/surveys")
    await chats.tap(AMAL, "What you told us")


async def test_a_carer_reads_what_came_of_a_survey_in_one_message(chats: Chats) -> None:
    _, number = await shared(chats)
    async with chats.database.write() as session:
        done = {"state": ActionState.DONE, "created_at": NOON, "changed_at": NOON, "published_at": NOON}
        session.add(ServiceAction(said="More breaks", did="Two more homes", round_id=number, **done))
    await open_list(chats)
    assert labels(chats, AMAL) == ["Foster Carer Health Check (short) · Sun 4 May", "Back"]
    messages = len(chats.all(AMAL))
    await chats.tap(AMAL, labels(chats, AMAL)[0])
    said = chats.last(AMAL).text
    assert "60 carers of 100 answered" in said
    assert "90% gave a good answer." in said
    assert "More breaks" in said
    assert "thought of giving up" not in said
    assert labels(chats, AMAL) == ["You said, we did", "All results"]
    await chats.tap(AMAL, "All results")
    assert len(chats.all(AMAL)) == messages  # all in the same message


async def test_it_is_read_in_the_carers_language(chats: Chats) -> None:
    cast, number = await shared(chats)
    async with chats.database.write() as session:
        (await session.get_one(Carer, cast.amal.id)).language = Language.URDU
    await chats.write(AMAL, "/surveys")
    await chats.send_data(AMAL, f"told:{number}", 1)
    assert standard_definitions()[SHORT].questions[0].text["ur"] in chats.last(AMAL).text


async def test_many_surveys_are_offered_the_latest_first_and_never_without_end(chats: Chats) -> None:
    await shared(chats, times=10)
    await open_list(chats)
    assert len(labels(chats, AMAL)) == 8 + 1
    assert labels(chats, AMAL)[0].endswith("Sun 4 May")
    assert "Older ones are on your own page." in chats.last(AMAL).text


async def test_what_is_not_shared_is_not_there_whatever_a_button_says(chats: Chats) -> None:
    cast, number = await shared(chats)
    async with chats.database.write() as session:
        await unshare(session, number, cast.priya, NOON)
    for data in (f"told:{number}", "told:999", "told:999999999"):
        await chats.send_data(AMAL, data)
        assert chats.all(AMAL) == []
    await chats.send_data(AMAL, "told:list")
    assert "No results have been shared yet." in chats.last(AMAL).text
    for chat in (STRANGER_CHAT, PRIYA):
        await chats.send_data(chat, "told:list")
        await chats.send_data(chat, f"told:{number}")
        assert chats.all(chat) == []
