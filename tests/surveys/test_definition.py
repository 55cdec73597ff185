"""Definitions are checked when they are loaded, so that a wrong one never reaches a carer."""

import copy
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from carers.approvals import SUGGESTED_REASONS
from surveys.catalogue import standard_definitions
from surveys.checking import ENOUGH_QUESTIONS, check
from surveys.definition import Definition, Occasion, OutcomeAnswer, Question, QuestionType, Words, words
from surveys.reading import WrongDefinition, read_definition, with_blocks
from tests.surveys.stories import SOURCE
from tests.texts.test_catalogues import ENDINGS, FOREIGN_LETTERS, SCRIPTS
from texts.catalogue import LANGUAGES, TRANSLATED

Change = Callable[[dict[str, Any]], None]
STANDARD = pytest.mark.parametrize("survey", standard_definitions())


def questions_of(definition: Definition) -> list[Question]:
    """Its own questions and those of its blocks."""
    return [*definition.questions, *(one for block in definition.blocks for one in block.questions)]


def texts_of(definition: Definition) -> Iterator[Words]:
    """Everything that a carer reads of it, save for the figures of a 0-10 question."""
    yield definition.title
    yield definition.introduction
    yield from (block.title for block in definition.blocks)
    for question in questions_of(definition):
        yield question.text
        if question.type is not QuestionType.NUMBER:
            yield from (option.label for option in question.options)


def test_there_is_a_survey_for_every_occasion() -> None:
    by_occasion = {occasion: set[str]() for occasion in (None, *Occasion)}
    for definition in standard_definitions().values():
        by_occasion[definition.occasion].add(definition.id)
    assert by_occasion == {
        None: {"health-check", "health-check-short", "pulse"},
        Occasion.EVENT: {"event-feedback", "training-feedback", "working-together"},
        Occasion.PANEL: {"panel-feedback"},
        Occasion.EXIT: {"exit-interview"},
    }


@STANDARD
def test_a_standard_survey_is_short_and_passes_its_own_checks(survey: str) -> None:
    """Lengths that a phone bears, nothing about wellbeing that is not marked, no names, no child."""
    definition = standard_definitions()[survey]
    assert len(definition.questions) <= ENOUGH_QUESTIONS
    assert not any(question.required for question in questions_of(definition))
    assert check(dict(definition.source)) == ()


@pytest.mark.parametrize("survey", ["health-check", "health-check-short"])
def test_a_health_check_asks_of_what_matters_and_only_anonymously(survey: str) -> None:
    definition = standard_definitions()[survey]
    assert definition.anonymous_only
    assert definition.outcome == OutcomeAnswer("leaving", 1)
    asked = {question.id for question in definition.asked({})}
    assert asked >= {"support", "matching", "respite", "valued", "recommend", "leaving", "help"}
    recommend = definition.question("recommend")
    assert recommend is not None
    assert recommend.values == tuple(range(11))


def test_why_is_asked_of_those_alone_who_thought_of_leaving() -> None:
    definition = standard_definitions()["health-check"]
    assert {one.id for one in definition.asked({"leaving": 1})} - {
        one.id for one in definition.asked({"leaving": 2})
    } == {"leaving_why"}


def test_wellbeing_is_a_block_of_its_own_that_comes_before_the_comment() -> None:
    definition = standard_definitions()["health-check"]
    (block,) = definition.blocks
    assert "Office for National Statistics" in block.citation
    assert all(question.wellbeing for question in block.questions)
    assert not any(question.wellbeing for question in definition.questions)
    good = [question.favourable for question in block.questions]
    assert good == [frozenset({7, 8, 9, 10})] * 3 + [frozenset({0, 1, 2, 3})]
    whole = with_blocks(definition, {"wellbeing"})
    assert [one.id for one in whole.questions[-5:]] == [*(one.id for one in block.questions), "help"]
    assert not whole.blocks
    assert whole.minutes == definition.minutes + 1
    with pytest.raises(WrongDefinition):
        with_blocks(definition, {"money"})


def test_the_reasons_of_an_exit_interview_begin_with_those_of_the_register() -> None:
    """In the same order, so that the answers can be held against what staff noted."""
    definition = standard_definitions()["exit-interview"]
    reasons, main, *_ = definition.questions
    assert reasons.options == main.options
    assert len(reasons.options) > len(SUGGESTED_REASONS)
    assert words(reasons.options[SUGGESTED_REASONS.index("personal_circumstances")].label, "en") == (
        "Personal circumstances"
    )
    asked = {answer: {one.id for one in definition.asked({"avoidable": answer})} for answer in (1, 2, 3)}
    assert [("what_if" in asked[answer]) for answer in (1, 2, 3)] == [True, True, False]


@STANDARD
def test_every_text_of_the_standard_definitions_exists_in_every_language(survey: str) -> None:
    for text in texts_of(standard_definitions()[survey]):
        assert set(text) == set(LANGUAGES), text["en"]
        assert all(text[language].strip() == text[language] != "" for language in LANGUAGES)


@STANDARD
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_has_as_many_different_options_in_every_language(survey: str, language: str) -> None:
    """Two options that read alike would be one answer to the carer and two to the count."""
    for question in questions_of(standard_definitions()[survey]):
        labels = [words(option.label, language) for option in question.options]
        assert len(set(labels)) == len(question.values)


@STANDARD
@pytest.mark.parametrize("language", TRANSLATED)
def test_a_survey_is_written_in_the_letters_of_its_language(survey: str, language: str) -> None:
    for text in texts_of(standard_definitions()[survey]):
        said = text[language]
        assert not re.search(f"[A-Za-z{FOREIGN_LETTERS[language]}]", said), said
        assert re.search(f"[{SCRIPTS[language]}]", said)
        assert sorted(re.findall(r"\d+", said)) == sorted(re.findall(r"\d+", text["en"])), said
        if text["en"][-1] in ENDINGS:
            assert said[-1] in ENDINGS[text["en"][-1]], said


def test_what_is_not_translated_appears_in_english() -> None:
    definition = read_definition(SOURCE)
    assert words(definition.title, "ur") == "چائے کے بارے میں"
    assert words(definition.introduction, "ur") == "Four questions about tea."


@pytest.mark.parametrize(
    "change",
    [
        lambda source: source.pop("id"),
        lambda source: source.update(version=0),
        lambda source: source.update(questions=[]),
        lambda source: source.update(title={"ur": "چائے"}),
        lambda source: source["questions"].append(source["questions"][0]),
        lambda source: source["questions"][0].update(type="stars"),
        lambda source: source["questions"][0].update(options=[{"en": "One"}]),
        lambda source: source["questions"][0].update(favourable=[6]),
        lambda source: source["questions"][1].update(favourable=[1]),
        lambda source: source["questions"][2].update(options=[{"en": "Yes"}, {"en": "No"}]),
        lambda source: source["questions"][3].pop("text"),
        lambda source: source["questions"][0].update(asked_if={"question": "again", "values": [1]}),
        lambda source: source["questions"][3].update(asked_if={"question": "again", "values": [3]}),
        lambda source: source["questions"][3].update(asked_if={"question": "again", "values": []}),
        lambda source: source["questions"][3].update(asked_if="again"),
        lambda source: source.update(occasion="birthday"),
        lambda source: source.update(outcome={"question": "wish", "value": 1}),
        lambda source: source.update(outcome={"question": "again", "value": 3}),
        lambda source: source.update(
            blocks=[{"id": "b", "title": {"en": "B"}, "questions": source["questions"][:1]}]
        ),
    ],
)
def test_a_wrong_definition_is_refused(change: Change) -> None:
    source = copy.deepcopy(SOURCE)
    change(source)
    with pytest.raises(WrongDefinition):
        read_definition(source)
