"""The rounds of a survey: opened when their time comes, closed early by staff.

How one is planned is `surveys.planning`, how carers are reminded `surveys.reminding`, how it closes
`surveys.closing`; a round that asks people as something happens is opened by `surveys.occasions`. All that
decides anonymity is fixed when a round opens: the definition, the threshold, who is asked and the coarse
segments they belong to.
"""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from carers.audience import audience_carers
from carers.audit import record
from carers.people import Carer, StaffMember
from storage.engine import Session
from storage.surveys import Round, RoundState
from storage.surveys_queries import lock_round, rounds_asked_of, rounds_to_open
from surveys.asking import add_people, tell
from surveys.keys import RoundKeys
from surveys.planning import Refusal, Refused, call_off, change_round, check_plan, plan_round
from surveys.reminding import remind_due, reminder_times


async def close_early(session: Session, round_id: int, by: StaffMember | None, now: datetime) -> bool:
    """Let an open round close at the next tick. False if it is not open. It can never be reopened."""
    round = await lock_round(session, round_id)
    if round is None or round.state is not RoundState.OPEN:
        return False
    round.closes_at = min(round.closes_at, now)
    await session.flush()
    await record(session, now, by, "round.close_early", f"round:{round.ref}")
    return True


async def open_due(session: Session, now: datetime, keys: RoundKeys, zone: ZoneInfo) -> list[str]:
    """Open the rounds whose time has come; their refs.

    A round whose whole time passed while nothing ran is closed unopened: nobody was asked. The key of an
    anonymous round is on disk before the commit that lets the first answer in.
    """
    opened = []
    for round in await rounds_to_open(session, now):
        if round.closes_at <= now:
            round.state, round.closed_at = RoundState.CLOSED, now
            continue
        await _open(session, round, now, keys, zone)
        opened.append(round.ref)
    await session.flush()
    return opened


async def _open(session: Session, round: Round, now: datetime, keys: RoundKeys, zone: ZoneInfo) -> None:
    if round.anonymous:
        keys.make(round.ref)
    today = now.astimezone(zone).date()
    carers = await audience_carers(session, round.audience, today)
    asked = await add_people(session, round, carers, today)
    round.state = RoundState.OPEN
    await session.flush()
    await tell(session, round, "survey", asked, round.ref, now, round.closes_at)


async def rounds_of_carer(session: Session, carer: Carer, now: datetime) -> Sequence[tuple[Round, bool]]:
    """The rounds open to this carer, the first to close first, and whether they have taken part."""
    return await rounds_asked_of(session, carer.id, now)


__all__ = [
    "Refusal",
    "Refused",
    "call_off",
    "change_round",
    "check_plan",
    "close_early",
    "open_due",
    "plan_round",
    "remind_due",
    "reminder_times",
    "rounds_of_carer",
]
