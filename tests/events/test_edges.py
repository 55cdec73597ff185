"""What is out when an event changes under it: offers, draws, links, and who comes to it late."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from broadcasts.sender import Skip
from events.adjusting import Thing, adjusted
from events.ballot import draw_due, draws_of
from events.calendar import calendar_file
from events.cards import card_for
from events.choices import Choice, Result, closes_at
from events.drafting import Step, Wrong, read_answer
from events.holds import LONDON, held_until
from events.invitations import invite_newcomer, invite_the_missing, send_due_invitations
from events.notices import COMPOSERS, join_link
from events.pattern import Pattern
from events.phoned import answer_for
from events.planning import Changed, Problem, change_event, plan_of, problems
from events.reminders import queue_join_links
from events.rhythm import NAMED
from events.rsvp import Party, set_party
from events.series import SeriesPlan, plan_series
from events.waitlist import expire_offers
from storage.engine import Database, Session
from storage.events import Allocation, Event, Mode
from storage.households import Carer
from storage.rsvp import Card, Invitation, RsvpState
from storage.rsvp_inviting import carry_along
from storage.series_queries import events_of_series
from tests.events.acts import (
    HOUSEHOLD,
    HYBRID,
    IN_TWO_WEEKS,
    give_card,
    invitation_of,
    invited_event,
    plan,
    queued,
    taps,
    told,
)
from tests.support.cast import NOON, Cast, gather

GOING, NOT_GOING = Choice.GOING, Choice.NOT_GOING
LINK = "https://meet.example/secret-room"


@pytest.fixture
async def session(database: Database) -> AsyncIterator[Session]:
    async with database.write() as session:
        yield session


async def move(session: Session, event: Event, cast: Cast, **by: int) -> Changed:
    """Staff move the event, an hour after noon."""
    plan, moves = plan_of(event), timedelta(**by)
    moved = replace(plan, starts_at=plan.starts_at + moves, ends_at=plan.ends_at + moves)
    later = NOON + timedelta(hours=1)
    return (await change_event(session, event.id, moved, cast.priya, later)).result


async def offered(session: Session) -> tuple[Cast, Event, Invitation]:
    """The only place of an event in two weeks is offered to Sam."""
    cast = await gather(session)
    event = await invited_event(session, cast, capacity=1)
    await taps(session, event, cast.amal, GOING)
    await taps(session, event, cast.sam, GOING)
    await taps(session, event, cast.amal, NOT_GOING)
    sams = await invitation_of(session, event, cast.sam)
    assert sams.state is RsvpState.OFFERED
    return cast, event, sams


async def test_an_offer_for_an_event_that_comes_forward_ends_by_the_clock_of_its_new_day(
    session: Session,
) -> None:
    cast, event, sams = await offered(session)
    before = sams.offer_expires_at
    assert await move(session, event, cast, days=-13) is Changed.CHANGED
    assert sams.offer_expires_at == held_until(NOON + timedelta(hours=1), event.starts_at, LONDON)
    assert before is not None
    assert sams.offer_expires_at is not None
    assert sams.offer_expires_at < min(before, event.starts_at)


async def test_an_offer_for_an_event_put_off_leaves_the_usual_time_to_think(session: Session) -> None:
    cast, event, sams = await offered(session)
    await move(session, event, cast, days=-13)
    await move(session, event, cast, days=20)
    assert sams.offer_expires_at == held_until(NOON + timedelta(hours=1), event.starts_at, LONDON)


async def test_an_offer_for_an_event_that_begins_within_two_hours_ends_with_its_start(
    session: Session,
) -> None:
    cast, event, sams = await offered(session)
    await move(session, event, cast, days=-14, hours=2)
    assert sams.offer_expires_at == event.starts_at
    assert await expire_offers(session, event.starts_at) == 1
    assert event.taken == 0


async def drawn(session: Session) -> tuple[Cast, Event]:
    """Sam alone entered a draw of one place, seven days before the event, and has it offered."""
    cast = await gather(session)
    event = await invited_event(session, cast, capacity=1, allocation=Allocation.BALLOT)
    await taps(session, event, cast.sam, GOING)
    assert await draw_due(session, closes_at(event)) == 1
    return cast, event


async def newcomer(session: Session, cast: Cast) -> Carer:
    carer = Carer(ref="C9", household_id=cast.okafors.id, first_name="Ana", last_name="Okafor", chat_id=109)
    session.add(carer)
    await session.flush()
    return carer


async def test_nobody_is_invited_to_a_draw_that_has_been_made_though_the_event_is_put_off(
    session: Session,
) -> None:
    cast, event = await drawn(session)
    plan = plan_of(event)
    later = closes_at(event) + timedelta(hours=1)
    by = timedelta(days=30)
    moved = replace(plan, starts_at=plan.starts_at + by, ends_at=plan.ends_at + by)
    await change_event(session, event.id, moved, cast.priya, later)
    ana = await newcomer(session, cast)
    assert await invite_newcomer(session, ana, later) == 0
    assert await invite_the_missing(session, later) == 0


async def test_who_is_linked_after_answers_have_closed_gets_the_offer_that_waits_for_them(
    session: Session,
) -> None:
    cast, event = await drawn(session)
    moment = closes_at(event) + timedelta(minutes=5)
    before = len(await queued(session, "invitation"))
    cast.sam.chat_id, cast.sam.linked_at = 555, moment
    cast.lin.chat_id, cast.lin.linked_at = 556, moment
    for row in await queued(session, "invitation"):
        row.state = row.state.SKIPPED
    await session.flush()
    assert await invite_newcomer(session, cast.lin, moment) == 0
    assert await invite_newcomer(session, cast.sam, moment) == 1
    sent = (await queued(session, "invitation"))[before:]
    assert [(row.carer_id, row.send_by) for row in sent] == [(cast.sam.id, event.starts_at)]


async def test_a_draw_that_nobody_had_entered_leaves_the_event_open_to_first_come(session: Session) -> None:
    cast = await gather(session)
    event = await invited_event(session, cast, capacity=1, allocation=Allocation.BALLOT)
    drawn_at = closes_at(event)
    assert await draw_due(session, drawn_at) == 1
    assert (await taps(session, event, cast.amal, GOING, drawn_at)).result is Result.CLOSED
    plan = replace(plan_of(event), allocation=Allocation.FIRST_COME)
    assert (await change_event(session, event.id, plan, cast.priya, drawn_at)).result is Changed.CHANGED
    assert (await taps(session, event, cast.amal, GOING, drawn_at)).result is Result.GOING


async def test_the_join_link_is_left_out_of_what_staff_wrote_around_it(session: Session) -> None:
    cast = await gather(session)
    event = await invited_event(
        session,
        cast,
        mode=HYBRID,
        online_url=LINK,
        map_url=LINK,
        venue=f"The Hall or {LINK}",
        description=f"Join at {LINK} from 7.",
    )
    await taps(session, event, cast.amal, Choice.IN_PERSON)
    amals = await invitation_of(session, event, cast.amal)
    card = await card_for(session, amals.id, cast.amal, NOON)
    file = await calendar_file(session, amals.id, cast.amal, NOON)
    assert card is not None
    assert file is not None
    assert card["venue"] == "The Hall or …"
    for text in (json.dumps(card), file.content.replace("\r\n ", "")):
        assert "secret-room" not in text


async def test_a_link_that_was_queued_before_the_event_was_put_off_does_not_go_out_early(
    session: Session,
) -> None:
    cast = await gather(session)
    event = await invited_event(session, cast, mode=HYBRID, online_url=LINK)
    await taps(session, event, cast.amal, Choice.ONLINE)
    soon = IN_TWO_WEEKS - timedelta(minutes=30)
    assert await queue_join_links(session, event, soon) == 1
    [delivery] = await queued(session, "join_link")
    event.starts_at += timedelta(days=1)
    event.ends_at += timedelta(days=1)
    assert isinstance(await join_link(session, delivery, soon), Skip)


@pytest.mark.parametrize("text", ["0", "100001", "0000001000000", "00000001" + "9" * 4000, "-1", "1e3", "٣"])
def test_a_number_of_places_that_no_hall_has_is_refused(text: str) -> None:
    assert read_answer(Step.CAPACITY, text, {}, NOON, LONDON, ()) is Wrong.NOT_A_NUMBER


@pytest.mark.parametrize(
    ("allocation", "wrong"),
    [(Allocation.BALLOT, (Problem.DEADLINE_AFTER_START,)), (Allocation.FIRST_COME, ())],
)
def test_a_ballot_that_closed_with_the_start_would_never_be_drawn(
    allocation: Allocation, wrong: tuple[Problem, ...]
) -> None:
    assert problems(plan(allocation=allocation, rsvp_deadline=IN_TWO_WEEKS)) == wrong
    assert problems(plan(allocation=allocation, rsvp_deadline=IN_TWO_WEEKS - timedelta(minutes=1))) == ()


async def test_a_carer_who_moves_to_another_household_answers_on(session: Session) -> None:
    cast = await gather(session)
    event = await invited_event(session, cast, capacity=10)
    await taps(session, event, cast.jo, GOING)
    past = await invited_event(session, cast, title="Walk")
    past.starts_at = NOON - timedelta(hours=1)
    family = await invited_event(session, cast, title="Picnic", rsvp_by=HOUSEHOLD)
    reeds = await invitation_of(session, family, cast.amal)
    for carer in (cast.amal, cast.jo):
        await give_card(session, reeds, carer)
    await give_card(session, await invitation_of(session, event, cast.jo), cast.jo, 8)
    cast.jo.household_id = cast.okafors.id
    await session.flush()
    await carry_along(session, [cast.jo.id], NOON)
    jos, walk = [await invitation_of(session, each, cast.jo) for each in (event, past)]
    for invitation in (jos, walk):
        await session.refresh(invitation)
    assert (jos.household_id, walk.household_id) == (cast.okafors.id, cast.reeds.id)
    assert (await taps(session, event, cast.jo, NOT_GOING)).result is Result.NOT_GOING
    cards = (await session.scalars(select(Card).order_by(Card.id))).all()
    assert [(card.carer_id, card.message_id) for card in cards] == [(cast.amal.id, 7), (cast.jo.id, 8)]
    waiting = [each for each in await queued(session, "invitation") if each.event_id == family.id]
    said = {each.carer_id: await COMPOSERS["invitation"](session, each, NOON) for each in waiting}
    assert isinstance(said[cast.jo.id], Skip)
    assert not isinstance(said[cast.amal.id], Skip)


@pytest.mark.parametrize("allocation", list(Allocation))
async def test_a_deadline_that_is_over_before_anybody_is_invited_keeps_nobody_from_answering(
    session: Session, allocation: Allocation
) -> None:
    cast = await gather(session)
    weekly = Pattern("Coffee", "social", time(12), 60, capacity=9, allocation=allocation, deadline_days=7)
    first = (NOON + timedelta(days=3)).date()
    series = await plan_series(session, SeriesPlan(weekly, NAMED["weekly"], first), None, NOON, LONDON)
    assert await send_due_invitations(session, NOON, LONDON) > 0
    soon, later, *_ = await events_of_series(session, series.id)
    assert soon.rsvp_deadline is None
    assert later.rsvp_deadline == later.starts_at - timedelta(days=7) + timedelta(hours=5)
    wanted = Result.GOING if allocation is Allocation.FIRST_COME else Result.BALLOT_ENTERED
    assert (await taps(session, soon, cast.amal, GOING)).result is wanted
    sent = [each for each in await queued(session, "invitation") if each.event_id == soon.id]
    assert all(each.send_by > NOON for each in sent)


async def test_a_larger_party_takes_nothing_from_those_who_wait_while_staff_decide(session: Session) -> None:
    cast = await gather(session)
    event = await invited_event(session, cast, rsvp_by=HOUSEHOLD, capacity=2)
    for carer in (cast.amal, cast.sam, cast.lin):
        await taps(session, event, carer, GOING)
    late = event.starts_at - timedelta(hours=1)
    await taps(session, event, cast.sam, NOT_GOING, late)
    reeds = await invitation_of(session, event, cast.amal)
    larger = await set_party(session, reeds.id, cast.amal, Party(adults=2), late)
    assert (larger.result, event.taken) == (Result.FULL, 1)
    assert (
        await answer_for(session, reeds.id, GOING, cast.priya, late, party=Party(2))
    ).result is Result.SAVED
    assert event.taken == 2


async def test_who_lost_is_not_told_so_again_when_the_places_are_drawn_anew_online(session: Session) -> None:
    cast = await gather(session)
    tickets: dict[str, Any] = {
        "mode": HYBRID,
        "capacity": 1,
        "online_capacity": 1,
        "allocation": Allocation.BALLOT,
    }
    event = await invited_event(session, cast, rsvp_by=HOUSEHOLD, **tickets)
    for carer in (cast.amal, cast.sam, cast.lin):
        await taps(session, event, carer, Choice.IN_PERSON)
    drawn_at = closes_at(event)
    await draw_due(session, drawn_at)
    lost = await told(session, "ballot_lost")
    online = replace(plan_of(event), mode=Mode.ONLINE, online_capacity=2)
    await change_event(session, event.id, online, cast.priya, drawn_at)
    assert len(await draws_of(session, event.id)) == 2
    assert await told(session, "ballot_lost") == lost


@pytest.mark.parametrize(("to", "closes"), [(3, 2), (1, None), (20, 8)])
def test_an_event_brought_forward_in_the_chat_does_not_close_answers_that_were_open(
    to: int, closes: int | None
) -> None:
    asked = plan(rsvp_deadline=NOON + timedelta(days=2))
    moved = adjusted(asked, Thing.STARTS, (NOON + timedelta(days=to)).isoformat(), NOON)
    assert moved.rsvp_deadline == (None if closes is None else NOON + timedelta(days=closes))
