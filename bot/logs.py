"""Structured logs: lines for people on a terminal, JSON elsewhere; never a token, never what a carer wrote.

Libraries log through the standard library, and some of them log the address of a request, in which
Telegram's token stands or the key of a carer's page, or raise it in an exception. So these are taken out of
the finished line, whatever it came from.
"""

import logging
import re
import sys
from typing import TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

REDACTED = "[token]"
# A bot's token wherever it may stand: 8 or more digits, a colon, 30 or more letters.
_TOKEN = re.compile(r"\d{6,}:[\w-]{30,}", re.ASCII)
# An address that is its own key: a carer's page, a calendar, a sign-in link. The web server quotes the first
# line of a request that it cannot read, such as one with a letter in it that should have been escaped.
_KEY = re.compile(r"(/(?:c|calendar|sign-in)/)[\w.%~-]{10,}")
# Chatty at INFO, and of no use to who runs the service.
_QUIET = ("apscheduler", "aiohttp.access", "httpx", "httpcore", "telegram.ext", "asyncio", "alembic")
# At INFO or DEBUG these write down every statement with its values, or every line to and from a mail server
# ("mail" is what the server of the demo logs as): what carers wrote and answered, and their addresses.
_TELL_TOO_MUCH = ("aiosqlite", "sqlalchemy", "psycopg", "telegram", "aiohttp", "aiosmtplib", "mail")


class _Unreadable(logging.Filter):
    """Keeps to one short line what the web server says of a request that is no HTTP.

    It quotes what it could not read, which may be a cookie, and anybody can send it such requests.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        from aiohttp.http_exceptions import HttpProcessingError

        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, HttpProcessingError):
            record.msg, record.args = "A request could not be read: %s", (type(error).__name__,)
            record.exc_info = None
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


class _Redacted(logging.Formatter):
    """Formats as the one inside does, then takes the secrets out: message, arguments, traceback and all."""

    def __init__(self, inside: logging.Formatter, secrets: tuple[str, ...]) -> None:
        super().__init__()
        self._inside = inside
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        return redact(self._inside.format(record), self._secrets)


def redact(text: str, secrets: tuple[str, ...] = ()) -> str:
    """The text without these secrets, without anything that looks like a bot's token, and without the keys in
    addresses of our own."""
    for secret in secrets:
        text = text.replace(secret, REDACTED)
    return _KEY.sub(rf"\1{REDACTED}", _TOKEN.sub(REDACTED, text))


def set_up_logs(level: str = "INFO", secrets: tuple[str, ...] = (), stream: TextIO | None = None) -> None:
    """Send every logger of the process to one place (stderr), with the secrets taken out.

    ``secrets``: exact texts that must never appear, such as a token of an unusual form.
    """
    stream = stream or sys.stderr
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_payload,
    ]
    on_terminal = stream.isatty()
    last: list[structlog.typing.Processor] = (
        # The renderer's own tracebacks print local variables, which may quote a carer.
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if on_terminal
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Redacted(formatter, tuple(secret for secret in secrets if secret)))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING if level != "DEBUG" else logging.INFO)
    for name in _TELL_TOO_MUCH:
        logging.getLogger(name).setLevel(logging.ERROR if level == "ERROR" else logging.WARNING)
    logging.getLogger("aiohttp.server").filters[:] = [_Unreadable()]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _without_payload(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Drop fields that would quote a carer, should somebody pass them."""
    for field in ("text", "payload", "update"):
        event.pop(field, None)
    return event
