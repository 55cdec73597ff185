"""Reads what comes to the service's mailbox: reports of mails that came back, and answers of calendars.

Pure, and of mails that anybody may have sent. Only what holds one of our marks says anything: a report quotes
the mail that it is about, or comes to the address that was made for it alone; so does a calendar's answer.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import MessageError
from email.message import Message

from bot.mail_outcomes import bounced
from bot.mail_signature import Mark, Marks
from broadcasts.bounces import Bounce

LARGEST = 5_000_000
"""Bytes of a mail that is looked at; a report quotes what it returns, files and all."""
MOST_PARTS = 100
_SENT_TO = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "Original-Recipient")
_ANSWERS = ("In-Reply-To", "References")
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")


@dataclass(frozen=True, slots=True)
class Report:
    """A mail of ours came back, or is late. ``reason`` is a word of ours, never the server's text."""

    mark: Mark
    bounce: Bounce
    reason: str


@dataclass(frozen=True, slots=True)
class CalendarAnswer:
    """Somebody answered in their calendar. ``text`` is iCalendar and theirs: never trusted."""

    mark: Mark
    text: str


def read_mail(message: Message, marks: Marks) -> Report | CalendarAnswer | None:
    """What a mail tells us; None where that is nothing, or where it does not hold a mark of ours."""
    parts = list(_parts(message))
    status = [part for part in parts if part.get_content_type() == "message/delivery-status"]
    if status:
        return _report(message, parts, status, marks)
    calendars = [part for part in parts if part.get_content_type() == "text/calendar"]
    return _answer(message, calendars, marks) if calendars else None


def _report(message: Message, parts: list[Message], status: list[Message], marks: Marks) -> Report | None:
    """RFC 3464: the fields of the one recipient that each of our mails has."""
    mark = _first(marks, [*_headers(message, _SENT_TO), *_returned(parts), *_headers(message, _ANSWERS)])
    fields = [block for part in status for block in _blocks(part) if block["Action"]]
    if mark is None or mark.delivery_id is None or not fields:
        return None
    action = str(fields[0]["Action"]).strip().lower()
    found = _STATUS.search(str(fields[0]["Status"] or ""))
    code = found[1] if found else ""
    if action == "failed" and not code.startswith("4."):
        gone, reason = bounced(code or "5.0.0")
        return Report(mark, Bounce.GONE if gone else Bounce.REFUSED, reason)
    if action == "failed":
        # Tried until the server's patience was over: it says nothing for good of the address.
        return Report(mark, Bounce.REFUSED, f"gave_up:{code}")
    return Report(mark, Bounce.DELAYED, code) if action == "delayed" else None


def _answer(message: Message, calendars: list[Message], marks: Marks) -> CalendarAnswer | None:
    mark = _first(marks, [*_headers(message, _SENT_TO), *_headers(message, _ANSWERS)])
    if mark is None:
        return None
    return CalendarAnswer(mark, _text(calendars[0]))


def _parts(message: Message) -> Iterator[Message]:
    """The parts, without those of the mail that a report returns."""
    count = 0
    waiting = [message]
    while waiting and count < MOST_PARTS:
        part = waiting.pop(0)
        count += 1
        yield part
        if part.get_content_maintype() == "multipart" and isinstance(part.get_payload(), list):
            waiting += [child for child in part.get_payload() if isinstance(child, Message)]


def _blocks(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [block for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []


def _returned(parts: list[Message]) -> Iterator[str]:
    """The message ids of what a report returns: the whole mail, or its headers alone."""
    for part in parts:
        if part.get_content_type() == "message/rfc822":
            for inner in _blocks(part):
                yield str(inner["Message-ID"] or "")
        elif part.get_content_type() in ("text/rfc822-headers", "message/rfc822-headers"):
            found = re.search(r"^message-id:\s*(\S+)", _text(part), re.IGNORECASE | re.MULTILINE)
            yield found[1] if found else ""


def _headers(message: Message, names: tuple[str, ...]) -> list[str]:
    return [str(value) for name in names for value in message.get_all(name, [])]


def _first(marks: Marks, texts: list[str]) -> Mark | None:
    return next((mark for text in texts if (mark := marks.find(text)) is not None), None)


def _text(part: Message) -> str:
    try:
        content = part.get_payload(decode=True)
    except (MessageError, ValueError):
        return ""
    if not isinstance(content, bytes):
        return str(part.get_payload())
    try:
        return content.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        return content.decode("utf-8", "replace")
