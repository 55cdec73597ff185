"""Two carers of one household in one chat: who speaks, who stays, and that nobody is lost on the way."""

import asyncio
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from carers.conversations import expect, told_lately, waiting_for
from carers.linking import Linked, Refusal, leave_chat, new_link, redeem, unlink
from carers.people import Person, people_of_chats, person_of_chat
from carers.reach import closed_the_chat
from carers.register_file import import_register
from carers.shared_chats import Tap, hand_over, who_taps, who_writes
from storage.engine import Database, Session
from storage.households import Carer
from tests.data_files.files import csv_of
from tests.support.cast import NOON, Cast, gather

PHONE, OTHER_PHONE = 101, 777


async def on_one_phone(session: Session) -> Cast:
    """The Reeds, both connected to Amal's phone; Jo speaks, who came last."""
    cast = await gather(session)
    cast.jo.chat_id = None
    linked = await redeem(session, await new_link(session, cast.jo, NOON), PHONE, NOON)
    assert isinstance(linked, Linked)
    return cast


async def refs(session: Session, chat_id: int) -> list[str]:
    """Who is in a chat, who speaks first."""
    return [carer.ref for carer in (await person_of_chat(session, chat_id)).carers]


async def assert_in_order(session: Session) -> None:
    """Every chat has one who speaks, and says rightly whether it is shared."""
    chats: dict[int, list[Carer]] = {}
    for carer in await session.scalars(select(Carer)):
        if carer.chat_id is None:
            assert not carer.shares_chat
        else:
            chats.setdefault(carer.chat_id, []).append(carer)
    for there in chats.values():
        assert [carer.speaks for carer in there].count(True) == 1
        assert {carer.shares_chat for carer in there} == {len(there) > 1}
        assert len({carer.household_id for carer in there}) == 1


async def test_the_second_link_opened_in_a_chat_connects_the_other_carer_too(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        cast.jo.chat_id = None
        token = await new_link(session, cast.jo, NOON)
        outcome = await redeem(session, token, PHONE, NOON)
        assert isinstance(outcome, Linked)
        assert (outcome.carer, outcome.sharing, outcome.moved_from) == (cast.jo, "Amal", None)
        assert await refs(session, PHONE) == ["C2", "C1"]
        again = await redeem(session, token, PHONE, NOON)
        assert isinstance(again, Linked)
        assert again.again
        await assert_in_order(session)


async def test_a_carer_of_another_household_keeps_their_link_for_a_phone_of_their_own(
    database: Database,
) -> None:
    async with database.write() as session:
        cast = await on_one_phone(session)
        token = await new_link(session, cast.sam, NOON)
        assert await redeem(session, token, PHONE, NOON) is Refusal.CHAT_TAKEN
        assert isinstance(await redeem(session, token, OTHER_PHONE, NOON), Linked)
        assert await refs(session, PHONE) == ["C2", "C1"]


async def test_who_fosters_no_more_keeps_a_phone_from_nobody(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        cast.okafors.ended_on = NOON.date()
        token = await new_link(session, cast.lin, NOON)
        assert isinstance(await redeem(session, token, 103, NOON), Linked)
        assert await refs(session, 103) == ["C4"]
        assert cast.sam.chat_id is None


async def test_moving_to_another_phone_leaves_the_shared_one_to_who_stays(database: Database) -> None:
    async with database.write() as session:
        cast = await on_one_phone(session)
        outcome = await redeem(session, await new_link(session, cast.jo, NOON), OTHER_PHONE, NOON)
        assert isinstance(outcome, Linked)
        assert (outcome.moved_from, outcome.stays, outcome.sharing) == (PHONE, cast.amal, "")
        assert (await refs(session, PHONE), await refs(session, OTHER_PHONE)) == (["C1"], ["C2"])
        await assert_in_order(session)


@pytest.mark.parametrize("who", ["amal", "jo"])
async def test_taking_one_off_the_phone_leaves_the_other_speaking(database: Database, who: str) -> None:
    async with database.write() as session:
        cast = await on_one_phone(session)
        gone, stays = (cast.amal, cast.jo) if who == "amal" else (cast.jo, cast.amal)
        await unlink(session, gone, cast.priya, NOON)
        assert await refs(session, PHONE) == [stays.ref]
        await leave_chat(session, stays, NOON)
        assert (await person_of_chat(session, PHONE)).is_stranger
        await assert_in_order(session)


async def test_a_chat_that_is_closed_is_closed_for_both(database: Database) -> None:
    async with database.write() as session:
        cast = await on_one_phone(session)
        await closed_the_chat(session, (await person_of_chat(session, PHONE)).carers, NOON)
        assert {cast.amal.unreachable_reason, cast.jo.unreachable_reason} == {"blocked"}


async def test_a_button_that_offers_the_other_tells_whose_the_message_is(database: Database) -> None:
    async with database.write() as session:
        cast = await on_one_phone(session)
        person = await person_of_chat(session, PHONE)
        amals = await who_taps(session, person, Tap(message_id=None, offers=[cast.jo.id]))
        assert amals.carer is cast.amal
        assert await refs(session, PHONE) == ["C1", "C2"]
        invented = await who_taps(session, amals, Tap(message_id=None, offers=[cast.sam.id]))
        assert invented.carer is cast.amal


async def test_words_go_to_who_was_asked_for_them(database: Database) -> None:
    async with database.write() as session:
        cast = await on_one_phone(session)
        await expect(session, PHONE, "message", NOON)  # of Jo, who speaks
        person = await hand_over(session, await person_of_chat(session, PHONE), cast.amal)
        assert (await who_writes(session, person, NOON)).carer is cast.jo
        await expect(session, PHONE, "message", NOON)  # and Jo again, who speaks now
        person = await person_of_chat(session, PHONE)
        assert (await who_writes(session, person, NOON)).carer is cast.jo


@pytest.mark.parametrize(
    ("topic", "step", "later", "whose"),
    [
        ("", "", timedelta(), "C1"),  # a picture of Jo's was answered: nothing was asked
        ("message", "", timedelta(hours=1), "C2"),
        ("message", "", timedelta(days=2), "C1"),
        ("feedback", "", timedelta(days=2), "C1"),
        ("survey", "", timedelta(days=2), "C2"),  # in the middle of it
        ("survey", "sent", timedelta(minutes=20), "C2"),
        ("survey", "sent", timedelta(days=2), "C1"),
    ],
)
async def test_words_are_of_who_speaks_once_the_other_was_asked_nothing_or_long_ago(
    database: Database, topic: str, step: str, later: timedelta, whose: str
) -> None:
    """Jo was asked, and then Amal taps something of their own and writes."""
    async with database.write() as session:
        cast = await on_one_phone(session)
        if topic:
            await expect(session, PHONE, topic, NOON, step)
        else:
            await told_lately(session, PHONE, "photo", NOON, timedelta(minutes=1))
        person = await hand_over(session, await person_of_chat(session, PHONE), cast.amal)
        writes = await who_writes(session, person, NOON + later)
        assert writes.carer is not None
        assert writes.carer.ref == whose
        asked = await waiting_for(session, PHONE)
        assert (asked is not None and bool(asked.topic)) is (whose == "C2")


@pytest.mark.parametrize("together", [False, True])
async def test_a_file_that_moves_one_of_two_who_share_a_phone_says_so_and_unlinks_nobody(
    database: Database, together: bool
) -> None:
    """Jo moves to another household, alone or with Amal."""
    async with database.write() as session:
        await on_one_phone(session)
        row = {"household_type": "mainstream", "approved_on": "2019-06-01", "household_ref": "H9"}
        movers = ["C1", "C2"] if together else ["C2"]
        content = csv_of([{**row, "carer_ref": ref} for ref in movers], [*row, "carer_ref"])
        outcome = await import_register(session, "register.csv", content, NOON, NOON.date())
        assert outcome.done
        assert any("shares a phone" in note.message for note in outcome.warnings) is not together
        assert sorted(await refs(session, PHONE)) == ["C1", "C2"]


async def test_what_was_asked_of_who_leaves_is_asked_no_more(database: Database) -> None:
    async with database.write() as session:
        cast = await on_one_phone(session)
        await expect(session, PHONE, "message", NOON)
        await unlink(session, cast.amal, cast.priya, NOON)
        assert await waiting_for(session, PHONE) is not None
        await unlink(session, cast.jo, cast.priya, NOON)
        assert await waiting_for(session, PHONE) is None


async def test_many_chats_are_looked_up_as_one_is(database: Database) -> None:
    async with database.write() as session:
        await on_one_phone(session)
        found = await people_of_chats(session, [PHONE, 103, 9])
        one = await person_of_chat(session, PHONE)
        assert (found[PHONE].carers, found[103].others, found[9]) == (one.carers, (), Person(9))


async def test_the_database_allows_one_who_speaks_in_a_chat(database: Database) -> None:
    async with database.write() as session:
        await on_one_phone(session)
        with pytest.raises(IntegrityError):
            await let_both_speak(session)


async def let_both_speak(session: Session) -> None:
    async with session.begin_nested():
        await session.execute(text("UPDATE carers SET speaks = true WHERE chat_id = 101"))


async def test_two_links_opened_in_one_chat_at_once_connect_both(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session, linked=False)
        tokens = [await new_link(session, carer, NOON) for carer in (cast.amal, cast.jo, cast.sam)]

    async def start(token: str) -> Linked | Refusal:
        async with database.write() as session:
            return await redeem(session, token, PHONE, NOON)

    outcomes = await asyncio.gather(*map(start, tokens))
    async with database.read() as session:
        assert sorted(await refs(session, PHONE)) in (["C1", "C2"], ["C3"])
        assert Refusal.CHAT_TAKEN in outcomes
        await assert_in_order(session)


async def test_two_who_leave_a_chat_at_once_leave_it_empty(database: Database) -> None:
    async with database.write() as session:
        cast = await on_one_phone(session)
        token = await new_link(session, cast.jo, NOON)

    async def take_off() -> None:
        async with database.write() as session:
            await unlink(session, await session.get_one(Carer, cast.amal.id), None, NOON)

    async def move() -> None:
        async with database.write() as session:
            await redeem(session, token, OTHER_PHONE, NOON)

    await asyncio.gather(take_off(), move())
    async with database.read() as session:
        assert (await person_of_chat(session, PHONE)).is_stranger
        assert await refs(session, OTHER_PHONE) == ["C2"]
        await assert_in_order(session)


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_happens_to_phones_every_chat_keeps_one_who_speaks(
    database: Database, seed: int
) -> None:
    random = Random(seed)
    async with database.write() as session:
        cast = await gather(session, linked=False)
        everyone = (cast.amal, cast.jo, cast.sam)
        for _ in range(25):
            carer = random.choice(everyone)
            match random.randrange(4):
                case 0 | 1:
                    phone = random.choice((PHONE, OTHER_PHONE))
                    await redeem(session, await new_link(session, carer, NOON), phone, NOON)
                case 2:
                    await unlink(session, carer, None, NOON)
                case 3 if carer.chat_id is not None:
                    await hand_over(session, await person_of_chat(session, carer.chat_id), carer)
                    assert carer.speaks
            await assert_in_order(session)
