"""The auditor: from all that is shown of a round, and of two together, no group of a few people follows.

He takes every number that a page, an export, a summary or the chat may show (all are made of the same
results), adds what he knows himself (which answers cannot be given, who is in which segment, whom two rounds
share), and asks a solver for any group at all, by whatever mixture of answers, segments and rounds, of which
follows that it is of one to four people. `test_means.py` does the same for means.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache, partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure import suppression
from storage.engine import Database
from storage.households import Group, GroupMember
from storage.surveys import Round
from surveys import segment_tables
from surveys.definition import Definition
from surveys.planning import Refusal, Refused, plan_round
from surveys.reading import read_definition
from tests.support.cast import NOON, gather
from tests.surveys.reader import Person, every_kind, gives_away, known_crossings, publish, told
from tests.surveys.stories import CLOSES, LONDON, tea

K = 5
seeds = st.integers(0, 2**32 - 1)


def question(id: str, type: str, options: int = 0, **more: Any) -> dict[str, Any]:
    labels = {"options": [{"en": f"Answer {number}"} for number in range(options)]} if options else {}
    return {"id": id, "type": type, "text": {"en": f"{id}?"}, **labels, **more}


def after(id: str, *values: int) -> dict[str, Any]:
    return {"asked_if": {"question": id, "values": list(values)}}


def survey(*questions: dict[str, Any], **more: Any) -> Definition:
    words = {"title": {"en": "Audit"}, "introduction": {"en": "For the auditor."}}
    return read_definition(
        {"id": "audit", "version": 1, "minutes": 1, "questions": list(questions), **words, **more}
    )


LEAVING = {"outcome": {"question": "leaving", "value": 1}}
HEALTH = survey(
    question("support", "yes/no", favourable=[1]),
    question("pay", "yes/no", favourable=[1], required=True),
    question("leaving", "yes/no", favourable=[2]),
    question("why", "single", 2, **after("leaving", 1)),
    **LEAVING,
)
BRANCHES = survey(
    question("warm", "scale", 5, favourable=[4, 5]),
    question("cold", "yes/no", **after("warm", 1, 2)),
    question("told", "yes/no", favourable=[1], **after("cold", 2)),
)
CROSSED_BRANCHES = survey(
    question("warm", "scale", 4, favourable=[3, 4]),
    question("one", "yes/no", **after("warm", 2, 3)),
    question("two", "yes/no", **after("warm", 1, 2)),
)
BOXES = survey(
    question("with", "several", 3),
    question("how", "yes/no", **after("with", 1)),
    question("both", "yes/no", **after("with", 1, 2)),
)
PLAIN = survey(
    question("support", "yes/no", favourable=[1], required=True), question("pay", "yes/no", favourable=[1])
)
MUST_TICK = survey(question("with", "several", 2, required=True), question("when", "several", 3))
TWO_BY_TWO = {"household": ["a", "b"], "years": ["x", "y"]}
SMALL_ONES = {"household": ["a", "b", "c", "d"], "years": ["x", "y"]}


@cache
def kinds_of(definition_at: int) -> list[Person]:
    definition, segments = SURVEYS[definition_at]
    return every_kind(definition, segments)


SURVEYS: list[tuple[Definition, Mapping[str, Sequence[str]]]] = [
    (HEALTH, TWO_BY_TWO),
    (BRANCHES, SMALL_ONES),
    (CROSSED_BRANCHES, {"household": ["a", "b"]}),
    (BOXES, {}),
    (MUST_TICK, {}),
    (PLAIN, TWO_BY_TWO),
]


def crowd(kinds: Sequence[Person], seed: int, people: int | None = None) -> list[Person]:
    """People of some kinds, few or many, evenly or most of them alike."""
    chance = random.Random(seed)
    evenly = chance.choice([1, 3, 6])
    many = people or chance.choice([8, 15, 30, 60, 120])
    return chance.choices(kinds, [chance.random() ** evenly for _ in kinds], k=many)


def audit(definition: Definition, kinds: Sequence[Person], people: Sequence[Person]) -> list[Person] | None:
    shown = publish(definition, people, K)
    numbers = [*told(definition, shown, len(people)), *known_crossings(shown, people)]
    return gives_away(kinds, people, numbers, K)


@pytest.mark.parametrize("at", range(len(SURVEYS)))
@given(seeds)
@settings(max_examples=15)
def test_nothing_of_one_to_four_people_follows_from_a_round(at: int, seed: int) -> None:
    kinds = kinds_of(at)
    assert audit(SURVEYS[at][0], kinds, crowd(kinds, seed)) is None


def test_there_is_something_to_audit() -> None:
    shown = [publish(HEALTH, crowd(kinds_of(0), seed), K) for seed in range(40)]
    assert sum(len(one.drivers) for one in shown) >= 10
    assert sum(bool(one.segments["household"]) for one in shown) >= 10
    assert sum(not item.withheld for one in shown for item in one.items if item.question.id == "why") >= 10
    plain = [publish(PLAIN, crowd(kinds_of(5), seed), K) for seed in range(40)]
    assert sum(bool(one.segments["household"] and one.segments["years"]) for one in plain) >= 5


@pytest.mark.parametrize("at", range(len(SURVEYS)))
def test_without_complementary_suppression_the_auditor_finds_people(
    at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suppression._Network, "cover", lambda *_: True)
    kinds = kinds_of(at)
    assert any(audit(SURVEYS[at][0], kinds, crowd(kinds, seed)) for seed in range(20))


def alike(answers: Mapping[str, int], people: int, household: str = "a", years: str = "x") -> list[Person]:
    return [Person(dict(answers), {"household": household, "years": years})] * people


def the_odd_three() -> list[Person]:
    """Each table by itself has ten people or more in every cell. But: of those who are of household a and
    leave, or neither, count who is happy with the support; of the others, with the pay. That is all but
    three, and follows from the two questions by household and the two by leaving."""
    people = []
    for household in "ab":
        for leaving in (1, 2):
            same = (household == "a") == (leaving == 1)
            for support in (1, 2):
                for pay in (1, 2):
                    fits = (support if same else pay) == (1 if household == "a" else 2)
                    answers = {"support": support, "pay": pay, "leaving": leaving}
                    people += alike(answers, 10 if fits else 0, household)
    return people + alike({"support": 2, "pay": 1, "leaving": 1}, 3, "a")


def the_all_alike() -> list[Person]:
    """Household, years and support two by two have ten in each cell; three people are on one side in all."""
    sizes = {("a", "x", 1): 1, ("b", "y", 2): 2}
    return [
        person
        for household in "ab"
        for years in "xy"
        for support in (1, 2)
        for person in alike(
            {"support": support, "pay": 1, "leaving": 2},
            sizes.get((household, years, support), 10),
            household,
            years,
        )
    ]


@pytest.mark.parametrize("people", [the_odd_three(), the_all_alike()], ids=["outcome", "two dimensions"])
def test_tables_that_share_questions_are_not_put_together_to_find_a_few(
    people: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = kinds_of(0)
    people = [replace(one, answers=_with_reason(one.answers)) for one in people]
    assert audit(HEALTH, kinds, people) is None
    monkeypatch.setattr(segment_tables, "_large_everywhere", lambda *_: True)
    assert audit(HEALTH, kinds, people) is not None


def _with_reason(answers: Mapping[str, Any]) -> dict[str, Any]:
    return {**answers, "why": 1} if answers["leaving"] == 1 else dict(answers)


def test_large_rounds_are_shown_by_segment_and_by_what_goes_with_leaving() -> None:
    kinds = [one for one in kinds_of(0) if len(one.answers) == len(HEALTH.asked(one.answers))]
    people = kinds * 8
    shown = publish(HEALTH, people, K)
    assert {driver.question.id for driver in shown.drivers} == {"support", "pay"}
    assert all(
        set(row["favourable"]) == {"support", "pay"}
        for rows in shown.segments.values()
        for row in rows.values()
    )
    assert audit(HEALTH, kinds_of(0), people) is None


MEMBERS = {"first": frozenset({1}), "second": frozenset({2}), "both": frozenset({1, 2})}
TWICE = survey(
    question("warm", "yes/no", favourable=[1]),
    question("leaving", "yes/no"),
    question("why", "yes/no", **after("leaving", 1)),
    **LEAVING,
)


@cache
def kinds_twice() -> list[Person]:
    base = every_kind(TWICE, {"household": ["a", "b"]})
    return [replace(kind, rounds=rounds) for rounds in MEMBERS.values() for kind in base]


def audit_two(people: Sequence[Person]) -> list[Person] | None:
    """Two rounds of one survey, in which who is in both says the same twice; who was asked in which is known
    to the auditor, and that all took part."""
    numbers: list[tuple[str, Callable[[Person], int], int]] = []
    for name, rounds in MEMBERS.items():
        inside = _of(rounds)
        numbers.append((name, inside, sum(map(inside, people))))
    for round in (1, 2):
        here = [person for person in people if round in person.rounds]
        shown = publish(TWICE, here, K)
        numbers += [*told(TWICE, shown, len(here), round), *known_crossings(shown, here, round)]
    return gives_away(kinds_twice(), people, numbers, K)


def members(seed: int, first: int, second: int, both: int) -> list[Person]:
    """So many people in one round alone, in the other alone, and in both."""
    return [
        person
        for at, (rounds, many) in enumerate(zip(MEMBERS.values(), (first, second, both), strict=True))
        if many
        for person in crowd([kind for kind in kinds_twice() if kind.rounds == rounds], seed + at, many)
    ]


def _of(rounds: frozenset[int]) -> Callable[[Person], bool]:
    return lambda person: person.rounds == rounds


@given(seeds, st.integers(5, 60), st.integers(5, 60))
@settings(max_examples=12)
def test_two_rounds_of_other_people_or_of_the_very_same_give_nobody_away(
    seed: int, first: int, second: int
) -> None:
    assert audit_two(members(seed, first, second, 0)) is None
    assert audit_two(members(seed, 0, 0, first)) is None


def test_two_rounds_of_which_one_holds_the_other_would_give_people_away() -> None:
    """Why such a round is not planned, however many the others are."""
    assert any(audit_two(members(seed, 30, 0, 20)) for seed in range(10))


def test_two_rounds_that_cross_would_give_people_away() -> None:
    """All of the second round are warm: who is not is in the first alone, and with them two who are."""

    def some(rounds: str, warm: int, people: int) -> list[Person]:
        return [Person({"warm": warm}, {"household": "a"}, MEMBERS[rounds])] * people

    people = [*some("both", 1, 18), *some("second", 1, 10), *some("first", 1, 2), *some("first", 2, 8)]
    assert audit_two(people) is not None


@pytest.mark.parametrize(
    ("asked", "wanted", "refused"),
    [
        ("all", "all", False),
        ("all", "young", True),
        ("young", "all", True),
        ("young", "new", True),
        ("young", "men", False),
    ],
)
@pytest.mark.one_database
async def test_no_round_is_planned_for_some_of_those_who_were_asked_of_late(
    database: Database, asked: str, wanted: str, refused: bool
) -> None:
    plan = partial(plan_round, anonymous=True, by=None, now=NOON, zone=LONDON)
    async with database.write() as session:
        cast = await gather(session)
        groups = {"young": (cast.amal, cast.jo), "new": (cast.jo, cast.sam), "men": (cast.sam, cast.lin)}
        for name, carers in groups.items():
            group = Group(name=name)
            session.add(group)
            await session.flush()
            session.add_all(GroupMember(group_id=group.id, carer_id=carer.id) for carer in carers)
        await session.flush()
        first = await plan(session, tea(), asked, NOON, CLOSES)
        assert isinstance(first, Round)
        later = CLOSES + timedelta(days=1)
        second = await plan(session, tea(), wanted, later, later + timedelta(days=7))
        assert (second == Refused(Refusal.TOO_ALIKE, asked)) is refused
