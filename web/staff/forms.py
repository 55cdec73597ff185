"""Reading a form field by field, keeping what was typed, and saying what to put right."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from web.whole_numbers import whole_number

LONGEST_ADDRESS = 254
"""Of an email address: RFC 5321, section 4.5.3.1.3, less its angle brackets."""

_CLOCK = re.compile(r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))?\s*(?P<half>[ap]\.?m\.?)?", re.IGNORECASE)
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c]")
"""As browsers send them, and as they come in what is copied out of Word."""
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\u200b\u202d\u202e\ufeff]"
)
"""Signs that nobody types on purpose: those that no Word document or workbook can hold, that nobody sees, and
that turn what follows about."""
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a form, called as the browser calls it; nobody has looked into it yet.

    ``content`` is None where the file was larger than the form takes.
    """

    filename: str
    mime: str
    content: bytes | None


@dataclass
class Form:
    """What was typed, and the errors found while reading it, in the order of the page.

    Every reader returns the value, or None with an error noted. ``required`` is the sentence shown when the
    field is empty; without it an empty field is None and no error.
    """

    values: dict[str, list[str]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    anchors: dict[str, str] = field(default_factory=dict)
    """Where the id of a field's first input is not the field's name."""
    files: Mapping[str, Upload] = field(default_factory=dict)

    @classmethod
    def sent(cls, fields: Iterable[tuple[str, str]], files: Mapping[str, Upload] | None = None) -> "Form":
        values: dict[str, list[str]] = {}
        for name, value in fields:
            values.setdefault(name, []).append(_tidy(value))
        return cls(values, files=files or {})

    @classmethod
    def filled(cls, values: Mapping[str, object]) -> "Form":
        """A form that shows what is there already."""
        return cls({name: ["" if value is None else str(value)] for name, value in values.items()})

    @property
    def fingerprint(self) -> str:
        """A few characters that tell what was sent from the same with another word or file in it."""
        sent = hashlib.sha256(repr(sorted(self.values.items())).encode())
        for name, file in self.files.items():
            sent.update(repr((name, file.filename)).encode())
            sent.update(file.content or b"")
        return sent.hexdigest()[:12]

    def text(self, name: str) -> str:
        return self.values.get(name, [""])[0]

    def several(self, name: str) -> list[str]:
        return self.values.get(name, [])

    def fail(self, name: str, message: str) -> None:
        """Note an error; the first of a field stands."""
        self.errors.setdefault(name, message)

    def error(self, name: str) -> dict[str, str] | None:
        """The error of a field as the components want it."""
        return {"text": self.errors[name]} if name in self.errors else None

    @property
    def summary(self) -> list[dict[str, str]]:
        """The list for the error summary, each linked to its field."""
        return [
            {"text": text, "href": f"#{self.anchors.get(name, name)}"} for name, text in self.errors.items()
        ]

    def words(self, name: str, *, required: str = "", most: int = 200) -> str:
        """A text of at most ``most`` characters; empty when there is none."""
        text = self.text(name)
        if not text and required:
            self.fail(name, required)
        elif len(text) > most:
            self.fail(name, f"Use {most:,} characters or fewer; there are {len(text):,}")
        return text

    def address(self, name: str, *, required: str = "") -> str:
        """An email address, as far as it looks like one; empty where there is none."""
        text = self.words(name, required=required, most=LONGEST_ADDRESS)
        local, _, domain = text.rpartition("@")
        if text and not (local and "." in domain.strip(".") and not any(sign.isspace() for sign in text)):
            or_none = "" if required else ", or leave it empty"
            self.fail(name, f"Enter an email address like name@example.org{or_none}")
        return text

    def choice(self, name: str, allowed: Iterable[str], *, required: str) -> str:
        """One of the values that the page offered."""
        text = self.text(name)
        if text not in set(allowed):
            self.fail(name, required)
            return ""
        return text

    def count(self, name: str, *, what: str, least: int = 0, most: int = 100_000) -> int | None:
        """A whole number, or None where the field is empty. ``what`` begins the error: "Places"."""
        text = self.text(name).replace(",", "")
        if not text:
            return None
        number = whole_number(text, most)
        if number is None or number < least:
            self.fail(name, f"{what} must be a whole number from {least:,} to {most:,}")
            return None
        return number

    def year(self, name: str, *, what: str, least: int, most: int) -> int | None:
        """A year, or None where the field is empty."""
        text = self.text(name)
        number = whole_number(text, most) if text else None
        if text and (number is None or number < least):
            self.fail(name, f"{what} must be a year from {least} to {most}")
            return None
        return number

    def day(self, name: str, *, what: str, required: str = "") -> date | None:
        """A date out of the fields ``name-day``, ``name-month`` and ``name-year``."""
        self.anchors[name] = f"{name}-day"
        parts = [self.text(f"{name}-{part}") for part in ("day", "month", "year")]
        if not any(parts):
            if required:
                self.fail(name, required)
            return None
        for part, text in zip(("day", "month", "year"), parts, strict=True):
            if not text:
                self.fail(name, f"{what} must include a {part}")
                return None
        try:
            return date(_year(parts[2]), _month(parts[1]), int(parts[0]))
        except ValueError:
            self.fail(name, f"{what} must be a real date, such as 27 3 2026")
            return None

    def clock(self, name: str, *, what: str, required: str = "") -> time | None:
        """A time of day: ``19:30``, ``7.30pm``, ``7 pm``."""
        text = self.text(name)
        if not text:
            if required:
                self.fail(name, required)
            return None
        value = _time_of_day(text)
        if value is None:
            self.fail(name, f"{what} must be a time, such as 10:30 or 7.30pm")
        return value

    def moment(self, name: str, on: date | None, at: time | None, zone: ZoneInfo) -> datetime | None:
        """The aware UTC time of a local date and time; an error on ``name`` where the clocks skip it."""
        if on is None or at is None:
            return None
        local = datetime.combine(on, at, zone)
        if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
            self.fail(name, "The clocks go forward then and this time does not exist; choose another")
            return None
        return local.astimezone(UTC)


def _tidy(value: str) -> str:
    return _UNSEEN.sub("", _LINE_ENDS.sub("\n", value)).strip()


def next_day(day: date) -> date:
    return day + timedelta(days=1)


def split_day(name: str, day: date | None) -> dict[str, object]:
    """The three fields of a date, filled."""
    if day is None:
        return {}
    return {f"{name}-day": day.day, f"{name}-month": day.month, f"{name}-year": day.year}


def _year(text: str) -> int:
    year = int(text)
    if not 1900 <= year < 2200:
        raise ValueError("a year has four digits")
    return year


def _month(text: str) -> int:
    return int(text) if text.isdigit() else _MONTHS.index(text[:3].lower()) + 1


def _time_of_day(text: str) -> time | None:
    if text.lower() in ("noon", "midday"):
        return time(12)
    found = _CLOCK.fullmatch(text)
    if found is None:
        return None
    hour, minute, half = int(found["hour"]), int(found["minute"] or 0), (found["half"] or "").lower()
    if half and not 1 <= hour <= 12:
        return None
    if not half and found["minute"] is None:
        return None  # "7" alone may be morning or evening
    if half:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None
