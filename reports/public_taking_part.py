"""Which figures about taking part, and about what carers told us, the public may see.

Of every share both parts have to be of five people or more, and so has whatever two of them differ by. The
surveys of a year add up to its response in all, so they are one table.
"""

from collections.abc import Iterable, Sequence

from disclosure.suppression import TOTAL, K, suppress
from reports.figures import Figure, Key

BY_SURVEY, IN_ALL, THEME = "survey_response_by_survey", "survey_response_rate", "survey_theme"
SHARES = ("reachable_share", "rsvp_rate", "not_seen_for_two_quarters")


def shown_taking_part(figures: Sequence[Figure], period: str) -> set[Key]:
    """The figures of this year, of those that are not about households, that may be shown."""
    of_year = [figure for figure in figures if figure.period == period and figure.numerator is not None]
    shown = _shown_of_surveys(of_year)
    found = {figure.id: figure for figure in of_year if not figure.group}
    names: dict[str, bool] = {"actions_done": True}  # they are the service's own deeds, no number of people
    for share in found.keys() & set(SHARES):
        parts = _parts(found[share].numerator or 0, found[share].denominator or 0)
        names[share] = all(parts.values())
        if share == "rsvp_rate":
            names["invitations"] = parts[TOTAL]
    for whole, part in (("attendances", "training_places"), ("carers_who_attended", "training_carers")):
        if whole in found and part in found:
            parts = _parts(found[part].numerator or 0, found[whole].numerator or 0)
            names[whole], names[part] = parts[TOTAL], parts["some"]
    if "reachable_share" in found and "not_seen_for_two_quarters" in found:
        # Carers who joined in the last two quarters are the difference of these two denominators.
        reached, seen = (found[each].denominator or 0 for each in ("reachable_share", SHARES[-1]))
        names[SHARES[-1]] &= all(_parts(seen, reached, show_zeros=True).values())
    return shown | {figure.key for figure in found.values() if names.get(figure.id)}


def _parts(some: int, everyone: int, *, show_zeros: bool = False) -> dict[str, bool]:
    """Whether a part, the rest and the whole may be shown together."""
    result = suppress({"some": some, "rest": max(everyone - some, 0)}, show_zeros=show_zeros)
    return {key: value is not None for key, value in result.items()}


def _shown_of_surveys(figures: Iterable[Figure]) -> set[Key]:
    """The response in all and by survey, and of the surveys whose response is shown the themes."""
    found = [figure for figure in figures if figure.id in (IN_ALL, BY_SURVEY, THEME)]
    surveys = [figure for figure in found if figure.id == BY_SURVEY]
    whole = next((figure for figure in found if figure.id == IN_ALL), None)
    if whole is None or not _add_up(surveys, whole):
        surveys = []  # a survey of which nothing is known, and the others' sum would tell of it
    rows = {figure.group["survey"]: figure for figure in surveys} or ({"": whole} if whole else {})
    cells = {
        (row, part): number
        for row, figure in rows.items()
        for part, number in (("took part", figure.numerator or 0), ("did not", _rest(figure)))
    }
    parts = suppress(cells)
    visible = {row for row in (*rows, TOTAL) if all(parts.get((row, part)) is not None for part in PARTS)}
    shown = {figure.key for figure in surveys if figure.group["survey"] in visible}
    if whole is not None and TOTAL in visible:
        shown.add(whole.key)
    themes = (figure for figure in found if figure.id == THEME and figure.group["survey"] in visible)
    return shown | {figure.key for figure in themes if _of_five(figure)}


PARTS = ("took part", "did not", TOTAL)


def _add_up(surveys: Sequence[Figure], whole: Figure) -> bool:
    return sum(figure.numerator or 0 for figure in surveys) == whole.numerator and (
        sum(figure.denominator or 0 for figure in surveys) == whole.denominator
    )


def _rest(figure: Figure) -> int:
    return max((figure.denominator or 0) - (figure.numerator or 0), 0)


def _of_five(theme: Figure) -> bool:
    """Whether both the favourable answers and the others are more than four people could have given."""
    answers, people = theme.denominator or 0, theme.people or 0
    return people >= K and min(theme.numerator or 0, _rest(theme)) * people > (K - 1) * answers
