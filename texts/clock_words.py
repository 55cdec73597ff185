"""Times as a carer reads them: local, in their language, never ambiguous."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time

from texts.direction import comma

_WITHIN_A_TIME = re.compile(
    r"(?<=\d:\d\d) (?=(?:am|pm|ص|م)\b)"
    r"|(?<=[\u0620-\u06d3\u0a00-\u0a7f]) (?=\d{1,2}:\d\d)"  # Urdu, Punjabi: the part of the day is first
)


def as_time(value: datetime | str) -> datetime:
    """An aware time from itself or from its ISO text. Raises ``ValueError`` for a naive one."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone: {value}")
    return moment


def _locale(language: str) -> str:
    return {"en": "en_GB", "ur": "ur_PK", "pa": "pa_Guru_IN", "ar": "ar"}.get(language, "en_GB")


def day(value: datetime | str, zone: ZoneInfo, language: str) -> str:
    """``Saturday 24 May 2025``."""
    return format_date(as_time(value).astimezone(zone), "EEEE d MMMM y", locale=_locale(language))


def calendar_day(value: date | str, zone: ZoneInfo, language: str) -> str:
    """``24 May 2025``, of a day that is none of a moment: the same in every zone."""
    said = date.fromisoformat(value) if isinstance(value, str) else value
    return format_date(said, "d MMMM y", locale=_locale(language))


def clock(value: datetime | str, zone: ZoneInfo, language: str) -> str:
    """``7:30 pm``; Urdu and Punjabi say the part of the day before the hour, as their speakers do."""
    local = as_time(value).astimezone(zone)
    pattern = "B h:mm" if language in ("ur", "pa") else "h:mm a"
    said = format_time(local, pattern, locale=_locale(language))
    return said.lower() if language == "en" else said


def moment(value: datetime | str, zone: ZoneInfo, language: str) -> str:
    """``Saturday 24 May, 7:30 pm``."""
    local = as_time(value).astimezone(zone)
    said_day = format_datetime(local, "EEEE d MMMM", locale=_locale(language))
    return f"{said_day}{comma(language)}{clock(local, zone, language)}"


def weekday(value: datetime | str, zone: ZoneInfo, language: str) -> str:
    """``Saturday 24 May``."""
    return format_date(as_time(value).astimezone(zone), "EEEE d MMMM", locale=_locale(language))


def short_day(value: datetime | str, zone: ZoneInfo, language: str) -> str:
    """``Sat 24 May``: for a button."""
    return format_date(as_time(value).astimezone(zone), "EEE d MMM", locale=_locale(language))


def span(start: datetime | str, end: datetime | str, zone: ZoneInfo, language: str) -> str:
    """From when to when: the day is said twice only if the event runs past midnight."""
    first, last = as_time(start).astimezone(zone), as_time(end).astimezone(zone)
    until = clock(last, zone, language) if first.date() == last.date() else moment(last, zone, language)
    return f"{moment(first, zone, language)} – {until}"


def unbroken(said: str) -> str:
    """The same words, with no line ending between a time and its ``pm``: for pages, emails and paper."""
    return _WITHIN_A_TIME.sub("\N{NO-BREAK SPACE}", said)
