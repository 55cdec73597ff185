"""The app's word is taken once, whoever comes with it at the same moment."""

import asyncio
from datetime import timedelta

from sqlalchemy import select

from carers.mini_app import Launch, LaunchRefusal, sign_in_by_app
from carers.sign_in import forget_expired_sign_ins
from storage.engine import Database
from storage.staff import SignInLink, WebSession
from tests.support.cast import NOON, gather

LAUNCH = Launch(901, "5" * 64, NOON)


async def test_of_two_who_come_with_it_at_once_one_gets_in(database: Database) -> None:
    async with database.write() as session:
        await gather(session)

    async def enters() -> object:
        async with database.write() as session:
            return await sign_in_by_app(session, LAUNCH, NOON)

    results = await asyncio.gather(*(enters() for _ in range(4)))
    assert sorted(one is LaunchRefusal.TAKEN for one in results) == [False, True, True, True]
    async with database.write() as session:
        assert len((await session.scalars(select(WebSession))).all()) == 1
        await forget_expired_sign_ins(session, NOON + timedelta(minutes=4, seconds=59))
        assert await sign_in_by_app(session, LAUNCH, NOON) is LaunchRefusal.TAKEN
        await forget_expired_sign_ins(session, NOON + timedelta(minutes=5))
        assert not (await session.scalars(select(SignInLink))).all()
