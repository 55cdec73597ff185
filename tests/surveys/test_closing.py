"""The close: whatever breaks at whatever point, no answer is lost and no link is left."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import event, func, select

from carers.conversations import expect, waiting_for
from storage.deliveries import Delivery, DeliveryState, Notice
from storage.engine import Database
from storage.surveys import Comment, Participant, Response, Round, RoundState, SealedDraft
from surveys import answering
from surveys.answering import Outcome
from surveys.closing import Closing, close_due, close_rounds
from surveys.forgetting import forget_begun
from surveys.keys import RoundKeys
from surveys.rounds import remind_due, reminder_times
from surveys.sealing import seal, unseal
from tests.support.cast import NOON, gather
from tests.surveys.stories import CLOSES, add_carers, answer, everyone_differs, open_round

PEOPLE = 10


class Killed(Exception):
    """The process died here."""


@dataclass(frozen=True)
class Found:
    state: RoundState
    sealed: int
    participants: int
    responses: int
    comments: int
    reminders: int
    key: bool


async def look(database: Database, keys: RoundKeys, round: Round) -> Found:
    async with database.read() as session:

        async def count(table: Any, *conditions: Any) -> int:
            query = select(func.count()).select_from(table).where(table.round_id == round.id, *conditions)
            return (await session.scalars(query)).one()

        return Found(
            state=(await session.get_one(Round, round.id)).state,
            sealed=await count(SealedDraft, SealedDraft.submitted),
            participants=await count(Participant),
            responses=await count(Response),
            comments=await count(Comment),
            reminders=await count(Delivery, Delivery.kind == "survey_reminder"),
            key=keys.find(round.ref) is not None,
        )


def must_hold(found: Found) -> None:
    """Either all is sealed and can be opened, or all is released and nothing links."""
    if found.state in (RoundState.OPEN, RoundState.CLOSING):
        assert (found.sealed, found.participants, found.responses) == (PEOPLE, PEOPLE + 2, 0)
        assert found.key
    else:
        assert (found.sealed, found.participants, found.reminders) == (0, 0, 0)
        assert (found.responses, found.comments) == (PEOPLE, PEOPLE)
        assert not (found.state is RoundState.CLOSED and found.key)


async def a_round_with_answers(database: Database, keys: RoundKeys) -> Round:
    async with database.write() as session:
        carers = await add_carers(session, PEOPLE + 2)
    round = await open_round(database, keys)
    for number, carer in enumerate(carers[:PEOPLE]):
        await answer(
            database, keys, round, carer, {"warm": 1 + number % 5, "with": [1], "wish": f"Wish {number}"}
        )
    await answer(database, keys, round, carers[-1], {"warm": 1, "wish": "Never sent"}, send=False)
    async with database.write() as session:
        await remind_due(session, reminder_times(NOON, CLOSES)[0])
    return round


@contextmanager
def killed_at(database: Database, statement: int) -> Iterator[None]:
    """The process dies at the n-th statement or commit from here."""
    engine = database._writer.sync_engine
    left = statement

    def count(*_: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise Killed

    event.listen(engine, "before_cursor_execute", count)
    event.listen(engine, "commit", count)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", count)
        event.remove(engine, "commit", count)


async def test_killed_at_any_statement_the_close_goes_on_where_it_was(
    database: Database, keys: RoundKeys
) -> None:
    round = await a_round_with_answers(database, keys)
    found = await look(database, keys, round)
    must_hold(found)
    statement, crashes, seen = 1, 0, {found.state}
    while found.state is not RoundState.CLOSED:
        before = found.state
        try:
            with killed_at(database, statement):
                await close_rounds(database, CLOSES, keys)
        except Killed:
            crashes += 1
        found = await look(database, keys, round)
        must_hold(found)
        seen.add(found.state)
        statement = 1 if found.state is not before else statement + 1
    await close_rounds(database, CLOSES, keys)
    must_hold(await look(database, keys, round))
    assert seen == {RoundState.OPEN, RoundState.CLOSING, RoundState.RELEASED, RoundState.CLOSED}
    assert crashes >= 15


class DyingKeys(RoundKeys):
    """Keys whose destruction is cut short, before or after it happened."""

    def __init__(self, keys: RoundKeys, *, after: bool) -> None:
        super().__init__(keys.folder)
        self._after = after

    def destroy(self, ref: str) -> None:
        if self._after:
            super().destroy(ref)
        raise Killed


@pytest.mark.parametrize("after", [False, True])
async def test_killed_while_the_key_is_destroyed_the_next_tick_finishes(
    database: Database, keys: RoundKeys, after: bool
) -> None:
    round = await a_round_with_answers(database, keys)
    with pytest.raises(Killed):
        await close_rounds(database, CLOSES, DyingKeys(keys, after=after))
    found = await look(database, keys, round)
    must_hold(found)
    assert (found.state, found.key) == (RoundState.RELEASED, not after)
    await close_rounds(database, CLOSES, keys)
    found = await look(database, keys, round)
    must_hold(found)
    assert found.state is RoundState.CLOSED


async def test_a_missing_key_loses_nothing_and_waits_for_a_person(
    database: Database, keys: RoundKeys
) -> None:
    round = await a_round_with_answers(database, keys)
    away = keys.folder.rename(keys.folder.with_name("away"))
    assert await close_rounds(database, CLOSES, keys) == {round.ref: Closing.UNREADABLE}
    found = await look(database, keys, round)
    assert (found.state, found.sealed) == (RoundState.CLOSING, PEOPLE)
    away.rename(keys.folder)
    assert await close_rounds(database, CLOSES, keys) == {round.ref: Closing.CLOSED}
    must_hold(await look(database, keys, round))


async def test_one_unreadable_round_does_not_hold_up_another(database: Database, keys: RoundKeys) -> None:
    broken = await a_round_with_answers(database, keys)
    whole = await open_round(database, keys, definition=everyone_differs(5))
    keys.destroy(broken.ref)
    assert await close_rounds(database, CLOSES, keys) == {
        broken.ref: Closing.UNREADABLE,
        whole.ref: Closing.CLOSED,
    }


async def test_two_closers_at_once_release_the_answers_once(database: Database, keys: RoundKeys) -> None:
    round = await a_round_with_answers(database, keys)
    await asyncio.gather(*(close_rounds(database, CLOSES, keys) for _ in range(3)))
    found = await look(database, keys, round)
    must_hold(found)
    assert found.state is RoundState.CLOSED


async def test_nothing_closes_before_its_time(database: Database, keys: RoundKeys) -> None:
    await a_round_with_answers(database, keys)
    async with database.write() as session:
        assert await close_due(session, NOON, keys) == {}


async def test_the_notice_of_reminders_keeps_how_many_were_sent(database: Database, keys: RoundKeys) -> None:
    await a_round_with_answers(database, keys)
    async with database.write() as session:
        for delivery in (await session.scalars(select(Delivery))).all():
            delivery.state = DeliveryState.SENT
    await close_rounds(database, CLOSES, keys)
    async with database.read() as session:
        query = select(Notice.params).where(Notice.kind == "survey_reminder")
        assert (await session.scalars(query)).all() == [{"sent": 2}]


async def test_a_chat_that_waits_for_a_comment_forgets_the_round_but_not_that_it_waits(
    database: Database, keys: RoundKeys
) -> None:
    async with database.write() as session:
        await gather(session)
    round = await open_round(database, keys)
    async with database.write() as session:
        await expect(session, 101, "survey", NOON, round=round.id)
        await expect(session, 102, "message", NOON)
    await close_rounds(database, CLOSES, keys)
    async with database.read() as session:
        survey, other = await waiting_for(session, 101), await waiting_for(session, 102)
    assert survey is not None
    assert (survey.topic, survey.data, survey.updated_at) == ("survey", {}, CLOSES)
    assert other is not None
    assert other.updated_at == NOON


async def test_what_was_never_sent_is_never_released(database: Database, keys: RoundKeys) -> None:
    round = await a_round_with_answers(database, keys)
    await close_rounds(database, CLOSES, keys)
    async with database.read() as session:
        texts = (await session.scalars(select(Comment.text).where(Comment.round_id == round.id))).all()
    assert sorted(texts) == [f"Wish {number}" for number in range(PEOPLE)]


async def test_answers_of_too_few_are_never_written_and_go_with_the_key(
    database: Database, keys: RoundKeys
) -> None:
    """Who knows that one carer alone took part would find in the tables what that carer said."""
    async with database.write() as session:
        carers = await add_carers(session, 6)
    round = await open_round(database, keys)
    for carer in carers[:4]:
        await answer(database, keys, round, carer, {"warm": 5, "wish": "A kettle"})
    assert await close_rounds(database, CLOSES, keys) == {round.ref: Closing.CLOSED}
    found = await look(database, keys, round)
    assert (found.responses, found.comments, found.sealed, found.key) == (0, 0, 0, False)
    async with database.read() as session:
        closed = await session.get_one(Round, round.id)
        assert (closed.took_part, closed.asked) == (4, 6)
        assert not any(closed.segment_tables.values())


async def test_comments_that_could_never_be_shown_are_not_written(
    database: Database, keys: RoundKeys
) -> None:
    async with database.write() as session:
        carers = await add_carers(session, 10)
    few = await open_round(database, keys)
    for carer in carers[:9]:
        await answer(database, keys, few, carer, {"warm": 5, "wish": "A kettle"})
    await close_rounds(database, CLOSES, keys)
    many = await open_round(database, keys)
    for number, carer in enumerate(carers):
        await answer(database, keys, many, carer, {"warm": 5} | ({"wish": "A pot"} if number < 4 else {}))
    await close_rounds(database, CLOSES, keys)
    assert [(await look(database, keys, one)).responses for one in (few, many)] == [9, 10]
    assert [(await look(database, keys, one)).comments for one in (few, many)] == [0, 0]


@pytest.mark.one_database
async def test_sheets_sealed_before_an_upgrade_count_and_go_on(database: Database, keys: RoundKeys) -> None:
    """Before visits by a letter had sheets of their own, less stood inside a row."""
    async with database.write() as session:
        carers = await add_carers(session, 5)
    round = await open_round(database, keys)
    key = keys.get(round.ref)
    for carer in carers:
        await answer(database, keys, round, carer, {"warm": 5}, send=carer is not carers[0])
    async with database.write() as session:
        for row in await session.scalars(select(SealedDraft)):
            purpose = f"sheet {round.ref} {row.owner}"
            content = unseal(key, purpose, row.sealed)
            old = {name: content[name] for name in ("at", "answers", "segments")}
            row.sealed = seal(key, purpose, old, len(row.sealed) - 12 - 16 - 4)
    async with database.write() as session:
        who = (session, round.id)
        sent = await answering.send(*who, carers[1].id, keys, NOON)
        assert sent.outcome is Outcome.ALREADY_SENT
        assert await forget_begun(session, carers[1], keys) == 0
        assert (await answering.send(*who, carers[1].id, keys, NOON, visit="a code")).sheet is not None
        assert (await answering.send(*who, carers[0].id, keys, NOON)).outcome is Outcome.SENT
    await close_rounds(database, CLOSES, keys)
    async with database.read() as session:
        assert [one.answers for one in await session.scalars(select(Response))] == [{"warm": 5}] * 5
