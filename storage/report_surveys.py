"""What reports read of survey rounds: how many took part, and the themes that each round keeps."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, select

from storage.engine import Session
from storage.surveys import Round, RoundState
from storage.types import JsonDict

_WITHOUT = and_(Round.state == RoundState.CLOSED, Round.themes.is_(None))


class ClosedRound(NamedTuple):
    """A round that closed at this time (aware UTC). ``themes``: null where they are not made yet."""

    survey: str
    closed_at: datetime
    asked: int
    took_part: int
    themes: JsonDict | None


async def rounds_closed(session: Session, start: datetime, end: datetime) -> Sequence[ClosedRound]:
    """The rounds that closed in [start, end), the first to close first."""
    query = (
        select(Round.survey, Round.closed_at, Round.asked, Round.took_part, Round.themes)
        .where(Round.state == RoundState.CLOSED, Round.closed_at >= start, Round.closed_at < end)
        .order_by(Round.closed_at, Round.id)
    )
    return [ClosedRound._make(row) for row in await session.execute(query)]


async def any_without_themes(session: Session) -> bool:
    """Whether the themes of a closed round are not made yet."""
    return (await session.scalars(select(Round.id).where(_WITHOUT).limit(1))).first() is not None


async def closed_without_themes(session: Session) -> Round | None:
    """A closed round whose themes are not made yet, held against others who would make them."""
    query = select(Round).where(_WITHOUT).order_by(Round.id).limit(1).with_for_update(skip_locked=True)
    return (await session.scalars(query.execution_options(populate_existing=True))).first()
