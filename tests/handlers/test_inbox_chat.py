"""Staff read and answer in the chat what carers wrote."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from care.threads import Result, take
from storage.conversations import CarerMessage, Conversation, Thread, ThreadState
from storage.deliveries import Reply
from tests.handlers.chats import Chats
from tests.support.cast import Cast, gather

pytestmark = pytest.mark.one_database

AMAL, SAM, PRIYA, TOM, DEE, ASH = 101, 103, 901, 902, 903, 904
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def cast(chats: Chats) -> Cast:
    async with chats.database.write() as session:
        return await gather(session)


async def thread_of(chats: Chats) -> Thread:
    async with chats.database.read() as session:
        return (await session.scalars(select(Thread).order_by(Thread.id.desc()).limit(1))).one()


async def waits_for_words(chats: Chats, chat_id: int) -> bool:
    async with chats.database.read() as session:
        found = await session.get(Conversation, chat_id)
        return found is not None and found.topic == "inbox"


async def opened(chats: Chats, chat_id: int, name: str = "Amal Reed") -> None:
    """Somebody of the staff opens a conversation from the list."""
    await chats.write(chat_id, "/inbox")
    await chats.tap(chat_id, name)


async def test_an_alert_opens_the_conversation_and_cannot_be_forwarded(chats: Chats, cast: Cast) -> None:
    await chats.write(AMAL, "Please ring me about Saturday")
    alert = chats.last(TOM)
    assert "Amal Reed" in alert.text
    assert "Saturday" not in alert.text
    assert alert.protect
    await chats.tap(TOM, "Open it")
    assert "Please ring me about Saturday" in chats.last(TOM).text
    assert len(chats.all(TOM)) == 1


async def test_a_conversation_is_taken_answered_and_settled(chats: Chats, cast: Cast) -> None:
    await chats.write(AMAL, "Please ring me")
    await opened(chats, TOM)
    await chats.tap(TOM, "Take it")
    assert "It is yours now." in chats.last(TOM).text
    await chats.tap(TOM, "Answer")
    await chats.write(TOM, "I will ring at <four>.")
    question = chats.last(TOM)
    assert "Send this to Amal Reed?" in question.text
    assert question.protect
    assert all("four" not in message.text for message in chats.all(AMAL))
    await chats.tap(TOM, "Send it")
    assert "Your answer is on its way." in chats.last(TOM).text
    told = chats.last(AMAL)
    assert "From Tom, social worker" in told.text
    assert "I will ring at &lt;four&gt;." in told.text
    assert not await waits_for_words(chats, TOM)
    await chats.tap(TOM, "Settle")
    assert (await thread_of(chats)).state is ThreadState.SETTLED
    assert ["Reopen", "Take words away"] in chats.labels(TOM)


async def test_a_carer_writes_back_into_the_same_conversation(chats: Chats, cast: Cast) -> None:
    await chats.write(AMAL, "Please ring me")
    await opened(chats, TOM)
    await chats.tap(TOM, "Answer")
    await chats.write(TOM, "I will")
    await chats.tap(TOM, "Send it")
    await chats.write(AMAL, "Thank you")
    assert "has written again" in chats.last(TOM).text
    await chats.tap(TOM, "Open it")
    text = chats.last(TOM).text
    assert text.index("Please ring me") < text.index("I will") < text.index("Thank you")


async def test_words_are_sent_only_after_the_question_and_as_it_showed_them(chats: Chats, cast: Cast) -> None:
    await chats.write(AMAL, "Please ring me")
    await opened(chats, TOM)
    await chats.tap(TOM, "Answer")
    await chats.write(TOM, "First words")
    older = list(chats.screens.messages[TOM])[-1]
    await chats.write(TOM, "Second words")
    await chats.tap(TOM, "Send it", older)
    assert "Nothing was sent" in chats.screens.messages[TOM][older].text
    await chats.tap(TOM, "Send it")
    assert "Second words" in chats.last(AMAL).text
    before = len(chats.all(AMAL))
    await chats.send_data(TOM, f"inbox:{(await thread_of(chats)).id}:send:1:1")
    assert len(chats.all(AMAL)) == before


async def test_what_came_meanwhile_is_said_before_an_answer_goes(chats: Chats, cast: Cast) -> None:
    await chats.write(AMAL, "Please ring me")
    await opened(chats, TOM)
    await chats.tap(TOM, "Answer")
    await chats.write(TOM, "I will")
    question = list(chats.screens.messages[TOM])[-1]
    await chats.write(AMAL, "No, do not ring")
    sent = len(chats.all(AMAL))
    await chats.tap(TOM, "Send it", question)
    assert "Something new has been written meanwhile." in chats.screens.messages[TOM][question].text
    assert len(chats.all(AMAL)) == sent
    await chats.tap(TOM, "Send it", question)
    assert "I will" in chats.last(AMAL).text


async def test_left_words_are_forgotten_and_long_ones_asked_for_again(chats: Chats, cast: Cast) -> None:
    await chats.write(AMAL, "Please ring me")
    await opened(chats, TOM)
    await chats.tap(TOM, "Answer")
    assert chats.last(TOM).protect  # "Leave it" draws the conversation in its place
    await chats.write(TOM, "x" * 3001)
    assert "too long" in chats.last(TOM).text
    assert chats.last(TOM).protect
    await chats.write(TOM, "Shorter")
    await chats.tap(TOM, "Leave it")
    assert "Nothing was sent." in chats.last(TOM).text
    assert not await waits_for_words(chats, TOM)
    await chats.write(TOM, "Shorter")
    assert "Send this" not in chats.last(TOM).text


async def test_of_two_who_take_it_the_second_is_told(chats: Chats, cast: Cast) -> None:
    await chats.write(AMAL, "Please ring me")
    await opened(chats, TOM)
    async with chats.database.write() as session:
        assert await take(session, (await thread_of(chats)).id, cast.dee, chats.now) is Result.DONE
    await chats.tap(TOM, "Take it")
    assert "Somebody else took it first." in chats.last(TOM).text
    assert "Taken by Dee Hall" in chats.last(TOM).text


async def test_words_are_taken_away_from_the_carers_chat_too(chats: Chats, cast: Cast) -> None:
    await chats.write(AMAL, "A name that has no place here")
    await opened(chats, PRIYA)
    await chats.tap(PRIYA, "Take words away")
    await chats.tap(PRIYA, "1. Amal Reed")
    assert "Take these words away for good?" in chats.last(PRIYA).text
    await chats.tap(PRIYA, "Take them away")
    assert "The words are gone." in chats.last(PRIYA).text
    assert "has no place" not in chats.last(PRIYA).text
    async with chats.database.read() as session:
        [message] = (await session.scalars(select(CarerMessage))).all()
    assert (message.text, message.chat_id) == (None, AMAL)


async def test_a_conversation_is_handed_to_a_colleague_and_given_back(chats: Chats, cast: Cast) -> None:
    await chats.write(AMAL, "Please ring me")
    await opened(chats, TOM)
    await chats.tap(TOM, "Hand over")
    assert chats.labels(TOM) == [["Dee Hall"], ["Priya Lane"], ["Back"]]
    await chats.tap(TOM, "Dee Hall")
    assert "It is handed over." in chats.last(TOM).text
    assert "Tom Birch has handed you" in chats.last(DEE).text
    await chats.tap(DEE, "Open it")
    await chats.tap(DEE, "Give it back")
    assert (await thread_of(chats)).owner_id is None


async def test_the_list_has_the_urgent_first_and_a_social_workers_own_alone(chats: Chats, cast: Cast) -> None:
    await chats.write(SAM, "Please ring me")
    await chats.write(AMAL, "I think of suicide")
    await chats.write(PRIYA, "/inbox")
    assert chats.labels(PRIYA) == [["❗ Amal Reed"], ["Sam Okafor"], ["Look again"]]
    await chats.write(TOM, "/inbox")
    assert chats.labels(TOM) == [["❗ Amal Reed"], ["Look again"]]
    await chats.write(ASH, "/inbox")
    assert "Messages from carers" not in chats.last(ASH).text


@pytest.mark.parametrize("who", [TOM, ASH, AMAL])
async def test_a_button_of_a_conversation_that_is_not_theirs_does_nothing(
    chats: Chats, cast: Cast, who: int
) -> None:
    await chats.write(SAM, "Please ring me")
    thread = (await thread_of(chats)).id
    before = len(chats.all(who))
    deeds = ("", ":take", ":back", ":hand", ":hand:1", ":answer:1", ":send:1:1", ":settle:1", ":reopen")
    for deed in (*deeds, ":words", ":words:1", ":words:1:yes", ":nonsense", ":drop"):
        await chats.send_data(who, f"inbox:{thread}{deed}")
    assert len(chats.all(who)) == before
    now = await thread_of(chats)
    assert (now.state, now.owner_id) == (ThreadState.NEW, None)
    async with chats.database.read() as session:
        assert await session.scalar(select(func.count(Reply.id))) == 0
        assert (await session.scalars(select(CarerMessage.text))).all() == ["Please ring me"]


async def test_nonsense_from_staff_is_an_old_button(chats: Chats, cast: Cast) -> None:
    await chats.write(AMAL, "Please ring me")
    thread = (await thread_of(chats)).id
    for deed in (":settle", ":send", ":send:1", ":nonsense", ":words:99", ":hand:x", ":answer:x"):
        await chats.send_data(PRIYA, f"inbox:{thread}{deed}")
    for data in ("inbox:", "inbox:x", "inbox:0", "inbox:99999999999"):
        await chats.send_data(PRIYA, data)
    now = await thread_of(chats)
    assert (now.state, now.owner_id) == (ThreadState.NEW, None)


async def test_a_long_conversation_shows_what_is_newest(chats: Chats, cast: Cast) -> None:
    for number in range(5):
        await chats.write(AMAL, f"Words {number}: " + "long " * 220)
    await opened(chats, TOM)
    text = chats.last(TOM).text
    assert "Words 4" in text
    assert "Words 0" not in text
    assert "earlier ones are in the console" in text
    assert len(text) < 4096
