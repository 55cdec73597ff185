"""How long everything is kept: one table that the purge follows, the console shows and the documents repeat.

The bot is not the statutory record of an approval, which is kept elsewhere: what is not needed here goes.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from broadcasts.attachments import forget_abandoned
from care.check_ins import forget_old_check_ins
from care.erasure import forget_late_traces
from care.inbox import forget_old_messages
from care.nominations import forget_old_words
from carers.linking import leave_chat
from carers.register_drafts import forget_register_drafts
from carers.register_file import forget_ended
from carers.sign_in import forget_expired_sign_ins
from carers.works import forget_old_works
from events.rsvp import purge_needs
from storage import retention
from storage.engine import Session
from storage.households_queries import connected_whose_approval_ended
from storage.inbox_queries import delete_handled_updates
from storage.leases_queries import fact, set_fact
from storage.pages_queries import forget_codes

LONDON = ZoneInfo("Europe/London")
DAY = timedelta(days=1)
YEAR = timedelta(days=365.25)
COMMENTS_KEPT_FOR = 90 * DAY
UPDATES_KEPT_FOR = 7 * DAY
CODES_KEPT_FOR = 30 * DAY
LINKS_KEPT_FOR = 30 * DAY
STRANGERS_KEPT_FOR = 90 * DAY
QUESTIONS_KEPT_FOR = 90 * DAY
ALERTS_KEPT_FOR = 90 * DAY
CHECK_INS_KEPT_FOR = 2 * YEAR
CHATS_KEPT_FOR = 90 * DAY
_LAST = "purged"


@dataclass(frozen=True, slots=True)
class Keeping:
    """What a service decides itself: its time zone, and for how many years the audit log is kept."""

    zone: ZoneInfo = LONDON
    audit_years: int = 6


Purge = Callable[[Session, datetime, Keeping], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Period:
    """One row of the table. ``kept`` in words; ``why`` that long; ``purge`` deletes and returns how much."""

    key: str
    what: str
    kept: str
    why: str
    purge: Purge


def _simply(purge: Callable[[Session, datetime], Awaitable[int]]) -> Purge:
    async def run(session: Session, now: datetime, keeping: Keeping) -> int:
        return await purge(session, now)

    return run


def _after(age: timedelta, purge: Callable[[Session, datetime], Awaitable[int]]) -> Purge:
    """What takes the moment before which things are too old."""

    async def run(session: Session, now: datetime, keeping: Keeping) -> int:
        return await purge(session, now - age)

    return run


async def _who_left(session: Session, now: datetime, keeping: Keeping) -> int:
    return await forget_ended(session, now, keeping.zone)


async def _chats_of_who_left(session: Session, now: datetime, keeping: Keeping) -> int:
    ended = (now - CHATS_KEPT_FOR).astimezone(keeping.zone).date()
    connected = await connected_whose_approval_ended(session, ended)
    for carer in connected:
        await leave_chat(session, carer, now)
    return len(connected)


async def _old_check_ins(session: Session, now: datetime, keeping: Keeping) -> int:
    return await forget_old_check_ins(session, (now - CHECK_INS_KEPT_FOR).astimezone(keeping.zone).date())


async def _old_audit(session: Session, now: datetime, keeping: Keeping) -> int:
    return await retention.delete_audit_entries(session, now - keeping.audit_years * YEAR)


def periods(keeping: Keeping) -> tuple[Period, ...]:
    """The whole table, in the order in which it is followed and shown."""
    years = f"{keeping.audit_years} {'year' if keeping.audit_years == 1 else 'years'}"
    return (
        Period(
            "contacts",
            "names, email addresses and telephone numbers of carers who have left",
            "until the day they leave",
            "nobody is told anything after that but the exit interview, for which an email address stays a"
            " day longer; their row stays for the statistics",
            _who_left,
        ),
        Period(
            "chats",
            "connections of carers whose approval has ended to their chats",
            "90 days after it ended",
            "until then an end that was a mistake disconnects nobody, and they can ask something",
            _chats_of_who_left,
        ),
        Period(
            "needs",
            "access and dietary needs",
            "within 7 days after the event",
            "they are for the organiser of that one event",
            _simply(purge_needs),
        ),
        Period(
            "messages",
            "messages between carers and the service",
            "90 days",
            "long enough to answer and to look back once",
            _simply(forget_old_messages),
        ),
        Period(
            "nominations",
            "names and words of nominations",
            "90 days",
            "by then they have been read; what staff wrote to be read out stays",
            _simply(forget_old_words),
        ),
        Period(
            "comments",
            "comments on events",
            "90 days",
            "by then they have been read; the rating stays",
            _after(COMMENTS_KEPT_FOR, retention.forget_feedback_comments),
        ),
        Period(
            "check-ins",
            "notes that staff spoke to a household, or tried to",
            "2 years",
            "long enough to see from whom nobody has heard; what was said is in the records kept elsewhere",
            _old_check_ins,
        ),
        Period(
            "alerts",
            "alerts to staff, which name a carer",
            "90 days",
            "as long as the message that one tells of",
            _after(ALERTS_KEPT_FOR, retention.delete_alerts),
        ),
        Period(
            "strangers",
            "names of people who wrote without a link",
            "90 days after they last wrote",
            "staff have let them in by then, or never will",
            _after(STRANGERS_KEPT_FOR, retention.delete_strangers),
        ),
        Period(
            "drafts",
            "register files that were uploaded and not taken in",
            "1 day",
            "they are full of names, and can be uploaded again",
            _simply(forget_register_drafts),
        ),
        Period(
            "works",
            "files that long work in the console made, and that there was such work",
            "1 day the file, 30 days the rest",
            "a file can be made again; the rest says nothing of a carer",
            _simply(forget_old_works),
        ),
        Period(
            "links",
            "personal links that were used or revoked",
            "30 days",
            "until then whoever opens one again is told what has become of it",
            _after(LINKS_KEPT_FOR, retention.delete_spent_links),
        ),
        Period(
            "codes",
            "codes on letters",
            "30 days after they ran out",
            "until then whoever types one is told that it is too old",
            _after(CODES_KEPT_FOR, forget_codes),
        ),
        Period(
            "questions",
            "steps in a chat that nobody finished",
            "90 days",
            "who has not gone on by then begins anew",
            _after(QUESTIONS_KEPT_FOR, retention.delete_conversations),
        ),
        Period(
            "attempts",
            "wrong links that were tried",
            "1 day",
            "guessing is slowed by counting those of an hour",
            _after(DAY, retention.delete_attempts),
        ),
        Period(
            "sign-ins",
            "sign-in links and console sessions of staff",
            "until they end",
            "they open nothing any more",
            _simply(forget_expired_sign_ins),
        ),
        Period(
            "updates",
            "numbers of updates from Telegram that were handled",
            "7 days",
            "Telegram sends none again after a day; what they said is wiped at once",
            _after(UPDATES_KEPT_FOR, delete_handled_updates),
        ),
        Period(
            "files",
            "pictures and files that no message and no event uses",
            "7 days",
            "somebody may still be writing the message that they are for",
            _simply(forget_abandoned),
        ),
        Period(
            "late traces",
            "traces of a message that was on its way while its carer was erased",
            "until the next night",
            "its result comes after the erasure",
            _simply(forget_late_traces),
        ),
        Period(
            "audit",
            "the audit log",
            years,
            "the service decides (HEARTHLINE_AUDIT_YEARS)",
            _old_audit,
        ),
    )


@dataclass(frozen=True, slots=True)
class LastPurge:
    """When the purge ran last (UTC), and how much of each went."""

    at: datetime
    counts: Mapping[str, int]


async def purge(session: Session, now: datetime, keeping: Keeping) -> dict[str, int]:
    """Delete all that has been kept long enough; how much of each, by its key."""
    return {period.key: await period.purge(session, now, keeping) for period in periods(keeping)}


async def note_purge(session: Session, counts: Mapping[str, int], now: datetime) -> None:
    """Write down what the purge has deleted, for staff to see."""
    await set_fact(session, _LAST, {"counts": dict(counts)}, now)


async def last_purge(session: Session) -> LastPurge | None:
    """What was deleted last; None where the purge has not run yet."""
    noted = await fact(session, _LAST)
    return LastPurge(noted.updated_at, noted.value["counts"]) if noted is not None else None
