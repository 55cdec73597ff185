"""The ledger: notices, their deliveries, and the replies that wait to be sent."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, SmallInteger, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, BigId, text_enum
from storage.households import Channel
from storage.types import Json, JsonDict


class DeliveryState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    HELD = "held"
    RETRYING = "retrying"
    UNKNOWN = "unknown"
    FAILED = "failed"
    SKIPPED = "skipped"
    MISSED = "missed"
    CANCELLED = "cancelled"
    RECALLED = "recalled"


SURVEY_REMINDER = "survey_reminder"
"""The kind of a notice that goes to those alone who have not taken part: no list that tells one carer from
another shows it, or it would say who has."""

WAITING = (DeliveryState.QUEUED, DeliveryState.HELD, DeliveryState.RETRYING)
"""States from which a delivery is still sent, once its ``due_at`` has come."""


class Notice(Base):
    """Something to say: the cause of deliveries. ``params`` is what cannot be read live at send time."""

    __tablename__ = "notices"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    """What the notice is about; queueing the same again finds this row."""
    kind: Mapped[str] = mapped_column(String(40), index=True)
    event_id: Mapped[int | None] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), index=True)
    round_id: Mapped[int | None] = mapped_column(ForeignKey("rounds.id", ondelete="CASCADE"), index=True)
    params: Mapped[JsonDict] = mapped_column(Json, default=dict)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    paused_at: Mapped[datetime | None]
    """Since when nothing more of it is sent: too many failures in a row, or staff said so."""
    paused_reason: Mapped[str | None] = mapped_column(String(80))
    topic: Mapped[str | None] = mapped_column(String(40))
    """What a carer can opt out of to be spared it, where neither kind nor event say so."""


class Errand(StrEnum):
    """What is still to be done to a message that went out."""

    DELETE = "delete"
    CORRECT = "correct"


class Delivery(Base):
    """One notice to one recipient: a carer, or a member of staff.

    ``dedupe_key`` makes queueing idempotent. ``due_at`` is the earliest time to send (a held or retrying
    delivery moves it on), ``send_by`` the time from which it is stale and becomes ``missed``.
    ``priority``: lower goes first. ``message_id`` is the Telegram message that it became. ``sent_at`` is when
    the request went out: written with the intent, taken back when nothing was accepted, kept where nobody
    knows. ``attempts`` counts the requests made, ``doubts`` those that were never answered.
    """

    __tablename__ = "deliveries"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    carer_id: Mapped[int | None] = mapped_column(ForeignKey("carers.id", ondelete="CASCADE"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), index=True)
    round_id: Mapped[int | None] = mapped_column(ForeignKey("rounds.id", ondelete="CASCADE"), index=True)
    invitation_id: Mapped[int | None] = mapped_column(
        ForeignKey("invitations.id", ondelete="CASCADE"), index=True
    )
    dedupe_key: Mapped[str] = mapped_column(String(120), unique=True)
    channel: Mapped[str] = mapped_column(String(10), default=Channel.APP)
    """By which way it goes, a `Channel`; or ``phone`` where staff told the carer in place of a letter."""
    priority: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[DeliveryState] = mapped_column(text_enum(DeliveryState), default=DeliveryState.QUEUED)
    reason: Mapped[str | None] = mapped_column(String(80))
    queued_at: Mapped[datetime]
    due_at: Mapped[datetime]
    send_by: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    doubts: Mapped[int] = mapped_column(SmallInteger, default=0)
    chat_id: Mapped[int | None] = mapped_column(BigInteger)
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    sent_at: Mapped[datetime | None]
    errand: Mapped[Errand | None] = mapped_column(text_enum(Errand))
    """A recall or a correction that has been asked for and not been done."""
    errand_at: Mapped[datetime | None]
    """The earliest time to try it."""


class ReplyState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"


class Reply(Base):
    """An answer to what a carer or a member of staff just did in the chat, written in the same transaction.

    The row is deleted once it has gone out: the ledger of deliveries is for what the bot says unasked.
    ``op``: ``send``, ``edit`` (needs ``message_id``), ``delete``, ``document`` or ``toast`` (answers the
    tap ``callback_id``). ``params`` is what the text of that ``kind`` needs, in ``language``.
    """

    __tablename__ = "replies"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    op: Mapped[str] = mapped_column(String(12), default="send")
    kind: Mapped[str] = mapped_column(String(40))
    params: Mapped[JsonDict] = mapped_column(Json, default=dict)
    language: Mapped[str] = mapped_column(String(8), default="en")
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    callback_id: Mapped[str | None] = mapped_column(String(64))
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("invitations.id", ondelete="CASCADE"))
    """Set when the message that goes out becomes the carer's card of this invitation."""
    carer_id: Mapped[int | None] = mapped_column(ForeignKey("carers.id", ondelete="CASCADE"))
    photo: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """For ``edit``: the message is a picture, and its caption is what changes."""
    state: Mapped[ReplyState] = mapped_column(text_enum(ReplyState), default=ReplyState.QUEUED)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    queued_at: Mapped[datetime]
    due_at: Mapped[datetime]
    send_by: Mapped[datetime]


IS_WAITING = text("deliveries.state IN ('queued', 'held', 'retrying')")
IS_SENDING = text("deliveries.state = 'sending'")
IS_TROUBLED = text("deliveries.state IN ('unknown', 'failed', 'missed')")
"""Spelled out, for a database uses a partial index only where it can read the condition in the query."""

_WAITING_ROWS = text("state IN ('queued', 'held', 'retrying')")
_SENDING_ROWS = text("state = 'sending'")

# The ledger keeps every delivery there ever was; these two hold only those that are still to be sent and the
# few in flight, so that what is due is found as fast in the tenth year as in the first.
Index(
    "ix_deliveries_waiting",
    Delivery.channel,
    Delivery.priority,
    Delivery.due_at,
    Delivery.id,
    sqlite_where=_WAITING_ROWS,
    postgresql_where=_WAITING_ROWS,
)
Index("ix_deliveries_sending", Delivery.id, sqlite_where=_SENDING_ROWS, postgresql_where=_SENDING_ROWS)
_NO_WAY_ROWS = text("state = 'skipped' AND reason = 'no_app'")
# What nobody could be told for want of a way: looked through again and again, in case there is one now.
Index("ix_deliveries_no_way", Delivery.send_by, sqlite_where=_NO_WAY_ROWS, postgresql_where=_NO_WAY_ROWS)
_TROUBLED_ROWS = text("state IN ('unknown', 'failed', 'missed')")
# What staff look at on their first page, every day.
Index("ix_deliveries_troubled", Delivery.id, sqlite_where=_TROUBLED_ROWS, postgresql_where=_TROUBLED_ROWS)
_TO_STAFF = text("staff_id IS NOT NULL")
# Few of all: looked through when a colleague's way changes.
Index("ix_deliveries_staff_id", Delivery.staff_id, sqlite_where=_TO_STAFF, postgresql_where=_TO_STAFF)
_ERRANDS = text("errand IS NOT NULL")
Index("ix_deliveries_errands", Delivery.id, sqlite_where=_ERRANDS, postgresql_where=_ERRANDS)
Index(
    "ix_notices_paused",
    Notice.id,
    sqlite_where=text("paused_at IS NOT NULL"),
    postgresql_where=text("paused_at IS NOT NULL"),
)
Index("ix_deliveries_carer_sent", Delivery.carer_id, Delivery.sent_at)
Index("ix_replies_chat", Reply.chat_id, Reply.id)
