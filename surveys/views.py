"""What the console shows of rounds: how many took part, never who; results once closed."""

from dataclasses import dataclass
from datetime import datetime

from storage.engine import Session
from storage.surveys import Round, RoundState
from storage.surveys_queries import all_rounds, participants_of
from surveys.keys import RoundKeys
from surveys.results import Results, Withheld, results
from surveys.tabulation import Bar, Item, Share


@dataclass(frozen=True, slots=True)
class RoundSummary:
    """One round. ``took_part`` is live while it is open. ``key_missing``: its answers cannot be opened."""

    id: int
    ref: str
    survey: str
    title: str
    audience: str
    anonymous: bool
    threshold: int
    state: RoundState
    opens_at: datetime
    closes_at: datetime
    closed_at: datetime | None
    asked: int
    took_part: int
    key_missing: bool
    occasion: str | None = None
    event_id: int | None = None
    survey_title: str = ""
    """What the survey is called, without the event or the period that this round is about."""
    asks_until: datetime | None = None
    """It asks people as something happens, until then."""

    @property
    def counts_in_the_open(self) -> bool:
        """Whether staff see how many took part. Of an anonymous round that asks a few people at a time they
        do not while it is open: the number would tell who of those few has."""
        live = self.state in (RoundState.OPEN, RoundState.CLOSING)
        return not (live and self.anonymous and self.asks_until is not None)


async def round_summaries(session: Session, keys: RoundKeys) -> list[RoundSummary]:
    """Every round, the latest to open first."""
    return [await _summary(session, round, keys) for round in await all_rounds(session)]


async def round_summary(session: Session, round_id: int, keys: RoundKeys) -> RoundSummary | None:
    """One round, or None where there is no such round."""
    round = await session.get(Round, round_id)
    return await _summary(session, round, keys) if round else None


async def _summary(session: Session, round: Round, keys: RoundKeys) -> RoundSummary:
    live = round.state in (RoundState.OPEN, RoundState.CLOSING)
    sealed = round.anonymous and live
    return RoundSummary(
        id=round.id,
        ref=round.ref,
        survey=round.survey,
        title=round.title,
        audience=round.audience,
        anonymous=round.anonymous,
        threshold=round.threshold,
        state=round.state,
        opens_at=round.opens_at,
        closes_at=round.closes_at,
        closed_at=round.closed_at,
        asked=round.asked,
        took_part=await participants_of(session, round.id) if live else round.took_part,
        key_missing=sealed and keys.find(round.ref) is None,
        occasion=round.occasion,
        survey_title=_survey_title(round),
        event_id=round.event_id,
        asks_until=round.asks_until,
    )


def _survey_title(round: Round) -> str:
    """Of an event's round the words before the event's name, which its own title ends with."""
    title = str(round.definition["title"]["en"])
    return title.partition(": ")[0] if round.event_id is not None else title


__all__ = [
    "Bar",
    "Item",
    "Results",
    "RoundState",
    "RoundSummary",
    "Share",
    "Withheld",
    "results",
    "round_summaries",
    "round_summary",
]
