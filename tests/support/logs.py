"""What the process logs, kept for a test, and the logs as they were afterwards."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import structlog

from bot.logs import set_up_logs


@contextmanager
def everything_logged(secrets: tuple[str, ...] = ()) -> Iterator[StringIO]:
    """All that is logged meanwhile, as it would stand in the log of a service, from DEBUG on."""
    root, stream = logging.getLogger(), StringIO()
    handlers, level = root.handlers[:], root.level
    set_up_logs("DEBUG", secrets, stream)
    try:
        yield stream
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()
