"""Every text of a survey that is being written, in the order in which a carer meets them."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from surveys.definition import QuestionType

Source = dict[str, Any]
"""A definition's JSON, of which parts may still be missing. What is there has the right shape."""

LABELLED = frozenset({QuestionType.SCALE, QuestionType.SINGLE, QuestionType.SEVERAL})
"""Types whose answers are worded by who writes the survey."""


class Part(StrEnum):
    """What a text is, and how many characters of it a phone bears."""

    TITLE = "title"
    INTRODUCTION = "introduction"
    QUESTION = "question"
    OPTION = "option"
    BLOCK = "block"


LONGEST = {
    Part.TITLE: 60,
    Part.INTRODUCTION: 400,
    Part.QUESTION: 300,
    Part.OPTION: 40,
    Part.BLOCK: 60,
}
"""Characters in any one language; an answer of more is cut off on its button."""


@dataclass(frozen=True, slots=True)
class Text:
    """One text. ``words`` is the mapping in the draft itself; ``question`` is whose it is, if it is one's."""

    key: str
    part: Part
    words: dict[str, str]
    question: str = ""


def texts(source: Source) -> Iterator[Text]:
    """The texts in their order. ``key`` finds each again: ``title``, ``q:support``, ``q:support:2``."""
    yield Text("title", Part.TITLE, source["title"])
    yield Text("introduction", Part.INTRODUCTION, source["introduction"])
    for question in source["questions"]:
        yield from _of_question(question)
    for block in source.get("blocks", ()):
        yield Text(f"b:{block['id']}", Part.BLOCK, block["title"])
        for question in block["questions"]:
            yield from _of_question(question)


def _of_question(question: Mapping[str, Any]) -> Iterator[Text]:
    key = f"q:{question['id']}"
    yield Text(key, Part.QUESTION, question["text"], question["id"])
    if question["type"] in LABELLED:
        for value, label in enumerate(question["options"], start=1):
            yield Text(f"{key}:{value}", Part.OPTION, label, question["id"])


def with_words(source: Source, language: str, said: Mapping[str, str]) -> Source:
    """The draft with these texts in a language, by key. An empty one is taken out; others stay."""
    changed = copy.deepcopy(source)
    for text in texts(changed):
        if text.key in said:
            text.words.pop(language, None)
            if said[text.key]:
                text.words[language] = said[text.key]
    return changed


def missing(source: Source, language: str) -> int:
    """How many texts there are not in a language; they would appear in English."""
    return sum(1 for text in texts(source) if text.words.get("en") and not text.words.get(language))


def unrevised(source: Source, before: Source, language: str) -> frozenset[str]:
    """The keys of texts whose English has changed since ``before`` while their translation has not."""
    meant: dict[str, set[str]] = {}
    for text in texts(before):
        meant.setdefault(text.words.get(language, ""), set()).add(text.words.get("en", ""))
    return frozenset(
        text.key
        for text in texts(source)
        if (said := text.words.get(language))
        and (english := text.words.get("en"))
        and english not in meant.get(said, {english})
    )
