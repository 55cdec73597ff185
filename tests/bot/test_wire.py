"""From a carer's phone to the bot and back, over HTTP, by polling and by webhook."""

import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.app import Hearthline
from bot.settings import Settings
from care.inbox import set_aside_count
from carers.linking import new_link
from carers.people import Carer
from sandbox import faults
from sandbox.server import Sandbox
from storage.conversations import CarerMessage
from storage.inbox import StoredUpdate, UpdateState
from tests.bot.asking import Start, gathered, kept, ready, until, until_ready
from tests.support.cast import NOON
from tests.support.service import settings_for


async def link_for(hearthline: Hearthline, carer: Carer) -> str:
    async with hearthline.database.write() as session:
        return await new_link(session, carer, NOON)


async def test_a_carer_opens_their_link_and_is_welcomed_with_the_notice_of_safety(
    hearthline: Hearthline, sandbox: Sandbox
) -> None:
    cast = await gathered(hearthline, linked=False)
    amal = sandbox.add_user("Amal", "Reed")
    amal.start(await link_for(hearthline, cast.amal))
    welcome = await sandbox.wait_for(lambda: amal.find("you are connected"))
    for needed in ("round the clock", "999", "01709 000000", "0800 040 7675", "116 123", "about a child"):
        assert needed in welcome.text


async def test_a_reply_comes_to_each_word_and_a_tap_edits_in_place(
    hearthline: Hearthline, sandbox: Sandbox
) -> None:
    await gathered(hearthline)
    amal = sandbox.add_user("Amal", user_id=101)
    amal.start()
    amal.say("/settings")
    settings = await sandbox.wait_for(lambda: amal.find("What you receive"))
    tap = amal.tap(settings, "✅ Training")
    await sandbox.wait_for(lambda: tap.answered)
    await sandbox.wait_for(lambda: "⬜ Training" in str(amal.message(settings.id).buttons))


async def test_every_update_that_is_sent_twice_is_handled_once(
    hearthline: Hearthline, sandbox: Sandbox
) -> None:
    await gathered(hearthline)
    sandbox.faults.add(faults.Fault("duplicate_updates"))
    sandbox.faults.add(faults.Fault("lost_webhook_response", method="webhook", times=3))
    users = [sandbox.add_user(f"Carer{number}", user_id=100 + number) for number in (1, 2, 3)]
    for number in range(4):
        for user in users:
            user.say(f"message {number}")
    await sandbox.wait_for(lambda: all(user.received for user in users))

    async def written() -> list[str | None]:
        async with hearthline.database.read() as session:
            return list(await session.scalars(select(CarerMessage.text)))

    async def all_handled() -> bool:
        async with hearthline.database.read() as session:
            waiting = select(func.count(StoredUpdate.id)).where(StoredUpdate.state == UpdateState.NEW)
            return len(await written()) >= 12 and await session.scalar(waiting) == 0

    await until(all_handled)
    texts = await written()
    assert sorted(texts, key=str) == sorted([f"message {number}" for number in range(4)] * 3)


async def test_a_command_is_one_even_where_the_server_does_not_mark_it(
    hearthline: Hearthline, sandbox: Sandbox
) -> None:
    await gathered(hearthline)
    amal = sandbox.add_user("Amal", user_id=101)
    amal.start()
    await sandbox.wait_for(lambda: amal.received)
    sender = {"id": 101, "is_bot": False, "first_name": "Amal"}
    chat = {"id": 101, "type": "private"}
    message = {"message_id": 7, "date": int(time.time()), "chat": chat, "from": sender, "text": "/help"}
    await hearthline.inbox.store([{"update_id": 1, "message": message}])
    await sandbox.wait_for(lambda: amal.find("What I can do"))


async def test_an_update_that_nobody_can_read_holds_up_nobody(
    hearthline: Hearthline, sandbox: Sandbox
) -> None:
    await gathered(hearthline)
    amal = sandbox.add_user("Amal", user_id=101)
    amal.start()
    await sandbox.wait_for(lambda: amal.received)
    # A message without its date: the library cannot parse it.
    await hearthline.inbox.store(
        [{"update_id": 1, "message": {"message_id": 1, "chat": {"id": 101, "type": "private"}}}]
    )
    await sandbox.wait_for(lambda: amal.find("something went wrong"))
    amal.say("/help")
    await sandbox.wait_for(lambda: amal.find("What I can do"))
    async with hearthline.database.read() as session:
        assert await set_aside_count(session) == 1
    assert (await ready(hearthline))[1]["set_aside"] == 1


async def test_staff_get_a_menu_of_their_own(settings: Settings, start: Start, sandbox: Sandbox) -> None:
    priya = sandbox.add_user("Priya", user_id=901)
    priya.start()
    async with start(settings) as hearthline:
        await gathered(hearthline)
        await until_ready(hearthline)
        await hearthline.menus.set_missing()
        scopes = [str(request.arguments) for request in sandbox.requests_of("setMyCommands")]
    assert any("all_private_chats" in scope and "events" in scope for scope in scopes)
    assert any("901" in scope and "console" in scope for scope in scopes)


async def test_a_service_that_stops_in_the_middle_loses_nothing(
    settings: Settings, start: Start, sandbox: Sandbox
) -> None:
    amal = sandbox.add_user("Amal", user_id=101)
    async with start(settings) as hearthline:
        await gathered(hearthline)
        for number in range(20):
            amal.say(f"message {number}")
        await sandbox.wait_for(lambda: amal.received)
        begun = time.monotonic()
    assert time.monotonic() - begun < 2
    async with start(settings) as hearthline:

        async def everything_is_kept() -> bool:
            return await kept(hearthline) == 20

        await until(everything_is_kept)


@pytest.mark.postgresql
async def test_the_same_holds_on_postgresql(
    sandbox: Sandbox, postgresql_url: str, tmp_path: Path, mode: str, start: Start
) -> None:
    async with start(settings_for(sandbox, postgresql_url, tmp_path, mode)) as hearthline:
        cast = await gathered(hearthline, linked=False)
        users = [sandbox.add_user(name) for name in ("Amal", "Jo", "Sam")]
        for user, carer in zip(users, (cast.amal, cast.jo, cast.sam), strict=True):
            user.start(await link_for(hearthline, carer))
        for number in range(5):
            for user in users:
                user.say(f"message {number}")

        async def all_kept() -> bool:
            return await kept(hearthline) == 15

        await until(all_kept)
        # A welcome and an answer; a burst is answered no oftener than it can be read.
        await sandbox.wait_for(lambda: all(len(user.received) >= 2 for user in users))
