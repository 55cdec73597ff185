"""What carers told us: who took part in which survey, and themes added up over the rounds of a year."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

import pytest

from disclosure.intervals import wilson
from reports.figures import Figure, Sheet, key_of
from reports.report import make_report
from reports.sentences import sentence
from reports.voices import HELD_BACK, LATEST_ALONE, NO_ROUND, NOT_ASKED, NOT_YET, not_asked, theme_figure
from reports.words import label
from storage.engine import Database
from storage.report_surveys import ClosedRound
from surveys.tabulation import tabulate
from surveys.themes import add_up_one, themes_of
from tests.reports.register import LONDON, NOW, YEAR
from tests.surveys.closed_rounds import closed_round, health_sheets
from tests.surveys.reader import Holds, Person, every_kind, follows, gives_away, publish, told
from tests.surveys.test_themes import CARE, QUESTIONS, K, good_answers

MARCH = datetime(2023, 3, 20, tzinfo=UTC)
APRIL_IN_LONDON = datetime(2022, 3, 31, 23, 30, tzinfo=UTC)
SHEET = Sheet("2022/23", NOW.date())


def a_round(*theme: int | None, **more: Any) -> ClosedRound:
    """A closed round with ``favourable, answers, people`` of the theme breaks; without any it did not ask."""
    kept = {"breaks": dict(zip(("favourable", "answers", "people"), theme, strict=True))} if theme else {}
    return ClosedRound("pulse", MARCH, 0, 0, kept)._replace(**more)


def breaks(*rounds: ClosedRound) -> Figure:
    return theme_figure(SHEET, "pulse", "breaks", rounds)


HIDDEN = a_round(None, None, None)


def test_the_rounds_of_a_year_are_added_together() -> None:
    figure = breaks(a_round(10, 40, 20), a_round(20, 40, 20), a_round())
    assert (figure.numerator, figure.denominator, figure.value, figure.note) == (30, 80, 0.375, "")


def test_the_interval_counts_people_and_not_their_answers() -> None:
    assert breaks(a_round(30, 80, 40)).interval == wilson(15, 40)


def test_where_one_round_is_held_back_the_latest_that_is_not_stands_alone() -> None:
    figure = breaks(a_round(10, 40, 20), a_round(20, 40, 20), HIDDEN)
    assert (figure.numerator, figure.denominator) == (20, 40)
    assert figure.note == LATEST_ALONE.format(survey="Pulse", period="2022/23")


@pytest.mark.parametrize(
    ("rounds", "why"),
    [
        ([], NO_ROUND),
        ([a_round()], NOT_ASKED),
        ([HIDDEN], HELD_BACK),
        ([a_round(10, 40, 20), a_round(themes=None)], NOT_YET),
    ],
)
def test_a_theme_without_a_number_says_why(rounds: Sequence[ClosedRound], why: str) -> None:
    figure = breaks(*rounds)
    assert (figure.numerator, figure.value) == (None, None)
    assert figure.note == why.format(survey="Pulse", theme="breaks", period="2022/23")


def test_that_nobody_was_asked_is_no_number_that_is_not_known() -> None:
    assert [
        not_asked(breaks(*rounds)) for rounds in ((), (a_round(),), (HIDDEN,), (a_round(10, 40, 20),))
    ] == [*(True, True, False, False)]


def test_a_theme_is_told_in_a_sentence() -> None:
    said = sentence(replace(breaks(a_round(30, 80, 40)), group={"survey": "pulse", "theme": "being_valued"}))
    assert said == (
        "30 of 80 answers about being valued in “Pulse” in 2022/23 were favourable: "
        "38% (95% interval 24% to 53%)."
    )
    assert label("after-the-trip") == "After the trip"


async def test_a_report_tells_response_and_themes_by_survey(database: Database) -> None:
    async with database.write() as session:
        sheets = health_sheets(40)
        await closed_round(session, "health-check-short", sheets, asked=90, closed_at=MARCH)
        await closed_round(session, "health-check-short", sheets, asked=80, closed_at=APRIL_IN_LONDON)
        await closed_round(session, "pulse", [{"weeks": 1}] * 3, asked=5, closed_at=MARCH)
        while await add_up_one(session):
            pass
        make = partial(
            make_report, session, year=YEAR, service="Here", zone=LONDON, register_since=None, now=NOW
        )
        report, public = await make(), await make(public=True)
    response = {
        figure.group["survey"]: (figure.numerator, figure.denominator)
        for figure in report.figures
        if figure.id == "survey_response_by_survey" and figure.period == "2022/23"
    }
    assert response == {"health-check-short": (80, 170), "pulse": (3, 5)}
    together = report.get("survey_response_rate")
    assert (together.numerator, together.denominator) == (83, 175), "the same people, by survey"
    staying = report.get("survey_theme", survey="health-check-short", theme="staying")
    assert (staying.numerator, staying.denominator) == (60, 80)
    assert report.get("survey_theme", survey="pulse", theme="reaching_someone").note == HELD_BACK.format(
        survey="Pulse"
    )
    before = report.get("survey_response_by_survey", "2021/22", survey="pulse")
    assert before.note == "“Pulse”: no round of it closed in 2021/22."
    assert public.get("survey_theme", survey="pulse", theme="reaching_someone").numerator is None
    assert {figure.key for figure in public.figures} == {figure.key for figure in report.figures}
    assert key_of("survey_theme", "2019/20", survey="pulse", theme="reaching_someone") in report.by_key()


ROUNDS = (frozenset({1}), frozenset({2}))
Numbers = list[tuple[str, Holds, int]]


@cache
def kinds() -> list[Person]:
    return [replace(kind, rounds=rounds) for rounds in ROUNDS for kind in every_kind(CARE, {})]


def two_rounds(seed: int) -> list[Person]:
    """Carers of two rounds of a survey in one year, of which neither shares anybody with the other."""
    chance = random.Random(seed)
    people = []
    for rounds in ROUNDS:
        some = [kind for kind in kinds() if kind.rounds == rounds]
        weights = [chance.random() ** chance.choice([1, 4]) for _ in some]
        people += chance.choices(some, weights, k=chance.choice([8, 15, 30]))
    return people


def of_round(people: Sequence[Person], number: int) -> list[Person]:
    return [person for person in people if number in person.rounds]


def shown_of(people: Sequence[Person]) -> Numbers:
    """All that the results of both rounds show."""
    numbers: Numbers = []
    for number in (1, 2):
        here = of_round(people, number)
        numbers += told(CARE, publish(CARE, here, K), len(here), number)
    return numbers


def reported(people: Sequence[Person]) -> Numbers:
    """What the report says of the year, as the reader understands it."""
    kept = [
        themes_of(CARE, tabulate(CARE, [person.answers for person in of_round(people, number)], K))
        for number in (1, 2)
    ]
    numbers: Numbers = []
    for theme in QUESTIONS:
        figure = theme_figure(SHEET, "themed", theme, [a_round(themes=themes) for themes in kept])
        if figure.numerator is not None:
            shown = [number for number, of_one in enumerate(kept, 1) if of_one[theme]["people"]]
            counted = shown[-1:] if figure.note else shown
            numbers.append((theme, _in(counted, theme), figure.numerator))
    return numbers


def _in(rounds: Sequence[int], theme: str) -> Holds:
    good = good_answers(theme)
    return lambda person: good(person) if not person.rounds.isdisjoint(rounds) else 0


def test_nobody_recovers_a_hidden_cell_from_a_years_themes_beside_the_results_of_its_rounds() -> None:
    """Were rounds added in that hold the theme back, the same search would find people."""
    careless = 0
    for seed in range(12):
        people = two_rounds(seed)
        shown, figures = shown_of(people), reported(people)
        assert all(follows(kinds(), figure, shown) for figure in figures)
        assert gives_away(kinds(), people, [*shown, *figures], K) is None
        both = [(theme, _in((1, 2), theme)) for theme in QUESTIONS]
        added = [(theme, holds, sum(map(holds, people))) for theme, holds in both]
        careless += gives_away(kinds(), people, [*shown, *added], K) is not None
    assert careless >= 3
