"""The machine's certificates, read once a worker.

Each client of a bot reads them anew, of which it makes two, and that takes longer than most conversations.
"""

from functools import cache
from importlib import import_module
from typing import Any

_transports: Any = import_module("httpx._transports.default")


def share() -> None:
    """Let every client made from now on trust by the same context."""
    _transports.create_ssl_context = cache(_transports.create_ssl_context)
