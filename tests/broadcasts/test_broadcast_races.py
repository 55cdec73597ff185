"""Two people, or a person and the clock, at the same broadcast at the same moment: one comes first."""

import asyncio

import pytest

from broadcasts import launching, stopping
from broadcasts.drafts import Saved, Wording, change_draft
from broadcasts.launching import Approved, Confirmed
from storage.broadcasts import Broadcast, BroadcastState
from storage.broadcasts_queries import locked_broadcast
from storage.deliveries import WAITING
from storage.engine import Database, Session, open_database
from tests.broadcasts.broadcasting import MINUTE, Desk, open_desk

ROUNDS = 8


@pytest.fixture
async def desk(database: Database) -> Desk:
    return await open_desk(database)


async def waiting(desk: Desk) -> int:
    return sum(row.state in WAITING for row in await desk.deliveries())


async def test_of_two_who_confirm_at_once_one_does(desk: Desk) -> None:
    for turn in range(ROUNDS):
        number = await desk.draft(f"Message {turn}")
        both = await asyncio.gather(desk.confirm(number), desk.confirm(number, desk.cast.dee))
        assert sorted(both) == [Confirmed.NOT_A_DRAFT, Confirmed.SCHEDULED]
    desk.now += MINUTE
    assert await desk.start_due() == ROUNDS
    assert await waiting(desk) == ROUNDS * 4


async def test_of_two_who_save_the_same_version_one_is_told(desk: Desk) -> None:
    for turn in range(ROUNDS):
        number = await desk.draft()
        both = await asyncio.gather(
            *(
                desk.do(change_draft, number, Wording({"en": f"{by.name} {turn}"}, "all"), 1, by, desk.now)
                for by in (desk.cast.priya, desk.cast.dee)
            )
        )
        assert sorted(both) == [Saved.CHANGED_MEANWHILE, Saved.SAVED]
        assert (await desk.broadcast(number)).version == 2


async def test_of_two_who_approve_at_once_one_does(desk: Desk) -> None:
    desk.allow(approval_above=1)
    for turn in range(ROUNDS):
        number = await desk.draft(f"Message {turn}")
        await desk.confirm(number)
        both = await asyncio.gather(desk.approve(number), desk.approve(number, desk.cast.ash))
        assert sorted(both) == [Approved.NOT_WAITING, Approved.SCHEDULED]


async def test_what_is_saved_while_it_is_confirmed_is_what_was_confirmed_or_refused(desk: Desk) -> None:
    for turn in range(ROUNDS):
        number = await desk.draft(f"Seen {turn}")
        wording = Wording({"en": f"Unseen {turn}"}, "all")
        confirmed, saved = await asyncio.gather(
            desk.confirm(number, version=1),
            desk.do(change_draft, number, wording, 1, desk.cast.dee, desk.now),
        )
        first = (Confirmed.SCHEDULED, Saved.NOT_A_DRAFT)
        assert (confirmed, saved) in (first, (Confirmed.CHANGED_MEANWHILE, Saved.SAVED))
        text = (await desk.broadcast(number)).texts["en"]
        assert text == (f"Seen {turn}" if (confirmed, saved) == first else f"Unseen {turn}")


async def test_a_cancel_at_the_moment_of_the_start_leaves_nobody_waiting(desk: Desk) -> None:
    for turn in range(ROUNDS):
        number = await desk.draft(f"Message {turn}")
        await desk.confirm(number)
        desk.now += MINUTE
        both = (desk.start_due(), desk.cancel(number))
        _, cancelled = await asyncio.gather(*(both if turn % 2 else both[::-1]))
        assert cancelled is not None
        assert await desk.state(number) is BroadcastState.CANCELLED
        assert await waiting(desk) == 0
        assert await desk.start_due() == 0


async def test_the_start_and_going_back_to_the_draft_exclude_each_other(desk: Desk) -> None:
    for turn in range(ROUNDS):
        number = await desk.draft(f"Message {turn}")
        await desk.confirm(number)
        desk.now += MINUTE
        started, back = await asyncio.gather(
            desk.start_due(), desk.do(launching.back_to_draft, number, desk.cast.dee, desk.now)
        )
        assert (started, back) in ((1, False), (0, True))
        state = await desk.state(number)
        assert state is (BroadcastState.DRAFT if back else BroadcastState.SENDING)


async def test_approving_and_sending_back_exclude_each_other(desk: Desk) -> None:
    desk.allow(approval_above=1)
    for turn in range(ROUNDS):
        number = await desk.draft(f"Message {turn}")
        await desk.confirm(number)
        approved, back = await asyncio.gather(
            desk.approve(number), desk.do(launching.send_back, number, desk.cast.ash, desk.now)
        )
        assert (approved is Approved.SCHEDULED) is not back


async def test_two_clocks_start_a_broadcast_once(desk: Desk) -> None:
    for turn in range(ROUNDS):
        number = await desk.draft(f"Message {turn}")
        await desk.confirm(number)
        desk.now += MINUTE
        assert sum(await asyncio.gather(desk.start_due(), desk.start_due())) == 1
        assert await waiting(desk) == 4 * (turn + 1)


async def test_a_cancel_while_the_engine_sends_loses_and_repeats_nobody(desk: Desk) -> None:
    for turn in range(ROUNDS):
        number = await desk.begun(f"Message {turn}")
        await asyncio.gather(desk.go(), desk.cancel(number))
        await desk.go()
        assert await waiting(desk) == 0
    texts = [(request.chat_id, request.text) for request in desk.sender.arrived]
    assert len(texts) == len(set(texts))


@pytest.mark.postgresql
@pytest.mark.parametrize("locks", [False, True])
async def test_without_the_lock_a_cancelled_broadcast_would_begin(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch, locks: bool
) -> None:
    """Someone cancels, and before that is committed the clock looks at the same broadcast."""
    database = open_database(postgresql_url)
    desk = await open_desk(database)
    number = await desk.draft()
    await desk.confirm(number)
    desk.now += MINUTE
    looked = asyncio.Event()

    async def looking(session: Session, broadcast_id: int) -> Broadcast | None:
        if locks:
            looked.set()  # now, for it will wait until the other has committed
            return await locked_broadcast(session, broadcast_id)
        found = await session.get(Broadcast, broadcast_id)
        looked.set()
        return found

    async with database.write() as session:
        await stopping.cancel(session, number, desk.cast.priya, desk.now)
        monkeypatch.setattr("broadcasts.launching.locked_broadcast", looking)
        starting = asyncio.create_task(desk.start_due())
        await looked.wait()
    await starting
    assert await desk.state(number) is (BroadcastState.CANCELLED if locks else BroadcastState.SENDING)
    await database.close()
