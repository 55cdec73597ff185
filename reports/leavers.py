"""The figures about households that left, and about those that stayed beside them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from reports.figures import Figure, Sheet
from reports.tallies import (
    AFTER_10,
    BANDS,
    FOSTERED,
    NO_AGE,
    OVER_50,
    ROUTES,
    TYPES,
    UNDER_2,
    Tally,
    in_all,
    of_type,
)
from reports.years import FosteringYear

GROUPS = ("all", *TYPES)


def leaver_figures(
    sheets: Mapping[FosteringYear, Sheet],
    tallies: Mapping[FosteringYear, Tally],
    years: Iterable[FosteringYear],
    reasons: Iterable[str],
) -> Iterator[Figure]:
    """Every figure about leavers in each of ``years``, for all households and for each type.

    ``sheets`` and ``tallies`` hold one year more, the one before the first. ``reasons``: the codes to list.
    """
    for year in years:
        counts, before = tallies[year], year.back(1)
        for kind in GROUPS:
            earlier = in_all(tallies[before].left, kind)
            yield _change(sheets[year], sheets[before].unknown, in_all(counts.left, kind), earlier, kind)
            yield from _ends(sheets[year], counts, kind)
            yield from _ways(sheets[year], counts, kind, reasons)
            yield from _ages(sheets[year], counts, kind)
            yield from _fostered(sheets[year], counts, kind)


def same_days_figures(
    sheet: Sheet, tallies: Mapping[FosteringYear, Tally], year: FosteringYear, since: date | None
) -> Iterator[Figure]:
    """The change from the same days of the year before, for a year that is still running alone: of one that
    is over they are all its days. ``since``: the day from which the register is complete."""
    if sheet.data_date > year.last_day:
        return
    before = year.back(1)
    for kind in GROUPS:
        if since is not None and since > before.first_day:
            why = f"Households that left before {since:%-d %B %Y} are not in the register."
            yield sheet.nothing("change_on_same_days", why, household_type=kind)
        else:
            left, earlier = (in_all(tallies[each].left_by_then, kind) for each in (year, before))
            yield sheet.change("change_on_same_days", left, earlier, household_type=kind)


def _change(sheet: Sheet, unknown_before: str, left: int, earlier: int, kind: str) -> Figure:
    if unknown_before:
        return sheet.nothing("change_on_previous_year", unknown_before, household_type=kind)
    return sheet.change("change_on_previous_year", left, earlier, household_type=kind)


def _ends(sheet: Sheet, counts: Tally, kind: str) -> Iterator[Figure]:
    left, stayed = in_all(counts.left, kind), in_all(counts.stayed, kind)
    yield sheet.count("deregistered_households", left, household_type=kind)
    yield sheet.share("deregistration_rate", left, left + stayed, household_type=kind)
    soon, late = of_type(counts.tenure, kind, UNDER_2), of_type(counts.tenure, kind, AFTER_10)
    yield sheet.share("left_within_2_years", soon, left, household_type=kind)
    yield sheet.share("left_after_10_years", late, left, household_type=kind)


def _ways(sheet: Sheet, counts: Tally, kind: str, reasons: Iterable[str]) -> Iterator[Figure]:
    left = in_all(counts.left, kind)
    for route in ROUTES:
        number = of_type(counts.routes, kind, route)
        yield sheet.share("end_route", number, left, household_type=kind, end_route=route)
    for reason in reasons:
        number = of_type(counts.reasons, kind, reason)
        yield sheet.share("end_reason", number, left, household_type=kind, end_reason=reason)


def _fostered(sheet: Sheet, counts: Tally, kind: str) -> Iterator[Figure]:
    left = in_all(counts.left, kind)
    for years in FOSTERED:
        number = of_type(counts.fostered, kind, years)
        yield sheet.share(
            "leavers_by_years_fostered", number, left, household_type=kind, years_fostered=years
        )


def _ages(sheet: Sheet, counts: Tally, kind: str) -> Iterator[Figure]:
    known = in_all(counts.left, kind) - of_type(counts.left_by_age, kind, NO_AGE)
    over = sum(of_type(counts.left_by_age, kind, band) for band in OVER_50)
    yield sheet.share("leavers_over_50", over, known, household_type=kind)
    for band in BANDS:
        left = of_type(counts.left_by_age, kind, band)
        stayed = of_type(counts.stayed_by_age, kind, band)
        yield sheet.share("leaving_rate_by_age_band", left, left + stayed, household_type=kind, age_band=band)
    everybody = in_all(counts.left, kind)
    for band in (*BANDS, NO_AGE):
        left = of_type(counts.left_by_age, kind, band)
        yield sheet.share("leavers_by_age_band", left, everybody, household_type=kind, age_band=band)


def register_figures(sheet: Sheet, counts: Tally) -> Iterator[Figure]:
    """Figures about the households that are there on the year's last day."""
    yield sheet.share("mockingbird_share", counts.constellation[True], counts.constellation.total())
