"""Figures in words: labels, numbers and sentences. Nothing here knows a number that is not in its figure.

Every sentence says the numerator and the denominator that it speaks of, and speaks of one figure only: two
shares with different denominators side by side once read as one.
"""

import re
from collections.abc import Callable
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
_FOSTERED = {
    "under_2": "under two years",
    "2_to_5": "two years or more, but under five",
    "5_to_10": "five years or more, but under ten",
    "10_and_over": "ten years or more",
}
_LEFT_BY = {
    "resignation": "resigned",
    "deregistration": "were deregistered",
    "resignation_before_deregistration": "resigned when they would otherwise have been deregistered",
    "not_recorded": "have no route recorded",
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
    "leavers_over_50": "Leavers over 50",
    "leavers_by_age_band": "Leavers by age of the main carer",
    "leaving_rate_by_age_band": "Leaving rate by age of the main carer",
    "retention_at_years": "Still approved after some years",
    "households_at_risk": "Households under watch at that age",
    "engaged_in_first_year": "Came to something in their first year",
    "retention_after_first_year": "Still approved after their first year, by whether they came",
    "engaged_log_rank": "Log-rank test of those who came against those who did not",
    "mockingbird_share": "In a Mockingbird constellation",
    "reachable_share": "Carers whom the bot reaches",
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
YEARS_LABELS = {
    "under_2": "Under 2 years",
    "2_to_5": "2 to 5 years",
    "5_to_10": "5 to 10 years",
    "10_and_over": "10 years and over",
}
CHANGES = ("change_on_previous_year", "change_on_same_days")
"""Figures whose numerator is a difference, with its sign."""
TYPED = "Typed by hand, and not what the data say"
HIDDEN = "not shown"
UNKNOWN = "not known"


def label(text: str) -> str:
    """A label for a household type, a route, a survey or a free code."""
    known = TYPE_LABELS | ROUTE_LABELS | SURVEY_LABELS
    spaced = re.sub("(?<=[a-z])-(?=[a-z])", " ", text).replace("_", " ")
    return known.get(text, spaced.strip().capitalize())


def version_of(*, public: bool) -> str:
    """Which version a document is, as it says of itself."""
    if public:
        return "This is the public version: numbers that could point at fewer than five people are left out."
    return "This is the internal version: it holds small numbers and is not for publication."


def long_date(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def percent(fraction: float) -> str:
    """``36%``; below ten per cent with one place."""
    number = fraction * 100
    text = f"{number:.0f}" if abs(number) >= 10 or number == round(number) else f"{number:.1f}"
    return text.replace("-", "−") + "%"


def interval(figure: Figure) -> str:
    """``20% to 55%``, or nothing."""
    return f"{percent(figure.interval[0])} to {percent(figure.interval[1])}" if figure.interval else ""


def value(figure: Figure) -> str:
    """The number itself: ``36%``, ``25``, or that it is not shown or not known."""
    if figure.suppressed:
        return HIDDEN
    if figure.value is None:
        return UNKNOWN
    if figure.id == "engaged_log_rank":
        return p_value(figure.value)
    return f"{figure.value:,}" if figure.is_count else percent(figure.value)


def cell(figure: Figure) -> str:
    """A figure in a table: never a share without what it is made of."""
    if figure.suppressed or figure.numerator is None or figure.denominator is None:
        return value(figure)
    made_of = _of(figure)
    if figure.value is None:
        return f"{figure.numerator:,} after none" if figure.id in CHANGES else made_of
    if figure.id in CHANGES:
        sign = "+" if figure.numerator else ""
        made_of = f"{figure.numerator:{sign},} on {figure.denominator:,}".replace("-", "−")
    if figure.id == "engaged_log_rank":
        return f"{value(figure)} ({made_of})"
    return f"{percent(figure.value)} ({made_of}; {interval(figure) or 'no interval'})"


def cell_of_share(figure: Figure) -> str:
    """``36%, 9 of 25``: a share in a sentence that compares with it."""
    return f"{percent(figure.value or 0)}, {_of(figure)}"


def sentence(figure: Figure) -> str:
    """One plain sentence, or an empty one where the figure has no number to speak of."""
    if figure.suppressed or figure.value is None:
        return ""
    if figure.id in _WHOLE_SENTENCES:
        return _WHOLE_SENTENCES[figure.id](figure)
    words = _SENTENCES[figure.id](figure)
    if figure.denominator is None:
        return f"{words}."
    return (
        f"{words}: {percent(figure.value)} (95% interval {interval(figure)})."
        if figure.interval
        else f"{words}."
    )


def _of(figure: Figure) -> str:
    return f"{figure.numerator:,} of {figure.denominator:,}"


def _leavers(figure: Figure) -> str:
    kind = figure.group.get("household_type", "all")
    kinds = "households" if kind == "all" else f"{label(kind).lower()} households"
    return f"{kinds} that left in {figure.period}"


def _count(what: str) -> Callable[[Figure], str]:
    return lambda figure: f"In {figure.period} there were {figure.numerator:,} {what}"


def _change(figure: Figure) -> str:
    difference, before = figure.numerator or 0, f"the {figure.denominator or 0:,} of the year before"
    when = f"in {figure.period}"
    if figure.id == "change_on_same_days":
        when, before = (
            f"so far {when}",
            f"the {figure.denominator or 0:,} on the same days of the year before",
        )
    if not difference:
        return f"As many households left {when} as {before}{_ratio_interval(figure)}."
    word, rise = ("fewer", "fall") if difference < 0 else ("more", "rise")
    households = "household" if abs(difference) == 1 else "households"
    return (
        f"{abs(difference):,} {word} {households} left {when} than {before}, "
        f"a {rise} of {percent(abs(figure.value or 0))}{_ratio_interval(figure)}."
    )


def _ratio_interval(figure: Figure) -> str:
    """`` (95% interval: from a fall of 58% to a rise of 15%)``."""
    if figure.interval is None:
        return ""
    ends = [f"a {'fall' if end < 0 else 'rise'} of {percent(abs(end))}" for end in figure.interval]
    return f" (95% interval: from {ends[0]} to {ends[1]})"


def _retention(figure: Figure) -> str:
    kind = figure.group.get("household_type", "all")
    kinds = "households" if kind == "all" else f"{label(kind).lower()} households"
    return (
        f"By the end of {figure.period} an estimated {percent(figure.value or 0)} of {kinds} were still "
        f"approved {_age(figure)}{_interval_of_estimate(figure)}: "
        f"{figure.numerator:,} of the {figure.denominator:,} watched were not seen to leave sooner."
    )


def _landmark(figure: Figure) -> str:
    return (
        f"Of households that {_came(figure)} in their first year, an estimated {percent(figure.value or 0)} "
        f"were still approved {_age(figure)}{_interval_of_estimate(figure)}: "
        f"{figure.numerator:,} of the {figure.denominator:,} watched were not seen to leave sooner."
    )


def _log_rank(figure: Figure) -> str:
    return (
        f"A log-rank test of the two groups gives {value(figure)}: {figure.numerator:,} of the "
        f"{figure.denominator:,} households that left were among those that had come."
    )


def _at_risk(figure: Figure) -> str:
    came = f" that {_came(figure)} in their first year" if "engaged" in figure.group else ""
    kind = figure.group.get("household_type", "all")
    kinds = "households" if kind == "all" else f"{label(kind).lower()} households"
    return f"{figure.numerator:,} {kinds}{came} were under watch {_age(figure)}."


def _interval_of_estimate(figure: Figure) -> str:
    return f" (95% interval {interval(figure)})" if figure.interval else ""


_WHOLE_SENTENCES: dict[str, Callable[[Figure], str]] = {
    "change_on_previous_year": _change,
    "change_on_same_days": _change,
    "retention_at_years": _retention,
    "retention_after_first_year": _landmark,
    "engaged_log_rank": _log_rank,
    "households_at_risk": _at_risk,
}
"""Figures whose value is no quotient to be put at the end."""

_SENTENCES: dict[str, Callable[[Figure], str]] = {
    "deregistered_households": lambda figure: f"{figure.numerator:,} {_leavers(figure)}".replace(
        " that left", " left"
    ),
    "deregistration_rate": lambda figure: (
        f"{_of(figure)} households approved at any time in {figure.period} left in it"
    ),
    "end_route": lambda figure: f"{_of(figure)} {_leavers(figure)} {_LEFT_BY[figure.group['end_route']]}",
    "end_reason": lambda figure: f"{_of(figure)} {_leavers(figure)} {_reason(figure.group['end_reason'])}",
    "left_within_2_years": lambda figure: (
        f"{_of(figure)} {_leavers(figure)} had fostered for under two years"
    ),
    "left_after_10_years": lambda figure: (
        f"{_of(figure)} {_leavers(figure)} had fostered for ten years or more"
    ),
    "leavers_over_50": lambda figure: f"{_of(figure)} {_leavers(figure)} had a main carer of 50 or older",
    "leavers_by_years_fostered": lambda figure: (
        f"{_of(figure)} {_leavers(figure)} had fostered for {_FOSTERED[figure.group['years_fostered']]}"
    ),
    "leavers_by_age_band": lambda figure: (
        f"{_of(figure)} {_leavers(figure)} had a main carer {_aged(figure.group['age_band'])}"
    ),
    "leaving_rate_by_age_band": lambda figure: (
        f"{_of(figure)} households with a main carer aged {figure.group['age_band']} left in {figure.period}"
    ),
    "engaged_in_first_year": lambda figure: (
        f"{_of(figure)} households that reached their first anniversary by the end of {figure.period} had "
        "come to an event before it"
    ),
    "mockingbird_share": lambda figure: (
        f"{_of(figure)} households approved at the end of {figure.period} are in a Mockingbird constellation"
    ),
    "reachable_share": lambda figure: f"{_of(figure)} carers could be reached by the bot in {figure.period}",
    "invitations": _count("invitations"),
    "rsvp_rate": lambda figure: f"{_of(figure)} invitations to events of {figure.period} were answered",
    "attendances": _count("attendances at events"),
    "carers_who_attended": _count("different carers who attended an event"),
    "training_places": _count("training places taken"),
    "training_carers": _count("different carers who trained"),
    "survey_response_rate": lambda figure: (
        f"{_of(figure)} people asked in surveys that closed in {figure.period} took part"
    ),
    "survey_response_by_survey": lambda figure: (
        f"{_of(figure)} people asked in “{label(figure.group['survey'])}” in {figure.period} took part"
    ),
    "survey_theme": lambda figure: (
        f"{_of(figure)} answers about {label(figure.group['theme']).lower()} in "
        f"“{label(figure.group['survey'])}” in {figure.period} were favourable"
    ),
    "actions_done": lambda figure: (
        f"{_of(figure)} actions on what carers said, noted, due or settled in {figure.period}, "
        "were done in it"
    ),
    "not_seen_for_two_quarters": lambda figure: (
        f"{_of(figure)} carers attended no event in the last two quarters of {figure.period}"
    ),
}


def p_value(number: float) -> str:
    """``p = 0.20``, with a third place below 0.01 and never smaller than ``p < 0.001``."""
    if number < 0.001:
        return "p < 0.001"
    return f"p = {number:.2f}" if number >= 0.01 else f"p = {number:.3f}"


def _came(figure: Figure) -> str:
    return "came to an event" if figure.group["engaged"] == "yes" else "came to none"


def _age(figure: Figure) -> str:
    after = "the first anniversary of approval" if "engaged" in figure.group else "approval"
    return f"on {after}" if figure.group["years"] == "0" else f"{_years(figure)} after {after}"


def _aged(band: str) -> str:
    return "whose age is not known" if band == "not_known" else f"aged {band}"


def _reason(code: str) -> str:
    return (
        "gave no reason that was recorded" if code == "not_recorded" else f"gave as a reason “{label(code)}”"
    )


def _years(figure: Figure) -> str:
    years = figure.group["years"]
    return "one year" if years == "1" else f"{years} years"
