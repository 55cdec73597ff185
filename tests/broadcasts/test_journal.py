"""The journal: after kill -9 it tells the few requests that are really in doubt from all that was claimed."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

import broadcasts.journal as journals
from broadcasts.journal import FileJournal, Memory
from broadcasts.sender import Sent
from storage.deliveries import DeliveryState, Reply
from storage.leases_queries import set_fact
from storage.rsvp import Card
from tests.broadcasts.stage import Stage
from tests.support.cast import NOON
from tests.support.fake_sender import Killed, Request

SENT, UNKNOWN, QUEUED = DeliveryState.SENT, DeliveryState.UNKNOWN, DeliveryState.QUEUED
MINUTE = timedelta(minutes=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "requests.journal"


@pytest.fixture
def journal(path: Path) -> Iterator[FileJournal]:
    made = FileJournal(path, "first")
    made.begin()
    yield made
    made.close()


def after_crash(journal: FileJournal, path: Path, boot: str = "first") -> Memory:
    return FileJournal(path, boot).remember(journal.mark)


def test_it_tells_what_was_accepted_what_was_on_its_way_and_what_never_left(
    journal: FileJournal, path: Path
) -> None:
    for row in (1, 2):
        assert journal.start("deliveries", row)
    journal.accept("deliveries", 1, 5001)
    memory = after_crash(journal, path)
    assert memory.accepted_by("deliveries", {1, 2, 3}) == {1: 5001}
    assert memory.untouched("deliveries", {1, 2, 3}) == {3}
    assert memory.untouched("replies", {1}) == {1}


def test_it_tells_which_of_the_accepted_are_pictures(journal: FileJournal, path: Path) -> None:
    for id, photo in ((1, True), (2, False)):
        journal.start("deliveries", id)
        journal.accept("deliveries", id, 5000 + id, photo)
    memory = after_crash(journal, path)
    assert memory.accepted == {("deliveries", 1): 5001, ("deliveries", 2): 5002}
    assert memory.photos == {("deliveries", 1)}


def test_what_made_no_message_is_accepted_all_the_same(journal: FileJournal, path: Path) -> None:
    journal.start("replies", 7)
    journal.accept("replies", 7, None)
    assert after_crash(journal, path).accepted_by("replies", {7}) == {7: None}


def test_after_a_power_cut_a_missing_line_proves_nothing_but_a_written_one_does(
    journal: FileJournal, path: Path
) -> None:
    journal.start("deliveries", 1)
    journal.accept("deliveries", 1, 5001)
    memory = after_crash(journal, path, boot="second")
    assert memory.accepted_by("deliveries", {1}) == {1: 5001}
    assert memory.untouched("deliveries", {2}) == set()


def test_where_the_machine_does_not_say_which_run_it_is_a_missing_line_proves_nothing(path: Path) -> None:
    journal = FileJournal(path, boot="")
    journal.begin()
    assert FileJournal(path, boot="").remember(journal.mark).untouched("deliveries", {1}) == set()


def test_the_journal_of_another_time_or_another_database_says_nothing(
    journal: FileJournal, path: Path
) -> None:
    journal.start("deliveries", 1)
    assert FileJournal(path, "first").remember("another") == Memory()
    assert FileJournal(path, "first").remember(None) == Memory()
    assert FileJournal(path.with_name("none"), "first").remember(journal.mark) == Memory()


def test_a_new_beginning_forgets_what_was_before(journal: FileJournal, path: Path) -> None:
    before = journal.mark
    for row in range(100):
        journal.start("deliveries", row)
    journal.begin()
    journal.start("deliveries", 7)
    assert journal.mark != before
    assert after_crash(journal, path).started == {("deliveries", 7)}


def test_a_line_that_was_cut_off_is_no_line(journal: FileJournal, path: Path) -> None:
    journal.start("deliveries", 12)
    journal.start("deliveries", 345)
    written = path.read_bytes()
    path.write_bytes(written.partition(b"\0")[0][:-3])
    assert after_crash(journal, path).started == {("deliveries", 12)}


def test_it_grows_with_what_is_written(
    journal: FileJournal, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journals, "FIRST_SIZE", 64)
    small = FileJournal(path, "first")
    small.begin()
    for row in range(500):
        small.start("deliveries", row)
    assert len(after_crash(small, path).started) == 500


def test_a_process_that_lost_its_lead_does_not_write_into_the_new_ones_journal(path: Path) -> None:
    old, new = FileJournal(path, "first"), FileJournal(path, "first")
    old.begin()
    new.begin()
    old.start("deliveries", 1)
    assert after_crash(new, path).started == frozenset()


def test_the_machines_present_run_has_a_name() -> None:
    assert not journals.BOOT.exists() or journals._boot()


# With the engine.


@pytest.fixture
def journalled(stage: Stage, path: Path) -> Stage:
    """One request at a time, so that it is certain which one was on its way."""
    stage.journal = path
    stage.allow(window=1)
    return stage


def accept(stage: Stage, request: Request) -> Sent:
    return stage.sender._accept(request)


async def crash(stage: Stage, after: int, boot: str = "first") -> None:
    """kill -9 after so many requests were answered, the next one on its way; a new process a minute later."""
    stage.sender.will(*[lambda request: accept(stage, request)] * after, Killed)
    with pytest.raises(Killed):
        await stage.engine.work_once(NOON)
    stage.boot = boot
    stage.start_again()
    await stage.engine.recover(NOON + MINUTE)


async def test_only_what_was_on_its_way_is_in_doubt_though_more_was_claimed(journalled: Stage) -> None:
    stage = journalled
    await stage.queue("reminder", stage.cast.amal, stage.cast.jo, stage.cast.sam)
    await crash(stage, after=1)
    assert [state for state, _ in await stage.stands()] == [SENT, UNKNOWN, QUEUED]
    first = (await stage.deliveries())[0]
    assert (first.message_id, first.sent_at, first.attempts) == (5001, NOON, 1)
    await stage.go(NOON + MINUTE)
    assert [state for state, _ in await stage.stands()] == [SENT, UNKNOWN, SENT]
    assert [len(stage.sender.sent_to(chat)) for chat in (101, 102, 103)] == [1, 1, 1]


async def test_after_a_power_cut_all_that_was_claimed_is_in_doubt_but_what_is_known_to_have_arrived(
    journalled: Stage,
) -> None:
    stage = journalled
    await stage.queue("reminder", stage.cast.amal, stage.cast.jo, stage.cast.sam)
    await crash(stage, after=1, boot="second")
    assert [state for state, _ in await stage.stands()] == [SENT, UNKNOWN, UNKNOWN]


async def test_a_journal_is_not_read_against_an_older_copy_of_the_ledger(journalled: Stage) -> None:
    stage = journalled
    await stage.queue("reminder", stage.cast.amal, stage.cast.jo)
    stage.sender.will(lambda request: accept(stage, request), Killed)
    with pytest.raises(Killed):
        await stage.engine.work_once(NOON)
    async with stage.database.write() as session:
        await set_fact(session, "journal", {"mark": "of an earlier time"}, NOON)
    stage.start_again()
    await stage.engine.recover(NOON + MINUTE)
    assert [state for state, _ in await stage.stands()] == [UNKNOWN, UNKNOWN]


async def test_a_cancellation_that_never_left_is_not_counted_as_a_try(journalled: Stage) -> None:
    stage = journalled
    await stage.queue("cancellation", stage.cast.amal, stage.cast.jo, stage.cast.sam)
    await crash(stage, after=1)
    assert [(row.state, row.doubts) for row in await stage.deliveries()] == [
        (SENT, 0),
        (DeliveryState.RETRYING, 1),
        (QUEUED, 0),
    ]


async def test_an_invitation_that_arrived_just_before_the_crash_is_the_carers_card(
    journalled: Stage,
) -> None:
    stage = journalled
    invitation = await stage.invite(stage.cast.amal)
    await stage.queue("invitation", stage.cast.amal, stage.cast.jo, invitation_id=invitation.id)
    await crash(stage, after=1)
    async with stage.database.read() as session:
        card = (await session.scalars(select(Card))).one()
    assert (card.carer_id, card.message_id, card.stale) == (stage.cast.amal.id, 5001, True)
    assert not card.photo


async def test_a_photo_that_arrived_just_before_the_crash_is_known_for_one(journalled: Stage) -> None:
    stage = journalled
    invitation = await stage.invite(stage.cast.amal)
    await stage.queue("invitation", stage.cast.amal, stage.cast.jo, invitation_id=invitation.id)
    stage.sender.will(Sent(5001, photo=True))
    await crash(stage, after=0)
    assert [(card.message_id, card.photo) for card in await stage.cards()] == [(5001, True)]


async def test_answers_to_taps_are_neither_lost_nor_said_twice(journalled: Stage) -> None:
    stage = journalled
    for chat in (101, 102, 103):
        await stage.reply(chat, "help")
    await crash(stage, after=1)
    async with stage.database.read() as session:
        left = (await session.scalars(select(Reply.chat_id))).all()
    assert left == [103]
    await stage.go(NOON + MINUTE)
    assert [len(stage.sender.sent_to(chat)) for chat in (101, 102, 103)] == [1, 1, 1]


async def test_nothing_goes_out_that_cannot_be_written_down(
    journalled: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = journalled
    monkeypatch.setattr(journals, "FIRST_SIZE", 50)
    write = os.pwrite

    def full(file: int, what: bytes, begin: int) -> int:
        return write(file, what, begin) if begin == 0 else 0

    monkeypatch.setattr(os, "pwrite", full)
    await stage.queue("reminder", stage.cast.amal, stage.cast.jo)
    await stage.engine.work_once(NOON)
    assert [state for state, _ in await stage.stands()] == [QUEUED, QUEUED]
    assert not stage.sender.requests
    monkeypatch.undo()
    await stage.go(NOON + MINUTE)
    assert [state for state, _ in await stage.stands()] == [SENT, SENT]
