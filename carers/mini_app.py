"""Signing in from within the app: what it says of who opened the console there, checked and taken once.

The app hands a page that it shows a few fields, signed with a key that is made of the bot's token: nobody but
the bot's owner and the app can make that signature. What is done with it follows the Bot API's chapter
"Validating data received via the Mini App".
"""

import hmac
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from urllib.parse import parse_qsl

from carers.sign_in import sign_in_browser
from storage.engine import Session
from storage.people import staff_of_chat
from storage.staff import SignInWay, StaffMember
from storage.staff_sessions import spend_at_once

LAUNCH_LIVES = timedelta(minutes=5)
"""How long after the app has signed its word it is taken."""

CLOCKS_DIFFER = timedelta(seconds=30)
"""How far ahead of ours the app's clock may be."""

LONGEST_LAUNCH = 8192
_MOST_FIELDS = 32


class LaunchRefusal(StrEnum):
    """Why the app's word signs nobody in."""

    FORGED = "forged"
    """Not signed for this bot, or not whole."""
    OLD = "old"
    TAKEN = "taken"
    """It has signed somebody in already."""
    NOT_STAFF = "not_staff"


@dataclass(frozen=True, slots=True)
class Launch:
    """The app's word, found to be its own. ``chat_id``: of who opened the console. ``signature``: by which it
    is known again. ``made_at`` is aware UTC."""

    chat_id: int
    signature: str = field(repr=False)
    made_at: datetime


def launch_key(bot_token: str) -> bytes:
    """The key with which the app signs for the bot of this token, which cannot be told from it."""
    return hmac.new(b"WebAppData", bot_token.encode(), sha256).digest()


def read_launch(text: str, key: bytes, now: datetime) -> Launch | LaunchRefusal:
    """What the app says, if it is the app that says so, of these last minutes.

    Nothing in it is looked at before its signature is found right.
    """
    fields = _fields(text)
    given = fields.pop("hash", "")
    said = "\n".join(f"{name}={fields[name]}" for name in sorted(fields))
    right = hmac.new(key, said.encode(), sha256).hexdigest()
    if not hmac.compare_digest(right.encode(), given.encode()):
        return LaunchRefusal.FORGED
    made_at, chat_id = _moment(fields.get("auth_date", "")), _user(fields.get("user", ""))
    if made_at is None or chat_id is None:
        return LaunchRefusal.FORGED
    if not -CLOCKS_DIFFER <= now - made_at < LAUNCH_LIVES:
        return LaunchRefusal.OLD
    return Launch(chat_id, right, made_at)


def _fields(text: str) -> dict[str, str]:
    """The fields by name; none where they are not what the app sends.

    A name that stands there twice, or a line break, with which one field could pass for two, is none of it.
    """
    if len(text) > LONGEST_LAUNCH:
        return {}
    try:
        pairs = parse_qsl(
            text, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        return {}
    fields = dict(pairs)
    whole = len(fields) == len(pairs) and not any("\n" in name + value for name, value in pairs)
    return fields if whole else {}


def _moment(text: str) -> datetime | None:
    if not (text.isascii() and text.isdecimal() and len(text) <= 11):
        return None
    return datetime.fromtimestamp(int(text), UTC)


def _user(text: str) -> int | None:
    """The number of the person, which is that of their chat with the bot."""
    try:
        user = json.loads(text)
    except ValueError:
        return None
    number = user.get("id") if isinstance(user, dict) else None
    return number if type(number) is int and 0 < number < 2**63 else None


async def whose_launch(session: Session, launch: Launch) -> StaffMember | None:
    """Whom the launch would sign in, without spending it."""
    return await staff_of_chat(session, launch.chat_id)


async def sign_in_by_app(
    session: Session, launch: Launch, now: datetime, agent: str = ""
) -> tuple[str, StaffMember] | LaunchRefusal:
    """Sign in whose chat it is, if they work here: the new browser's secret, and whose it is.

    The launch is spent: a copy of it, say out of the history of a browser, lets nobody in.
    """
    staff = await whose_launch(session, launch)
    if staff is None:
        return LaunchRefusal.NOT_STAFF
    spent = f"app:{launch.signature}"
    until = launch.made_at + LAUNCH_LIVES
    if not await spend_at_once(
        session, sha256(spent.encode()).hexdigest(), staff.id, SignInWay.MINI_APP, now, until
    ):
        return LaunchRefusal.TAKEN
    return await sign_in_browser(session, staff, SignInWay.MINI_APP, now, agent), staff


__all__ = [
    "CLOCKS_DIFFER",
    "LAUNCH_LIVES",
    "LONGEST_LAUNCH",
    "Launch",
    "LaunchRefusal",
    "launch_key",
    "read_launch",
    "sign_in_by_app",
    "whose_launch",
]
