"""What is known of fostering in England, to be read beside the service's own figures.

Each number keeps its own year, denominator and source, and stands in a sentence of its own: a national share
is one of other households in another year.
"""

from dataclasses import dataclass
from typing import Any

from reports.words import percent


@dataclass(frozen=True, slots=True)
class National:
    """One national number: ``value`` a fraction; numerator and denominator None where the source prints the
    share alone. ``compares``: the id of the figure beside which it stands. ``words``: of whom it is the share
    and what they did. ``roughly``: the source says "about"."""

    compares: str
    period: str
    numerator: int | None
    denominator: int | None
    value: float
    words: str
    source: str
    roughly: bool = False

    @property
    def sentence(self) -> str:
        where = f"In England in {self.period}"
        if self.numerator is None or self.denominator is None:
            about = "about " if self.roughly else ""
            return f"{where}, {about}{percent(self.value)} of {self.words} (source: {self.source})."
        made_of = f"{self.numerator:,} of {self.denominator:,}"
        return f"{where}, {made_of} {self.words}: {percent(self.value)} (source: {self.source})."

    def as_json(self) -> dict[str, Any]:
        return {
            "compares": self.compares,
            "period": self.period,
            "numerator": self.numerator,
            "denominator": self.denominator,
            "value": self.value,
            "about": self.words,
            "roughly": self.roughly,
            "source": self.source,
        }


_OFSTED = "Ofsted, Fostering in England 1 April 2022 to 31 March 2023"
_QUOTED = "an English fostering service’s annual report for 2022/23, which gives the percentage alone"

NATIONAL = (
    National(
        "deregistration_rate",
        "2022/23",
        5125,
        40130,
        5125 / 40130,
        "mainstream households approved at any time in the year left during it",
        _OFSTED,
    ),
    National(
        "left_within_2_years",
        "2022/23",
        None,
        None,
        0.31,
        "households that left had fostered for under two years",
        _QUOTED,
    ),
    National(
        "left_after_10_years",
        "2022/23",
        None,
        None,
        0.28,
        "households that left had fostered for ten years or more",
        _QUOTED,
    ),
    National(
        "leavers_over_50",
        "2022/23",
        None,
        None,
        0.65,
        "households that left had a main carer over 50",
        _QUOTED,
        roughly=True,
    ),
)
