"""Definitions are checked when they are loaded, so that a wrong one never reaches a carer."""

import copy
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from surveys.catalogue import standard_definitions
from surveys.definition import Definition, QuestionType, Words, words
from surveys.reading import WrongDefinition, read_definition
from tests.surveys.stories import SOURCE
from tests.texts.test_catalogues import ENDINGS, FOREIGN_LETTERS, SCRIPTS
from texts.catalogue import LANGUAGES, TRANSLATED

Change = Callable[[dict[str, Any]], None]
STANDARD = pytest.mark.parametrize("survey", standard_definitions())


def texts_of(definition: Definition) -> Iterator[Words]:
    """Everything that a carer reads of it, save for the figures of a 0-10 question."""
    yield definition.title
    yield definition.introduction
    for question in definition.questions:
        yield question.text
        if question.type is not QuestionType.NUMBER:
            yield from (option.label for option in question.options)


def test_the_standard_definitions_load() -> None:
    definitions = standard_definitions()
    assert set(definitions) >= {"health-check-short", "pulse"}


def test_the_short_health_check_asks_of_what_matters_and_only_anonymously() -> None:
    definition = standard_definitions()["health-check-short"]
    assert definition.anonymous_only
    assert [question.id for question in definition.questions] == [
        "support",
        "matching",
        "respite",
        "valued",
        "recommend",
        "leaving",
        "help",
    ]
    assert definition.questions[4].type is QuestionType.NUMBER
    assert definition.questions[4].values == tuple(range(11))


@STANDARD
def test_every_text_of_the_standard_definitions_exists_in_every_language(survey: str) -> None:
    for text in texts_of(standard_definitions()[survey]):
        assert set(text) == set(LANGUAGES), text["en"]
        assert all(text[language].strip() == text[language] != "" for language in LANGUAGES)


@STANDARD
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_has_as_many_different_options_in_every_language(survey: str, language: str) -> None:
    """Two options that read alike would be one answer to the carer and two to the count."""
    for question in standard_definitions()[survey].questions:
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
    ],
)
def test_a_wrong_definition_is_refused(change: Change) -> None:
    source = copy.deepcopy(SOURCE)
    change(source)
    with pytest.raises(WrongDefinition):
        read_definition(source)
