"""Quiet hours: the part of the local day in which nothing goes out that was not asked for.

The hours are those on the wall clock of the service's time zone. When the clocks change, a quiet night is an
hour shorter or longer, and a time that comes twice is quiet both times.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

Span = tuple[time, time]
"""From and until, local time of day; ``21:00-08:00`` runs over midnight. The end is not quiet any more."""

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
    """Quiet hours on the wall clock of a zone; without a span there are none."""

    span: Span | None
    zone: ZoneInfo

    def is_quiet(self, now: datetime) -> bool:
        """Whether this moment is quiet. ``now`` is aware."""
        if self.span is None:
            return False
        begin, end = self.span
        clock = now.astimezone(self.zone).time()
        return begin <= clock < end if begin < end else clock >= begin or clock < end

    def ends(self, now: datetime) -> datetime:
        """The first moment from ``now`` on that is not quiet, in UTC."""
        if not self.is_quiet(now):
            return now.astimezone(UTC)
        return next(edge for edge in self._edges(now) if edge > now and not self.is_quiet(edge))

    def begins(self, now: datetime) -> datetime | None:
        """The first moment from ``now`` on that is quiet, in UTC; None where there are no quiet hours."""
        if self.span is None or self.is_quiet(now):
            return now.astimezone(UTC) if self.span is not None else None
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


@lru_cache(maxsize=64)
def _edges(quiet: QuietHours, day: date) -> tuple[datetime, ...]:
    """Every moment of the days around ``day``, in UTC, at which quiet hours may begin or end."""
    edges: set[datetime] = set()
    for shift in (-2, -1, 0, 1, 2):
        near = day + timedelta(days=shift)
        edges |= {
            datetime.combine(near, clock, quiet.zone).replace(fold=fold).astimezone(UTC)
            for clock in quiet.span or ()
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
