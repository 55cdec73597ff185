"""Changing the questions of a draft: pure functions from one draft to the next.

Answers are known by their numbers, so that whenever answers move, what speaks of them moves along: which are
good news, which lead to another question, which one the results look for reasons of.
"""

import copy
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from surveys.definition import QuestionType
from surveys.draft_texts import LABELLED, Source

_LONGEST_ID = 40


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is written into a form, in English. ``options`` only where the type has its own."""

    text: str
    type: QuestionType
    options: tuple[str, ...] = ()
    required: bool = False
    wellbeing: bool = False


def question_of(source: Source, id: str) -> dict[str, Any] | None:
    """The question of this id in the draft itself."""
    return next((one for one in source["questions"] if one["id"] == id), None)


def values_of(question: Mapping[str, Any]) -> tuple[int, ...]:
    """The numbers of the answers that it has."""
    match question["type"]:
        case QuestionType.NUMBER:
            return tuple(range(11))
        case QuestionType.YES_NO:
            return (1, 2)
        case QuestionType.TEXT:
            return ()
    return tuple(range(1, len(question["options"]) + 1))


def slug(text: str, taken: Sequence[str], joint: str, otherwise: str) -> str:
    """A short id out of words, unlike those that are taken: ``how_was_it``, ``how_was_it_2``."""
    short = joint.join(re.findall(r"[a-z0-9]+", text.lower()))[: _LONGEST_ID - 4].strip(joint) or otherwise
    numbered = (f"{short}{joint}{number}" for number in range(2, len(taken) + 3))
    return next(id for id in (short, *numbered) if id not in taken)


def with_question(source: Source, asked: Asked) -> tuple[Source, str]:
    """The draft with one more question at the end; and the id that it got."""
    changed = copy.deepcopy(source)
    taken = [one["id"] for one in changed["questions"]]
    taken += [one["id"] for block in changed.get("blocks", ()) for one in block["questions"]]
    id = slug(asked.text, taken, "_", "question")
    changed["questions"].append(_worded({"id": id, "text": {}}, asked)[0])
    return changed, id


def with_change(source: Source, id: str, asked: Asked) -> Source:
    """The draft with this question worded anew. It keeps its id, its place and its translations."""
    changed = copy.deepcopy(source)
    at = next(at for at, one in enumerate(changed["questions"]) if one["id"] == id)
    changed["questions"][at], moved = _worded(changed["questions"][at], asked)
    for other in changed["questions"]:
        needs = other.get("asked_if")
        if needs and needs["question"] == id:
            needs["values"] = sorted(moved[one] for one in needs["values"] if one in moved)
    outcome = changed.get("outcome")
    if outcome and outcome["question"] == id:
        if outcome["value"] in moved:
            outcome["value"] = moved[outcome["value"]]
        else:
            del changed["outcome"]
    return changed


def _worded(old: Mapping[str, Any], asked: Asked) -> tuple[dict[str, Any], dict[int, int]]:
    """The question with new words, and which number each of its old answers has now."""
    question: dict[str, Any] = {**old, "type": str(asked.type), "text": {**old["text"], "en": asked.text}}
    for name, said in (("required", asked.required), ("wellbeing", asked.wellbeing)):
        question.pop(name, None)
        if said:
            question[name] = True
    was_labelled = old.get("type") in LABELLED
    if asked.type in LABELLED:
        question["options"], moved = _labelled(old.get("options", []) if was_labelled else [], asked.options)
    else:
        question.pop("options", None)
        same = old.get("type") == asked.type
        moved = {value: value for value in values_of(question)} if same else {}
    favourable = sorted(moved[one] for one in old.get("favourable", ()) if one in moved)
    question.pop("favourable", None)
    if favourable and asked.type is not QuestionType.SEVERAL:
        question["favourable"] = favourable
    return question, moved


def _labelled(
    old: Sequence[Mapping[str, str]], labels: Sequence[str]
) -> tuple[list[dict[str, str]], dict[int, int]]:
    """The labels with the translations of those that were there, and where each of those went.

    An answer is the same one if its English is the same; of what is left, if it stands where it stood: it
    was reworded.
    """
    left = dict(enumerate(old))
    found: dict[int, int] = {}
    for at, words in enumerate(labels):
        same = next((was for was, label in left.items() if label.get("en") == words), None)
        if same is not None:
            found[at] = same
            del left[same]
    for at in range(len(labels)):
        if at not in found and at in left:
            found[at] = at
            del left[at]
    new = [{**(old[found[at]] if at in found else {}), "en": words} for at, words in enumerate(labels)]
    return new, {was + 1: at + 1 for at, was in found.items()}


def with_favourable(source: Source, id: str, values: Sequence[int], theme: str = "") -> Source:
    """The draft in which these answers to a question count as good news about this theme, if about any."""
    return _with(_with(source, id, "favourable", sorted(values)), id, "theme", theme)


def with_condition(source: Source, id: str, earlier: str, values: Sequence[int]) -> Source:
    """The draft in which a question is asked only after one of these answers; no values: of everybody."""
    needs = {"question": earlier, "values": sorted(values)} if values else None
    return _with(source, id, "asked_if", needs)


def _with(source: Source, id: str, name: str, value: object) -> Source:
    changed = copy.deepcopy(source)
    question = next(one for one in changed["questions"] if one["id"] == id)
    question.pop(name, None)
    if value:
        question[name] = value
    return changed


def moved(source: Source, id: str, places: int) -> Source:
    """The draft with a question moved so many places down (up: negative), as far as there are places."""
    changed = copy.deepcopy(source)
    questions = changed["questions"]
    at = next(at for at, one in enumerate(questions) if one["id"] == id)
    questions.insert(max(0, at + places), questions.pop(at))
    return changed


def without(source: Source, id: str) -> Source:
    """The draft without a question."""
    changed = copy.deepcopy(source)
    changed["questions"] = [one for one in changed["questions"] if one["id"] != id]
    if changed.get("outcome", {}).get("question") == id:
        del changed["outcome"]
    return changed


def dependents(source: Source, id: str) -> tuple[str, ...]:
    """The questions that are asked because of an answer to this one."""
    return tuple(one["id"] for one in source["questions"] if one.get("asked_if", {}).get("question") == id)


def in_order(source: Source) -> bool:
    """Whether every question stands after the one on which it depends."""
    seen: set[str] = set()
    for question in source["questions"]:
        needs = question.get("asked_if")
        if needs and needs["question"] not in seen:
            return False
        seen.add(question["id"])
    return True
