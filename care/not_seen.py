"""Not seen: households from which nobody has heard for two quarters, so that somebody rings or calls.

A person decides what that means. There is no score: the list is by social worker, and in it by how long ago
the last contact was and by number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from storage import not_seen_queries as queries
from storage.engine import Session
from storage.household_queries import names_of
from storage.households import Household
from storage.not_seen_queries import NO_WORKER, LastContacts, Tried, Window, count_by_worker

QUARTERS = relativedelta(months=6)
COUNTED = 100
"""Nobody needs to know beyond that how many there are."""


@dataclass(frozen=True, slots=True)
class Contact:
    """The last contact: on which local day, and in what it consisted, of `WHAT`."""

    on: date
    what: str


@dataclass(frozen=True, slots=True)
class NotSeen:
    """A household without contact. ``last`` null: none is known since its approval. ``carers``: the names, or
    numbers, of those who belong to it, each with their id; ``phones`` those that the register has."""

    household_id: int
    ref: str
    carers: Sequence[tuple[int, str]]
    phones: Sequence[str]
    social_worker_id: int | None
    approved_on: date
    on_hold: bool
    last: Contact | None

    @property
    def name(self) -> str:
        return " and ".join(name for _, name in self.carers) or self.ref


def window(now: datetime, zone: ZoneInfo) -> Window:
    """The two quarters up to now: what happened after the day six months ago counts."""
    today = now.astimezone(zone).date()
    since = today - QUARTERS
    start = datetime.combine(since + timedelta(days=1), time(), zone).astimezone(UTC)
    return Window(since, today, start)


async def count_not_seen(
    session: Session, now: datetime, zone: ZoneInfo, social_worker_id: int | None = None
) -> int:
    """How many households were not seen; `COUNTED` where there are as many or more."""
    return await queries.count_not_seen(session, window(now, zone), COUNTED, social_worker_id)


async def not_seen(
    session: Session, now: datetime, zone: ZoneInfo, social_worker_id: int | None = None
) -> list[NotSeen]:
    """Those not seen, of one worker (`NO_WORKER`: of none) or of all; the longest without contact first."""
    found = await queries.households_not_seen(session, window(now, zone), social_worker_id)
    lines = [_line(home, last, now.astimezone(zone).date(), zone) for home, last in found]
    return sorted(lines, key=lambda one: (one.last.on if one.last else one.approved_on, one.name, one.ref))


async def what_was_tried(
    session: Session, lines: Sequence[NotSeen], now: datetime, zone: ZoneInfo
) -> Mapping[int, Tried]:
    """By the household's id, for at most a page of them."""
    ids = [one.household_id for one in lines]
    return await queries.what_was_tried(session, ids, window(now, zone))


def _line(home: Household, last: LastContacts, today: date, zone: ZoneInfo) -> NotSeen:
    there = sorted((one for one in home.carers if one.left_on is None), key=lambda one: not one.main_carer)
    names = names_of(home)
    return NotSeen(
        household_id=home.id,
        ref=home.ref,
        carers=[(carer.id, name) for carer, name in zip(there, names, strict=True)],
        phones=list(dict.fromkeys(one.phone for one in there if one.phone)),
        social_worker_id=home.social_worker_id,
        approved_on=home.approved_on,
        on_hold=home.on_hold_since is not None and home.on_hold_since <= today,
        last=_latest(last, zone),
    )


def _latest(last: LastContacts, zone: ZoneInfo) -> Contact | None:
    moments = {"attended": last.attended, "answered": last.answered, "wrote": last.wrote}
    found = [Contact(at.astimezone(zone).date(), what) for what, at in moments.items() if at is not None]
    if last.spoke is not None:
        found.append(Contact(last.spoke, "spoke"))
    return max(found, key=lambda one: one.on, default=None)


__all__ = [
    "COUNTED",
    "NO_WORKER",
    "Contact",
    "NotSeen",
    "Tried",
    "count_by_worker",
    "count_not_seen",
    "not_seen",
    "what_was_tried",
    "window",
]
