"""The way through a survey whose questions depend on earlier answers.

A place in a sheet is the number of a question in the definition, 0 for the first, and their number for the
review, so that it means the same whatever was answered. What is asked of somebody follows from their answers
alone: a question that depends on one that is not answered yet is not asked so far, and is counted from the
answer on that leads to it. Answers to what is not asked any more stay in the sheet, where going back and
changing one's mind finds them again, and are left out when it is sent.
"""

from collections.abc import Mapping
from typing import Any

from surveys.definition import Definition, Question

Answers = Mapping[str, Any]


def places(definition: Definition, answers: Answers) -> list[int]:
    """The numbers of the questions that are asked of who gave these answers, in their order."""
    asked = {question.id for question in definition.asked(answers)}
    return [number for number, question in enumerate(definition.questions) if question.id in asked]


def onwards(definition: Definition, answers: Answers, number: int) -> int:
    """The first question that is asked from ``number`` on, itself included; their number for the review."""
    end = len(definition.questions)
    return next((place for place in places(definition, answers) if place >= number), end)


def backwards(definition: Definition, answers: Answers, number: int) -> int | None:
    """The last question that is asked before ``number``; None for the first, and for no place at all."""
    if not 0 < number <= len(definition.questions):
        return None
    return max(place for place in places(definition, answers) if place < number)


def is_asked(definition: Definition, answers: Answers, question: Question) -> bool:
    """Whether this question is asked of who gave these answers."""
    return question in definition.asked(answers)


def of_asked(definition: Definition, answers: Answers) -> dict[str, Any]:
    """These answers as far as they answer what is asked, in the order of the questions."""
    return {
        question.id: answers[question.id] for question in definition.asked(answers) if question.id in answers
    }
