"""Coarse segments of carers, frozen when a round opens, and which of them are large enough to be shown."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from disclosure.suppression import TOTAL, suppress
from storage.households import Household, HouseholdType

OTHERS = "others"
"""Where segments too small to stand alone are put together."""

_TYPES = {HouseholdType.MAINSTREAM: "mainstream", HouseholdType.FAMILY_AND_FRIENDS: "family_and_friends"}
_BANDS = ((2, "under_2_years"), (10, "2_to_10_years"))
DIMENSIONS = ("household", "years")


def segments_of(household: Household, today: date) -> dict[str, str]:
    """The segment of each dimension that a carer of this household belongs to on this local day."""
    years = (today - household.approved_on).days / 365.25
    band = next((name for limit, name in _BANDS if years < limit), "over_10_years")
    return {"household": _TYPES.get(household.type, OTHERS), "years": band}


def large_enough(sizes: Mapping[str, int], k: int) -> dict[str, str] | None:
    """To which shown segment each segment belongs: itself, or `OTHERS`; None if fewer than two are left.

    Segments below k are put together, with the next smallest until they too are k or more, so that the
    people of no small segment can be had by taking the rest away.
    """
    shown = suppress(dict(sizes), k, known={TOTAL})
    merged = {segment: segment if shown[segment] is not None else OTHERS for segment in sizes}
    together = sum(size for segment, size in sizes.items() if merged[segment] == OTHERS)
    if 0 < together < k:
        return None
    kept = {segment for segment, size in sizes.items() if size > 0}
    return merged if len({merged[segment] for segment in kept}) >= 2 else None


def sizes_of(segments: Iterable[Mapping[str, str]], dimension: str) -> Counter[str]:
    """How many there are of each segment."""
    return Counter(one.get(dimension, OTHERS) for one in segments)
