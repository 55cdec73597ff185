"""The demo's service: that it fits what is known of such services, and holds nothing about a child."""

import asyncio
import re
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager

from events.ballot import verify
from reports.report import Report, make_report
from reports.years import parse_year
from sandbox.demo import Person, add_people, is_empty, make_service, newcomer_ref
from sandbox.demo_names import ANSWERS, FEEDBACK, MESSAGES, REMARKS, SURVEY_COMMENTS
from sandbox.demo_register import REGISTER_SINCE
from sandbox.server import Sandbox
from storage.actions import ServiceAction
from storage.attendance import Attendance, Feedback
from storage.ballot import Draw
from storage.base import Base
from storage.conversations import CarerMessage
from storage.engine import Database, open_database
from storage.events import Event, EventState
from storage.households import Carer, ConstellationRole, Household
from storage.households_queries import approved_on_day
from storage.nominations import Nomination, NominationState
from storage.rsvp import Invitation, RsvpState
from storage.surveys import Round, RoundState
from storage.tables import metadata
from surveys.definition import Occasion
from surveys.keys import RoundKeys
from surveys.results import Results, results
from tests.reports.register import LONDON

CLOSED = RoundState.CLOSED
NOW = datetime(2026, 2, 3, 19, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Person]]:
    """The demo on SQLite, made once for all tests that only look at it; and its people."""
    folder = tmp_path_factory.mktemp("demo")

    async def make() -> list[Person]:
        database = open_database(f"sqlite:///{folder / 'demo.db'}")
        await database.migrate()
        people = await make_service(database, RoundKeys(folder / "keys"), NOW)
        await database.close()
        return people

    with ThreadPoolExecutor(1) as thread:
        people = thread.submit(asyncio.run, make()).result()
    return folder / "demo.db", people


@pytest.fixture
async def lite(made: tuple[Path, list[Person]]) -> AsyncIterator[Database]:
    opened = open_database(f"sqlite:///{made[0]}")
    yield opened
    await opened.close()


async def _report(database: Database, year: str, *, public: bool = False) -> Report:
    async with database.read() as session:
        return await make_report(
            session,
            year=parse_year(year),
            service="Demo",
            zone=LONDON,
            register_since=REGISTER_SINCE,
            now=NOW,
            public=public,
        )


async def test_the_demo_leaves_as_a_real_service_published(database: Database, tmp_path: Path) -> None:
    await make_service(database, RoundKeys(tmp_path / "keys"), NOW)
    report = await _report(database, "2022/23")

    def left(period: str, kind: str) -> object:
        return report.get("deregistered_households", period, household_type=kind).value

    kinds = ("family_and_friends", "mainstream", "all")
    assert [left("2019/20", kind) for kind in kinds] == [1, 19, 20]
    assert [left("2020/21", kind) for kind in kinds] == [2, 22, 24]
    assert [left("2021/22", kind) for kind in kinds] == [4, 32, 36]
    assert [left("2022/23", kind) for kind in kinds] == [2, 23, 25]
    change = report.get("change_on_previous_year", household_type="all").value
    assert change == pytest.approx(-0.3056, abs=1e-4)

    def share(figure_id: str, **group: str) -> tuple[int | None, int | None]:
        figure = report.get(figure_id, **group)
        return figure.numerator, figure.denominator

    assert share("end_route", household_type="all", end_route="resignation") == (23, 25)
    assert share("end_route", household_type="all", end_route="deregistration") == (1, 25)
    assert share("left_within_2_years", household_type="all") == (9, 25)
    assert share("left_after_10_years", household_type="mainstream") == (10, 23)
    assert share("leavers_over_50", household_type="all") == (15, 25)
    assert share("training_places") == (867, None)
    assert share("training_carers") == (221, None)


async def test_the_years_since_are_believable(lite: Database) -> None:
    report = await _report(lite, "2024/25")
    rate = report.get("deregistration_rate", household_type="all").value
    assert rate is not None
    assert 0.08 < rate < 0.25
    curve = [report.get("retention_at_years", years=years).value for years in ("1", "2", "5", "10")]
    assert all(value is not None for value in curve)
    assert curve == sorted(curve, key=lambda value: -(value or 0))
    current = await _report(lite, "2025/26")
    answered = current.get("rsvp_rate").value
    assert answered is not None
    assert 0.4 < answered < 0.9
    reach = current.get("reachable_share").value
    assert reach is not None
    assert 0.75 < reach < 0.95
    response = current.get("survey_response_rate")
    assert response.value is not None
    assert 0.3 < response.value < 0.7


async def test_124_households_about_200_carers_and_more_than_30_per_cent_in_a_constellation(
    lite: Database,
) -> None:
    async with lite.read() as session:
        today = approved_on_day(NOW.date())
        homes = (await session.scalars(select(Household).where(today))).all()
        carers = await session.scalar(select(func.count()).select_from(Carer).join(Household).where(today))
    assert len(homes) == 124
    assert carers == 200
    assert sum(home.notice_on is not None for home in homes) == 1
    members = [home for home in homes if home.constellation]
    assert len(members) / len(homes) > 0.3
    for name in {home.constellation for home in members}:
        roles = [home.constellation_role for home in members if home.constellation == name]
        assert roles.count(ConstellationRole.HUB) == 1
        assert roles.count(ConstellationRole.SATELLITE) <= 10


async def test_of_those_who_left_nothing_is_kept_that_tells_who_they_were(lite: Database) -> None:
    async with lite.read() as session:
        left = (
            await session.scalars(
                select(Carer)
                .join(Carer.household)
                .where(Household.ended_on <= NOW.date())
                .options(contains_eager(Carer.household))
            )
        ).all()
    assert len(left) > 150
    for carer in left:
        assert (carer.first_name, carer.last_name, carer.email, carer.phone) == ("", "", None, None)
    homes = [carer.household for carer in left if carer.chat_id is not None]
    assert all((NOW.date() - (home.ended_on or NOW.date())).days < 90 for home in homes)


async def test_no_capacity_is_oversold_and_places_agree_with_answers(lite: Database) -> None:
    async with lite.read() as session:
        events = (await session.scalars(select(Event))).all()
        going = (await session.scalars(select(Invitation).where(Invitation.state == RsvpState.GOING))).all()
    seats: dict[int, int] = {}
    for invitation in going:
        by_household = invitation.carer_id is None
        seats[invitation.event_id] = seats.get(invitation.event_id, 0) + (
            invitation.people if by_household else 1
        )
    for event in events:
        assert event.taken + event.online_taken == seats.get(event.id, 0)
        assert event.capacity is None or event.taken <= event.capacity
        assert event.online_capacity is None or event.online_taken <= event.online_capacity


async def test_the_programme_reaches_a_year_ahead_and_two_invitations_go_out_at_once(lite: Database) -> None:
    async with lite.read() as session:
        events = (await session.scalars(select(Event).order_by(Event.starts_at))).all()
        rounds = (await session.scalars(select(Round).order_by(Round.opens_at))).all()
    coming = [event for event in events if event.starts_at > NOW]
    assert (coming[-1].starts_at - NOW).days > 330
    assert len({event.title for event in coming}) >= 25
    due = [event for event in coming if event.state is EventState.PLANNED and event.invite_at == NOW]
    assert len(due) == 2
    assert [round.state for round in rounds if round.occasion is None] == [CLOSED, CLOSED, RoundState.DRAFT]


async def test_surveys_of_every_kind_were_answered_and_something_came_of_it(lite: Database) -> None:
    async with lite.read() as session:
        rounds = (await session.scalars(select(Round).order_by(Round.opens_at))).all()
        checks = [round for round in rounds if round.survey == "health-check"]
        found = [await results(session, round.id) for round in checks]
        kinds = {round.occasion for round in rounds if round.took_part}
        actions = (await session.scalars(select(ServiceAction))).all()
        nominations = (await session.scalars(select(Nomination))).all()
    assert [round.took_part >= 50 for round in checks] == [True, True]
    assert all(isinstance(one, Results) for one in found)
    assert kinds == {None, *Occasion}
    assert [action.published_at is not None for action in actions].count(True) >= 3
    assert checks[-1].shared_at is not None
    assert {one.state for one in nominations} == {NominationState.NEW, NominationState.SHORTLISTED}


async def test_nothing_is_on_at_christmas_and_nobody_answers_at_night(lite: Database) -> None:
    async with lite.read() as session:
        starts = (await session.scalars(select(Event.starts_at))).all()
        answers = (await session.scalars(select(Invitation.answered_at))).all()
        ratings = (await session.scalars(select(Feedback.given_at))).all()
        messages = (await session.scalars(select(CarerMessage.received_at))).all()
    days = {(local.month, local.day) for local in (start.astimezone(LONDON) for start in starts)}
    assert not [day for day in days if day >= (12, 24) or day == (1, 1)]
    hours = {at.astimezone(LONDON).hour for at in (*answers, *ratings, *messages) if at}
    assert min(hours) >= 7
    assert max(hours) <= 22


async def test_local_times_hold_across_the_change_of_the_clocks(lite: Database) -> None:
    async with lite.read() as session:
        coffee = (await session.scalars(select(Event).where(Event.title == "Coffee Afternoon"))).all()
    assert {event.starts_at.astimezone(LONDON).strftime("%H:%M") for event in coffee} == {"13:30"}
    assert {event.starts_at.strftime("%H:%M") for event in coffee} == {"12:30", "13:30"}


async def test_nothing_is_kept_or_said_about_a_child(lite: Database) -> None:
    async with lite.read() as session:
        written = (await session.scalars(select(CarerMessage.text))).all()
        comments = (await session.scalars(select(Feedback.comment))).all()
        needs = (await session.scalars(select(Invitation.needs))).all()
    assert set(written) <= {*MESSAGES, *ANSWERS.values()}
    assert set(comments) - {None} <= set(FEEDBACK)
    assert set(needs) == {None}
    said = " ".join((*MESSAGES, *ANSWERS.values(), *FEEDBACK, *REMARKS, *SURVEY_COMMENTS)).lower()
    assert not re.search(r"\b(my|our|his|her|foster) (child|son|daughter|boy|girl|baby)\b|years? old", said)


async def test_a_seed_and_a_moment_give_the_same_service(lite: Database, tmp_path: Path) -> None:
    again = open_database(f"sqlite:///{tmp_path / 'again.db'}")
    await again.migrate()
    people = await make_service(again, RoundKeys(tmp_path / "other"), NOW)
    for table in (Household, Carer, Event, Invitation, Attendance, Feedback, CarerMessage):
        assert await _rows(lite, table) == await _rows(again, table), table
    assert len({person.user_id for person in people}) == len(people)
    await again.close()


async def _rows(database: Database, table: type[Base]) -> list[tuple[object, ...]]:
    secret = {"checkin_code", "ballot_seed"}
    columns = [column for column in metadata.tables[table.__tablename__].c if column.name not in secret]
    async with database.read() as session:
        return [tuple(row) for row in (await session.execute(select(*columns))).all()]


async def test_the_programme_is_series_and_its_past_ballots_can_be_drawn_again(lite: Database) -> None:
    async with lite.read() as session:
        alone = select(func.count()).where(Event.series_id.is_(None), Event.kind != "training")
        assert await session.scalar(alone) == 0
        draws = (await session.scalars(select(Draw.id))).all()
        assert len(draws) >= 4
        assert all([await verify(session, draw) for draw in draws])


async def test_a_database_with_a_service_in_it_is_left_alone(lite: Database, tmp_path: Path) -> None:
    assert not await is_empty(lite)
    with pytest.raises(ValueError, match="already"):
        await make_service(lite, RoundKeys(tmp_path / "keys"), NOW)


async def test_everybody_with_the_app_is_in_the_sandbox_and_some_are_left_to_play(
    made: tuple[Path, list[Person]],
) -> None:
    people = made[1]
    sandbox = Sandbox()
    add_people(sandbox, people)
    pinned = [user for user in sandbox.users if user.pinned]
    assert len(pinned) == 9
    assert sum(user.blocked for user in sandbox.users) == 4
    assert sum(not user.started for user in sandbox.users) == 2
    assert newcomer_ref(sandbox).startswith("C5")
    assert {person.language for person in people} == {"en", "ur", "pa", "ar"}
