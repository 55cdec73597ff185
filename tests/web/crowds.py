"""Events with many parties, for pages that show a list: who waits for a place, and a ballot."""

from dataclasses import dataclass
from datetime import date, timedelta

from events.invitations import send_invitations_now
from events.planning import EventPlan, plan_event
from events.rsvp import Choice, Party, answer, set_party
from storage.engine import Database, Session
from storage.events import Allocation, Event, RsvpBy
from storage.households import Carer, Household, HouseholdType
from storage.rsvp import Invitation
from storage.rsvp_queries import invitations_of_event
from tests.support.cast import NOON, Cast
from tests.support.console import LONDON

FIRST = ("Ada", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gwen", "Hal", "Ida", "Jack")
LAST = ("Ash", "Birk", "Cole", "Dale", "Elm", "Ford", "Gill", "Hay", "Ives", "Jones")


@dataclass(frozen=True)
class Crowd:
    """An event with the carers of its parties in the order in which they answered."""

    event: int
    carers: tuple[Carer, ...]
    invitations: tuple[int, ...]
    reeds: int
    """The invitation of the Reeds."""


async def more_carers(session: Session, count: int, first: int = 100) -> list[Carer]:
    """One carer each of as many households, none of them anybody's but the service's."""
    homes = [
        Household(
            ref=f"H{first + number}",
            type=HouseholdType.MAINSTREAM,
            approved_on=date(2019, 6, 1),
            area="North",
        )
        for number in range(count)
    ]
    session.add_all(homes)
    await session.flush()
    carers = [
        Carer(
            ref=f"C{first + number}",
            household_id=home.id,
            main_carer=True,
            first_name=FIRST[number % 10],
            last_name=LAST[number // 10 % 10],
            birth_year=1968,
            chat_id=10_000 + first + number,
            linked_at=NOON,
        )
        for number, home in enumerate(homes)
    ]
    session.add_all(carers)
    await session.flush()
    return carers


async def plan(session: Session, cast: Cast, title: str, days: int = 20, **more: object) -> Event:
    """A family outing in so many days, invitations sent."""
    starts = NOON + timedelta(days=days)
    usual = {
        "kind": "social",
        "venue": "The Mill",
        "draft": True,
        "rsvp_by": RsvpBy.HOUSEHOLD,
        "description": "A day out for all the family.",
    }
    event = await plan_event(
        session,
        EventPlan(
            title=title,
            starts_at=starts,
            ends_at=starts + timedelta(hours=3),
            **{**usual, **more},  # type: ignore[arg-type]  # the plan's own fields
        ),
        cast.priya,
        NOON,
    )
    await send_invitations_now(session, event.id, cast.priya, NOON, LONDON)
    return event


async def going(session: Session, event: Event, carers: list[Carer], extra: list[int]) -> tuple[int, ...]:
    """These carers say Going, one after another, the household of each with ``extra`` children."""
    of_household: dict[int, Invitation] = {
        row.household_id: row for row in await invitations_of_event(session, event.id)
    }
    answered = []
    for number, carer in enumerate(carers):
        invitation, now = of_household[carer.household_id], NOON + timedelta(minutes=number)
        if more := extra[number % len(extra)]:
            await set_party(session, invitation.id, carer, Party(1, 0, more), now, LONDON)
        await answer(session, invitation.id, carer, Choice.GOING, now, LONDON)
        answered.append(invitation.id)
    return tuple(answered)


async def with_a_waiting_list(database: Database, cast: Cast, waiting: int = 8) -> Crowd:
    """A farm visit for ten, full with the Reeds and others; of ``waiting`` households most want more than one
    place."""
    async with database.write() as session:
        carers = [cast.amal, *await more_carers(session, 4 + waiting)]
        event = await plan(session, cast, "Farm visit", capacity=10)
        took = await going(session, event, carers, [1, 1, 1, 1, 1, 3, 0, 2, 1, 0, 2, 1, 4])
        return Crowd(event.id, tuple(carers[5:]), took[5:], took[0])


async def with_a_ballot(database: Database, cast: Cast, entries: int = 40, places: int = 24) -> Crowd:
    """Tickets for the panto: the Reeds and others have entered; answers close in ten days."""
    async with database.write() as session:
        carers = [cast.amal, *await more_carers(session, entries - 1)]
        event = await plan(
            session,
            cast,
            "Panto tickets",
            capacity=places,
            allocation=Allocation.BALLOT,
            rsvp_deadline=NOON + timedelta(days=10),
        )
        entered = await going(session, event, carers, [1, 0, 3, 2, 1])
        return Crowd(event.id, tuple(carers), entered, entered[0])
