"""By which way a carer is told: the app, email, or letters that staff print and post.

The way follows from what works (`storage.ways`) unless one is chosen here. Whatever waits for somebody whose
way changes goes by the new one.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from carers.audience import audience_conditions
from carers.audit import record
from carers.people import Carer, StaffMember
from storage.directory import Ways, count_ways, ways_of
from storage.engine import Session
from storage.households import Channel
from storage.households_queries import locked_carers, still_a_carer
from storage.routing import reroute


class Chosen(StrEnum):
    """What became of the wish to tell a carer by another way."""

    CHOSEN = "chosen"
    UNCHANGED = "unchanged"
    NO_MAIL = "no_mail"
    """There is no address that takes mail, or the service sends none."""
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class AudienceWays:
    """How many current carers of an audience are reached by which way; ``none``: by none at all."""

    app: int = 0
    email: int = 0
    letter: int = 0
    none: int = 0

    @property
    def reached(self) -> int:
        return self.app + self.email + self.letter


async def hold_carer(session: Session, carer_id: int) -> None:
    """Nobody else changes this carer before this transaction has ended: for whoever compares what is there
    now with what somebody had seen, and changes it then."""
    await locked_carers(session, [carer_id])


async def choose_channel(
    session: Session, carer_id: int, channel: Channel | None, by: StaffMember | None, now: datetime
) -> Chosen:
    """Tell a carer by this way from now on; null: by the app where they have it, else by email.

    ``by`` null: the carer chose it, which is no deed of staff and stands in no audit log.
    """
    carer = await session.get(Carer, carer_id, populate_existing=True)
    if carer is None:
        return Chosen.NOT_FOUND
    wanted = None if channel is Channel.APP else channel
    if wanted is Channel.EMAIL and not (await ways_of(session, [carer_id]))[carer_id].takes_mail:
        return Chosen.NO_MAIL
    if carer.channel == wanted:
        return Chosen.UNCHANGED
    carer.channel = wanted
    await session.flush()
    await reroute(session, now, carer_id)
    if by is not None:
        channel_name = wanted.value if wanted else "usual"
        await record(session, now, by, "carer.channel", f"carer:{carer.ref}", channel=channel_name)
    return Chosen.CHOSEN


async def letters_for_all(
    session: Session, carer_ids: Collection[int], by: StaffMember, now: datetime
) -> int:
    """Send letters to these carers from now on; how many got none before. Who has another way by now, or
    wrote /stop, is left out."""
    carers = await locked_carers(session, carer_ids)
    ways = await ways_of(session, carer_ids)  # under the lock: who connects does before or after
    changed = 0
    for carer in carers:
        found = ways.get(carer.id)
        if found is None or found.way is not None or carer.stopped_at is not None:
            continue
        carer.channel = Channel.LETTER
        changed += 1
    if changed:
        await session.flush()
        await reroute(session, now)
        await record(session, now, by, "carer.letters", carers=changed)
    return changed


async def clear_email_failure(session: Session, carer_id: int, by: StaffMember, now: datetime) -> bool:
    """Try an address again that refused mail for good; False if it did not."""
    carer = await session.get(Carer, carer_id, populate_existing=True)
    if carer is None or carer.email_failed_at is None:
        return False
    carer.email_failed_at = carer.email_failed_reason = None
    await session.flush()
    await reroute(session, now, carer_id)
    await record(session, now, by, "carer.email_again", f"carer:{carer.ref}")
    return True


async def ways_of_audience(session: Session, audience: str, today: date) -> AudienceWays:
    """How the carers of an audience would be told if something were sent to them now."""
    conditions = await audience_conditions(session, audience, today)
    if conditions is None:
        return AudienceWays()
    counted = await count_ways(session, still_a_carer(today), *conditions)
    return AudienceWays(**{way.value if way else "none": number for way, number in counted.items()})


__all__ = [
    "AudienceWays",
    "Channel",
    "Chosen",
    "Ways",
    "choose_channel",
    "clear_email_failure",
    "hold_carer",
    "letters_for_all",
    "ways_of_audience",
]
