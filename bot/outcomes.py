"""What a failure means for a delivery: the one place where permanent and temporary are told apart.

By type first. Telegram gives several meanings the status 400, so those few are told apart by its description.
python-telegram-bot's ``BadRequest`` is a ``NetworkError``: its order below is not a matter of taste.
"""

from datetime import timedelta

from telegram.error import (
    BadRequest,
    ChatMigrated,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)

from bot.request import NotSent, Rejected, ServerFault
from broadcasts.sender import FLOOD, NOT_CONNECTED, Outcome, Refused, Retry, Sent, Unknown, Unreachable

BAD_TOKEN_WAIT = timedelta(seconds=30)
CONNECT_WAIT = timedelta(seconds=2)

_NOBODY_THERE = {
    "chat not found": "chat_not_found",
    "user not found": "chat_not_found",
    "peer_id_invalid": "chat_not_found",
    "user_deactivated": "deactivated",
}
_DONE_ALREADY = ("message is not modified", "message to delete not found")


def outcome_of(error: TelegramError, message_id: int | None = None) -> Outcome:
    """The outcome that a failed request stands for; ``message_id`` is the message that it was about."""
    match error:
        case RetryAfter():
            return Retry(_wait(error), FLOOD, everyone=True)
        case Forbidden():
            return Unreachable(_why_forbidden(error.message))
        case BadRequest():
            return _bad_request(error.message, message_id)
        case NotSent():
            return Retry(CONNECT_WAIT, NOT_CONNECTED, everyone=True)
        case InvalidToken() | EndPointNotFound():
            # Nothing was accepted, and for nobody: a token can be put right.
            return Retry(BAD_TOKEN_WAIT, "bad_token", everyone=True)
        case ServerFault():
            return Unknown("server_fault")
        case Rejected() | ChatMigrated():
            return Refused(error.message[:80])
        case _:
            # A time-out, a reset, an answer that is no answer: it may have arrived.
            return Unknown("no_answer")


def _wait(error: RetryAfter) -> timedelta:
    after = error.retry_after
    return after if isinstance(after, timedelta) else timedelta(seconds=after)


def _why_forbidden(description: str) -> str:
    said = description.lower()
    if "deactivated" in said:
        return "deactivated"
    return "never_started" if "initiate" in said else "blocked"


def _bad_request(description: str, message_id: int | None) -> Outcome:
    said = description.lower()
    if any(words in said for words in _DONE_ALREADY):
        return Sent(message_id)
    for words, reason in _NOBODY_THERE.items():
        if words in said:
            return Unreachable(reason)
    return Refused(description[:80])
