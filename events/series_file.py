"""Importing what repeats from a spreadsheet, one row a series: all of a file or nothing.

A ref that is known is a change to that series, as when staff change it in the console. A row without a first
day becomes a template, to start from in the console.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from carers.audit import record
from carers.cells import Cells
from carers.file_outcome import FileOutcome, Tally, open_sheet, outcome
from carers.spreadsheet import Notes
from events import pattern as patterns
from events import series as series_of
from events.occurrences import plan_of_series
from events.pattern import INVITE_DAYS, Pattern
from events.planning import Problem
from events.programme_file import audiences_by_name, read_address, read_audience
from events.rhythm import NAMED, Rhythm, TermDates
from events.series import LONGEST_REF, SeriesPlan, SeriesProblem, plan_series
from events.series_changes import SeriesOutcome, SeriesResult, change_series
from events.templates import LONGEST_NAME, alternates, rhythm_named, save_template
from events.terms import term_dates
from storage.engine import Session
from storage.events import Allocation, Mode, RsvpBy
from storage.series import Series
from storage.series_queries import events_of_series, series_by_ref
from storage.staff import StaffMember

COLUMNS = (
    "series_ref",
    "title",
    "kind",
    "description",
    "rhythm",
    "first_on",
    "until",
    "starts",
    "ends",
    "mode",
    "venue",
    "map_url",
    "online_url",
    "rsvp_by",
    "audience",
    "capacity",
    "online_capacity",
    "allocation",
    "deadline_days",
    "invite_days",
    "notes",
)
REQUIRED = ("title", "kind", "rhythm", "mode", "rsvp_by", "audience")
_MOST_PLACES = 100_000
_MOST_DAYS = 365
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(:00)?", re.ASCII)
_USUAL = (time(10), time(12))
"""The times of a template whose row has none."""

_WRONG: Mapping[SeriesProblem | Problem, tuple[str, str]] = {
    SeriesProblem.NO_DAYS: ("first_on", "leaves no day on which it would take place"),
    SeriesProblem.NO_TERMS: (
        "rhythm",
        "needs term dates: bring them first, with hearthline terms",
    ),
    SeriesProblem.UNTIL_BEFORE_FIRST: ("until", "is before first_on"),
    SeriesProblem.TOO_MANY: ("until", f"makes more than {series_of.MOST} days"),
    Problem.ENDS_BEFORE_IT_STARTS: ("ends", "is not after starts"),
    Problem.DEADLINE_AFTER_START: ("deadline_days", "0 means 17:00 of the day, which is after the start"),
    Problem.INVITES_AFTER_START: ("invite_days", "must be 1 or more"),
}


async def import_series(
    session: Session,
    name: str,
    content: bytes,
    now: datetime,
    zone: ZoneInfo,
    *,
    by: StaffMember | None = None,
    dry_run: bool = False,
) -> FileOutcome:
    """Take a file of series, by its name and content. Its days and times are local in ``zone``.

    With ``dry_run`` everything is done and taken back, so that what it says is what would happen.
    """
    notes = Notes()
    sheet = open_sheet(name, content, COLUMNS, REQUIRED, notes)
    if isinstance(sheet, FileOutcome):
        return sheet
    audiences = await audiences_by_name(session, now.astimezone(zone).date())
    update = _SeriesUpdate(session, notes, now, zone, by, audiences, await term_dates(session))
    rows = [await update.read(Cells(row, sheet.columns, notes)) for row in sheet.rows]
    if notes.errors:
        return outcome(notes)
    async with session.begin_nested() as attempt:
        for asked in rows:
            if asked is not None:
                await update.write(asked)
        if dry_run or notes.errors:
            await attempt.rollback()
        else:
            counts = {"new": len(update.series.new), "changed": len(update.series.changed)}
            await record(session, now, by, "series.import", "", **counts)
    if notes.errors:
        return outcome(notes)
    return outcome(notes, *update.tallies(), done=not dry_run, besides=update.besides())


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a row asks for: a series, new or known, or a template where it has no first day."""

    cells: Cells
    pattern: Pattern
    rhythm: Rhythm
    plan: SeriesPlan | None
    known: Series | None = None


@dataclass(slots=True)
class _SeriesUpdate:
    """One file on its way into the programme."""

    session: Session
    notes: Notes
    now: datetime
    zone: ZoneInfo
    by: StaffMember | None
    audiences: Mapping[str, str]
    terms: list[TermDates]
    series: Tally = field(default_factory=lambda: Tally("Series"))
    templates: Tally = field(default_factory=lambda: Tally("Templates"))
    rows_of: dict[str, int] = field(default_factory=dict)
    made: int = 0
    told: int = 0

    def tallies(self) -> list[Tally]:
        return [self.series, *([self.templates] if self.templates.new else [])]

    def besides(self) -> tuple[str, ...]:
        counts = {"events made": self.made, "told of a change": self.told}
        return tuple(f"{what}: {count}" for what, count in counts.items() if count)

    async def read(self, cells: Cells) -> _Asked | None:
        """What one row asks for; None where it cannot be, which is noted."""
        errors = len(self.notes.errors)
        ref = cells.line("series_ref", LONGEST_REF) or _ref_of(cells.row["title"])
        if self.rows_of.setdefault(ref, cells.row.number) != cells.row.number:
            cells.error("series_ref", f"{ref} is the same as in row {self.rows_of[ref]}")
        rhythm = rhythm_named(cells.text("rhythm", 100, required=True), cells.row["mode"])
        if rhythm is None and cells.row["rhythm"]:
            cells.error("rhythm", f"{cells.row['rhythm']!r} must be one of {', '.join(NAMED)}")
        known = await series_by_ref(self.session, ref)
        values, first_on = self._values(cells), cells.day("first_on")
        pattern = self._pattern(cells, values, known, template=first_on is None)
        until = cells.day("until")
        if pattern is None or rhythm is None or len(self.notes.errors) > errors:
            return None
        if first_on is None:
            return self._template(cells, pattern, rhythm)
        plan = SeriesPlan(pattern, rhythm, first_on, until, ref=ref)
        if known is not None:
            was = plan_of_series(known)
            plan = replace(plan, skipped=was.skipped, until=until if "until" in cells.columns else was.until)
            if plan == was or known.ended_at is not None:
                return _Asked(cells, pattern, rhythm, plan, known)
        return _Asked(cells, pattern, rhythm, plan, known) if self._can_be(cells, plan) else None

    def _can_be(self, cells: Cells, plan: SeriesPlan) -> bool:
        problems = series_of.problems(plan, self.terms, self.now, self.zone)
        if problems == (SeriesProblem.PAST,):
            cells.warn("until", f"{plan.ref} is past and is left out")
            return False
        for problem in problems:
            cells.error(*_WRONG.get(problem, ("title", problem.value)))
        return not problems

    def _values(self, cells: Cells) -> dict[str, Any]:
        """What the columns say, by the pattern's names; only those that the file has."""
        mode = Mode.IN_PERSON if alternates(cells.row["mode"]) else cells.choice("mode", Mode, required=True)
        values = {
            "title": cells.line("title", 200, required=True),
            "kind": cells.line("kind", 40, required=True),
            "description": cells.text("description", 2000),
            "mode": mode or Mode.IN_PERSON,
            "venue": cells.line("venue", 300),
            "map_url": read_address(cells, "map_url"),
            "online_url": read_address(cells, "online_url"),
            "rsvp_by": cells.choice("rsvp_by", RsvpBy, required=True) or RsvpBy.CARER,
            "audience": read_audience(cells, self.audiences),
            "capacity": cells.whole_number("capacity", 1, _MOST_PLACES),
            "online_capacity": cells.whole_number("online_capacity", 1, _MOST_PLACES),
            "allocation": cells.choice("allocation", Allocation) or Allocation.FIRST_COME,
            "deadline_days": cells.whole_number("deadline_days", 0, _MOST_DAYS),
            "invite_days": cells.whole_number("invite_days", 1, _MOST_DAYS) or INVITE_DAYS,
        }
        return {column: value for column, value in values.items() if column in cells.columns}

    def _pattern(
        self, cells: Cells, values: dict[str, Any], known: Series | None, *, template: bool
    ) -> Pattern | None:
        starts, ends = _clock(cells, "starts"), _clock(cells, "ends")
        if template and not (cells.row["starts"] and cells.row["ends"]):
            starts, ends = _USUAL
        for column, value in (("starts", starts), ("ends", ends)):
            if value is None and not cells.row[column]:
                cells.error(column, "must not be empty where there is a first_on")
        if starts is None or ends is None:
            return None
        values |= {"starts": starts, "minutes": _minutes(ends) - _minutes(starts)}
        if known is None:
            return Pattern(**values)
        return replace(patterns.from_json(known.pattern), **values)

    def _template(self, cells: Cells, pattern: Pattern, rhythm: Rhythm) -> _Asked | None:
        if len(pattern.title) > LONGEST_NAME:
            cells.error("title", f"is longer than {LONGEST_NAME} characters")
            return None
        if problems := patterns.problems(pattern):
            cells.error(*_WRONG.get(problems[0], ("title", problems[0].value)))
            return None
        cells.warn("first_on", f"{pattern.title} is a template, since it has no first_on")
        return _Asked(cells, pattern, rhythm, None)

    async def write(self, asked: _Asked) -> None:
        """Make the series or the template, or change the series; notes a change that cannot be."""
        if asked.plan is None:
            title = asked.pattern.title
            await save_template(
                self.session, title, asked.pattern, asked.rhythm, self.by, self.now, replacing=True
            )
            self.templates.new.append(title)
        elif asked.known is None:
            series = await plan_series(self.session, asked.plan, self.by, self.now, self.zone)
            self.series.new.append(series.ref)
            self.made += len(await events_of_series(self.session, series.id))
        else:
            await self._change(asked.cells, asked.known, asked.plan)

    async def _change(self, cells: Cells, known: Series, plan: SeriesPlan) -> None:
        before = plan_of_series(known)
        done = await change_series(self.session, known.id, plan, None, self.by, self.now, self.zone)
        for refused in done.refused:
            cells.warn("series_ref", refused)
        if done.result is SeriesResult.CHANGED:
            self.series.changed[known.ref] = _differences(before, plan)
            self._count(done)
            return
        self.series.unchanged += 1
        if done.result is SeriesResult.ENDED:
            cells.warn("series_ref", f"{known.ref} has ended and stays so")

    def _count(self, done: SeriesOutcome) -> None:
        self.made += done.made
        self.told += done.told


def _ref_of(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.casefold()).strip("-")[:LONGEST_REF].rstrip("-") or "series"


def _clock(cells: Cells, column: str) -> time | None:
    value = cells.row[column]
    if not value:
        return None
    found = _CLOCK.fullmatch(value)
    if found and int(found[1]) < 24 and int(found[2]) < 60:
        return time(int(found[1]), int(found[2]))
    cells.error(column, f"{value!r} must be a time such as 19:00")
    return None


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _differences(before: SeriesPlan, after: SeriesPlan) -> list[str]:
    """The names of what differs, the pattern's own among them."""
    names = [each.name for each in fields(Pattern)]
    found = {name for name in names if getattr(before.pattern, name) != getattr(after.pattern, name)}
    found |= {
        name for name in ("rhythm", "first_on", "until") if getattr(before, name) != getattr(after, name)
    }
    return sorted("ends" if name == "minutes" else name for name in found)
