"""Themes: a sum of what a round's results show, made at its close, and nothing that tells anybody more."""

import random
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from bot.jobs import due_work
from storage.engine import Database
from storage.report_surveys import closed_without_themes
from storage.surveys import Round
from surveys.closing import close_rounds
from surveys.definition import Definition
from surveys.keys import RoundKeys
from surveys.reading import WrongDefinition, read_definition
from surveys.results import Results, results
from surveys.shaping import draft_from, file_of
from surveys.tabulation import tabulate
from surveys.themes import themes_of
from tests.support.delivery import POLICY
from tests.surveys.closed_rounds import closed_round, health_sheets
from tests.surveys.reader import (
    Holds,
    Person,
    every_kind,
    follows,
    gives_away,
    known_crossings,
    publish,
    told,
)
from tests.surveys.stories import CLOSES, LONDON, SOURCE, add_carers, answer, open_round

K = 5
HELD_BACK = {"favourable": None, "answers": None, "people": None}
Numbers = list[tuple[str, Holds, int]]


def yes_no(id: str, theme: str, good: int, **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "type": "yes/no",
        "text": {"en": f"{id}?"},
        "favourable": [good],
        "theme": theme,
        **more,
    }


def themed(*questions: dict[str, Any], **more: Any) -> Definition:
    words = {"title": {"en": "Themes"}, "introduction": {"en": "For the auditor."}}
    return read_definition(
        {"id": "themed", "version": 1, "minutes": 1, "questions": list(questions), **words, **more}
    )


CARE = themed(
    yes_no("support", "care", 1),
    yes_no("pay", "care", 1),
    yes_no("leaving", "staying", 2, required=True),
    outcome={"question": "leaving", "value": 1},
)
QUESTIONS = {"care": ("support", "pay"), "staying": ("leaving",)}


@cache
def kinds() -> list[Person]:
    return every_kind(CARE, {"household": ["a", "b"]})


def crowd(seed: int) -> list[Person]:
    chance = random.Random(seed)
    evenly = chance.choice([1, 3, 6])
    return chance.choices(
        kinds(), [chance.random() ** evenly for _ in kinds()], k=chance.choice([8, 15, 30, 60])
    )


def shown_of(people: Sequence[Person]) -> Numbers:
    """All that the results of these people show, by segment and by leaving too."""
    shown = publish(CARE, people, K)
    return [*told(CARE, shown, len(people)), *known_crossings(shown, people)]


def good_answers(theme: str) -> Holds:
    """How many favourable answers somebody gave to the questions of a theme."""
    asked = [question for question in CARE.questions if question.id in QUESTIONS[theme]]
    return lambda person: sum(person.answers.get(one.id) in one.favourable for one in asked)


def could_answer(theme: str) -> Holds:
    return lambda _: len(QUESTIONS[theme])


def answers_given(theme: str) -> Holds:
    return lambda person: sum(question in person.answers for question in QUESTIONS[theme])


def themes_shown(people: Sequence[Person]) -> Iterator[tuple[str, Holds, int]]:
    kept = themes_of(CARE, tabulate(CARE, [person.answers for person in people], K))
    for theme, numbers in kept.items():
        if numbers["favourable"] is not None:
            yield f"{theme} favourable", good_answers(theme), numbers["favourable"]
            yield f"{theme} answers", could_answer(theme), numbers["answers"]


def everything_added(people: Sequence[Person]) -> Numbers:
    """Themes as somebody would add them up who did not look at what is held back."""
    return [
        (theme, count, sum(map(count, people)))
        for theme in QUESTIONS
        for count in (good_answers(theme), answers_given(theme))
    ]


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25)
def test_a_theme_is_a_sum_of_what_the_results_show(seed: int) -> None:
    people = crowd(seed)
    shown = shown_of(people)
    assert all(follows(kinds(), one, shown) for one in themes_shown(people))


def test_nobody_recovers_a_hidden_cell_from_themes_beside_all_that_is_shown() -> None:
    """The same search finds a few people at once where everything is added up, what is held back too."""
    found = 0
    for seed in range(12):
        people = crowd(seed)
        shown = shown_of(people)
        assert gives_away(kinds(), people, [*shown, *themes_shown(people)], K) is None
        found += gives_away(kinds(), people, [*shown, *everything_added(people)], K) is not None
    assert found >= 5


def test_there_are_themes_to_look_at() -> None:
    kept = [len(list(themes_shown(crowd(seed)))) for seed in range(40)]
    assert sum(many == 4 for many in kept) >= 10, "both are shown"
    assert sum(many == 2 for many in kept) >= 5, "one is held back"


def test_a_theme_is_held_back_whole_where_one_of_its_questions_is() -> None:
    sheets = [{"support": 1 + number % 2, "pay": 2, "leaving": 2} for number in range(20)]
    items = tabulate(CARE, [*sheets, {"support": 1, "pay": 1, "leaving": 2}], K)
    assert themes_of(CARE, items) == {
        "care": {"title": "Care", **HELD_BACK},
        "staying": {"title": "Staying", "favourable": 21, "answers": 21, "people": 21},
    }


def test_who_left_a_question_out_is_among_the_answers() -> None:
    sheets = [{"support": 1, "pay": 1, "leaving": 2}] * 10 + [{"support": 2, "leaving": 2}] * 10
    kept = themes_of(CARE, tabulate(CARE, sheets, K))
    assert kept["care"] == {"title": "Care", "favourable": 20, "answers": 40, "people": 20}


def test_too_few_answers_hold_every_theme_back() -> None:
    sheets = [{"support": 1, "pay": 1, "leaving": 2}] * 4
    kept = themes_of(CARE, tabulate(CARE, sheets, K))
    assert [theme["favourable"] for theme in kept.values()] == [None, None]


def test_a_question_without_good_news_or_for_some_alone_is_in_no_theme() -> None:
    survey = themed(
        yes_no("support", "care", 1),
        yes_no("enough", "more", 1, asked_if={"question": "support", "values": [1]}),
        {**yes_no("age", "years", 1), "favourable": []},
    )
    assert set(themes_of(survey, ())) == {"care"}


def test_a_theme_goes_into_the_file_and_comes_back() -> None:
    draft = draft_from(file_of(CARE.source))
    assert [question["theme"] for question in draft["questions"]] == ["care", "care", "staying"]
    with pytest.raises(WrongDefinition, match="theme"):
        draft_from(file_of(themed(yes_no("support", "Care & more", 1)).source))


THEMED_TEA = {
    **SOURCE,
    "questions": [
        {**question, "theme": "tea"} if question["id"] in ("warm", "again") else question
        for question in SOURCE["questions"]
    ],
}


@pytest.mark.parametrize("anonymous", [True, False], ids=["anonymous", "named"])
async def test_the_close_keeps_the_themes_of_what_the_results_show(
    database: Database, keys: RoundKeys, anonymous: bool
) -> None:
    async with database.write() as session:
        carers = await add_carers(session, 12)
    survey = read_definition(THEMED_TEA)
    round = await open_round(database, keys, definition=survey, anonymous=anonymous)
    for number, carer in enumerate(carers):
        await answer(database, keys, round, carer, {"warm": 5 if number < 6 else 1, "again": 1})
    await close_rounds(database, CLOSES, keys)
    async with database.read() as session:
        closed = await session.get_one(Round, round.id)
        shown = await results(session, round.id)
    assert isinstance(shown, Results)
    assert [item.favourable.numerator for item in shown.items if item.favourable] == [6, 12]
    assert closed.themes == {"tea": {"title": "Tea", "favourable": 18, "answers": 24, "people": 12}}


async def test_rounds_from_before_themes_were_kept_get_them_once(database: Database, keys: RoundKeys) -> None:
    jobs = {job.name: job for job in due_work(LONDON, lambda: POLICY, keys)}
    async with database.write() as session:
        ids = [await closed_round(session, "health-check-short", health_sheets(number)) for number in (40, 3)]
        for id in ids:
            round = await session.get_one(Round, id)
            # Asked when no question had a theme yet: it takes that of the standard survey's question.
            round.definition = {
                **round.definition,
                "questions": [
                    {name: part for name, part in question.items() if name != "theme"}
                    for question in round.definition["questions"]
                ],
            }
        await session.flush()
        await session.execute(update(Round).values(themes=None))  # as a restored copy brings it in
    for _ in range(2):
        await jobs["themes of earlier survey rounds"].work(database, CLOSES + timedelta(days=1))
    async with database.write() as session:
        assert await closed_without_themes(session) is None
        many, few = [(await session.get_one(Round, id)).themes for id in ids]
    assert many is not None
    assert few is not None
    assert many["staying"] == {"title": "Staying", "favourable": 30, "answers": 40, "people": 40}
    assert few["staying"] == {"title": "Staying", **HELD_BACK}
    assert set(many) == set(few) > {"support", "breaks", "recommending_us"}
