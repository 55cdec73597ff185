"""What the service says about its figures: a few sentences of staff under a section of a year's report.

The figures are made of the data, these words are not: whether a number in them contradicts the data is for
`reports.typed` to ask, and what the writer kept all the same is noted here and printed as what it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from carers.audit import record
from storage.engine import Session
from storage.report_comments import CommentRow, add_comment, change_comment, comments_on, drop_comment
from storage.staff import StaffMember

LONGEST = 2_000
"""Characters of one comment."""


@dataclass(frozen=True, slots=True)
class ServiceComment:
    """One comment as it stands. ``mark`` tells this state of it from any other, of all times."""

    row: CommentRow

    @property
    def text(self) -> str:
        return self.row.text

    @property
    def kept_numbers(self) -> Sequence[str]:
        return self.row.kept_numbers

    @property
    def written_at(self) -> datetime:
        return self.row.written_at

    @property
    def written_by(self) -> str:
        return self.row.written_by or "somebody"

    @property
    def mark(self) -> str:
        return f"{self.row.version}.{self.row.written_at.timestamp():.6f}"


@dataclass(frozen=True, slots=True)
class Place:
    """The section of one year's report; ``year`` is that in which the fostering year begins. ``seen``: the
    mark of what the writer saw, empty where there was nothing."""

    year: int
    section: str
    seen: str

    @property
    def subject(self) -> str:
        return f"report:{self.year}/{(self.year + 1) % 100:02d}"


class Written(StrEnum):
    """What came of it. ``SAME``: it was so already. ``OVERTAKEN``: somebody else wrote meanwhile."""

    DONE = "done"
    SAME = "same"
    OVERTAKEN = "overtaken"


async def service_comments(session: Session, year: int) -> Mapping[str, ServiceComment]:
    """The comments on one year's report, by section."""
    return {row.section: ServiceComment(row) for row in await comments_on(session, year)}


async def write_comment(
    session: Session, place: Place, text: str, kept_numbers: Sequence[str], by: StaffMember, now: datetime
) -> Written:
    """Let this be what the service says there; an empty text takes the comment away.

    ``kept_numbers``: those in the text that were questioned and stay. The audit log notes the place and how
    many numbers were kept, never the words.
    """
    text, kept = text.strip(), list(kept_numbers)
    present = (await service_comments(session, place.year)).get(place.section)
    if (present.text if present else "") == text and (not present or present.kept_numbers == kept):
        return Written.SAME
    if (present.mark if present else "") != place.seen:
        return Written.OVERTAKEN
    values = {"text": text, "kept_numbers": kept, "written_at": now, "written_by_id": by.id}
    if not text and present is not None:
        done = await drop_comment(session, present.row)
    elif present is None:
        done = await add_comment(session, {"year": place.year, "section": place.section, **values})
    else:
        done = await change_comment(session, present.row, values)
    if not done:
        return Written.OVERTAKEN
    deed = "report.comment" if text else "report.uncomment"
    await record(session, now, by, deed, place.subject, section=place.section, kept_numbers=len(kept))
    return Written.DONE
