"""How a ballot falls: by weight, the same from the same seed, and never a party split."""

from collections import Counter
from fractions import Fraction
from hashlib import sha256
from math import log

import pytest

from events.lots import Lot, chance, draw, weight
from storage.events import Mode

IN_PERSON = Mode.IN_PERSON


@pytest.mark.parametrize(
    ("received", "losses", "expected"),
    [
        (0, 0, Fraction(1)),
        (1, 0, Fraction(1, 2)),
        (3, 0, Fraction(1, 4)),
        (0, 2, Fraction(3)),
        (1, 1, Fraction(1)),
    ],
)
def test_a_weight_falls_with_what_was_received_and_rises_with_losses(
    received: int, losses: int, expected: Fraction
) -> None:
    assert weight(received, losses) == expected


def test_chance_follows_from_the_seed_as_the_page_for_managers_says() -> None:
    digits = sha256(b"abc:1:in_person:h12").hexdigest()[:9]
    assert chance("abc", 1, IN_PERSON, "h12") == (int(digits, 16) + 0.5) / 16**9
    others = {chance("abc", 2, IN_PERSON, "h12"), chance("abc", 1, Mode.ONLINE, "h12")}
    assert len(others | {chance("abc", 1, IN_PERSON, "h12"), chance("abd", 1, IN_PERSON, "h12")}) == 4


def test_the_order_is_that_of_the_logarithm_over_the_weight() -> None:
    lots = [Lot(f"h{number}", 1, number % 3, number % 2) for number in range(20)]
    turns = draw("seed", 1, IN_PERSON, 5, lots)
    keys = [
        -log(chance("seed", 1, IN_PERSON, turn.lot.party)) * (1 + turn.lot.received) / (1 + turn.lot.losses)
        for turn in turns
    ]
    assert keys == sorted(keys)
    assert [turn.number for turn in turns] == list(range(1, 21))
    assert draw("seed", 1, IN_PERSON, 5, lots[::-1]) == turns


def test_over_many_seeds_half_the_weight_wins_half_as_often() -> None:
    lots = [Lot(f"h{number}", 1, received=number % 2) for number in range(20)]
    seeds = 4_000
    won = Counter(
        turn.lot.received
        for number in range(seeds)
        for turn in draw(f"seed {number}", 1, IN_PERSON, 1, lots)
        if turn.won
    )
    # Ten of weight 1 and ten of 1/2: two wins in three. Four standard deviations are 0.03.
    assert won[0] / seeds == pytest.approx(2 / 3, abs=0.03)


def test_over_many_seeds_every_party_of_equal_weight_comes_first_equally_often() -> None:
    lots = [Lot(f"c{number}", 1) for number in range(10)]
    first = Counter(draw(str(number), 1, IN_PERSON, 1, lots)[0].lot.party for number in range(4_000))
    expected = 400
    squares = sum((first[lot.party] - expected) ** 2 / expected for lot in lots)
    assert squares < 27.9  # chi-squared with 9 degrees of freedom, one in a thousand


def test_a_party_is_never_split_and_a_smaller_one_behind_it_may_fit() -> None:
    lots = [Lot(f"h{number}", 1 + number % 4) for number in range(12)]
    for number in range(200):
        left = 5
        for turn in draw(str(number), 1, IN_PERSON, 5, lots):
            assert turn.left == left
            assert turn.won == (turn.lot.seats <= left)
            assert turn.too_large == (0 < left < turn.lot.seats)
            left -= turn.lot.seats if turn.won else 0
        assert left >= 0


def test_without_a_limit_everybody_is_drawn() -> None:
    assert all(turn.won for turn in draw("seed", 1, IN_PERSON, None, [Lot("h1", 9), Lot("h2", 1)]))


def test_a_large_party_has_the_same_chance_to_come_first_as_a_small_one() -> None:
    lots = [Lot("h1", 1), Lot("h2", 6)]
    first = Counter(draw(str(number), 1, IN_PERSON, 6, lots)[0].lot.seats for number in range(2_000))
    assert first[6] / 2_000 == pytest.approx(1 / 2, abs=0.05)
