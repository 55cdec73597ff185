"""Whose a thread is and where it stands: two who press at once, and who may not."""

import asyncio
from datetime import timedelta

from sqlalchemy import select

from broadcasts.sender import Content
from care.answers import answer
from care.threads import (
    Result,
    Shown,
    ThreadSearch,
    counts,
    give_back,
    hand_over,
    list_threads,
    possible_owners,
    reopen,
    settle,
    take,
    view_thread,
)
from storage.conversations import ThreadState
from storage.staff import AuditEntry
from tests.care.desks import Inbox
from tests.support.cast import NOON

LATER = NOON + timedelta(hours=1)


async def amals(inbox: Inbox) -> int:
    await inbox.write(inbox.cast.amal, "Please ring me")
    return (await inbox.thread()).id


async def test_of_two_who_take_a_thread_at_once_one_has_it_and_the_other_is_told(inbox: Inbox) -> None:
    thread, cast = await amals(inbox), inbox.cast
    results = await asyncio.gather(
        *(inbox.do(take, thread, one, NOON) for one in (cast.priya, cast.tom, cast.dee))
    )
    assert sorted(results) == [Result.DONE, Result.TAKEN, Result.TAKEN]
    winner = (cast.priya, cast.tom, cast.dee)[results.index(Result.DONE)]
    now = await inbox.thread()
    assert (now.state, now.owner_id) == (ThreadState.TAKEN, winner.id)
    assert await inbox.do(take, thread, winner, NOON) is Result.NOTHING


async def test_only_its_owner_gives_a_thread_back(inbox: Inbox) -> None:
    thread, cast = await amals(inbox), inbox.cast
    assert await inbox.do(give_back, thread, cast.tom, NOON) is Result.NOTHING
    await inbox.do(take, thread, cast.tom, NOON)
    assert await inbox.do(give_back, thread, cast.priya, NOON) is Result.TAKEN
    assert await inbox.do(give_back, thread, cast.tom, NOON) is Result.DONE
    assert (await inbox.thread()).state is ThreadState.NEW


async def test_a_thread_is_handed_to_whom_may_read_it_and_they_are_told(inbox: Inbox) -> None:
    cast = inbox.cast
    await inbox.write(cast.sam, "Please ring me")
    thread = (await inbox.thread()).id
    async with inbox.database.read() as session:
        people = await possible_owners(session, cast.sam.id)
    assert [one.name for one in people] == ["Dee Hall", "Priya Lane"]
    assert await inbox.do(hand_over, thread, cast.tom.id, None, cast.priya, NOON) is Result.NOT_THEM
    assert await inbox.do(hand_over, thread, cast.ash.id, None, cast.priya, NOON) is Result.NOT_THEM
    assert await inbox.do(hand_over, thread, cast.dee.id, None, cast.priya, NOON) is Result.DONE
    assert (await inbox.thread()).owner_id == cast.dee.id
    alert = (await inbox.queued())[-1]
    said = await inbox.says(alert)
    assert alert.staff_id == cast.dee.id
    assert isinstance(said, Content)
    assert said.params["by"] == "Priya Lane"


async def test_handing_over_what_somebody_else_took_meanwhile_is_told(inbox: Inbox) -> None:
    thread, cast = await amals(inbox), inbox.cast
    await inbox.do(take, thread, cast.tom, NOON)
    assert await inbox.do(hand_over, thread, cast.dee.id, None, cast.priya, NOON) is Result.TAKEN
    assert await inbox.do(hand_over, thread, cast.priya.id, cast.tom.id, cast.priya, NOON) is Result.DONE


async def test_words_that_nobody_has_read_are_never_settled(inbox: Inbox) -> None:
    thread, cast = await amals(inbox), inbox.cast
    seen = await inbox.last()
    await inbox.write(cast.amal, "It is worse than I said", LATER)
    assert await inbox.do(settle, thread, seen, cast.tom, LATER) is Result.CHANGED
    assert await inbox.do(settle, thread, await inbox.last(), cast.tom, LATER) is Result.DONE
    assert await inbox.do(settle, thread, await inbox.last(), cast.tom, LATER) is Result.NOTHING
    for deed in (take, give_back):
        assert await inbox.do(deed, thread, cast.tom, LATER) is Result.SETTLED


async def test_a_carer_who_writes_while_a_thread_is_settled_is_heard_in_it_or_in_a_new_one(
    inbox: Inbox,
) -> None:
    thread, cast = await amals(inbox), inbox.cast
    seen = await inbox.last()
    result, _ = await asyncio.gather(
        inbox.do(settle, thread, seen, cast.tom, NOON), inbox.write(cast.amal, "And another thing")
    )
    waiting = [one for one in await inbox.threads() if one.state is ThreadState.NEW]
    assert result in (Result.DONE, Result.CHANGED)
    assert [one.id for one in waiting] == [(await inbox.messages())[-1].thread_id]


async def test_a_settled_thread_opens_again_unless_the_carer_has_begun_another(inbox: Inbox) -> None:
    thread, cast = await amals(inbox), inbox.cast
    assert await inbox.do(reopen, thread, cast.tom, NOON) is Result.NOTHING
    await inbox.do(settle, thread, await inbox.last(), cast.tom, NOON)
    assert await inbox.do(reopen, thread, cast.dee, NOON) is Result.DONE
    assert (await inbox.thread()).owner_id == cast.dee.id
    await inbox.do(settle, thread, await inbox.last(), cast.tom, NOON)
    await inbox.write(cast.amal, "Something else", LATER)
    assert await inbox.do(reopen, thread, cast.tom, LATER) is Result.OTHER_OPEN
    assert [one.state for one in await inbox.threads()] == [ThreadState.SETTLED, ThreadState.NEW]


async def test_a_social_worker_sees_and_does_nothing_outside_their_households(inbox: Inbox) -> None:
    cast = inbox.cast
    await inbox.write(cast.sam, "Please ring me")
    thread, seen = (await inbox.thread()).id, await inbox.last()
    async with inbox.database.read() as session:
        assert await view_thread(session, thread, cast.tom) is None
        assert await view_thread(session, thread, cast.priya) is not None
        assert (await counts(session, cast.tom)).waiting == 0
        search = ThreadSearch(Shown.WAITING, cast.tom.id, cast.tom.id)
        assert (await list_threads(session, search)).lines == []
    tom = cast.tom
    results = [
        await inbox.do(take, thread, tom, NOON),
        await inbox.do(give_back, thread, tom, NOON),
        await inbox.do(hand_over, thread, cast.dee.id, None, tom, NOON),
        await inbox.do(settle, thread, seen, tom, NOON),
        await inbox.do(reopen, thread, tom, NOON),
        await inbox.do(answer, thread, "Hello", seen, tom, NOON),
    ]
    assert results == [Result.NOT_FOUND] * 6
    assert (await inbox.thread()).state is ThreadState.NEW


async def test_the_list_has_the_urgent_first_then_the_longest_waiting(inbox: Inbox) -> None:
    cast = inbox.cast
    await inbox.write(cast.lin, "First")
    await inbox.write(cast.sam, "Second", LATER)
    await inbox.write(cast.amal, "suicide", LATER + timedelta(hours=1))
    await inbox.do(take, (await inbox.threads())[0].id, cast.priya, LATER)
    async with inbox.database.read() as session:
        number = await counts(session, cast.priya)
        assert (number.waiting, number.urgent, number.mine) == (3, 1, 1)

        async def names(shown: Shown, owner_id: int | None = None, words: str = "") -> list[str]:
            search = ThreadSearch(shown, cast.priya.id, None, owner_id, words)
            return [line.first_name for line in (await list_threads(session, search)).lines]

        assert await names(Shown.WAITING) == ["Amal", "Lin", "Sam"]
        assert await names(Shown.MINE) == ["Lin"]
        assert await names(Shown.WAITING, owner_id=0) == ["Amal", "Sam"]
        assert await names(Shown.WAITING, owner_id=cast.priya.id) == ["Lin"]
        assert await names(Shown.WAITING, words="oka sam") == ["Sam"]
        assert await names(Shown.WAITING, words="%") == []
        assert await names(Shown.SETTLED) == []


async def test_every_change_is_in_the_audit_log_without_a_word_or_a_name(inbox: Inbox) -> None:
    thread, cast = await amals(inbox), inbox.cast
    await inbox.do(take, thread, cast.tom, NOON)
    await inbox.do(answer, thread, "Of course I will", await inbox.last(), cast.tom, NOON)
    await inbox.do(hand_over, thread, cast.dee.id, cast.tom.id, cast.tom, NOON)
    await inbox.do(give_back, thread, cast.dee, NOON)
    await inbox.do(settle, thread, await inbox.last(), cast.dee, NOON)
    await inbox.do(reopen, thread, cast.dee, NOON)
    async with inbox.database.read() as session:
        entries = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
    verbs = ["take", "answer", "hand_over", "give_back", "settle", "reopen"]
    assert [one.action for one in entries] == [f"thread.{verb}" for verb in verbs]
    assert {(one.subject, one.detail["carer"]) for one in entries} == {(f"thread:{thread}", "C1")}
    told = " ".join(f"{one.subject} {one.detail}" for one in entries)
    assert not any(word in told for word in ("ring", "course", "Amal", "Reed", "Dee"))
