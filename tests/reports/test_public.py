"""The public version, read the way somebody would who wants to know who left."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from random import Random

import numpy
import pytest
from scipy.optimize import linprog

from disclosure.suppression import K
from reports.figures import Figure
from reports.public import public_figures
from reports.public_retention import Record
from reports.report import figures_of_register, tallies_of
from reports.tallies import AFTER_10, BANDS, BETWEEN, NO_AGE, OVER_50, ROUTES, TYPES, UNDER_2, Tally
from reports.years import FosteringYear
from storage.report_queries import Approval
from tests.reports.register import YEAR, by_chance, leaver, published

SINCE = date(2018, 4, 1)
TODAY = date(2023, 6, 1)


def seen_by_the_public(households: list[Approval]) -> tuple[list[Figure], dict[FosteringYear, Tally]]:
    tallies = tallies_of(households, YEAR, TODAY)
    figures = figures_of_register(households, tallies, YEAR, SINCE, TODAY)
    return public_figures(figures, tallies, Record(YEAR, households, SINCE, YEAR.last_day)), tallies


class Reader:
    """Somebody who knows how the figures hang together and works out how high a hidden count could be.

    Every count that is not printed is an unknown of a linear programme; every printed numerator and
    denominator, and every sum that must hold, is an equation.
    """

    def __init__(self, figures: list[Figure], tallies: dict[FosteringYear, Tally]) -> None:
        self.columns: dict[object, int] = {}
        self.truth: list[int] = []
        self.rows: list[tuple[Counter[int], int]] = []
        self.watched: dict[object, Counter[int]] = {}
        for year, counts in tallies.items():
            self._year(str(year), str(year.back(1)), counts)
        for figure in figures:
            if figure.numerator is not None and figure.id != "retention_at_years":
                self._read(figure)

    def _cell(self, key: object, count: int) -> Counter[int]:
        self.columns[key] = len(self.truth)
        self.truth.append(count)
        return Counter({self.columns[key]: 1})

    def _year(self, year: str, before: str, counts: Tally) -> None:
        for kind in TYPES:
            left = self._cell((year, "left", kind), counts.left[kind])
            stayed = self._cell((year, "stayed", kind), counts.stayed[kind])
            approved = self._cell((year, "approved", kind), counts.approved[kind])
            for name, cells, columns, whole in (
                ("tenure", counts.tenure, (UNDER_2, BETWEEN, AFTER_10), left),
                ("route", counts.routes, ROUTES, left),
                ("left_age", counts.left_by_age, (*BANDS, NO_AGE), left),
                ("stayed_age", counts.stayed_by_age, (*BANDS, NO_AGE), stayed),
            ):
                parts: Counter[int] = Counter()
                for column in columns:
                    parts += self._cell((year, name, kind, column), cells[kind, column])
                self._equal(parts, whole)
            if (before, "stayed", kind) in self.columns:
                stock = Counter({self.columns[before, "stayed", kind]: 1})
                self._equal(left + stayed, stock + approved)
        inside = self._cell((year, "inside"), counts.constellation[True])
        outside = self._cell((year, "outside"), counts.constellation[False])
        self._equal(inside + outside, self.sum(year, "stayed"))

    def sum(self, year: str, name: str, column: str | None = None, kind: str = "all") -> Counter[int]:
        kinds = TYPES if kind == "all" else (kind,)
        rest = () if column is None else (column,)
        return Counter({self.columns[year, name, each, *rest]: 1 for each in kinds})

    def _equal(self, left: Counter[int], right: Counter[int]) -> None:
        row = Counter(left)
        row.subtract(right)
        self.rows.append((row, 0))

    def _read(self, figure: Figure) -> None:
        year, kind = figure.period, figure.group.get("household_type", "all")

        def part(name: str, column: str | None = None) -> Counter[int]:
            return self.sum(year, name, column, kind)

        left = part("left")
        numerators: dict[str, Callable[[], tuple[Counter[int], Counter[int] | None]]] = {
            "deregistered_households": lambda: (left, None),
            "deregistration_rate": lambda: (left, left + part("stayed")),
            "end_route": lambda: (part("route", figure.group["end_route"]), left),
            "left_within_2_years": lambda: (part("tenure", UNDER_2), left),
            "left_after_10_years": lambda: (part("tenure", AFTER_10), left),
            "leavers_over_50": lambda: (
                sum((part("left_age", band) for band in OVER_50), Counter()),
                sum((part("left_age", band) for band in BANDS), Counter()),
            ),
            "leaving_rate_by_age_band": lambda: (
                part("left_age", figure.group["age_band"]),
                part("left_age", figure.group["age_band"]) + part("stayed_age", figure.group["age_band"]),
            ),
            "mockingbird_share": lambda: (Counter({self.columns[year, "inside"]: 1}), part("stayed")),
        }
        if figure.id == "change_on_previous_year":
            before = str(FosteringYear(int(year[:4]) - 1))
            self.rows.append((self.sum(before, "left", kind=kind), figure.denominator or 0))
            change = Counter(left)
            change.subtract(self.sum(before, "left", kind=kind))
            self.rows.append((change, figure.numerator or 0))
        elif figure.id in numerators:
            numerator, denominator = numerators[figure.id]()
            self.rows.append((numerator, figure.numerator or 0))
            if denominator is not None:
                self.rows.append((denominator, figure.denominator or 0))

    def small_groups(self) -> list[tuple[object, Counter[int]]]:
        """Every group of one to four people, of one type or of all."""
        groups: dict[object, Counter[int]] = {
            key: Counter({column: 1}) for key, column in self.columns.items()
        }
        for key in list(self.columns):
            if isinstance(key, tuple) and len(key) > 2:
                year, name, _, *rest = key
                groups[year, name, "all", *rest] = self.sum(year, name, *rest)
        return [
            (key, group)
            for key, group in groups.items()
            if 0 < sum(self.truth[column] for column in group) < K
        ]

    def could_be(self, groups: list[tuple[object, Counter[int]]]) -> dict[object, float]:
        """The highest count that each group could have for all that is printed."""
        matrix = numpy.zeros((len(self.rows), len(self.truth)))
        values = numpy.zeros(len(self.rows))
        for number, (row, value) in enumerate(self.rows):
            values[number] = value
            for column, factor in row.items():
                matrix[number, column] = factor
        assert numpy.allclose(matrix @ numpy.array(self.truth), values), "the reader misreads the report"
        found: dict[object, float] = {}
        for key, group in groups:
            aim = numpy.zeros(len(self.truth))
            aim[list(group)] = -1
            result = linprog(aim, A_eq=matrix, b_eq=values, bounds=(0, None), method="highs")
            found[key] = float("inf") if result.status == 3 else -result.fun
        return found


@pytest.mark.parametrize("seed", range(4))
def test_no_group_of_one_to_four_can_be_worked_out_from_what_is_printed(seed: int) -> None:
    random = Random(seed)
    figures, tallies = seen_by_the_public(by_chance(random, random.choice((60, 200, 1500))))
    reader = Reader(figures, tallies)
    groups = reader.small_groups()
    some = random.sample(groups, min(len(groups), 60))
    revealed = {key: high for key, high in reader.could_be(some).items() if high < K - 1e-6}
    assert revealed == {}


def test_a_type_with_two_leavers_takes_its_neighbour_with_it() -> None:
    figures, _ = seen_by_the_public(published())
    left = {
        figure.group["household_type"]: figure.value
        for figure in figures
        if figure.id == "deregistered_households" and figure.period == "2022/23"
    }
    assert left["all"] == 25
    assert left["family_and_friends"] is None
    assert left["mainstream"] is None


def test_a_route_taken_by_one_hides_how_many_took_the_others() -> None:
    figures, _ = seen_by_the_public(published())
    routes = [figure for figure in figures if figure.id == "end_route" and figure.period == "2022/23"]
    assert routes
    assert all(figure.suppressed for figure in routes)


def test_a_share_whose_rest_is_small_is_hidden_as_well() -> None:
    leavers = [
        leaver(date(2012, 5, 1), date(2022, 6, 1), born=1950 if number else 1990) for number in range(9)
    ]
    figures, _ = seen_by_the_public(leavers + published()[-124:])
    over = next(f for f in figures if f.id == "leavers_over_50" and f.period == "2022/23")
    assert over.suppressed


def test_what_is_hidden_stays_listed_and_empty() -> None:
    households = published()
    figures, tallies = seen_by_the_public(households)
    internal = figures_of_register(households, tallies, YEAR, SINCE, TODAY)
    assert [figure.key for figure in figures] == [figure.key for figure in internal]
    hidden = [figure for figure in figures if figure.suppressed]
    assert hidden
    for figure in hidden:
        assert (figure.numerator, figure.denominator, figure.value, figure.interval) == (None,) * 4
        assert figure.note == ""
    assert not any(figure.suppressed for figure in internal)


def test_one_leaver_between_two_points_of_the_curve_hides_a_point() -> None:
    early = [leaver(date(2019, 5, 1), date(2019, 8, 1))] * 6
    alone = [leaver(date(2019, 5, 1), date(2020, 8, 1))]
    late = [leaver(date(2018, 5, 1), date(2021, 5, 1))] * 5
    figures, _ = seen_by_the_public([*early, *alone, *late, *published()[-124:]])
    shown = {
        f.group["years"] for f in figures if f.id == "retention_at_years" and not f.suppressed and f.value
    }
    assert shown <= {"1", "5"}
    assert "2" not in shown
