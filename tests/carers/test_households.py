"""Notices, ends, carers who leave or move, edits by hand, and the one condition "fosters here still"."""

import asyncio
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from broadcasts.sender import Content
from carers.approvals import Ending, EndRoute, end_by_decision, give_notice, speaks_of_health, take_back_end
from carers.audience import audience_carers, audience_reach
from carers.channels import ways_of_audience
from carers.constellations import list_constellations, oddities
from carers.household_edits import (
    CarerFacts,
    Edited,
    HouseholdFacts,
    NewCarer,
    add_carer,
    add_household,
    edit_carer,
    edit_household,
    facts_of_carer,
    facts_of_household,
    mark,
)
from carers.households import (
    HouseholdSearch,
    Standing,
    list_households,
    notices_running,
    view_household,
)
from carers.leaving import Left, leave_household, move_carer, return_to_household
from carers.pages import Pages, Purpose, Shut, open_page
from carers.register_file import forget_ended
from events.attendance import AttendanceState, tick
from events.choices import Choice
from events.joining import Door, ask_to_join
from events.leavers import any_leavers, release_leavers
from events.listing import whats_on
from events.notices import GONE, composers
from storage.deliveries import Delivery, DeliveryState
from storage.engine import Database, Session
from storage.households import Carer, ConstellationRole, Household
from storage.report_queries import approvals, carers_reached
from storage.rsvp import Card, RsvpState
from storage.rsvp_queries import members_of
from storage.staff import AuditEntry
from tests.events.acts import HOUSEHOLD, give_card, invitation_of, invited_event, taps
from tests.support.cast import NOON, Cast, gather
from tests.support.console import LONDON, SECRET_KEY

TODAY = NOON.date()
DAY = timedelta(days=1)
JUST_AFTER_MIDNIGHT = datetime(2025, 6, 3, 23, 30, tzinfo=UTC)
"""Half past midnight in London, on 4 June; in UTC it is still the third."""


async def deeds(session: Session) -> list[tuple[str, str]]:
    rows = await session.execute(select(AuditEntry.action, AuditEntry.subject).order_by(AuditEntry.id))
    return [(action, subject) for action, subject in rows]


async def names_in(session: Session, audience: str = "all") -> list[str]:
    return [one.first_name for one in await audience_carers(session, audience, TODAY)]


async def test_a_resignation_ends_the_approval_28_days_after_the_notice_came(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        got = await give_notice(
            session,
            cast.reeds.id,
            EndRoute.RESIGNATION,
            ["Moved away"],
            TODAY - DAY,
            cast.priya,
            NOON,
            LONDON,
        )
        assert (got.result, got.ended_on) == (Ending.NOTED, date(2025, 6, 2))
        assert (cast.reeds.notice_on, cast.reeds.end_reasons) == (TODAY - DAY, ["moved_away"])
        assert await notices_running(session, TODAY) == 1
        assert await notices_running(session, TODAY, cast.priya.id) == 0
        assert "Amal" in await names_in(session)
        assert await notices_running(session, date(2025, 6, 2)) == 0
        again = await give_notice(
            session, cast.reeds.id, EndRoute.RESIGNATION, [], TODAY, cast.priya, NOON, LONDON
        )
        assert (again.result, again.ended_on) == (Ending.ENDS_ALREADY, date(2025, 6, 2))
        assert await deeds(session) == [("household.notice", "household:H1")]


async def test_what_cannot_be_is_refused(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        home, by = cast.reeds.id, cast.priya

        async def notice(route: EndRoute, day: date) -> Ending:
            return (await give_notice(session, home, route, [], day, by, NOON, LONDON)).result

        assert await notice(EndRoute.DEREGISTRATION, TODAY) is Ending.NO_NOTICE
        assert await notice(EndRoute.RESIGNATION, TODAY + DAY) is Ending.BAD_DATE
        assert await notice(EndRoute.RESIGNATION, cast.reeds.approved_on - DAY) is Ending.BAD_DATE
        far = await end_by_decision(session, home, [], TODAY + timedelta(days=400), by, NOON, LONDON)
        assert far.result is Ending.BAD_DATE
        nobody = await end_by_decision(session, 999, [], TODAY, by, NOON, LONDON)
        assert nobody.result is Ending.NOT_FOUND
        assert (await take_back_end(session, home, by, NOON, LONDON)).result is Ending.NOTHING
        assert await deeds(session) == []
    assert speaks_of_health("ill_health")
    assert speaks_of_health("Has a disability")
    assert not speaks_of_health("personal_circumstances")
    assert not speaks_of_health("skills_and_wages")


async def test_an_end_is_taken_back_while_it_has_not_come(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        home, by = cast.reeds, cast.priya
        await end_by_decision(session, home.id, ["other_reasons"], date(2025, 6, 4), by, NOON, LONDON)
        assert home.end_route is EndRoute.DEREGISTRATION
        # The day begins at midnight in London, an hour before it does in UTC.
        late = await take_back_end(session, home.id, by, JUST_AFTER_MIDNIGHT, LONDON)
        assert late.result is Ending.HAS_ENDED
        back = await take_back_end(session, home.id, by, NOON, LONDON)
        assert back.result is Ending.TAKEN_BACK
        assert [home.ended_on, home.end_route, home.end_reasons, home.notice_on] == [None, None, [], None]


async def leaves(session: Session, cast: Cast, carer: Carer, now: datetime = NOON) -> Left:
    return (await leave_household(session, carer.id, now.date(), cast.priya, now, LONDON)).result


async def test_a_carer_who_leaves_is_told_nothing_more_and_the_other_goes_on(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        both = await invited_event(session, cast, rsvp_by=HOUSEHOLD)
        await taps(session, both, cast.amal, Choice.GOING)
        family = await invitation_of(session, both, cast.amal)
        await give_card(session, family, cast.amal)
        number = cast.amal.page_number
        assert await leaves(session, cast, cast.amal) is Left.DONE
        assert (cast.amal.left_on, cast.amal.chat_id, cast.amal.main_carer) == (TODAY, None, False)
        assert cast.amal.page_number == number + 1
        assert cast.jo.main_carer
        assert await names_in(session) == ["Jo", "Sam", "Lin"]
        assert (await audience_reach(session, "all", TODAY)).carers == 3
        ways = await ways_of_audience(session, "all", TODAY)
        assert ways.app == 3
        assert [one.carer_id for one in await members_of(session, family.id)] == [cast.jo.id]
        assert family.state is RsvpState.GOING
        assert (await session.scalars(select(Card.id))).all() == []
        waits = select(Delivery.state).where(Delivery.carer_id == cast.amal.id)
        assert set(await session.scalars(waits)) == {DeliveryState.CANCELLED}
        assert (await whats_on(session, cast.amal, 1, NOON)).lines == ()
        assert (await deeds(session))[-1] == ("carer.leave", "carer:C1")
        assert await leaves(session, cast, cast.amal) is Left.ALREADY
        assert await leaves(session, cast, cast.jo) is Left.LAST
        assert await leaves(session, cast, cast.sam) is Left.LAST


async def test_what_was_the_leavers_own_is_given_back_and_the_contacts_go(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        cast.amal.email, cast.amal.phone = "amal@example.org", "01632 960001"
        event = await invited_event(session, cast, capacity=1)
        for carer in (cast.amal, cast.sam):
            await taps(session, event, carer, Choice.GOING)
        amal, jo, sam = [await invitation_of(session, event, c) for c in (cast.amal, cast.jo, cast.sam)]
        assert not await any_leavers(session, NOON)
        await leaves(session, cast, cast.amal)
        assert await any_leavers(session, NOON)
        assert await release_leavers(session, NOON) == 1
        assert (amal.state, jo.state, sam.state) == (
            RsvpState.CANCELLED,
            RsvpState.INVITED,
            RsvpState.OFFERED,
        )
        assert not await any_leavers(session, NOON)
        assert await forget_ended(session, NOON) == 1
        await session.refresh(cast.amal)
        assert [cast.amal.first_name, cast.amal.email, cast.amal.phone] == ["", None, None]
        assert cast.amal.birth_year == 1968
        assert cast.jo.first_name == "Jo"
        # It was a mistake: invited as before, but the place is gone.
        back = await return_to_household(session, cast.amal.id, cast.priya, NOON, LONDON)
        assert back.result is Left.DONE
        assert await any_leavers(session, NOON)
        await release_leavers(session, NOON)
        assert amal.state is RsvpState.INVITED


async def test_nobody_leaves_tomorrow_nor_before_they_came(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        for day in (TODAY + DAY, cast.reeds.approved_on - DAY):
            got = await leave_household(session, cast.jo.id, day, cast.priya, NOON, LONDON)
            assert got.result is Left.BAD_DATE
        assert (await leave_household(session, 999, TODAY, cast.priya, NOON, LONDON)).result is Left.NOT_FOUND
        cast.reeds.ended_on = TODAY
        assert await leaves(session, cast, cast.jo) is Left.ENDED


async def test_links_calendar_and_join_links_of_who_left_are_shut(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        pages = Pages(SECRET_KEY, "http://127.0.0.1")
        event = await invited_event(session, cast)
        mine = await invitation_of(session, event, cast.jo)
        token = pages.token(cast.jo.id, cast.jo.page_number, Purpose.HOME, 0, NOON)
        cast.jo.left_on = TODAY
        await session.flush()
        assert await open_page(session, token, SECRET_KEY, NOON, LONDON) is Shut.NOT_OURS
        assert (await ask_to_join(session, mine.id, cast.jo, NOON)).door is Door.NOT_YOURS


async def test_a_carer_moves_with_their_own_answers_and_leaves_the_familys(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        own = await invited_event(session, cast)
        await taps(session, own, cast.jo, Choice.GOING)
        got = await move_carer(session, cast.jo.id, cast.okafors.id, cast.priya, NOON, LONDON)
        assert got.result is Left.DONE
        assert (cast.jo.household_id, cast.jo.main_carer, cast.jo.chat_id) == (cast.okafors.id, False, 102)
        mine = await invitation_of(session, own, cast.jo)
        assert (mine.household_id, mine.state) == (cast.okafors.id, RsvpState.GOING)
        assert cast.amal.main_carer

        async def moves(carer: Carer, home: Household) -> Left:
            return (await move_carer(session, carer.id, home.id, cast.priya, NOON, LONDON)).result

        assert await moves(cast.amal, cast.marshes) is Left.LAST
        assert await moves(cast.jo, cast.okafors) is Left.ALREADY
        added = NewCarer("C9", CarerFacts("Kit", "Marsh"))
        await add_carer(session, cast.marshes.id, added, cast.priya, NOON, LONDON)
        assert await moves(cast.jo, cast.marshes) is Left.FULL
        cast.reeds.ended_on = TODAY
        assert await moves(cast.jo, cast.reeds) is Left.ENDED


async def test_a_shared_chat_stays_with_who_stays(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        cast.jo.chat_id, cast.jo.speaks = cast.amal.chat_id, False
        cast.jo.shares_chat = cast.amal.shares_chat = True
        await session.flush()
        await move_carer(session, cast.amal.id, cast.okafors.id, cast.priya, NOON, LONDON)
        await session.flush()
        await session.refresh(cast.jo)
        await session.refresh(cast.amal)
        assert (cast.amal.chat_id, cast.jo.chat_id) == (None, 101)
        assert (cast.jo.speaks, cast.jo.shares_chat) == (True, False)


async def test_of_two_who_leave_at_once_one_is_the_last(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)

    async def one_leaves(carer: Carer) -> Left:
        async with database.write() as session:
            return await leaves(session, cast, carer)

    results = await asyncio.gather(one_leaves(cast.amal), one_leaves(cast.jo))
    assert sorted(results) == [Left.DONE, Left.LAST]


async def test_an_edit_of_what_somebody_else_changed_meanwhile_is_told(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        home = cast.reeds
        seen = facts_of_household(home)
        mine = HouseholdFacts(seen.type, seen.approved_on, "South", "Oak", ConstellationRole.SATELLITE)

        async def edit(facts: HouseholdFacts, was: HouseholdFacts) -> tuple[Edited, list[str]]:
            got = await edit_household(session, home.id, facts, mark(was), cast.priya, NOON, LONDON)
            return got.result, list(got.odd)

        assert await edit(mine, seen) == (Edited.SAVED, ["Oak has no hub"])
        assert await edit(mine, seen) == (Edited.OUTDATED, [])
        assert await edit(mine, mine) == (Edited.UNCHANGED, [])
        assert (home.area, home.social_worker_id) == ("South", None)
        assert await deeds(session) == [("household.edit", "household:H1")]


async def test_another_address_ends_the_links_that_went_to_the_one_before(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        jo = cast.jo
        jo.email, jo.email_failed_at = "old@example.org", NOON
        before = facts_of_carer(jo)
        after = CarerFacts("Jo", "Reed", 1971, email="new@example.org", phone="01632 960002", main_carer=True)
        got = await edit_carer(session, jo.id, after, mark(before), cast.priya, NOON, LONDON)
        assert got.result is Edited.SAVED
        assert [jo.page_number, jo.email_failed_at, jo.main_carer, cast.amal.main_carer] == [
            2,
            None,
            True,
            False,
        ]
        entry = (await session.scalars(select(AuditEntry))).one()
        assert sorted(entry.detail["columns"]) == ["birth_year", "email", "main_carer", "phone"]
        assert "example.org" not in str(entry.detail)
        jo.left_on = TODAY
        await session.flush()
        again = await edit_carer(session, jo.id, after, mark(after), cast.priya, NOON, LONDON)
        assert again.result is Edited.NOT_KEPT


async def test_a_household_is_added_and_a_number_is_given_once(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        facts = facts_of_household(cast.okafors)
        kit, kim = NewCarer("C8", CarerFacts("Kit", "Vale")), NewCarer("C9", CarerFacts("Kim", "Vale"))

        async def add(ref: str, *carers: NewCarer) -> tuple[Edited, int | None]:
            got = await add_household(session, ref, facts, carers, cast.priya, NOON, LONDON)
            return got.result, got.taken

        assert await add("H1", kit) == (Edited.REF_TAKEN, 0)
        assert await add("H9", kit, NewCarer("C1", kim.facts)) == (Edited.REF_TAKEN, 2)
        assert await add("H9", kit, kit) == (Edited.REF_TAKEN, 2)
        assert await add("H9", kit, kim) == (Edited.SAVED, None)
        mains = await session.scalars(select(Carer.ref).where(Carer.main_carer, Carer.last_name == "Vale"))
        assert list(mains) == ["C8"]
        third = await add_carer(session, cast.reeds.id, NewCarer("C7", kit.facts), cast.priya, NOON, LONDON)
        assert third.result is Edited.FULL


async def test_constellations_are_judged_by_one_rule(database: Database) -> None:
    hub, satellite = ConstellationRole.HUB, ConstellationRole.SATELLITE
    assert [odd.text for odd in oddities("Oak", [hub, *[satellite] * 10])] == []
    assert [odd.text for odd in oddities("Oak", [hub, hub, *[satellite] * 11])] == [
        "Oak has 11 satellites, more than 10",
        "Oak has 2 hubs",
    ]
    assert [odd.text for odd in oddities("Oak", [satellite, None])] == ["Oak has no hub"]
    assert oddities("Oak", []) == []
    async with database.write() as session:
        cast = await gather(session)
        cast.reeds.constellation = cast.okafors.constellation = "Oak"
        cast.reeds.constellation_role, cast.okafors.constellation_role = hub, satellite
        cast.marshes.constellation, cast.marshes.ended_on = "Elm", TODAY
        await session.flush()
        found = await list_constellations(session, TODAY)
        assert (found.households, found.of_all) == (2, 2)
        oak = found.found[0]
        assert (oak.name, oak.hubs[0].carers, len(oak.satellites), oak.odd) == (
            "Oak",
            "Amal Reed and Jo Reed",
            1,
            [],
        )
        mine = await list_constellations(session, TODAY, cast.tom.id)
        assert [(one.name, len(one.hubs), len(one.satellites), one.odd) for one in mine.found] == [
            ("Oak", 1, 0, [])
        ]
        assert (mine.households, mine.of_all) == (1, 1)


async def test_households_are_found_by_name_number_and_standing(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        cast.okafors.on_hold_since, cast.okafors.area = TODAY - DAY, "East"
        cast.marshes.ended_on = TODAY
        cast.reeds.ended_on = TODAY + DAY
        await session.flush()

        async def refs(search: HouseholdSearch) -> list[str]:
            return [one.ref for one in (await list_households(session, search, TODAY)).lines]

        assert await refs(HouseholdSearch()) == ["H1", "H2"]
        assert await refs(HouseholdSearch("reed jo")) == ["H1"]
        assert await refs(HouseholdSearch("c3")) == ["H2"]
        assert await refs(HouseholdSearch("%")) == []
        assert await refs(HouseholdSearch(standing=Standing.ON_HOLD, area="East")) == ["H2"]
        assert await refs(HouseholdSearch(standing=Standing.NOTICE)) == ["H1"]
        assert await refs(HouseholdSearch(standing=Standing.ENDED)) == ["H3"]
        assert await refs(HouseholdSearch(standing=Standing.EVERY, social_worker_id=cast.tom.id)) == ["H1"]
        view = await view_household(session, cast.reeds.id, NOON, LONDON, cast.tom.id)
        assert view is not None
        assert [one.name for one in view.members] == ["Amal Reed", "Jo Reed"]
        assert [entry.text for entry in view.timeline] == ["Approval ends", "Approved"]
        event = await invited_event(session, cast, starts_at=NOON + DAY)
        await taps(session, event, cast.jo, Choice.GOING)
        await tick(session, event.id, cast.jo.id, AttendanceState.ATTENDED, cast.priya, NOON + DAY)
        later = await view_household(session, cast.reeds.id, NOON + 2 * DAY, LONDON)
        assert later is not None
        assert (later.counts.invited, later.counts.answered, later.counts.attended) == (2, 1, 1)
        assert [entry.text for entry in later.timeline] == [
            "Coffee Afternoon: one came",
            "Approval ends",
            "Invited to Coffee Afternoon: 1 of 2 answered",
            "Approved",
        ]
        assert await view_household(session, cast.okafors.id, NOON, LONDON, cast.tom.id) is None


async def test_figures_count_who_left_until_they_left(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        end = NOON + DAY
        before = await carers_reached(session, TODAY, end)
        await leaves(session, cast, cast.amal)
        assert before == (4, 4)
        assert await carers_reached(session, TODAY, end) == (3, 3)
        assert (await carers_reached(session, TODAY - DAY, end))[1] == 4
        cast.jo.birth_year = 1980
        await session.flush()
        born = [one.birth_year for one in await approvals(session)]
        assert born == [1980, 1968, 1968]


async def test_the_join_link_and_what_is_on_go_by_the_local_day(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, starts_at=JUST_AFTER_MIDNIGHT + DAY)
        mine = await invitation_of(session, event, cast.sam)
        cast.okafors.ended_on = date(2025, 6, 4)
        await session.flush()
        before = JUST_AFTER_MIDNIGHT - timedelta(hours=1)
        assert len((await whats_on(session, cast.sam, 1, before, LONDON)).lines) == 1
        assert (await whats_on(session, cast.sam, 1, JUST_AFTER_MIDNIGHT, LONDON)).lines == ()
        assert (await ask_to_join(session, mine.id, cast.sam, before, LONDON)).door is Door.NOT_ONLINE
        asked = await ask_to_join(session, mine.id, cast.sam, JUST_AFTER_MIDNIGHT, LONDON)
        assert asked.door is Door.NOT_YOURS
        delivery = (await session.scalars(select(Delivery).where(Delivery.carer_id == cast.sam.id))).one()
        compose = composers(LONDON)["invitation"]
        assert isinstance(await compose(session, delivery, before), Content)
        assert await compose(session, delivery, JUST_AFTER_MIDNIGHT) == GONE
        assert await forget_ended(session, before, LONDON) == 0
        assert await forget_ended(session, JUST_AFTER_MIDNIGHT, LONDON) == 1
