"""One plain sentence for each figure, with its numerator and its denominator and with no other figure's.

Two shares with different denominators side by side once read as one. What is said of a year that still runs
is said of it so far, or of the day on which it was counted; never of its end.
"""

from collections.abc import Callable

from reports.figures import Figure
from reports.words import interval, label, long_date, p_value, percent
from reports.years import parse_year

_IN_WORDS = {"1": "one year", "2": "two years", "4": "four years", "5": "five years"}
_IN_WORDS |= {"9": "nine years", "10": "ten years"}
_FOSTERED = {
    "under_2": "under two years",
    "2_to_5": "two years or more, but under five",
    "5_to_10": "five years or more, but under ten",
    "10_and_over": "ten years or more",
}


def sentence(figure: Figure) -> str:
    """What the figure says, or an empty text where it has no number to speak of."""
    if figure.suppressed or figure.value is None:
        return ""
    if figure.id in _WHOLE_SENTENCES:
        return _WHOLE_SENTENCES[figure.id](figure)
    words = _SHARES[figure.id](figure)
    return f"{words}: {percent(figure.value)}{_within(figure)}."


def _runs(figure: Figure) -> bool:
    """Whether the figure's year was still running on the day on which it was counted."""
    return figure.data_date <= parse_year(figure.period).last_day


def _during(figure: Figure) -> str:
    return f"so far in {figure.period}" if _runs(figure) else f"in {figure.period}"


def _at_the_end(figure: Figure) -> str:
    return f"on {long_date(figure.data_date)}" if _runs(figure) else f"at the end of {figure.period}"


def _as_at(figure: Figure) -> str:
    """Of something that lasts: "approved on" a day would be what happened on it."""
    return f"as at {long_date(figure.data_date)}" if _runs(figure) else _at_the_end(figure)


def _until(figure: Figure) -> str:
    return long_date(figure.data_date) if _runs(figure) else f"the end of {figure.period}"


def _within(figure: Figure) -> str:
    return f" (95% interval {interval(figure)})" if figure.interval else ""


def _verb(figure: Figure, one: str, several: str) -> str:
    """``1 of 10 households was``, ``0 of 1 household was``."""
    return one if 1 in (figure.numerator, figure.denominator) else several


def _of(figure: Figure, one: str, several: str) -> str:
    """``9 of 25 households``: the noun goes with the number before it."""
    noun = one if figure.denominator == 1 else several
    return f"{figure.numerator:,} of {figure.denominator:,} {noun}"


def _kind(figure: Figure) -> str:
    """``mainstream ``, or nothing for all households."""
    kind = figure.group.get("household_type", "all")
    return "" if kind == "all" else f"{label(kind)} ".lower()


def _some(figure: Figure, one: str, several: str) -> str:
    """``25 households``, ``1 household``, ``No households``."""
    return f"{figure.numerator:,} {_verb(figure, one, several)}" if figure.numerator else f"No {several}"


def _some_households(figure: Figure) -> str:
    return _some(figure, f"{_kind(figure)}household", f"{_kind(figure)}households")


def _left(figure: Figure) -> str:
    return f"{_some_households(figure)} left {_during(figure)}."


def _there_were(of: str, one: str, several: str) -> Callable[[Figure], str]:
    """Where there is none, none is recorded: who began to record later had some all the same."""

    def told(figure: Figure) -> str:
        so_far = " so far" if _runs(figure) else ""
        if not figure.numerator:
            return f"No {several} {of} {figure.period} are recorded{so_far}."
        were = _verb(figure, "has been", "have been") if _runs(figure) else _verb(figure, "was", "were")
        return f"There {were} {_some(figure, one, several)} {of} {figure.period}{so_far}."

    return told


def _carers(did: str, done: str) -> Callable[[Figure], str]:
    def told(figure: Figure) -> str:
        if not figure.numerator:
            return f"No carer is recorded as having {done} {_during(figure)}."
        return f"{_some(figure, 'carer', 'different carers')} {did} {_during(figure)}."

    return told


def _places(figure: Figure) -> str:
    if not figure.numerator:
        return f"No training places are recorded as taken {_during(figure)}."
    some = _some(figure, "training place", "training places")
    return f"{some} {_verb(figure, 'was', 'were')} taken {_during(figure)}."


def _change(figure: Figure) -> str:
    """On the whole year before, or in a year that runs on the same days of it."""
    difference, before = figure.numerator or 0, figure.denominator or 0
    left, then = f"left in {figure.period}", f"the {before:,} of the year before"
    if figure.id == "change_on_same_days":
        left = f"had left by {long_date(figure.data_date)}"
        then = f"the {before:,} that had left by the same day of the year before"
    if not difference:
        return f"As many households {left} as {then}{_ratio_interval(figure)}."
    word, rise = ("fewer", "fall") if difference < 0 else ("more", "rise")
    some = f"{abs(difference):,} {word} household{'' if abs(difference) == 1 else 's'}"
    by = percent(abs(figure.value or 0))
    return f"{some} {left} than {then}, a {rise} of {by}{_ratio_interval(figure)}."


def _ratio_interval(figure: Figure) -> str:
    """`` (95% interval: from a fall of 58% to a rise of 15%)``."""
    if figure.interval is None:
        return ""
    ends = [f"a {'fall' if end < 0 else 'rise'} of {percent(abs(end))}" for end in figure.interval]
    return f" (95% interval: from {ends[0]} to {ends[1]})"


def _retention(figure: Figure) -> str:
    return (
        f"An estimated {percent(figure.value or 0)} of {_kind(figure)}households are still approved "
        f"{_age(figure)}{_within(figure)}. {_watched(figure)}"
    )


def _landmark(figure: Figure) -> str:
    return (
        f"Of households that {_came(figure)} in their first year, an estimated {percent(figure.value or 0)} "
        f"are still approved {_age(figure)}{_within(figure)}. {_watched(figure)}"
    )


def _watched(figure: Figure) -> str:
    were = _verb(figure, "was", "were")
    watched = f"the {figure.denominator:,} watched up to {_until(figure)}"
    return f"Of {watched}, {figure.numerator:,} {were} not seen to leave sooner."


def _log_rank(figure: Figure) -> str:
    """How many of the leavers had come says nothing by itself: it may be that most households had."""
    return (
        "A log-rank test, which allows for how many households are in each group, gives "
        f"{p_value(figure.value or 0)}: {_of(figure, 'household', 'households')} that left had come."
    )


def _at_risk(figure: Figure) -> str:
    came = f" that {_came(figure)} in their first year" if "engaged" in figure.group else ""
    return (
        f"{_some_households(figure)}{came} {_verb(figure, 'was', 'were')} under watch {_age(figure)}: "
        "still approved at that age, at a time when the register was complete."
    )


def _leavers(figure: Figure) -> str:
    """``9 of 25 mainstream households that left in 2022/23``."""
    of = _of(figure, f"{_kind(figure)}household", f"{_kind(figure)}households")
    have = ("has " if figure.denominator == 1 else "have ") if _runs(figure) else ""
    return f"{of} that {have}left {_during(figure)}"


def _by_route(figure: Figure) -> str:
    route = figure.group["end_route"]
    if route == "deregistration":
        how = _verb(figure, "was deregistered", "were deregistered")
    elif route == "resignation_before_deregistration":
        who = _verb(figure, "it", "they")
        how = f"resigned when {who} would otherwise have been deregistered"
    elif route == "not_recorded":
        how = _verb(figure, "has no route recorded", "have no route recorded")
    else:
        how = "resigned"
    return f"{_leavers(figure)} {how}"


def _by_reason(figure: Figure) -> str:
    code = figure.group["end_reason"]
    if code == "not_recorded":
        return f"{_leavers(figure)} gave no reason that was recorded"
    return f"{_leavers(figure)} gave as a reason “{label(code)}”"


def _by_age_band(figure: Figure) -> str:
    band = figure.group["age_band"]
    aged = "whose age is not known" if band == "not_known" else _aged(band)
    return f"{_leavers(figure)} had a main carer {aged}"


def _rate(figure: Figure) -> str:
    of = _of(figure, "household", "households")
    if _runs(figure):
        have = _verb(figure, "has", "have")
        return f"{of} approved at any time so far in {figure.period} {have} left"
    return f"{of} approved at any time in {figure.period} left during that year"


def _rate_of_band(figure: Figure) -> str:
    of, aged = _of(figure, "household", "households"), _aged(figure.group["age_band"])
    have = f"{_verb(figure, 'has', 'have')} " if _runs(figure) else ""
    return f"{of} with a main carer {aged} {have}left {_during(figure)}"


def _invitations_answered(figure: Figure) -> str:
    of = f"{_of(figure, 'invitation', 'invitations')} to events of {figure.period}"
    if _runs(figure):
        return f"{of} {_verb(figure, 'has', 'have')} been answered so far"
    return f"{of} {_verb(figure, 'was', 'were')} answered"


def _themes(figure: Figure) -> str:
    theme, survey = label(figure.group["theme"]).lower(), label(figure.group["survey"])
    of = _of(figure, "answer", "answers")
    return f"{of} about {theme} in “{survey}” {_during(figure)} {_verb(figure, 'was', 'were')} favourable"


def _constellations(figure: Figure) -> str:
    """Whom the register has in a constellation today, whichever year it is about."""
    of, are = _of(figure, "household", "households"), _verb(figure, "is", "are")
    now = "" if _runs(figure) else " today"
    return f"{of} approved {_as_at(figure)} {are} in a Mockingbird constellation{now}"


def _not_seen(figure: Figure) -> str:
    months = "months to" if _runs(figure) else "months of"
    when = long_date(figure.data_date) if _runs(figure) else figure.period
    last = "" if _runs(figure) else "last "
    return f"{_of(figure, 'carer', 'carers')} attended no event in the {last}six {months} {when}"


def _came(figure: Figure) -> str:
    return "came to an event" if figure.group["engaged"] == "yes" else "came to no event"


def _age(figure: Figure) -> str:
    after = "their first anniversary" if "engaged" in figure.group else "approval"
    years = figure.group["years"]
    return f"on {after}" if years == "0" else f"{_IN_WORDS.get(years, f'{years} years')} after {after}"


def _aged(band: str) -> str:
    """``aged 30 to 39``, ``aged 70 or over``."""
    return f"aged {band.replace('-', ' to ').replace('+', ' or over')}"


_WHOLE_SENTENCES: dict[str, Callable[[Figure], str]] = {
    "deregistered_households": _left,
    "change_on_previous_year": _change,
    "change_on_same_days": _change,
    "retention_at_years": _retention,
    "retention_after_first_year": _landmark,
    "engaged_log_rank": _log_rank,
    "households_at_risk": _at_risk,
    "invitations": _there_were("to events of", "invitation", "invitations"),
    "attendances": _there_were("at events of", "attendance", "attendances"),
    "carers_who_attended": _carers("attended an event", "attended an event"),
    "training_places": _places,
    "training_carers": _carers("took part in training", "taken part in training"),
}
"""Figures whose value is no quotient to be put at the end."""

_SHARES: dict[str, Callable[[Figure], str]] = {
    "deregistration_rate": _rate,
    "end_route": _by_route,
    "end_reason": _by_reason,
    "left_within_2_years": lambda figure: f"{_leavers(figure)} had fostered for under two years",
    "left_after_10_years": lambda figure: f"{_leavers(figure)} had fostered for ten years or more",
    "leavers_over_50": lambda figure: f"{_leavers(figure)} had a main carer aged 50 or over",
    "leavers_by_years_fostered": lambda figure: (
        f"{_leavers(figure)} had fostered for {_FOSTERED[figure.group['years_fostered']]}"
    ),
    "leavers_by_age_band": _by_age_band,
    "leaving_rate_by_age_band": _rate_of_band,
    "engaged_in_first_year": lambda figure: (
        f"{_of(figure, 'household', 'households')} that reached the first anniversary of approval by "
        f"{_until(figure)} had come to an event before it"
    ),
    "mockingbird_share": _constellations,
    "reachable_share": lambda figure: (
        f"{_of(figure, 'carer', 'carers')} could be reached by app or email {_at_the_end(figure)}"
    ),
    "rsvp_rate": _invitations_answered,
    "survey_response_rate": lambda figure: (
        f"{_of(figure, 'person', 'people')} asked in surveys that closed {_during(figure)} took part"
    ),
    "survey_response_by_survey": lambda figure: (
        f"{_of(figure, 'person', 'people')} asked in “{label(figure.group['survey'])}” {_during(figure)} "
        "took part"
    ),
    "survey_theme": _themes,
    "actions_done": lambda figure: (
        f"{_of(figure, 'action', 'actions')} on what carers said, noted, due or settled {_during(figure)}, "
        f"{_verb(figure, 'was', 'were')} done"
    ),
    "not_seen_for_two_quarters": _not_seen,
}
