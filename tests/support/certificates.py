"""The machine's certificates, read once a worker: each client of a bot reads them anew, which takes longer than
most conversations.
"""

from functools import cache

from httpx._transports import default as transports


def share() -> None:
    """Let every client made from now on trust by the same context."""
    setattr(transports, "create_ssl_context", cache(transports.create_ssl_context))  # noqa: B010
