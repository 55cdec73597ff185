"""Accounts of staff: who is who, who may change what, and that somebody remains who may."""

import asyncio
from datetime import timedelta

from sqlalchemy import select

from carers.accounts import (
    Ended,
    Refused,
    Wanted,
    add_account,
    bring_back,
    change_account,
    end_account,
    sign_out_colleague,
)
from carers.browsers import own_browsers, sign_out_other, sign_out_others
from carers.colleagues import Show, find_colleagues
from carers.linking import Linked, redeem
from carers.sign_in import (
    ABSOLUTE_LIMIT,
    IDLE_LIMIT,
    LinkRefusal,
    Visit,
    create_link,
    new_browser_key,
    open_link,
    sign_in_browser,
    visit_of,
)
from carers.works import Ended as DoneWork
from carers.works import WorkState, ask, end, file_of_mine, mine, one_of_mine, take_next
from storage.engine import Database, Session
from storage.staff import AuditEntry, Role, SignInWay, StaffMember
from storage.staff_lists import staff_with_email
from tests.support.cast import NOON, Cast, gather

TODAY = NOON.date()


def asked(member: StaffMember, **more: object) -> Wanted:
    """The account as it is, but for what is said."""
    as_it_is = {"name": member.name, "role": member.role, "email": member.email or ""}
    return Wanted(**{**as_it_is, **more})  # type: ignore[arg-type]  # the fields of an account


async def entries(session: Session) -> list[tuple[str, str, dict[str, object]]]:
    found = await session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    return [(one.action, one.subject, one.detail) for one in found]


async def signed_in(session: Session, member: StaffMember, agent: str = "") -> Visit:
    key = await sign_in_browser(session, member, SignInWay.CHAT, NOON, agent)
    visit = await visit_of(session, key, NOON)
    assert visit is not None
    return visit


async def test_an_account_is_changed_and_the_log_has_no_word_of_it(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        wanted = Wanted("Priya Lane-Hope", Role.MANAGER, "priya@example.org")
        assert await change_account(session, cast.priya.id, 1, wanted, cast.ash, NOON) is None
        assert (cast.priya.name, cast.priya.role, cast.priya.email) == (
            "Priya Lane-Hope",
            Role.MANAGER,
            "priya@example.org",
        )
        assert cast.priya.version == 2
        assert await entries(session) == [
            (
                "staff.change",
                f"staff:{cast.priya.id}",
                {"changed": ["name", "role", "email"], "was": "coordinator", "role": "manager"},
            )
        ]


async def test_what_a_colleague_changed_meanwhile_is_not_overwritten(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        assert (
            await change_account(session, cast.tom.id, 1, asked(cast.tom, name="Tim"), cast.ash, NOON) is None
        )
        late = asked(cast.tom, email="tom@example.org", name="Tom Birch")
        assert (
            await change_account(session, cast.tom.id, 1, late, cast.ash, NOON) is Refused.CHANGED_MEANWHILE
        )
        # What is already as it is wanted needs no second look; nor does it leave a second trace.
        same = asked(cast.tom)
        assert await change_account(session, cast.tom.id, 1, same, cast.ash, NOON) is Refused.UNCHANGED
        assert (cast.tom.name, cast.tom.email) == ("Tim", None)
        assert len(await entries(session)) == 1


async def test_the_last_administrator_stays_one(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        demoted = asked(cast.ash, role=Role.MANAGER)
        refusal = Refused.LAST_ADMINISTRATOR
        assert await change_account(session, cast.ash.id, 1, demoted, cast.ash, NOON) is refusal
        assert await add_account(session, demoted, None, NOON) is refusal
        second = await add_account(session, Wanted("Kit Hale", Role.ADMINISTRATOR), cast.ash, NOON)
        assert isinstance(second, tuple)
        assert await change_account(session, cast.ash.id, 1, demoted, cast.ash, NOON) is None
        assert await end_account(session, second[0].id, cast.ash, NOON, TODAY) is Ended.LAST_ADMINISTRATOR


async def two_administrators(database: Database) -> tuple[Cast, StaffMember]:
    async with database.write() as session:
        cast = await gather(session)
        second = await add_account(session, Wanted("Kit Hale", Role.ADMINISTRATOR), cast.ash, NOON)
        assert isinstance(second, tuple)
        return cast, second[0]


async def administrators(database: Database) -> int:
    async with database.read() as session:
        found = await session.scalars(
            select(StaffMember).where(StaffMember.role == Role.ADMINISTRATOR, StaffMember.left_on.is_(None))
        )
        return len(found.all())


async def test_two_administrators_who_end_each_other_at_once_leave_one(database: Database) -> None:
    cast, kit = await two_administrators(database)

    async def ends(whom: StaffMember, by: StaffMember) -> Ended:
        async with database.write() as session:
            return await end_account(session, whom.id, by, NOON, TODAY)

    results = await asyncio.gather(ends(cast.ash, kit), ends(kit, cast.ash))
    assert sorted(results) == [Ended.ENDED, Ended.LAST_ADMINISTRATOR]
    assert await administrators(database) == 1


async def test_two_administrators_who_take_each_others_role_at_once_leave_one(database: Database) -> None:
    cast, kit = await two_administrators(database)

    async def takes(whom: StaffMember, by: StaffMember) -> Refused | None:
        async with database.write() as session:
            return await change_account(session, whom.id, 1, asked(whom, role=Role.MANAGER), by, NOON)

    results = await asyncio.gather(takes(cast.ash, kit), takes(kit, cast.ash))
    assert set(results) == {None, Refused.LAST_ADMINISTRATOR}
    assert await administrators(database) == 1


async def test_no_two_who_work_here_have_one_address_or_one_name(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        cast.dee.email = "office@Example.org"
        same = "OFFICE@example.org"
        assert await add_account(session, Wanted("Kit", Role.MANAGER, same), cast.ash, NOON) is (
            Refused.ADDRESS_TAKEN
        )
        change = asked(cast.tom, email=same)
        assert await change_account(session, cast.tom.id, 1, change, cast.ash, NOON) is Refused.ADDRESS_TAKEN
        change = asked(cast.tom, name="dee hall")
        assert await change_account(session, cast.tom.id, 1, change, cast.ash, NOON) is Refused.NAME_TAKEN
        # Of one's own it is no other's.
        change = asked(cast.dee, name="Dee HALL", email=same)
        assert await change_account(session, cast.dee.id, 1, change, cast.ash, NOON) is None
        assert await staff_with_email(session, " Office@example.ORG ") is cast.dee
        cast.tom.email = same  # as an older version let it happen
        await session.flush()
        assert await staff_with_email(session, same) is None
        assert await staff_with_email(session, "  ") is None


async def test_a_name_and_an_address_are_the_same_in_capitals_with_accents(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        wanted = Wanted("Zoë Ng", Role.MANAGER, "Zoë.Ng@example.org")
        assert isinstance(made := await add_account(session, wanted, cast.ash, NOON), tuple)
        assert await staff_with_email(session, "ZOË.NG@EXAMPLE.ORG") is made[0]
        again = await add_account(session, Wanted("ZOË NG", Role.MANAGER), cast.ash, NOON)
        assert isinstance(again, tuple)
        assert again[0] is made[0]
        taken = asked(cast.tom, email="zoË.ng@example.org")
        assert await change_account(session, cast.tom.id, 1, taken, cast.ash, NOON) is Refused.ADDRESS_TAKEN


async def test_adding_somebody_again_gives_whom_the_register_named_a_role_and_no_colleague(
    database: Database,
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        named = StaffMember(name="Robin Vale", role=Role.SOCIAL_WORKER, added_at=NOON)
        session.add(named)
        added = await add_account(session, Wanted("robin vale", Role.COORDINATOR), cast.ash, NOON)
        assert isinstance(added, tuple)
        assert (added[0].id, added[0].role) == (named.id, Role.COORDINATOR)
        again = await add_account(session, Wanted("Priya Lane", Role.MANAGER), cast.ash, NOON)
        assert again is Refused.NAME_TAKEN
        assert cast.priya.role is Role.COORDINATOR


async def test_another_address_makes_links_on_their_way_to_the_old_one_worthless(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        cast.tom.email, cast.tom.email_failed_at = "old@example.org", NOON
        token = await create_link(session, cast.tom, NOON, way=SignInWay.EMAIL)
        change = asked(cast.tom, email="new@example.org")
        assert await change_account(session, cast.tom.id, 1, change, cast.ash, NOON) is None
        tom = await session.get_one(StaffMember, cast.tom.id)
        assert (tom.email, tom.email_failed_at) == ("new@example.org", None)
        found = await open_link(session, token, new_browser_key(), NOON, is_browser=True)
        assert found is LinkRefusal.UNKNOWN


async def test_who_is_added_again_with_another_address_has_no_link_at_the_old_one(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        token = await create_link(session, cast.tom, NOON, way=SignInWay.EMAIL)
        again = Wanted("Tom Birch", Role.SOCIAL_WORKER, "birch@example.org")
        assert isinstance(await add_account(session, again, cast.ash, NOON), tuple)
        found = await open_link(session, token, new_browser_key(), NOON, is_browser=True)
        assert found is LinkRefusal.UNKNOWN


async def test_what_was_made_for_them_in_another_role_is_no_longer_theirs(database: Database) -> None:
    """Or a list of all carers would lie ready for a day for who may see but some of them."""
    async with database.write() as session:
        cast = await gather(session)
        await ask(session, "table", {"path": "/carers"}, cast.priya, NOON)
        number = await ask(session, "table", {"path": "/households"}, cast.priya, NOON)
        await ask(session, "table", {"path": "/carers"}, cast.dee, NOON)
        first = await take_next(session, NOON)
        assert first is not None
        await end(session, first, DoneWork("Done", file=b"Amal Reed", file_name="carers.csv"), NOON)
        assert await file_of_mine(session, first.id, cast.priya, NOON) == b"Amal Reed"
        wanted = Wanted("Priya Lane", Role.SOCIAL_WORKER)
        assert await change_account(session, cast.priya.id, 1, wanted, cast.ash, NOON) is None
        assert await file_of_mine(session, first.id, cast.priya, NOON) is None
        stopped = await one_of_mine(session, number, cast.priya)
        assert stopped is not None
        assert stopped.state is WorkState.REFUSED
        assert [work.goes_on for work in await mine(session, cast.dee)] == [True]


async def test_who_had_left_is_brought_back_with_a_new_link(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        assert await bring_back(session, cast.tom.id, cast.ash, NOON) is Refused.NOT_FOUND
        assert await end_account(session, cast.tom.id, cast.ash, NOON, TODAY) is Ended.ENDED
        back = await bring_back(session, cast.tom.id, cast.ash, NOON)
        assert isinstance(back, tuple)
        member, token = back
        assert (member.left_on, member.chat_id, member.role) == (None, None, Role.SOCIAL_WORKER)
        assert isinstance(await redeem(session, token, 777, NOON), Linked)
        assert cast.tom.chat_id == 777


async def test_nobody_comes_back_under_a_name_that_another_bears_now(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await end_account(session, cast.tom.id, cast.ash, NOON, TODAY)
        session.add(StaffMember(name="Tom Birch", role=Role.SOCIAL_WORKER, added_at=NOON))
        await session.flush()
        assert await bring_back(session, cast.tom.id, cast.ash, NOON) is Refused.NAME_TAKEN


async def test_colleagues_are_found_by_parts_of_their_name_and_what_they_lack(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        new = StaffMember(name="Zoë Ng", role=Role.MANAGER, added_at=NOON)
        mailed = StaffMember(name="Kit Hale", role=Role.MANAGER, email="kit@example.org", added_at=NOON)
        session.add_all([new, mailed])
        await end_account(session, cast.dee.id, cast.ash, NOON, TODAY)

        async def names(words: str = "", show: Show = Show.HERE) -> list[str]:
            found = await find_colleagues(session, NOON, TODAY, words, show)
            return [one.account.name for one in found]

        assert await names() == ["Ash Moor", "Kit Hale", "Priya Lane", "Tom Birch", "Zoë Ng"]
        assert await names("ZOE n") == ["Zoë Ng"]
        assert await names("example kit") == ["Kit Hale"]
        assert await names("nobody") == []
        assert await names(show=Show.NOT_CONNECTED) == ["Kit Hale", "Zoë Ng"]
        assert await names(show=Show.NO_WAY_IN) == ["Zoë Ng"]
        assert await names(show=Show.LEFT) == ["Dee Hall"]


async def test_an_administrator_sees_when_somebody_was_last_in(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        visit = await signed_in(session, cast.tom)
        await sign_out_colleague(session, cast.tom.id, cast.ash, NOON + timedelta(hours=1))
        assert await visit_of(session, visit.key, NOON) is None
        found = {
            one.account.name: one for one in await find_colleagues(session, NOON + timedelta(days=9), TODAY)
        }
        assert found["Tom Birch"].seen_at == NOON
        assert found["Tom Birch"].households == 1
        assert found["Dee Hall"].seen_at is None


async def test_one_sees_and_signs_out_ones_own_browsers_alone(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        desk = await signed_in(session, cast.priya, "Firefox on Linux")
        train = await signed_in(session, cast.priya, "Chrome on Android")
        toms = await signed_in(session, cast.tom)
        shown = await own_browsers(session, desk, NOON)
        assert [(one.agent, one.this, one.until) for one in shown] == [
            ("Firefox on Linux", True, NOON + ABSOLUTE_LIMIT),
            ("Chrome on Android", False, NOON + ABSOLUTE_LIMIT),
        ]
        [tom_sees] = await own_browsers(session, toms, NOON)
        for mark in (shown[0].mark, tom_sees.mark, "", "%", shown[1].mark[:8], "f" * 16):
            assert not await sign_out_other(session, desk, mark, NOON)
        assert await sign_out_other(session, desk, shown[1].mark, NOON)
        assert await visit_of(session, train.key, NOON) is None
        assert await visit_of(session, desk.key, NOON) is not None
        assert await own_browsers(session, desk, NOON + IDLE_LIMIT) == []


async def test_signing_out_of_all_others_makes_links_that_wait_worthless_too(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        here, there, toms = [await signed_in(session, one) for one in (cast.priya, cast.priya, cast.tom)]
        token = await create_link(session, cast.priya, NOON)
        assert await sign_out_others(session, here, NOON) == 1
        assert await visit_of(session, there.key, NOON) is None
        assert await visit_of(session, here.key, NOON) is not None
        assert await visit_of(session, toms.key, NOON) is not None
        found = await open_link(session, token, new_browser_key(), NOON, is_browser=True)
        assert found is LinkRefusal.UNKNOWN
        assert (await entries(session))[-1][0] == "staff.sign_out_other"
