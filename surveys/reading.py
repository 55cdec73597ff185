"""From JSON to a checked `Definition`. docs/surveys.md describes the format."""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from surveys.definition import (
    MOST_OPTIONS,
    MOST_QUESTIONS,
    Block,
    Condition,
    Definition,
    Occasion,
    Option,
    OutcomeAnswer,
    Question,
    QuestionType,
    Words,
)

QUESTIONS_A_MINUTE = 4


class WrongDefinition(Exception):
    """A definition that cannot be asked; says which part and why."""


def read_definition(source: Mapping[str, Any]) -> Definition:
    """Check a definition's JSON. Raises `WrongDefinition`."""
    name = _text(source, "id", "a definition")
    questions = tuple(_question(raw, name) for raw in _list(source, "questions", name))
    blocks = tuple(_block(raw, name) for raw in source.get("blocks", ()))
    ids = [question.id for question in [*questions, *(one for block in blocks for one in block.questions)]]
    if not questions or len(ids) > MOST_QUESTIONS or len(set(ids)) != len(ids):
        raise WrongDefinition(f"{name}: 1 to {MOST_QUESTIONS} questions, each with an id of its own")
    if len({block.id for block in blocks}) != len(blocks):
        raise WrongDefinition(f"{name}: each block needs an id of its own")
    _check_conditions(questions, name)
    return Definition(
        id=name,
        version=_whole(source, "version", name),
        title=_words(source, "title", name),
        introduction=_words(source, "introduction", name),
        minutes=_whole(source, "minutes", name),
        anonymous_only=bool(source.get("anonymous_only", False)) or any(one.wellbeing for one in questions),
        questions=questions,
        source=source,
        occasion=_occasion(source, name),
        outcome=_outcome(source, questions, name),
        blocks=blocks,
    )


def with_blocks(definition: Definition, chosen: Collection[str]) -> Definition:
    """The definition as a round asks it: with the questions of these blocks at the end, and no block left;
    about how many minutes it takes grows with them.

    Where the last question is free text the blocks come before it, so that the comment stays the last.
    Raises `WrongDefinition` for a block that it does not have.
    """
    unknown = set(chosen) - {block.id for block in definition.blocks}
    if unknown:
        raise WrongDefinition(f"{definition.id}: no such block as {min(unknown)!r}")
    source = dict(definition.source)
    added = [raw for block in source.pop("blocks", ()) if block["id"] in chosen for raw in block["questions"]]
    own = list(source["questions"])
    at = len(own) - 1 if own[-1]["type"] == QuestionType.TEXT else len(own)
    minutes = definition.minutes + math.ceil(len(added) / QUESTIONS_A_MINUTE)
    return read_definition({**source, "minutes": minutes, "questions": [*own[:at], *added, *own[at:]]})


def _block(raw: Mapping[str, Any], survey: str) -> Block:
    name = f"{survey}, block {_text(raw, 'id', survey)}"
    questions = tuple(_question(one, name) for one in _list(raw, "questions", name))
    _check_conditions(questions, name)
    return Block(raw["id"], _words(raw, "title", name), str(raw.get("citation", "")), questions)


def _check_conditions(questions: Sequence[Question], where: str) -> None:
    earlier: dict[str, Question] = {}
    for question in questions:
        needs = question.asked_if
        if needs is not None:
            before = earlier.get(needs.question)
            if before is None or not needs.values or not needs.values <= set(before.values):
                raise WrongDefinition(
                    f"{where}, {question.id}: asked_if must name values of an earlier question"
                )
        earlier[question.id] = question


def _occasion(source: Mapping[str, Any], where: str) -> Occasion | None:
    value = source.get("occasion")
    try:
        return None if value is None else Occasion(value)
    except ValueError:
        raise WrongDefinition(f"{where}: no such occasion as {value!r}") from None


def _outcome(source: Mapping[str, Any], questions: Sequence[Question], where: str) -> OutcomeAnswer | None:
    raw = source.get("outcome")
    if raw is None:
        return None
    question = next((one for one in questions if one.id == raw.get("question")), None)
    if question is None or raw.get("value") not in question.values or question.asked_if is not None:
        raise WrongDefinition(f"{where}: the outcome must be a value of a question that everybody is asked")
    return OutcomeAnswer(question.id, raw["value"])


def _condition(raw: Mapping[str, Any], where: str) -> Condition | None:
    needs = raw.get("asked_if")
    if needs is None:
        return None
    if not isinstance(needs, dict) or not all(type(one) is int for one in _list(needs, "values", where)):
        raise WrongDefinition(f"{where}: asked_if must name a question and its values")
    return Condition(_text(needs, "question", where), frozenset(needs["values"]))


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
        asked_if=_condition(raw, where),
        wellbeing=bool(raw.get("wellbeing", False)),
        theme=str(raw.get("theme", "")),
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
