"""Finding the round that another is compared with."""

from collections.abc import Sequence

from sqlalchemy import select

from storage.engine import Session
from storage.events import Event
from storage.surveys import Round, RoundState


async def rounds_before(session: Session, round: Round, most: int = 4) -> Sequence[Round]:
    """Closed rounds of the same survey that opened before this one, the latest first, in which enough took
    part to show something: anonymous like it, and of the same audience; of one that collects as something
    happens, the periods before; of one about an event, events of the same kind."""
    query = (
        select(Round)
        .where(
            Round.survey == round.survey,
            Round.anonymous == round.anonymous,
            Round.state == RoundState.CLOSED,
            Round.opens_at < round.opens_at,
            Round.took_part >= Round.threshold,
        )
        .order_by(Round.opens_at.desc(), Round.id.desc())
        .limit(most)
    )
    if round.event_id is not None:
        kind = select(Event.kind).where(Event.id == round.event_id).scalar_subquery()
        query = query.join(Event, Event.id == Round.event_id).where(Event.kind == kind)
    elif round.occasion is not None:
        query = query.where(Round.event_id.is_(None), Round.occasion == round.occasion)
    else:
        same = Round.audience == round.audience
        query = query.where(Round.event_id.is_(None), Round.occasion.is_(None), same)
    return (await session.scalars(query)).all()
