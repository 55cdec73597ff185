"""One report: every figure of the year asked for and of the years before it."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from unicodedata import category
from zoneinfo import ZoneInfo

from disclosure.suppression import K
from reports.engagement import engagement_figures, first_years
from reports.figures import Figure, Key, Sheet, key_of
from reports.landmark import landmark, landmark_curves, landmark_figures
from reports.leavers import leaver_figures, register_figures, same_days_figures
from reports.national import NATIONAL, National
from reports.numbers import people_counted
from reports.public import Public
from reports.public_retention import Record
from reports.retention import estimates, retention_curves, retention_figures, stays_by_type
from reports.survival import Curve
from reports.tallies import NO_REASON, Tally, tally
from reports.typed import Data, questions, shown_to_all
from reports.voices import voice_figures
from reports.years import FosteringYear
from storage.actions import ActionState
from storage.actions_queries import published_and_settled
from storage.engine import Session
from storage.report_comments import CommentRow, comments_on
from storage.report_queries import Approval, approvals_of, register_rows

YEARS_BEFORE = 3


@dataclass(frozen=True, slots=True)
class Settled:
    """What carers said and what the service did about it, as it is published; ``done`` false: it is not
    possible, and ``did`` says why."""

    said: str
    did: str
    done: bool


@dataclass(frozen=True, slots=True)
class Comment:
    """What the service says about the figures of one section. ``typed``: numbers in it that the data do not
    say, as they stand now; they are printed as typed by hand."""

    section: str
    text: str
    typed: tuple[str, ...] = ()


class NotYetBegun(ValueError):
    """The year asked for lies in the future."""


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one year and of those before it, as the data stood on ``data_date``.

    ``notes`` says in plain words what is not there and why; ``settled`` what came of what carers said, of
    the year alone. ``curves`` is empty in the public version: each of their steps is a household.
    """

    service: str
    year: FosteringYear
    data_date: date
    public: bool
    figures: tuple[Figure, ...]
    notes: tuple[str, ...] = ()
    settled: tuple[Settled, ...] = ()
    comments: tuple[Comment, ...] = ()
    national: tuple[National, ...] = NATIONAL
    curves: tuple[Curve, ...] = ()

    @property
    def years(self) -> tuple[FosteringYear, ...]:
        """Oldest first; the report's year is the last."""
        return years_of(self.year)

    def by_key(self) -> dict[Key, Figure]:
        return {figure.key: figure for figure in self.figures}

    def get(self, figure_id: str, period: str | None = None, **group: str) -> Figure:
        """One figure, of the report's year if not said otherwise. Raises ``KeyError`` if it is not there."""
        return self.by_key()[key_of(figure_id, period or str(self.year), **group)]


def years_of(year: FosteringYear) -> tuple[FosteringYear, ...]:
    return tuple(year.back(number) for number in range(YEARS_BEFORE, -1, -1))


async def make_report(
    session: Session,
    *,
    year: FosteringYear,
    service: str,
    zone: ZoneInfo,
    register_since: date | None,
    now: datetime,
    public: bool = False,
) -> Report:
    """Compute the report of ``year`` as the data stands ``now`` (aware UTC).

    ``register_since``: the day from which the register holds every household that left. ``public``: leave
    out whatever would let a reader work out one to four people. Raises `NotYetBegun` for a future year.
    """
    data_date = now.astimezone(zone).date()
    if year.first_day > data_date:
        raise NotYetBegun(f"{year} begins on {year.first_day:%-d %B %Y}; there is nothing to report yet.")
    first = await first_years(session, zone, data_date)
    rows = await register_rows(session)

    def register() -> _Register:
        households = approvals_of(rows, first.since, first.engaged)
        tallies = tallies_of(households, year, data_date)
        figures = figures_of_register(households, tallies, year, register_since, data_date)
        notes = _notes(households, tallies[year], year, register_since, data_date)
        last_day = year.as_at(data_date)
        if public:
            rules = Public(tallies, Record(year, households, register_since, last_day))
            return _Register(figures, notes, rules=rules)
        return _Register(figures, notes, curves_of_register(households, register_since, last_day))

    # In a thread, for carers' taps are not to wait while a large register is reckoned up; and meanwhile the
    # database counts the rest. What it hands over row by row comes first: beside a busy thread each row would
    # have to wait for its turn.
    reckoning = asyncio.ensure_future(asyncio.to_thread(register))
    try:
        engagement = await _engagement(session, year, zone, data_date)
        settled = await settled_in(session, year, public=public)
        written = await comments_on(session, year.start)
    finally:
        reckoned = await reckoning

    def complete() -> Report:
        figures = reckoned.figures + engagement
        if reckoned.rules is not None:
            figures = reckoned.rules.figures(figures)
        comments = _comments(written, Data(figures, years_of(year)), public=public)
        return Report(
            service,
            year,
            data_date,
            public,
            tuple(figures),
            reckoned.notes,
            settled,
            comments,
            curves=reckoned.curves,
        )

    return await asyncio.to_thread(complete)


class _Register(NamedTuple):
    """What is reckoned of the register alone; ``rules``: what the public may see of it."""

    figures: list[Figure]
    notes: tuple[str, ...]
    curves: tuple[Curve, ...] = ()
    rules: Public | None = None


async def _engagement(session: Session, year: FosteringYear, zone: ZoneInfo, data_date: date) -> list[Figure]:
    """The figures of all years that are not about the register."""
    figures = []
    for each in years_of(year):
        sheet = Sheet(str(each), data_date)
        figures += [found async for found in engagement_figures(session, sheet, each, zone, data_date)]
    return figures + await voice_figures(session, years_of(year), zone, data_date)


async def settled_in(session: Session, year: FosteringYear, *, public: bool) -> tuple[Settled, ...]:
    """What came of what carers said, of this year, as it is published; in the public version what counts one
    to four people is left out."""
    found = await published_and_settled(session, year.first_day, year.last_day)
    return tuple(
        Settled(_visible(one.said), _visible(one.did), one.state is ActionState.DONE)
        for one in found
        if not public or not any(0 < few.value < K for few in people_counted(f"{one.said} | {one.did}"))
    )


def _visible(text: str) -> str:
    """Without control characters, which no Word document can hold: they were once let in."""
    return "".join(sign for sign in text if sign in "\n\t" or category(sign) != "Cc")


async def comments_of(
    session: Session, year: FosteringYear, figures: Iterable[Figure], *, public: bool
) -> tuple[Comment, ...]:
    """What the service says about these figures, as it stands."""
    return _comments(
        await comments_on(session, year.start), Data(list(figures), years_of(year)), public=public
    )


def _comments(written: Iterable[CommentRow], data: Data, *, public: bool) -> tuple[Comment, ...]:
    """In the public version those words alone that count nothing which it hides."""
    return tuple(
        Comment(row.section, row.text, tuple(question.number for question in questions(row.text, data)))
        for row in written
        if not public or shown_to_all(row.text, data)
    )


def tallies_of(
    households: list[Approval], year: FosteringYear, data_date: date
) -> dict[FosteringYear, Tally]:
    """Each year of the report counted, and the one before them all."""
    years = (year.back(YEARS_BEFORE + 1), *years_of(year))
    return {each: tally(households, each, data_date) for each in years}


def figures_of_register(
    households: list[Approval],
    tallies: dict[FosteringYear, Tally],
    year: FosteringYear,
    since: date | None,
    data_date: date,
) -> list[Figure]:
    """The figures about households, those that left and those that are there."""
    sheets = sheets_of(tallies, since, data_date)
    years = years_of(year)
    figures = list(leaver_figures(sheets, tallies, years, _reasons(tallies)))
    figures += same_days_figures(sheets[year], tallies, year, since)
    stays = stays_by_type(households, since) if since is not None else None
    parted = landmark(households, since) if since is not None else None
    for each in years:
        sheet, until = Sheet(str(each), data_date), each.as_at(data_date)
        figures += retention_figures(sheet, estimates(stays, until) if stays is not None else None)
        figures += landmark_figures(sheet, parted, until)
        figures += register_figures(sheets[each], tallies[each])
    return figures


def curves_of_register(households: list[Approval], since: date | None, until: date) -> tuple[Curve, ...]:
    """How long households stay, drawn; nothing where nobody knows since when the register is complete."""
    if since is None:
        return ()
    overall = estimates(stays_by_type(households, since), until)
    return (*retention_curves(overall), *landmark_curves(landmark(households, since), until))


def sheets_of(
    years: Iterable[FosteringYear], since: date | None, data_date: date
) -> dict[FosteringYear, Sheet]:
    """A sheet for the leavers of each year; one of which the register is silent says so of every figure."""
    return {each: Sheet(str(each), data_date, _unknown(each, since)) for each in years}


def _unknown(year: FosteringYear, since: date | None) -> str:
    """Why the leavers of this year are not known. A register that is silent about leavers shows none."""
    if since is None or year.last_day >= since:
        return ""
    return f"The register holds no household that left before {since:%-d %B %Y}."


def _reasons(tallies: dict[FosteringYear, Tally]) -> list[str]:
    codes = {reason for counts in tallies.values() for _, reason in counts.reasons}
    return [*sorted(codes - {NO_REASON}), NO_REASON]


def _notes(
    households: list[Approval],
    counts: Tally,
    year: FosteringYear,
    since: date | None,
    data_date: date,
) -> tuple[str, ...]:
    notes = []
    if not households:
        notes.append("The register is empty: no household has been imported.")
    elif not counts.left and not counts.stayed:
        notes.append(f"There are no data for {year}: no household was approved in it.")
    if data_date <= year.last_day:
        notes.append(f"{year} is still running: its figures are those up to {data_date:%-d %B %Y}.")
    if since is not None and year.first_day < since <= year.last_day:
        notes.append(f"Households that left before {since:%-d %B %Y} are not in the register.")
    return tuple(notes)
