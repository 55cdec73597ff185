"""Who said what in a round with names, once it has closed: for those who may read it, never for all staff.

An anonymous round has nothing to read here: no sheet of it is anybody's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from storage.engine import Session
from storage.surveys import Round, RoundState
from storage.surveys_queries import comments_of
from storage.surveys_shared_queries import named_sheet_rows
from surveys.definition import Question
from surveys.pages import said
from surveys.reading import read_definition


@dataclass(frozen=True, slots=True)
class NamedSheet:
    """What one carer answered, in English words, by question; what they left out is not there. ``name`` is
    empty where it has been wiped."""

    carer_id: int
    name: str
    household_ref: str
    answers: Sequence[tuple[Question, str]]


@dataclass(frozen=True, slots=True)
class NamedAnswers:
    """All sheets of a named round, by name. ``asked``: how many were asked."""

    round_id: int
    ref: str
    title: str
    asked: int
    questions: tuple[Question, ...]
    sheets: Sequence[NamedSheet]


async def named_answers(session: Session, round_id: int) -> NamedAnswers | None:
    """The sheets of a named round; None while it is open, as its introduction promises, where it is anonymous
    and where there is none."""
    round = await session.get(Round, round_id)
    if round is None or round.anonymous or round.state is not RoundState.CLOSED:
        return None
    questions = read_definition(round.definition).questions
    written = {(one.carer_id, one.question): one.text for one in await comments_of(session, round_id)}
    sheets = []
    for row in await named_sheet_rows(session, round_id):
        given = [
            (question, said(question, answer, "en"))
            for question in questions
            if (answer := written.get((row.carer_id, question.id), row.answers.get(question.id))) is not None
        ]
        sheets.append(NamedSheet(row.carer_id, row.name, row.household_ref, given))
    return NamedAnswers(round.id, round.ref, round.title, round.asked, questions, sheets)
