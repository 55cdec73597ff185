"""Which answers a question can have, and how they are kept in a sheet."""

import unicodedata
from typing import Any

from surveys.definition import LONGEST_TEXT, Question, QuestionType


def possible(question: Question, value: Any) -> bool:
    """Whether the question can have this answer: a value, a list of values for several, or a text."""
    match question.type, value:
        case QuestionType.TEXT, str():
            return 0 < len(plain(value)) <= LONGEST_TEXT
        case QuestionType.SEVERAL, list():
            return bool(value) and all(one in question.values for one in value)
        case QuestionType.TEXT | QuestionType.SEVERAL, _:
            return False
        case _, int():
            return value in question.values
    return False


def tidied(value: Any) -> Any:
    """A possible answer as a sheet keeps it."""
    if isinstance(value, str):
        return plain(value)
    return sorted(set(value)) if isinstance(value, list) else value


def plain(text: str) -> str:
    """Without control characters, which no message shows and JSON would make six bytes of."""
    kept = (sign for sign in text if sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cs"))
    return "".join(kept).strip()
