"""What `hearthline mail` does: takes mails in, and acts on those that tell us something."""

import mailbox
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from email import message_from_bytes
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.mail_reports import LARGEST, CalendarAnswer, Report, read_mail
from bot.mail_settings import usable
from bot.mail_signature import Mark, Marks
from broadcasts.bounces import Noted, Recipient, note_bounce, recipient_of_mail
from carers.people import Carer
from events.calendar_replies import take_reply
from storage.deliveries import Delivery
from storage.engine import Database, Session

STANDARD_INPUT = "-"
NOT_OURS = "not for us"
UNREADABLE = "that cannot be read"
TAKEN = "answers of calendars taken"
NOT_TAKEN = "answers of calendars that change nothing"
_WORDS = {
    Noted.NOTHING: "known already",
    Noted.DELAYED: "late, still on their way",
    Noted.FAILED: "mails not delivered",
    Noted.ADDRESS_GONE: "addresses that take no mail any more",
}


async def take_in(database: Database, content: bytes, marks: Marks, now: datetime, zone: ZoneInfo) -> str:
    """Act on one mail, in one transaction; what came of it, in words for a count."""
    try:
        read = read_mail(message_from_bytes(content), marks)
    except Exception:  # noqa: BLE001 - anybody may send anything, and it must not hold up the mails behind it
        return UNREADABLE
    if read is None:
        return NOT_OURS
    async with database.write() as session:
        if isinstance(read, Report):
            return await _take_report(session, read, marks, now)
        return await _take_answer(session, read, marks, now, zone)


async def take_all(
    database: Database, sources: list[str], marks: Marks, now: datetime, zone: ZoneInfo
) -> Counter[str]:
    """Act on every mail of these sources: how many there were of each. Raises ``OSError``.

    What is new in a Maildir is moved to what is read once it is done: a crash costs a second look at one
    mail, which changes nothing.
    """
    counts: Counter[str] = Counter()
    for source in sources:
        for content, done in mails_of(source):
            counts[await take_in(database, content, marks, now, zone)] += 1
            done()
    return counts


def mails_of(source: str) -> Iterator[tuple[bytes, "Done"]]:
    """The mails of a source, each with what is to be called when it is dealt with: standard input for ``-``,
    what is new in a Maildir folder, a file in the mbox format, or a file that is one mail."""
    if source == STANDARD_INPUT:
        yield sys.stdin.buffer.read(LARGEST), Done()
        return
    path = Path(source)
    if path.is_dir():
        if not (path / "new").is_dir():
            raise NotADirectoryError(f"{source} is no Maildir: it has no folder called new")
        yield from _of_maildir(path)
        return
    with path.open("rb") as file:
        is_mbox = file.read(5) == b"From "
        file.seek(0)
        if not is_mbox:
            yield file.read(LARGEST), Done()
            return
    box = mailbox.mbox(path, create=False)
    for key in box.iterkeys():
        yield box.get_bytes(key)[:LARGEST], Done()


def _of_maildir(path: Path) -> Iterator[tuple[bytes, "Done"]]:
    for new in sorted((path / "new").iterdir()):
        with suppress(FileNotFoundError):  # another program moved it meanwhile
            with new.open("rb") as file:
                content = file.read(LARGEST)
            yield content, Done(new, path / "cur" / f"{new.name}:2,S")


class Done:
    """Moves a mail to where those lie that have been read, if it lies anywhere."""

    def __init__(self, old: Path | None = None, new: Path | None = None) -> None:
        self._old, self._new = old, new

    def __call__(self) -> None:
        if self._old is not None and self._new is not None:
            with suppress(FileNotFoundError):
                self._new.parent.mkdir(exist_ok=True)
                self._old.rename(self._new)


async def _take_report(session: Session, report: Report, marks: Marks, now: datetime) -> str:
    delivery_id = report.mark.delivery_id or 0
    recipient = await recipient_of_mail(session, delivery_id)
    same = recipient is not None and _is_theirs(report.mark, recipient, marks)
    noted = await note_bounce(session, delivery_id, report.bounce, report.reason, now, same_address=same)
    return _WORDS[noted]


async def _take_answer(
    session: Session, answer: CalendarAnswer, marks: Marks, now: datetime, zone: ZoneInfo
) -> str:
    mark, carer_id = answer.mark, answer.mark.carer_id
    if mark.delivery_id is not None:
        delivery = await session.get(Delivery, mark.delivery_id)
        carer_id = delivery.carer_id if delivery is not None else None
    carer = await session.get(Carer, carer_id) if carer_id is not None else None
    if carer is None or not _is_theirs(mark, carer, marks):
        return NOT_OURS
    outcome = await take_reply(session, answer.text, mark.delivery_id, carer.id, now, zone)
    return NOT_OURS if outcome is None else TAKEN if outcome.changed else NOT_TAKEN


def _is_theirs(mark: Mark, whose: Recipient, marks: Marks) -> bool:
    """Whether the mark was made for the address that they have now."""
    return bool(whose.email) and mark.trace == marks.trace_of(usable(whose.email or "") or whose.email or "")
