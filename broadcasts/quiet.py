"""Quiet hours: the part of the local day in which nothing goes out that was not asked for.

The hours are those on the wall clock of the service's time zone. When the clocks change, a quiet night is an
hour shorter or longer, and a time that comes twice is quiet both times.

A carer can have hours of their own besides those of the service: both are quiet then.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from carers.quiet_hours import Span, leaves_room

__all__ = ["QuietHours", "Span", "parse_span"]

_MINUTE = timedelta(minutes=1)
_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\s*-\s*([01]\d|2[0-3]):([0-5]\d)")


def parse_span(text: str) -> Span | None:
    """From ``21:00-08:00``, or an empty text for none. Raises ``ValueError`` saying what would do."""
    if not text.strip():
        return None
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"hours look like 21:00-08:00, or are empty for none; not {text!r}")
    begin_hour, begin_minute, end_hour, end_minute = map(int, match.groups())
    span = time(begin_hour, begin_minute), time(end_hour, end_minute)
    if span[0] == span[1]:
        raise ValueError("hours must begin and end at different times; leave them empty for none")
    return span


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Quiet hours on the wall clock of a zone; without a span there are none. ``own``: a carer's besides."""

    span: Span | None
    zone: ZoneInfo
    own: Span | None = None

    @property
    def spans(self) -> tuple[Span, ...]:
        return tuple(span for span in (self.span, self.own) if span is not None)

    def with_own(self, own: Span | None) -> "QuietHours":
        """These hours and a carer's own. Where the two would leave no time of the day, say because the
        service's were made longer since, the service's alone count: or the carer would never hear a word.
        """
        return replace(self, own=own) if own is not None and leaves_room(own, self.span) else self

    def is_quiet(self, now: datetime) -> bool:
        """Whether this moment is quiet. ``now`` is aware."""
        if self.span is None and self.own is None:
            return False
        clock = now.astimezone(self.zone).time()
        return any(
            begin <= clock < end if begin < end else clock >= begin or clock < end
            for begin, end in self.spans
        )

    def ends(self, now: datetime) -> datetime:
        """The first moment from ``now`` on that is not quiet, in UTC."""
        if not self.is_quiet(now):
            return now.astimezone(UTC)
        return next(edge for edge in self._edges(now) if edge > now and not self.is_quiet(edge))

    def begins(self, now: datetime) -> datetime | None:
        """The first moment from ``now`` on that is quiet, in UTC; None where there are no quiet hours."""
        if not self.spans:
            return None
        if self.is_quiet(now):
            return now.astimezone(UTC)
        return next(edge for edge in self._edges(now) if edge > now and self.is_quiet(edge))

    def last_before(self, due: datetime, margin: timedelta = timedelta(minutes=15)) -> datetime:
        """When to send what is due in quiet hours and must not wait for their end, in UTC.

        That is ``margin`` before they begin, so that there is time for all; a moment that is not quiet
        stays as it is.
        """
        if not self.is_quiet(due):
            return due.astimezone(UTC)
        begun = max(
            edge
            for edge in self._edges(due)
            if edge <= due and self.is_quiet(edge) and not self.is_quiet(edge - _MINUTE)
        )
        early = begun - margin
        return begun - _MINUTE if self.is_quiet(early) else early

    def _edges(self, around: datetime) -> tuple[datetime, ...]:
        return _edges(self, around.astimezone(self.zone).date())


@lru_cache(maxsize=512)
def _edges(quiet: QuietHours, day: date) -> tuple[datetime, ...]:
    """Every moment of the days around ``day``, in UTC, at which quiet hours may begin or end."""
    edges: set[datetime] = set()
    for shift in (-2, -1, 0, 1, 2):
        near = day + timedelta(days=shift)
        edges |= {
            datetime.combine(near, clock, quiet.zone).replace(fold=fold).astimezone(UTC)
            for span in quiet.spans
            for clock in span
            for fold in (0, 1)
        }
        edges |= _clock_changes(near, quiet.zone)
    return tuple(sorted(edges))


def _clock_changes(day: date, zone: ZoneInfo) -> set[datetime]:
    """When the clocks change between this noon and the next: at no moment, or at one."""
    earlier = datetime.combine(day, time(12), zone).astimezone(UTC)
    later = datetime.combine(day + timedelta(days=1), time(12), zone).astimezone(UTC)
    before = earlier.astimezone(zone).utcoffset()
    if before == later.astimezone(zone).utcoffset():
        return set()
    while later - earlier > _MINUTE:
        middle = earlier + (later - earlier) // 2 // _MINUTE * _MINUTE
        if middle.astimezone(zone).utcoffset() == before:
            earlier = middle
        else:
            later = middle
    return {later}
