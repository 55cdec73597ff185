"""What a report says and in which order: the one outline that every document is made from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reports.figures import Figure, key_of
from reports.leavers import GROUPS
from reports.report import Report
from reports.retention import POINTS
from reports.tallies import BANDS, ROUTES
from reports.words import HIDDEN, TITLES, UNKNOWN, cell, label, sentence


@dataclass(frozen=True, slots=True)
class Table:
    """A table of text; the first column names the row."""

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Point:
    """One bar of a chart; ``value`` None where there is no number to draw."""

    label: str
    value: float | None
    interval: tuple[float, float] | None
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars, in fractions where ``share``. The table that follows it holds the same numbers."""

    title: str
    points: Sequence[Point]
    share: bool


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    sentences: Sequence[str]
    tables: Sequence[Table]
    chart: Chart | None = None
    notes: Sequence[str] = ()


def outline(report: Report) -> list[Section]:
    """The sections of the report, in order."""
    return [
        _leaving(report),
        _how_and_why(report),
        _length_of_stay(report),
        _ages(report),
        _retention(report),
        _taking_part(report),
        _said(report),
    ]


def _section(
    title: str, spoken: Iterable[Figure], tables: Sequence[Table], chart: Chart | None = None
) -> Section:
    figures = list(spoken)
    sentences = [words for words in map(sentence, figures) if words]
    notes = list(dict.fromkeys(figure.note for figure in figures if figure.note and figure.numerator is None))
    if any(figure.suppressed for figure in figures):
        notes.append(
            f"Some numbers here are {HIDDEN}: they, or others beside them, stand for fewer than five people."
        )
    return Section(title, sentences, tables, chart, notes)


def _by_type(report: Report, figure_id: str) -> Table:
    """A figure by household type and year; types that never had anything are left out."""
    rows = _rows(report, figure_id, "household_type", GROUPS)
    rows = [row for row in rows if row[0] == label("all") or set(row[1:]) - {"0", "0 of 0"}]
    return Table(TITLES[figure_id], ["Household type", *map(str, report.years)], rows)


def _rows(report: Report, figure_id: str, key: str, values: Iterable[str], **group: str) -> list[list[str]]:
    """A row for each value of ``key``, a column for each year."""
    found = report.by_key()
    return [
        [
            label(value),
            *(cell(found[key_of(figure_id, str(year), **group, **{key: value})]) for year in report.years),
        ]
        for value in values
    ]


def _over_the_years(report: Report, *figure_ids: str, **group: str) -> Table:
    found = report.by_key()
    rows = [
        [TITLES[each], *(cell(found[key_of(each, str(year), **group)]) for year in report.years)]
        for each in figure_ids
    ]
    return Table("Over the years", ["Figure", *map(str, report.years)], rows)


def _chart(title: str, figures: Iterable[tuple[str, Figure]], *, share: bool) -> Chart:
    points = [Point(name, figure.value, figure.interval, cell(figure)) for name, figure in figures]
    return Chart(title, points, share)


def _leaving(report: Report) -> Section:
    spoken = [
        report.get(each, household_type="all")
        for each in ("deregistered_households", "change_on_previous_year", "deregistration_rate")
    ]
    by_year = [
        (str(year), report.get("deregistered_households", str(year), household_type="all"))
        for year in report.years
    ]
    chart = _chart("Households that left, by year", by_year, share=False)
    tables = [
        _by_type(report, each)
        for each in ("deregistered_households", "change_on_previous_year", "deregistration_rate")
    ]
    return _section("Households that left", spoken, tables, chart)


def _how_and_why(report: Report) -> Section:
    reasons = sorted({figure.group["end_reason"] for figure in report.figures if figure.id == "end_reason"})
    spoken = [report.get("end_route", household_type="all", end_route=route) for route in ROUTES[:-1]]
    periods = list(map(str, report.years))
    tables = [
        Table(
            TITLES["end_route"],
            ["Route", *periods],
            _rows(report, "end_route", "end_route", ROUTES, household_type="all"),
        ),
        Table(
            TITLES["end_reason"],
            ["Reason", *periods],
            _rows(report, "end_reason", "end_reason", reasons, household_type="all"),
        ),
    ]
    return _section("How and why they left", spoken, tables)


def _length_of_stay(report: Report) -> Section:
    ids = ("left_within_2_years", "left_after_10_years")
    spoken = [report.get(each, household_type=kind) for each in ids for kind in ("all", "mainstream")]
    return _section("How long they had fostered", spoken, [_by_type(report, each) for each in ids])


def _ages(report: Report) -> Section:
    rates = [
        (band, report.get("leaving_rate_by_age_band", household_type="all", age_band=band)) for band in BANDS
    ]
    table = Table(
        TITLES["leaving_rate_by_age_band"],
        ["Age", *map(str, report.years)],
        _rows(report, "leaving_rate_by_age_band", "age_band", BANDS, household_type="all"),
    )
    spoken = [report.get("leavers_over_50", household_type="all"), *(figure for _, figure in rates)]
    chart = _chart(f"Leaving rate by age of the main carer, {report.year}", rates, share=True)
    return _section("Age", spoken, [_by_type(report, "leavers_over_50"), table], chart)


def _retention(report: Report) -> Section:
    overall = [(f"{years} years", report.get("retention_at_years", years=str(years))) for years in POINTS]
    found = report.by_key()
    rows = [[label("all"), *(cell(figure) for _, figure in overall)]]
    for kind in GROUPS[1:]:
        cells = [
            cell(found[key_of("retention_at_years", str(report.year), years=str(years), household_type=kind)])
            for years in POINTS
        ]
        if set(cells) != {UNKNOWN}:
            rows.append([label(kind), *cells])
    table = Table(TITLES["retention_at_years"], ["Household type", *(name for name, _ in overall)], rows)
    chart = _chart("Share of households still approved", overall, share=True)
    known = any(figure.value is not None for _, figure in overall)
    return _section(
        "How long households stay",
        [figure for _, figure in overall],
        [table] if known else [],
        chart if known else None,
    )


def _taking_part(report: Report) -> Section:
    ids = (
        "reachable_share",
        "invitations",
        "rsvp_rate",
        "attendances",
        "carers_who_attended",
        "training_places",
        "training_carers",
        "survey_response_rate",
        "not_seen_for_two_quarters",
        "mockingbird_share",
    )
    spoken = [report.get(each) for each in ids]
    return _section("Taking part", spoken, [_over_the_years(report, *ids)])


def _said(report: Report) -> Section:
    """You said, we did: the texts as carers read them, in the public version too, for they name nobody."""
    rows = [(one.said, one.did if one.done else f"Not possible: {one.did}") for one in report.settled]
    texts = Table("What carers said, and what was done about it", ["You said", "We did"], rows)
    over_the_years = _over_the_years(report, "actions_done")
    return _section(
        "You said, we did", [report.get("actions_done")], [over_the_years, *([texts] if rows else [])]
    )
