"""A party's answer: the taps of carers, and who is coming along. What staff note is in `events.phoned`.

Whoever calls sends nothing: cards are marked to be drawn again and notices queued in the same transaction,
and a crash before the commit leaves no trace of either.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from carers.people import Carer
from events import waitlist
from events.calendar import PartStat
from events.choices import (
    Choice,
    Outcome,
    Party,
    Result,
    belongs_to,
    choices,
    chosen,
    closed,
    note_needs,
    over,
    party_of,
    why_not,
)
from events.deciding import decide, finish, lapse_if_due, locked, resize
from events.holds import LONDON
from events.phoned import answer_for
from storage.engine import Session
from storage.events import Event, RsvpBy
from storage.rsvp import Invitation
from storage.rsvp_queries import HOLDING, forget_needs, mark_cards_stale

NEEDS_KEPT_FOR = timedelta(days=5)
"""After the event. The promise is seven days; the daily job may miss one or two."""


async def answer(
    session: Session,
    invitation_id: int,
    carer: Carer,
    choice: Choice,
    now: datetime,
    zone: ZoneInfo = LONDON,
    *,
    in_calendar: PartStat | None = None,
) -> Outcome:
    """A carer's tap. Owner, event, deadline and state are checked here; the same tap again changes nothing.

    Going on a full event joins the waiting list at once, and on an event with a ballot enters the draw.
    Leaving passes the freed places on. ``in_calendar``: what their own calendar says, if they answered there.
    """
    event, invitation = await locked(session, invitation_id)
    if event is None or invitation is None or not belongs_to(invitation, carer):
        return Outcome(Result.NOT_YOURS)
    await lapse_if_due(session, event, invitation, now, zone)
    if choice not in choices(event, invitation, now):
        await mark_cards_stale(session, invitation.id)
        return Outcome(why_not(event, invitation, choice, now), event, invitation)
    result = await decide(
        session, event, invitation, choice, now, zone, tapped_by=carer.id, in_calendar=in_calendar
    )
    if result is not Result.FULL:
        invitation.answered_by_id = carer.id
    return await finish(session, event, invitation, result)


async def set_party(
    session: Session,
    invitation_id: int,
    carer: Carer,
    party: Party,
    now: datetime,
    zone: ZoneInfo = LONDON,
    *,
    in_chat: bool = True,
) -> Outcome:
    """Who of a household is coming: at least one adult. Parties stay whole: all of it fits, or none is added.

    ``in_chat``: the card that the carer is tapping is left to the caller. The other carer's is drawn again in
    any case, and so is their own where they say it elsewhere.
    """
    event, invitation = await locked(session, invitation_id)
    if event is None or invitation is None or not belongs_to(invitation, carer):
        return Outcome(Result.NOT_YOURS)
    if ended := over(event, invitation, now):
        return Outcome(ended, event, invitation)
    if event.rsvp_by is not RsvpBy.HOUSEHOLD or not party.valid:
        return Outcome(Result.NOT_VALID, event, invitation)
    if party.people > invitation.people and closed(event, now):
        return Outcome(Result.CLOSED, event, invitation)
    if party == party_of(invitation):
        return Outcome(Result.UNCHANGED, event, invitation)
    if await _takes_from_the_line(session, event, invitation, party, now, zone):
        return Outcome(Result.FULL, event, invitation)
    if not await resize(session, event, invitation, party):
        return Outcome(Result.FULL, event, invitation)
    await session.flush()
    await waitlist.pass_on(session, event, now, zone)
    await mark_cards_stale(session, invitation.id, but_carer_id=carer.id if in_chat else None)
    return Outcome(Result.SAVED, event, invitation, await waitlist.position(session, invitation))


async def _takes_from_the_line(
    session: Session, event: Event, invitation: Invitation, party: Party, now: datetime, zone: ZoneInfo
) -> bool:
    """Whether a party that has places wants more, while one that waits could have what is free: inside the
    last two hours, when nothing is offered and staff decide."""
    mode = invitation.mode if invitation.state in HOLDING else None
    if mode is None or party.people <= invitation.people:
        return False
    return await waitlist.somebody_fits(session, event, mode, invitation, now, zone)


async def set_needs(session: Session, invitation_id: int, carer: Carer, needs: str, now: datetime) -> Outcome:
    """Access or dietary needs, for the organiser only; empty text takes them back. Cut at 500 characters."""
    event, invitation = await locked(session, invitation_id)
    if event is None or invitation is None or not belongs_to(invitation, carer):
        return Outcome(Result.NOT_YOURS)
    if ended := over(event, invitation, now):
        return Outcome(ended, event, invitation)
    note_needs(invitation, needs)
    await session.flush()
    await mark_cards_stale(session, invitation.id)
    return Outcome(Result.SAVED, event, invitation)


async def purge_needs(session: Session, now: datetime) -> int:
    """Erase the needs noted for events that ended, or were called off, five days ago; how many there were."""
    return await forget_needs(session, now - NEEDS_KEPT_FOR)


__all__ = [
    "NEEDS_KEPT_FOR",
    "Choice",
    "Outcome",
    "Party",
    "Result",
    "answer",
    "answer_for",
    "belongs_to",
    "choices",
    "chosen",
    "party_of",
    "purge_needs",
    "set_needs",
    "set_party",
]
