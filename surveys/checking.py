"""Everything that is wrong with a survey that is being written, all at once and by place."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from surveys.definition import MOST_OPTIONS, MOST_QUESTIONS, QuestionType
from surveys.draft_questions import question_of, values_of
from surveys.draft_texts import LABELLED, LONGEST, Part, Source, texts
from surveys.reading import WrongDefinition, read_definition
from surveys.wording import asks_of_a_child, asks_who, speaks_of_wellbeing

ENOUGH_QUESTIONS = 12
"""Of more than these carers tire; a block comes on top."""
LONGEST_MINUTES = 60


class Wrong(StrEnum):
    """What is wrong. Those of `TO_THINK_OVER` may be published once somebody has thought them over."""

    NO_TITLE = "no_title"
    NO_INTRODUCTION = "no_introduction"
    NO_MINUTES = "no_minutes"
    NO_QUESTIONS = "no_questions"
    TOO_MANY_QUESTIONS = "too_many_questions"
    TOO_LONG = "too_long"
    """``about`` is the language."""
    NO_WORDS = "no_words"
    NO_OPTIONS = "no_options"
    """An answer is missing: fewer than two, more than twelve, or one without words."""
    SAME_OPTIONS = "same_options"
    """Two answers read alike; ``about`` is the language."""
    BAD_CONDITION = "bad_condition"
    """It hangs on answers that an earlier question does not have."""
    BAD_FAVOURABLE = "bad_favourable"
    BAD_OUTCOME = "bad_outcome"
    NOT_WELLBEING = "not_wellbeing"
    """It speaks of how somebody is and is not marked as such."""
    UNREADABLE = "unreadable"
    """Anything else; ``about`` says what."""
    MANY_QUESTIONS = "many_questions"
    ASKS_WHO = "asks_who"
    ASKS_OF_A_CHILD = "asks_of_a_child"


TO_THINK_OVER = frozenset({Wrong.MANY_QUESTIONS, Wrong.ASKS_WHO, Wrong.ASKS_OF_A_CHILD})


@dataclass(frozen=True, slots=True)
class Fault:
    """``question`` is the id of the question that it is about; empty: the survey as a whole."""

    wrong: Wrong
    question: str = ""
    about: str = ""

    @property
    def stops(self) -> bool:
        """Whether the survey cannot be published with it."""
        return self.wrong not in TO_THINK_OVER


def check(source: Source) -> tuple[Fault, ...]:
    """Everything that is wrong with a draft, in the order of its parts; nothing if it can be asked."""
    found = [*_of_head(source)]
    for question in [*source["questions"], *(one for block in _blocks(source) for one in block["questions"])]:
        found += _of_question(source, question)
    found += _of_lengths(source)
    if not any(fault.stops for fault in found):
        found += _of_reading(source)
    return tuple(dict.fromkeys(found))


def _blocks(source: Source) -> list[Mapping[str, Any]]:
    return list(source.get("blocks", ()))


def _of_head(source: Source) -> Iterator[Fault]:
    if not source["title"].get("en"):
        yield Fault(Wrong.NO_TITLE)
    if not source["introduction"].get("en"):
        yield Fault(Wrong.NO_INTRODUCTION)
    if not 1 <= source.get("minutes", 0) <= LONGEST_MINUTES:
        yield Fault(Wrong.NO_MINUTES)
    own = len(source["questions"])
    whole = own + sum(len(block["questions"]) for block in _blocks(source))
    if own == 0:
        yield Fault(Wrong.NO_QUESTIONS)
    if whole > MOST_QUESTIONS:
        yield Fault(Wrong.TOO_MANY_QUESTIONS)
    elif own > ENOUGH_QUESTIONS:
        yield Fault(Wrong.MANY_QUESTIONS)
    outcome = source.get("outcome")
    if outcome:
        question = question_of(source, outcome["question"])
        if question is None or question.get("asked_if") or outcome["value"] not in values_of(question):
            yield Fault(Wrong.BAD_OUTCOME)


def _of_question(source: Source, question: Mapping[str, Any]) -> Iterator[Fault]:
    id, english = question["id"], question["text"].get("en", "")
    labels = question["options"] if question["type"] in LABELLED else []
    if not english:
        yield Fault(Wrong.NO_WORDS, id)
    if question["type"] in LABELLED:
        yield from _of_options(id, labels)
    if not _condition_holds(source, question):
        yield Fault(Wrong.BAD_CONDITION, id)
    favourable = set(question.get("favourable", ()))
    if favourable - set(values_of(question)) or (favourable and question["type"] == QuestionType.SEVERAL):
        yield Fault(Wrong.BAD_FAVOURABLE, id)
    said = [words for text in (question["text"], *labels) for words in text.values()]
    if not question.get("wellbeing") and any(map(speaks_of_wellbeing, said)):
        yield Fault(Wrong.NOT_WELLBEING, id)
    if asks_who(english):
        yield Fault(Wrong.ASKS_WHO, id)
    if asks_of_a_child(english):
        yield Fault(Wrong.ASKS_OF_A_CHILD, id)


def _of_options(id: str, labels: list[dict[str, str]]) -> Iterator[Fault]:
    if not 2 <= len(labels) <= MOST_OPTIONS or not all(label.get("en") for label in labels):
        yield Fault(Wrong.NO_OPTIONS, id)
    for language in sorted({language for label in labels for language in label}):
        read = Counter((label.get(language) or label.get("en", "")).casefold() for label in labels)
        if max(read.values()) > 1:
            yield Fault(Wrong.SAME_OPTIONS, id, language)


def _condition_holds(source: Source, question: Mapping[str, Any]) -> bool:
    needs = question.get("asked_if")
    if not needs:
        return True
    for block in [source, *_blocks(source)]:
        ids = [one["id"] for one in block["questions"]]
        if question["id"] in ids:
            before = block["questions"][: ids.index(question["id"])]
            earlier = next((one for one in before if one["id"] == needs["question"]), None)
            return bool(earlier and needs["values"] and set(needs["values"]) <= set(values_of(earlier)))
    return False


def _of_lengths(source: Source) -> Iterator[Fault]:
    for text in texts(source):
        for language, said in text.words.items():
            if len(said) > LONGEST[text.part]:
                yield Fault(Wrong.TOO_LONG, text.question, language)


def _of_reading(source: Source) -> Iterator[Fault]:
    """What the reading of a definition itself refuses: nothing, unless the rules above forgot something."""
    try:
        read_definition(source)
    except WrongDefinition as error:
        yield Fault(Wrong.UNREADABLE, about=str(error))


__all__ = [
    "ENOUGH_QUESTIONS",
    "LONGEST",
    "LONGEST_MINUTES",
    "TO_THINK_OVER",
    "Fault",
    "Part",
    "Wrong",
    "check",
]
