"""Calendars read by two parsers that have nothing in common, and the rules that both leave to us."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ical.calendar_stream import IcsCalendarStream
from icalendar import Calendar

LONGEST_LINE = 75
"""Octets, without the CRLF that ends the line: RFC 5545, 3.1."""

ODD_TITLES = (
    "Tea, cake; more: \\and \\n all",
    "First line\nsecond line",
    "🎉 Party 👨‍👩‍👧 " * 9,
    "چائے، کیک؛ اور بہت کچھ " * 6,
    "ਚਾਹ ਅਤੇ ਕੇਕ " * 12,
    'He said "yes", twice',
    "Bell\x07 and\ttab",
)


@dataclass(frozen=True)
class Shown:
    """One entry as a calendar shows it."""

    uid: str
    sequence: int
    status: str
    title: str
    starts: datetime
    ends: datetime
    place: str
    description: str


def method_of(text: str) -> str:
    return str(Calendar.from_ical(text)["method"])


def read(text: str) -> list[Shown]:
    """The entries; both parsers must find the same in them, and the text must be well formed."""
    for line in text.encode().split(b"\r\n"):
        assert len(line) <= LONGEST_LINE
        assert b"\n" not in line
        assert b"\r" not in line
        line.decode()  # no line ends within a letter
    assert text.endswith("END:VCALENDAR\r\n")
    first = [_by_icalendar(entry) for entry in Calendar.from_ical(text).walk("VEVENT")]
    second = [_by_ical(entry) for entry in IcsCalendarStream.calendar_from_ics(text).events]
    assert first == second
    return first


def _by_icalendar(entry: Any) -> Shown:
    return Shown(
        str(entry["uid"]),
        int(entry["sequence"]),
        str(entry["status"]),
        str(entry["summary"]),
        entry["dtstart"].dt,
        entry["dtend"].dt,
        str(entry.get("location", "")),
        str(entry.get("description", "")),
    )


def _by_ical(entry: Any) -> Shown:
    return Shown(
        entry.uid,
        entry.sequence,
        entry.status.value,
        entry.summary,
        entry.start,
        entry.end,
        entry.location or "",
        entry.description or "",
    )
