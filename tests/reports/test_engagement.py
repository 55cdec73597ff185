"""The figures about reach, invitations, attendance and surveys, against numbers worked out by hand."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from random import Random
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from reports.engagement import engagement_figures, first_years, rolled_up
from reports.figures import Sheet
from reports.outline import outline
from reports.years import FosteringYear
from storage.actions import ActionState, ServiceAction
from storage.attendance import Attendance, AttendanceState
from storage.engine import Database, Session, open_database
from storage.events import Event, EventState, Mode, RsvpBy
from storage.households import Carer
from storage.report_queries import approvals_of, register_rows
from storage.rsvp import Invitation, RsvpState
from storage.surveys import Round, RoundState
from tests.reports.register import LONDON, STAYING, report_of, store
from tests.support.cast import NOON, Cast, gather

YEAR = FosteringYear(2024)
NOW = NOON  # May 2025: 2024/25 is over


@pytest.fixture
async def sqlite(sqlite_url: str) -> AsyncIterator[Database]:
    opened = open_database(sqlite_url)
    yield opened
    await opened.close()


async def _event(session: Session, starts_at: datetime, kind: str = "social") -> Event:
    event = Event(
        ref=f"{kind}-{starts_at:%Y%m%d%H%M}",
        title="Coffee",
        kind=kind,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        mode=Mode.IN_PERSON,
        rsvp_by=RsvpBy.CARER,
        state=EventState.INVITED,
        created_at=starts_at,
        updated_at=starts_at,
    )
    session.add(event)
    await session.flush()
    return event


def _invited(event: Event, carer: Carer, state: RsvpState = RsvpState.INVITED) -> Invitation:
    answered = None if state is RsvpState.INVITED else event.starts_at - timedelta(days=1)
    return Invitation(
        event_id=event.id,
        household_id=carer.household_id,
        carer_id=carer.id,
        party=f"c{carer.id}",
        state=state,
        invited_at=event.starts_at - timedelta(days=28),
        answered_at=answered,
    )


def _came(event: Event, carer: Carer, state: AttendanceState = AttendanceState.ATTENDED) -> Attendance:
    return Attendance(
        event_id=event.id,
        carer_id=carer.id,
        household_id=carer.household_id,
        state=state,
        source="console",
        recorded_at=event.ends_at,
    )


def _round(ref: str, closed_at: datetime | None, asked: int, took_part: int) -> Round:
    return Round(
        ref=ref,
        survey="pulse",
        title="Pulse",
        anonymous=True,
        definition={},
        state=RoundState.CLOSED if closed_at else RoundState.OPEN,
        opens_at=NOW - timedelta(days=200),
        closes_at=NOW,
        closed_at=closed_at,
        asked=asked,
        took_part=took_part,
        created_at=NOW,
    )


async def _a_year(session: Session, cast: Cast) -> None:
    """In 2024/25: a summer social, a winter training; and events of the years on either side."""
    june = await _event(session, datetime(2024, 6, 4, 13, tzinfo=UTC))
    january = await _event(session, datetime(2025, 1, 14, 18, tzinfo=UTC), "training")
    first_of_april = await _event(session, datetime(2025, 3, 31, 23, 0, tzinfo=UTC))  # midnight in London
    session.add_all(
        [
            _invited(june, cast.amal, RsvpState.GOING),
            _invited(june, cast.jo, RsvpState.NOT_GOING),
            _invited(june, cast.sam, RsvpState.MAYBE),
            _invited(june, cast.lin),
            _invited(january, cast.amal, RsvpState.WAITLISTED),
            _invited(january, cast.sam),
            _invited(first_of_april, cast.lin, RsvpState.GOING),
            _came(june, cast.amal),
            _came(june, cast.sam),
            _came(june, cast.jo, AttendanceState.NO_SHOW),
            _came(january, cast.amal),
            _came(first_of_april, cast.lin),
            _round("in-the-year", datetime(2024, 11, 1, tzinfo=UTC), 10, 4),
            _round("also", datetime(2025, 3, 1, tzinfo=UTC), 20, 8),
            _round("next-year", datetime(2025, 4, 2, tzinfo=UTC), 30, 30),
            _round("open", None, 40, 0),
        ]
    )


async def test_what_happened_is_counted_in_the_year_of_the_event(database: Database) -> None:
    async with database.write() as session:
        await _a_year(session, await gather(session, datetime(2024, 5, 1, tzinfo=UTC)))
    report = await report_of(database, year=YEAR, now=NOW)
    expected = {
        "invitations": (6, None),
        "rsvp_rate": (4, 6),
        "attendances": (3, None),
        "carers_who_attended": (2, None),
        "training_places": (1, None),
        "training_carers": (1, None),
        "survey_response_rate": (12, 30),
        "not_seen_for_two_quarters": (3, 4),
    }
    figures = {figure_id: report.get(figure_id) for figure_id in expected}
    assert {name: (figure.numerator, figure.denominator) for name, figure in figures.items()} == expected
    for figure in figures.values():
        count = figure.denominator is None
        assert figure.value == (
            figure.numerator if count else (figure.numerator or 0) / (figure.denominator or 1)
        )
        assert (figure.interval is None) == count


async def test_who_is_reached_is_who_was_connected_and_had_neither_stopped_nor_been_refused(
    sqlite: Database,
) -> None:
    async with sqlite.write() as session:
        cast = await gather(session, datetime(2024, 5, 1, tzinfo=UTC))
        cast.amal.stopped_at = datetime(2024, 9, 1, tzinfo=UTC)
        cast.jo.unreachable_since = datetime(2025, 4, 20, tzinfo=UTC)
        cast.sam.linked_at = datetime(2025, 4, 10, tzinfo=UTC)
    then = await report_of(sqlite, year=YEAR, now=NOW)
    assert (then.get("reachable_share").numerator, then.get("reachable_share").denominator) == (2, 4)
    now = await report_of(sqlite, year=FosteringYear(2025), now=NOW)
    assert (now.get("reachable_share").numerator, now.get("reachable_share").denominator) == (2, 4)


async def test_a_year_without_attendance_does_not_say_that_nobody_was_seen(sqlite: Database) -> None:
    async with sqlite.write() as session:
        await gather(session)
    figure = (await report_of(sqlite, year=YEAR, now=NOW)).get("not_seen_for_two_quarters")
    assert figure.value is None
    assert "No attendance was recorded" in figure.note


def _action(said: str, state: ActionState, **days: date | datetime | None) -> ServiceAction:
    long_ago = datetime(2023, 5, 1, tzinfo=UTC)
    usual = {"created_at": long_ago, "changed_at": long_ago, "published_at": NOW}
    return ServiceAction(said=said, did=f"{said}!", state=state, **{**usual, **days})


async def test_what_was_done_is_counted_of_what_was_noted_due_or_settled_and_told_as_published(
    database: Database,
) -> None:
    first, last = YEAR.first_day, YEAR.last_day
    async with database.write() as session:
        session.add_all(
            [
                _action("done on the first day", ActionState.DONE, settled_on=first),
                _action(
                    "done on the last, not published", ActionState.DONE, settled_on=last, published_at=None
                ),
                _action("not possible", ActionState.NOT_POSSIBLE, settled_on=last),
                _action("due and not done", ActionState.UNDER_WAY, due_on=last),
                _action("noted", ActionState.PLANNED, created_at=datetime(2024, 4, 1, tzinfo=UTC)),
                _action("due, and done too late", ActionState.DONE, due_on=last, settled_on=date(2025, 4, 1)),
                _action("of another year", ActionState.DONE, settled_on=date(2024, 3, 31)),
            ]
        )
    for public in (False, True):
        report = await report_of(database, year=YEAR, now=NOW, public=public)
        figure = report.get("actions_done")
        assert (figure.numerator, figure.denominator, figure.suppressed) == (2, 6, False)
        assert report.get("actions_done", "2023/24").numerator == 1
        section = outline(report)[-1]
        assert [tuple(row) for row in section.tables[1].rows] == [
            ("done on the first day", "done on the first day!"),
            ("not possible", "Not possible: not possible!"),
        ]


HOMES, OTHER_HOME = 12, 5
"""Households of one carer; the carer of the other home has moved there from the first."""
TIMES = (
    datetime(2022, 3, 31, 22, 59, tzinfo=UTC),
    datetime(2022, 3, 31, 23, 0, tzinfo=UTC),  # 2022/23 begins in London
    datetime(2022, 6, 14, 22, 59, tzinfo=UTC),
    datetime(2022, 6, 14, 23, 0, tzinfo=UTC),  # 15 June begins in London
    datetime(2022, 9, 30, 22, 59, tzinfo=UTC),
    datetime(2022, 9, 30, 23, 0, tzinfo=UTC),  # the last two quarters begin
    datetime(2023, 3, 31, 22, 59, tzinfo=UTC),
    datetime(2023, 3, 31, 23, 30, tzinfo=UTC),
    datetime(2023, 6, 14, 22, 59, tzinfo=UTC),
    datetime(2023, 6, 14, 23, 0, tzinfo=UTC),
    datetime(2024, 1, 20, 12, 0, tzinfo=UTC),
)


async def _any_attendance(database: Database, random: Random) -> None:
    """Households approved about 15 June 2022, and who came to which of the events."""
    days = [date(2022, 6, 15) + timedelta(days=random.choice((-600, -1, 0, 0, 1, 200))) for _ in range(HOMES)]
    await store(database, [replace(STAYING, approved_on=day) for day in days])
    async with database.write() as session:
        carers = (await session.scalars(select(Carer).order_by(Carer.id))).all()
        for at in TIMES:
            event = await _event(session, at, random.choice(("social", "training")))
            came = random.sample(carers, random.randrange(HOMES // 2))
            states = random.choices(list(AttendanceState), (5, 1), k=len(came))
            session.add_all(_came(event, carer, state) for carer, state in zip(came, states, strict=True))
        carers[OTHER_HOME].household_id = carers[0].household_id


@pytest.mark.parametrize("seed", range(4))
async def test_the_rollup_gives_the_figures_that_a_scan_of_the_attendance_gives(
    database: Database, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = Random(seed)
    await _any_attendance(database, random)
    moments = [datetime(2024, month, 20, 12, tzinfo=UTC) for month in (2, 7)]

    async def figures() -> list[object]:
        async with database.read() as session:
            found: list[object] = [await first_years(session, LONDON, moments[0].date())]
            for day, year in product(
                (one.date() for one in moments), (FosteringYear(2022), FosteringYear(2023))
            ):
                sheet = Sheet(str(year), day)
                found += [one async for one in engagement_figures(session, sheet, year, LONDON, day)]
            return found

    quick = await figures()
    monkeypatch.setattr("reports.engagement.rolled_up", lambda *_: None)
    assert await figures() == quick


def test_the_rollup_counts_by_the_years_of_a_service_whose_april_begins_at_23_00_utc() -> None:
    start, end = YEAR.span(LONDON)
    assert rolled_up(start, end, LONDON) == [2024]
    assert rolled_up(start, end + timedelta(microseconds=1), LONDON) == [2024, 2025]
    assert rolled_up(*YEAR.span(ZoneInfo("Europe/Dublin")), ZoneInfo("Europe/Dublin")) == [2024]
    for elsewhere in ("UTC", "Europe/Berlin", "Pacific/Auckland"):
        assert rolled_up(*YEAR.span(ZoneInfo(elsewhere)), ZoneInfo(elsewhere)) is None


async def test_where_the_year_begins_at_another_hour_attendance_is_counted_by_that(sqlite: Database) -> None:
    async with sqlite.write() as session:
        await _a_year(session, await gather(session, datetime(2024, 5, 1, tzinfo=UTC)))
    elsewhere = await report_of(sqlite, year=YEAR, now=NOW, zone=ZoneInfo("UTC"))
    assert elsewhere.get("attendances").value == 4  # that of 23:00 UTC on 31 March is of the year


async def test_a_carer_seen_before_and_after_the_two_quarters_is_looked_up_between(sqlite: Database) -> None:
    """The data date is in January, so the rollup's row of the year begins before the window and may end
    after it."""
    now = datetime(2025, 1, 10, 12, tzinfo=UTC)
    async with sqlite.write() as session:
        cast = await gather(session, datetime(2024, 5, 1, tzinfo=UTC))
        may, november, february = [
            await _event(session, datetime(2024, 5, 2, 12, tzinfo=UTC)),
            await _event(session, datetime(2024, 11, 2, 12, tzinfo=UTC)),
            await _event(session, datetime(2025, 2, 2, 12, tzinfo=UTC)),
        ]
        session.add_all(_came(event, cast.amal) for event in (may, november, february))
        session.add_all(_came(event, cast.jo) for event in (may, february))
    figure = (await report_of(sqlite, year=YEAR, now=now)).get("not_seen_for_two_quarters")
    assert (figure.numerator, figure.denominator) == (3, 4)


async def test_nobody_knows_who_came_in_a_first_year_that_began_before_attendance_was_recorded(
    sqlite: Database,
) -> None:
    days = [date(2024, 6, 3), date(2024, 6, 4), date(2023, 6, 5)]
    await store(sqlite, [replace(STAYING, approved_on=day) for day in days])
    async with sqlite.write() as session:
        event = await _event(session, datetime(2024, 6, 3, 23, 30, tzinfo=UTC))  # 4 June in London
        carers = (await session.scalars(select(Carer).order_by(Carer.id))).all()
        session.add_all(_came(event, carer) for carer in carers)
    async with sqlite.read() as session:
        first = await first_years(session, LONDON, NOW.date())
        found = approvals_of(await register_rows(session), first.since, first.engaged)
    assert {one.approved_on: one.engaged for one in found} == dict(zip(days, (None, True, None), strict=True))
