"""From any JSON that somebody brings to a draft: what is there has the right shape, what is missing is empty.

Whether it can be asked is another question (`surveys.checking`), which the pages answer in plain words.
"""

import re
from collections.abc import Mapping
from typing import Any
from unicodedata import category

import orjson

from storage.households import Language
from surveys.definition import MOST_OPTIONS, MOST_QUESTIONS, Occasion, QuestionType
from surveys.draft_texts import LABELLED, Source
from surveys.reading import WrongDefinition

LARGEST = 256 * 1024
"""Bytes of a file: the longest survey in four languages is a fifth of it."""
_LANGUAGES = frozenset(map(str, Language))
_LONGEST_TEXT = 2000
_OVERRIDES = "\u202d\u202e"
"""Show letters in another order than they are written: no language needs them."""
_SURVEY_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_THEME = re.compile(r"[a-z0-9][a-z0-9_]{0,39}")
RESERVED = ("new", "file")
"""Ids that addresses of the console need for themselves."""


def draft_from(content: bytes) -> Source:
    """The survey in a file. Raises `WrongDefinition`, which says what is no survey about it."""
    try:
        raw = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise WrongDefinition(
            "This file is not a survey. Take in one that was downloaded here, or is written like it (JSON)"
        ) from error
    if not isinstance(raw, dict) or "questions" not in raw:
        raise WrongDefinition("This file has no questions in it")
    survey = raw.get("id")
    if not isinstance(survey, str) or not _SURVEY_ID.fullmatch(survey) or survey in RESERVED:
        raise WrongDefinition("“id” must be a short name of small letters, digits and hyphens")
    return _without_nothing(
        {
            "id": survey,
            "version": 1,
            "title": _words(raw.get("title"), "the title"),
            "introduction": _words(raw.get("introduction"), "the introduction", lines=True),
            "minutes": _whole(raw.get("minutes"), "minutes"),
            "anonymous_only": raw.get("anonymous_only") is True,
            "occasion": _occasion(raw.get("occasion")),
            "outcome": _outcome(raw.get("outcome")),
            "questions": _questions(raw["questions"]),
            "blocks": [_block(one) for one in _list(raw.get("blocks", []), "blocks")],
        }
    )


_ORDER = (
    *("id", "version", "type", "title", "citation", "introduction", "minutes", "anonymous_only", "occasion"),
    *("outcome", "asked_if", "text", *Language, "options", "theme", "favourable", "required", "wellbeing"),
    *("question", "value", "values", "questions", "blocks"),
)
"""In which the parts of a survey stand in its file."""


def file_of(source: Mapping[str, Any]) -> bytes:
    """A survey as a file that people can read, its parts in the order of the documentation."""
    return orjson.dumps(_ordered(source), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _ordered(part: Any) -> Any:
    # PostgreSQL keeps the parts of a document in an order of its own.
    if isinstance(part, Mapping):
        names = sorted(part, key=lambda name: (_ORDER.index(name), name) if name in _ORDER else (99, name))
        return {name: _ordered(part[name]) for name in names}
    return [_ordered(one) for one in part] if isinstance(part, list) else part


def _without_nothing(raw: dict[str, Any]) -> dict[str, Any]:
    """Optional parts that are not there are left out, as in a file written by hand."""
    return {name: value for name, value in raw.items() if value not in (None, []) or name == "questions"}


def _questions(raw: object) -> list[dict[str, Any]]:
    questions = [_question(one) for one in _list(raw, "questions")]
    ids = [one["id"] for one in questions]
    if len(ids) > MOST_QUESTIONS:
        raise WrongDefinition(f"A survey has {MOST_QUESTIONS} questions at most")
    if len(set(ids)) != len(ids):
        raise WrongDefinition("Two questions have the same “id”")
    return questions


def _question(raw: object) -> dict[str, Any]:
    if not isinstance(raw, dict) or not isinstance(id := raw.get("id"), str) or not _ID.fullmatch(id):
        raise WrongDefinition("Each question needs an “id” of letters, digits and underscores")
    kind = raw.get("type")
    if kind not in list(QuestionType):
        raise WrongDefinition(f"{id}: there is no type {str(kind)[:40]!r}")
    question: dict[str, Any] = {"id": id, "type": str(kind), "text": _words(raw.get("text"), id)}
    if kind in LABELLED:
        labels = _list(raw.get("options", []), f"{id}: options")
        if len(labels) > MOST_OPTIONS:
            raise WrongDefinition(f"{id}: {MOST_OPTIONS} options at most")
        question["options"] = [_words(one, id) for one in labels]
    question |= {name: True for name in ("required", "wellbeing") if raw.get(name) is True}
    if raw.get("theme") is not None:
        question["theme"] = _theme(raw["theme"], id)
    needs = raw.get("asked_if")
    if favourable := _numbers(raw.get("favourable", []), f"{id}: favourable"):
        question["favourable"] = favourable
    if needs is not None:
        if not isinstance(needs, dict) or not isinstance(needs.get("question"), str):
            raise WrongDefinition(f"{id}: “asked_if” must name a question and values")
        values = _numbers(needs.get("values"), f"{id}: asked_if")
        question["asked_if"] = {"question": needs["question"], "values": values}
    return question


def _theme(raw: object, where: str) -> str:
    if not isinstance(raw, str) or not _THEME.fullmatch(raw):
        raise WrongDefinition(
            f"{where}: “theme” must be a short name of small letters, digits and underscores"
        )
    return raw


def _block(raw: object) -> dict[str, Any]:
    if not isinstance(raw, dict) or not isinstance(id := raw.get("id"), str) or not _ID.fullmatch(id):
        raise WrongDefinition("Each block needs an “id”")
    return {
        "id": id,
        "title": _words(raw.get("title"), id),
        "citation": str(raw.get("citation", ""))[:300],
        "questions": _questions(raw.get("questions")),
    }


def _occasion(raw: object) -> str | None:
    if raw is not None and raw not in list(Occasion):
        raise WrongDefinition(f"There is no occasion {str(raw)[:40]!r}")
    return None if raw is None else str(raw)


def _outcome(raw: object) -> dict[str, Any] | None:
    if raw is None:
        return None
    if not isinstance(raw, dict) or not isinstance(raw.get("question"), str):
        raise WrongDefinition("“outcome” must name a question and a value")
    return {"question": raw["question"], "value": _whole(raw.get("value"), "outcome")}


def _words(raw: object, where: str, *, lines: bool = False) -> dict[str, str]:
    """``lines``: it may have more than one; all else becomes a button, a heading or a subject."""
    if raw is None:
        return {}
    if not isinstance(raw, Mapping) or not all(isinstance(said, str) for said in raw.values()):
        raise WrongDefinition(f"{where}: words must be given by language")
    if unknown := set(raw) - _LANGUAGES:
        raise WrongDefinition(f"{where}: there is no language {str(min(unknown))[:40]!r}")
    if any(len(said) > _LONGEST_TEXT for said in raw.values()):
        raise WrongDefinition(f"{where}: a text is longer than {_LONGEST_TEXT:,} characters")
    tidy = {language: _visible(said, lines) for language, said in raw.items()}
    return {language: said for language, said in tidy.items() if said}


def _visible(said: str, lines: bool) -> str:
    """Without signs that nobody sees: control characters, and those that turn what follows about."""
    spaced = said if lines else " ".join(said.split())
    kept = (sign for sign in spaced if sign == "\n" or category(sign) not in ("Cc", "Cs"))
    return "".join(sign for sign in kept if sign not in _OVERRIDES).strip()


def _whole(raw: object, where: str) -> int:
    if raw is None:
        return 0
    if type(raw) is not int or not 0 <= raw <= 1000:
        raise WrongDefinition(f"{where}: must be a whole number")
    return raw


def _numbers(raw: object, where: str) -> list[int]:
    return sorted({_whole(one, where) for one in _list(raw, where)})


def _list(raw: object, where: str) -> list[Any]:
    if not isinstance(raw, list):
        raise WrongDefinition(f"{where}: must be a list")
    return raw
