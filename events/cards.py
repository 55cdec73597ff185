"""The facts that a carer's card shows: the event as it is now, and where their party stands.

A card never lists who else is coming. The join link is not on it: that goes out an hour before, to those who
come online, and to nobody else.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from events import rsvp, waitlist
from events.waitlist import places_of
from storage.deliveries_cards import UNKNOWN_CHANGE, NewCard, StaleCard, put_cards
from storage.engine import Session
from storage.events import Event, EventState, Mode, RsvpBy
from storage.events_queries import places_left
from storage.households import Carer
from storage.people import first_names
from storage.rsvp import Invitation, RsvpState
from storage.rsvp_queries import card_of, invitations_with_events
from storage.rsvp_waitlist import places_in_line

LONGEST_DESCRIPTION = 1500
"""Characters: with all the rest a card stays well inside a message's 4,096."""

_COMING = (RsvpState.GOING, RsvpState.MAYBE, RsvpState.WAITLISTED, RsvpState.OFFERED)


def event_facts(event: Event) -> dict[str, Any]:
    """What every text may say of an event: plain JSON, times as ISO text."""
    return {
        "event_id": event.id,
        "title": event.title,
        "starts_at": event.starts_at.isoformat(),
        "ends_at": event.ends_at.isoformat(),
        "mode": event.mode.value,
        "venue": event.venue if event.mode is not Mode.ONLINE else "",
    }


async def card_facts(
    session: Session, event: Event, invitation: Invitation, carer: Carer, now: datetime
) -> dict[str, Any]:
    """Everything that the card of this carer says and offers. ``over``: why there is nothing to answer."""
    answered_by = await _other_answerer(session, invitation, carer)
    return _facts(event, invitation, answered_by, await waitlist.position(session, invitation), now)


async def facts_of_cards(
    session: Session, cards: Sequence[StaleCard], now: datetime
) -> dict[int, tuple[Event, Invitation, dict[str, Any]]]:
    """`card_facts` of many cards at once, with the rows behind them, by the card's id."""
    parties = await invitations_with_events(session, {card.invitation_id for card in cards})
    waiting = [key for key, (party, _) in parties.items() if party.state is RsvpState.WAITLISTED]
    places = await places_in_line(session, waiting)
    others = {card.id: _other_of(parties[card.invitation_id][0], card.carer_id) for card in cards}
    names = await first_names(session, {carer_id for carer_id in others.values() if carer_id is not None})
    found = {}
    for card in cards:
        invitation, event = parties[card.invitation_id]
        other = others[card.id]
        answered_by = names.get(other) if other is not None else None
        facts = _facts(event, invitation, answered_by or None, places.get(invitation.id), now)
        found[card.id] = (event, invitation, facts)
    return found


def _facts(
    event: Event, invitation: Invitation, answered_by: str | None, position: int | None, now: datetime
) -> dict[str, Any]:
    offered = rsvp.choices(event, invitation, now)
    chosen = rsvp.chosen(event, invitation)
    by_household = event.rsvp_by is RsvpBy.HOUSEHOLD
    coming = invitation.state in _COMING and bool(offered)
    return event_facts(event) | {
        "invitation_id": invitation.id,
        "description": _shortened(event.description),
        "state": invitation.state.value,
        "taking_part": invitation.mode.value if invitation.mode else None,
        "by_household": by_household,
        "party": party_facts(invitation),
        "answered_by": answered_by,
        "position": position,
        "offer_until": _iso(invitation.offer_expires_at),
        "answer_until": _iso(event.rsvp_deadline),
        "full": _full_modes(event, invitation),
        "asked_again": invitation.asked_again_at is not None and bool(offered),
        "over": _over(event, invitation, now),
        "reason": event.cancel_reason,
        "choices": [choice.value for choice in offered],
        "chosen": chosen.value if chosen else None,
        "can_set_party": by_household and coming,
        "can_note_needs": coming,
        "needs_noted": invitation.needs is not None,
        "calendar": invitation.state is RsvpState.GOING and event.ends_at > now and not _cancelled(event),
    }


async def card_for(
    session: Session, invitation_id: int, carer: Carer, now: datetime
) -> dict[str, Any] | None:
    """The facts of a carer's card; null where there is no such invitation of theirs."""
    invitation = await session.get(Invitation, invitation_id)
    if invitation is None or not rsvp.belongs_to(invitation, carer):
        return None
    event = await session.get_one(Event, invitation.event_id)
    return await card_facts(session, event, invitation, carer, now)


async def is_card(session: Session, invitation_id: int, carer: Carer, message_id: int | None) -> bool:
    """Whether this message is the carer's card, which is drawn again by itself when something changes."""
    card = await card_of(session, invitation_id, carer.id)
    return card is not None and card.message_id == message_id and card.chat_id == carer.chat_id


async def adopt_card(
    session: Session, invitation_id: int, carer: Carer, message_id: int | None, now: datetime
) -> None:
    """Take a message that the carer has tapped for their card, where none is known; it is drawn anew.

    For an invitation that nobody could vouch for: that it was tapped shows that it arrived. Without this, no
    later change would ever show in their chat.
    """
    if message_id is None or carer.chat_id is None:
        return
    if await card_of(session, invitation_id, carer.id) is None:
        card = NewCard(invitation_id, carer.id, carer.chat_id, message_id, UNKNOWN_CHANGE)
        await put_cards(session, [card], now)


def party_facts(invitation: Invitation) -> dict[str, int]:
    """Who is coming, in numbers."""
    party = rsvp.party_of(invitation)
    return {
        "adults": party.adults,
        "children_0_4": party.children_0_4,
        "children_5_10": party.children_5_10,
        "children_11_15": party.children_11_15,
        "children_16_up": party.children_16_up,
        "people": party.people,
    }


async def _other_answerer(session: Session, invitation: Invitation, carer: Carer) -> str | None:
    """The first name of the other carer of the household, where it was they who answered."""
    other_id = _other_of(invitation, carer.id)
    other = await session.get(Carer, other_id) if other_id is not None else None
    return other.first_name if other is not None and other.first_name else None


def _other_of(invitation: Invitation, carer_id: int) -> int | None:
    return invitation.answered_by_id if invitation.answered_by_id != carer_id else None


def _full_modes(event: Event, invitation: Invitation) -> list[str]:
    """The modes in which this party would have to wait, while it has no place and no answer that stands."""
    if invitation.state not in (RsvpState.INVITED, RsvpState.MAYBE):
        return []
    modes = (Mode.IN_PERSON, Mode.ONLINE) if event.mode is Mode.HYBRID else (event.mode,)
    full = []
    for mode in modes:
        left = places_left(event, mode)
        if left is not None and left < places_of(event, invitation):
            full.append(mode.value)
    return full


def _over(event: Event, invitation: Invitation, now: datetime) -> str:
    if _cancelled(event) or invitation.state is RsvpState.CANCELLED:
        return "cancelled"
    if event.starts_at <= now:
        return "begun"
    if event.rsvp_deadline is not None and event.rsvp_deadline <= now:
        return "closed"
    return ""


def _cancelled(event: Event) -> bool:
    return event.state is EventState.CANCELLED


def _shortened(text: str) -> str:
    text = text.strip()
    return text if len(text) <= LONGEST_DESCRIPTION else text[: LONGEST_DESCRIPTION - 1].rstrip() + "…"


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
