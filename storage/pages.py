"""The short codes on letters, each of which opens one of a carer's pages."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, BigId


class PageCode(Base):
    """A code that somebody reads off paper and types. ``code_hash`` is made with the service's secret key:
    a code is short enough to be guessed from a plain hash.

    ``purpose`` and ``about`` say which page it opens; see `carers.pages`. ``number``: the carer's
    ``page_number`` when it was given out, so that what ends their links ends their codes.
    """

    __tablename__ = "page_codes"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    carer_id: Mapped[int] = mapped_column(ForeignKey("carers.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    purpose: Mapped[str] = mapped_column(String(20))
    about: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
