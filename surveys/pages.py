"""What the chat and the web form show of a sheet, as plain parameters: a question, or the review."""

from typing import Any

from surveys.answering import Step
from surveys.definition import LONGEST_TEXT, Question, QuestionType, words
from surveys.drafts import Sheet

CHAT_ROOM = 3000
"""Characters that the lines of a review may fill together; Telegram shows 4,096 in a message."""
COMMA_OF_ITS_OWN = frozenset({"ur", "ar"})
"""Languages whose script has another comma than the Latin one."""


def page(step: Step, language: str, room: int | None = CHAT_ROOM) -> tuple[str, dict[str, Any]]:
    """The kind of text and its parameters for where a sheet stands. Raises ``ValueError`` without a sheet.

    ``number`` is the place as buttons and forms carry it; a reader is told ``place`` of ``total``, counted
    among the questions that are asked of them as far as their answers tell. ``room``: how many characters a
    review may fill; None: every answer is shown in full.
    """
    if step.round is None or step.definition is None or step.sheet is None:
        raise ValueError("there is no sheet to show")
    asked = step.definition.asked(step.sheet.answers)
    common = {
        "round": step.round.id,
        "title": words(step.definition.title, language),
        "number": step.sheet.position,
        "total": len(asked),
        "anonymous": step.round.anonymous,
    }
    if step.question is None:
        return "survey_review", common | {
            "lines": _lines(asked, step.sheet, language, room),
            "answered": any(question.id in step.sheet.answers for question in asked),
        }
    place = asked.index(step.question) + 1
    return "survey_question", common | {"place": place} | _question(step.question, step.sheet, language)


def _question(question: Question, sheet: Sheet, language: str) -> dict[str, Any]:
    answer = sheet.answers.get(question.id)
    chosen = answer if isinstance(answer, list) else [answer]
    return {
        "type": str(question.type),
        "text": words(question.text, language),
        "options": [
            {"value": option.value, "label": words(option.label, language), "chosen": option.value in chosen}
            for option in question.options
        ],
        "written": answer if question.type is QuestionType.TEXT and answer else "",
        "answered": answer is not None,
        "required": question.required,
        "longest": LONGEST_TEXT,
    }


def _lines(
    questions: tuple[Question, ...], sheet: Sheet, language: str, room: int | None
) -> list[dict[str, str]]:
    lines = [
        {
            "text": words(question.text, language),
            "answer": said(question, sheet.answers.get(question.id), language),
        }
        for question in questions
    ]
    if room is None or sum(len(part) for line in lines for part in line.values()) <= room:
        return lines
    longest = room // len(questions) // 2
    return [{name: _short(part, longest) for name, part in line.items()} for line in lines]


def said(question: Question, answer: Any, language: str) -> str:
    """An answer in words; empty where there is none."""
    if answer is None or isinstance(answer, str):
        return answer or ""
    values = answer if isinstance(answer, list) else [answer]
    between = "، " if language in COMMA_OF_ITS_OWN else ", "
    return between.join(
        words(option.label, language) for option in question.options if option.value in values
    )


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
