"""A carer's private calendar feed: an address that their calendar app reads by itself, every few hours.

The address is a secret that the service signs. It holds the carer's id and the number of their feed: a new
address has a higher number, which ends those before it, and switching the feed off ends them all: the carer
does, and staff who disconnect a telephone or end the carer's links. Whether an address is forged, ended, or
of somebody who has left is told apart to nobody.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from itsdangerous import BadData, URLSafeSerializer

from carers.pages import switch_feed_off
from carers.people import Carer
from events.calendar import calendar_of, changed_at, entry_of, sequence_of, text_of
from events.holds import LONDON
from storage.calendar_queries import entries_of
from storage.engine import Session
from storage.households_queries import fosters_no_more
from storage.pages_queries import carer_with_home

KEPT = timedelta(days=30)
"""How long the feed goes on showing what is over and, as cancelled, what was called off."""
READ_EVERY = timedelta(hours=4)
"""How often calendars are asked to look; many look less often."""
LONGEST_SECRET = 200


@dataclass(frozen=True, slots=True)
class Feeds:
    """What makes addresses of feeds. ``address``: where the service is found by everybody."""

    secret_key: str
    address: str

    def link_of(self, carer: Carer) -> str | None:
        """The address of this carer's feed, if they have one."""
        if not has_feed(carer):
            return None
        secret = _signer(self.secret_key).dumps([carer.id, carer.feed_number])
        return f"{self.address}/calendar/{secret}.ics"


def has_feed(carer: Carer) -> bool:
    return carer.feed_number is not None and carer.feed_number > 0


async def new_feed(session: Session, carer: Carer, now: datetime) -> int:
    """Give this carer a feed, which ends the one they had; returns its number."""
    carer.feed_number = number = abs(carer.feed_number or 0) + 1
    await session.flush()
    return number


async def end_feed(session: Session, carer: Carer, now: datetime) -> bool:
    """Switch this carer's feed off; false if it was off."""
    ended = switch_feed_off(carer)
    await session.flush()
    return ended


async def read(
    session: Session, secret: str, secret_key: str, name: str, now: datetime, zone: ZoneInfo = LONDON
) -> str | None:
    """The feed behind a secret, as iCalendar text; null for a secret that opens nothing.

    ``name``: what a calendar calls it. The same facts make the same text, to the byte.
    """
    found = _opened(secret, secret_key)
    row = await carer_with_home(session, found[0]) if found else None
    if found is None or row is None:
        return None
    carer, household = row
    if fosters_no_more(carer, household, now.astimezone(zone).date()) or carer.feed_number != found[1]:
        return None
    return await _feed(session, carer, name, now)


async def _feed(session: Session, carer: Carer, name: str, now: datetime) -> str:
    calendar = calendar_of(
        entry_of(
            one.event,
            one.invitation,
            sequence_of(one.event, one.invitation, one.taken),
            changed_at(one.event, one.invitation),
            rings=False,
        )
        for one in await entries_of(session, carer, now - KEPT)
    )
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", READ_EVERY, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", _HOURS)
    return text_of(calendar)


_HOURS = f"PT{int(READ_EVERY.total_seconds()) // 3600}H"


def _signer(secret_key: str) -> URLSafeSerializer:
    return URLSafeSerializer(
        secret_key, salt="hearthline calendar feed", signer_kwargs={"digest_method": hashlib.sha256}
    )


def _opened(secret: str, secret_key: str) -> tuple[int, int] | None:
    """The carer's id and the number of the feed; null for what this service has not signed."""
    if len(secret) > LONGEST_SECRET:
        return None
    try:
        match _signer(secret_key).loads(secret):
            case [int(carer_id), int(number)] if number > 0:
                return carer_id, number
            case _:
                return None
    except BadData:
        return None
