"""Registers for the tests of reports, made by hand and by chance."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from reports.figures import Figure
from reports.public import public_figures
from reports.public_retention import Record
from reports.report import Report, curves_of_register, figures_of_register, make_report, tallies_of
from reports.tallies import TYPES
from reports.years import FosteringYear
from storage.engine import Database
from storage.households import Carer, EndRoute, Household, HouseholdType
from storage.report_queries import Approval

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2023, 6, 1, 9, 0, tzinfo=UTC)
YEAR = FosteringYear(2022)

STAYING = Approval("mainstream", date(2015, 6, 1), None, None, (), False, 1960)


def leaver(
    approved: date, ended: date, kind: str = "mainstream", born: int | None = 1960, **more: Any
) -> Approval:
    return replace(
        STAYING,
        approved_on=approved,
        ended_on=ended,
        household_type=kind,
        birth_year=born,
        end_route=more.pop("route", "resignation"),
        **more,
    )


def published() -> list[Approval]:
    """A register with the leavers that an English service published for 2019/20 to 2022/23.

    Of the 25 of 2022/23 two are family and friends; 23 resigned; 9 had fostered under two years; 10, all of
    them mainstream, over ten; 15 were over 50. And 124 households stayed, 40 of them in a constellation.
    """
    households = []
    for start, friends, mainstream in ((2018, 3, 18), (2019, 1, 19), (2020, 2, 22), (2021, 4, 32)):
        for number in range(friends + mainstream):
            kind = "family_and_friends" if number < friends else "mainstream"
            households.append(leaver(date(start - 4, 7, 1), date(start, 9, 1), kind))
    routes = ["resignation"] * 23 + ["deregistration", "resignation_before_deregistration"]
    for number, route in enumerate(routes):
        years = 1 if number < 9 else 12 if number < 19 else 5
        kind = "family_and_friends" if number in (0, 20) else "mainstream"
        born = 1965 if number % 5 < 3 else 1980
        left = leaver(date(2022 - years, 8, 1), date(2022, 12, 1), kind, born, route=route)
        households.append(left)
    households += [
        replace(STAYING, birth_year=1955 + number % 30, in_constellation=number < 40) for number in range(124)
    ]
    return households


def by_chance(random: Random, size: int = 120) -> list[Approval]:
    """A register of a believable shape, different each time."""
    weights = [random.choice((1, 2, 5, 20, 60)) for _ in TYPES]
    households = []
    for _ in range(size):
        approved = date(2008, 1, 1) + timedelta(days=random.randrange(15 * 365))
        ended = approved + timedelta(days=int(random.expovariate(1 / 2500)) + 1)
        gone = date(2018, 4, 1) <= ended <= date(2023, 3, 31)
        if ended < date(2018, 4, 1):
            continue
        households.append(
            Approval(
                random.choices(TYPES, weights)[0],
                approved,
                ended if gone else None,
                random.choices([route.value for route in EndRoute], (20, 2, 1))[0] if gone else None,
                tuple(random.sample(("retired", "moved", "work", "personal"), random.choice((0, 1, 1, 2))))
                if gone
                else (),
                random.random() < 0.35,
                random.choice((None, *range(1945, 1998))),
            )
        )
    return households


def put_together(
    households: list[Approval],
    *more: Figure,
    today: date = date(2023, 6, 1),
    since: date | None = date(2018, 4, 1),
    public: bool = False,
    **changes: Any,
) -> Report:
    """A report of these households alone, or with some figures of other things, without a database."""
    tallies = tallies_of(households, YEAR, today)
    figures = figures_of_register(households, tallies, YEAR, since, today) + list(more)
    if public:
        figures = public_figures(figures, tallies, Record(YEAR, households, since, YEAR.as_at(today)))
    curves = () if public else curves_of_register(households, since, YEAR.as_at(today))
    report = Report("Fostering Riverside", YEAR, today, public, tuple(figures), curves=curves)
    return replace(report, **changes)


async def store(database: Database, households: list[Approval]) -> None:
    """Put a register into the database, with one carer in each household."""
    homes = [
        Household(
            ref=f"R{number}",
            type=HouseholdType(each.household_type),
            approved_on=each.approved_on,
            ended_on=each.ended_on,
            end_route=EndRoute(each.end_route) if each.end_route else None,
            end_reasons=list(each.end_reasons),
            constellation="Oak" if each.in_constellation else None,
        )
        for number, each in enumerate(households)
    ]
    async with database.write() as session:
        session.add_all(homes)
        await session.flush()
        session.add_all(
            Carer(ref=f"P{number}", household_id=home.id, main_carer=True, birth_year=each.birth_year)
            for number, (home, each) in enumerate(zip(homes, households, strict=True))
        )


async def report_of(database: Database, **changes: Any) -> Report:
    options: dict[str, Any] = {
        "year": YEAR,
        "service": "Fostering Riverside",
        "zone": LONDON,
        "register_since": date(2018, 4, 1),
        "now": NOW,
        **changes,
    }
    async with database.read() as session:
        return await make_report(session, **options)
