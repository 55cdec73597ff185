"""Invitations and their answers: one row a party (a carer, or a household where households answer)."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, BigId, text_enum
from storage.events import Mode


class RsvpState(StrEnum):
    INVITED = "invited"
    GOING = "going"
    MAYBE = "maybe"
    NOT_GOING = "not_going"
    WAITLISTED = "waitlisted"
    OFFERED = "offered"
    BALLOT_ENTERED = "ballot_entered"
    BALLOT_LOST = "ballot_lost"
    CANCELLED = "cancelled"


class Invitation(Base):
    """A party's invitation and where it stands. ``carer_id`` is null where the household answers.

    ``party`` is ``h<household id>`` or ``c<carer id>``, unique per event. ``mode`` is what the party chose
    (in person or online), set from the first answer that takes a place. ``seats`` is what the party takes
    while it is going or offered. ``waiting_since`` and ``queue_key`` order the waiting list: first come
    unless staff move a party. ``needs`` is free text for the organiser only, erased within seven days of
    the event and never exported or logged.
    """

    __tablename__ = "invitations"
    __table_args__ = (UniqueConstraint("event_id", "party"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    household_id: Mapped[int] = mapped_column(ForeignKey("households.id"))
    carer_id: Mapped[int | None] = mapped_column(ForeignKey("carers.id"), index=True)
    party: Mapped[str] = mapped_column(String(24))
    state: Mapped[RsvpState] = mapped_column(text_enum(RsvpState), default=RsvpState.INVITED)
    mode: Mapped[Mode | None] = mapped_column(text_enum(Mode))
    adults: Mapped[int] = mapped_column(Integer, default=1)
    children_0_4: Mapped[int] = mapped_column(Integer, default=0)
    children_5_10: Mapped[int] = mapped_column(Integer, default=0)
    children_11_15: Mapped[int] = mapped_column(Integer, default=0)
    children_16_up: Mapped[int] = mapped_column(Integer, default=0)
    needs: Mapped[str | None] = mapped_column(Text)
    invited_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("carers.id"))
    waiting_since: Mapped[datetime | None]
    queue_key: Mapped[int | None] = mapped_column(BigInteger)
    offered_at: Mapped[datetime | None]
    offer_expires_at: Mapped[datetime | None]
    passed_over: Mapped[int] = mapped_column(Integer, default=0)
    """How often a place went to a later party because this one was too large for it."""
    nudges: Mapped[int] = mapped_column(Integer, default=0)
    asked_again_at: Mapped[datetime | None]
    """When a change of time or place asked this party again."""

    @property
    def children(self) -> int:
        return self.children_0_4 + self.children_5_10 + self.children_11_15 + self.children_16_up

    @property
    def people(self) -> int:
        return self.adults + self.children


class Card(Base):
    """The one message in a carer's chat that shows an invitation, edited in place.

    ``wanted`` counts the changes to show, ``shown`` the change that the message shows. A crash between the
    two leaves them apart, and the next start edits the message again: editing twice is harmless.
    """

    __tablename__ = "cards"
    __table_args__ = (UniqueConstraint("invitation_id", "carer_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitations.id", ondelete="CASCADE"))
    carer_id: Mapped[int] = mapped_column(ForeignKey("carers.id", ondelete="CASCADE"), index=True)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    message_id: Mapped[int] = mapped_column(BigInteger)
    wanted: Mapped[int] = mapped_column(Integer, default=0)
    shown: Mapped[int] = mapped_column(Integer, default=0)
    stale: Mapped[bool] = mapped_column(Boolean, default=False)
    retry_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    photo: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """The message is a picture with the card as its caption, which is edited in another way."""


class CalendarCopy(Base):
    """What of an invitation stands in a carer's own calendar: ``sequence`` is the SEQUENCE of the file that
    they took, or were sent, last."""

    __tablename__ = "calendar_copies"

    invitation_id: Mapped[int] = mapped_column(
        ForeignKey("invitations.id", ondelete="CASCADE"), primary_key=True
    )
    carer_id: Mapped[int] = mapped_column(
        ForeignKey("carers.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    sequence: Mapped[int] = mapped_column(Integer)


# Of an event by state; and how many parties answered, which reports count of millions by the index alone.
Index("ix_invitations_event_state_answered", Invitation.event_id, Invitation.state, Invitation.answered_at)
# Of a household, and whether it has answered anything since a day.
Index("ix_invitations_household_answered", Invitation.household_id, Invitation.answered_at)
Index("ix_invitations_offer_expires_at", Invitation.offer_expires_at)
Index("ix_cards_stale", Card.stale)
