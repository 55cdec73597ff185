"""What goes with thinking of leaving, what has changed since the round before, and who was asked."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from disclosure.intervals import difference
from storage.engine import Database
from storage.events import Event, Mode, RsvpBy
from storage.surveys import Comment, Response, Round, RoundState
from surveys.drivers import drivers
from surveys.reading import read_definition
from surveys.results import Results, Withheld, results
from surveys.tabulation import Item, tabulate
from tests.support.cast import NOON

K = 5
HEALTH: dict[str, Any] = {
    "id": "health",
    "version": 1,
    "title": {"en": "How it is going"},
    "introduction": {"en": "Five questions."},
    "minutes": 1,
    "outcome": {"question": "leaving", "value": 1},
    "questions": [
        {"id": "support", "type": "yes/no", "text": {"en": "Enough support?"}, "favourable": [1]},
        {"id": "pay", "type": "yes/no", "text": {"en": "Fair pay?"}, "favourable": [1]},
        {"id": "leaving", "type": "yes/no", "text": {"en": "Thought of leaving?"}, "favourable": [2]},
        {
            "id": "why",
            "type": "several",
            "text": {"en": "Why?"},
            "options": [{"en": "Support"}, {"en": "Pay"}],
            "asked_if": {"question": "leaving", "values": [1]},
        },
        {
            "id": "more",
            "type": "text",
            "text": {"en": "Tell us more"},
            "asked_if": {"question": "leaving", "values": [1]},
        },
    ],
}
Sheet = dict[str, Any]


def sheets(people: int, **answers: Any) -> list[Sheet]:
    return [dict(answers)] * people


UNSUPPORTED_LEAVE = [
    *sheets(12, support=2, pay=1, leaving=1, why=[1]),
    *sheets(8, support=2, pay=2, leaving=2),
    *sheets(5, support=1, pay=2, leaving=1, why=[2]),
    *sheets(35, support=1, pay=1, leaving=2),
]


def items_of(answers: Sequence[Sheet]) -> dict[str, Item]:
    return {item.question.id: item for item in tabulate(read_definition(HEALTH), answers, K)}


def drivers_of(answers: Sequence[Sheet]) -> list[str]:
    definition = read_definition(HEALTH)
    found = drivers(definition, tabulate(definition, answers, K), answers, K)
    return [driver.question.id for driver in found]


async def closed(
    database: Database,
    answers: Sequence[Sheet],
    *,
    definition: Mapping[str, Any] = HEALTH,
    weeks: int = 0,
    comments: Sequence[str] = (),
    **more: Any,
) -> int:
    """A round with these answer sheets that closed so many weeks after noon of the first day; its id."""
    when: datetime = NOON + timedelta(weeks=weeks)
    values: dict[str, Any] = {"audience": "all", "anonymous": True, "threshold": K, **more}
    async with database.write() as session:
        round = Round(
            ref=f"health-{weeks}-{len(answers)}-{more.get('audience', 'all')}-{more.get('event_id', 0)}",
            survey=definition["id"],
            title=definition["title"]["en"],
            definition=dict(definition),
            state=RoundState.CLOSED,
            opens_at=when - timedelta(days=14),
            closes_at=when,
            closed_at=when,
            asked=80,
            took_part=len(answers),
            created_at=when,
            **values,
        )
        session.add(round)
        await session.flush()
        session.add_all(
            Response(id=f"{round.id}-{at}", round_id=round.id, carer_id=None, answers=sheet)
            for at, sheet in enumerate(answers)
        )
        session.add_all(
            Comment(id=f"{round.id}-{at}", round_id=round.id, question="more", text=text)
            for at, text in enumerate(comments)
        )
        return round.id


async def seen(database: Database, round_id: int) -> Results:
    async with database.read() as session:
        found = await results(session, round_id)
    assert isinstance(found, Results)
    return found


def test_a_question_that_follows_on_an_answer_is_counted_among_who_gave_it() -> None:
    why = items_of(UNSUPPORTED_LEAVE)["why"]
    assert (why.base, why.count(1), why.count(2)) == (17, 12, 5)


def test_a_question_of_which_too_few_were_asked_is_withheld_whole() -> None:
    few = [*sheets(4, support=2, leaving=1, why=[1]), *sheets(30, support=1, leaving=2)]
    why = items_of(few)["why"]
    assert why.withheld
    assert {bar.count for bar in why.bars} == {None}
    assert [bar.label["en"] for bar in why.bars] == ["Support", "Pay"]


def test_a_question_that_all_but_a_few_were_asked_is_withheld_whole() -> None:
    nearly_all = [*sheets(20, support=2, leaving=1, why=[1]), *sheets(3, support=1, leaving=2)]
    assert items_of(nearly_all)["why"].withheld


def test_how_many_think_of_leaving_is_told_though_a_few_left_it_out() -> None:
    """The count that other tables are built on is the last to be hidden for another's sake."""
    rows = [*sheets(12, leaving=1, why=[1]), *sheets(40, leaving=2), *sheets(2, support=1)]
    leaving = items_of(rows)["leaving"]
    assert (leaving.count(1), leaving.count(2), leaving.no_answer) == (12, None, None)
    assert leaving.favourable is None


def test_who_answered_and_did_not_tick_cannot_be_counted_by_subtraction() -> None:
    """Eight answered nothing and thirty ticked: of forty the other two would be known."""
    definition = read_definition(
        {**HEALTH, "outcome": None, "questions": [{**HEALTH["questions"][3], "asked_if": None}]}
    )
    rows = [*sheets(30, why=[1]), *sheets(2, why=[2]), *sheets(8)]
    only = tabulate(definition, rows, K)[0]
    assert (only.no_answer, only.count(1), only.count(2)) == (8, None, None)


def test_what_goes_with_leaving_is_ranked_by_the_difference_with_its_interval() -> None:
    definition = read_definition(HEALTH)
    items = tabulate(definition, UNSUPPORTED_LEAVE, K)
    first, second = drivers(definition, items, UNSUPPORTED_LEAVE, K)
    assert (first.question.id, second.question.id) == ("support", "pay")
    assert (first.with_.numerator, first.with_.denominator) == (12, 20)
    assert (first.without.numerator, first.without.denominator) == (5, 40)
    assert first.difference == pytest.approx(0.475)
    assert (first.low, first.high) == difference((12, 20), (5, 40))
    assert first.clear
    assert not second.clear


def test_who_left_the_question_out_is_counted_with_those_not_content() -> None:
    silent = [*sheets(20, leaving=1), *UNSUPPORTED_LEAVE]
    definition = read_definition(HEALTH)
    found = drivers(definition, tabulate(definition, silent, K), silent, K)
    assert found[0].with_.denominator == 40


@pytest.mark.parametrize("few", [(12, 8, 4, 35), (12, 4, 8, 35), (4, 12, 8, 35), (12, 8, 9, 4)])
def test_a_question_with_a_small_cell_is_not_ranked(few: tuple[int, int, int, int]) -> None:
    answers = [(2, 1), (2, 2), (1, 1), (1, 2)]
    rows = [
        sheet
        for people, (support, leaving) in zip(few, answers, strict=True)
        for sheet in sheets(people, support=support, leaving=leaving)
    ]
    assert drivers_of(rows) == []


def test_nothing_goes_with_an_outcome_of_a_few() -> None:
    assert drivers_of([*sheets(4, support=2, leaving=1), *sheets(30, support=1, leaving=2)]) == []


@pytest.mark.one_database
async def test_results_tell_what_goes_with_the_outcome(database: Database) -> None:
    found = await seen(database, await closed(database, UNSUPPORTED_LEAVE))
    assert [driver.question.id for driver in found.drivers] == ["support", "pay"]
    assert found.outcome is not None
    assert found.outcome.share is not None
    assert (found.outcome.question.id, found.outcome.share.numerator) == ("leaving", 17)


@pytest.mark.one_database
async def test_comments_on_an_answer_of_too_few_are_held_back(database: Database) -> None:
    many = await seen(database, await closed(database, UNSUPPORTED_LEAVE, comments=["Tired"] * 6))
    assert many.comments[0].texts == ("Tired",) * 6
    nearly_all = [*sheets(20, leaving=1), *sheets(3, leaving=2)]
    few = await seen(database, await closed(database, nearly_all, weeks=1, comments=["Tired"] * 6))
    assert few.comments[0].withheld
    assert few.comments[0].texts == ()


async def test_a_round_is_compared_with_the_one_before(database: Database) -> None:
    before = await closed(database, [*sheets(20, support=2, pay=1), *sheets(40, support=1, pay=1)])
    now = await seen(
        database, await closed(database, sheets(55, support=1, pay=1) + sheets(5, support=2, pay=1), weeks=26)
    )
    assert now.comparison is not None
    assert (now.comparison.round_id, now.comparison.responses) == (before, 60)
    change = now.comparison.changes["support"]
    assert change.difference == pytest.approx(15 / 60)
    assert (change.low, change.high) == difference((55, 60), (40, 60))
    assert change.clear
    assert not now.comparison.changes["pay"].clear
    assert not change.reworded


@pytest.mark.one_database
async def test_other_words_are_said_and_other_answers_are_not_compared(database: Database) -> None:
    await closed(database, UNSUPPORTED_LEAVE)
    support, pay, *rest = HEALTH["questions"]
    later = {
        **HEALTH,
        "questions": [{**support, "text": {"en": "Good support?"}}, {**pay, "favourable": [2]}, *rest],
    }
    found = await seen(database, await closed(database, UNSUPPORTED_LEAVE, weeks=26, definition=later))
    assert found.comparison is not None
    assert found.comparison.changes["support"].reworded
    assert "pay" not in found.comparison.changes


@pytest.mark.one_database
async def test_a_share_that_is_held_back_has_no_change(database: Database) -> None:
    await closed(database, [*sheets(30, support=1), *sheets(3, support=2)])
    found = await seen(database, await closed(database, UNSUPPORTED_LEAVE, weeks=26))
    assert found.comparison is not None
    change = found.comparison.changes["support"]
    assert (change.then, change.difference, change.low) == (None, None, None)
    assert not change.clear


@pytest.mark.parametrize(
    "other",
    [{"audience": "young"}, {"anonymous": False}, {"weeks": 60}, {"occasion": "panel"}],
    ids=["another audience", "named", "later", "one that collects"],
)
@pytest.mark.one_database
async def test_a_round_is_compared_with_none_that_is_not_its_like(
    database: Database, other: dict[str, Any]
) -> None:
    await closed(database, UNSUPPORTED_LEAVE, **{"weeks": 1, **other})
    found = await seen(database, await closed(database, UNSUPPORTED_LEAVE, weeks=26))
    assert found.comparison is None


async def test_a_round_without_results_is_passed_over_for_the_one_before_it(database: Database) -> None:
    first = await closed(database, UNSUPPORTED_LEAVE)
    empty = await closed(database, sheets(4, support=1), weeks=13)
    found = await seen(database, await closed(database, UNSUPPORTED_LEAVE, weeks=26))
    assert found.comparison is not None
    assert found.comparison.round_id == first
    async with database.read() as session:
        assert await results(session, empty) is Withheld.TOO_FEW


async def test_a_round_about_an_event_is_compared_with_the_last_of_its_kind(database: Database) -> None:
    async with database.write() as session:
        events = [
            Event(
                ref=f"E{at}",
                title=kind,
                kind=kind,
                starts_at=NOON + timedelta(weeks=at),
                ends_at=NOON + timedelta(weeks=at, hours=2),
                mode=Mode.IN_PERSON,
                rsvp_by=RsvpBy.HOUSEHOLD,
                created_at=NOON,
                updated_at=NOON,
            )
            for at, kind in enumerate(["training", "social", "training"])
        ]
        session.add_all(events)
        await session.flush()
        ids = [event.id for event in events]
    rounds = [
        await closed(
            database, UNSUPPORTED_LEAVE, weeks=at, event_id=id, occasion="event", audience=f"event:{id}"
        )
        for at, id in enumerate(ids)
    ]
    found = await seen(database, rounds[2])
    assert found.comparison is not None
    assert found.comparison.round_id == rounds[0]
