"""Numbers typed by hand into a report: does the data say the same?

A published report once said in one place that 27 households had left, and in another 25. So each number that
staff write under a section is looked for among the figures that its clause speaks of; where it is not there,
the writer is asked, with what the data say beside it. The writer decides: they may know what the register
does not. What they keep is printed as typed by hand.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from disclosure.suppression import K
from reports.figures import Figure
from reports.national import NATIONAL
from reports.numbers import Written, hints_at_few, numbers_in
from reports.tallies import BANDS, TYPES
from reports.words import TYPE_LABELS
from reports.years import FosteringYear

_TEN = r"(?:ten|10)"
TOPICS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        r"(?:under|within|first|less than) (?:two|2) years|second anniversary",
        ("left_within_2_years",),
    ),
    (
        rf"(?:over|more than|after|at least) {_TEN} years|{_TEN} years (?:or|and) (?:more|longer|over)"
        rf"|{_TEN} or more years",
        ("left_after_10_years",),
    ),
    (
        r"(?:five|5)(?: years)?(?: or more, but under|,? (?:to|and)|-|–) ?(?:ten|10)",
        ("leavers_by_years_fostered",),
    ),
    (
        r"(?:two|2)(?: years)?(?: or more, but under|,? (?:to|and)|-|–) ?(?:five|5)",
        ("leavers_by_years_fostered",),
    ),
    (r"over (?:50|fifty)|(?:50|fifty) (?:or|and) (?:older|over)|aged 50", ("leavers_over_50",)),
    (
        r"\bage[ds]?\b|years old|(?:twen|thir|for|fif|six|seven)ties",
        ("leavers_by_age_band", "leaving_rate_by_age_band"),
    ),
    (r"resign|deregistered|panel|\broute", ("end_route",)),
    (r"reason|retire|moved|circumstances", ("end_reason",)),
    (r"mockingbird|constellation", ("mockingbird_share",)),
    (
        r"still approved|retention|retain|\bstay(?:s|ed|ing)?\b(?!\s+put)|\bwatch",
        ("retention_at_years", "households_at_risk"),
    ),
    (r"in (?:the|their) first year|engaged", ("engaged_in_first_year", "retention_after_first_year")),
    (r"train", ("training_places", "training_carers")),
    (r"invitation|invited|rsvp|repl(?:y|ied)", ("invitations", "rsvp_rate")),
    (
        r"survey|health check|took part|respon[sd]|favourabl",
        ("survey_response_rate", "survey_response_by_survey", "survey_theme"),
    ),
    (r"attend|came to|joined", ("attendances", "carers_who_attended", "not_seen_for_two_quarters")),
    (r"reach|connected|telegram|the app\b", ("reachable_share",)),
    (r"not seen|no contact", ("not_seen_for_two_quarters",)),
    (r"action|you said", ("actions_done",)),
    (r"rate\b", ("deregistration_rate", "leaving_rate_by_age_band")),
    (
        r"deregist|leavers?\b|\bleft\b|\bleav(?:e|ing)\b|approval ended",
        ("deregistered_households", "deregistration_rate"),
    ),
    (
        r"fewer|\bmore\b|decrease|increase|\bfell\b|\brose\b|\bdown\b|\bup\b|change|reduction|compared",
        ("change_on_previous_year", "change_on_same_days"),
    ),
)
"""What a clause speaks of, by its words, and the figures that say so. Several may be meant at once."""


_TIES = ("twen", "thir", "for", "fif", "six", "seven")
_BANDS = {
    band: re.compile(rf"{age}(?:\s?(?:-|–|to)\s?{age + 9}|\s?\+|\s(?:or|and)\s(?:over|older))|{words}ties")
    for band, age, words in zip(BANDS, range(20, 80, 10), _TIES, strict=True)
}
"""How a clause names an age band."""
_NATIONAL = re.compile(r"\bnational|\bEngland\b|\bOfsted\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Question:
    """A number that the data do not say. ``says``: the figures that the clause seems to speak of, of the year
    that it names; empty where no figure of the report is meant."""

    number: str
    clause: str
    says: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Data:
    """What the data say: the figures of a report, and its years, oldest first, its own the last."""

    figures: Sequence[Figure]
    years: Sequence[FosteringYear]

    @property
    def year(self) -> str:
        return str(self.years[-1])


def questions(text: str, data: Data) -> list[Question]:
    """What to ask whoever wrote this under a section of this report; nothing where all numbers are in it."""
    return [question for clause in _clauses(text) for question in _asked(clause, data)]


def shown_to_all(text: str, public: Data) -> bool:
    """Whether these words may stand in the public version: every number in them is a figure that it shows,
    and nothing in them speaks of one or two people."""
    return not left_out(text, public)


def left_out(text: str, public: Data) -> list[str]:
    """What keeps these words from the public version, as it is written in them, each once."""
    numbers = [
        question.number for clause in _clauses(text) for question in _asked(clause, public, for_all=True)
    ]
    return list(dict.fromkeys([*numbers, *hints_at_few(text)]))


def _clauses(text: str) -> Iterator[str]:
    for part in re.split(r"(?<=[.;!?])\s+|\n+", text):
        if part.strip():
            yield part.strip()


def _asked(clause: str, data: Data, *, for_all: bool = False) -> Iterator[Question]:
    """``for_all``: where nobody can tell what a clause speaks of, a number of few may be of the few that are
    hidden, be it that of something else too."""
    written = numbers_in(clause)
    if not written:
        return
    ids = [
        figure_id
        for pattern, meant in TOPICS
        if re.search(pattern, clause, re.IGNORECASE)
        for figure_id in meant
    ]
    figures = list(_meant(ids, clause, data)) if ids else [one for one in data.figures if not one.suppressed]
    said = _Said.by(figures, national=_NATIONAL.search(clause) is not None)
    for one in {one.text: one for one in written}.values():
        guessed = for_all and not ids and not one.share and one.value < K
        if guessed or not said.has(one):
            yield Question(one.text, clause, tuple(_heads(figures, one, data)) if ids else ())


def _meant(ids: Iterable[str], clause: str, data: Data) -> Iterator[Figure]:
    """The figures of these ids, of the years, the ages and the types of household that the clause names.
    Where it names none: of the report's year and that before it, of all ages and of all households."""
    wanted, periods = set(ids), _periods(clause, data)
    bands = {band for band, named in _BANDS.items() if named.search(clause)} or set(BANDS)
    others = set(BANDS) - bands
    kinds = [kind for kind in TYPES if TYPE_LABELS[kind].lower() in clause.lower()] or ["all"]
    for figure in data.figures:
        if figure.id not in wanted or figure.period not in periods or figure.suppressed:
            continue
        if figure.group.get("household_type", "all") in kinds and figure.group.get("age_band") not in others:
            yield figure


def _periods(clause: str, data: Data) -> set[str]:
    """The year that the clause names, else the report's; where it compares, the one before it too, and the
    report's beside a year that is named: "1 fewer than in 2021/22"."""
    years = [str(year) for year in data.years]
    named = [year for year in years if year in clause.replace("–", "/").replace("-", "/")]
    chosen = set(named or [data.year])
    if re.search(
        r"last year|year before|previous|compared|\(\d{4}|from|than|against|down|up\b|decrease|increase|fewer"
        r"|more",
        clause,
        re.IGNORECASE,
    ):
        chosen.add(data.year)
        for year in list(chosen):
            place = years.index(year)
            chosen |= set(years[max(place - 1, 0) : place + 1])
    return chosen


@dataclass(frozen=True, slots=True)
class _Said:
    """The numbers of some figures."""

    counts: set[float]
    shares: set[float]

    @classmethod
    def by(cls, figures: Iterable[Figure], *, national: bool) -> "_Said":
        """``national``: what is known of the country may be meant too."""
        counts: set[float] = set()
        shares: set[float] = set()
        for figure in figures:
            found = [figure.numerator, figure.denominator, figure.value if figure.is_count else None]
            counts |= {abs(one) for one in found if one is not None}
            if figure.denominator is not None:
                shares |= {abs(one) for one in (figure.value, *(figure.interval or ())) if one is not None}
        for known in NATIONAL if national else ():
            counts |= {one for one in (known.numerator, known.denominator) if one is not None}
            shares.add(known.value)
        return cls(counts, shares)

    def has(self, written: Written) -> bool:
        """Whether this number is one of them, to as many places as it was written with."""
        if written.share:
            return any(_rounds_to(one * 100, written) for one in self.shares)
        return written.value in self.counts


def _rounds_to(number: float, written: Written) -> bool:
    # A half may be rounded either way.
    unit: float = 10.0**-written.places
    return abs(number - written.value) <= unit / 2 + 1e-9


def _heads(figures: Iterable[Figure], written: Written, data: Data) -> list[Figure]:
    """At most three figures to show beside a number, of the report's year first, and of its kind."""
    fitting = [
        one for one in figures if one.value is not None and (one.denominator is not None) == written.share
    ]
    fitting.sort(key=lambda one: one.period != data.year)
    return fitting[:3]
