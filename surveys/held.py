"""What of surveys is held about a carer under their name, for them to see.

Of an anonymous round that is no more than that they were asked, and only while it is open. Whether they took
part is not said: the round forgets that at its close, and a file that somebody keeps would not.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from carers.held import everything_held
from carers.people import Carer
from storage.engine import Session
from storage.surveys import Comment, Round
from storage.surveys_held import named_answers_of_carer, named_comments_of_carer, rounds_that_asked
from surveys.definition import words
from surveys.pages import said
from surveys.reading import read_definition


async def whole_file(
    session: Session, carer: Carer, language: str, now: datetime, *, handed: bool = False
) -> dict[str, Any]:
    """Everything that is held about a carer, the same on their page and in the chat.

    ``handed``: whoever looks came by a way that staff had in their hands (`carers.pages.Opened`), and may be
    one of those who may not read what carers write. It is left out then, and ``left_out`` says so.
    """
    held = {
        "held_on": now.isoformat(),
        **await everything_held(session, carer),
        "surveys": await surveys_held(session, carer, language),
    }
    return {**held, **_without_words(held)} if handed else held


def _without_words(held: Mapping[str, Any]) -> dict[str, Any]:
    unread = [{**one, "sent": None, "answers": []} for one in held["surveys"]]
    return {"messages": [], "nominations": [], "surveys": unread, "left_out": True}


async def surveys_held(session: Session, carer: Carer, language: str) -> list[dict[str, Any]]:
    """One a survey, the latest first: plain JSON, questions and answers in this language."""
    sheets = {
        round_id: (answers, sent)
        for round_id, answers, sent in await named_answers_of_carer(session, carer.id)
    }
    comments = await named_comments_of_carer(session, carer.id)
    return [
        {
            "title": words(read_definition(round.definition).title, language),
            "anonymous": round.anonymous,
            "opens_at": round.opens_at.isoformat(),
            "closes_at": round.closes_at.isoformat(),
            "sent": sheets[round.id][1] if round.id in sheets else None,
            "answers": _answers(round, sheets[round.id][0], comments, language) if round.id in sheets else [],
        }
        for round in await rounds_that_asked(session, carer.id)
    ]


def _answers(
    round: Round, answers: dict[str, Any], comments: Sequence[Comment], language: str
) -> list[dict[str, str]]:
    written = {one.question: one.text for one in comments if one.round_id == round.id}
    given = {**answers, **written}
    return [
        {"question": words(question.text, language), "answer": said(question, given[question.id], language)}
        for question in read_definition(round.definition).questions
        if question.id in given
    ]
