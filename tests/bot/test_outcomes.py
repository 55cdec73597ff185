"""What a failure means for a delivery: gone for good, to be tried again, or nobody can tell."""

from datetime import timedelta

import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.outcomes import outcome_of
from bot.request import NoAnswer, NotSent, Rejected, ServerFault
from broadcasts.sender import Outcome, Refused, Retry, Sent, Unknown, Unreachable


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (RetryAfter(7), Retry(timedelta(seconds=7), "flood", everyone=True)),
        (Forbidden("Forbidden: bot was blocked by the user"), Unreachable("blocked")),
        (Forbidden("Forbidden: user is deactivated"), Unreachable("deactivated")),
        (Forbidden("Forbidden: bot can't initiate conversation with a user"), Unreachable("never_started")),
        (BadRequest("Bad Request: chat not found"), Unreachable("chat_not_found")),
        (BadRequest("Bad Request: can't parse entities"), Refused("Can't parse entities")),
        (BadRequest("Message to edit not found"), Refused("Message to edit not found")),
        (BadRequest("Bad Request: message is not modified: specified new"), Sent(5)),
        (BadRequest("Bad Request: message to delete not found"), Sent(5)),
        (NotSent("ClientConnectorError"), Retry(timedelta(seconds=2), "not_connected", everyone=True)),
        (NoAnswer("ServerDisconnectedError"), Unknown("no_answer")),
        (TimedOut(), Unknown("no_answer")),
        (ServerFault("the server answered 502"), Unknown("server_fault")),
        (NetworkError("something else"), Unknown("no_answer")),
        (TelegramError("Invalid server response"), Unknown("no_answer")),
        (Rejected("the server answered 413"), Refused("the server answered 413")),
        (ChatMigrated(12), Refused("Group migrated to supergroup. New chat id: 12")),
        (InvalidToken(), Retry(timedelta(seconds=30), "bad_token", everyone=True)),
    ],
)
def test_every_failure_has_one_meaning(error: TelegramError, outcome: Outcome) -> None:
    assert outcome_of(error, message_id=5) == outcome


def test_a_bad_request_is_permanent_although_the_library_calls_it_a_network_error() -> None:
    assert isinstance(BadRequest("x"), NetworkError)
    assert isinstance(outcome_of(BadRequest("x")), Refused)
