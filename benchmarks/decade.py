"""Ten years of England: the households that foster and those that left, events, invitations, attendance.

Written by the database itself, an event at a time, by the arithmetic of ids: the same rows on every run. The
triggers that keep the rollup of attendance are in place, as in any service.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Index, SQLColumnExpression, String, case, cast, insert, literal, select, text

from benchmarks.nation import HOUSEHOLDS_A_CARER
from storage.attendance import Attendance, AttendanceState
from storage.base import Base
from storage.bulk import insert_rows
from storage.engine import Database, Session
from storage.events import Event, EventState, Mode, RsvpBy
from storage.households import Carer, EndRoute, Household, HouseholdType
from storage.rsvp import Invitation, RsvpState
from storage.surveys import Round, RoundState
from storage.types import Utc

NOW = datetime(2025, 5, 6, 11, 0, tzinfo=UTC)
YEARS = 10
SINCE = date(2015, 4, 1)
"""The register is complete from here on."""
AT_ONCE = 50
CACHE = 1_000_000
"""KiB: SQLite's default is for a service, and not for ten years of a nation in a few minutes."""
INVITED_OF = 8
"""One carer in so many is invited to an event."""
LEAVING_OF = 8
"""One household in so many leaves a year: in England it was one in eight in 2022/23."""
ENDED = ("retirement", "work", "moved", "personal_circumstances")


class Decade:
    """Fills a database for so many carers who foster now, with so many events in ten years."""

    def __init__(self, carers: int, events: int) -> None:
        self.carers, self.events = carers, events
        self.homes = max(1, round(carers * HOUSEHOLDS_A_CARER))
        self.gone = self.homes * YEARS // LEAVING_OF

    async def fill(self, database: Database) -> None:
        async with database.write() as session:
            if database.dialect == "sqlite":
                await session.execute(text(f"PRAGMA cache_size = -{CACHE}"))
            everybody = range(1, self.homes + self.gone + 1)
            await insert_rows(session, Household, [self._home(one) for one in everybody])
            await insert_rows(session, Carer, list(self._people()))
            await insert_rows(session, Event, [self._event(one) for one in range(1, self.events + 1)])
            await insert_rows(session, Round, [self._round(one) for one in range(1, self.events + 1)])
        async with _without_indexes(database):
            for first in range(1, self.events + 1, AT_ONCE):
                async with database.write() as session:
                    for one in range(first, min(first + AT_ONCE, self.events + 1)):
                        await _invite(session, one)
        if database.dialect == "postgresql":
            async with database.connection() as connection:
                # As the server does by itself, some time after so much has come in.
                by_itself = await connection.execution_options(isolation_level="AUTOCOMMIT")
                await by_itself.execute(text("VACUUM ANALYZE"))

    def _home(self, one: int) -> dict[str, Any]:
        """Those that foster now, approved in the last seventeen years; then those that left in the last ten,
        after a day to twelve years."""
        left = one > self.homes
        ended = SINCE + timedelta(days=one * 7919 % (YEARS * 365)) if left else None
        approved = date(2008 + one % 17, 1 + one % 12, 1 + one % 28)
        return {
            "id": one,
            "ref": f"HH{one}",
            "type": list(HouseholdType)[one % 8 if one % 4 == 0 else 0],
            "approved_on": ended - timedelta(days=1 + one * 104_729 % 4_400) if ended else approved,
            "ended_on": ended,
            "end_route": list(EndRoute)[one % 40 % 3 if one % 40 < 3 else 0] if left else None,
            "end_reasons": [ENDED[one % 4]] if left and one % 3 else [],
            "constellation": None if left or one % 3 else f"Constellation {one // 30}",
        }

    def _people(self) -> Iterator[dict[str, Any]]:
        """The main carer of each household, then the second carers of those that foster now."""
        everybody = self.homes + self.gone
        for one in range(1, everybody + self.carers - self.homes + 1):
            main = one <= everybody
            linked = one % 10 < 7 and not self.homes < one <= everybody
            yield {
                "id": one,
                "ref": f"CC{one}",
                "household_id": one if main else one - everybody,
                "main_carer": main,
                "birth_year": 1945 + one % 50,
                "chat_id": 100_000_000 + one if linked else None,
                "linked_at": NOW - timedelta(days=one % 2_000) if linked else None,
                "stopped_at": NOW - timedelta(days=3) if linked and one % 80 == 3 else None,
            }

    def _event(self, one: int) -> dict[str, Any]:
        starts = NOW - timedelta(hours=YEARS * 365 * 24 * (self.events - one) // self.events)
        return {
            "id": one,
            "ref": f"EE{one}",
            "title": f"Coffee afternoon {one}",
            "kind": ("social", "training", "support_group", "trip")[one % 4],
            "starts_at": starts,
            "ends_at": starts + timedelta(hours=2),
            "mode": Mode.IN_PERSON,
            "rsvp_by": RsvpBy.CARER,
            "state": EventState.INVITED,
            "created_at": starts,
            "updated_at": starts,
            "checkin_code": f"{one:024x}",
        }

    def _round(self, one: int) -> dict[str, Any]:
        closed = self._event(one)["starts_at"] + timedelta(days=7)
        return {
            "ref": f"feedback-{one}",
            "survey": "event-feedback",
            "title": "Event feedback",
            "anonymous": True,
            "definition": {},
            "state": RoundState.CLOSED,
            "opens_at": closed - timedelta(days=6),
            "closes_at": closed,
            "closed_at": closed,
            "asked": 1_000,
            "took_part": 300 + one % 200,
            "themes": {"the event": {"favourable": 600, "answers": 800, "people": 300}},
            "created_at": closed,
        }


@asynccontextmanager
async def _without_indexes(database: Database) -> AsyncIterator[None]:
    """They are made again afterwards, sorted, which is quicker than row by row."""
    tables = Base.metadata.tables["invitations"], Base.metadata.tables["attendance"]
    indexes = [index for table in tables for index in sorted(table.indexes, key=str)]
    for change in (Index.drop, Index.create):
        async with database.connection() as connection:
            for index in indexes:
                await connection.run_sync(partial(change, index))
            await connection.commit()
        if change is Index.drop:
            yield


async def _invite(session: Session, event_id: int) -> None:
    """One carer in some who fosters on the day, how they answered, and who came."""
    event = await session.get_one(Event, event_id)
    day, asked = event.starts_at.date(), event.starts_at - timedelta(days=28)
    lot = Carer.id * 31 + Carer.id // 7 * 13 + event_id * 17

    def chosen(*columns: SQLColumnExpression[Any]) -> Any:
        return (
            select(*columns)
            .join(Household, Carer.household_id == Household.id)
            .where(
                (Carer.id + event_id * 5) % INVITED_OF == 0,
                Household.approved_on <= day,
                Household.ended_on.is_(None) | (Household.ended_on > day),
            )
        )

    going = lot % 20 >= 14
    answered = lot % 20 >= 9
    invited = {
        "event_id": literal(event_id),
        "household_id": Carer.household_id,
        "carer_id": Carer.id,
        "party": literal("c") + cast(Carer.id, String),
        "state": case((going, RsvpState.GOING), (answered, RsvpState.NOT_GOING), else_=RsvpState.INVITED),
        "invited_at": literal(asked, Utc()),
        "answered_at": case((answered, literal(asked + timedelta(days=2), Utc()))),
    }
    came = {
        "event_id": literal(event_id),
        "carer_id": Carer.id,
        "household_id": Carer.household_id,
        "state": case((lot % 9 == 0, AttendanceState.NO_SHOW), else_=AttendanceState.ATTENDED),
        "source": literal("console"),
        "recorded_at": literal(event.ends_at, Utc()),
    }
    await session.execute(insert(Invitation).from_select(list(invited), chosen(*invited.values())))
    await session.execute(insert(Attendance).from_select(list(came), chosen(*came.values()).where(going)))
