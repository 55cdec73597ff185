"""Long work is done once, beside the pages, and a process that goes leaves nothing half done."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from bot import works as runner
from bot.works import Works
from carers import works
from carers.works import Ended, WorkLine, WorkState
from storage.engine import Database, Session
from storage.households import Household
from storage.works import Work
from tests.support.cast import NOON, Cast, gather
from tests.support.console import Console, parts
from web.working import Finish, Job, WorkKind

MINUTE = timedelta(minutes=1)


def kind(run: Callable[[Job], Awaitable[Finish]], *, repeatable: bool = True) -> WorkKind:
    return WorkKind(lambda params: "Some work", run, repeatable)


def ending(ended: Ended) -> Callable[[Job], Awaitable[Finish]]:
    """Work that renames the Reeds' area, and ends so."""

    async def run(job: Job) -> Finish:
        async def finish(session: Session) -> Ended:
            await session.execute(update(Household).values(area="South"))
            return ended

        return finish

    return run


@pytest.fixture
async def cast(database: Database) -> Cast:
    async with database.write() as session:
        return await gather(session)


class There:
    """One process with its hands, and what it is asked."""

    def __init__(self, database: Database, cast: Cast, kinds: Mapping[str, WorkKind]) -> None:
        self.console, self.cast, self.database = Console(database), cast, database
        self.parts = parts(self.console)
        self.works = Works(self.parts, kinds)

    def other(self, kinds: Mapping[str, WorkKind]) -> Works:
        """Another process at the same database."""
        return Works(replace(self.parts, working={}), kinds)

    async def ask(self, name: str = "it", **params: Any) -> int:
        async with self.database.write() as session:
            return await works.ask(session, name, params, self.cast.priya, self.console.now)

    async def line(self, work_id: int) -> WorkLine:
        async with self.database.read() as session:
            line = await works.one_of_mine(session, work_id, self.cast.priya)
        assert line is not None
        return line

    async def area(self) -> str | None:
        async with self.database.read() as session:
            return (await session.get_one(Household, self.cast.reeds.id)).area


async def test_what_work_changes_and_how_it_ended_stand_together(database: Database, cast: Cast) -> None:
    there = There(
        database, cast, {"it": kind(ending(Ended("Done.", "/x", "There", file=b"12", file_name="a")))}
    )
    number = await there.ask()
    assert await there.ask() == number  # a second press asks for nothing more
    assert await there.works.do_next()
    assert not await there.works.do_next()
    line = await there.line(number)
    assert (line.state, line.said, line.href, line.seen) == (WorkState.DONE, "Done.", "/x", False)
    assert await there.area() == "South"
    assert len(there.console.woken) == 1
    async with database.read() as session:
        assert [one.id for one in await works.unseen(session, cast.priya)] == [number]
        assert await works.file_of_mine(session, number, cast.priya, NOON) == b"12"
        assert await works.file_of_mine(session, number, cast.dee, NOON) is None
        assert await works.one_of_mine(session, number, cast.dee) is None
    assert await there.ask() != number


async def test_an_answer_that_is_no_leaves_nothing_behind(database: Database, cast: Cast) -> None:
    there = There(database, cast, {"it": kind(ending(Ended("No.", refused=True, undo=True)))})
    number = await there.ask()
    await there.works.do_next()
    assert (await there.line(number)).state is WorkState.REFUSED
    assert await there.area() != "South"


async def test_work_that_breaks_is_said_to_have_broken(database: Database, cast: Cast) -> None:
    async def breaks(job: Job) -> Finish:
        raise ZeroDivisionError

    there = There(database, cast, {"it": kind(breaks)})
    number = await there.ask()
    unknown = await there.ask("of a newer version")
    while await there.works.do_next():
        pass
    for one in (number, unknown):
        line = await there.line(one)
        assert (line.state, line.said) == (WorkState.FAILED, runner.BROKEN)
    assert there.parts.working == {}


async def test_two_processes_do_the_same_work_once(database: Database, cast: Cast) -> None:
    done: list[int] = []

    async def run(job: Job) -> Finish:
        async def finish(session: Session) -> Ended:
            done.append(job.id)
            return Ended("Done.")

        return finish

    kinds = {"it": kind(run)}
    there = There(database, cast, kinds)
    number = await there.ask()
    await asyncio.gather(there.works.do_next(), there.other(kinds).do_next())
    assert done == [number]


@pytest.mark.parametrize("repeatable", [True, False])
async def test_work_whose_process_is_gone_begins_anew_once_where_that_is_harmless(
    database: Database, cast: Cast, repeatable: bool
) -> None:
    begun = asyncio.Event()

    async def hangs(job: Job) -> Finish:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    there = There(database, cast, {"it": kind(hangs, repeatable=repeatable)})
    number = await there.ask()
    other = there.other({"it": kind(ending(Ended("Done.")), repeatable=repeatable)})

    async def dies() -> None:
        """Take the work, and go without a word, as a process does that is killed."""
        begun.clear()
        gone = asyncio.create_task(there.works.do_next())
        await begun.wait()
        there.works._let_go = lambda *_: asyncio.sleep(0)  # type: ignore[method-assign]
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)

    await dies()
    there.console.now = NOON + MINUTE / 2
    assert not await other.do_next()  # it may be alive
    there.console.now = NOON + 2 * MINUTE
    if repeatable:  # twice it brought the process down
        await dies()
        there.console.now = NOON + 4 * MINUTE
    await other.do_next()
    line = await there.line(number)
    assert (line.state, line.said) == (WorkState.FAILED, works.INTERRUPTED)
    assert await there.area() != "South"


async def test_a_process_taken_for_dead_writes_nothing_of_what_another_began_anew(
    database: Database, cast: Cast
) -> None:
    asleep, wakes = asyncio.Event(), asyncio.Event()

    async def sleeps(job: Job) -> Finish:
        asleep.set()
        await wakes.wait()
        return await ending(Ended("From the grave."))(job)

    there = There(database, cast, {"it": kind(sleeps)})
    number = await there.ask()
    sleeping = asyncio.create_task(there.works.do_next())
    await asleep.wait()
    there.console.now = NOON + 2 * MINUTE
    async with database.write() as session:
        await works.put_right(session, there.console.now, (), ["it"])
    wakes.set()
    await sleeping
    line = await there.line(number)
    assert (line.state, line.said) == (WorkState.WAITING, "")
    assert await there.area() != "South"


async def test_who_asked_may_stop_it_while_it_runs(
    database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "BEAT_SECONDS", 0.01)
    begun = asyncio.Event()

    async def long(job: Job) -> Finish:
        job.progress.at(3, 10)
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    there = There(database, cast, {"it": kind(long)})
    number = await there.ask()
    doing = asyncio.create_task(there.works.do_next())
    await begun.wait()
    assert there.parts.working[number].done == 3
    async with database.write() as session:
        assert not await works.stop(session, number, cast.dee, NOON)  # not hers
        assert await works.stop(session, number, cast.priya, NOON)
        assert not await works.stop(session, number, cast.priya, NOON)
    assert await doing  # it noticed by its next sign of life
    line = await there.line(number)
    assert (line.state, line.seen) == (WorkState.REFUSED, True)


async def test_a_clean_stop_hands_work_on_at_once(database: Database, cast: Cast) -> None:
    begun = asyncio.Event()

    async def long(job: Job) -> Finish:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    there = There(database, cast, {"it": kind(long)})
    number = await there.ask()
    running = asyncio.create_task(there.works.run())
    await begun.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert (await there.line(number)).state is WorkState.WAITING
    await there.other({"it": kind(ending(Ended("Done.")))}).do_next()
    assert (await there.line(number)).state is WorkState.DONE


async def test_what_work_made_goes_after_a_day_and_the_rest_after_a_month(
    database: Database, cast: Cast
) -> None:
    there = There(database, cast, {"it": kind(ending(Ended("Done.", file=b"1", file_name="a.html")))})
    number = await there.ask()
    await there.works.do_next()
    for days, gone in ((0.9, 0), (1, 1), (2, 0), (31, 1)):
        async with database.write() as session:
            assert await works.forget_old_works(session, NOON + timedelta(days=days)) == gone, days
    async with database.read() as session:
        assert await session.get(Work, number) is None
