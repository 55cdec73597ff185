"""The public version: the same figures, without those that would let a reader work out one to four people.

A figure is shown only if every number in it may be: numerator, denominator and what lies between the two.
A figure that is left out stays listed, empty and marked. See `reports.public_tables` for what may be shown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from disclosure.suppression import TOTAL, suppress
from reports.figures import Figure
from reports.public_retention import Record, shown_retention
from reports.public_tables import Shown, shown_of_year
from reports.tallies import Tally
from reports.years import FosteringYear

CONSIDERED = frozenset(
    (
        "deregistered_households",
        "change_on_previous_year",
        "deregistration_rate",
        "end_route",
        "end_reason",
        "left_within_2_years",
        "left_after_10_years",
        "leavers_over_50",
        "leaving_rate_by_age_band",
        "retention_at_years",
        "mockingbird_share",
        "reachable_share",
        "invitations",
        "rsvp_rate",
        "attendances",
        "carers_who_attended",
        "training_places",
        "training_carers",
        "survey_response_rate",
        "actions_done",
        "not_seen_for_two_quarters",
    )
)
"""The figures of which somebody has worked out when they may be shown. Every other is left out altogether,
its reason for having no number too, so that a new one cannot slip out."""

SHARES = ("reachable_share", "rsvp_rate", "survey_response_rate", "not_seen_for_two_quarters")


def public_figures(
    figures: Sequence[Figure], tallies: dict[FosteringYear, Tally], record: Record
) -> list[Figure]:
    """What the public may see of these figures. ``tallies`` holds the year before the first as well."""
    of_year = {str(year): shown_of_year(counts) for year, counts in tallies.items()}
    before = {str(year): of_year.get(str(year.back(1)), set()) for year in tallies}
    engagement = {period: _shown_engagement(figures, period) for period in of_year}
    retention = shown_retention(record)

    def may_be_shown(figure: Figure) -> bool:
        if figure.id == "retention_at_years":
            return figure.period == str(record.year) and _group(figure) in retention
        if figure.id in engagement[figure.period]:
            return engagement[figure.period][figure.id]
        kind, column = _group(figure)
        if figure.id == "change_on_previous_year":
            left: Shown = {("deregistered_households", kind, "")}
            return left <= of_year[figure.period] and left <= before[figure.period]
        return (figure.id, kind, column) in of_year[figure.period]

    return [
        _seen(figure, may_be_shown(figure)) if figure.id in CONSIDERED else figure.hidden()
        for figure in figures
    ]


def _group(figure: Figure) -> tuple[str, str]:
    """(household type, the other key's value) of a figure's group."""
    others = [value for name, value in figure.group.items() if name != "household_type"]
    return figure.group.get("household_type", "all"), others[0] if others else ""


def _seen(figure: Figure, shown: bool) -> Figure:
    if figure.numerator is None and figure.note:
        return figure  # it never had a number, and its note says why
    if not shown:
        return figure.hidden()
    if figure.id == "retention_at_years" and figure.value is not None and figure.interval is not None:
        # An exact estimate gives away the numbers at risk that it was made of.
        low, high = figure.interval
        return replace(figure, value=round(figure.value, 2), interval=(round(low, 2), round(high, 2)))
    return figure


def _shown_engagement(figures: Iterable[Figure], period: str) -> dict[str, bool]:
    """By figure id, whether it may be shown, for the figures that are not about households."""
    found = {figure.id: figure for figure in figures if figure.period == period and not figure.group}
    if "invitations" not in found:
        return {}
    shown: dict[str, bool] = {}
    for share in SHARES:
        figure = found[share]
        parts = _parts(figure.numerator or 0, figure.denominator or 0)
        shown[share] = all(parts.values())
        if share == "rsvp_rate":
            shown["invitations"] = parts[TOTAL]
    for whole, part in (("attendances", "training_places"), ("carers_who_attended", "training_carers")):
        parts = _parts(found[part].numerator or 0, found[whole].numerator or 0)
        shown[whole], shown[part] = parts[TOTAL], parts["some"]
    shown["actions_done"] = True  # they are the service's own deeds, and no number of people
    # Carers who joined in the last two quarters are the difference of these two denominators.
    reached, not_seen = (
        found["reachable_share"].denominator or 0,
        found["not_seen_for_two_quarters"].denominator,
    )
    if not_seen is not None:
        shown["not_seen_for_two_quarters"] &= all(_parts(not_seen, reached, show_zeros=True).values())
    return shown


def _parts(some: int, everyone: int, *, show_zeros: bool = False) -> dict[str, bool]:
    """Whether a part, the rest and the whole may be shown together."""
    result = suppress({"some": some, "rest": max(everyone - some, 0)}, show_zeros=show_zeros)
    return {key: value is not None for key, value in result.items()}
