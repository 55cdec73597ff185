"""Showing carers what came of a survey: every carer then finds its summary in the chat and on their page.

What is shown is made of the results alone (`surveys.summary`), so it holds back what they hold back. No
comment goes to carers: words that were written to the service may be known by their style.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from carers.audit import record
from storage.engine import Session
from storage.staff import StaffMember
from storage.surveys import Round
from storage.surveys_shared_queries import locked_round, rounds_shared
from surveys.definition import Words
from surveys.reading import read_definition
from surveys.results import Withheld, results
from surveys.summary import Summary, summarise


class Sharing(StrEnum):
    """What came of sharing, or of taking it back."""

    DONE = "done"
    ALREADY = "already"
    """It stands as asked for."""
    NO_RESULTS = "no_results"
    """It is not closed, or too few took part."""
    NO_SUCH_ROUND = "no_such_round"


@dataclass(frozen=True, slots=True)
class SharedRound:
    """A round whose summary carers can see."""

    id: int
    title: Words
    closed_at: datetime


async def share(session: Session, round_id: int, by: StaffMember, now: datetime) -> Sharing:
    """Show carers the summary of a closed round from now on. Nobody is written to."""
    round = await locked_round(session, round_id)
    if round is None:
        return Sharing.NO_SUCH_ROUND
    if round.shared_at is not None:
        return Sharing.ALREADY
    if isinstance(await results(session, round_id), Withheld):
        return Sharing.NO_RESULTS
    round.shared_at, round.shared_by_id = now, by.id
    await session.flush()
    await record(session, now, by, "round.share", f"round:{round.ref}")
    return Sharing.DONE


async def unshare(session: Session, round_id: int, by: StaffMember, now: datetime) -> Sharing:
    """Show it no longer; who has read it has read it."""
    round = await locked_round(session, round_id)
    if round is None:
        return Sharing.NO_SUCH_ROUND
    if round.shared_at is None:
        return Sharing.ALREADY
    round.shared_at = round.shared_by_id = None
    await session.flush()
    await record(session, now, by, "round.unshare", f"round:{round.ref}")
    return Sharing.DONE


async def shared_since(session: Session, round_id: int) -> datetime | None:
    """Since when carers can see the summary of this round, aware UTC; None: they cannot."""
    round = await session.get(Round, round_id)
    return round.shared_at if round else None


async def shared_rounds(session: Session) -> Sequence[SharedRound]:
    """The rounds whose summaries carers can see, the latest to close first."""
    return [
        SharedRound(round.id, read_definition(round.definition).title, round.closed_at or round.closes_at)
        for round in await rounds_shared(session)
    ]


async def shared_summary(session: Session, round_id: int) -> Summary | None:
    """What carers can see of this round; None where it is not shared."""
    round = await session.get(Round, round_id)
    if round is None or round.shared_at is None:
        return None
    found = await results(session, round_id)
    return None if isinstance(found, Withheld) else summarise(found, round.closed_at or round.closes_at)
