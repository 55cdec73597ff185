"""Coming in, choosing what to receive, writing to the service and leaving; and what a stranger gets."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from carers.choices import wanted_topics
from carers.linking import new_link, strangers
from carers.topics import Topic
from handlers.turn import current_turn
from storage.conversations import CarerMessage, Thread
from storage.deliveries import Delivery
from storage.households import Carer, Group, GroupMember
from storage.staff import SignInLink
from tests.events.acts import invited_event
from tests.handlers.chats import Chats
from tests.support.cast import NOON, STRANGER_CHAT, Cast, gather

pytestmark = pytest.mark.one_database

AMAL, JO, SAM, PRIYA, TOM = 101, 102, 103, 901, 902
SAFETY = ("999", "01709 000000", "0800 040 7675", "116 123")


async def cast_in(chats: Chats, linked: bool = True) -> Cast:
    async with chats.database.write() as session:
        return await gather(session, linked=linked)


async def messages(chats: Chats) -> list[CarerMessage]:
    async with chats.database.read() as session:
        return list(await session.scalars(select(CarerMessage).order_by(CarerMessage.id)))


async def amal_now(chats: Chats) -> Carer:
    async with chats.database.read() as session:
        return (await session.scalars(select(Carer).where(Carer.ref == "C1"))).one()


async def test_a_personal_link_connects_a_carer_with_the_notice_of_safety_and_every_open_invitation(
    chats: Chats,
) -> None:
    async with chats.database.write() as session:
        cast = await gather(session, linked=False)
        await invited_event(session, cast)
        token = await new_link(session, cast.amal, NOON)
    await chats.write(AMAL, f"/start {token}")
    welcome, invitation, *others = chats.all(AMAL)
    assert all(words in welcome.text for words in SAFETY)
    assert "round the clock" in welcome.text
    assert "about a child" in welcome.text
    assert "Telegram carries" in welcome.text
    assert invitation.buttons
    assert others == []


async def test_opening_the_link_twice_says_that_all_is_well(chats: Chats) -> None:
    async with chats.database.write() as session:
        cast = await gather(session, linked=False)
        token = await new_link(session, cast.amal, NOON)
    await chats.write(AMAL, f"/start {token}")
    await chats.write(AMAL, f"/start {token}")
    assert "all is well" in chats.last(AMAL).text


async def test_a_colleagues_link_connects_them_and_the_console_link_is_protected(chats: Chats) -> None:
    async with chats.database.write() as session:
        cast = await gather(session, linked=False)
        token = await new_link(session, cast.priya, NOON)
    await chats.write(PRIYA, f"/start {token}")
    assert "member of staff" in chats.last(PRIYA).text
    await chats.write(PRIYA, "/console")
    link = chats.last(PRIYA)
    assert "http://console/sign-in/" in link.text
    assert link.protect
    assert not link.link_preview
    async with chats.database.read() as session:
        assert (await session.scalars(select(func.count()).select_from(SignInLink))).one() == 1


@pytest.mark.parametrize(
    "text",
    ["hello", "/start", "/start abcdefghij", "/help", "/settings", "/mydata", "/console", "/inbox", "/stop"],
)
async def test_a_stranger_gets_a_polite_answer_and_nothing_else_and_staff_see_the_request(
    chats: Chats, text: str
) -> None:
    await cast_in(chats)
    await chats.write(STRANGER_CHAT, text)
    [answer] = chats.all(STRANGER_CHAT)
    assert "I do not know this account yet" in answer.text
    assert answer.buttons == ()
    async with chats.database.read() as session:
        [stranger] = await strangers(session)
    assert stranger.chat_id == STRANGER_CHAT
    assert await messages(chats) == []


async def test_guessing_tokens_is_slowed(chats: Chats) -> None:
    await cast_in(chats)
    for number in range(7):
        await chats.write(STRANGER_CHAT, f"/start guess{number}")
    assert "wait an hour" in chats.last(STRANGER_CHAT).text


async def test_a_strangers_tap_does_nothing(chats: Chats) -> None:
    await cast_in(chats)
    for data in ("settings:resume", "settings:topic:socials:off", "rsvp:1:going", "nonsense", "settings"):
        await chats.send_data(STRANGER_CHAT, data)
    assert chats.all(STRANGER_CHAT) == []


async def test_kinds_of_notice_are_switched_in_one_message(chats: Chats) -> None:
    cast = await cast_in(chats)
    await chats.write(AMAL, "/settings")
    await chats.tap(AMAL, "✅ Training")
    assert ["⬜ Training"] in chats.labels(AMAL)
    assert len(chats.all(AMAL)) == 1
    async with chats.database.write() as session:
        assert Topic.TRAINING not in await wanted_topics(session, cast.amal)
    await chats.tap(AMAL, "⬜ Training")
    assert ["✅ Training"] in chats.labels(AMAL)


async def test_a_change_of_language_shows_at_once(chats: Chats) -> None:
    await cast_in(chats)
    await chats.write(AMAL, "/language")
    await chats.tap(AMAL, "اردو")
    assert ["Language: اردو"] in chats.labels(AMAL) or any("اردو" in row[0] for row in chats.labels(AMAL))
    assert (await amal_now(chats)).language == "ur"
    assert len(chats.all(AMAL)) == 1


async def test_a_pause_has_an_end_and_can_be_ended(chats: Chats) -> None:
    await cast_in(chats)
    await chats.write(AMAL, "/settings")
    await chats.tap(AMAL, "Pause for a while")
    await chats.tap(AMAL, "Two weeks")
    assert "Paused until Tuesday 20 May 2025" in chats.last(AMAL).text
    assert (await amal_now(chats)).paused_until == NOON + timedelta(days=14)
    await chats.tap(AMAL, "Send me messages again")
    assert (await amal_now(chats)).paused_until is None


async def test_stop_can_be_undone_by_its_button_or_by_start(chats: Chats) -> None:
    await cast_in(chats)
    for _ in range(2):
        await chats.write(AMAL, "/stop")
    assert (await amal_now(chats)).stopped_at is not None
    await chats.tap(AMAL, "Send me messages again")
    assert (await amal_now(chats)).stopped_at is None
    await chats.write(AMAL, "/stop")
    await chats.write(AMAL, "/start")
    assert (await amal_now(chats)).stopped_at is None
    assert "You will receive messages again" in chats.last(AMAL).text
    await chats.write(AMAL, "/start")
    assert "all is well" in chats.last(AMAL).text


@pytest.mark.parametrize("way", ["button", "start"])
async def test_who_comes_back_gets_what_went_out_meanwhile_and_nothing_twice(chats: Chats, way: str) -> None:
    cast = await cast_in(chats)
    async with chats.database.write() as session:
        await invited_event(session, cast, title="Before the stop")
    await chats.pass_time()
    await chats.write(AMAL, "/stop")
    async with chats.database.write() as session:
        await invited_event(session, cast, title="Meanwhile")
    await chats.pass_time()
    for _ in range(2):
        await (chats.tap(AMAL, "Send me messages again") if way == "button" else chats.write(AMAL, "/start"))
        titles = [message.text for message in chats.all(AMAL) if "You are invited" in message.text]
        assert [sum(title in text for text in titles) for title in ("Before the stop", "Meanwhile")] == [1, 1]
        way = "start"


@pytest.mark.parametrize(
    "data",
    [
        "settings",
        "settings:topic:secrets:on",
        "settings:topic:training:maybe",
        "settings:language:xx",
        "settings:pause:9999",
        "settings:show:more",
        ":::",
        "x" * 64,
    ],
)
async def test_invented_button_data_gets_a_polite_line_and_changes_nothing(chats: Chats, data: str) -> None:
    cast = await cast_in(chats)
    await chats.send_data(AMAL, data)
    assert "no longer in use" in chats.toast
    assert chats.all(AMAL) == []
    async with chats.database.write() as session:
        assert await wanted_topics(session, cast.amal) == list(Topic)


async def test_what_is_held_is_shown(chats: Chats) -> None:
    await cast_in(chats)
    await chats.write(AMAL, "hello")
    await chats.write(AMAL, "/mydata")
    text = chats.last(AMAL).text
    assert "Amal Reed" in text
    assert "H1" in text
    assert "Messages you wrote, kept for 90 days: 1" in text


async def test_mygroups_names_the_carers_own_groups_and_nobody_elses(chats: Chats) -> None:
    cast = await cast_in(chats)
    async with chats.database.write() as session:
        walkers, bakers = Group(name="Walkers"), Group(name="Bakers")
        session.add_all([walkers, bakers])
        await session.flush()
        session.add(GroupMember(group_id=walkers.id, carer_id=cast.amal.id))
        session.add(GroupMember(group_id=bakers.id, carer_id=cast.sam.id))
    await chats.write(AMAL, "/mygroups")
    assert "• Walkers" in chats.last(AMAL).text
    assert "Bakers" not in chats.last(AMAL).text
    await chats.write(JO, "/mygroups")
    assert "You are in no group yet." in chats.last(JO).text


async def test_free_text_is_kept_for_staff_and_acknowledged_with_the_notice_of_safety(chats: Chats) -> None:
    await cast_in(chats)
    await chats.write(AMAL, "Could we bring a cake?")
    [kept] = await messages(chats)
    assert (kept.text, kept.received_at) == ("Could we bring a cake?", NOON)
    assert (kept.chat_id, kept.came_with) == (AMAL, None)
    text = chats.last(AMAL).text
    assert "will read this" in text
    assert all(words in text for words in SAFETY)


async def test_out_of_hours_the_answer_says_when_somebody_reads(chats: Chats) -> None:
    await cast_in(chats)
    chats.now = datetime(2025, 5, 10, 11, 0, tzinfo=UTC)  # a Saturday
    await chats.write(AMAL, "Could we bring a cake?")
    text = chats.last(AMAL).text
    assert "next working day" in text
    assert all(words in text for words in SAFETY)
    assert text.index("01709 000000") < text.index("999")  # nobody is there but the duty social worker


async def test_words_of_danger_put_the_numbers_first_and_staff_are_told_without_the_words(
    chats: Chats,
) -> None:
    await cast_in(chats)
    await chats.write(AMAL, "I think about SUICIDE")
    async with chats.database.read() as session:
        [thread] = await session.scalars(select(Thread))
    assert thread.urgent
    answer = chats.last(AMAL).text
    assert answer.index("999") < answer.index("marked as urgent")
    for colleague in (PRIYA, TOM):
        alert = chats.last(colleague).text
        assert "Amal Reed" in alert
        assert "suicide" not in alert.lower()
    assert chats.all(904) == []  # the administrator reads nobody's words


async def test_message_asks_and_takes_what_follows(chats: Chats) -> None:
    await cast_in(chats)
    await chats.write(AMAL, "/message")
    assert "in one message" in chats.last(AMAL).text
    await chats.write(AMAL, "Please ring me")
    assert [message.text for message in await messages(chats)] == ["Please ring me"]


async def test_an_unknown_command_shows_the_known_ones(chats: Chats) -> None:
    await cast_in(chats)
    await chats.write(AMAL, "/weather")
    assert "/events" in chats.last(AMAL).text
    await chats.write(PRIYA, "/weather")
    assert "/console" in chats.last(PRIYA).text


async def test_staff_see_how_many_messages_wait_and_a_carer_does_not(chats: Chats) -> None:
    await cast_in(chats)
    await chats.write(SAM, "hello")
    await chats.write(PRIYA, "/inbox")
    assert "1 waits for an answer" in chats.last(PRIYA).text
    await chats.write(TOM, "/inbox")
    assert "Nobody waits for an answer" in chats.last(TOM).text
    await chats.write(AMAL, "/inbox")
    assert "What I can do" in chats.last(AMAL).text


async def test_any_word_from_a_carer_makes_them_reachable_again(chats: Chats) -> None:
    cast = await cast_in(chats)
    async with chats.database.write() as session:
        amal = await session.get_one(Carer, cast.amal.id)
        amal.unreachable_since, amal.unreachable_reason = NOON, "blocked"
    await chats.write(AMAL, "hello")
    assert (await amal_now(chats)).unreachable_since is None


def membership(before: str, after: str) -> dict[str, object]:
    bot = {"id": 1, "is_bot": True, "first_name": "Hearthline"}
    amal = {"id": AMAL, "is_bot": False, "first_name": "Amal"}

    def member(status: str) -> dict[str, object]:
        return {"user": bot, "status": status} | ({"until_date": 0} if status == "kicked" else {})

    return {
        "my_chat_member": {
            "chat": {"id": AMAL, "type": "private"},
            "from": amal,
            "date": int(NOON.timestamp()),
            "old_chat_member": member(before),
            "new_chat_member": member(after),
        }
    }


async def test_who_blocks_the_bot_is_unreachable_until_they_let_it_in_again(chats: Chats) -> None:
    await cast_in(chats)
    await chats._handle(membership("member", "kicked"))
    amal = await amal_now(chats)
    assert (amal.unreachable_since, amal.unreachable_reason) == (NOON, "blocked")
    await chats._handle(membership("kicked", "member"))
    assert (await amal_now(chats)).unreachable_since is None


async def test_a_group_that_the_bot_was_put_into_hears_nothing(chats: Chats) -> None:
    await cast_in(chats)
    message = chats._message(AMAL, 5) | {
        "chat": {"id": -100, "type": "group", "title": "Us"},
        "text": "hello",
    }
    await chats._handle({"message": message})
    assert chats.screens.messages == {}
    assert await messages(chats) == []


async def test_a_handler_that_fails_rolls_everything_back(
    chats: Chats, monkeypatch: pytest.MonkeyPatch
) -> None:
    await cast_in(chats)

    async def broken(*_arguments: object) -> None:
        await current_turn().reply("help")
        raise RuntimeError("no")

    monkeypatch.setattr("handlers.free_text.to_the_service", broken)
    with pytest.raises(RuntimeError):
        await chats.write(AMAL, "hello")
    await chats.pass_time()
    assert chats.all(AMAL) == []
    async with chats.database.read() as session:
        assert (await session.scalars(select(func.count(Delivery.id)))).one() == 0
