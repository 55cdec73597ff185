"""Results say nothing of fewer than five people, however they are put together."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure.means import Part, rounded_mean, safe_mean
from storage.engine import Database
from storage.surveys import RoundState
from surveys.closing import close_rounds
from surveys.keys import RoundKeys
from surveys.reading import read_definition
from surveys.results import Results, Withheld, results
from surveys.segment_tables import segment_views
from surveys.tabulation import Item, tabulate
from surveys.views import round_summary
from tests.disclosure.auditor import Equation, bounds, known_sums
from tests.surveys.stories import CLOSES, SOURCE, add_carers, answer, open_round, tea

K = 5


def sheets(**counts: int) -> list[dict[str, Any]]:
    """``warm_4=3``: three sheets that say 4 to that question."""
    return [
        {name.rpartition("_")[0]: int(name.rpartition("_")[2])}
        for name, count in counts.items()
        for _ in range(count)
    ]


def item(items: Sequence[Item], question: str) -> Item:
    return next(one for one in items if one.question.id == question)


def counts_of(one: Item) -> dict[int, int | None]:
    return {bar.value: bar.count for bar in one.bars}


def test_large_answers_are_shown_and_small_ones_hidden_with_cover() -> None:
    warm = item(tabulate(tea(), sheets(warm_5=20, warm_4=12, warm_3=9, warm_2=6, warm_1=2), K), "warm")
    assert counts_of(warm) == {1: None, 2: None, 3: 9, 4: 12, 5: 20}
    assert warm.favourable is not None
    assert (warm.favourable.numerator, warm.favourable.denominator) == (32, 49)
    assert warm.favourable.low < 32 / 49 < warm.favourable.high
    assert warm.mean == 3.9


def test_a_favourable_share_that_leaves_a_few_out_is_not_shown() -> None:
    warm = item(tabulate(tea(), sheets(warm_5=20, warm_4=12, warm_1=2), K), "warm")
    assert warm.favourable is None


def test_who_left_a_question_out_cannot_be_counted_by_subtraction() -> None:
    rows = [{"warm": 5}] * 12 + [{"warm": 4}] * 9 + [{"again": 1}] * 2
    warm = item(tabulate(tea(), rows, K), "warm")
    assert warm.no_answer is None
    shown = [bar.count for bar in warm.bars if bar.count is not None]
    assert len(rows) - sum(shown) >= K


def test_a_mean_near_the_end_of_the_scale_does_not_give_the_few_away() -> None:
    assert item(tabulate(tea(), sheets(warm_5=4, warm_4=1), K), "warm").mean is None
    assert item(tabulate(tea(), sheets(warm_5=5), K), "warm").mean == 5.0


def test_a_box_that_all_but_a_few_ticked_is_hidden() -> None:
    rows = [{"with": [1, 2]}] * 9 + [{"with": [1]}] * 8 + [{"with": [3]}] * 2
    assert counts_of(item(tabulate(tea(), rows, K), "with")) == {1: None, 2: 9, 3: None}


def test_four_sheets_have_no_result() -> None:
    assert tabulate(tea(), sheets(warm_5=4), K) == ()


def test_segments_too_small_to_stand_alone_are_put_together() -> None:
    segments = [{"years": "a"}] * 20 + [{"years": "b"}] * 3 + [{"years": "c"}] * 12
    rows = [{"warm": 5 if at % 2 else 1} for at in range(35)]
    shown = segment_views(tea(), rows, segments, K)["years"]
    assert {segment: row["people"] for segment, row in shown.items()} == {"a": 20, "others": 15}
    assert shown["a"]["favourable"]["warm"] == 10


def test_one_large_segment_and_a_few_others_are_not_shown_apart() -> None:
    segments = [{"years": "a"}] * 20 + [{"years": "b"}] * 3
    assert segment_views(tea(), sheets(warm_5=12, warm_1=11), segments, K)["years"] == {}


_answers = st.fixed_dictionaries(
    {},
    optional={
        "warm": st.integers(1, 5),
        "again": st.integers(1, 2),
        "with": st.lists(st.integers(1, 3), min_size=1, unique=True),
    },
)


def _sums(one: Item, everyone: int) -> tuple[dict[Any, int | None], list[Equation]]:
    """What a reader of one question knows: its bars, its favourable share, and who took part."""
    good = one.question.favourable
    known: dict[Any, int | None] = {**counts_of(one), "none": one.no_answer, "all": everyone}
    sums: list[Equation] = [{**dict.fromkeys(counts_of(one), 1), "none": 1, "all": -1}]
    if one.favourable is not None:
        known["good"] = one.favourable.numerator
        sums.append({**dict.fromkeys(good, 1), "good": -1})
    return known, sums


@given(st.lists(_answers, min_size=K, max_size=40))
@settings(max_examples=20)
def test_no_difference_between_numbers_of_a_question_reveals_one_to_four_people(
    rows: list[dict[str, Any]],
) -> None:
    for one in tabulate(tea(), rows, K):
        if one.question.id == "with":
            continue
        known, sums = _sums(one, len(rows))
        for cells, value in known_sums(known, sums):
            assert value == 0 or value >= K, (cells, known)
        for _, high in bounds(known, sums).values():
            assert high >= K - 1e-6 or high < 1e-6


@given(
    st.lists(
        st.tuples(_answers, st.sampled_from(["a", "a", "a", "b", "b", "c", "d"])), min_size=K, max_size=60
    )
)
@settings(max_examples=20)
def test_no_difference_between_segments_and_the_whole_reveals_one_to_four_people(
    people: list[tuple[dict[str, Any], str]],
) -> None:
    rows = [row for row, _ in people]
    shown = segment_views(tea(), rows, [{"years": segment} for _, segment in people], K)["years"]
    if not shown:
        return
    assert all(row["people"] >= K for row in shown.values())
    assert sum(row["people"] for row in shown.values()) == len(rows)
    for one in tabulate(tea(), rows, K):
        if one.favourable is None:
            assert all(one.question.id not in row["favourable"] for row in shown.values())
            continue
        known: dict[Any, int | None] = {"all good": one.favourable.numerator}
        known["all others"] = len(rows) - one.favourable.numerator
        sums: list[Equation] = [{"all good": -1}, {"all others": -1}]
        for segment, row in shown.items():
            good = row["favourable"][one.question.id]
            known |= {
                segment: row["people"],
                (segment, True): good,
                (segment, False): None if good is None else row["people"] - good,
            }
            sums.append({(segment, True): 1, (segment, False): 1, segment: -1})
            sums[0][segment, True] = sums[1][segment, False] = 1
        for cells, value in known_sums(known, sums):
            assert value == 0 or value >= K, (cells, known)


def tables(people: int, cells: int) -> Iterator[tuple[int, ...]]:
    if cells == 1:
        yield (people,)
    else:
        for first in range(people + 1):
            yield from ((first, *rest) for rest in tables(people - first, cells - 1))


@given(
    st.lists(st.integers(0, 6), min_size=5, max_size=5).filter(lambda counts: K <= sum(counts) <= 11),
    st.lists(st.booleans(), min_size=5, max_size=5),
)
@settings(max_examples=150)
def test_a_mean_that_is_shown_lets_nobody_solve_for_a_small_group(
    counts: list[int], hidden: list[bool]
) -> None:
    parts = [Part(value, count, at) for value, count, at in zip(range(1, 6), counts, hidden, strict=True)]
    mean = safe_mean(parts, K)
    if mean is None:
        return
    possible = [
        table
        for table in tables(sum(counts), 5)
        if all(a == b for a, b, at in zip(table, counts, hidden, strict=True) if not at)
        and rounded_mean(list(zip(range(1, 6), table, strict=True))) == mean
    ]
    for chosen in product((0, 1), repeat=5):
        if any(take and not at for take, at in zip(chosen, hidden, strict=True)):
            continue
        sizes = {sum(n for n, take in zip(table, chosen, strict=True) if take) for table in possible}
        assert len(sizes) > 1 or sizes.pop() in {0, *range(K, 99)}, (counts, hidden, mean)


def test_a_mean_of_fewer_than_five_answers_is_none() -> None:
    assert safe_mean([Part(5, 4, False), Part(None, 9, False)]) is None


async def closed(
    database: Database, keys: RoundKeys, people: int, told: Mapping[int, str], *, anonymous: bool = True
) -> Results | Withheld:
    async with database.write() as session:
        carers = await add_carers(session, people)
    round = await open_round(database, keys, anonymous=anonymous)
    for number, carer in enumerate(carers):
        answers: dict[str, Any] = {"warm": 5 if number % 2 else 2}
        if number in told:
            answers["wish"] = told[number]
        await answer(database, keys, round, carer, answers)
    async with database.read() as session:
        assert await results(session, round.id) is Withheld.NOT_CLOSED
        live = await round_summary(session, round.id, keys)
    assert live is not None
    assert (live.took_part, live.state) == (people, RoundState.OPEN)
    await close_rounds(database, CLOSES + timedelta(minutes=1), keys)
    async with database.read() as session:
        return await results(session, round.id)


async def test_four_answers_stay_held_back_and_five_are_shown(database: Database, keys: RoundKeys) -> None:
    assert await closed(database, keys, 4, {}) is Withheld.TOO_FEW


async def test_five_answers_are_shown(database: Database, keys: RoundKeys) -> None:
    found = await closed(database, keys, 5, {})
    assert isinstance(found, Results)
    assert (found.responses, found.asked) == (5, 5)


async def test_comments_wait_for_ten_responses(database: Database, keys: RoundKeys) -> None:
    nine = await closed(database, keys, 9, {number: f"Wish {number}" for number in range(9)})
    assert isinstance(nine, Results)
    assert nine.comments[0].texts == ()
    assert nine.comments[0].withheld


async def test_from_ten_responses_comments_are_shown_in_no_order(database: Database, keys: RoundKeys) -> None:
    ten = await closed(database, keys, 10, {number: f"Wish {number}" for number in range(10)})
    assert isinstance(ten, Results)
    assert Counter(ten.comments[0].texts) == Counter(f"Wish {number}" for number in range(10))


async def test_a_few_comments_among_many_responses_are_held_back(database: Database, keys: RoundKeys) -> None:
    found = await closed(database, keys, 10, {1: "Only one of us", 2: "and another"})
    assert isinstance(found, Results)
    assert found.comments[0].texts == ()


@pytest.mark.parametrize("anonymous", [True, False])
async def test_segments_of_a_round_are_coarse_and_large(
    database: Database, keys: RoundKeys, anonymous: bool
) -> None:
    found = await closed(database, keys, 30, {}, anonymous=anonymous)
    assert isinstance(found, Results)
    assert {row.segment: row.people for row in found.segments["household"]} == {
        "family_and_friends": 10,
        "mainstream": 20,
    }
    assert found.segments["years"] == (), "everybody of one band answered alike"


def test_two_dimensions_whose_crossing_is_of_a_few_people_are_not_shown_together() -> None:
    people = [("a", "x")] * 9 + [("a", "y")] * 3 + [("b", "y")] * 9
    segments = [{"household": first, "years": second} for first, second in people]
    rows = [{"warm": 5 if at % 2 else 1} for at in range(len(people))]
    views = segment_views(tea(), rows, segments, K)
    assert set(views["household"]) == {"a", "b"}
    assert views["years"] == {}


async def test_there_are_no_results_of_what_is_not_there(database: Database) -> None:
    async with database.read() as session:
        assert await results(session, 404) is Withheld.NO_SUCH_ROUND


def test_the_threshold_of_a_round_counts_and_not_only_five() -> None:
    warm = item(tabulate(read_definition(SOURCE), sheets(warm_5=8, warm_1=9), 10), "warm")
    assert {bar.count for bar in warm.bars} == {None}
    assert warm.favourable is None
