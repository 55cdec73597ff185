"""The register as tables. ``carers`` is the register file itself: it can be imported again as it is."""

from typing import Any

from carers.register_rows import COLUMNS, HOUSEHOLD_COLUMNS
from carers.spreadsheet_writing import Cell, Table
from storage.engine import Session
from storage.exports import carers_in_order, groups_by_carer, households_with_workers
from storage.households import Carer, Household


async def households_table(session: Session) -> Table:
    """One row a household, with the household's columns of the register file."""
    homes = await households_with_workers(session)
    return Table(HOUSEHOLD_COLUMNS, [_household_cells(home, worker) for home, worker in homes])


async def carers_table(session: Session) -> Table:
    """One row a carer, with every column of the register file."""
    homes = {home.id: (home, worker) for home, worker in await households_with_workers(session)}
    groups = await groups_by_carer(session)
    return Table(
        COLUMNS,
        [
            [*_household_cells(*homes[carer.household_id]), *_carer_cells(carer, groups.get(carer.id, []))]
            for carer in await carers_in_order(session)
        ],
    )


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
