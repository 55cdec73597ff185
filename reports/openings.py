"""How a section opens: the figure, how it was the year before, and what to be careful of.

A sentence speaks of one figure. What chance could have done is said without a number: it follows from the two
figures that stand before it.
"""

from collections.abc import Mapping

from disclosure.intervals import difference
from reports.figures import Figure, Key, key_of
from reports.report import Report
from reports.sentences import sentence
from reports.words import cell_of_share, percent

FEW = 50
"""Of so few, one more or one less moves a share by two points or more."""

CHANCE_CHANGE = "Chance alone can make a change of this size: the interval runs from a fall to a rise."
NO_CHANCE_CHANGE = "Chance alone would seldom make a change of this size."
CHANCE_SHARE = "Chance alone can make a difference of this size between the two years."
NO_CHANCE_SHARE = "Chance alone would seldom make a difference of this size between the two years."
SMALL_NUMBERS = "The numbers are small: one more or one less would move the percentage noticeably."
FEW_WATCHED = "That is few, so read the estimate with its interval."
RUNNING = "The year is still running, so its figures are not compared with those of a whole year."
CHANCE_GROUPS = "Chance alone can part the two groups this far."
NO_CHANCE_GROUPS = "Chance alone would seldom part the two groups this far; why they part it does not say."


class Shelf:
    """The figures of a report, looked up by name; a report that lacks one has nothing to say of it."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.found: Mapping[Key, Figure] = report.by_key()

    def get(self, figure_id: str, period: str | None = None, **group: str) -> Figure | None:
        """A figure of the report's year if not said otherwise."""
        return self.found.get(key_of(figure_id, period or str(self.report.year), **group))

    def the_year_before(self, figure: Figure) -> Figure | None:
        return self.get(figure.id, str(self.report.year.back(1)), **figure.group)

    @property
    def year_names(self) -> list[str]:
        """The heads of columns and bars: a year that runs is not to be read as a whole one."""
        *before, last = map(str, self.report.years)
        return [*before, f"{last} so far" if self.running else last]

    @property
    def running(self) -> bool:
        return self.report.data_date <= self.report.year.last_day


def leaving(shelf: Shelf) -> list[str]:
    """How many left, and the change: on the year before, or while the year runs on the same days of it."""
    left = shelf.get("deregistered_households", household_type="all")
    if not shelf.running:
        changed = shelf.get("change_on_previous_year", household_type="all")
        return _without_gaps([_said(left), _said(changed), _chance_of_change(changed)])
    changed = shelf.get("change_on_same_days", household_type="all")
    told = _without_gaps([_said(left), _said(changed), _chance_of_change(changed)])
    return [*told, RUNNING] if told else []


def share(shelf: Shelf, figure_id: str, **group: str) -> list[str]:
    """A share, the same of the year before, and whether chance could make the difference. Of a year that
    still runs it is compared with nothing."""
    figure = shelf.get(figure_id, **group)
    if figure is None or not sentence(figure):
        return []
    told = [sentence(figure)]
    before = shelf.the_year_before(figure)
    if not shelf.running and before is not None and before.value is not None and before.denominator:
        told += [f"In {before.period} it was {cell_of_share(before)}.", _chance_of_difference(figure, before)]
    if 0 < (figure.denominator or 0) < FEW:
        told.append(SMALL_NUMBERS)
    return _without_gaps(told)


def retention(shelf: Shelf) -> list[str]:
    """The estimate at the point that says most, the one of a year ago, and on how many it rests."""
    for years in ("5", "2", "1", "10"):
        figure = shelf.get("retention_at_years", years=years)
        if figure is None or not sentence(figure):
            continue
        told = [sentence(figure)]
        before = shelf.the_year_before(figure)
        if before is not None and before.value is not None:
            told.append(f"At the end of {before.period} the same estimate was {percent(before.value)}.")
        return _without_gaps([*told, *_resting_on(shelf.get("households_at_risk", years=years))])
    return []


def first_year(shelf: Shelf) -> list[str]:
    """How many came to something in their first year, and whether they leave at another rate. Of a test that
    is rough, as its note says, nothing is concluded."""
    test = shelf.get("engaged_log_rank")
    told = [_said(shelf.get("engaged_in_first_year")), _said(test)]
    if _said(test) and test is not None and test.value is not None and not test.note:
        told.append(CHANCE_GROUPS if test.value >= 0.05 else NO_CHANCE_GROUPS)
    return _without_gaps(told)


def _said(figure: Figure | None) -> str:
    return sentence(figure) if figure is not None else ""


def _without_gaps(told: list[str]) -> list[str]:
    return [words for words in told if words]


def _chance_of_change(figure: Figure | None) -> str:
    if figure is None or figure.interval is None or not figure.numerator:
        return ""
    low, high = figure.interval
    return CHANCE_CHANGE if low <= 0 <= high else NO_CHANCE_CHANGE


def _chance_of_difference(figure: Figure, before: Figure) -> str:
    now = (figure.numerator or 0, figure.denominator or 0)
    then = (before.numerator or 0, before.denominator or 0)
    if not now[1] or not then[1] or now[0] * then[1] == then[0] * now[1]:
        return ""
    low, high = difference(now, then)
    return CHANCE_SHARE if low <= 0 <= high else NO_CHANCE_SHARE


def _resting_on(at_risk: Figure | None) -> list[str]:
    if at_risk is None or not sentence(at_risk):
        return []
    return [sentence(at_risk), FEW_WATCHED if (at_risk.numerator or 0) < FEW else ""]
