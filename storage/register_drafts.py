"""Register files that were uploaded to be looked at, and are not taken in yet."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, BigId


class RegisterDraft(Base):
    """A file as it was uploaded. It is full of names: it goes when it is taken in, when it is put away, and
    after a day at the latest. ``fingerprint`` tells the changes that were shown for it."""

    __tablename__ = "register_drafts"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    fingerprint: Mapped[str] = mapped_column(String(64), default="")
    uploaded_at: Mapped[datetime]
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
