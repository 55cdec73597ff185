from datetime import date, timedelta

from carers.audience import (
    Reach,
    audience_carers,
    audience_exists,
    audience_ids,
    audience_names,
    audience_reach,
    audience_sizes,
    group_words,
)
from storage.engine import Database, Session
from storage.households import Group, GroupMember
from tests.support.cast import NOON, gather

TODAY = NOON.date()


async def refs(session: Session, audience: str, today: date = TODAY) -> list[str]:
    return [carer.ref for carer in await audience_carers(session, audience, today)]


async def test_all_is_both_carers_of_every_household_whose_approval_is_current(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        assert await refs(session, "all") == ["C1", "C2", "C3", "C4"]
        cast.okafors.ended_on = TODAY
        cast.marshes.approved_on = date(2025, 5, 7)
        await session.flush()
        assert await refs(session, "all") == ["C1", "C2"]


async def test_a_household_that_leaves_next_month_is_still_told(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        cast.reeds.ended_on = date(2025, 6, 6)
        await session.flush()
        assert await refs(session, "all") == ["C1", "C2", "C3", "C4"]
        assert await refs(session, "all", date(2025, 6, 6)) == ["C3", "C4"]


async def test_a_group_is_its_members_and_nobody_who_left(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        group = Group(name="baby-carers")
        session.add(group)
        await session.flush()
        session.add_all([GroupMember(group_id=group.id, carer_id=c.id) for c in (cast.jo, cast.lin)])
        cast.marshes.ended_on = date(2025, 1, 1)
        await session.flush()
        assert await refs(session, "baby-carers") == ["C2"]
        assert await audience_reach(session, "baby-carers", TODAY) == Reach(carers=1, households=1, linked=1)


async def test_a_constellation_is_its_hub_and_satellites(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        cast.reeds.constellation, cast.okafors.constellation = "Orion", "Lyra"
        await session.flush()
        assert await refs(session, "constellation") == ["C1", "C2", "C3"]
        assert await refs(session, "constellation:Lyra") == ["C3"]
        assert await refs(session, "constellation:Vega") == []
        assert await audience_ids(session, "constellation:Lyra", TODAY) == [(cast.sam.id, cast.okafors.id)]


async def test_a_group_that_is_called_constellation_comes_first(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        cast.reeds.constellation = "Orion"
        group = Group(name="constellation")
        session.add(group)
        await session.flush()
        session.add(GroupMember(group_id=group.id, carer_id=cast.lin.id))
        await session.flush()
        assert await refs(session, "constellation") == ["C4"]


async def test_an_unknown_audience_has_nobody_and_does_not_exist(database: Database) -> None:
    async with database.write() as session:
        await gather(session)
        assert await refs(session, "nobody-knows") == []
        assert await audience_ids(session, "nobody-knows", TODAY) == []
        assert await audience_reach(session, "nobody-knows", TODAY) == Reach(0, 0, 0)
        assert not await audience_exists(session, "nobody-knows", TODAY)


async def test_the_audiences_are_listed_with_all_first(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        cast.reeds.constellation = "Orion"
        session.add_all([Group(name="evening"), Group(name="baby-carers")])
        await session.flush()
        assert await audience_names(session, TODAY) == [
            "all",
            "baby-carers",
            "evening",
            "constellation",
            "constellation:Orion",
        ]
        assert await audience_exists(session, "constellation:Orion", TODAY)


async def test_many_audiences_counted_at_once_have_as_many_as_each_counted_alone(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        cast.reeds.constellation, cast.marshes.constellation = "Orion", "Lyra"
        cast.marshes.ended_on = date(2025, 1, 1)
        groups = [Group(name="evening"), Group(name="nobody"), Group(name="constellation:Orion")]
        session.add_all(groups)
        await session.flush()
        session.add_all(
            [GroupMember(group_id=groups[0].id, carer_id=c.id) for c in (cast.jo, cast.sam, cast.lin)]
        )
        await session.flush()
        names = [*await audience_names(session, TODAY), "constellation:Lyra", "nobody-knows"]
        counted = await audience_sizes(session, names, TODAY)
        alone = {name: await audience_reach(session, name, TODAY) for name in names}
        assert counted == {name: (reach.carers, reach.linked) for name, reach in alone.items()}
        assert counted["evening"] == (2, 2)


async def test_who_does_not_foster_today_is_counted_in_no_audience_and_once_each(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        group = Group(name="evening")
        session.add(group)
        await session.flush()
        everyone = (cast.amal, cast.jo, cast.sam, cast.lin)
        session.add_all([GroupMember(group_id=group.id, carer_id=carer.id) for carer in everyone])
        for home in (cast.reeds, cast.okafors, cast.marshes):
            home.constellation = "Orion"
        names = ["all", "evening", "constellation", "constellation:Orion"]

        async def counted() -> set[tuple[int, int]]:
            await session.flush()
            sizes = await audience_sizes(session, names, TODAY)
            alone = {name: await audience_reach(session, name, TODAY) for name in names}
            assert sizes == {name: (reach.carers, reach.linked) for name, reach in alone.items()}
            return set(sizes.values())

        cast.sam.chat_id = None
        assert await counted() == {(4, 3)}
        cast.jo.left_on, cast.jo.erased_at, cast.jo.chat_id = TODAY, NOON, None
        assert await counted() == {(3, 2)}
        cast.okafors.ended_on = TODAY
        assert await counted() == {(2, 2)}
        cast.marshes.approved_on = TODAY + timedelta(days=1)
        assert await counted() == {(1, 1)}
        cast.reeds.ended_on, cast.amal.left_on = TODAY + timedelta(days=1), TODAY + timedelta(days=1)
        assert await counted() == {(1, 1)}
        cast.amal.erased_at = NOON
        assert await counted() == {(0, 0)}


async def test_the_household_of_a_carer_is_there_without_asking_again(database: Database) -> None:
    async with database.write() as session:
        await gather(session)
    async with database.read() as session:
        assert [carer.household.ref for carer in await audience_carers(session, "all", TODAY)] == [
            "H1",
            "H1",
            "H2",
            "H3",
        ]


def test_a_group_is_called_by_words_and_a_name_that_somebody_wrote_stays() -> None:
    assert group_words("baby-carers") == "Baby carers"
    assert group_words("households-with-birth-children-8-16") == "Households with birth children 8-16"
    assert group_words("Men Who Foster - Thursdays") == "Men Who Foster - Thursdays"
