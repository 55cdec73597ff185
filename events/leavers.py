"""Households that leave, and carers who leave theirs: what they hold at events to come goes to others.

Whether somebody has left is read from the register at each tick, so that a date in the future needs no
plan, and one that was entered by mistake can be taken back.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from events import waitlist
from events.holds import LONDON
from storage.engine import Session
from storage.events import Event, EventState
from storage.events_queries import lock_event
from storage.leavers_queries import events_with_leavers, open_of_leavers, withdrawn_of_others
from storage.rsvp import Invitation, RsvpState
from storage.rsvp_queries import mark_cards_stale, mark_waiting_cards_stale


async def any_leavers(session: Session, now: datetime, zone: ZoneInfo = LONDON) -> bool:
    """Whether `release_leavers` would find anything: a look, before anything is locked."""
    return bool(await events_with_leavers(session, now, now.astimezone(zone).date()))


async def release_leavers(session: Session, now: datetime, zone: ZoneInfo = LONDON) -> int:
    """Withdraw the invitations to events to come of households whose approval has ended, and what carers who
    left theirs had of their own; returns how many.

    Places, offers, turns in a line and entries to a draw are passed on at once. Who is there again, since the
    end was a mistake, is invited as before, but the places are gone.
    """
    today, released = now.astimezone(zone).date(), 0
    for event_id in await events_with_leavers(session, now, today):
        event = await lock_event(session, event_id)
        if event is not None and event.state is EventState.INVITED and event.starts_at > now:
            released += await _release(session, event, today)
            await _take_back(session, event, today)
            await session.flush()
            await mark_waiting_cards_stale(session, event.id)  # those behind have moved up
            await waitlist.pass_on(session, event, now, zone)
    return released


async def _release(session: Session, event: Event, today: date) -> int:
    leaving = await open_of_leavers(session, event.id, today)
    for invitation in leaving:
        await waitlist.release(session, event, invitation)
        await _begin_anew(session, invitation, RsvpState.CANCELLED)
    return len(leaving)


async def _take_back(session: Session, event: Event, today: date) -> None:
    for invitation in await withdrawn_of_others(session, event.id, today):
        await _begin_anew(session, invitation, RsvpState.INVITED)


async def _begin_anew(session: Session, invitation: Invitation, state: RsvpState) -> None:
    invitation.state = state
    invitation.mode = invitation.asked_again_at = None
    await mark_cards_stale(session, invitation.id)
