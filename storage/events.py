"""Fostering events: what is on, when, where, for whom, and how many can come."""

from datetime import date, datetime
from enum import StrEnum
from secrets import token_hex

from sqlalchemy import Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, text_enum
from storage.types import Json


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


def new_ballot_seed() -> str:
    return token_hex(16)


class Event(Base):
    """One fostering event.

    ``taken`` and ``online_taken`` count the places held by parties that are going or have an offer: people
    where households answer, carers where carers do. They change only together with an invitation's state,
    with the event locked or by a conditional UPDATE, so that no race can sell a place twice. ``capacity``
    null: no limit.
    ``sequence`` is the iCalendar SEQUENCE; ``timing_changed_at`` the last change of time or place;
    ``version`` the optimistic lock of the console's form.

    An event of a series has ``series_id`` and ``occurrence_on``, the local day for which the rule made it: it
    stays when the event alone is moved. ``changed_alone`` names the fields that staff changed on this event
    only, which a change of the whole series leaves as they are.
    """

    __tablename__ = "events"
    __table_args__ = (UniqueConstraint("series_id", "occurrence_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(64), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(40), index=True)
    description: Mapped[str] = mapped_column(Text, default="")
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    mode: Mapped[Mode] = mapped_column(text_enum(Mode))
    venue: Mapped[str] = mapped_column(String(300), default="")
    map_url: Mapped[str] = mapped_column(String(500), default="", server_default="")
    """A link to the place on a map that staff chose; empty: a search for the venue."""
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
    ballot_seed: Mapped[str | None] = mapped_column(String(64), default=new_ballot_seed)
    """The secret that the seed of each draw is made of, fixed with the event, before anybody enters: nobody
    can pick it, and it is never shown."""
    drawn_at: Mapped[datetime | None]
    """When the ballot was drawn first."""
    flyer_id: Mapped[int | None] = mapped_column(ForeignKey("attachments.id"))
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id"))
    occurrence_on: Mapped[date | None] = mapped_column(Date)
    changed_alone: Mapped[list[str]] = mapped_column(Json, default=list, server_default="[]")


Index("ix_events_state_invite_at", Event.state, Event.invite_at)
