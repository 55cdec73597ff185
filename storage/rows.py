"""Many rows as one parameter: a list of dicts becomes a table that a statement can join.

One statement then moves hundreds of rows, and what it costs does not grow with their number on our side.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import FromClause, Text, bindparam, cast, column, func, select, type_coerce
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from storage.engine import Session

ROWS = "rows"
"""The name of the parameter."""


def as_parameter(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The parameter that carries these rows: numbers and texts alone."""
    return {ROWS: orjson.dumps(list(rows)).decode()}


def dialect_of(session: Session) -> str:
    """``sqlite`` or ``postgresql``."""
    return session.get_bind().dialect.name


def insert_for(session: Session, table: Any) -> Any:
    """An INSERT that knows ON CONFLICT, in the dialect of this session's database."""
    return (sqlite if dialect_of(session) == "sqlite" else postgresql).insert(table)


def rows_table(dialect: str, columns: Mapping[str, TypeEngine[Any]]) -> FromClause:
    """The parameter's rows as a table of these columns."""
    if dialect == "sqlite":
        each = func.json_each(bindparam(ROWS)).table_valued("value")
        return select(
            *(
                type_coerce(func.json_extract(each.c.value, f"$.{name}"), kind).label(name)
                for name, kind in columns.items()
            )
        ).subquery("given")
    given = func.jsonb_to_recordset(cast(bindparam(ROWS, type_=Text()), JSONB))
    return given.table_valued(*(column(name, kind) for name, kind in columns.items())).render_derived(
        name="given", with_types=True
    )
