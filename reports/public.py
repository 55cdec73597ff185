"""The public version: the same figures, without those that would let a reader work out one to four people.

A figure is shown only if every number in it may be: numerator, denominator and what lies between the two.
A figure that is left out stays listed, empty and marked. See `reports.public_tables` for what may be shown.
"""

from collections.abc import Sequence
from dataclasses import replace

from reports.definitions import DEFINITIONS
from reports.figures import Figure, Interval
from reports.public_first_year import FirstYear, shown_first_year
from reports.public_retention import Record, known_of, shown_retention
from reports.public_tables import Shown, shown_of_year, shown_on_same_days
from reports.public_taking_part import shown_taking_part
from reports.tallies import Tally
from reports.years import FosteringYear

OF_HOUSEHOLDS = frozenset(
    (
        "deregistered_households",
        "deregistration_rate",
        "end_route",
        "end_reason",
        "left_within_2_years",
        "left_after_10_years",
        "leavers_by_years_fostered",
        "leavers_over_50",
        "leavers_by_age_band",
        "leaving_rate_by_age_band",
        "mockingbird_share",
    )
)
"""Shown or not by the tables of one year."""

OF_TAKING_PART = frozenset(
    (
        "reachable_share",
        "invitations",
        "rsvp_rate",
        "attendances",
        "carers_who_attended",
        "training_places",
        "training_carers",
        "survey_response_rate",
        "survey_response_by_survey",
        "survey_theme",
        "actions_done",
        "not_seen_for_two_quarters",
    )
)

OF_THE_RECORD = frozenset(
    (
        "retention_at_years",
        "households_at_risk",
        "engaged_in_first_year",
        "retention_after_first_year",
        "engaged_log_rank",
    )
)
"""About all the years of the record: of the report's own year alone."""

CHANGES = frozenset(("change_on_previous_year", "change_on_same_days"))

CONSIDERED = OF_HOUSEHOLDS | OF_TAKING_PART | OF_THE_RECORD | CHANGES
"""The figures of which somebody has worked out when they may be shown. Every other is left out altogether,
its reason for having no number too, so that a new one cannot slip out."""


def public_figures(
    figures: Sequence[Figure], tallies: dict[FosteringYear, Tally], record: Record
) -> list[Figure]:
    """What the public may see of these figures. ``tallies`` holds the year before the first as well."""
    shown = {year: shown_of_year(counts) for year, counts in tallies.items()}
    taking_part = set().union(*(shown_taking_part(figures, str(year)) for year in tallies))
    of_record = _OfRecord(tallies, record, shown)
    of_year = {str(year): cells for year, cells in shown.items()}
    before = {str(year): of_year.get(str(year.back(1)), set()) for year in tallies}

    def may_be_shown(figure: Figure) -> bool:
        if figure.id in OF_TAKING_PART:
            return figure.key in taking_part
        if figure.id in OF_THE_RECORD:
            return figure.period == str(record.year) and of_record.shows(figure)
        kind, column = _group(figure)
        if figure.id == "change_on_same_days":
            return kind in of_record.same_days
        if figure.id == "change_on_previous_year":
            left: Shown = {("deregistered_households", kind, "")}
            return left <= of_year[figure.period] and left <= before[figure.period]
        return (figure.id, kind, column) in of_year[figure.period]

    return [
        _seen(figure, may_be_shown(figure)) if figure.id in CONSIDERED else figure.hidden()
        for figure in figures
    ]


class _OfRecord:
    """What may be shown of the report's own year that several years tell together."""

    def __init__(
        self, tallies: dict[FosteringYear, Tally], record: Record, shown: dict[FosteringYear, Shown]
    ) -> None:
        known = known_of(record, tallies, shown)
        self.points, self.begun = shown_retention(known)
        self.first_year: FirstYear = shown_first_year(known, self.points)
        year, before = record.year, record.year.back(1)
        self.same_days = shown_on_same_days(tallies[year], shown[year], running=True) & shown_on_same_days(
            tallies[before], shown[before], running=False
        )

    def shows(self, figure: Figure) -> bool:
        kind, years = figure.group.get("household_type", "all"), figure.group.get("years", "")
        match figure.id:
            case "retention_at_years":
                return (kind, years) in self.points
            case "households_at_risk":
                return years == "0" and "engaged" not in figure.group and kind in self.begun
            case "engaged_in_first_year":
                return self.first_year.share
            case "retention_after_first_year":
                return years in self.first_year.points
            case _:
                return self.first_year.test


def _group(figure: Figure) -> tuple[str, str]:
    """(household type, the other key's value) of a figure's group."""
    others = [value for name, value in figure.group.items() if name != "household_type"]
    return figure.group.get("household_type", "all"), others[0] if others else ""


def _seen(figure: Figure, shown: bool) -> Figure:
    if figure.numerator is None and figure.note and not _parts_people(figure):
        return figure  # it never had a number, and its note says why
    if not shown:
        return figure.hidden()
    if figure.id in ("retention_at_years", "retention_after_first_year"):
        # An exact estimate gives away the numbers at risk that it was made of.
        return replace(figure, value=_rounded(figure.value), interval=_both_rounded(figure.interval))
    if figure.id == "engaged_log_rank":
        # So does an exact p, and what was to be expected, which its definition says.
        places = 2 if (figure.value or 0) >= 0.01 else 3
        definition = DEFINITIONS[figure.id]
        return replace(figure, value=_rounded(figure.value, places), definition=definition)
    return figure


def _parts_people(figure: Figure) -> bool:
    """Whether having no number says something about a few: that no household of a type, or of those who came,
    was under watch. Who is not known to anybody says nothing."""
    return figure.id in OF_THE_RECORD and bool({"household_type", "engaged"} & figure.group.keys())


def _rounded(value: float | None, places: int = 2) -> float | None:
    return None if value is None else round(value, places)


def _both_rounded(interval: Interval | None) -> Interval | None:
    return None if interval is None else (round(interval[0], 2), round(interval[1], 2))
