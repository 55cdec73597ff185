"""What a report says and in which order: the one outline that every document and the page are made from."""

from collections.abc import Iterable, Iterator, Sequence

from reports import landmark, openings
from reports.definitions import DEFINITIONS
from reports.figures import Figure
from reports.headlines import headlines
from reports.leavers import GROUPS
from reports.openings import Shelf
from reports.parts import Chart, Drawing, Point, Section, Table
from reports.report import Report
from reports.retention import ESTIMATED, POINTS
from reports.sentences import sentence
from reports.tallies import BANDS, NO_AGE, ROUTES
from reports.voices import not_asked
from reports.words import HIDDEN, NOT_ASKED, TITLES, UNKNOWN, cell, interval, label, made_of, value

YEARS_FOSTERED = ("under_2", "2_to_5", "5_to_10", "10_and_over")
AFTER_APPROVAL = "years after approval"
NOT_SHOWN = (
    f"Some numbers here are {HIDDEN}, or left out: they, or others beside them, stand for fewer than five "
    "people."
)

AGE_NOT_KNOWN = "The share aged 50 or over leaves out households whose main carer’s age is not known."


def outline(report: Report) -> list[Section]:
    """The sections of the report, in order."""
    shelf = Shelf(report)
    return [
        _leaving(shelf),
        _how_and_why(shelf),
        _length_of_stay(shelf),
        _ages(shelf),
        _retention(shelf),
        _first_year(shelf),
        _taking_part(shelf),
        _told_us(shelf),
        _said(shelf),
    ]


def headline_table(report: Report) -> Table:
    """The figures that are looked at first, a line each, as they stand at the beginning of a document."""
    rows = [
        [TITLES[figure.id], value(figure), made_of(figure) or "–", interval(figure) or "–"]
        for figure in headlines(report)
    ]
    name = Shelf(report).year_names[-1]
    return Table(f"Headlines of {name}", ["Figure", "Value", "Made of", "95% interval"], rows)


def meanings(report: Report) -> list[tuple[str, str]]:
    """(title, definition) of every figure that the report holds."""
    held = {figure.id for figure in report.figures}
    return [(TITLES[each], words) for each, words in DEFINITIONS.items() if each in held]


def _section(
    shelf: Shelf,
    key: str,
    title: str,
    opening: Sequence[str],
    spoken: Iterable[Figure | None],
    tables: Iterable[Table],
    charts: Iterable[Drawing] = (),
    notes: Sequence[str] = (),
    compares: Sequence[str] = (),
) -> Section:
    """``spoken``: the figures that this section is about; one that the opening tells is not told again."""
    figures = [figure for figure in spoken if figure is not None]
    sentences = [words for words in map(sentence, figures) if words and words not in opening]
    tables = list(tables)
    hidden = any(HIDDEN in row for table in tables for row in table.rows)
    shown = [table for table in map(_shown, tables) if _says_something(table)]
    return Section(
        key,
        title,
        opening,
        sentences,
        shown,
        list(charts),
        [*_reasons(figures), *([NOT_SHOWN] if hidden else []), *notes]
        or ([] if opening or sentences else [f"Nothing is on record here for {shelf.report.year}."]),
        [each.sentence for each in shelf.report.national if each.compares in compares],
        [each for each in shelf.report.comments if each.section == key],
    )


def _reasons(figures: Iterable[Figure]) -> Iterator[str]:
    """Why numbers are not there, or what they leave out, each reason once."""
    figures = [figure for figure in figures if not not_asked(figure)]
    known = {figure.id for figure in figures if figure.value is not None}
    yield from dict.fromkeys(
        f"Where it says “{UNKNOWN}”: {figure.note[:1].lower()}{figure.note[1:]}"
        if figure.value is None and figure.id in known
        else figure.note
        for figure in figures
        if figure.note and (figure.numerator is None) == (figure.value is None)
    )


def _shown(table: Table) -> Table:
    """The table without the rows of which nothing may be shown."""
    rows = [row for row in table.rows if set(row[1:]) != {HIDDEN}]
    return Table(table.caption, table.header, rows)


def _says_something(table: Table) -> bool:
    return any(set(row[1:]) - {UNKNOWN, NOT_ASKED, "0 of 0"} for row in table.rows)


def _rows(shelf: Shelf, figure_id: str, key: str, values: Iterable[str], **group: str) -> list[list[str]]:
    """A row for each value of ``key``, a column for each year; a row that the report lacks is left out."""
    rows = []
    for each in values:
        found = [shelf.get(figure_id, str(year), **group, **{key: each}) for year in shelf.report.years]
        if any(found):
            rows.append([label(each), *(_told(one) for one in found)])
    return rows


def _told(figure: Figure | None) -> str:
    if figure is None:
        return UNKNOWN
    return NOT_ASKED if not_asked(figure) else cell(figure)


def _by_type(shelf: Shelf, figure_id: str) -> Table:
    """A figure by household type and year; types that never had anything are left out."""
    rows = _rows(shelf, figure_id, "household_type", GROUPS)
    nothing = {"0", "0 of 0", "0 after none", UNKNOWN}
    rows = [row for row in rows if row[0] == label("all") or set(row[1:]) - nothing]
    return Table(TITLES[figure_id], ["Household type", *shelf.year_names], rows)


def _by(shelf: Shelf, figure_id: str, head: str, key: str, values: Iterable[str], **group: str) -> Table:
    rows = _rows(shelf, figure_id, key, values, **group)
    return Table(TITLES[figure_id], [head, *shelf.year_names], rows)


def _over_the_years(shelf: Shelf, *figure_ids: str) -> Table:
    rows = []
    for each in figure_ids:
        found = [shelf.get(each, str(year)) for year in shelf.report.years]
        if any(found):
            rows.append([TITLES[each], *(cell(one) if one else UNKNOWN for one in found)])
    return Table("Over the years", ["Figure", *shelf.year_names], rows)


def _at_points(
    shelf: Shelf, figure_id: str, head: str, rows: Iterable[tuple[str, dict[str, str]]], points: Iterable[int]
) -> Table:
    """A figure of the report's year at some years: a row for each group of which any is known."""
    points = list(points)
    found = []
    for name, group in rows:
        cells = [shelf.get(figure_id, years=str(years), **group) for years in points]
        if any(figure is not None and cell(figure) not in (UNKNOWN, "0") for figure in cells):
            found.append([name, *(cell(figure) if figure else UNKNOWN for figure in cells)])
    return Table(f"{TITLES[figure_id]}, {shelf.report.year}", [head, *map(_years, points)], found)


def _years(years: int) -> str:
    return "At the beginning" if years == 0 else "1 year" if years == 1 else f"{years} years"


def _chart(title: str, named: Iterable[tuple[str, Figure | None]], *, share: bool) -> list[Chart]:
    """Bars; no chart where there is nothing to draw."""
    points = [
        Point(name, figure.value, figure.interval, cell(figure))
        for name, figure in named
        if figure is not None
    ]
    return [Chart(title, points, share)] if any(point.value is not None for point in points) else []


def _codes(shelf: Shelf, figure_id: str, key: str, **group: str) -> list[str]:
    """The values that a key of a figure's group has in this report."""
    wanted = group.items()
    found = {
        figure.group[key]
        for figure in shelf.found.values()
        if figure.id == figure_id and wanted <= figure.group.items()
    }
    return sorted(found)


def _leaving(shelf: Shelf) -> Section:
    ids = ["deregistered_households", "change_on_previous_year", "deregistration_rate"]
    if shelf.running:
        ids[1:2] = ["change_on_same_days"]
    by_year = [
        (name, shelf.get("deregistered_households", str(year), household_type="all"))
        for name, year in zip(shelf.year_names, shelf.report.years, strict=True)
    ]
    return _section(
        shelf,
        "leaving",
        "Households that left",
        openings.leaving(shelf),
        [shelf.get(each, household_type="all") for each in ids],
        [_by_type(shelf, ids[0]), _changes(shelf), _same_days(shelf), _by_type(shelf, ids[2])],
        _chart("Households that left, by year", by_year, share=False),
        compares=["deregistration_rate"],
    )


def _changes(shelf: Shelf) -> Table:
    """The changes from year to year; one that is still running has no column, for it has none yet."""
    table = _by_type(shelf, "change_on_previous_year")
    if not shelf.running:
        return table
    return Table(table.caption, table.header[:-1], [row[:-1] for row in table.rows])


def _same_days(shelf: Shelf) -> Table:
    """Of a year that is still running, the change on the same days of the year before."""
    found = [(kind, shelf.get("change_on_same_days", household_type=kind)) for kind in GROUPS]
    rows = [[label(kind), cell(figure)] for kind, figure in found if figure is not None]
    rows = [row for row in rows if row[0] == label("all") or row[1] not in (UNKNOWN, "0 after none")]
    return Table(TITLES["change_on_same_days"], ["Household type", shelf.year_names[-1]], rows)


def _how_and_why(shelf: Shelf) -> Section:
    reasons = _codes(shelf, "end_reason", "end_reason", household_type="all")
    shares = [
        (label(each), shelf.get("end_reason", household_type="all", end_reason=each)) for each in reasons
    ]
    shares.sort(key=lambda share: -((share[1].value if share[1] else None) or 0))
    given = [figure for _, figure in shares if figure is not None and figure.value != 0]
    return _section(
        shelf,
        "how_and_why",
        "How and why they left",
        openings.share(shelf, "end_route", household_type="all", end_route=ROUTES[0]),
        [*(shelf.get("end_route", household_type="all", end_route=each) for each in ROUTES[:-1]), *given],
        [
            _by(shelf, "end_route", "Route", "end_route", ROUTES, household_type="all"),
            _by(shelf, "end_reason", "Reason", "end_reason", reasons, household_type="all"),
        ],
        _chart(f"Reasons for leaving, {shelf.report.year}", shares, share=True),
        ["A household may give several reasons, so together they can be more than all that left."]
        if given
        else [],
    )


def _length_of_stay(shelf: Shelf) -> Section:
    ids = ("left_within_2_years", "left_after_10_years")
    bands = [
        (label(each), shelf.get("leavers_by_years_fostered", household_type="all", years_fostered=each))
        for each in YEARS_FOSTERED
    ]
    return _section(
        shelf,
        "length_of_stay",
        "How long they had fostered",
        openings.share(shelf, "left_within_2_years", household_type="all"),
        [
            *(figure for each in ids for figure in _all_and_mainstream(shelf, each)),
            *(figure for _, figure in bands[1:3]),
        ],
        [
            *(_by_type(shelf, each) for each in ids),
            _by(
                shelf,
                "leavers_by_years_fostered",
                "Years fostered",
                "years_fostered",
                YEARS_FOSTERED,
                household_type="all",
            ),
        ],
        _chart(f"Leavers by years fostered, {shelf.report.year}", bands, share=True),
        compares=ids,
    )


def _all_and_mainstream(shelf: Shelf, figure_id: str) -> list[Figure | None]:
    """Where all of them were mainstream it is said once."""
    of_all, mainstream = (shelf.get(figure_id, household_type=kind) for kind in ("all", "mainstream"))
    same = of_all is not None and mainstream is not None and of_all.denominator == mainstream.denominator
    return [of_all] if same else [of_all, mainstream]


def _ages(shelf: Shelf) -> Section:
    rate, of_leavers = "leaving_rate_by_age_band", "leavers_by_age_band"
    rates = [(each, shelf.get(rate, household_type="all", age_band=each)) for each in BANDS]
    return _section(
        shelf,
        "age",
        "Age",
        openings.share(shelf, "leavers_over_50", household_type="all"),
        [shelf.get("leavers_over_50", household_type="all"), *(figure for _, figure in rates)],
        [
            _by_type(shelf, "leavers_over_50"),
            _by(shelf, of_leavers, "Age", "age_band", (*BANDS, NO_AGE), household_type="all"),
            _by(shelf, rate, "Age", "age_band", BANDS, household_type="all"),
        ],
        _chart(f"Leaving rate by age of the main carer, {shelf.report.year}", rates, share=True),
        [AGE_NOT_KNOWN] if _ages_missing(shelf) else [],
        compares=["leavers_over_50"],
    )


def _ages_missing(shelf: Shelf) -> bool:
    left = shelf.get("deregistered_households", household_type="all")
    aged = shelf.get("leavers_over_50", household_type="all")
    if left is None or aged is None or left.numerator is None or aged.denominator is None:
        return False
    return aged.denominator < left.numerator


def _retention(shelf: Shelf) -> Section:
    rows = [(label("all"), {}), *((label(kind), {"household_type": kind}) for kind in GROUPS[1:])]
    overall = [(_years(years), shelf.get("retention_at_years", years=str(years))) for years in POINTS]
    curves = [curve for curve in shelf.report.curves if curve.unit == AFTER_APPROVAL]
    stay = _at_points(shelf, "retention_at_years", "Household type", rows, POINTS)
    watched = _at_points(shelf, "households_at_risk", "Household type", rows, (0, *POINTS))
    return _section(
        shelf,
        "retention",
        "How long households stay",
        openings.retention(shelf),
        while_some_stay(figure for _, figure in overall),
        [stay, watched] if _shown(stay).rows else [stay],
        curves or _chart("Share of households still approved", overall, share=True),
        [ESTIMATED] if _known(figure for _, figure in overall) else [],
    )


def _known(figures: Iterable[Figure | None]) -> bool:
    return any(figure is not None and figure.value is not None for figure in figures)


def while_some_stay(figures: Iterable[Figure | None]) -> list[Figure | None]:
    """Estimates without those that say of a group once more that nobody of it stays."""
    emptied: set[frozenset[tuple[str, str]]] = set()
    told = []
    for figure in figures:
        who = frozenset(figure.group.items() - {("years", figure.group["years"])}) if figure else frozenset()
        if who in emptied:
            continue
        if figure is not None and figure.value == 0:
            emptied.add(who)
        told.append(figure)
    return told


def _first_year(shelf: Shelf) -> Section:
    groups = [(words, {"engaged": group}) for group, words in landmark.GROUPS.items()]
    after = "retention_after_first_year"
    later = [shelf.get(after, years=str(years), **group) for years in landmark.POINTS for _, group in groups]
    return _section(
        shelf,
        "first_year",
        "Taking part in the first year",
        openings.first_year(shelf),
        [
            shelf.get("engaged_in_first_year"),
            *(while_some_stay(later) if _known(later) else ()),
            shelf.get("engaged_log_rank"),
        ],
        [
            _over_the_years(shelf, "engaged_in_first_year"),
            _at_points(shelf, after, "In the first year", groups, landmark.POINTS),
            _at_points(shelf, "households_at_risk", "In the first year", groups, (0, *landmark.POINTS)),
        ],
        [curve for curve in shelf.report.curves if curve.unit != AFTER_APPROVAL],
        [*([ESTIMATED, landmark.LANDMARK_WARNING] if _known(later) else []), landmark.BY_CONSTELLATION],
    )


def _taking_part(shelf: Shelf) -> Section:
    ids = (
        "rsvp_rate",
        "invitations",
        "attendances",
        "carers_who_attended",
        "training_places",
        "training_carers",
        "reachable_share",
        "not_seen_for_two_quarters",
        "mockingbird_share",
    )
    return _section(
        shelf,
        "taking_part",
        "Taking part",
        openings.share(shelf, "rsvp_rate"),
        [shelf.get(each) for each in ids],
        [_over_the_years(shelf, *ids)],
    )


def _told_us(shelf: Shelf) -> Section:
    response, theme = "survey_response_by_survey", "survey_theme"
    asked = _codes(shelf, response, "survey")
    surveys = _codes(shelf, theme, "survey")
    themes = {each: _codes(shelf, theme, "theme", survey=each) for each in surveys}
    shares = {
        survey: [(label(each), shelf.get(theme, survey=survey, theme=each)) for each in themes[survey]]
        for survey in surveys
    }
    tables = [
        _over_the_years(shelf, "survey_response_rate"),
        _by(shelf, response, "Survey", "survey", asked),
    ]
    charts: list[Drawing] = []
    for survey in surveys:
        table = _by(shelf, theme, "Theme", "theme", themes[survey], survey=survey)
        title = f"{label(survey)}: {TITLES[theme].lower()}"
        if any(set(row[1:]) - {UNKNOWN, NOT_ASKED, HIDDEN} for row in table.rows):
            tables.append(Table(title, table.header, table.rows))
        charts += _chart(f"{title}, {shelf.report.year}", shares[survey], share=True)
    return _section(
        shelf,
        "told_us",
        "What carers told us",
        openings.share(shelf, "survey_response_rate"),
        [
            shelf.get("survey_response_rate"),
            *(shelf.get(response, survey=each) for each in asked),
            *(figure for of_survey in shares.values() for _, figure in of_survey),
        ],
        tables,
        charts,
    )


def _said(shelf: Shelf) -> Section:
    """You said, we did: the texts as carers read them, in the public version too, for they name nobody."""
    rows = [(one.said, one.did if one.done else f"Not possible: {one.did}") for one in shelf.report.settled]
    return _section(
        shelf,
        "said",
        "You said, we did",
        openings.share(shelf, "actions_done"),
        [shelf.get("actions_done")],
        [
            _over_the_years(shelf, "actions_done"),
            Table("What carers said, and what was done about it", ["You said", "We did"], rows),
        ],
    )
