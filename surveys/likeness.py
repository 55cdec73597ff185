"""Rounds whose results could be held together: they ask some of the same people some of the same questions.

Two results of which one is of a few people less than the other tell what those few said, however many the
others are, and whatever the surveys are called.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from carers.audience import audience_ids, unchanged_since
from storage.engine import Session
from storage.surveys import Round, RoundState
from storage.surveys_queries import carers_told
from surveys.definition import Definition, Question, QuestionType
from surveys.reading import read_definition


@dataclass(frozen=True, slots=True)
class Clash:
    """A round that another may not stand beside: ``audience`` is whom it asked. ``both_ways``: one of the two
    is with names and the other without."""

    audience: str
    both_ways: bool


async def clash_with(
    session: Session,
    definition: Definition,
    audience: str,
    anonymous: bool,
    others: Collection[Round],
    today: date,
) -> Clash | None:
    """The first of these rounds beside which a round of this survey for this audience may not be.

    Two anonymous ones may be where nobody is in both, or both are of the very same audience. People are held
    against each other as they were asked, and not by who is in an audience by now. Of two that differ in
    whether they are anonymous nobody may be in both: what was said by name could be taken from the numbers.
    """
    would = await _people(session, audience, today)
    for one in others:
        both_ways = one.anonymous != anonymous
        if not (one.anonymous or anonymous) or not ask_alike(read_definition(one.definition), definition):
            continue
        same = one.audience == audience and await unchanged_since(session, audience, one.opens_at)
        if same and not both_ways:
            continue
        asked = await _asked_by(session, one, today)
        if asked & would and (both_ways or asked != would):
            return Clash(one.audience, both_ways)
    return None


def ask_alike(first: Definition, second: Definition) -> bool:
    """Whether at least one question is the same in both, or they are one survey.

    A question is the same if it has the same name and the same answers, or the same English words. What is
    answered in words is left out, for no number comes of it.
    """
    return first.id == second.id or not _marks(first.questions).isdisjoint(_marks(second.questions))


def _marks(questions: Iterable[Question]) -> set[tuple[object, ...]]:
    counted = [question for question in questions if question.type is not QuestionType.TEXT]
    named = {(question.id, question.type, question.values) for question in counted}
    return named | {(_words(question),) for question in counted}


def _words(question: Question) -> str:
    """The English words without what does not change them: case, signs and spaces."""
    return "".join(sign for sign in question.text["en"].casefold() if sign.isalnum())


async def _asked_by(session: Session, round: Round, today: date) -> set[int]:
    if round.state is RoundState.DRAFT:
        return await _people(session, round.audience, today)
    return await carers_told(session, round.id)


async def _people(session: Session, audience: str, today: date) -> set[int]:
    return {carer_id for carer_id, _ in await audience_ids(session, audience, today)}
