"""Asking people: who is noted as asked in a round, and the notices that go to them."""

from collections.abc import Sequence
from datetime import date, datetime

from broadcasts.queue import Recipient, queue_notice
from storage.engine import Session
from storage.households import Carer
from storage.surveys import Round
from storage.surveys_queries import add_participants, participant_ids
from surveys.segments import segments_of


async def add_people(
    session: Session, round: Round, carers: Sequence[Carer], today: date, asked_at: datetime | None = None
) -> list[int]:
    """Note these carers, each with their household loaded, as asked in this round; the ids of who is new.

    ``today`` is the local day that their segments are frozen on. Call it with the round locked, or not yet
    open: how many were asked is kept with it.
    """
    there = await participant_ids(session, round.id)
    new = {carer.id: carer for carer in carers if carer.id not in there}
    await add_participants(
        session,
        [
            {
                "round_id": round.id,
                "carer_id": carer.id,
                "segments": segments_of(carer.household, today),
                "took_part": False,
                "asked_at": asked_at,
            }
            for carer in new.values()
        ],
    )
    round.asked += len(new)
    await session.flush()
    return list(new)


async def tell(
    session: Session,
    round: Round,
    kind: str,
    carer_ids: Sequence[int],
    about: str,
    now: datetime,
    send_by: datetime,
) -> int:
    """Queue a notice of this round for these carers; how many had it not yet."""
    return await queue_notice(
        session,
        kind,
        [Recipient(carer_id=carer_id) for carer_id in carer_ids],
        about=about,
        now=now,
        send_by=send_by,
        round_id=round.id,
    )
