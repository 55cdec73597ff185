"""A reader of a round's results, who knows the rules and the register and writes down all that he is told."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product
from typing import Any

import numpy as np

from surveys.definition import Definition, Question, QuestionType
from surveys.drivers import Driver, drivers
from surveys.segment_tables import segment_views
from surveys.segments import OTHERS
from surveys.tabulation import Item, tabulate
from tests.disclosure.solver import Statement, small_group


@dataclass(frozen=True)
class Person:
    """What one person answered and which segments they are of. ``rounds``: in which rounds they took part."""

    answers: Mapping[str, Any]
    segments: Mapping[str, str] = field(default_factory=dict)
    rounds: frozenset[int] = frozenset({1})

    @property
    def key(self) -> tuple[Any, ...]:
        given = {id: tuple(value) if isinstance(value, list) else value for id, value in self.answers.items()}
        return (*sorted(given.items()), *sorted(self.segments.items()), *sorted(self.rounds))


Holds = Callable[[Person], int]
"""Whether a person is counted, or how often."""


@dataclass(frozen=True)
class Published:
    """All numbers of one round that any page, export, summary or chat can show."""

    items: Sequence[Item]
    drivers: Sequence[Driver]
    segments: Mapping[str, Mapping[str, Any]]


def publish(definition: Definition, people: Sequence[Person], k: int) -> Published:
    """What Hearthline shows of these people."""
    sheets = [person.answers for person in people]
    items = tabulate(definition, sheets, k)
    return Published(
        items,
        drivers(definition, items, sheets, k),
        segment_views(definition, sheets, [person.segments for person in people], k),
    )


def every_kind(definition: Definition, segments: Mapping[str, Sequence[str]]) -> list[Person]:
    """Every way in which somebody could have answered, in every crossing of these segments."""
    answered: list[dict[str, Any]] = [{}]
    for question in definition.questions:
        answered = [
            {**given, **more}
            for given in answered
            for more in (_ways(question) if question in definition.asked(given) else [{}])
        ]
    places = [dict(zip(segments, place, strict=True)) for place in product(*segments.values())]
    return [Person(given, place) for given in answered for place in places]


def _ways(question: Question) -> list[dict[str, Any]]:
    if question.type is QuestionType.TEXT:
        return [{}]
    values: Iterable[Any] = question.values
    if question.type is QuestionType.SEVERAL:
        values = [
            list(some)
            for size in range(1, len(question.values) + 1)
            for some in combinations(question.values, size)
        ]
    given = [{question.id: value} for value in values]
    return given if question.required else [*given, {}]


def told(
    definition: Definition, shown: Published, people: int, round: int = 1
) -> list[tuple[str, Holds, int]]:
    """Each number that is shown, with whom it counts; the crossings of shown segments he knows himself."""

    def of(told: str, count: int, holds: Holds) -> tuple[str, Holds, int]:
        return (told, lambda person: round in person.rounds and holds(person), count)

    numbers = [of("took part", people, lambda person: True)]
    for item in shown.items:
        numbers += [of(*one) for one in _of_item(definition, item)]
    for driver in shown.drivers:
        numbers += [of(*one) for one in _of_driver(definition, driver)]
    questions = {item.question.id: item.question for item in shown.items}
    for dimension, rows in shown.segments.items():
        for segment, row in rows.items():
            here = _in_segment(dimension, segment, rows)
            numbers.append(of(f"{dimension} {segment}", row["people"], here))
            numbers += [
                of(f"{dimension} {segment} {id}", count, _both(here, _good(questions[id])))
                for id, count in row["favourable"].items()
                if count is not None
            ]
    return numbers


def known_crossings(
    shown: Published, people: Sequence[Person], round: int = 1
) -> Iterator[tuple[str, Holds, int]]:
    """How many are of each two shown segments at once: were everybody to take part, the register says it."""
    dimensions = [(dimension, rows) for dimension, rows in shown.segments.items() if rows]
    for (first, rows1), (second, rows2) in combinations(dimensions, 2):
        for one, other in product(rows1, rows2):
            here = _both(_in_segment(first, one, rows1), _in_segment(second, other, rows2))
            inside = _both(here, lambda person: round in person.rounds)
            yield f"{one} and {other}", inside, sum(map(inside, people))


def gives_away(
    kinds: Sequence[Person], people: Sequence[Person], numbers: Iterable[tuple[str, Holds, int]], k: int
) -> list[Person] | None:
    """Kinds that make up a group of 1 to k-1 people whose size follows from the numbers, or None."""
    said = [_statement(kinds, *number) for number in numbers]
    truth = {kind.key: 0 for kind in kinds}
    for person in people:
        truth[person.key] += 1
    for one in said:
        counted = zip(one.marks(len(kinds)), kinds, strict=True)
        assert one.count == sum(times * truth[kind.key] for times, kind in counted), f"{one.told} is wrong"
    found = small_group(list(truth.values()), said, k)
    return None if found is None else [kinds[at] for alike in found for at in alike]


def follows(
    kinds: Sequence[Person], number: tuple[str, Holds, int], numbers: Iterable[tuple[str, Holds, int]]
) -> bool:
    """Whether the first number is a sum of multiples of the others, so that it tells nothing new."""
    known = np.array([_statement(kinds, *one).marks(len(kinds)) for one in numbers])
    new = np.array([*known, _statement(kinds, *number).marks(len(kinds))])
    return bool(np.linalg.matrix_rank(new) == np.linalg.matrix_rank(known))


def _statement(kinds: Sequence[Person], told: str, holds: Holds, count: int) -> Statement:
    times = {at: times for at, kind in enumerate(kinds) if (times := int(holds(kind)))}
    return Statement(told, frozenset(times), count, times)


def _of_item(definition: Definition, item: Item) -> Iterator[tuple[str, int, Holds]]:
    question = item.question
    if item.base is None:
        return
    yield f"asked {question.id}", item.base, _asked(definition, question)
    for bar in item.bars:
        if bar.count is not None:
            yield f"{question.id} = {bar.value}", bar.count, _gave(question, bar.value)
    if item.no_answer is not None:
        nothing = _both(_asked(definition, question), lambda person: question.id not in person.answers)
        yield f"{question.id} left out", item.no_answer, nothing
    if item.favourable is not None:
        assert item.favourable.denominator == item.base
        yield f"{question.id} favourable", item.favourable.numerator, _good(question)


def _of_driver(definition: Definition, driver: Driver) -> Iterator[tuple[str, int, Holds]]:
    named = definition.outcome
    assert named is not None
    outcome_question = definition.question(named.question)
    assert outcome_question is not None
    good, outcome = _good(driver.question), _gave(outcome_question, named.value)
    for share, half in ((driver.without, good), (driver.with_, lambda person: not good(person))):
        yield f"driver {driver.question.id}", share.denominator, half
        yield f"driver {driver.question.id} and outcome", share.numerator, _both(half, outcome)


def _asked(definition: Definition, question: Question) -> Holds:
    return lambda person: question in definition.asked(person.answers)


def _gave(question: Question, value: int) -> Holds:
    def holds(person: Person) -> bool:
        given = person.answers.get(question.id)
        return value in given if isinstance(given, list) else given == value

    return holds


def _good(question: Question) -> Holds:
    return lambda person: person.answers.get(question.id) in question.favourable


def _in_segment(dimension: str, segment: str, rows: Mapping[str, Any]) -> Holds:
    def holds(person: Person) -> bool:
        own = person.segments[dimension]
        return segment == (own if own in rows else OTHERS)

    return holds


def _both(first: Holds, second: Holds) -> Holds:
    return lambda person: first(person) and second(person)
