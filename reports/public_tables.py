"""Which figures about households the public may see in one year.

Hiding a small number is not enough beside a total, or a rate whose denominator gives it away. So the figures
are taken for what they are made of, tables whose sums a reader knows, and each table is protected with its
neighbours in mind:

1. Leavers by household type. Types that are hidden here become one row in every other table of the year, of
   which a reader can know the sum and nothing else.
2. Those who stayed, whom the denominators of rates give away, and those approved during the year, whom two
   years' denominators give away between them. Types hidden here are pooled wherever a rate is shown.
3. Length of stay, routes, reasons and ages, each by those rows, whose totals are by then known.
4. For a year that still runs, those who had left by the same day of the year, apart from those who left
   later.

What may be shown of a year follows from that year alone and, by `reports.public_flows`, from those before it,
so that no two reports differ about it. Zeros are hidden like small numbers, which costs less cover elsewhere.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from disclosure.suppression import TOTAL, Cell, Node, protect, suppress, two_way_cells
from reports.tallies import BANDS, FOSTERED, NO_AGE, OVER_50, TYPES, Cells, Tally
from reports.years import FosteringYear

Shown = set[tuple[str, str, str]]
"""(figure id, household type or ``all``, the other group's value or nothing)."""

POOL = "pool"
"""The row of all household types that are hidden."""

ENDS = {FOSTERED[0]: "left_within_2_years", FOSTERED[-1]: "left_after_10_years"}
"""The same numbers under a name of their own."""


def shown_of_year(counts: Tally) -> Shown:
    """What may be shown of one year; nothing where even the number of leavers may not."""
    by_type = suppress({kind: counts.left[kind] for kind in TYPES})
    if by_type[TOTAL] is None:
        return set()
    kinds = _visible(by_type)
    shown: Shown = {("deregistered_households", kind, "") for kind in ("all", *kinds)}
    fostered = _visible_cells(counts.fostered, kinds, spare=ENDS)
    shown |= {("leavers_by_years_fostered", *cell) for cell in fostered}
    shown |= {(ENDS[column], kind, "") for kind, column in fostered if column in ENDS}
    shown |= {("end_route", *cell) for cell in _visible_cells(counts.routes, kinds)}
    shown |= {("end_reason", *cell) for cell in _visible_reasons(counts, kinds)}
    ages = _visible_ages(counts.left_by_age, kinds)
    shown |= {("leavers_by_age_band", *cell) for cell in ages if cell[1] in (*BANDS, NO_AGE)}
    shown |= {
        ("leavers_over_50", kind, "") for kind, column in ages if column == "over" and (kind, "known") in ages
    }
    return shown | _shown_rates(counts, kinds, ages)


def hidden_of_tenure(
    year: FosteringYear, counts: Tally, shown: Shown, heads: Mapping[str, Node]
) -> dict[Any, Cell]:
    """The cells of a year's table by years fostered, and its columns' totals, that are not ``shown``: the
    totals flow on into ``heads``, by column, so that the tables of several years can be taken together."""
    kinds = [kind for figure_id, kind, _ in shown if figure_id == "deregistered_households" and kind != "all"]
    pooled = _pooled(counts.fostered, kinds)
    cells: dict[Any, Cell] = {}
    for column in FOSTERED:
        joint = (year, "column", column)
        for row in (*kinds, POOL):
            if ("leavers_by_years_fostered", row, column) not in shown:
                cells[year, row, column] = Cell((year, row), joint, pooled[row, column])
        if ("leavers_by_years_fostered", "all", column) not in shown:
            whole = sum(pooled[row, column] for row in (*kinds, POOL))
            cells[year, "all", column] = Cell(joint, heads[column], whole, total=True)
    return cells


def shown_on_same_days(counts: Tally, shown: Shown, *, running: bool) -> set[str]:
    """The types (and ``all``) of which it may be known how many had left by the same day of this year, given
    what is ``shown`` of it. Of a year that is ``running`` nobody may have left later, which is no secret."""
    left = {kind for figure_id, kind, _ in shown if figure_id == "deregistered_households"}
    if "all" not in left:
        return set()
    parted: Cells = Counter()
    for kind in TYPES:
        parted[kind, "by then"] = counts.left_by_then[kind]
        parted[kind, "later"] = counts.left[kind] - counts.left_by_then[kind]
    cells = _visible_cells(parted, left - {"all"}, show_zeros=running)
    return {kind for kind, column in cells if column == "by then"}


def _visible(result: dict[Any, int | None]) -> list[str]:
    return [key for key, value in result.items() if value is not None and key not in (TOTAL, POOL)]


def _shown_rates(counts: Tally, kinds: list[str], ages: set[tuple[str, str]]) -> Shown:
    """Rates show who stayed as well as who left."""
    stayed = suppress(_pooled_row(counts.stayed, kinds))
    approved = suppress(_pooled_row(counts.approved, kinds), show_zeros=True)
    if stayed[TOTAL] is None or approved[TOTAL] is None:
        return set()
    both = [kind for kind in _visible(stayed) if approved[kind] is not None]
    shown: Shown = {("deregistration_rate", kind, "") for kind in ("all", *both)}
    stayed_ages = _visible_cells(counts.stayed_by_age, both)
    for band in BANDS:
        for kind in ("all", *both):
            if (kind, band) in ages and (kind, band) in stayed_ages:
                shown.add(("leaving_rate_by_age_band", kind, band))
    inside = {"in": counts.constellation[True], "out": counts.constellation[False]}
    if all(value is not None for value in suppress(inside, known={TOTAL}).values()):
        shown.add(("mockingbird_share", "all", ""))
    return shown


def _pooled_row(counts: Counter[str], kinds: Collection[str]) -> dict[str, int]:
    row = {kind: counts[kind] for kind in kinds}
    return row | {POOL: counts.total() - sum(row.values())}


def _pooled(cells: Cells, kinds: Collection[str]) -> Cells:
    """The same cells, with all rows but ``kinds`` made one."""
    pooled: Cells = Counter()
    for (kind, column), count in cells.items():
        pooled[kind if kind in kinds else POOL, column] += count
    return pooled


def _visible_cells(
    cells: Cells, kinds: Collection[str], *, spare: Collection[str] = (), show_zeros: bool = False
) -> set[tuple[str, str]]:
    """The cells of a table by household type that may be shown, given that the rows' totals are known.
    ``spare``: columns to hide only where nothing else would do."""
    network = two_way_cells(_pooled(cells, kinds))
    known = {key for key in network if key[1] == TOTAL}
    spared = {key for key in network if key[1] in spare}
    result = protect(network, known=known, spare=spared, show_zeros=show_zeros)
    return {
        ("all" if row == TOTAL else row, column)
        for (row, column), value in result.items()
        if value is not None and row != POOL and column != TOTAL
    }


def _visible_reasons(counts: Tally, kinds: Collection[str]) -> set[tuple[str, str]]:
    """Where nobody gave two reasons they add up to all leavers; else each stands for itself."""
    if max(counts.reasons_given, default=0) <= 1:
        return _visible_cells(counts.reasons, kinds)
    visible: set[tuple[str, str]] = set()
    for reason in {reason for _, reason in counts.reasons}:
        given: Cells = Counter()
        for kind in TYPES:
            given[kind, reason] = counts.reasons[kind, reason]
            given[kind, ""] = counts.left[kind] - counts.reasons[kind, reason]
        visible |= {(kind, column) for kind, column in _visible_cells(given, kinds) if column}
    return visible


def _visible_ages(cells: Cells, kinds: Collection[str]) -> set[tuple[str, str]]:
    """As `_visible_cells`, for age bands with their subtotals: ``known``, ``over`` (50 and older)."""
    pooled = _pooled(cells, kinds)
    rows = list(dict.fromkeys(row for row, _ in pooled))
    network: dict[tuple[str, str], Cell] = {}
    for row in rows:
        network |= _age_row(row, {band: pooled[row, band] for band in (*BANDS, NO_AGE)})
    network |= _age_totals({band: sum(pooled[row, band] for row in rows) for band in (*BANDS, NO_AGE)})
    known = {(row, TOTAL) for row in rows} | {("all", TOTAL)}
    return {
        key for key, value in protect(network, known=known).items() if value is not None and key[0] != POOL
    }


def _age_row(row: str, counts: dict[str, int]) -> dict[tuple[str, str], Cell]:
    """One row: its total flows into the known and the unknown ages, the known into two halves, then bands."""
    over, under = _halves(counts)
    cells = {
        (row, TOTAL): Cell("columns", row, sum(counts.values()), total=True),
        (row, "known"): Cell(row, (row, "known"), over + under, total=True),
        (row, "over"): Cell((row, "known"), (row, "over"), over, total=True),
        (row, "under"): Cell((row, "known"), (row, "under"), under, total=True),
        (row, NO_AGE): Cell(row, ("column", NO_AGE), counts[NO_AGE]),
    }
    for band in BANDS:
        cells[row, band] = Cell((row, _half(band)), ("column", band), counts[band])
    return cells


def _age_totals(counts: dict[str, int]) -> dict[tuple[str, str], Cell]:
    """The totals of the columns flow together the way the rows flow apart."""
    over, under = _halves(counts)
    cells = {
        ("all", TOTAL): Cell("rows", "columns", sum(counts.values()), total=True),
        ("all", "known"): Cell("known", "rows", over + under, total=True),
        ("all", "over"): Cell("over", "known", over, total=True),
        ("all", "under"): Cell("under", "known", under, total=True),
        ("all", NO_AGE): Cell(("column", NO_AGE), "rows", counts[NO_AGE], total=True),
    }
    for band in BANDS:
        cells["all", band] = Cell(("column", band), _half(band), counts[band], total=True)
    return cells


def _half(band: str) -> str:
    return "over" if band in OVER_50 else "under"


def _halves(counts: dict[str, int]) -> tuple[int, int]:
    def total(bands: Iterable[str]) -> int:
        return sum(counts[band] for band in bands)

    over = total(OVER_50)
    return over, total(BANDS) - over
