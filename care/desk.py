"""When somebody reads what carers write, and the words that cannot wait until then."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from care.danger import is_dangerous

LONDON = ZoneInfo("Europe/London")
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Desk:
    """Office hours in local time, Monday to Friday, and the words that mean danger or distress.

    Without ``opens`` and ``closes`` nobody promises to be there at any time.
    """

    zone: ZoneInfo = LONDON
    opens: time | None = time(9)
    closes: time | None = time(17)
    danger_words: tuple[str, ...] = ()

    def is_open(self, now: datetime) -> bool:
        """Whether somebody is likely to be there."""
        local = now.astimezone(self.zone)
        if self.opens is None or self.closes is None:
            return False
        return local.weekday() < _SATURDAY and self.opens <= local.time() < self.closes

    def is_urgent(self, text: str) -> bool:
        """Whether one of the words stands in the text (`care.danger`)."""
        return is_dangerous(text, self.danger_words)

    def next_there(self, now: datetime) -> datetime:
        """When somebody is there next, UTC: now in office hours, and where there are none."""
        if self.opens is None or self.is_open(now):
            return now
        local = now.astimezone(self.zone)
        opening = datetime.combine(local.date(), self.opens, self.zone)
        if opening <= local:
            opening += timedelta(days=1)
        return _weekday(opening).astimezone(UTC)

    def a_working_day_after(self, now: datetime) -> datetime:
        """When what came in now has waited for a whole working day, UTC: the same time on the next one."""
        begins = self.next_there(now).astimezone(self.zone)
        return _weekday(begins + timedelta(days=1)).astimezone(UTC)


def _weekday(local: datetime) -> datetime:
    """The same local time on that day, or on the Monday after it."""
    return local + timedelta(days=max(0, 7 - local.weekday())) if local.weekday() >= _SATURDAY else local
