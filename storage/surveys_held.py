"""Reading what of surveys is held about one carer under their name."""

from collections.abc import Sequence

from sqlalchemy import select

from storage.engine import Session
from storage.surveys import Comment, NamedDraft, Participant, Response, Round
from storage.types import JsonDict


async def rounds_that_asked(session: Session, carer_id: int) -> Sequence[Round]:
    """The surveys for which it is still known that this carer was asked, the latest first."""
    query = (
        select(Round)
        .join(Participant, Participant.round_id == Round.id)
        .where(Participant.carer_id == carer_id)
        .order_by(Round.opens_at.desc(), Round.id.desc())
    )
    return (await session.scalars(query)).all()


async def named_answers_of_carer(session: Session, carer_id: int) -> Sequence[tuple[int, JsonDict, bool]]:
    """round, answers by question, sent: the sheets of named surveys, those begun and not sent included."""
    sent = select(Response.round_id, Response.answers).where(Response.carer_id == carer_id)
    begun = select(NamedDraft.round_id, NamedDraft.answers).where(
        NamedDraft.carer_id == carer_id, NamedDraft.submitted.is_(False)
    )
    return [
        *((row[0], row[1], True) for row in (await session.execute(sent)).all()),
        *((row[0], row[1], False) for row in (await session.execute(begun)).all()),
    ]


async def named_comments_of_carer(session: Session, carer_id: int) -> Sequence[Comment]:
    """What they wrote in named surveys."""
    query = select(Comment).where(Comment.carer_id == carer_id).order_by(Comment.id)
    return (await session.scalars(query)).all()
