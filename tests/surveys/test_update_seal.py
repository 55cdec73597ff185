"""A raw update that waits says nothing, and its key outlives it by minutes."""

from datetime import timedelta

import pytest

from storage.engine import Database
from storage.inbox_queries import Arrival, finish_updates, payloads, store_updates, waiting_updates
from surveys.keys import KeyMissing, RoundKeys
from surveys.update_seal import UpdateSeal, destroy_old_keys
from tests.support.cast import NOON

TAP = '{"update_id": 1, "callback_query": {"data": "survey:3:2:5"}}'


def test_a_sealed_update_is_opened_by_another_process(keys: RoundKeys) -> None:
    sealed = UpdateSeal(keys).seal(TAP, NOON)
    assert "survey" not in sealed
    assert UpdateSeal(RoundKeys(keys.folder)).open(sealed) == TAP


def test_its_length_says_nothing_of_the_answer(keys: RoundKeys) -> None:
    box = UpdateSeal(keys)
    assert (
        len(box.seal(TAP, NOON)) == len(box.seal(TAP.replace("2:5", "2:10"), NOON)) == len(box.seal("", NOON))
    )
    assert len(box.seal('"' * 9000, NOON)) > len(box.seal(TAP, NOON))


async def test_a_key_goes_once_its_time_is_over_and_nothing_waits_for_it(
    database: Database, keys: RoundKeys
) -> None:
    box = UpdateSeal(keys)
    async with database.write() as session:
        await store_updates(session, [Arrival(1, 101, box.seal(TAP, NOON))], NOON)
    box.seal(TAP, NOON + timedelta(minutes=10))
    assert await destroy_old_keys(database, keys, NOON + timedelta(minutes=15)) == 0
    later = NOON + timedelta(hours=1)
    assert await destroy_old_keys(database, keys, later) == 1
    async with database.write() as session:
        [waiting] = await waiting_updates(session, [], 10)
        sealed = (await payloads(session, [waiting.id]))[waiting.id]
        assert box.open(sealed) == TAP
        await finish_updates(session, [waiting.id], later)
    assert await destroy_old_keys(database, keys, later) == 1
    with pytest.raises(KeyMissing):
        box.open(sealed)


async def test_the_keys_of_rounds_are_left_alone(database: Database, keys: RoundKeys) -> None:
    keys.make("tea-2025-05")
    assert await destroy_old_keys(database, keys, NOON) == 0
    assert keys.find("tea-2025-05") is not None
