"""The figures of a large register, counted at night and kept, so that a look at them waits for nothing.

What people wrote is not kept with them: comments and what came of what carers said are read as they stand.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime
from functools import cache
from importlib.metadata import version
from types import NoneType, UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints
from zlib import crc32
from zoneinfo import ZoneInfo

from reports.definitions import DEFINITIONS
from reports.report import Report, comments_of, settled_in
from reports.years import FosteringYear, year_of
from storage import report_keeping
from storage.engine import Session
from storage.report_queries import count_approvals

LARGE = 5_000
"""Households of a register, present and past, whose figures are kept: below it they are counted at a look."""


class Kept(NamedTuple):
    """A report as it was counted at ``made_at`` (UTC)."""

    report: Report
    made_at: datetime


async def is_large(session: Session) -> bool:
    """Whether the register is so large that its figures are kept."""
    return await count_approvals(session) > LARGE


def reports_to_keep(zone: ZoneInfo, now: datetime) -> list[tuple[FosteringYear, bool]]:
    """(year, public) of the reports to count each night: of the running year and the last, both versions."""
    this = year_of(now.astimezone(zone).date())
    return [(year, public) for year in (this, this.back(1)) for public in (False, True)]


async def keep(session: Session, report: Report, now: datetime) -> None:
    """Keep the figures of ``report``, counted ``now``, instead of those kept of that year and version."""
    alone = replace(report, comments=(), settled=())
    year, public = report.year.start, report.public
    await report_keeping.put(session, year, report.data_date, to_dict(alone), now, public=public)


async def kept(session: Session, year: FosteringYear, public: bool = False) -> Kept | None:
    """The report of ``year`` as it was counted last; None where it never was, or by another version of this
    program, whose figures may mean something else."""
    row = await report_keeping.kept_row(session, year.start, public=public)
    if row is None or row.report.get("form") != _form():
        return None
    counted = from_dict(row.report)
    comments = await comments_of(session, year, counted.figures, public=public)
    return Kept(
        replace(counted, comments=comments, settled=await settled_in(session, year, public=public)),
        row.made_at,
    )


def to_dict(report: Report) -> dict[str, Any]:
    """The whole report as JSON has it."""
    return {"form": _form(), "report": _plain(report)}


def from_dict(kept: Mapping[str, Any]) -> Report:
    """What `to_dict` was given. Raises ``KeyError`` for a report of another form."""
    made = _made(Report, kept["report"])
    assert isinstance(made, Report)  # noqa: S101 - for the type checker
    return made


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value


def _made(kind: Any, value: Any) -> Any:
    """The value of this type that was made plain."""
    if value is None:
        return None
    if get_origin(kind) in (Union, UnionType):
        choices = [each for each in get_args(kind) if each is not NoneType]
        return _made(choices[0], value) if len(choices) == 1 else value
    if get_origin(kind) is tuple:
        first, *others = get_args(kind)
        kinds = [first] * len(value) if others == [...] else [first, *others]
        return tuple(map(_made, kinds, value))
    if _parts(kind):
        inside = [value[name] for name in _parts(kind)] if isinstance(value, dict) else value
        return kind(*map(_made, _parts(kind).values(), inside))
    return kind.fromisoformat(value) if kind in (date, datetime) else value


@cache
def _parts(kind: Any) -> dict[str, Any]:
    """The types of a dataclass's or a named tuple's fields by name; none of anything else."""
    names = [each.name for each in fields(kind)] if is_dataclass(kind) else getattr(kind, "_fields", ())
    hints = get_type_hints(kind) if names else {}
    return {name: hints[name] for name in names}


@cache
def _form() -> int:
    """A number that changes with the fields that a report is made of, with what its figures mean, and with
    each version of this program: it may hold more back from the public than the last did."""
    return crc32(f"{version('hearthline')} {_described(Report)} {DEFINITIONS}".encode())


def _described(kind: Any) -> str:
    inside = [f"{name}: {_described(each)}" for name, each in _parts(kind).items()]
    said = ", ".join(inside or map(_described, get_args(kind)))
    return f"{getattr(kind, '__name__', kind)}({said})"
