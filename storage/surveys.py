"""Survey rounds, who was asked, sealed answers while a round is open, and answers once it has closed.

In an anonymous round nothing here links a person to an answer: `Participant` says only that somebody took
part (no time, and only while the round is open), drafts are found by a keyed hash and sealed under a key that
is kept outside the database, and `Response` rows are made at the close, shuffled, with random keys.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, text_enum
from storage.types import Json, JsonDict, JsonOrNull


class RoundState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    CLOSING = "closing"
    """No answer is taken any more; those that were sent are still sealed."""
    RELEASED = "released"
    """The answers are out and shuffled, who took part is forgotten; the key is still to be destroyed."""
    CLOSED = "closed"


class Round(Base):
    """One run of a survey. Everything that decides anonymity is frozen when it opens."""

    __tablename__ = "rounds"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(64), unique=True)
    survey: Mapped[str] = mapped_column(String(64), index=True)
    title: Mapped[str] = mapped_column(String(200))
    audience: Mapped[str] = mapped_column(String(160), default="all")
    anonymous: Mapped[bool]
    threshold: Mapped[int] = mapped_column(Integer, default=5)
    definition: Mapped[JsonDict] = mapped_column(Json)
    state: Mapped[RoundState] = mapped_column(text_enum(RoundState), default=RoundState.DRAFT)
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    asked: Mapped[int] = mapped_column(Integer, default=0)
    took_part: Mapped[int] = mapped_column(Integer, default=0)
    """Filled at the close; while the round is open the participants are counted."""
    segment_tables: Mapped[JsonDict] = mapped_column(Json, default=dict)
    """Results by segment of an anonymous round, made at the close with small numbers already hidden: no
    segment is kept with any answer sheet, so that a rare one points at nobody."""
    themes: Mapped[JsonDict | None] = mapped_column(JsonOrNull)
    """What reports say of it, made at the close of what its results show: by theme the ``title``, how many
    answers were ``favourable``, of how many ``answers`` by how many ``people``; those null where a part of
    them is held back. All of it null: not made yet."""
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), index=True)
    """The event that it asks about."""
    occasion: Mapped[str | None] = mapped_column(String(40))
    """What it asks about as it happens (`surveys.definition.Occasion`); null: it asks an audience, once."""
    asks_until: Mapped[datetime | None]
    """Such a round asks nobody new from here on: they are asked in the next."""
    shared_at: Mapped[datetime | None]
    """Since when carers can see the results."""
    shared_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class Participant(Base):
    """A carer who was asked, and whether they took part. Deleted at the close of an anonymous round."""

    __tablename__ = "round_participants"

    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id", ondelete="CASCADE"), primary_key=True)
    carer_id: Mapped[int] = mapped_column(
        ForeignKey("carers.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    segments: Mapped[JsonDict] = mapped_column(Json, default=dict)
    """Coarse segments frozen at launch: the household's type, years fostered in bands."""
    took_part: Mapped[bool] = mapped_column(default=False)
    asked_at: Mapped[datetime | None]
    """In a round that asks people as something happens: when they were asked. Never when they answered."""


class SealedDraft(Base):
    """Where one person stands in an open anonymous round, readable only with the round's key."""

    __tablename__ = "sealed_drafts"
    __table_args__ = (UniqueConstraint("round_id", "owner"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id", ondelete="CASCADE"))
    owner: Mapped[str] = mapped_column(String(64))
    """A hash of the carer keyed with the round's key: useless once the key is destroyed."""
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    submitted: Mapped[bool] = mapped_column(default=False)


class NamedDraft(Base):
    """Where one carer stands in a named round."""

    __tablename__ = "named_drafts"

    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id", ondelete="CASCADE"), primary_key=True)
    carer_id: Mapped[int] = mapped_column(ForeignKey("carers.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, default=0)
    answers: Mapped[JsonDict] = mapped_column(Json, default=dict)
    submitted: Mapped[bool] = mapped_column(default=False)


class Response(Base):
    """One completed answer sheet, by question. ``carer_id`` and ``segments`` only in named rounds.

    The rows of an anonymous round are written in one go at its close, shuffled, with random keys.
    """

    __tablename__ = "responses"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id", ondelete="CASCADE"), index=True)
    carer_id: Mapped[int | None] = mapped_column(ForeignKey("carers.id", ondelete="CASCADE"), index=True)
    segments: Mapped[JsonDict] = mapped_column(Json, default=dict)
    answers: Mapped[JsonDict] = mapped_column(Json)


class Comment(Base):
    """A free-text answer, apart from the sheet that it came with and from any segment."""

    __tablename__ = "survey_comments"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id", ondelete="CASCADE"), index=True)
    carer_id: Mapped[int | None] = mapped_column(ForeignKey("carers.id", ondelete="CASCADE"), index=True)
    question: Mapped[str] = mapped_column(String(64))
    text: Mapped[str]
