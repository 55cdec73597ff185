import asyncio
from datetime import date, timedelta

import pytest

from carers.linking import (
    WRONG_BY_ALL,
    WRONG_PER_CHAT,
    Linked,
    Refusal,
    deep_link,
    dismiss_stranger,
    invite_links,
    new_link,
    note_stranger,
    redeem,
    revoke,
    strangers,
    token_hash,
    unlink,
)
from carers.people import person_of_chat
from storage.engine import Database
from storage.links import LinkAttempt, link_of_hash
from tests.support.cast import NOON, STRANGER_CHAT, gather

TODAY = NOON.date()


async def test_a_link_connects_a_chat_to_its_carer_once(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session, linked=False)
        token = await new_link(session, cast.amal, NOON)
    async with database.write() as session:
        outcome = await redeem(session, token, 101, NOON)
        assert isinstance(outcome, Linked)
        assert outcome.carer is not None
        assert (outcome.carer.ref, outcome.again) == ("C1", False)
    async with database.write() as session:
        assert (await person_of_chat(session, 101)).carer is not None
        assert await redeem(session, token, STRANGER_CHAT, NOON) is Refusal.WRONG


async def test_a_token_has_128_bits_and_only_its_hash_is_kept(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session, linked=False)
        token = await new_link(session, cast.amal, NOON)
        link = await link_of_hash(session, token_hash(token))
        assert link is not None
        assert token not in str(vars(link))
    assert len(token) == 22
    assert token.replace("-", "").replace("_", "").isalnum()


async def test_a_start_that_is_delivered_twice_is_answered_alike_and_slows_nobody(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session, linked=False)
        token = await new_link(session, cast.amal, NOON)
        await redeem(session, token, 101, NOON)
        for _ in range(WRONG_PER_CHAT + 1):
            again = await redeem(session, token, 101, NOON)
            assert isinstance(again, Linked)
            assert again.again


async def test_connecting_revokes_the_carers_other_links_but_nobody_elses(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session, linked=False)
        used, spare = [await new_link(session, cast.amal, NOON) for _ in range(2)]
        others = await new_link(session, cast.jo, NOON)
        await redeem(session, used, 101, NOON)
        assert await redeem(session, spare, STRANGER_CHAT, NOON) is Refusal.WRONG
        assert isinstance(await redeem(session, others, 102, NOON), Linked)


async def test_a_revoked_link_is_worth_nothing(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session, linked=False)
        token = await new_link(session, cast.amal, NOON)
        assert await revoke(session, cast.amal, cast.priya, NOON) == 1
        assert await redeem(session, token, 101, NOON) is Refusal.WRONG


async def test_a_chat_that_is_somebody_elses_leaves_the_link_unused(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        cast.sam.chat_id = None
        token = await new_link(session, cast.sam, NOON)
        assert await redeem(session, token, 101, NOON) is Refusal.CHAT_TAKEN
        assert isinstance(await redeem(session, token, 103, NOON), Linked)


@pytest.mark.parametrize("same", [True, False])
async def test_of_two_chats_with_links_of_one_carer_at_once_only_one_is_connected(
    database: Database, same: bool
) -> None:
    async with database.write() as session:
        cast = await gather(session, linked=False)
        first = await new_link(session, cast.amal, NOON)
        second = first if same else await new_link(session, cast.amal, NOON)

    async def tap(token: str, chat_id: int) -> Linked | Refusal:
        async with database.write() as session:
            return await redeem(session, token, chat_id, NOON)

    outcomes = await asyncio.gather(tap(first, 101), tap(second, 777))
    assert sorted(isinstance(outcome, Linked) for outcome in outcomes) == [False, True]
    assert Refusal.WRONG in outcomes


async def test_a_new_link_moves_a_carer_to_a_new_chat(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        token = await new_link(session, cast.amal, NOON)
        assert isinstance(await redeem(session, token, 777, NOON), Linked)
        assert cast.amal.chat_id == 777
        assert (await person_of_chat(session, 101)).is_stranger


async def test_guessing_is_slowed_for_an_hour_and_a_good_link_then_works(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session, linked=False)
        token = await new_link(session, cast.amal, NOON)
        for number in range(WRONG_PER_CHAT):
            assert await redeem(session, f"guess{number}", STRANGER_CHAT, NOON) is Refusal.WRONG
        assert await redeem(session, "guess", STRANGER_CHAT, NOON) is Refusal.SLOWED
        assert await redeem(session, token, STRANGER_CHAT, NOON) is Refusal.SLOWED
        later = NOON + timedelta(minutes=61)
        assert isinstance(await redeem(session, token, STRANGER_CHAT, later), Linked)


async def test_guessing_from_many_accounts_slows_the_guessers_and_locks_no_carer_out(
    database: Database,
) -> None:
    async with database.write() as session:
        cast = await gather(session, linked=False)
        token = await new_link(session, cast.amal, NOON)
        session.add_all([LinkAttempt(chat_id=5_000 + n, at=NOON) for n in range(WRONG_BY_ALL + 1)])
        await session.flush()
        assert await redeem(session, "guess", 5_000, NOON) is Refusal.SLOWED
        assert isinstance(await redeem(session, token, 101, NOON), Linked)


async def test_a_carer_whose_household_has_left_is_not_connected(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session, linked=False)
        token = await new_link(session, cast.sam, NOON)
        cast.okafors.ended_on = date(2025, 5, 1)
        assert await redeem(session, token, 103, NOON) is Refusal.WRONG


async def test_linking_ends_a_stop_and_the_mark_unreachable(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session, linked=False)
        cast.amal.stopped_at = cast.amal.unreachable_since = NOON
        await redeem(session, await new_link(session, cast.amal, NOON), 101, NOON)
        assert not any([cast.amal.stopped_at, cast.amal.unreachable_since])


async def test_staff_connect_by_a_link_of_their_own(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session, linked=False)
        token = await new_link(session, cast.priya, NOON)
        outcome = await redeem(session, token, 901, NOON)
        assert outcome == Linked(staff=cast.priya)
        assert await redeem(session, token, STRANGER_CHAT, NOON) is Refusal.WRONG


async def test_staff_who_left_are_not_connected(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session, linked=False)
        token = await new_link(session, cast.tom, NOON)
        cast.tom.left_on = TODAY
        assert await redeem(session, token, 902, NOON) is Refusal.WRONG


async def test_staff_see_that_a_stranger_knocked_until_they_dismiss_it(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await note_stranger(session, STRANGER_CHAT, "Robin", NOON)
        await note_stranger(session, STRANGER_CHAT, "", NOON + timedelta(hours=1))
        (waiting,) = await strangers(session)
        assert (waiting.name, waiting.last_seen_at) == ("Robin", NOON + timedelta(hours=1))
        assert await dismiss_stranger(session, STRANGER_CHAT, cast.priya, NOON)
        assert not await dismiss_stranger(session, STRANGER_CHAT, cast.priya, NOON)
        assert list(await strangers(session)) == []


async def test_a_stranger_who_turns_out_to_be_a_carer_leaves_the_list(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session, linked=False)
        assert await redeem(session, "wrong", 101, NOON, "Amal") is Refusal.WRONG
        assert [stranger.name for stranger in await strangers(session)] == ["Amal"]
        await redeem(session, await new_link(session, cast.amal, NOON), 101, NOON, "Amal")
        assert list(await strangers(session)) == []


async def test_every_current_carer_without_a_chat_gets_a_link_and_earlier_ones_stay_valid(
    database: Database,
) -> None:
    async with database.write() as session:
        cast = await gather(session, linked=False)
        cast.jo.chat_id = 102
        cast.marshes.ended_on = date(2025, 1, 1)
        first = await invite_links(session, "@hearth_bot", NOON, TODAY)
        second = await invite_links(session, "hearth_bot", NOON, TODAY)
        assert [(row.carer_ref, row.household_ref, row.first_name) for row in first] == [
            ("C3", "H2", "Sam"),
            ("C1", "H1", "Amal"),
        ]
        assert first[0].link.startswith("https://t.me/hearth_bot?start=")
        assert not {row.link for row in first} & {row.link for row in second}
        token = first[1].link.partition("start=")[2]
        assert isinstance(await redeem(session, token, 101, NOON), Linked)


async def test_a_carer_who_lost_the_phone_is_disconnected_and_can_come_back(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await unlink(session, cast.amal, cast.priya, NOON)
        assert (await person_of_chat(session, 101)).is_stranger
        assert isinstance(await redeem(session, await new_link(session, cast.amal, NOON), 778, NOON), Linked)


@pytest.mark.parametrize("token", ["", "a" * 200, "ünïcode", "'; --"])
async def test_nonsense_is_only_a_wrong_token(database: Database, token: str) -> None:
    async with database.write() as session:
        assert await redeem(session, token, STRANGER_CHAT, NOON, "x" * 500) is Refusal.WRONG


def test_a_deep_link_is_what_telegram_expects() -> None:
    assert deep_link("@hearth_bot", "abc") == "https://t.me/hearth_bot?start=abc"
