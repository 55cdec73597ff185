"""Long work that staff asked for in the console: it goes on when they leave the page."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, deferred, mapped_column

from storage.base import Base, BigId, text_enum
from storage.types import Json, JsonDict


class WorkState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    """It came to an answer, and the answer is no: ``outcome`` says why."""
    FAILED = "failed"


class Work(Base):
    """One piece of long work. What it changes is in one transaction with its end, so a crash leaves nothing
    half done: ``beat_at`` stands still then, and it is said to have been interrupted.

    ``params`` and ``outcome`` hold references, counts and words of ours, never what a carer wrote; while it
    goes on, also what somebody looked for. ``file`` is what it made, until ``kept_until``.
    """

    __tablename__ = "works"
    __table_args__ = (Index("ix_works_asked_by_id_asked_at", "asked_by_id", "asked_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    params: Mapped[JsonDict] = mapped_column(Json, default=dict)
    state: Mapped[WorkState] = mapped_column(text_enum(WorkState), default=WorkState.WAITING, index=True)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    asked_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    beat_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    """When whoever asked for it saw the end of it."""
    done: Mapped[int] = mapped_column(Integer, default=0)
    total: Mapped[int | None] = mapped_column(Integer)
    outcome: Mapped[JsonDict] = mapped_column(Json, default=dict)
    file: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    file_name: Mapped[str] = mapped_column(String(120), default="")
    kept_until: Mapped[datetime | None]
