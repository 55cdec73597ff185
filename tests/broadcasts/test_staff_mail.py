"""Staff are told as carers are: by the way that works, or the one that they chose; and by none twice."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.compose import Composers
from broadcasts.bounces import Bounce, Noted, note_bounce
from broadcasts.sender import Unknown, Unreachable
from broadcasts.sign_in_mail import AT_MOST, WITHIN, ask_for_sign_in_mail
from carers.linking import new_link, redeem
from carers.staff_ways import (
    WayChosen,
    address_changed,
    choose_staff_way,
    staff_out_of_reach,
    staff_ways_changed,
    way_of_staff,
)
from storage.conversations_queries import staff_to_tell, staff_who_prefer_mail
from storage.deliveries import DeliveryState
from storage.engine import Database
from storage.households import Channel
from storage.routing import reroute
from storage.staff import Role, SignInLink, SignInWay, StaffMember
from storage.ways import note_mail
from tests.broadcasts.two_ways import NO_SUCH_ADDRESS, TwoWays, set_two_ways
from tests.support.cast import NOON

APP, EMAIL = Channel.APP, Channel.EMAIL
SENT, UNKNOWN, FAILED = DeliveryState.SENT, DeliveryState.UNKNOWN, DeliveryState.FAILED
QUEUED, SKIPPED, MISSED = DeliveryState.QUEUED, DeliveryState.SKIPPED, DeliveryState.MISSED
PRIYA, DEE, TOM = "priya@rowdale.example", "dee@rowdale.example", "Tom@rowdale.example"
MINUTE = timedelta(minutes=1)
BLOCKED = Unreachable("blocked")


@pytest.fixture
async def stage(database: Database) -> TwoWays:
    """Priya has app and address, Dee both and wants email, Tom an address alone; Ash has neither."""
    stage = await set_two_ways(database)
    await stage.change(stage.cast.priya, email=PRIYA)
    await stage.change(stage.cast.dee, email=DEE, chat_id=903, channel=EMAIL)
    await stage.change(stage.cast.tom, email=TOM, chat_id=None)
    await stage.change(stage.cast.ash, chat_id=None)
    return stage


async def asked(stage: TwoWays, address: str, minutes: int = 0) -> bool:
    async with stage.database.write() as session:
        return await ask_for_sign_in_mail(session, address, NOON + minutes * MINUTE)


async def ways(stage: TwoWays, who: StaffMember) -> None:
    """What everything that changes somebody's way does last."""
    async with stage.database.write() as session:
        await staff_ways_changed(session, who.id, NOON)


async def test_each_is_told_by_the_way_that_they_chose_or_that_works(stage: TwoWays) -> None:
    cast = stage.cast
    await stage.queue("staff_alert", cast.priya, cast.dee, cast.tom, cast.ash)
    assert await stage.channels() == [APP, EMAIL, EMAIL, APP]
    await stage.go()
    await stage.mail()
    assert await stage.stands() == [(SENT, None), (SENT, None), (SENT, None), (SKIPPED, "no_app")]
    assert [to.address for to, _ in stage.mailer.arrived] == [DEE, TOM]
    to = stage.mailer.arrived[1][0]
    assert (to.carer_id, to.first_name, to.topic, to.language) == (None, "Tom", None, "en")
    async with stage.database.read() as session:
        assert await staff_to_tell(session, tuple(Role)) == sorted([cast.priya.id, cast.dee.id, cast.tom.id])
        assert await staff_who_prefer_mail(session, [cast.priya.id, cast.dee.id, cast.tom.id]) == [
            cast.dee.id
        ]


async def test_what_waits_follows_staff_whose_way_changes(stage: TwoWays) -> None:
    priya, tom, ash = stage.cast.priya, stage.cast.tom, stage.cast.ash
    await stage.queue("staff_alert", priya, tom, ash)
    await stage.go(NOON)
    await stage.queue("staff_alert", priya, about="b")
    async with stage.database.write() as session:
        assert await choose_staff_way(session, priya.id, EMAIL, NOON) is WayChosen.CHOSEN
        assert await choose_staff_way(session, priya.id, EMAIL, NOON) is WayChosen.SAME
        assert await choose_staff_way(session, tom.id, APP, NOON) is WayChosen.NO_APP
        assert await choose_staff_way(session, ash.id, EMAIL, NOON) is WayChosen.NO_EMAIL
        assert await choose_staff_way(session, 0, None, NOON) is WayChosen.NOT_FOUND
        token = await new_link(session, tom, NOON)
        await redeem(session, token, 955, NOON, today=NOON.date())
        await address_changed(
            session, await session.get_one(StaffMember, ash.id), " ash@rowdale.example ", NOON
        )
    # What Priya waits for goes by email, what Tom waits for in the chat that he has just connected, and Ash,
    # whom nothing reached, is told after all.
    assert await stage.channels() == [APP, APP, EMAIL, EMAIL]
    await stage.go(NOON)
    await stage.mail(NOON)
    assert await stage.stands() == [(SENT, None)] * 4
    assert [request.chat_id for request in stage.sender.requests] == [901, 955]


async def test_an_address_that_refuses_mail_is_noted_and_its_owner_told_in_the_app(stage: TwoWays) -> None:
    dee, tom = stage.cast.dee, stage.cast.tom
    await stage.queue("staff_alert", dee, tom)
    stage.mailer.will(NO_SUCH_ADDRESS, NO_SUCH_ADDRESS)
    await stage.mail()
    assert await stage.stands() == [(QUEUED, None), (FAILED, "no_such_address")]
    await stage.go()
    assert (await stage.stands())[0] == (SENT, None)
    async with stage.database.read() as session:
        found = await way_of_staff(session, dee.id)
        assert found is not None
        assert (found.chosen, found.way, found.email_failed_reason) == (EMAIL, APP, "no_such_address")
        missed = await staff_out_of_reach(session)
    assert [(one.id, one.reason, one.since, one.told) for one in missed] == [
        (stage.cast.ash.id, "no_way", None, False),
        (dee.id, "email_failed", NOON, True),
        (tom.id, "email_failed", NOON, False),
    ]
    async with stage.database.write() as session:  # put right, it is told what it missed
        await address_changed(session, await session.get_one(StaffMember, tom.id), "t@rowdale.example", NOON)
        assert tom.id not in [one.id for one in await staff_out_of_reach(session)]
    await stage.mail()
    assert (await stage.stands())[1] == (SENT, None)


async def test_a_mail_that_comes_back_says_so_of_the_address_of_staff(stage: TwoWays) -> None:
    await stage.queue("staff_alert", stage.cast.dee)
    await stage.mail()
    (delivery,) = await stage.deliveries()
    async with stage.database.write() as session:
        noted = [await note_bounce(session, delivery.id, Bounce.GONE, "no_such_address", NOON) for _ in "ab"]
    assert noted == [Noted.ADDRESS_GONE, Noted.NOTHING]
    assert (await stage.channels(), await stage.stands()) == ([APP], [(QUEUED, None)])


async def test_who_shut_the_bot_out_is_told_by_email_from_then_on(stage: TwoWays) -> None:
    priya, ash = stage.cast.priya, stage.cast.ash
    await stage.change(ash, chat_id=904)
    await stage.queue("staff_alert", priya, ash)
    stage.sender.will(BLOCKED, BLOCKED)
    await stage.go()
    await stage.mail()
    assert await stage.stands() == [(SENT, None), (FAILED, "blocked")]
    await stage.queue("staff_alert", priya, about="b")
    assert (await stage.channels())[-1] == EMAIL
    stage.mailer.will(NO_SUCH_ADDRESS)
    stage.sender.will(BLOCKED)
    await stage.mail()
    await stage.go()
    assert (await stage.stands())[-1] == (FAILED, "blocked"), "neither works, and that ends it"


async def test_who_has_left_is_told_nothing(stage: TwoWays) -> None:
    dee = stage.cast.dee
    await stage.queue("staff_alert", dee)
    await stage.change(dee, left_on=NOON.date())
    await ways(stage, dee)
    assert (await stage.mail(), await stage.channels()) == (0, [APP])
    await stage.go()
    assert await stage.stands() == [(SKIPPED, "no_app")]
    async with stage.database.read() as session:
        assert await staff_to_tell(session, (), {dee.id}) == []
        assert await way_of_staff(session, dee.id) is None


async def test_staff_are_told_in_the_app_alone_once_the_service_sends_no_mail(stage: TwoWays) -> None:
    await stage.queue("staff_alert", stage.cast.dee, stage.cast.tom)
    async with stage.database.write() as session:
        await note_mail(session, False, NOON)
        await reroute(session, NOON)
    await stage.go()
    assert await stage.stands() == [(SENT, None), (SKIPPED, "no_app")]
    assert await asked(stage, DEE) is False
    async with stage.database.write() as session:
        await note_mail(session, True, NOON)
        await reroute(session, NOON)
    await stage.mail()
    assert await stage.stands() == [(SENT, None), (SENT, None)]


async def test_a_link_goes_by_email_alone_at_any_hour_and_not_to_everybody(stage: TwoWays) -> None:
    night = 13 * 60
    assert await asked(stage, PRIYA.upper() + " ", night)
    assert [await asked(stage, address, night) for address in ("", "who@rowdale.example", "x")] == [False] * 3
    await stage.change(stage.cast.ash, email=TOM.lower())
    assert not await asked(stage, TOM, night), "two have this address"
    await stage.change(stage.cast.ash, email=DEE, left_on=NOON.date())
    await stage.change(stage.cast.dee, email_failed_at=NOON)
    assert await asked(stage, DEE, night), "asked for in so many words, and the other has left"
    assert await stage.channels() == [EMAIL, EMAIL]
    assert await stage.go(NOON + night * MINUTE) == 0
    await stage.mail(NOON + night * MINUTE)
    assert await stage.stands() == [(SENT, None)] * 2
    assert [to.address for to, _ in stage.mailer.arrived] == [PRIYA, DEE]


async def test_nobody_gets_more_than_a_few_links_in_a_quarter_of_an_hour(stage: TwoWays) -> None:
    assert [await asked(stage, PRIYA, minute) for minute in range(AT_MOST + 1)] == [True] * AT_MOST + [False]
    assert await asked(stage, TOM, 3)
    assert await asked(stage, PRIYA, int(WITHIN / MINUTE))


async def test_a_link_that_is_late_or_in_doubt_is_not_sent_again(stage: TwoWays) -> None:
    assert await asked(stage, PRIYA)
    assert await asked(stage, TOM)
    stage.mailer.will(Unknown("no_answer"))
    await stage.mail()
    assert await stage.stands() == [(UNKNOWN, "no_answer"), (SENT, None)]
    await stage.mail(NOON + 10 * MINUTE)
    assert len(stage.mailer.asked) == 2
    assert await asked(stage, DEE)
    await stage.mail(NOON + 15 * MINUTE)
    assert (await stage.stands())[-1] == (MISSED, "late")


async def test_each_try_makes_a_link_of_its_own_and_the_ledger_has_none(stage: TwoWays) -> None:
    composers = Composers()
    assert await asked(stage, PRIYA)
    (delivery,) = await stage.deliveries()
    async with stage.database.write() as session:
        one, two = [await composers.notice(session, delivery, NOON) for _ in range(2)]
        links = (await session.scalars(select(SignInLink))).all()
    assert one != two
    assert [(link.way, link.expires_at) for link in links] == [(SignInWay.EMAIL, NOON + 15 * MINUTE)] * 2
    await stage.change(stage.cast.priya, left_on=NOON.date())
    async with stage.database.write() as session:
        assert await composers.notice(session, delivery, NOON) is not None
        assert len((await session.scalars(select(SignInLink))).all()) == 2
