"""The facts that a carer's card shows: the event as it is now, and where their party stands.

A card never lists who else is coming. The join link is not on it: see `events.joining`.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

from broadcasts.attachments import file_of
from events import waitlist
from events.choices import belongs_to, choices, chosen, closed, closes_at, party_of
from events.joining import can_join, link_is_out, without_link
from events.waitlist import places_of
from storage.ballot_entries import drawn_before
from storage.deliveries_cards import UNKNOWN_CHANGE, NewCard, StaleCard, put_cards
from storage.engine import Session
from storage.events import Allocation, Event, EventState, Mode, RsvpBy
from storage.events_queries import places_left
from storage.households import Carer
from storage.people import first_names
from storage.rsvp import Invitation, RsvpState
from storage.rsvp_queries import card_of, invitations_with_events
from storage.rsvp_waitlist import places_in_line

LONGEST_DESCRIPTION = 1500
"""In Telegram's count, by UTF-16 units: with all the rest a card stays well inside a message's 4,096."""

_ROOM_UNDER_A_PHOTO = {"title": 100, "venue": 80, "was_venue": 80, "description": 300, "reason": 300}
"""Counted likewise: a caption has room for 1,024."""

MAP = "https://www.google.com/maps/search/?api=1&query="
"""What opens the map app that is on a carer's phone; it is asked for the place, and only when tapped."""

_COMING = (
    RsvpState.GOING,
    RsvpState.MAYBE,
    RsvpState.WAITLISTED,
    RsvpState.OFFERED,
    RsvpState.BALLOT_ENTERED,
)


def event_facts(event: Event) -> dict[str, Any]:
    """What every text may say of an event: plain JSON, times as ISO text."""
    venue = without_link(event, event.venue) if event.mode is not Mode.ONLINE else ""
    return {
        "event_id": event.id,
        "title": event.title,
        "starts_at": event.starts_at.isoformat(),
        "ends_at": event.ends_at.isoformat(),
        "mode": event.mode.value,
        "venue": venue,
        "map_url": _map(event, venue),
    }


def _map(event: Event, venue: str) -> str:
    """Where the place is on a map: what staff chose, or else a search for it; empty without a place."""
    if not venue:
        return ""
    chosen = without_link(event, event.map_url)
    if chosen.startswith(("https://", "http://")):
        return chosen
    return MAP + quote_plus(venue)


async def card_facts(
    session: Session,
    event: Event,
    invitation: Invitation,
    carer: Carer,
    now: datetime,
    *,
    as_photo: bool = False,
) -> dict[str, Any]:
    """Everything that the card of this carer says and offers. ``over``: why there is nothing to answer.

    ``as_photo``: it goes out as a new message under the event's flyer, if there is one.
    """
    answered_by = await _other_answerer(session, invitation, carer)
    place = await waitlist.position(session, invitation)
    missed = await _missed_offers(session, [(invitation, event)])
    facts = _facts(event, invitation, answered_by, place, invitation.id in missed, now)
    flyer = await file_of(session, event.flyer_id) if as_photo else None
    return facts if flyer is None else shortened(facts) | {"flyer": flyer}


async def facts_of_cards(
    session: Session, cards: Sequence[StaleCard], now: datetime
) -> dict[int, tuple[Event, Invitation, dict[str, Any]]]:
    """`card_facts` of many cards at once, with the rows behind them, by the card's id."""
    parties = await invitations_with_events(session, {card.invitation_id for card in cards})
    waiting = [key for key, (party, _) in parties.items() if party.state is RsvpState.WAITLISTED]
    places = await places_in_line(session, waiting)
    others = {card.id: _other_of(parties[card.invitation_id][0], card.carer_id) for card in cards}
    names = await first_names(session, {carer_id for carer_id in others.values() if carer_id is not None})
    missed = await _missed_offers(session, parties.values())
    found = {}
    for card in cards:
        invitation, event = parties[card.invitation_id]
        other = others[card.id]
        answered_by = (names.get(other) if other is not None else None) or None
        place = places.get(invitation.id)
        facts = _facts(event, invitation, answered_by, place, invitation.id in missed, now)
        found[card.id] = (event, invitation, shortened(facts) if card.photo else facts)
    return found


def shortened(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts of a card that is the caption of a photo, which holds a quarter of a message's words."""
    cut = {key: _cut(text, room) for key, room in _ROOM_UNDER_A_PHOTO.items() if (text := facts.get(key))}
    return facts | cut | {"short": True}


async def _missed_offers(session: Session, parties: Collection[tuple[Invitation, Event]]) -> Collection[int]:
    """Which of these were drawn in a ballot and let their offer lapse."""
    asked = [
        invitation.id
        for invitation, event in parties
        if event.drawn_at is not None and invitation.state is RsvpState.INVITED
    ]
    return await drawn_before(session, asked) if asked else ()


def _facts(
    event: Event,
    invitation: Invitation,
    answered_by: str | None,
    position: int | None,
    missed_offer: bool,
    now: datetime,
) -> dict[str, Any]:
    offered = choices(event, invitation, now)
    standing = chosen(event, invitation)
    by_household = event.rsvp_by is RsvpBy.HOUSEHOLD
    coming = invitation.state in _COMING and bool(offered)
    ballot = event.allocation is Allocation.BALLOT
    return event_facts(event) | {
        "invitation_id": invitation.id,
        "description": _cut(without_link(event, event.description).strip(), LONGEST_DESCRIPTION),
        "state": invitation.state.value,
        "taking_part": invitation.mode.value if invitation.mode else None,
        "by_household": by_household,
        "party": party_facts(invitation),
        "answered_by": answered_by,
        "position": position,
        "offer_until": _iso(invitation.offer_expires_at),
        "answer_until": _iso(event.rsvp_deadline),
        "ballot": ballot,
        "draws_at": _iso(closes_at(event)) if ballot else None,
        "missed_offer": missed_offer,
        "can_ask_why": invitation.state is RsvpState.BALLOT_LOST,
        "full": _full_modes(event, invitation),
        "asked_again": invitation.asked_again_at is not None and bool(offered),
        "over": _over(event, invitation, now),
        "reason": event.cancel_reason,
        "choices": [choice.value for choice in offered],
        "chosen": standing.value if standing else None,
        "can_set_party": by_household and coming,
        "can_note_needs": coming,
        "needs_noted": invitation.needs is not None,
        "calendar": invitation.state is RsvpState.GOING and event.ends_at > now and not _cancelled(event),
        "can_join": can_join(event, invitation, now),
        "link_is_out": link_is_out(event, invitation, now),
        "pictured": event.flyer_id is not None,
        "short": False,
        "flyer": None,
    }


async def card_for(
    session: Session, invitation_id: int, carer: Carer, now: datetime, *, as_photo: bool = False
) -> dict[str, Any] | None:
    """The facts of a carer's card; null where there is no such invitation of theirs."""
    invitation = await session.get(Invitation, invitation_id)
    if invitation is None or not belongs_to(invitation, carer):
        return None
    event = await session.get_one(Event, invitation.event_id)
    return await card_facts(session, event, invitation, carer, now, as_photo=as_photo)


async def is_card(session: Session, invitation_id: int, carer: Carer, message_id: int | None) -> bool:
    """Whether this message is the carer's card, which is drawn again by itself when something changes."""
    card = await card_of(session, invitation_id, carer.id)
    return card is not None and card.message_id == message_id and card.chat_id == carer.chat_id


async def adopt_card(
    session: Session,
    invitation_id: int,
    carer: Carer,
    message_id: int | None,
    now: datetime,
    *,
    photo: bool = False,
) -> None:
    """Take a message that the carer has tapped for their card, where none is known; it is drawn anew.

    For an invitation that nobody could vouch for: that it was tapped shows that it arrived. Without this, no
    later change would ever show in their chat.
    """
    if message_id is None or carer.chat_id is None:
        return
    if await card_of(session, invitation_id, carer.id) is None:
        card = NewCard(invitation_id, carer.id, carer.chat_id, message_id, UNKNOWN_CHANGE, photo=photo)
        await put_cards(session, [card], now)


def party_facts(invitation: Invitation) -> dict[str, int]:
    """Who is coming, in numbers."""
    party = party_of(invitation)
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
    if invitation.state not in (RsvpState.INVITED, RsvpState.MAYBE) or event.allocation is Allocation.BALLOT:
        return []
    modes = (Mode.IN_PERSON, Mode.ONLINE) if event.mode is Mode.HYBRID else (event.mode,)
    full = []
    for mode in modes:
        left = places_left(event, mode)
        if left is not None and left < places_of(event, invitation):
            full.append(mode.value)
    return full


def _over(event: Event, invitation: Invitation, now: datetime) -> str:
    if _cancelled(event):
        return "cancelled"
    if invitation.state is RsvpState.CANCELLED:
        return "withdrawn"  # from who has left the service; the event goes on
    if event.starts_at <= now:
        return "begun"
    return "closed" if closed(event, now) else ""


def _cancelled(event: Event) -> bool:
    return event.state is EventState.CANCELLED


def _cut(text: str, longest: int) -> str:
    """The text, or as much of its beginning as Telegram counts for this many characters."""
    units = text.encode("utf-16-le", "surrogatepass")
    if len(units) <= 2 * longest:
        return text
    return units[: 2 * (longest - 1)].decode("utf-16-le", "ignore").rstrip() + "…"


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
