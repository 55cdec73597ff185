"""What each notice about an event says, read live at the moment of sending, or why it is not sent after all.

An event may have moved, been called off or been answered since the notice was queued: all look again.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from broadcasts.sender import Content, Skip
from events import feedback
from events.cards import card_facts, event_facts, facts_of_cards, shortened
from events.choices import belongs_to
from events.holds import LONDON
from events.reminders import LINK_BEFORE
from storage.deliveries import Delivery, Notice
from storage.deliveries_cards import StaleCard
from storage.engine import Session
from storage.events import Event, EventState, Mode
from storage.events_notices import notice_of
from storage.households import Carer, Household
from storage.households_queries import fosters_no_more
from storage.rsvp import Invitation, RsvpState
from storage.staff import StaffMember

Compose = Callable[[Session, Delivery, datetime], Awaitable[Content | Skip]]


class ComposeThere(Protocol):
    """The same in the service's time zone, whose day says who fosters here still."""

    def __call__(
        self, session: Session, delivery: Delivery, now: datetime, zone: ZoneInfo = ...
    ) -> Awaitable[Content | Skip]: ...


CANCELLED = Skip("the event is cancelled")
ANSWERED = Skip("already answered")
BEGUN = Skip("the event has begun")
GONE = Skip("no longer invited")
CLOSED = Skip("the time to answer has passed")
OVERTAKEN = Skip("overtaken by a later change")

WITH_FLYER = ("invitation", "nudge", "tap_again")
"""The kinds that ask somebody to come. The rest are words alone: a flyer may name a time that has changed."""


@dataclass(frozen=True, slots=True)
class _Facts:
    """The rows behind a delivery about an invitation."""

    event: Event
    invitation: Invitation
    carer: Carer
    notice: Notice


async def compose_cards(
    session: Session, cards: Sequence[StaleCard], now: datetime
) -> dict[int, Content | Skip]:
    """Cards drawn again, by id. One keeps the words of the message that it came as while they are true."""
    found = await facts_of_cards(session, cards, now)
    asking = {event.id: event for event, _, facts in found.values() if facts["asked_again"]}
    changes = {key: await notice_of(session, "change", _change_of(event)) for key, event in asking.items()}
    return {key: _drawn(*drawn, changes) for key, drawn in found.items()}


def _drawn(
    event: Event, invitation: Invitation, facts: dict[str, Any], changes: Mapping[int, Notice | None]
) -> Content:
    if facts["asked_again"] and (notice := changes[event.id]):
        changed = facts | _was(notice)
        return Content("change", shortened(changed) if facts["short"] else changed)
    unanswered = facts["state"] == RsvpState.INVITED and not facts["over"] and invitation.answered_at is None
    return Content("invitation" if unanswered else "card", facts)


def _change_of(event: Event) -> str:
    """What the notice of the latest change of time or place is about."""
    return f"event:{event.id}:{event.sequence}"


def _was(notice: Notice) -> dict[str, Any]:
    """When and where the event was before the change."""
    return {name: notice.params.get(name) for name in ("was_starts_at", "was_ends_at", "was_venue")}


async def _facts(session: Session, delivery: Delivery, now: datetime, zone: ZoneInfo) -> _Facts | None:
    """None as well for who fosters here no more: their invitations are none any more, nor is a join link."""
    facts = await _rows(session, delivery)
    if facts is None:
        return None
    home = await session.get_one(Household, facts.carer.household_id)
    return None if fosters_no_more(facts.carer, home, now.astimezone(zone).date()) else facts


async def _rows(session: Session, delivery: Delivery) -> _Facts | None:
    invitation = await session.get(Invitation, delivery.invitation_id) if delivery.invitation_id else None
    carer = await session.get(Carer, delivery.carer_id) if delivery.carer_id else None
    if invitation is None or carer is None or not belongs_to(invitation, carer):
        return None
    event = await session.get_one(Event, invitation.event_id)
    return _Facts(event, invitation, carer, await session.get_one(Notice, delivery.notice_id))


async def _card(session: Session, kind: str, facts: _Facts, now: datetime, **more: Any) -> Content:
    params = await card_facts(
        session, facts.event, facts.invitation, facts.carer, now, as_photo=kind in WITH_FLYER
    )
    return Content(kind, params | more)


async def _open(session: Session, delivery: Delivery, now: datetime, zone: ZoneInfo) -> _Facts | Skip:
    """The facts of an invitation to an event that is still to come, or why there is nothing to say of it."""
    facts = await _facts(session, delivery, now, zone)
    if facts is None:
        return GONE
    if facts.event.state is not EventState.INVITED or facts.invitation.state is RsvpState.CANCELLED:
        return CANCELLED
    return BEGUN if facts.event.starts_at <= now else facts


def _card_while(kind: str, states: Collection[RsvpState], otherwise: Skip) -> ComposeThere:
    """The card, as long as the party is in one of these states."""

    async def compose(
        session: Session, delivery: Delivery, now: datetime, zone: ZoneInfo = LONDON
    ) -> Content | Skip:
        facts = await _open(session, delivery, now, zone)
        if isinstance(facts, Skip):
            return facts
        return await _card(session, kind, facts, now) if facts.invitation.state in states else otherwise

    return compose


def _question(kind: str) -> ComposeThere:
    """The card of a party that has not answered, while there is an answer to give."""

    async def compose(
        session: Session, delivery: Delivery, now: datetime, zone: ZoneInfo = LONDON
    ) -> Content | Skip:
        content = await _card_while(kind, (RsvpState.INVITED,), ANSWERED)(session, delivery, now, zone)
        return content if isinstance(content, Skip) or content.params["choices"] else CLOSED

    return compose


async def invitation(
    session: Session, delivery: Delivery, now: datetime, zone: ZoneInfo = LONDON
) -> Content | Skip:
    """Still goes to the other carer of a household that has answered: it becomes their card."""
    facts = await _open(session, delivery, now, zone)
    if isinstance(facts, Skip):
        return facts
    answered_it = facts.invitation.answered_by_id == facts.carer.id
    if answered_it and not facts.notice.params.get("newcomer"):
        return ANSWERED
    return await _card(session, "invitation", facts, now)


async def tap_again(
    session: Session, delivery: Delivery, now: datetime, zone: ZoneInfo = LONDON
) -> Content | Skip:
    """One open invitation: its card. Several: a way to the list of them."""
    if delivery.invitation_id is None:
        return Content("tap_again", {"invitation_id": None})
    return await _question("tap_again")(session, delivery, now, zone)


async def change(
    session: Session, delivery: Delivery, now: datetime, zone: ZoneInfo = LONDON
) -> Content | Skip:
    facts = await _facts(session, delivery, now, zone)
    if facts is None:
        return GONE
    event = facts.event
    if event.state is EventState.CANCELLED:
        return CANCELLED
    if facts.notice.key != f"change:{_change_of(event)}":
        return OVERTAKEN
    if facts.invitation.state in (RsvpState.NOT_GOING, RsvpState.INVITED, RsvpState.BALLOT_LOST):
        return ANSWERED
    return await _card(session, "change", facts, now, **_was(facts.notice))


async def cancellation(
    session: Session, delivery: Delivery, now: datetime, zone: ZoneInfo = LONDON
) -> Content | Skip:
    """Also to who has left meanwhile: they may still mean to come."""
    facts = await _rows(session, delivery)
    if facts is None or facts.event.state is not EventState.CANCELLED:
        return GONE
    return await _card(session, "cancellation", facts, now)


async def offer(
    session: Session, delivery: Delivery, now: datetime, zone: ZoneInfo = LONDON
) -> Content | Skip:
    facts = await _open(session, delivery, now, zone)
    if isinstance(facts, Skip):
        return facts
    until = facts.invitation.offer_expires_at
    if facts.invitation.state is not RsvpState.OFFERED or until is None or until <= now:
        return ANSWERED
    return await _card(session, "offer", facts, now)


async def join_link(
    session: Session, delivery: Delivery, now: datetime, zone: ZoneInfo = LONDON
) -> Content | Skip:
    """The one place from which a join link leaves. Only for a party that is going online at this moment."""
    facts = await _facts(session, delivery, now, zone)
    if facts is None:
        return GONE
    event, party = facts.event, facts.invitation
    if event.state is not EventState.INVITED:
        return CANCELLED
    if party.state is not RsvpState.GOING or party.mode is not Mode.ONLINE:
        return Skip("not coming online")
    if event.ends_at <= now or not event.online_url:
        return Skip("nothing to join")
    if now < event.starts_at - LINK_BEFORE:
        return Skip("too early")
    return Content("join_link", event_facts(event) | {"url": event.online_url, "protect": True})


async def answer_changed(
    session: Session, delivery: Delivery, now: datetime, zone: ZoneInfo = LONDON
) -> Content | Skip:
    facts = await _open(session, delivery, now, zone)
    if isinstance(facts, Skip):
        return facts
    by_id = facts.notice.created_by_id
    by = await session.get(StaffMember, by_id) if by_id else None
    return await _card(session, "answer_changed", facts, now, noted_by=by.name if by else None)


async def ask_for_feedback(
    session: Session, delivery: Delivery, now: datetime, zone: ZoneInfo = LONDON
) -> Content | Skip:
    event = await session.get(Event, delivery.event_id) if delivery.event_id else None
    if event is None or delivery.carer_id is None:
        return GONE
    if await feedback.given(session, event.id, delivery.carer_id):
        return ANSWERED
    return Content("feedback", event_facts(event))


COMPOSERS: dict[str, ComposeThere] = {
    "invitation": invitation,
    "nudge": _question("nudge"),
    "tap_again": tap_again,
    "change": change,
    "cancellation": cancellation,
    "offer": offer,
    "offer_lapsed": _card_while("offer_lapsed", (RsvpState.INVITED,), ANSWERED),
    "ballot_lost": _card_while("ballot_lost", (RsvpState.BALLOT_LOST,), Skip("drawn since")),
    "reminder": _card_while("reminder", (RsvpState.GOING, RsvpState.MAYBE), Skip("not coming")),
    "join_link": join_link,
    "answer_changed": answer_changed,
    "feedback": ask_for_feedback,
}
"""By the kind of notice."""


def composers(zone: ZoneInfo) -> dict[str, Compose]:
    """The same for a service in this zone; the composition root gives them to the engine."""
    return {kind: partial(compose, zone=zone) for kind, compose in COMPOSERS.items()}
