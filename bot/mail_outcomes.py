"""What a mail server's answer means for a delivery: the one place where that is told, and in which words.

By the stage first, since the same number says different things of the sender, of one address and of one
message; then by type; then by RFC 3463's code where the server gives one, for it says why. No text of a
server goes any further: most of them quote the address.
"""

import re
import ssl
from datetime import timedelta
from enum import IntEnum

from aiosmtplib.errors import SMTPException, SMTPResponseException, SMTPTimeoutError

from broadcasts.sender import FLOOD, NOT_CONNECTED, Outcome, Refused, Retry, Unknown, Unreachable


class Stage(IntEnum):
    """How far a mail had come when it failed."""

    CONNECT = 1
    """Until the server has said hello."""
    ENCRYPT = 2
    LOGIN = 3
    SENDER = 4
    RECIPIENT = 5
    DATA = 6
    """The server was asked to take the message, and nothing of it has gone out."""
    BODY = 7
    """The message went out: from here on it may have been taken, whatever came after."""


WRONG_PASSWORD = "wrong_password"  # noqa: S105 - the name of a reason
NO_LOGIN = "no_login"
LOGIN_NEEDED = "login_needed"
NOT_ENCRYPTED = "not_encrypted"
CERTIFICATE = "certificate"
SENDER_REFUSED = "sender_refused"
TURNED_AWAY = "turned_away"
BUSY = "busy"
NO_SUCH_ADDRESS = "no_such_address"
MAILBOX_OFF = "mailbox_disabled"
MAILBOX_FULL = "mailbox_full"
NOT_AN_ADDRESS = "not_an_address"

CONNECT_WAIT = timedelta(seconds=2)
BUSY_WAIT = timedelta(minutes=1)
"""Servers that put off strangers at first want to be asked again after a minute or more."""
SET_UP_WAIT = timedelta(minutes=5)
"""Until what only a person can put right is tried again: oftener, and some servers lock the account."""

_IN_WORDS = {
    NOT_CONNECTED: (
        "the mail server cannot be reached, or does not answer as one: check HEARTHLINE_SMTP_URL (port 465 "
        "wants smtps://) and the network"
    ),
    WRONG_PASSWORD: "the mail server does not take the user and password of HEARTHLINE_SMTP_URL",
    NO_LOGIN: "the mail server offers no login that Hearthline knows, but HEARTHLINE_SMTP_URL has a user",
    LOGIN_NEEDED: "the mail server wants a user and a password: add them to HEARTHLINE_SMTP_URL",
    NOT_ENCRYPTED: (
        "the mail server does not encrypt as HEARTHLINE_SMTP_URL says: check the port and whether it is "
        "smtp:// or smtps://, or add ?starttls=no where the network is trusted"
    ),
    CERTIFICATE: (
        "the mail server's certificate is not one that this machine trusts, or is for another name: check "
        "the host in HEARTHLINE_SMTP_URL, or name the authority in SSL_CERT_FILE"
    ),
    SENDER_REFUSED: "the mail server takes no mail from the address of HEARTHLINE_MAIL_FROM",
    TURNED_AWAY: "the mail server turns Hearthline away: may this machine send through it?",
    FLOOD: "the mail server asks for fewer mails: lower HEARTHLINE_MAIL_RATE",
    BUSY: "the mail server asks to come back later",
}

_ENHANCED = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")
_NOT_THERE = {"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"}
_SENDER_AT_FAULT = {"5.1.7", "5.1.8", "5.7.60"}
_FULL = {"5.2.2"}
_OFF = {"5.2.1"}


def outcome_of(error: Exception, stage: Stage) -> Outcome:
    """The outcome that a failure at this stage stands for."""
    match error:
        case ssl.SSLCertVerificationError():
            return _everyone(CERTIFICATE)
        case ssl.SSLError() if stage <= Stage.ENCRYPT:
            return _everyone(NOT_ENCRYPTED)
        case SMTPResponseException(code=code) if 400 <= code < 600:
            return _of_answer(code, _enhanced(error), stage)
        case SMTPException() if isinstance(error.__cause__, ssl.SSLError):
            return outcome_of(error.__cause__, stage)
        case SMTPTimeoutError() | OSError() | SMTPResponseException():
            # Away, reset, silent, or an answer that is no answer.
            return Unknown("no_answer") if stage is Stage.BODY else _away()
        case SMTPException() if stage is Stage.ENCRYPT:
            return _everyone(NOT_ENCRYPTED)
        case SMTPException() if stage is Stage.LOGIN:
            return _everyone(NO_LOGIN)
        case _:
            # A fault of ours. Nothing was asked of the server, unless the message had gone out.
            name = type(error).__name__
            return Unknown(name) if stage is Stage.BODY else Refused(f"fault:{name}"[:80])


def explain(reason: str) -> str:
    """What a reason for which all mail waits means to whoever runs the service."""
    return _IN_WORDS.get(reason, f"the mail server makes mail wait ({reason})")


def bounced(status: str) -> tuple[bool, str]:
    """Whether the address is gone, by RFC 3463's code in the report of a mail that came back; and why."""
    if status in _FULL:
        return False, MAILBOX_FULL
    if status in _NOT_THERE:
        return True, NO_SUCH_ADDRESS
    if status in _OFF:
        return True, MAILBOX_OFF
    if status == "5.4.4":
        return True, "no_such_server"
    return False, f"rejected:{status}"


def _of_answer(code: int, enhanced: str, stage: Stage) -> Outcome:
    if code == 421:
        return Retry(BUSY_WAIT, FLOOD, everyone=True) if enhanced.startswith("4.7.") else _away()
    match stage:
        case Stage.CONNECT | Stage.ENCRYPT:
            return _away() if code < 500 else _everyone(TURNED_AWAY)
        case Stage.LOGIN:
            return _away() if code < 500 else _everyone(WRONG_PASSWORD)
        case Stage.SENDER:
            return _of_sender(code, enhanced)
        case Stage.RECIPIENT:
            return _of_recipient(code, enhanced)
        case _:
            return _of_message(code, enhanced)


def _of_sender(code: int, enhanced: str) -> Outcome:
    """The server has not seen the recipient yet: this would meet everybody, but for one message's size."""
    if code < 500:
        return Retry(BUSY_WAIT, FLOOD if code == 450 else BUSY, everyone=True)
    if code == 552 or enhanced.startswith("5.3."):
        return _refused(code, enhanced)
    return _everyone(LOGIN_NEEDED if code == 530 else SENDER_REFUSED)


def _of_recipient(code: int, enhanced: str) -> Outcome:
    if code < 500:
        return Retry(BUSY_WAIT, f"{BUSY}:{enhanced or code}")
    if code == 530:
        return _everyone(LOGIN_NEEDED)
    if enhanced in _SENDER_AT_FAULT:
        return _everyone(SENDER_REFUSED)
    if enhanced in _FULL or (code == 552 and not enhanced):
        return Refused(MAILBOX_FULL)
    if enhanced in _OFF:
        return Unreachable(MAILBOX_OFF)
    if enhanced.startswith("5.1.") or (not enhanced and code in (550, 551, 553)):
        return Unreachable(NO_SUCH_ADDRESS)
    return _refused(code, enhanced)


def _of_message(code: int, enhanced: str) -> Outcome:
    if code < 500:
        return Retry(BUSY_WAIT, f"{BUSY}:{enhanced or code}")
    if enhanced in _NOT_THERE:
        return Unreachable(NO_SUCH_ADDRESS)
    if enhanced in _OFF:
        return Unreachable(MAILBOX_OFF)
    if enhanced in _FULL:
        return Refused(MAILBOX_FULL)
    return _refused(code, enhanced)


def _enhanced(error: SMTPResponseException) -> str:
    """RFC 3463's code at the start of an answer, or nothing."""
    found = _ENHANCED.match(str(error.message))
    return found[1] if found else ""


def _refused(code: int, enhanced: str) -> Refused:
    return Refused(f"rejected:{enhanced or code}")


def _away() -> Retry:
    return Retry(CONNECT_WAIT, NOT_CONNECTED, everyone=True)


def _everyone(reason: str) -> Retry:
    return Retry(SET_UP_WAIT, reason, everyone=True)
