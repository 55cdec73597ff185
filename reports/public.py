"""The public version: the same figures, without those that would let a reader work out one to four people.

A figure is shown only if every number in it may be: numerator, denominator and what lies between the two.
A figure that is left out stays listed, empty and marked. See `reports.public_tables` for what may be shown.
"""

from collections.abc import Sequence, Set
from dataclasses import replace

from reports.definitions import DEFINITIONS
from reports.figures import Figure, Key
from reports.public_first_year import shown_first_year
from reports.public_retention import Counted, Record, known_of, shown_retention
from reports.public_tables import Shown, shown_on_same_days
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
    return Public(tallies, record).figures(figures)


class Public:
    """What may be shown of the register, worked out once for all figures of a report."""

    def __init__(self, tallies: dict[FosteringYear, Tally], record: Record) -> None:
        year, before = record.year, record.year.back(1)
        known = known_of(record, tallies)
        shown = {each: known.shown.get(each, set()) for each in tallies}
        self.period = str(year)
        self.of_year: dict[str, Shown] = {str(each): cells for each, cells in shown.items()}
        self.before = {str(each): shown.get(each.back(1), set()) for each in tallies}
        self.points, self.begun = shown_retention(known)
        self.first_year = shown_first_year(known)
        self.same_days = shown_on_same_days(tallies[year], shown[year], running=True) & shown_on_same_days(
            tallies[before], shown[before], running=False
        )

    def figures(self, figures: Sequence[Figure]) -> list[Figure]:
        """Each figure as the public sees it; who took part in what is judged by these figures alone."""
        taking_part = set[Key]().union(*(shown_taking_part(figures, period) for period in self.of_year))
        return [
            self._seen(figure, taking_part) if figure.id in CONSIDERED else figure.hidden()
            for figure in figures
        ]

    def _seen(self, figure: Figure, taking_part: Set[Key]) -> Figure:
        if figure.numerator is None and figure.note and not _parts_people(figure):
            return figure  # it never had a number, and its note says why
        if figure.id in OF_THE_RECORD:
            return self._of_record(figure) if figure.period == self.period else figure.hidden()
        if figure.id in OF_TAKING_PART:
            return figure if figure.key in taking_part else figure.hidden()
        return figure if self._may_be_shown(figure) else figure.hidden()

    def _may_be_shown(self, figure: Figure) -> bool:
        kind, column = _group(figure)
        if figure.id == "change_on_same_days":
            return kind in self.same_days
        if figure.id == "change_on_previous_year":
            left: Shown = {("deregistered_households", kind, "")}
            return left <= self.of_year[figure.period] and left <= self.before[figure.period]
        return (figure.id, kind, column) in self.of_year[figure.period]

    def _of_record(self, figure: Figure) -> Figure:
        kind, years = figure.group.get("household_type", "all"), figure.group.get("years", "")
        match figure.id:
            case "retention_at_years":
                return _estimate(figure, self.points.get((kind, years)))
            case "retention_after_first_year":
                return _estimate(figure, (self.first_year or {}).get((figure.group["engaged"], years)))
            case "households_at_risk":
                begun = self.begun.get(kind) if years == "0" and "engaged" not in figure.group else None
                return replace(figure, numerator=begun, value=begun) if begun else figure.hidden()
            case "engaged_in_first_year":
                return figure if self.first_year is not None else figure.hidden()
            case _:
                return _test(figure) if self.first_year is not None else figure.hidden()


def _group(figure: Figure) -> tuple[str, str]:
    """(household type, the other key's value) of a figure's group."""
    others = [value for name, value in figure.group.items() if name != "household_type"]
    return figure.group.get("household_type", "all"), others[0] if others else ""


def _parts_people(figure: Figure) -> bool:
    """Whether having no number says something about a few: that no household of a type, or of those who came,
    was under watch. That nobody can know says nothing."""
    return figure.id in OF_THE_RECORD and bool({"household_type", "engaged"} & figure.group.keys())


def _estimate(figure: Figure, made_of: Counted | None) -> Figure:
    """An exact estimate gives away the numbers at risk that it was made of: it is shown to two places."""
    if made_of is None or figure.value is None or figure.interval is None:
        return figure.hidden()
    low, high = figure.interval
    return replace(
        figure,
        numerator=made_of.numerator,
        denominator=made_of.denominator,
        value=round(figure.value, 2),
        interval=(round(low, 2), round(high, 2)),
    )


def _test(figure: Figure) -> Figure:
    """So does an exact p, and so does what was to be expected, which its own definition says."""
    if figure.value is None:
        return figure.hidden()
    p = figure.value
    return replace(figure, value=round(p, 2 if p >= 0.01 else 3), definition=DEFINITIONS[figure.id])
