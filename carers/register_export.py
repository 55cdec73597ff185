"""The register as tables. ``carers`` is the register file itself: it can be imported again as it is."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from carers.register_rows import COLUMNS, HOUSEHOLD_COLUMNS
from carers.spreadsheet_writing import Cell, Table
from storage.engine import Session
from storage.exports import carers_in_order, count_register, groups_by_carer, households_with_workers
from storage.households import Carer, Household

AT_ONCE = 1000
"""So many households are read in one go, with their carers."""

Rows = Sequence[Sequence[Cell]]


async def households_table(session: Session) -> Table:
    """One row a household, with the household's columns of the register file."""
    return Table(HOUSEHOLD_COLUMNS, [row async for rows in household_rows(session) for row in rows])


async def carers_table(session: Session) -> Table:
    """One row a carer, with every column of the register file."""
    return Table(COLUMNS, [row async for rows in carer_rows(session) for row in rows])


async def household_rows(session: Session) -> AsyncIterator[Rows]:
    """The rows of `households_table`, some at a time."""
    async for homes in _households(session):
        yield [_household_cells(home, worker) for home, worker in homes]


async def carer_rows(session: Session) -> AsyncIterator[Rows]:
    """The rows of `carers_table`, some at a time."""
    async for some in _households(session):
        homes = {home.id: (home, worker) for home, worker in some}
        first, last = some[0][0].id, some[-1][0].id
        groups = await groups_by_carer(session, first, last)
        yield [
            [*_household_cells(*homes[carer.household_id]), *_carer_cells(carer, groups.get(carer.id, []))]
            for carer in await carers_in_order(session, first, last)
        ]


async def _households(session: Session) -> AsyncIterator[Sequence[tuple[Household, str | None]]]:
    after = 0
    while homes := await households_with_workers(session, after, AT_ONCE):
        yield homes
        after = homes[-1][0].id


def _household_cells(home: Household, worker: str | None) -> list[Cell]:
    return [
        home.ref,
        home.type.value,
        home.approved_on,
        home.ended_on,
        _value(home.end_route),
        ";".join(home.end_reasons),
        home.area,
        home.constellation,
        _value(home.constellation_role),
        home.on_hold_since,
        worker,
    ]


def _carer_cells(carer: Carer, groups: list[str]) -> list[Cell]:
    return [
        carer.ref,
        carer.main_carer,
        carer.first_name,
        carer.last_name,
        carer.birth_year,
        carer.language.value,
        carer.email,
        carer.phone,
        ";".join(groups),
    ]


def _value(choice: Any) -> str | None:
    return choice.value if choice else None


__all__ = [
    "carer_rows",
    "carers_table",
    "count_register",
    "household_rows",
    "households_table",
]
