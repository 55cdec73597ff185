"""Fostering events: what is on, when, where, for whom, and how many can come."""

from datetime import datetime
from enum import StrEnum
from secrets import token_hex

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, text_enum


class EventState(StrEnum):
    DRAFT = "draft"
    """Staff send the invitation themselves."""
    PLANNED = "planned"
    """Invitations go out at ``invite_at``."""
    INVITED = "invited"
    """The audience has been invited."""
    CANCELLED = "cancelled"


class Mode(StrEnum):
    IN_PERSON = "in_person"
    ONLINE = "online"
    HYBRID = "hybrid"


class RsvpBy(StrEnum):
    CARER = "carer"
    HOUSEHOLD = "household"


class Allocation(StrEnum):
    FIRST_COME = "first_come"
    BALLOT = "ballot"


def new_checkin_code() -> str:
    return token_hex(12)


class Event(Base):
    """One fostering event.

    ``taken`` and ``online_taken`` count the places held by parties that are going or have an offer: people
    where households answer, carers where carers do. They change only together with an invitation's state,
    with the event locked or by a conditional UPDATE, so that no race can sell a place twice. ``capacity``
    null: no limit.
    ``sequence`` is the iCalendar SEQUENCE; ``timing_changed_at`` the last change of time or place;
    ``version`` the optimistic lock of the console's form.
    """

    __tablename__ = "events"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(64), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(40), index=True)
    description: Mapped[str] = mapped_column(Text, default="")
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    mode: Mapped[Mode] = mapped_column(text_enum(Mode))
    venue: Mapped[str] = mapped_column(String(300), default="")
    online_url: Mapped[str] = mapped_column(String(500), default="")
    rsvp_by: Mapped[RsvpBy] = mapped_column(text_enum(RsvpBy))
    audience: Mapped[str] = mapped_column(String(160), default="all")
    capacity: Mapped[int | None] = mapped_column(Integer)
    online_capacity: Mapped[int | None] = mapped_column(Integer)
    taken: Mapped[int] = mapped_column(Integer, default=0)
    online_taken: Mapped[int] = mapped_column(Integer, default=0)
    allocation: Mapped[Allocation] = mapped_column(text_enum(Allocation), default=Allocation.FIRST_COME)
    rsvp_deadline: Mapped[datetime | None]
    invite_at: Mapped[datetime | None]
    state: Mapped[EventState] = mapped_column(text_enum(EventState), default=EventState.PLANNED)
    invited_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str] = mapped_column(String(500), default="")
    sequence: Mapped[int] = mapped_column(Integer, default=0)
    timing_changed_at: Mapped[datetime | None]
    feedback_asked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    version: Mapped[int] = mapped_column(Integer, default=1)
    checkin_code: Mapped[str] = mapped_column(String(32), unique=True, default=new_checkin_code)
    """What the poster at the venue carries; nobody can guess it."""


Index("ix_events_state_invite_at", Event.state, Event.invite_at)
