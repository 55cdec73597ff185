"""Rounds that have closed, with answers as a test wants them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from storage.engine import Session
from storage.surveys import Comment, Response, Round, RoundState
from surveys.catalogue import standard_definitions
from tests.support.cast import NOON

Sheet = Mapping[str, Any]


async def closed_round(
    session: Session,
    survey: str,
    sheets: Sequence[Sheet],
    *,
    carers: Sequence[int] = (),
    comments: Sequence[tuple[str, str]] = (),
    segment_tables: Mapping[str, Any] | None = None,
    asked: int = 0,
    closed_at: datetime = NOON - timedelta(days=2),
    id: int | None = None,
) -> int:
    """A closed round of a standard survey, anonymous unless it says whose sheets they are (``carers``).
    ``comments``: by question."""
    definition = standard_definitions()[survey]
    round = Round(
        id=id,
        ref=f"{survey}-{closed_at:%Y%m%d}-{len(sheets)}",
        survey=survey,
        title=definition.title["en"],
        anonymous=not carers,
        threshold=5,
        definition={key: value for key, value in definition.source.items() if key != "blocks"},
        state=RoundState.CLOSED,
        opens_at=closed_at - timedelta(days=14),
        closes_at=closed_at,
        closed_at=closed_at,
        asked=max(asked, len(sheets)),
        took_part=len(sheets),
        segment_tables=dict(segment_tables or {}),
        created_at=closed_at - timedelta(days=15),
    )
    session.add(round)
    await session.flush()
    whose = [*carers, *[None] * (len(sheets) - len(carers))]
    for number, (sheet, carer_id) in enumerate(zip(sheets, whose, strict=True)):
        key = f"{round.id}-{number:04}"
        session.add(Response(id=key, round_id=round.id, carer_id=carer_id, answers=dict(sheet)))
    for number, (question, text) in enumerate(comments):
        carer_id = carers[number] if carers else None
        key = f"{round.id}-{number:04}"
        session.add(Comment(id=key, round_id=round.id, carer_id=carer_id, question=question, text=text))
    await session.flush()
    return round.id


def health_sheets(number: int, *, better: int = 0) -> list[dict[str, Any]]:
    """Sheets of the short health check: one in four has thought of leaving, most of those without the breaks
    that they need. ``better``: so many more of each ten have the information that they need."""
    sheets = []
    for one in range(number):
        leaving = one % 4 == 0
        sheets.append(
            {
                "support": 5 if one % 10 else 3,
                "matching": 4 if one % 10 < 3 + better else 2,
                "respite": 2 if (leaving and one % 3) or one % 10 == 1 else 4,
                "valued": 4 if one % 10 < 7 else 1,
                "recommend": 9 if one % 10 < 7 else 4,
                "leaving": 1 if leaving else 2,
            }
        )
    return sheets
