"""What a survey asks: data, checked when it is read (`surveys.reading`) and frozen into each round.

Every text is a mapping from language to words; English is required and stands in for what is missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

LONGEST_TEXT = 1000
"""Characters of a free-text answer; it also bounds the size of a sealed row."""
MOST_QUESTIONS = 40
MOST_OPTIONS = 12

Words = Mapping[str, str]


class QuestionType(StrEnum):
    SCALE = "scale"
    """One of a few labelled steps, answered by its number, 1 for the first."""
    NUMBER = "0-10"
    SINGLE = "single"
    """One of several options, answered by its number, 1 for the first."""
    SEVERAL = "several"
    YES_NO = "yes/no"
    """Answered 1 for yes, 2 for no."""
    TEXT = "text"


class Occasion(StrEnum):
    """What a survey follows, where it is not simply asked of an audience."""

    EVENT = "event"
    """An event: asked of those who came."""
    PANEL = "panel"
    """A fostering panel: asked of the household's carers."""
    EXIT = "exit"
    """The end of an approval."""


ORDERED = (QuestionType.SCALE, QuestionType.NUMBER)
"""Types whose answers have a mean."""


@dataclass(frozen=True, slots=True)
class Option:
    value: int
    label: Words


@dataclass(frozen=True, slots=True)
class Condition:
    """A question is asked only of who was asked an earlier one and gave one of these values to it."""

    question: str
    values: frozenset[int]

    def holds(self, answer: Any) -> bool:
        """Whether this answer to that question, None for none, is one of them (of several: has one in it)."""
        given = answer if isinstance(answer, list) else [answer]
        return not self.values.isdisjoint(given)


@dataclass(frozen=True, slots=True)
class Question:
    """``favourable`` are the values that count as good news; empty where there is no such thing.

    ``wellbeing``: it asks how somebody is, which may be asked only where nobody can tell who answered.
    ``theme``: the code of what it is about, ``being_valued``: reports add up the questions of one theme.
    """

    id: str
    type: QuestionType
    text: Words
    options: tuple[Option, ...]
    required: bool
    favourable: frozenset[int]
    asked_if: Condition | None = None
    wellbeing: bool = False
    theme: str = ""

    @property
    def values(self) -> tuple[int, ...]:
        return tuple(option.value for option in self.options)


@dataclass(frozen=True, slots=True)
class Block:
    """Questions that staff may add to a round; ``citation`` says whose they are, where they are not ours."""

    id: str
    title: Words
    citation: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class OutcomeAnswer:
    """The answer that the results look for reasons of: who gave ``value`` to ``question``."""

    question: str
    value: int


@dataclass(frozen=True, slots=True)
class Definition:
    """``anonymous_only``: it asks what may only be asked where nobody can tell who answered.

    ``occasion``: when it is meant to be asked (`Occasion`), or null. ``blocks``: what can be added to it.
    """

    id: str
    version: int
    title: Words
    introduction: Words
    minutes: int
    anonymous_only: bool
    questions: tuple[Question, ...]
    source: Mapping[str, Any]
    """The JSON that it was read from, which a round keeps."""
    occasion: Occasion | None = None
    outcome: OutcomeAnswer | None = None
    blocks: tuple[Block, ...] = ()

    def question(self, id: str) -> Question | None:
        """The question of this id, None where there is none."""
        return next((question for question in self.questions if question.id == id), None)

    def asked(self, answers: Mapping[str, Any]) -> tuple[Question, ...]:
        """The questions that are asked of who gave these answers, in their order."""
        asked: dict[str, Question] = {}
        for question in self.questions:
            needs = question.asked_if
            if needs is None or (needs.question in asked and needs.holds(answers.get(needs.question))):
                asked[question.id] = question
        return tuple(asked.values())

    def languages(self) -> frozenset[str]:
        """The languages in which every text of it is there."""
        texts = [self.title, self.introduction]
        for question in self.questions:
            own_labels = question.type in (QuestionType.SCALE, QuestionType.SINGLE, QuestionType.SEVERAL)
            texts += [question.text, *(option.label for option in question.options if own_labels)]
        return frozenset.intersection(*(frozenset(text) for text in texts))


def words(text: Words, language: str) -> str:
    """The text in this language, or in English."""
    return text.get(language) or text["en"]
