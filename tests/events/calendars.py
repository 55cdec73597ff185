"""Calendars read by two parsers that have nothing in common, and the rules that both leave to us.

Among these are the restrictions of RFC 5546 on what is sent by mail: `check_scheduling`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ical.calendar_stream import IcsCalendarStream
from icalendar import Calendar, Event, vCalAddress

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


ONCE, AT_MOST_ONCE, NEVER = (1, 1), (0, 1), (0, 0)
_ALWAYS = {
    **dict.fromkeys(("UID", "DTSTAMP", "ORGANIZER", "SEQUENCE"), ONCE),
    **dict.fromkeys(("SUMMARY", "LOCATION", "DESCRIPTION", "STATUS", "TRANSP", "DTEND"), AT_MOST_ONCE),
    **dict.fromkeys(("REQUEST-STATUS", "RECURRENCE-ID", "RRULE"), NEVER),
}
_BY_METHOD = {
    "REQUEST": {
        "DTSTART": ONCE,
        "SUMMARY": ONCE,
        "ATTENDEE": ONCE,
    },  # of all who are asked each sees themselves
    "CANCEL": {"ATTENDEE": ONCE},
    "REPLY": {"ATTENDEE": ONCE, "SEQUENCE": AT_MOST_ONCE},
}
_STATUS = {"REQUEST": {"", "CONFIRMED", "TENTATIVE"}, "CANCEL": {"", "CANCELLED"}, "REPLY": {""}}


@dataclass(frozen=True)
class Scheduled:
    """What a calendar takes from a mail. ``said``: the PARTSTAT; ``asks``: whether it wants an answer."""

    method: str
    sequence: int
    said: str
    asks: bool
    status: str
    starts: datetime | None
    place: str
    attendee: str
    organizer: str


def check_scheduling(text: str) -> Scheduled:
    """Read one entry that goes by mail; it must keep RFC 5546's tables 3.2.2, 3.2.3 and 3.2.5."""
    calendar = Calendar.from_ical(text)
    method = str(calendar["method"])
    assert (str(calendar["version"]), bool(calendar["prodid"])) == ("2.0", True)
    entry: Any
    (entry,) = calendar.walk("VEVENT")
    for name, (least, most) in (_ALWAYS | _BY_METHOD[method]).items():
        found = entry.get(name, [])
        count = len(found) if isinstance(found, list) else 1
        assert least <= count <= most, f"{name} stands {count} times in a {method}"
    status = str(entry.get("status", ""))
    assert status in _STATUS[method]
    if method != "REQUEST":
        assert not entry.walk("VALARM")
    attendee, organizer = entry["attendee"], entry["organizer"]
    for person in (attendee, organizer):
        assert person.startswith("mailto:")
    (same,) = IcsCalendarStream.calendar_from_ics(text).events
    assert (same.uid, same.sequence, same.summary) == (
        entry["uid"],
        entry.get("sequence"),
        entry.get("summary"),
    )
    assert [each.uri for each in same.attendees] == [attendee]
    assert same.organizer is not None
    assert same.organizer.uri == organizer
    said = str(attendee.params.get("partstat", ""))
    place = str(entry.get("location", ""))
    starts = entry["dtstart"].dt if "dtstart" in entry else None
    asks = str(attendee.params.get("rsvp", "")) == "TRUE"
    sequence = int(entry.get("sequence", 0))
    return Scheduled(method, sequence, said, asks, status, starts, place, str(attendee), str(organizer))


def reply_to(text: str, said: str, stamped: datetime, **changes: Any) -> str:
    """What a calendar sends back when its owner answers the entry in a mail. ``changes``: odd properties."""
    entry: Any = Calendar.from_ical(text).walk("VEVENT")[0]
    attendee = vCalAddress(str(entry["attendee"]))
    attendee.params["partstat"] = said
    answer = Event()
    properties = {
        "uid": str(entry["uid"]),
        "sequence": int(entry["sequence"]),
        "dtstamp": stamped,
        "organizer": entry["organizer"],
        "attendee": attendee,
        "dtstart": entry["dtstart"].dt,
        "summary": str(entry["summary"]),
        "comment": "Looking forward to it",
    }
    for name, value in (properties | changes).items():
        if value is not None:
            answer.add(name, value)
    calendar = Calendar()
    calendar.add("prodid", "-//Somebody//A calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "REPLY")
    calendar.add_component(answer)
    return str(calendar.to_ical(), "utf-8")
