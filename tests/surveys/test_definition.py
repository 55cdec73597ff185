"""Definitions are checked when they are loaded, so that a wrong one never reaches a carer."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from surveys.definition import QuestionType, WrongDefinition, read_definition, standard_definitions, words
from tests.surveys.stories import SOURCE

Change = Callable[[dict[str, Any]], None]


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
