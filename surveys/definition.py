"""What a survey asks: read from data files, checked when loaded, frozen into each round.

Every text is a mapping from language to words; English is required and stands in for what is missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import orjson

FILES = Path(__file__).parent / "definitions"
LONGEST_TEXT = 1000
"""Characters of a free-text answer; it also bounds the size of a sealed row."""
MOST_QUESTIONS = 40
MOST_OPTIONS = 12

Words = Mapping[str, str]


class WrongDefinition(Exception):
    """A definition that cannot be asked; says which part and why."""


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


ORDERED = (QuestionType.SCALE, QuestionType.NUMBER)
"""Types whose answers have a mean."""


@dataclass(frozen=True, slots=True)
class Option:
    value: int
    label: Words


@dataclass(frozen=True, slots=True)
class Question:
    """``favourable`` are the values that count as good news; empty where there is no such thing."""

    id: str
    type: QuestionType
    text: Words
    options: tuple[Option, ...]
    required: bool
    favourable: frozenset[int]

    @property
    def values(self) -> tuple[int, ...]:
        return tuple(option.value for option in self.options)


@dataclass(frozen=True, slots=True)
class Definition:
    """``anonymous_only``: it asks what may only be asked where nobody can tell who answered."""

    id: str
    version: int
    title: Words
    introduction: Words
    minutes: int
    anonymous_only: bool
    questions: tuple[Question, ...]
    source: Mapping[str, Any]
    """The JSON that it was read from, which a round keeps."""


def words(text: Words, language: str) -> str:
    """The text in this language, or in English."""
    return text.get(language) or text["en"]


@cache
def standard_definitions() -> Mapping[str, Definition]:
    """The definitions that come with Hearthline, by id."""
    found = [read_definition(orjson.loads(path.read_bytes())) for path in sorted(FILES.glob("*.json"))]
    return {definition.id: definition for definition in found}


def read_definition(source: Mapping[str, Any]) -> Definition:
    """Check a definition's JSON. Raises `WrongDefinition`."""
    name = _text(source, "id", "a definition")
    questions = tuple(_question(raw, name) for raw in _list(source, "questions", name))
    ids = [question.id for question in questions]
    if not 1 <= len(questions) <= MOST_QUESTIONS or len(set(ids)) != len(ids):
        raise WrongDefinition(f"{name}: 1 to {MOST_QUESTIONS} questions, each with an id of its own")
    return Definition(
        id=name,
        version=_whole(source, "version", name),
        title=_words(source, "title", name),
        introduction=_words(source, "introduction", name),
        minutes=_whole(source, "minutes", name),
        anonymous_only=bool(source.get("anonymous_only", False)),
        questions=questions,
        source=source,
    )


def _question(raw: Mapping[str, Any], survey: str) -> Question:
    where = f"{survey}, {_text(raw, 'id', survey)}"
    try:
        kind = QuestionType(raw.get("type", ""))
    except ValueError:
        raise WrongDefinition(f"{where}: no such type as {raw.get('type')!r}") from None
    options = _options(raw, kind, where)
    favourable = frozenset(raw.get("favourable", ()))
    if not favourable <= {option.value for option in options} or (
        favourable and kind is QuestionType.SEVERAL
    ):
        raise WrongDefinition(f"{where}: favourable names values that it cannot have")
    return Question(
        id=raw["id"],
        type=kind,
        text=_words(raw, "text", where),
        options=options,
        required=bool(raw.get("required", False)),
        favourable=favourable,
    )


def _options(raw: Mapping[str, Any], kind: QuestionType, where: str) -> tuple[Option, ...]:
    given = raw.get("options", [])
    if kind is QuestionType.TEXT:
        fixed: list[Option] | None = []
    elif kind is QuestionType.NUMBER:
        fixed = [Option(number, {"en": str(number)}) for number in range(11)]
    elif kind is QuestionType.YES_NO:
        fixed = [Option(1, _YES), Option(2, _NO)]
    else:
        fixed = None
    if fixed is not None:
        if given:
            raise WrongDefinition(f"{where}: a question of type {kind} brings its own options")
        return tuple(fixed)
    if not 2 <= len(given) <= MOST_OPTIONS:
        raise WrongDefinition(f"{where}: 2 to {MOST_OPTIONS} options")
    return tuple(Option(at, _checked(label, where)) for at, label in enumerate(given, start=1))


_YES = {"en": "Yes", "ur": "ہاں", "pa": "ਹਾਂ", "ar": "نعم"}
_NO = {"en": "No", "ur": "نہیں", "pa": "ਨਹੀਂ", "ar": "لا"}


def _text(raw: Mapping[str, Any], key: str, where: str) -> str:
    value = raw.get(key)
    if not isinstance(value, str) or not value or len(value) > 40:
        raise WrongDefinition(f"{where}: {key} must be a short text")
    return value


def _whole(raw: Mapping[str, Any], key: str, where: str) -> int:
    value = raw.get(key)
    if not isinstance(value, int) or value < 1:
        raise WrongDefinition(f"{where}: {key} must be a whole number from 1")
    return value


def _list(raw: Mapping[str, Any], key: str, where: str) -> list[Any]:
    value = raw.get(key)
    if not isinstance(value, list):
        raise WrongDefinition(f"{where}: {key} must be a list")
    return value


def _words(raw: Mapping[str, Any], key: str, where: str) -> Words:
    return _checked(raw.get(key), f"{where}: {key}")


def _checked(text: object, where: str) -> Words:
    if not isinstance(text, dict) or not text.get("en") or not all(isinstance(x, str) for x in text.values()):
        raise WrongDefinition(f"{where} needs words in English")
    return text
