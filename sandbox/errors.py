"""What the Bot API says when it refuses: a code, a sentence and sometimes a time to wait."""

from __future__ import annotations


class ApiError(Exception):
    """A refusal, answered with `code` as the HTTP status and in the JSON body."""

    def __init__(self, code: int, description: str, *, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after
        """Seconds to wait; only with code 429."""


def bad_request(reason: str) -> ApiError:
    """Return the 400 whose sentence begins as the real one does."""
    return ApiError(400, f"Bad Request: {reason}")


def forbidden(reason: str) -> ApiError:
    """Return the 403 of somebody whom the bot may not write to."""
    return ApiError(403, f"Forbidden: {reason}")


def too_many_requests(retry_after: int) -> ApiError:
    """Return the 429 with the number of seconds to wait."""
    return ApiError(429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after)
