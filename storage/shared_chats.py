"""Chats that two carers share: whom a message in one was for, and what has been said there."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, exists, select, update
from sqlalchemy.orm import aliased

from storage.deliveries import Delivery, DeliveryState
from storage.engine import Session
from storage.events import Event
from storage.households import Carer
from storage.rsvp import Card, Invitation
from storage.rsvp_hold import mark_stale

_WENT_OUT = (DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNKNOWN, DeliveryState.RECALLED)
"""What may have arrived counts: a chat is spared rather than told the same twice."""


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whose a message is. ``own``: what it is about is theirs alone, and not their household's."""

    carer_id: int
    own: bool


@dataclass(frozen=True, slots=True)
class InSharedChat:
    """How a delivery stands to the chat that its carer shares.

    ``own``: it is about this carer's own invitation, or about another household's than the other's.
    ``other``: the first name of who has the same chat. ``told``: they had the same notice there, in the same
    language and about the same invitation, if any.
    """

    own: bool
    other: str
    told: bool


async def addressee_of(
    session: Session, carer_ids: Collection[int], chat_id: int, message_id: int
) -> Addressee | None:
    """For which of these carers this message went out; None where nobody noted it, as for replies."""
    card = (
        select(Card.carer_id, Invitation.carer_id)
        .join(Invitation, Invitation.id == Card.invitation_id)
        .where(Card.carer_id.in_(carer_ids), Card.chat_id == chat_id, Card.message_id == message_id)
    )
    notice = (
        select(Delivery.carer_id, Delivery.invitation_id, Invitation.carer_id)
        .outerjoin(Invitation, Invitation.id == Delivery.invitation_id)
        .where(
            Delivery.carer_id.in_(carer_ids),
            Delivery.chat_id == chat_id,
            Delivery.message_id == message_id,
        )
    )
    shown = (await session.execute(card)).first()
    if shown is not None:
        return Addressee(shown[0], own=shown[1] is not None)
    told = (await session.execute(notice)).first()
    if told is None or told[0] is None:
        return None
    return Addressee(told[0], own=told[1] is None or told[2] is not None)


async def owner_of_invitation(session: Session, invitation_id: int) -> int | None:
    """The carer whose own this invitation is; None for a household's."""
    return await session.scalar(select(Invitation.carer_id).where(Invitation.id == invitation_id))


async def in_shared_chats(session: Session, delivery_ids: Collection[int]) -> dict[int, InSharedChat]:
    """How these deliveries stand, whose carers share their chats."""
    other, theirs = aliased(Carer), aliased(Delivery)
    query = (
        select(
            Delivery.id,
            Invitation.carer_id,
            other.household_id != Carer.household_id,
            other.first_name,
            exists()
            .where(
                theirs.carer_id == other.id,
                theirs.notice_id == Delivery.notice_id,
                theirs.chat_id == Carer.chat_id,
                theirs.state.in_(_WENT_OUT),
                theirs.invitation_id.is_not_distinct_from(Delivery.invitation_id),
                other.language == Carer.language,
            )
            .correlate(Delivery, Carer, other),
        )
        .join(Carer, Carer.id == Delivery.carer_id)
        .join(other, and_(other.chat_id == Carer.chat_id, other.id != Carer.id))
        .outerjoin(Invitation, Invitation.id == Delivery.invitation_id)
        .where(Delivery.id.in_(delivery_ids))
    )
    found: dict[int, InSharedChat] = {}
    for key, owner, elsewhere, name, told in (await session.execute(query)).all():
        before = found.get(key)
        if before is None or told:  # with more than two it is who was told that counts
            own = owner is not None or elsewhere or (before is not None and before.own)
            found[key] = InSharedChat(own, name, bool(told))
    return found


async def draw_own_cards_again(session: Session, carer_ids: Collection[int], now: datetime) -> None:
    """Have the cards of these carers' own invitations drawn again, as far as the events are to come."""
    if not carer_ids:
        return
    own = select(Invitation.id).join(Event, Event.id == Invitation.event_id)
    own = own.where(Invitation.carer_id.in_(carer_ids), Event.ends_at > now)
    await mark_stale(session, and_(Card.carer_id.in_(carer_ids), Card.invitation_id.in_(own)))


async def pass_cards_on(session: Session, gone: Carer, chat_id: int, stays: Carer | None) -> None:
    """Leave the cards of this chat, which a carer is leaving, to who stays: as far as they are the
    household's. The others are drawn no more: their chat may be somebody else's now."""
    mine = (Card.carer_id == gone.id, Card.chat_id == chat_id)
    if stays is not None and stays.household_id == gone.household_id:
        theirs = aliased(Card)
        has_one = exists().where(theirs.invitation_id == Card.invitation_id, theirs.carer_id == stays.id)
        households = select(Invitation.id).where(Invitation.carer_id.is_(None))
        await session.execute(
            update(Card)
            .where(*mine, Card.invitation_id.in_(households), ~has_one.correlate(Card))
            .values(carer_id=stays.id)
            .execution_options(synchronize_session=False)
        )
    await session.execute(delete(Card).where(*mine).execution_options(synchronize_session=False))
