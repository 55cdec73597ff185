"""Erasing a carer: asked for by them, decided by staff, done in one transaction.

What was held of the person goes. The row stays with its number, household, year of birth, answers to
invitations and attendance, so that every statistic is the same before and after; answers of named surveys
stay without whose they are. What was sent in an anonymous survey cannot be found and stays. An import of the
register never fills the row again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from broadcasts.queue import Recipient, queue_notice, queue_reply
from care.answers import ANSWER_TOPIC
from carers.audit import record
from carers.linking import leave_chat
from carers.pages import end_links, switch_feed_off
from carers.people import Carer, Role, StaffMember
from storage import erasure
from storage.conversations_queries import staff_to_tell
from storage.engine import Database, Session
from storage.leases_queries import fact, set_fact
from storage.scrubbing import forget_fact, take_off_the_disk
from surveys.forgetting import forget_begun
from surveys.keys import RoundKeys

DECIDE_WITHIN = timedelta(days=30)
"""A request is answered within a month (article 12(3) UK GDPR)."""
LATEST = 20
_DECIDE = (Role.MANAGER, Role.ADMINISTRATOR)
_TELL_FOR = timedelta(days=7)
_ON_THE_DISK = "erased_on_the_disk"


class Erased(StrEnum):
    """What came of it."""

    ERASED = "erased"
    ALREADY = "already"
    NOT_FOUND = "not_found"
    NOT_SURE = "not_sure"
    """The carer's number was not typed as it is."""


@dataclass(frozen=True, slots=True)
class Request:
    """A carer who asked to be erased. Times are UTC; ``decide_by``: when the month is over."""

    carer_id: int
    ref: str
    name: str
    household: str
    asked_at: datetime
    decide_by: datetime


@dataclass(frozen=True, slots=True)
class Preview:
    """What would go and what would stay, counted now; ``asked_at`` null: they did not ask in the bot.

    ``goodbye``: they get a last message in the chat.
    """

    carer_id: int
    ref: str
    name: str
    household: str
    asked_at: datetime | None
    goes: Mapping[str, int]
    stays: Mapping[str, int]
    goodbye: bool


async def ask(session: Session, carer: Carer, now: datetime, address: str = "") -> bool:
    """The carer asks to be erased; managers and administrators are told. False if they had asked before.

    ``address``: where the console is, null where staff cannot open it from outside.
    """
    if carer.erasure_asked_at is not None:
        return False
    carer.erasure_asked_at = now
    await session.flush()
    await queue_notice(
        session,
        "staff_alert",
        [Recipient(staff_id=staff_id) for staff_id in await staff_to_tell(session, _DECIDE)],
        about=f"erasure:{carer.id}:{int(now.timestamp())}",
        now=now,
        send_by=now + _TELL_FOR,
        params={
            "text": "alert_erasure_asked",
            "carer": carer.ref,
            "url": f"{address}/erasures" if address.startswith("https://") else "",
        },
    )
    return True


async def take_back(session: Session, carer: Carer, now: datetime) -> bool:
    """The carer wants to stay after all; False if they had not asked."""
    if carer.erasure_asked_at is None:
        return False
    carer.erasure_asked_at = None
    await session.flush()
    return True


async def requests(session: Session) -> list[Request]:
    """Who asked and waits for an answer, the longest first."""
    return [
        Request(
            carer.id,
            carer.ref,
            _name(carer),
            carer.household.ref,
            carer.erasure_asked_at,
            carer.erasure_asked_at + DECIDE_WITHIN,
        )
        for carer in await erasure.who_asked(session)
        if carer.erasure_asked_at is not None
    ]


async def lately_erased(session: Session) -> Sequence[tuple[str, datetime]]:
    """The numbers of who was erased last, and when; the latest first."""
    erased = await erasure.latest_erased(session, LATEST)
    return [(carer.ref, carer.erased_at) for carer in erased if carer.erased_at is not None]


async def preview(session: Session, carer_id: int) -> Preview | None:
    """What erasing this carer would do; None for nobody, and for who is erased already."""
    carer = await erasure.carer_at_home(session, carer_id, lock=False)
    if carer is None or carer.erased_at is not None:
        return None
    return Preview(
        carer.id,
        carer.ref,
        _name(carer),
        carer.household.ref,
        carer.erasure_asked_at,
        await erasure.count_parts(session, carer.id),
        await erasure.count_what_stays(session, carer.id),
        goodbye=await _has_own_chat(session, carer),
    )


async def refuse(session: Session, carer_id: int, by: StaffMember, now: datetime) -> bool:
    """Take a request off the list, settled otherwise with the carer; False if there is none."""
    carer = await erasure.carer_at_home(session, carer_id)
    if carer is None or not await take_back(session, carer, now):
        return False
    await record(session, now, by, "carer.erasure_refused", f"carer:{carer.ref}")
    return True


async def erase(
    session: Session, carer_id: int, typed: str, keys: RoundKeys, by: StaffMember, now: datetime
) -> Erased:
    """Erase a carer for good. ``typed``: their number, as whoever decides typed it once more.

    In one transaction: a crash leaves either all or nothing. The goodbye is queued in it and needs only the
    chat, which is forgotten with it once it has gone out.
    """
    carer = await erasure.carer_at_home(session, carer_id)
    if carer is None:
        return Erased.NOT_FOUND
    if carer.erased_at is not None:
        return Erased.ALREADY
    if typed.strip().casefold() != carer.ref.casefold():
        return Erased.NOT_SURE
    alone = await _has_own_chat(session, carer)
    chat_id, language, name = carer.chat_id, str(carer.language), _name(carer)
    await forget_begun(session, carer, keys)
    await leave_chat(session, carer, now)
    await end_links(session, carer)
    switch_feed_off(carer)
    await erasure.forget_unsent_answers(session, carer.id, ANSWER_TOPIC)
    await erasure.forget_parts(session, carer.id)
    await erasure.forget_name(session, name, carer.ref)
    if chat_id is not None:
        await erasure.forget_raw_updates(session, chat_id)
    if chat_id is not None and alone:
        await erasure.forget_chat(session, chat_id)
        await queue_reply(session, chat_id, "erased", {}, language=language, now=now)
    _empty(carer, now)
    await session.flush()
    await record(session, now, by, "carer.erase", f"carer:{carer.ref}")
    await set_fact(session, _ON_THE_DISK, {}, now)
    return Erased.ERASED


async def clear_the_disk(database: Database, now: datetime) -> int:
    """After an erasure: take off the disk, too, what the rows held. It is tried until it is done, and a crash
    costs another try. Returns 0: nothing to send comes of it."""
    async with database.read() as session:
        wanted = await fact(session, _ON_THE_DISK)
    if wanted is not None and await take_off_the_disk(database):
        async with database.write() as session:
            await forget_fact(session, wanted)
    return 0


async def forget_late_traces(session: Session, now: datetime) -> int:
    """For the daily purge: what was written down of a message that was on its way during an erasure."""
    return await erasure.forget_late_traces(session)


def _empty(carer: Carer, now: datetime) -> None:
    """The row as it stays: number, household, main carer, year of birth, language, which statistics read."""
    carer.first_name = carer.last_name = ""
    carer.email = carer.phone = carer.channel = None
    carer.language_chosen = False
    carer.chat_id = carer.linked_at = carer.stopped_at = carer.paused_until = None
    carer.quiet_from = carer.quiet_until = None
    carer.unreachable_since = carer.unreachable_reason = None
    carer.email_failed_at = carer.email_failed_reason = None
    carer.erasure_asked_at, carer.erased_at = None, now


async def _has_own_chat(session: Session, carer: Carer) -> bool:
    return carer.chat_id is not None and not await erasure.is_anothers_chat(session, carer.chat_id, carer.id)


def _name(carer: Carer) -> str:
    return f"{carer.first_name} {carer.last_name}".strip()


__all__ = [
    "Erased",
    "Preview",
    "Request",
    "ask",
    "clear_the_disk",
    "erase",
    "forget_late_traces",
    "lately_erased",
    "preview",
    "refuse",
    "requests",
    "take_back",
]
