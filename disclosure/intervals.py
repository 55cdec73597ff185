"""Intervals for the small shares that a fostering service has: a share of 25 says little without one."""

from math import sqrt
from statistics import NormalDist

Z = NormalDist().inv_cdf(0.975)
"""1.959964: the two-sided 95 % point of the normal distribution."""


def wilson(numerator: float, denominator: int, z: float = Z) -> tuple[float, float]:
    """The Wilson score interval of a share, as fractions: ``wilson(9, 25)`` is about (0.20, 0.55).

    The numerator is a part of a whole where several answers of one person are taken for one.
    Unlike the textbook interval it stays within 0 and 1 and is honest at 0 and at few people (Wilson, 1927).
    Raises ``ValueError`` unless 0 <= numerator <= denominator and the denominator is positive.
    """
    if denominator <= 0 or not 0 <= numerator <= denominator:
        raise ValueError(f"{numerator} of {denominator} is no share")
    share = numerator / denominator
    spread = z * z / denominator
    centre = (share + spread / 2) / (1 + spread)
    half = z * sqrt(share * (1 - share) / denominator + spread / (4 * denominator)) / (1 + spread)
    # Rounding would leave 1e-17 where the bound is exactly the share.
    low = 0.0 if numerator == 0 else max(0.0, centre - half)
    high = 1.0 if numerator == denominator else min(1.0, centre + half)
    return low, high


def difference(first: tuple[int, int], second: tuple[int, int], z: float = Z) -> tuple[float, float]:
    """The interval of (first share - second share), each given as (numerator, denominator).

    Newcombe's hybrid score interval (1998, method 10): two Wilson intervals put together.
    Raises ``ValueError`` as `wilson` does.
    """
    (low1, high1), (low2, high2) = wilson(*first, z), wilson(*second, z)
    share1, share2 = first[0] / first[1], second[0] / second[1]
    gap = share1 - share2
    return (
        gap - sqrt((share1 - low1) ** 2 + (high2 - share2) ** 2),
        gap + sqrt((high1 - share1) ** 2 + (share2 - low2) ** 2),
    )
