"""What staff read of a survey's form: its types, its occasions, and what is wrong with it, in plain words."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from surveys.checking import ENOUGH_QUESTIONS, LONGEST, Fault, Part, Wrong
from surveys.definition import MOST_OPTIONS, MOST_QUESTIONS, QuestionType
from surveys.draft_questions import question_of
from surveys.draft_texts import Source
from web.staff.words import in_words

TYPES = {
    QuestionType.SCALE: ("A scale of words", "From worst to best, such as Not at all … Very much."),
    QuestionType.NUMBER: ("0 to 10", "Say in the question what 0 and what 10 stands for."),
    QuestionType.SINGLE: ("One choice", "Carers choose one of your answers."),
    QuestionType.SEVERAL: ("Several choices", "Carers tick all that fit."),
    QuestionType.YES_NO: ("Yes or no", ""),
    QuestionType.TEXT: ("Their own words", "Shown to you from ten answers on, in no order."),
}
OCCASIONS = {
    "none": "No: we choose whom to ask, and when",
    "event": "An event: those who came are asked the next morning",
    "panel": "A fostering panel: the household’s carers are asked the next morning",
    "exit": "The end of an approval: those who leave are asked that day",
}
OCCASION_NAMES = {"event": "After an event", "panel": "After a panel", "exit": "When a household leaves"}

_WRONG = {
    Wrong.NO_TITLE: "Enter a title",
    Wrong.NO_INTRODUCTION: "Enter an introduction: what it is about, in a sentence or two",
    Wrong.NO_MINUTES: "Enter how many minutes it takes",
    Wrong.NO_QUESTIONS: "Add a question",
    Wrong.TOO_MANY_QUESTIONS: f"Ask {MOST_QUESTIONS} questions at most",
    Wrong.NO_WORDS: "Enter the words of the question",
    Wrong.NO_OPTIONS: f"Enter 2 to {MOST_OPTIONS} answers",
    Wrong.SAME_OPTIONS: "Two answers read alike in {}; make them differ",
    Wrong.BAD_CONDITION: "Choose again after which answers it is asked: what it hung on has changed",
    Wrong.BAD_FAVOURABLE: "Choose again which answers are good news: the answers have changed",
    Wrong.BAD_OUTCOME: "Choose again the answer that the results look into: its question has changed",
    Wrong.NOT_WELLBEING: "This speaks of somebody’s health or mood: mark it as a question about wellbeing,"
    " which makes the survey anonymous, or ask of something else",
    Wrong.UNREADABLE: "This survey cannot be read: {}",
    Wrong.MANY_QUESTIONS: f"It asks more than {ENOUGH_QUESTIONS} questions; many carers will stop half way",
    Wrong.ASKS_WHO: "This may bring names or contacts into the answers",
    Wrong.ASKS_OF_A_CHILD: "This may bring answers about one child; ask of what carers get, not of the child",
}
_HEAD = "about"
_WHERE = {
    Wrong.NO_QUESTIONS: "question",
    Wrong.TOO_MANY_QUESTIONS: "",
    Wrong.MANY_QUESTIONS: "",
    Wrong.BAD_OUTCOME: "asking",
    Wrong.UNREADABLE: "",
}
_OF_A_QUESTION = {Wrong.BAD_CONDITION: "/asked-of", Wrong.BAD_FAVOURABLE: "/good-news"}


@dataclass(frozen=True, slots=True)
class Remark:
    """A fault as a line of a list. ``quoted``: the question it is about; ``href``: where it is put right."""

    text: str
    quoted: str
    href: str


def remarks(source: Source, faults: Sequence[Fault]) -> list[Remark]:
    """The faults of a draft in words, in their order."""
    return [_remark(source, fault) for fault in faults]


def _remark(source: Source, fault: Fault) -> Remark:
    here = f"/survey-forms/{quote(source['id'])}/draft"
    question = question_of(source, fault.question) if fault.question else None
    if fault.wrong is Wrong.TOO_LONG:
        text = _too_long(fault)
    else:
        about = in_words(fault.about) if fault.wrong is Wrong.SAME_OPTIONS else fault.about
        text = _WRONG[fault.wrong].format(about)
    if fault.about not in ("", "en") and fault.wrong in (Wrong.TOO_LONG, Wrong.SAME_OPTIONS):
        return Remark(text, _quoted(question), f"{here}/words/{fault.about}")
    if question is None:
        at = _WHERE.get(fault.wrong, _HEAD)
        return Remark(text, "", f"{here}/{at}" if at else here)
    end = _OF_A_QUESTION.get(fault.wrong, "")
    return Remark(text, _quoted(question), f"{here}/questions/{quote(fault.question)}{end}")


def _too_long(fault: Fault) -> str:
    parts = (Part.QUESTION, Part.OPTION) if fault.question else (Part.TITLE, Part.INTRODUCTION)
    first, second = (f"{LONGEST[part]} for {_A[part]}" for part in parts)
    return f"Too long in {in_words(fault.about)}: at most {first} and {second} (characters)"


_A = {
    Part.TITLE: "a title",
    Part.INTRODUCTION: "the introduction",
    Part.QUESTION: "the question",
    Part.OPTION: "an answer",
}


def _quoted(question: dict[str, object] | None) -> str:
    text = question["text"] if question else {}
    return str(text.get("en", "")) if isinstance(text, dict) else ""
