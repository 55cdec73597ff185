"""The demo's service: 124 invented households with ten years behind them and a year's programme ahead.

`make_service` writes it into an empty database and returns the people of the sandbox. One seed and one
moment give the same service every time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from events.holds import LONDON
from sandbox.demo_history import History, write_history
from sandbox.demo_listening import add_nominations, tell_what_came_of_it
from sandbox.demo_office import Person, add_audiences, add_staff, add_threads, give_notice, staff_people
from sandbox.demo_programme import add_programme
from sandbox.demo_register import REGISTER_SINCE, Home, RegisterMaker
from sandbox.demo_surveys import (
    FAREWELLS,
    ask_of_training,
    collect_as_it_happened,
    hold_past_rounds,
    plan_open_round,
)
from sandbox.demo_training import courses_of, places_taken, training_years
from sandbox.server import Sandbox
from sandbox.state import FIRST_USER_ID
from storage.attendance import Attendance
from storage.bulk import insert_rows
from storage.engine import Database, Session
from storage.events import Event, EventState
from storage.households import Carer, Channel, Group, GroupMember, Household, Language, OptOut
from storage.staff import Role
from surveys.keys import RoundKeys

SEED = 1974
SERVICE = "Fostering Riverside"
GROUPS = {
    "evening-support-group": (34, "Once a month at half past seven, in person or online."),
    "daytime-support-group": (26, "Once a month on a weekday morning, in person or online."),
    "baby-carers": (14, "For carers of babies and toddlers. Bring them along."),
    "households-with-birth-children-8-16": (38, ""),
    "working-together-group": (12, ""),
}
"""Carers in each group, about; and what carers who may join it themselves read of it."""

NO_APP, BLOCKED, STOPPED, PAUSED = 22, 4, 3, 2
"""Carers without the app, who blocked the bot, who wrote /stop, who pause."""
BY_EMAIL, BY_LETTER = 12, 4
"""Of those without the app, who reads email and who gets letters. The rest nobody reaches."""

STRANGER_CHAT = FIRST_USER_ID + 2000
SOON = timedelta(days=3)
"""The events that are invited to as the demo begins lie at least this far ahead."""


@dataclass(slots=True)
class _Cast:
    """The carers with a part of their own."""

    both_at_home: Household
    both: list[Carer]
    urdu: Carer
    alone: Carer
    newcomer: Carer

    @property
    def players(self) -> list[Carer]:
        return [*self.both, self.urdu, self.alone, self.newcomer]


async def make_service(
    database: Database,
    keys: RoundKeys,
    now: datetime,
    *,
    seed: int = SEED,
    zone: ZoneInfo = LONDON,
) -> list[Person]:
    """Write the service into a migrated database; ``now`` is aware UTC. Raises ValueError if it is not empty.

    The register, the programme and the history are one transaction: a crash leaves nothing half made.
    """
    random = Random(seed)
    if not await is_empty(database):
        raise ValueError("there is a service in this database already")
    async with database.write() as session:
        maker = RegisterMaker(random, now.astimezone(zone).date())
        staff = await add_staff(session, now)
        homes = maker.current()
        maker.share_out(homes, [one.id for one in staff if one.role is Role.SOCIAL_WORKER])
        cast = _cast(homes)
        cast.both_at_home.social_worker_id = staff[0].id  # whose part the visitor can play
        leaving = next(home for home in reversed(homes) if home.carers[0] not in cast.players)
        give_notice(leaving.household, now.astimezone(zone).date())
        _connect(homes, cast, random, now)
        former = list(maker.left())
        _stay_connected(former, now)
        await _add_homes(session, [*homes, *former])
        await _add_choices(session, homes, cast, random)
        members = await _add_groups(session, homes, cast, random)
        events = await add_programme(session, now, zone)
        _invite_soon(events, now)
        history = History(random, now, members, _approved(homes, zone))
        for event in events:
            history.live_through(event)
        await write_history(session, history, events)
        await _add_training(session, [*homes, *former], random, now, zone)
        pairs = [(home.household, home.carers) for home in homes]
        await add_threads(session, pairs, staff, random, now)
        await add_audiences(session, staff, now, zone)
        await plan_open_round(session, now, zone)
        people = [*_people(homes, cast), *staff_people(staff), _STRANGER]
    await hold_past_rounds(database, keys, now, zone, random)
    households = [home.household for home in (*homes, *former)]
    await collect_as_it_happened(database, keys, households, staff[0], now, zone, random)
    await ask_of_training(database, keys, now, zone, random)
    async with database.write() as session:
        await tell_what_came_of_it(session, staff, now, now.astimezone(zone).date())
        others = [carer for home in homes for carer in home.carers if carer not in cast.players]
        await add_nominations(session, [one for one in others if one.chat_id], staff[0], now, random)
    return people


async def is_empty(database: Database) -> bool:
    """Whether no service has been written into this database yet."""
    async with database.read() as session:
        return await session.get(Household, 1) is None


def add_people(sandbox: Sandbox, people: Sequence[Person]) -> None:
    """Give everybody of the demo an account in the sandbox."""
    for person in people:
        user = sandbox.add_user(
            person.first_name,
            person.last_name,
            language_code=person.language,
            user_id=person.user_id,
            note=person.note,
            pinned=person.pinned,
        )
        user.started, user.blocked = person.started, person.blocked


def newcomer_ref(sandbox: Sandbox) -> str:
    """The carer whom the visitor may connect: their reference in the register. Raises ``StopIteration``."""
    user = next(user for user in sandbox.users if user.note == _NEWCOMER)
    return f"C{user.id - FIRST_USER_ID}"


def _cast(homes: Sequence[Home]) -> _Cast:
    """Who is played by the visitor: the first that fit."""
    english = [home for home in homes if home.carers[0].language is Language.ENGLISH]
    pair = next(home for home in english if len(home.carers) == 2 and home.household.constellation)
    single = [home for home in english if len(home.carers) == 1]
    urdu = next(home for home in homes if home.carers[0].language is Language.URDU)
    return _Cast(pair.household, pair.carers, urdu.carers[0], single[0].carers[0], single[1].carers[0])


def _connect(homes: Sequence[Home], cast: _Cast, random: Random, now: datetime) -> None:
    """Most carers have connected; some have not, some left again."""
    carers = [carer for home in homes for carer in home.carers]
    others = [carer for carer in carers if carer not in cast.players]
    random.shuffle(others)
    without = {id(carer) for carer in [cast.newcomer, *others[:NO_APP]]}
    for carer in carers:
        if id(carer) not in without:
            carer.chat_id = chat_of(carer)
            carer.linked_at = now - timedelta(days=random.randrange(200, 390))
    for carer in (cast.newcomer, *others[BY_EMAIL:NO_APP]):
        carer.email = None
    for carer in others[BY_EMAIL : BY_EMAIL + BY_LETTER]:
        carer.channel = Channel.LETTER
    rest = others[NO_APP:]
    for carer in rest[:BLOCKED]:
        carer.unreachable_since = now - timedelta(days=random.randrange(5, 80))
        carer.unreachable_reason = "blocked"
    for carer in rest[BLOCKED : BLOCKED + STOPPED]:
        carer.stopped_at = now - timedelta(days=random.randrange(5, 80))
    for carer in rest[BLOCKED + STOPPED : BLOCKED + STOPPED + PAUSED]:
        carer.paused_until = now + timedelta(days=random.randrange(4, 14))


def _stay_connected(former: Sequence[Home], now: datetime) -> None:
    """Who left of late is still connected for a while, and is asked why."""
    for home in former:
        if home.household.ended_on and home.household.ended_on > now.date() - FAREWELLS:
            for carer in home.carers:
                carer.chat_id, carer.linked_at = chat_of(carer), now - timedelta(days=400)


def chat_of(carer: Carer) -> int:
    """The chat that a carer of the demo has, or would have."""
    return FIRST_USER_ID + int(carer.ref[1:])


async def _add_homes(session: Session, homes: Sequence[Home]) -> None:
    session.add_all(home.household for home in homes)
    await session.flush()
    for home in homes:
        for carer in home.carers:
            carer.household_id = home.household.id
    session.add_all(carer for home in homes for carer in home.carers)
    await session.flush()


async def _add_choices(session: Session, homes: Sequence[Home], cast: _Cast, random: Random) -> None:
    """Some carers have turned a kind of notice off."""
    carers = [one for home in homes for one in home.carers if one.chat_id and one not in cast.players]
    topics = ("tickets", "training", "socials", "surveys")
    rows = [{"carer_id": carer.id, "topic": random.choice(topics)} for carer in random.sample(carers, 14)]
    await insert_rows(session, OptOut, rows)


async def _add_groups(
    session: Session, homes: Sequence[Home], cast: _Cast, random: Random
) -> dict[str, list[Carer]]:
    """The groups, and the carers of every audience of the programme."""
    carers = [carer for home in homes for carer in home.carers]
    members = {
        "all": carers,
        "constellation": [one for home in homes if home.household.constellation for one in home.carers],
    }
    for name, (size, about) in GROUPS.items():
        group = Group(name=name, about=about, is_open=bool(about))
        session.add(group)
        await session.flush()
        chosen = random.sample(carers, size)
        chosen += [one for one in (*cast.both, cast.alone) if one not in chosen and name != "baby-carers"]
        members[name] = chosen
        rows = [{"group_id": group.id, "carer_id": carer.id, "from_register": True} for carer in chosen]
        await insert_rows(session, GroupMember, rows)
    return members


def _invite_soon(events: Sequence[Event], now: datetime) -> None:
    """Two events to which everybody is invited within seconds: one for carers, one for families."""
    coming = sorted(
        (event for event in events if event.audience == "all" and event.starts_at > now + SOON),
        key=lambda event: event.starts_at,
    )
    for kinds in (("social", "recognition", "wellbeing"), ("celebration", "tickets", "trip", "youth_club")):
        event = next(one for one in coming if one.kind in kinds)
        event.state, event.invite_at, event.invited_at = EventState.PLANNED, now, None
        if event.rsvp_deadline is not None and event.rsvp_deadline < now + SOON:
            event.rsvp_deadline = None


def _approved(homes: Sequence[Home], zone: ZoneInfo) -> dict[int, datetime]:
    return {
        home.household.id: datetime.combine(home.household.approved_on, datetime.min.time(), zone)
        for home in homes
    }


async def _add_training(
    session: Session, homes: Sequence[Home], random: Random, now: datetime, zone: ZoneInfo
) -> None:
    for year in training_years(now.astimezone(zone).date()):
        courses = courses_of(year, random, zone)
        session.add_all(courses)
        await session.flush()
        await insert_rows(session, Attendance, places_taken(year, courses, homes, random))


_NEWCOMER = "New carer: has a letter with a link"
_STRANGER = Person(
    STRANGER_CHAT, "Robin", "Vale", "en", "A stranger: known to nobody here", pinned=True, started=False
)


def _people(homes: Sequence[Home], cast: _Cast) -> list[Person]:
    notes = {id(carer): f"Carer with {other.first_name}" for carer, other in _both_ways(cast.both)}
    notes |= {id(cast.urdu): "Carer, in Urdu", id(cast.alone): "Carer", id(cast.newcomer): _NEWCOMER}
    people = []
    for home in homes:
        for carer in home.carers:
            plays = id(carer) in notes
            if carer.chat_id is None and not plays:
                continue
            person = Person(
                user_id=chat_of(carer),
                first_name=carer.first_name,
                last_name=carer.last_name,
                language=carer.language.value,
                note=notes.get(id(carer), "Carer, answers by themselves"),
                pinned=plays,
                started=carer.chat_id is not None,
                blocked=carer.unreachable_since is not None,
                carer_ref=carer.ref,
            )
            people.append(replace(person, note="Carer, has blocked the bot") if person.blocked else person)
    return people


def _both_ways(pair: list[Carer]) -> list[tuple[Carer, Carer]]:
    first, second = pair
    return [(first, second), (second, first)]


__all__ = ["REGISTER_SINCE", "SERVICE", "Person", "add_people", "is_empty", "make_service", "newcomer_ref"]
