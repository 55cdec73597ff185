"""A figure: a number that never goes anywhere without what it is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from disclosure.intervals import wilson
from reports.definitions import DEFINITIONS

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the report.

    A count is an integer: its own numerator, without a denominator. A share is a fraction,
    ``numerator / denominator``, with a 95 % interval; it is None where there is nothing to take a share of,
    and ``note`` then says why. ``period`` is a fostering year such as ``2022/23``.
    """

    id: str
    period: str
    group: Mapping[str, str]
    numerator: int | None
    denominator: int | None
    value: int | float | None
    interval: Interval | None
    definition: str
    data_date: date
    note: str = ""
    suppressed: bool = False
    people: int | None = None
    """Of how many people the denominator is made, where one of them counts several times in it."""

    @property
    def key(self) -> "Key":
        return key_of(self.id, self.period, **self.group)

    @property
    def is_count(self) -> bool:
        return self.denominator is None and isinstance(self.value, int)

    def hidden(self) -> "Figure":
        """The same figure as the public sees it where the number would point at people. Its definition is
        the one of all years, for one of a single year may hold a number."""
        return replace(
            self,
            numerator=None,
            denominator=None,
            value=None,
            interval=None,
            definition=DEFINITIONS[self.id],
            note="",
            suppressed=True,
            people=None,
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "period": self.period,
            "group": dict(self.group),
            "numerator": self.numerator,
            "denominator": self.denominator,
            "value": self.value,
            "interval": list(self.interval) if self.interval else None,
            "definition": self.definition,
            "data_date": self.data_date.isoformat(),
            "note": self.note,
            "suppressed": self.suppressed,
        }


Key = tuple[str, str, frozenset[tuple[str, str]]]


def key_of(figure_id: str, period: str, **group: str) -> Key:
    """What tells one figure of a report from every other."""
    return figure_id, period, frozenset(group.items())


@dataclass(frozen=True, slots=True)
class Sheet:
    """Makes figures of one year, all as the data stood on ``data_date``."""

    period: str
    data_date: date
    unknown: str = ""
    """Why the figures of this year cannot be known; they are then listed without a number."""

    def count(self, figure_id: str, number: int, **group: str) -> Figure:
        if self.unknown:
            return self.nothing(figure_id, self.unknown, **group)
        return self._figure(figure_id, group, number, None, number, None)

    def share(self, figure_id: str, numerator: int, denominator: int, **group: str) -> Figure:
        if self.unknown:
            return self.nothing(figure_id, self.unknown, **group)
        if denominator == 0:
            nothing = "There is nothing to take a share of."
            return self._figure(figure_id, group, numerator, 0, None, None, nothing)
        value = numerator / denominator
        return self._figure(figure_id, group, numerator, denominator, value, wilson(numerator, denominator))

    def change(self, figure_id: str, now: int, before: int, **group: str) -> Figure:
        """The change from ``before`` to ``now`` as a fraction; its numerator is the difference."""
        if self.unknown:
            return self.nothing(figure_id, self.unknown, **group)
        if before == 0:
            return self._figure(figure_id, group, now, 0, None, None, "The year before had none.")
        return self._figure(
            figure_id, group, now - before, before, (now - before) / before, _change_interval(now, before)
        )

    def estimate(
        self,
        figure_id: str,
        numerator: int,
        denominator: int,
        value: float,
        interval: Interval | None,
        note: str = "",
        **group: str,
    ) -> Figure:
        """A value that is not the quotient of the two. ``note``: what to be careful of."""
        return self._figure(figure_id, group, numerator, denominator, value, interval, note)

    def nothing(self, figure_id: str, why: str, **group: str) -> Figure:
        return self._figure(figure_id, group, None, None, None, None, why)

    def _figure(
        self,
        figure_id: str,
        group: Mapping[str, str],
        numerator: int | None,
        denominator: int | None,
        value: int | float | None,
        interval: Interval | None,
        note: str = "",
    ) -> Figure:
        return Figure(
            figure_id,
            self.period,
            dict(group),
            numerator,
            denominator,
            value,
            interval,
            DEFINITIONS[figure_id],
            self.data_date,
            note,
        )


def _change_interval(now: int, before: int) -> Interval | None:
    """The 95 % interval of a change between two counts.

    Given how many there were in both years together, the later count is a binomial share of them; its
    Wilson interval, turned into odds, is the interval of the ratio of the two counts.
    """
    low, high = wilson(now, now + before)
    if high == 1.0:
        return None
    return low / (1 - low) - 1, high / (1 - high) - 1
