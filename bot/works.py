"""Doing the long work that staff asked for, one piece after another, in whichever process takes it first.

A crash leaves the row as it was, said to be running: a minute later any process puts it right (see
`carers.works`). What had been written is gone with its transaction, so nothing is half done.
"""

import asyncio
import contextlib
from collections.abc import Mapping

import structlog

from bot.clock import Clock
from carers import works
from carers.works import Claimed, Ended
from storage.engine import Database
from storage.faults import passes
from web.parts import Parts, Progress
from web.working import Job, WorkKind

LOOK_SECONDS = 5.0
"""How often a process looks for work that another was asked for."""

BEAT_SECONDS = 3.0
LET_GO_SECONDS = 0.5
BROKEN = "Something went wrong, and nothing was changed. Start it again, or tell your administrator."

log = structlog.get_logger(__name__)


class _NotOurs(Exception):
    """The work was stopped, or another process took us for dead: what we wrote must not stand."""


class _Undone(Exception):
    """Carries an answer out of a transaction that is to leave nothing behind."""

    def __init__(self, ended: Ended) -> None:
        self.ended = ended


class Works:
    """The hands of one process. ``parts.working`` shows others what they are at."""

    def __init__(self, parts: Parts, kinds: Mapping[str, WorkKind]) -> None:
        self._parts = parts
        self._kinds = kinds
        self._asked = asyncio.Event()

    @property
    def _database(self) -> Database:
        return self._parts.database

    @property
    def _clock(self) -> Clock:
        return self._parts.clock

    def wake(self) -> None:
        """Something may have been asked for: look now."""
        self._asked.set()

    async def run(self) -> None:
        """Look for work and do it, until cancelled."""
        while True:
            self._asked.clear()
            while await self.do_next():
                pass
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._asked.wait()

    async def do_next(self) -> bool:
        """Do the work that has waited longest; False where there is none."""
        now = self._clock()
        async with self._database.read() as session:
            if not await works.waiting_or_silent(session, now):
                return False
        repeatable = [name for name, kind in self._kinds.items() if kind.repeatable]
        async with self._database.write() as session:
            await works.put_right(session, now, tuple(self._parts.working), repeatable)
            work = await works.take_next(session, now)
        if work is None:
            return False
        await self._do(work)
        return True

    async def _do(self, work: Claimed) -> None:
        kind, progress = self._kinds.get(work.kind), Progress()
        if kind is None:  # asked for by another version of this program
            await self._fail(work)
            return
        doing = asyncio.create_task(self._through(kind, work, progress))
        beating = asyncio.create_task(self._beat(work, progress, doing))
        progress.stop = doing.cancel
        self._parts.working[work.id] = progress
        try:
            await asyncio.wait({doing})
        except asyncio.CancelledError:
            doing.cancel()
            await asyncio.gather(doing, return_exceptions=True)
            await self._let_go(work, kind)
            raise
        finally:
            beating.cancel()
            del self._parts.working[work.id]
            await asyncio.gather(beating, return_exceptions=True)
        if not doing.cancelled() and (error := doing.exception()) is not None:
            log.error("long work failed", kind=work.kind, work=work.id, exc_info=error)
            await self._fail(work)

    async def _through(self, kind: WorkKind, work: Claimed, progress: Progress) -> None:
        """From beginning to end; what it does not end itself was ended by somebody else."""
        finish = await kind.run(Job(work.id, self._parts, work.by, work.started_at, work.params, progress))
        progress.last = True
        with contextlib.suppress(_NotOurs):
            try:
                async with self._database.write() as session:
                    ended = await finish(session)
                    if ended.undo:
                        raise _Undone(ended)
                    if not await works.end(session, work, ended, self._clock()):
                        raise _NotOurs
            except _Undone as undone:
                async with self._database.write() as session:
                    await works.end(session, work, undone.ended, self._clock())
        self._parts.wake()  # it may have queued something to send

    async def _beat(self, work: Claimed, progress: Progress, doing: asyncio.Task[None]) -> None:
        """Show others that it goes on. Where somebody stopped it, or took us for dead, give it up.

        On SQLite this waits while the work itself is being written, and so does whoever would take us for
        dead.
        """
        ours = True
        while ours:
            await asyncio.sleep(BEAT_SECONDS)
            ours = await self._is_ours(work, progress)
        doing.cancel()

    async def _is_ours(self, work: Claimed, progress: Progress) -> bool:
        try:
            async with self._database.write() as session:
                return await works.show_life(session, work, self._clock(), progress.done, progress.total)
        except Exception as error:
            if not passes(error):
                raise
            return True  # nobody can tell while the database is away; in the end it is asked once more

    async def _fail(self, work: Claimed) -> None:
        async with self._database.write() as session:
            await works.fail(session, work, BROKEN, self._clock())

    async def _let_go(self, work: Claimed, kind: WorkKind) -> None:
        """At a clean stop nobody need wait for a minute; where it cannot be written, that is all it costs."""
        with contextlib.suppress(Exception):
            async with asyncio.timeout(LET_GO_SECONDS), self._database.write() as session:
                await works.let_go(session, work, self._clock(), repeatable=kind.repeatable)
