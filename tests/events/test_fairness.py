"""How evenly places are spread over households."""

from collections import Counter
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.ballot import draw_due
from events.choices import Choice, Party
from events.fairness import fairness, gini, names_of
from events.planning import cancel_event
from events.rsvp import set_party
from storage.engine import Database
from storage.events import Allocation
from storage.households import Household
from tests.events.acts import HOUSEHOLD, invitation_of, invited_event, taps
from tests.support.cast import NOON, gather

GOING = Choice.GOING
LATER = NOON + timedelta(days=30)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=30))
def test_the_gini_is_half_the_mean_absolute_difference_over_the_mean(values: list[int]) -> None:
    mean = sum(values) / len(values)
    difference = sum(abs(one - other) for one, other in product(values, values)) / len(values) ** 2
    assert gini(Counter(values)) == pytest.approx(difference / (2 * mean) if mean else 0)


@pytest.mark.parametrize(
    ("values", "expected"), [([], 0), ([0, 0], 0), ([3, 3, 3], 0), ([0, 0, 0, 8], 0.75), ([1, 3], 0.25)]
)
def test_the_gini_of_plain_cases(values: list[int], expected: float) -> None:
    assert gini(Counter(values)) == pytest.approx(expected)


async def test_places_are_counted_by_household_over_a_year(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        both = await invited_event(session, cast, capacity=9)
        for carer in (cast.amal, cast.jo, cast.sam):
            await taps(session, both, carer, GOING)
        family = await invited_event(session, cast, rsvp_by=HOUSEHOLD)
        await taps(session, family, cast.amal, GOING)
        reeds = await invitation_of(session, family, cast.amal)
        await set_party(session, reeds.id, cast.amal, Party(2, 1), NOON)
        off = await invited_event(session, cast)
        await taps(session, off, cast.lin, GOING)
        await cancel_event(session, off.id, "", cast.priya, NOON)

        found = await fairness(session, LATER)
        assert (found.households, found.total, found.had_none) == (3, 6, 1)
        assert found.places == {0: 1, 1: 1, 5: 1}
        assert found.gini == pytest.approx(gini(Counter([0, 1, 5])))
        assert found.gini_events == pytest.approx(gini(Counter([0, 1, 2])))
        assert [(line.household_ref, line.places, line.events) for line in found.lines] == [
            ("H3", 0, 0),
            ("H2", 1, 1),
            ("H1", 5, 2),
        ]
        assert (await names_of(session, found.lines))[cast.reeds.id] == "Amal Reed and Jo Reed"
        second = await fairness(session, LATER, page=2, per_page=1)
        assert (second.lines, second.page, second.pages) == (found.lines[1:2], 2, 3)
        assert (second.total, second.gini) == (found.total, found.gini)
        last = await fairness(session, LATER, page=9, per_page=2)
        assert (last.lines, last.page) == (found.lines[2:], 2)
        own = await fairness(session, LATER, social_worker_id=cast.tom.id, page=2, per_page=1)
        assert (own.lines, own.page, own.pages, own.households) == (found.lines[2:], 1, 1, 3)
        assert (await fairness(session, NOON)).total == 0  # nothing has been on yet
        assert (await fairness(session, NOON + timedelta(days=390))).total == 0


async def test_ballots_alone_with_who_entered_and_who_lost(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        other = await invited_event(session, cast)
        await taps(session, other, cast.lin, GOING)
        event = await invited_event(
            session, cast, capacity=1, allocation=Allocation.BALLOT, rsvp_deadline=NOON + timedelta(days=3)
        )
        for carer in (cast.amal, cast.sam):
            await taps(session, event, carer, GOING)
        await draw_due(session, NOON + timedelta(days=3))

        found = await fairness(session, LATER, by="ballot")
        assert (found.by, found.total, found.had_none) == ("ballot", 1, 2)
        by_ref = {line.household_ref: line for line in found.lines}
        assert [by_ref[ref].ballots_entered for ref in ("H1", "H2", "H3")] == [1, 1, 0]
        drawn = [by_ref[ref] for ref in ("H1", "H2")]
        assert all(line.places + line.ballots_lost == 1 for line in drawn)
        paged = [
            (await fairness(session, LATER, by="ballot", page=one, per_page=1)).lines for one in (1, 2, 3)
        ]
        assert tuple(line for lines in paged for line in lines) == found.lines


async def test_a_household_that_left_within_the_year_counts_and_one_that_left_before_does_not(
    database: Database,
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        home = await session.get_one(Household, cast.sam.household_id)
        home.ended_on = NOON.date()
        await session.flush()
        assert (await fairness(session, LATER)).households == 3
        assert (await fairness(session, NOON + timedelta(days=366))).households == 2
