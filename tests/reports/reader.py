"""A reader of public reports who wants to know who left, and knows how all their figures hang together.

Every number that is not printed is an unknown of a linear programme; every printed numerator and denominator,
and every sum that must hold within a year, from one to the next and from one report to the next, is an
equation. The reader has learnt of a few people where a group of one to four could not be five.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Any

import numpy
from scipy.optimize import linprog
from scipy.sparse import csr_array, eye_array, hstack

from disclosure.suppression import K
from reports.figures import Figure
from reports.landmark import landmark
from reports.public import public_figures
from reports.public_retention import Record
from reports.report import figures_of_register, tallies_of
from reports.tallies import BANDS, FOSTERED, NO_AGE, OVER_50, ROUTES, TYPES, tally
from reports.years import FosteringYear, anniversary, year_of
from storage.households import EndRoute
from storage.report_queries import Approval

SPANS = (1, 2, 3, 5, 10)
"""Anniversaries that some figure tells apart: a leaver is of the span that the last one reached begins."""
ALL_SPANS = (0, *SPANS)
COLUMNS = dict(zip(FOSTERED, ((0, 1), (2, 3), (5,), (10,)), strict=True))
AGES = (*BANDS, NO_AGE)
NOTICE = timedelta(days=28)
OUTCOMES = ("yes", "no", "unknown", "the year before", "that year")


@dataclass(frozen=True)
class Published:
    """A public report, and the internal one that it was made of."""

    year: FosteringYear
    today: date
    figures: Sequence[Figure]
    internal: Sequence[Figure]


def service(
    random: Random, leavers: float, today: date, since: date, recorded: date, coming: float
) -> list[Approval]:
    """A register in which so many leave in a year, most of them soon or late, and of which attendance was
    ``recorded`` since a day; ``coming`` is the share that comes to something in the first year."""
    weights = random.choice(
        ((80, 8, 4, 4, 1, 1, 1, 1), (60, 30, 5, 5, 0, 0, 0, 0), (50, 40, 20, 9, 5, 3, 8, 8))
    )
    routes = [route.value for route in EndRoute]
    found = []
    for number in range(int(leavers * 25)):
        approved = today - timedelta(days=int(number * 365.25 / leavers))
        years = random.choices(
            (random.uniform(0.1, 2), random.uniform(2, 10), random.uniform(10, 24)), (36, 24, 40)
        )[0]
        ended: date | None = approved + timedelta(days=int(years * 365.25))
        if ended is not None and ended < since:
            continue
        ended = ended if ended is not None and ended <= today + NOTICE else None
        found.append(
            Approval(
                random.choices(TYPES, weights)[0],
                approved,
                ended,
                random.choices(routes, (20, 2, 1))[0] if ended else None,
                tuple(random.sample(("moved", "retired"), random.choice((0, 1)))) if ended else (),
                random.random() < 0.35,
                random.choice((None, *range(1948, 1998))),
                engaged=random.random() < coming if approved >= recorded else None,
            )
        )
    return found


def publish(
    households: Sequence[Approval],
    year: FosteringYear,
    today: date,
    since: date | None,
    more: Sequence[Figure] = (),
) -> Published:
    """The public report of ``year`` as it was made ``today``, when nobody knew who would leave later."""
    then = as_at(households, today)
    tallies = tallies_of(then, year, today)
    internal = figures_of_register(then, tallies, year, since, today) + list(more)
    record = Record(year, then, since, year.as_at(today))
    return Published(year, today, public_figures(internal, tallies, record), internal)


def as_at(households: Iterable[Approval], today: date) -> list[Approval]:
    """The register as it was on that day, when some had given notice."""
    known = today + NOTICE
    return [
        replace(one, ended_on=None, end_route=None, end_reasons=())
        if one.ended_on is not None and one.ended_on > known
        else one
        for one in households
        if one.approved_on <= today
    ]


Sum = Mapping[int, int]


class Reader:
    """What follows from these reports, the last of which is of the latest year."""

    def __init__(self, households: Sequence[Approval], reports: Sequence[Published], since: date) -> None:
        self.columns: dict[tuple[Any, ...], int] = {}
        self.truth: list[int] = []
        self.rows: list[tuple[Counter[int], int]] = []
        last = reports[-1]
        self.since = since
        self.until = last.year.as_at(last.today)
        self.households = as_at(households, last.today)
        self.years = [FosteringYear(start) for start in range(year_of(since).start, last.year.start + 1)]
        self.reasons = sorted({f.group["end_reason"] for f in last.internal if f.id == "end_reason"})
        for year in self.years:
            self._registers(year, last.today)
            self._spans(year)
            self._constellation(year)
        self._first_years()
        self._surveys(last.internal)
        for report in reports:
            for figure in report.figures:
                if figure.numerator is not None:
                    self._read(figure, report.year)

    # What must hold.

    def _cell(self, key: tuple[Any, ...], count: int) -> Counter[int]:
        self.columns[key] = len(self.truth)
        self.truth.append(count)
        return Counter({self.columns[key]: 1})

    def _equal(self, left: Counter[int], right: Counter[int]) -> None:
        row = Counter(left)
        row.subtract(right)
        self.rows.append((row, 0))

    def sum(self, year: FosteringYear, name: str, *rest: Any, kind: str = "all") -> Counter[int]:
        """One cell of a table by type, or its sum over all types."""
        kinds = TYPES if kind == "all" else (kind,)
        return Counter({self.columns[year, name, each, *rest]: 1 for each in kinds})

    def one(self, *key: Any) -> Counter[int]:
        return Counter({self.columns[key]: 1})

    def _registers(self, year: FosteringYear, today: date) -> None:
        counts = tally(self.households, year, today)
        for kind in TYPES:
            left = self._cell((year, "left", kind), counts.left[kind])
            stayed = self._cell((year, "stayed", kind), counts.stayed[kind])
            approved = self._cell((year, "approved", kind), counts.approved[kind])
            soon = self._cell((year, "by then", kind), counts.left_by_then[kind])
            later = self._cell((year, "later", kind), counts.left[kind] - counts.left_by_then[kind])
            self._equal(soon + later, left)
            for name, cells, columns, whole in (
                ("route", counts.routes, ROUTES, left),
                ("left_age", counts.left_by_age, AGES, left),
                ("stayed_age", counts.stayed_by_age, AGES, stayed),
            ):
                parts: Counter[int] = Counter()
                for column in columns:
                    parts += self._cell((year, name, kind, column), cells[kind, column])
                self._equal(parts, whole)
            given: Counter[int] = Counter()
            for reason in self.reasons:
                gave = self._cell((year, "reason", kind, reason), counts.reasons[kind, reason])
                others = counts.left[kind] - counts.reasons[kind, reason]
                self._equal(gave + self._cell((year, "other", kind, reason), others), left)
                given += gave
            if max(counts.reasons_given, default=0) <= 1:
                self._equal(given, left)
            if (year.back(1), "stayed", kind) in self.columns:
                self._equal(left + stayed, self.one(year.back(1), "stayed", kind) + approved)

    def _leavers(self, year: FosteringYear) -> list[tuple[Approval, int]]:
        """Who left in this year, with the last of `SPANS` that they reached."""
        found = []
        for one in self.households:
            if one.ended_on is not None and year.first_day <= one.ended_on <= year.as_at(self.until):
                reached = [each for each in SPANS if one.ended_on >= anniversary(one.approved_on, each)]
                found.append((one, max(reached, default=0)))
        return found

    def _group(self, one: Approval, span: int) -> str:
        if span == 0:
            return "early"
        if one.engaged is None or one.ended_on is None or not self.since < one.ended_on <= self.until:
            return "unknown"
        return "yes" if one.engaged else "no"

    def _spans(self, year: FosteringYear) -> None:
        leavers = self._leavers(year)
        by_type = Counter((one.household_type, span) for one, span in leavers)
        by_group = Counter((self._group(one, span), span) for one, span in leavers)
        for kind in TYPES:
            parts: Counter[int] = Counter()
            for span in ALL_SPANS:
                parts += self._cell((year, "span", kind, span), by_type[kind, span])
            self._equal(parts, self.one(year, "left", kind))
        for span in ALL_SPANS:
            groups = ("early",) if span == 0 else ("yes", "no", "unknown")
            parts = Counter()
            for group in groups:
                parts += self._cell((year, "group", None, group, span), by_group[group, span])
            self._equal(parts, self.sum(year, "span", span))

    def _constellation(self, year: FosteringYear) -> None:
        end = year.as_at(self.until)

        def cells(name: str, of: list[Approval]) -> list[Counter[int]]:
            inside = sum(one.in_constellation for one in of)
            return [
                self._cell((year, name, None, "in"), inside),
                self._cell((year, name, None, "out"), len(of) - inside),
            ]

        there = [
            one
            for one in self.households
            if one.approved_on <= end and not (one.ended_on is not None and one.ended_on <= end)
        ]
        stock = cells("stock", there)
        new = cells("new", [one for one in self.households if one.approved_on in year])
        gone = cells("gone", [one for one, _ in self._leavers(year)])
        for side, part in enumerate(("in", "out")):
            if (year.back(1), "stock", None, part) in self.columns:
                before = self.one(year.back(1), "stock", None, part)
                self._equal(stock[side] + gone[side], before + new[side])
        for parts, name in ((stock, "stayed"), (new, "approved"), (gone, "left")):
            self._equal(parts[0] + parts[1], self.sum(year, name))

    def _first_years(self) -> None:
        parted = landmark(self.households, self.since)
        found: Counter[tuple[FosteringYear, str]] = Counter()
        for one in self.households:
            reached = anniversary(one.approved_on, 1)
            if self.since <= reached and one.approved_on <= self.until:
                outcome = {None: "unknown", True: "yes", False: "no"}[one.engaged]
                if one.ended_on is not None and one.ended_on < reached and one.ended_on <= self.until:
                    same = year_of(one.ended_on) == year_of(reached)
                    outcome = "that year" if same else "the year before"
                elif reached > self.until:
                    outcome = "not yet"
                found[year_of(reached), outcome] += 1
        coming = [*self.years, FosteringYear(self.years[-1].start + 1)]
        for year in coming:
            parts: Counter[int] = Counter()
            for outcome in (*OUTCOMES, "not yet"):
                parts += self._cell((year, "reached", None, outcome), found[year, outcome])
            if year.back(1) in self.years:
                self._equal(parts, self.sum(year.back(1), "approved"))
                # Those who left early in a year had their anniversary before them in it, or in the next.
                both = self.one(year, "reached", None, "the year before")
                both += self.one(year.back(1), "reached", None, "that year")
                self._equal(both, self.one(year.back(1), "group", None, "early", 0))
        before = dict.fromkeys(("yes", "no"), 0)
        for year in self.years:
            groups = parted.groups(year.as_at(self.until))
            rest = self.sum(year, "stayed")
            for group in before:
                number, left = groups[group].number, groups[group].left.total()
                entered = self._cell((year, "entered", None, group), number - before[group])
                there = self._cell((year, "there", None, group), number - left)
                before[group] = number
                gone = sum((self.one(year, "group", None, group, span) for span in SPANS), Counter[int]())
                if (year.back(1), "there", None, group) in self.columns:
                    self._equal(there + gone, self.one(year.back(1), "there", None, group) + entered)
                else:
                    self._equal(there + gone, entered)
                rest.subtract(there)
            beside = self._cell((year, "there", None, "neither"), self._value(rest))
            self._equal(beside, rest)

    def _surveys(self, figures: Iterable[Figure]) -> None:
        for figure in figures:
            if figure.id == "survey_response_by_survey" and figure.numerator is not None:
                year, took = figure.period, figure.numerator
                self._cell((year, "took part", None, figure.group["survey"]), took)
                self._cell((year, "did not", None, figure.group["survey"]), (figure.denominator or 0) - took)

    def _value(self, row: Sum) -> int:
        return sum(factor * self.truth[column] for column, factor in row.items())

    # What is printed.

    def _read(self, figure: Figure, of: FosteringYear) -> None:
        told = self._told(figure, of)
        if told is None:
            return
        numerator, denominator = told
        self.rows.append((numerator, figure.numerator or 0))
        if denominator is not None:
            self.rows.append((denominator, figure.denominator or 0))

    def _told(self, figure: Figure, of: FosteringYear) -> tuple[Counter[int], Counter[int] | None] | None:
        year, group = FosteringYear(int(figure.period[:4])), figure.group
        if year not in self.years:
            return None
        kind = group.get("household_type", "all")

        def part(name: str, *rest: Any, of_year: FosteringYear = year) -> Counter[int]:
            return self.sum(of_year, name, *rest, kind=kind)

        def parts(name: str, columns: Iterable[Any]) -> Counter[int]:
            return sum((part(name, column) for column in columns), Counter[int]())

        left = part("left")
        record = [each for each in self.years if each <= of]
        match figure.id:
            case "deregistered_households":
                return left, None
            case "deregistration_rate":
                return left, left + part("stayed")
            case "end_route":
                return part("route", group["end_route"]), left
            case "end_reason":
                return part("reason", group["end_reason"]), left
            case "left_within_2_years":
                return parts("span", (0, 1)), left
            case "left_after_10_years":
                return part("span", 10), left
            case "leavers_by_years_fostered":
                return parts("span", COLUMNS[group["years_fostered"]]), left
            case "leavers_over_50":
                return parts("left_age", OVER_50), parts("left_age", BANDS)
            case "leavers_by_age_band":
                return part("left_age", group["age_band"]), left
            case "leaving_rate_by_age_band":
                band = group["age_band"]
                return part("left_age", band), part("left_age", band) + part("stayed_age", band)
            case "mockingbird_share":
                return self.one(year, "stock", None, "in"), part("stayed")
            case "change_on_previous_year" | "change_on_same_days":
                if year.back(1) not in self.years:
                    return None
                name = "left" if figure.id == "change_on_previous_year" else "by then"
                before = part(name, of_year=year.back(1))
                change = part(name)
                change.subtract(before)
                return change, before
            case "retention_at_years":
                everyone = sum((part("left", of_year=each) for each in record), part("stayed"))
                gone = [span for span in ALL_SPANS if span < int(group["years"])]
                stayed = Counter(everyone)
                for each in record:
                    for span in gone:
                        stayed.subtract(part("span", span, of_year=each))
                if group["years"] == "1" and self._value(stayed) != figure.numerator:
                    return None  # the curve counts days, and some left within one of the anniversary
                return stayed, everyone
            case "households_at_risk" if "engaged" not in group:
                return sum((part("approved", of_year=each) for each in record), Counter[int]()), None
            case "engaged_in_first_year":
                came, not_come = (
                    sum((self.one(each, "reached", None, outcome) for each in record), Counter[int]())
                    for outcome in ("yes", "no")
                )
                return came, came + not_come
            case "retention_after_first_year":
                which = group["engaged"]
                entered = sum((self.one(each, "entered", None, which) for each in record), Counter[int]())
                stayed = Counter(entered)
                for each in record:
                    for span in SPANS:
                        if span < int(group["years"]) + 1:
                            stayed.subtract(self.one(each, "group", None, which, span))
                return stayed, entered
            case "engaged_log_rank":
                came, not_come = (
                    sum(
                        (self.one(each, "group", None, which, span) for each in record for span in SPANS),
                        Counter[int](),
                    )
                    for which in ("yes", "no")
                )
                return came, came + not_come
            case "survey_response_by_survey":
                survey = group["survey"]
                took = self.one(figure.period, "took part", None, survey)
                return took, took + self.one(figure.period, "did not", None, survey)
            case "survey_response_rate":
                took = self._of_surveys(figure.period, "took part")
                return took, took + self._of_surveys(figure.period, "did not")
            case _:
                return None

    def _of_surveys(self, period: str, name: str) -> Counter[int]:
        return Counter({column: 1 for key, column in self.columns.items() if key[:2] == (period, name)})

    # What follows.

    def small_groups(self) -> dict[tuple[Any, ...], Sum]:
        """Every group of one to four people, of one type or of all."""
        groups: dict[tuple[Any, ...], Sum] = {key: {column: 1} for key, column in self.columns.items()}
        for year, name, kind, *rest in list(self.columns):
            if kind is not None:
                groups[year, name, "all", *rest] = self.sum(year, name, *rest)
        return {key: group for key, group in groups.items() if 0 < self._value(group) < K}

    def learnt(self, *, whole_numbers: bool = False) -> list[tuple[Any, ...]]:
        """The groups of one to four people that could not be five."""
        matrix, values = self._matrix()
        misread = [row for row in self.rows if self._value(row[0]) != row[1]]
        assert not misread, f"the reader misreads the report: {[self._names(row) for row in misread[:3]]}"
        left = self.small_groups()
        while left:
            reached = self._reached(matrix, values, left, whole_numbers=whole_numbers)
            if not reached:
                return [
                    key
                    for key, group in left.items()
                    if not self._reached(matrix, values, {key: group}, whole_numbers=whole_numbers)
                ]
            left = {key: group for key, group in left.items() if key not in reached}
        return []

    def _names(self, row: tuple[Sum, int]) -> str:
        keys = {column: key for key, column in self.columns.items()}
        parts = [f"{factor:+} {keys[column]}: {self.truth[column]}" for column, factor in row[0].items()]
        return f"{parts} is not {row[1]}"

    def _matrix(self) -> tuple[Any, Any]:
        rows = dict.fromkeys((frozenset(row.items()), value) for row, value in self.rows)
        at, columns, factors = [], [], []
        for number, (row, _) in enumerate(rows):
            for column, factor in row:
                at.append(number)
                columns.append(column)
                factors.append(float(factor))
        shape = (len(rows), len(self.truth))
        return csr_array((factors, (at, columns)), shape=shape), numpy.array([value for _, value in rows])

    def _reached(
        self, matrix: Any, values: Any, groups: Mapping[tuple[Any, ...], Sum], *, whole_numbers: bool
    ) -> set[tuple[Any, ...]]:
        """The groups that are five or more in one of the tables that fit: in that in which they are so as
        far as they can be all together."""
        wide, many = len(self.truth), len(groups)
        at = [number for number, group in enumerate(groups.values()) for _ in group]
        columns = [column for group in groups.values() for column in group]
        sizes = csr_array(([1.0] * len(at), (at, columns)), shape=(many, wide))
        equal = hstack([matrix, csr_array((matrix.shape[0], many))])
        result = linprog(
            numpy.concatenate([numpy.zeros(wide), -numpy.ones(many)]),
            A_ub=hstack([-sizes, eye_array(many)]),
            b_ub=numpy.zeros(many),
            A_eq=equal,
            b_eq=values,
            bounds=[(0, None)] * wide + [(0, K)] * many,
            method="highs",
            integrality=numpy.concatenate([numpy.ones(wide), numpy.zeros(many)]) if whole_numbers else None,
        )
        assert result.status == 0, result.message
        found = sizes @ result.x[:wide]
        return {key for key, size in zip(groups, found, strict=True) if size >= K - 1e-6}
