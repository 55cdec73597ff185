"""Importing the programme from a spreadsheet: all of a file or nothing.

New refs become events. A ref that is known is a change to that event: who said yes hears of a new time or
place, exactly as when staff change it in the console. Rows and columns that are absent change nothing. An
event that is past is taken as history and nobody is invited to it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo

from carers.audience import SAVED, audience_names, audience_reach
from carers.audit import record
from carers.cells import Cells, repeated
from carers.file_outcome import FileOutcome, Tally, open_sheet, outcome
from carers.spreadsheet import Notes, Row
from events.planning import (
    Changed,
    ChangeOutcome,
    EventPlan,
    Problem,
    change_event,
    is_address,
    plan_event,
    plan_of,
    problems,
)
from storage.engine import Session
from storage.events import Allocation, Event, EventState, Mode, RsvpBy
from storage.events_queries import event_by_ref
from storage.staff import StaffMember

COLUMNS = (
    "event_ref",
    "title",
    "kind",
    "description",
    "starts_at",
    "ends_at",
    "mode",
    "venue",
    "online_url",
    "rsvp_by",
    "audience",
    "capacity",
    "online_capacity",
    "allocation",
    "rsvp_deadline",
    "invite_at",
    "map_url",
)
REQUIRED = ("event_ref", "title", "kind", "starts_at", "ends_at", "mode", "rsvp_by", "audience")
STATE = "state"
"""Exports say of each event how it stands; of the states only ``cancelled`` means anything on the way in."""

DRAFT = "draft"
_MOST_PLACES = 100_000
_WRONG = {
    Problem.ENDS_BEFORE_IT_STARTS: ("ends_at", "is not after starts_at"),
    Problem.DEADLINE_AFTER_START: ("rsvp_deadline", "is after starts_at"),
    Problem.INVITES_AFTER_START: ("invite_at", "is not before starts_at"),
}
_REFUSED = {
    Changed.TOO_FEW_PLACES: ("capacity", "is less than the places that are taken"),
    Changed.ANSWERS_FIXED: ("rsvp_by", "cannot change: invitations are out"),
    Changed.ALLOCATION_FIXED: ("allocation", "cannot change: somebody has answered"),
}


async def import_programme(
    session: Session,
    name: str,
    content: bytes,
    now: datetime,
    zone: ZoneInfo,
    *,
    by: StaffMember | None = None,
    dry_run: bool = False,
) -> FileOutcome:
    """Take a programme file, by its name and content. Its times are local in ``zone``.

    With ``dry_run`` everything is done and taken back, so that what it says is what would happen.
    """
    notes = Notes()
    sheet = open_sheet(name, content, (*COLUMNS, STATE), REQUIRED, notes)
    if isinstance(sheet, FileOutcome):
        return sheet
    _note_repeated(sheet.rows, notes)
    today = now.astimezone(zone).date()
    update = _ProgrammeUpdate(session, notes, now, by, await audiences_by_name(session, today))
    plans = [await update.read(Cells(row, sheet.columns, notes), zone) for row in sheet.rows]
    await _note_empty_audiences(session, plans, notes, today)
    if notes.errors:
        return outcome(notes)
    async with session.begin_nested() as attempt:
        for planned in plans:
            await update.write(planned)
        if dry_run or notes.errors:
            await attempt.rollback()
        else:
            counts = {"new": len(update.events.new), "changed": len(update.events.changed)}
            await record(session, now, by, "programme.import", "", **counts)
    if notes.errors:
        return outcome(notes)
    return outcome(notes, update.events, done=not dry_run, besides=update.besides())


async def audiences_by_name(session: Session, today: date) -> dict[str, str]:
    """Every audience's name by its name in small letters, and a saved one by its name alone; of two that
    differ in nothing else the first."""
    names = [*reversed(await audience_names(session, today))]
    saved = {
        name.removeprefix(f"{SAVED}:").casefold(): name for name in names if name.startswith(f"{SAVED}:")
    }
    return saved | {name.casefold(): name for name in names}


def _note_repeated(rows: tuple[Row, ...], notes: Notes) -> None:
    for number, first in repeated((row.number, row["event_ref"]) for row in rows).items():
        notes.error(f"is the same as in row {first}", number, "event_ref")


@dataclass(frozen=True, slots=True)
class _Planned:
    """A row and the plan that it asks for; ``event`` null: there is none of that ref yet."""

    row: Row
    plan: EventPlan
    event_id: int | None


@dataclass(slots=True)
class _ProgrammeUpdate:
    """One file on its way into the programme."""

    session: Session
    notes: Notes
    now: datetime
    by: StaffMember | None
    audiences: dict[str, str]
    events: Tally = field(default_factory=lambda: Tally("Events"))
    told: int = 0

    def besides(self) -> tuple[str, ...]:
        return (f"told of a change: {self.told}",) if self.told else ()

    async def read(self, cells: Cells, zone: ZoneInfo) -> _Planned | None:
        """What one row asks for; None where it cannot be, which is noted."""
        errors = len(self.notes.errors)
        values = self._values(cells, zone)
        ref = cells.line("event_ref", 64, required=True)
        if not (values.get("starts_at") and values.get("ends_at")):
            return None
        event = await event_by_ref(self.session, ref)
        if cells.row[STATE].casefold() == EventState.CANCELLED:
            if event is None:
                cells.warn(STATE, f"{ref} was cancelled and is left out")
                return None
            if event.state is not EventState.CANCELLED:
                cells.warn(STATE, f"{ref} is on; cancel it in the console, so that carers are told why")
        plan = _plan(ref, values, cells, event)
        for problem in problems(plan):
            if problem in _WRONG:
                cells.error(*_WRONG[problem])
        self._warn(cells, plan)
        return (
            _Planned(cells.row, plan, event.id if event else None)
            if len(self.notes.errors) == errors
            else None
        )

    def _values(self, cells: Cells, zone: ZoneInfo) -> dict[str, Any]:
        values = {
            "title": cells.line("title", 200, required=True),
            "kind": cells.line("kind", 40, required=True),
            "description": cells.text("description", 2000),
            "starts_at": cells.moment("starts_at", zone, required=True),
            "ends_at": cells.moment("ends_at", zone, required=True),
            "mode": cells.choice("mode", Mode, required=True) or Mode.IN_PERSON,
            "venue": cells.line("venue", 300),
            "online_url": read_address(cells, "online_url"),
            "map_url": read_address(cells, "map_url"),
            "rsvp_by": cells.choice("rsvp_by", RsvpBy, required=True) or RsvpBy.CARER,
            "audience": read_audience(cells, self.audiences),
            "capacity": cells.whole_number("capacity", 1, _MOST_PLACES),
            "online_capacity": cells.whole_number("online_capacity", 1, _MOST_PLACES),
            "allocation": cells.choice("allocation", Allocation) or Allocation.FIRST_COME,
            "rsvp_deadline": cells.moment("rsvp_deadline", zone),
        }
        if cells.row["invite_at"].casefold() != DRAFT:
            values["invite_at"] = cells.moment("invite_at", zone)
        return values

    def _warn(self, cells: Cells, plan: EventPlan) -> None:
        ballot = plan.allocation is Allocation.BALLOT
        if plan.mode is not Mode.IN_PERSON and not plan.online_url:
            cells.warn("online_url", "is empty: the join link can be added later")
        if plan.mode is Mode.IN_PERSON and plan.online_capacity is not None:
            cells.warn("online_capacity", "has no meaning for an event in person")
        if ballot and plan.capacity is None:
            cells.warn("capacity", "is empty, so that a ballot has nothing to share out")
        if ballot and plan.rsvp_deadline is None:
            cells.warn("rsvp_deadline", "is empty: a ballot takes entries until a deadline")
        if plan.rsvp_deadline and plan.invite_at and plan.invite_at >= plan.rsvp_deadline:
            cells.warn("invite_at", "is not before rsvp_deadline")

    async def write(self, planned: _Planned | None) -> None:
        """Make the event, or change it; notes a change that cannot be."""
        if planned is None:
            return
        if planned.event_id is None:
            event = await plan_event(self.session, planned.plan, self.by, self.now)
            self.events.new.append(event.ref)
            return
        changed = await change_event(self.session, planned.event_id, planned.plan, self.by, self.now)
        self._note_change(planned, changed)

    def _note_change(self, planned: _Planned, changed: ChangeOutcome) -> None:
        ref, number = planned.plan.ref, planned.row.number
        if changed.result in _REFUSED:
            column, message = _REFUSED[changed.result]
            self.notes.error(message, number, column)
        elif changed.result is Changed.CHANGED:
            self.events.changed[ref] = ["invite_at" if name == DRAFT else name for name in changed.fields]
            self.told += changed.told
        else:
            self.events.unchanged += 1
            if changed.result is Changed.ALREADY_CANCELLED:
                self.notes.warn(f"{ref} was cancelled and stays so", number, "event_ref")


def read_audience(cells: Cells, audiences: Mapping[str, str]) -> str:
    """The audience that a row names; empty, and noted, where there is none of that name."""
    asked = cells.line("audience", 160, required=True)
    if not asked:
        return ""
    if asked.casefold() not in audiences:
        close = get_close_matches(asked.casefold(), audiences, n=1)
        known = f"; is {audiences[close[0]]!r} meant?" if close else ""
        cells.error("audience", f"{asked!r} is neither all nor a group or a saved audience{known}")
        return ""
    return audiences[asked.casefold()]


def read_address(cells: Cells, column: str) -> str:
    """An address on the web; what is none is noted."""
    url = cells.text(column, 500)
    if url and not is_address(url):
        cells.error(column, f"{url[:80]!r} must be an address that begins with https://")
    return url


async def _note_empty_audiences(
    session: Session, plans: Iterable[_Planned | None], notes: Notes, today: date
) -> None:
    first = {planned.plan.audience: planned.row.number for planned in reversed(list(plans)) if planned}
    for audience, number in first.items():
        if (await audience_reach(session, audience, today)).carers == 0:
            notes.warn(f"nobody is in {audience!r} today", number, "audience")


def _plan(ref: str, values: dict[str, Any], cells: Cells, event: Event | None) -> EventPlan:
    """The plan of a row: over what is known of the event, only the columns that the file has."""
    given = {column: value for column, value in values.items() if column in cells.columns}
    if "invite_at" in cells.columns:
        given["draft"] = "invite_at" not in values
    if event is None:
        return EventPlan(ref=ref, **given)
    return replace(plan_of(event), **{"invite_at": None, **given})
