"""A carer's own pages, which a signed link opens without a password, and the short codes of letters.

A link says who it is for, what it opens and until when, and the service signs it: nothing of it is kept, and
nobody can make one up. It holds the carer's ``page_number`` too; raising that ends every link given out so
far. A code is what a letter has in place of a link that nobody would type. Whether a link is forged, ended,
foreign or of somebody who has left is told apart to nobody but one case: that its time is up.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from itsdangerous import BadData, URLSafeSerializer

from carers.people import Carer
from storage.engine import Session
from storage.households_queries import fosters_no_more
from storage.pages import PageCode
from storage.pages_queries import asked_on_leaving, carer_with_home, code_of_hash

LONGEST_TOKEN = 300
CODE_SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""What codes are made of: nothing that is taken for another on paper (0 and O, 1, I and L) and no U."""
CODE_LENGTH = 10
"""Signs: 49 bits, against which nobody guesses over a network."""


class Purpose(StrEnum):
    """What a link opens, and nothing else."""

    INVITATION = "invitation"
    """One invitation, by its id."""
    FEEDBACK = "feedback"
    """The feedback on one event, by the event's id."""
    SURVEY = "survey"
    """One survey round, by its id."""
    HOME = "home"
    """What is on, the settings, what is held: everything that is the carer's own."""
    UNSUBSCRIBE = "unsubscribe"
    """Turning off one kind of notice, by its place in `carers.topics.Topic`."""


LIVES = {
    Purpose.INVITATION: timedelta(days=400),
    Purpose.FEEDBACK: timedelta(days=60),
    Purpose.SURVEY: timedelta(days=120),
    Purpose.HOME: timedelta(days=180),
    Purpose.UNSUBSCRIBE: timedelta(days=730),
}
"""How long a link opens what it is for; what it is about may be over long before. An invitation can be out
for more than a year, and an unsubscribe link has to work for as long as mail is kept."""


class Shut(StrEnum):
    """Why a link opens nothing."""

    NOT_OURS = "not_ours"
    """Forged, cut off, of another purpose, ended, or of somebody who is no carer any more."""
    TOO_OLD = "too_old"


@dataclass(frozen=True, slots=True)
class Opened:
    """Whose link it is and what it is about; ``about`` is 0 where its purpose needs nothing more.

    ``handed``: not empty where staff had the way in their hands, for they printed a code or made a link for
    the carer. It is another one each time that a code is opened, so it stands for one visit. ``until``: when
    a code ends, and with it the link that it led to; null for a link, which says so itself.
    """

    carer: Carer
    purpose: Purpose
    about: int
    handed: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pages:
    """What makes links. ``address``: where carers find the service, without a slash at the end."""

    secret_key: str
    address: str

    def link(
        self, carer_id: int, number: int, purpose: Purpose, about: int, now: datetime, handed: str = ""
    ) -> str:
        """The address of a page. ``number``: the carer's ``page_number``; ``handed``: as in `Opened`."""
        return f"{self.address}/c/{self.token(carer_id, number, purpose, about, now, handed)}"

    def token(
        self,
        carer_id: int,
        number: int,
        purpose: Purpose,
        about: int,
        now: datetime,
        handed: str = "",
        until: datetime | None = None,
    ) -> str:
        """What stands in the address, until the end of this day (in UTC) or as long as its purpose says."""
        last_day = int((until or now + LIVES[purpose]).timestamp()) // 86400 + 1
        said = [carer_id, number, purpose.value, about, last_day]
        return _signer(self.secret_key).dumps([*said, handed] if handed else said)

    def code_link(self, code: str) -> str:
        """The address that a code opens, for the square on a letter."""
        return f"{self.address}/c/{code.replace('-', '')}"


async def open_page(
    session: Session, token: str, secret_key: str, now: datetime, zone: ZoneInfo, *, hold: bool = False
) -> Opened | Shut:
    """Whose page a token opens. It changes nothing, however often it is opened. ``hold``: something is about
    to be kept of the carer, who is not erased meanwhile."""
    read = _read(token, secret_key)
    if read is None:
        return Shut.NOT_OURS
    carer_id, number, purpose, about, until, handed = read
    carer = await _carer(session, carer_id, number, purpose, about, now, zone, hold)
    if carer is None:
        return Shut.NOT_OURS
    return Shut.TOO_OLD if now.timestamp() >= until * 86400 else Opened(carer, purpose, about, handed)


async def new_code(
    session: Session,
    carer: Carer,
    purpose: Purpose,
    about: int,
    secret_key: str,
    now: datetime,
) -> str:
    """A code for a letter, as it is printed: ``ABCDE-FGHJK``. It works as long as a link would."""
    code = "".join(secrets.choice(CODE_SIGNS) for _ in range(CODE_LENGTH))
    session.add(
        PageCode(
            code_hash=code_hash(code, secret_key),
            carer_id=carer.id,
            number=carer.page_number,
            purpose=purpose.value,
            about=about,
            created_at=now,
            expires_at=now + LIVES[purpose],
        )
    )
    await session.flush()
    return f"{code[:5]}-{code[5:]}"


async def open_code(
    session: Session, typed: str, secret_key: str, now: datetime, zone: ZoneInfo
) -> Opened | Shut:
    """Whose page a code opens, however it was typed: small letters, spaces and hyphens are all the same."""
    code = tidy_code(typed)
    row = await code_of_hash(session, code_hash(code, secret_key)) if code else None
    if row is None:
        return Shut.NOT_OURS
    purpose, about = Purpose(row.purpose), row.about or 0
    carer = await _carer(session, row.carer_id, row.number, purpose, about, now, zone, hold=False)
    if carer is None:
        return Shut.NOT_OURS
    return Shut.TOO_OLD if now >= row.expires_at else Opened(carer, purpose, about, by_hand(), row.expires_at)


def by_hand() -> str:
    """A new `Opened.handed`."""
    return secrets.token_urlsafe(9)


async def end_links(session: Session, carer: Carer) -> None:
    """End every link and code of this carer that was given out so far, and the address of their calendar."""
    carer.page_number += 1
    switch_feed_off(carer)
    await session.flush()


def switch_feed_off(carer: Carer) -> bool:
    """End the address of this carer's calendar feed; false if they have none.

    The number stays, negated: counted from 1 again, a later feed would bring an old address back to life.
    """
    if carer.feed_number is None or carer.feed_number <= 0:
        return False
    carer.feed_number = -carer.feed_number
    return True


def tidy_code(typed: str) -> str:
    """The code in what somebody typed; empty where that cannot be one."""
    code = "".join(sign for sign in typed.upper() if sign not in " -–—\u00a0\t")
    return code if len(code) == CODE_LENGTH and all(sign in CODE_SIGNS for sign in code) else ""


def code_hash(code: str, secret_key: str) -> str:
    """What the database keeps of a code."""
    return hmac.new(secret_key.encode(), b"hearthline code " + code.encode(), hashlib.sha256).hexdigest()


async def _carer(
    session: Session,
    carer_id: int,
    number: int,
    purpose: Purpose,
    about: int,
    now: datetime,
    zone: ZoneInfo,
    hold: bool,
) -> Carer | None:
    """The carer, if their links with this number count and they foster here still; or have left, and the page
    is the survey that asks them about it."""
    found = await carer_with_home(session, carer_id, hold=hold)
    if found is None or found[0].page_number != number:
        return None
    carer, household = found
    if not fosters_no_more(carer, household, now.astimezone(zone).date()):
        return carer
    is_theirs = purpose is Purpose.SURVEY and carer.erased_at is None
    return carer if is_theirs and await asked_on_leaving(session, about, carer_id) else None


def _signer(secret_key: str) -> URLSafeSerializer:
    return URLSafeSerializer(
        secret_key, salt="hearthline carer page", signer_kwargs={"digest_method": hashlib.sha256}
    )


def _read(token: str, secret_key: str) -> tuple[int, int, Purpose, int, int, str] | None:
    """What a token of ours says: carer, number, purpose, about, the day (since 1970) on which it ends, and
    whether staff had it in their hands."""
    if len(token) > LONGEST_TOKEN:
        return None
    try:
        match _signer(secret_key).loads(token):
            case [int(carer_id), int(number), str(purpose), int(about), int(until)]:
                return carer_id, number, Purpose(purpose), about, until, ""
            case [int(carer_id), int(number), str(purpose), int(about), int(until), str(handed)]:
                return carer_id, number, Purpose(purpose), about, until, handed
            case _:
                return None
    except (BadData, ValueError):
        return None


__all__ = [
    "LIVES",
    "Opened",
    "Pages",
    "Purpose",
    "Shut",
    "by_hand",
    "end_links",
    "new_code",
    "open_code",
    "open_page",
    "switch_feed_off",
    "tidy_code",
]
