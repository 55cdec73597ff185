"""Figures in words: labels, titles and numbers. Nothing here knows a number that is not in its figure."""

import re
from datetime import date

from reports.figures import Figure

TYPE_LABELS = {
    "all": "All households",
    "mainstream": "Mainstream",
    "family_and_friends": "Family and friends",
    "short_break": "Short break",
    "second_home": "Second home",
    "parent_and_child": "Parent and child",
    "transition": "Transition",
    "staying_put": "Staying Put",
    "supported_lodgings": "Supported lodgings",
}
ROUTE_LABELS = {
    "resignation": "Resignation",
    "deregistration": "Deregistration",
    "resignation_before_deregistration": "Resignation when it would have been deregistered",
    "not_recorded": "Not recorded",
}
SURVEY_LABELS = {
    "health-check": "Foster Carer Health Check",
    "health-check-short": "Short health check",
    "pulse": "Pulse",
    "event-feedback": "Event feedback",
    "training-feedback": "Training feedback",
    "panel-feedback": "Panel feedback",
    "working-together": "Working Together Group",
    "exit-interview": "Exit interview",
}
TITLES = {
    "deregistered_households": "Households that left",
    "change_on_previous_year": "Change on the year before",
    "deregistration_rate": "Leaving rate",
    "change_on_same_days": "Change on the same days of the year before",
    "end_route": "How approval ended",
    "end_reason": "Reasons for leaving",
    "left_within_2_years": "Left within two years",
    "left_after_10_years": "Left after ten years or more",
    "leavers_by_years_fostered": "Leavers by years fostered",
    "leavers_over_50": "Leavers aged 50 or over",
    "leavers_by_age_band": "Leavers by age of the main carer",
    "leaving_rate_by_age_band": "Leaving rate by age of the main carer",
    "retention_at_years": "Still approved after some years",
    "households_at_risk": "Households under watch at that age",
    "engaged_in_first_year": "Came to something in their first year",
    "retention_after_first_year": "Still approved after their first year, by whether they came",
    "engaged_log_rank": "Log-rank test of those who came against those who did not",
    "mockingbird_share": "In a Mockingbird constellation",
    "reachable_share": "Carers reached by app or email",
    "invitations": "Invitations",
    "rsvp_rate": "Invitations answered",
    "attendances": "Attendances",
    "carers_who_attended": "Carers who attended something",
    "training_places": "Training places taken",
    "training_carers": "Carers who trained",
    "survey_response_rate": "Survey response",
    "survey_response_by_survey": "Response by survey",
    "survey_theme": "Favourable answers by theme",
    "actions_done": "Actions done about what carers said",
    "not_seen_for_two_quarters": "Carers not seen for two quarters",
}
CHANGES = ("change_on_previous_year", "change_on_same_days")
"""Figures whose numerator is a difference, with its sign."""
TYPED = "Typed by hand, and not what the data say"
HIDDEN = "not shown"
UNKNOWN = "not known"
NOT_ASKED = "not asked"


def label(text: str) -> str:
    """A label for a household type, a route, a survey or a free code."""
    known = TYPE_LABELS | ROUTE_LABELS | SURVEY_LABELS
    spaced = re.sub("(?<=[a-z])-(?=[a-z])", " ", text).replace("_", " ")
    return known.get(text, spaced.strip().capitalize())


STANDS_WITH = (
    "Every percentage stands with the two numbers it is made of and with a 95% interval: by chance alone the "
    "figure could have come out anywhere within it."
)
AT_THE_END = "What each figure means, and how it is made, stands at the end."


def version_of(*, public: bool) -> str:
    """Which version a document is, as it says of itself."""
    if public:
        return "This is the public version: numbers that could point at fewer than five people are left out."
    return "This is the internal version: it holds small numbers and is not for publication."


def long_date(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def percent(fraction: float) -> str:
    """``36%``; below ten per cent, and close to all, with one place where it is no whole number."""
    number = fraction * 100
    places = 0 if 10 <= abs(number) <= 99 or abs(number) > 100 else 1
    return f"{number:.{places}f}".removesuffix(".0").replace("-", "−") + "%"


def interval(figure: Figure) -> str:
    """``20% to 55%``, or nothing."""
    return f"{percent(figure.interval[0])} to {percent(figure.interval[1])}" if figure.interval else ""


def value(figure: Figure) -> str:
    """The number itself: ``36%``, ``25``, or that it is not shown or not known; a dash of nothing."""
    if figure.suppressed:
        return HIDDEN
    if figure.value is None:
        return "–" if figure.denominator == 0 else UNKNOWN
    if figure.id == "engaged_log_rank":
        return p_value(figure.value)
    return f"{figure.value:,}" if figure.is_count else percent(figure.value)


def cell(figure: Figure) -> str:
    """A figure in a table: never a share without what it is made of."""
    if figure.suppressed or figure.numerator is None or figure.denominator is None:
        return value(figure)
    if figure.value is None:
        return made_of(figure)
    if figure.id == "engaged_log_rank":
        return f"{value(figure)} ({made_of(figure)})"
    return f"{percent(figure.value)} ({made_of(figure)}; {interval(figure) or 'no interval'})"


def made_of(figure: Figure) -> str:
    """``9 of 25``, ``−11 on 36``, ``3 after none``; empty for a count and where there is no number."""
    if figure.numerator is None or figure.denominator is None:
        return ""
    if figure.id not in CHANGES:
        return _of(figure)
    if figure.value is None:
        return f"{figure.numerator:,} after none"
    sign = "+" if figure.numerator else ""
    return f"{figure.numerator:{sign},} on {figure.denominator:,}".replace("-", "−")


def cell_of_share(figure: Figure) -> str:
    """``36% (9 of 25)``: a share in a sentence that compares with it."""
    return f"{percent(figure.value or 0)} ({_of(figure)})"


def _of(figure: Figure) -> str:
    return f"{figure.numerator:,} of {figure.denominator:,}"


def p_value(number: float) -> str:
    """``p = 0.20``, with a third place below 0.01 and never smaller than ``p < 0.001``."""
    if number < 0.001:
        return "p < 0.001"
    return f"p = {number:.2f}" if number >= 0.01 else f"p = {number:.3f}"
