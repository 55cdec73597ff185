"""From answer sheets to what may be shown of them: every number here has small groups hidden already.

Shares are of everyone who was asked the question, "no answer" included: were they of those who answered, the
difference to the count of who took part would say how many left the question out.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from disclosure.intervals import wilson
from disclosure.means import Part, safe_mean
from disclosure.suppression import TOTAL, Cell, protect, suppress
from surveys.definition import ORDERED, Definition, Question, QuestionType, Words

Answers = Mapping[str, Any]
Group = frozenset[int]
_NONE = "none"
_ALL = "all"


@dataclass(frozen=True, slots=True)
class Share:
    """``numerator`` of ``denominator``, with the 95 % Wilson interval as fractions."""

    numerator: int
    denominator: int
    low: float
    high: float

    @property
    def value(self) -> float:
        return self.numerator / self.denominator


@dataclass(frozen=True, slots=True)
class Bar:
    """How many gave this answer; None: too few to say, or hidden so that too few cannot be worked out."""

    value: int
    count: int | None
    label: Words


@dataclass(frozen=True, slots=True)
class Item:
    """One question's results. ``no_answer`` counts those who were asked it and left it out.

    ``base``: how many were asked, everyone who took part unless an earlier answer decides. None: too few were
    asked, or all but a few, or how many would follow from nothing that may be shown; all is withheld then.
    """

    question: Question
    base: int | None
    bars: tuple[Bar, ...]
    no_answer: int | None
    mean: float | None
    favourable: Share | None

    @property
    def withheld(self) -> bool:
        return self.base is None

    def count(self, value: int) -> int | None:
        """How many gave this answer, as far as it may be shown."""
        return next((bar.count for bar in self.bars if bar.value == value), None)


@dataclass(frozen=True, slots=True)
class Table:
    """One question with what is built on it. ``asked``: the sheets of who was asked it. ``groups``: how many
    gave one of these answers, for each question that follows on them; None where that may not be told."""

    item: Item
    asked: Sequence[Answers]
    groups: Mapping[Group, int | None]


def share(numerator: int, denominator: int) -> Share:
    """A share with its interval."""
    return Share(numerator, denominator, *wilson(numerator, denominator))


def tabulate(definition: Definition, sheets: Sequence[Answers], k: int) -> tuple[Item, ...]:
    """The results of each question that is no free text; nothing at all of fewer than k sheets."""
    return tuple(
        table.item
        for table in tables(definition, sheets, k).values()
        if table.item.question.type is not QuestionType.TEXT
    )


def tables(definition: Definition, sheets: Sequence[Answers], k: int) -> dict[str, Table]:
    """Each question's table by its id, free text (of which the base alone is told) among them.

    A question that follows on an answer takes the group that gave it as its whole. That group is one of the
    totals that its parent's table protects, so that telling how many were asked gives nobody away.
    """
    found: dict[str, Table] = {}
    for question in definition.questions if len(sheets) >= k else ():
        needs = question.asked_if
        asked: Sequence[Answers] = sheets
        base: int | None = len(sheets)
        if needs is not None:
            parent = found[needs.question]
            asked = [sheet for sheet in parent.asked if needs.holds(sheet.get(needs.question))]
            base = parent.groups.get(needs.values)
        found[question.id] = _table(definition, question, asked, base, k)
    return found


def _table(
    definition: Definition, question: Question, asked: Sequence[Answers], base: int | None, k: int
) -> Table:
    if base is None or question.type is QuestionType.TEXT:
        bars = tuple(Bar(option.value, None, option.label) for option in question.options)
        return Table(Item(question, base, bars, None, None, None), asked, {})
    if question.type is QuestionType.SEVERAL:
        return _several(question, asked, k)
    follow = {
        later.asked_if.values
        for later in definition.questions
        if later.asked_if and later.asked_if.question == question.id
    }
    outcome = definition.outcome
    spare = {outcome.value} if outcome and outcome.question == question.id else set()
    return _one(question, asked, follow, spare, k)


def _one(
    question: Question, asked: Sequence[Answers], follow: Iterable[Group], spare: Collection[int], k: int
) -> Table:
    """``spare``: answers to hide last, because other tables are built on them."""
    counts = _counts(question, asked)
    good = question.favourable
    groups = _nested([good, *sorted(follow, key=lambda group: (-len(group), sorted(group)))])
    shown = protect(_cells(counts, groups), k, known={_ALL}, spare=spare)
    parts = [
        Part(None if value == _NONE else value, count, shown[value] is None, _told(value, groups, shown))
        for value, count in counts.items()
    ]
    favourable = shown.get(good) if good else None
    item = Item(
        question,
        len(asked),
        bars=tuple(Bar(option.value, shown[option.value], option.label) for option in question.options),
        no_answer=shown.get(_NONE, 0),
        mean=safe_mean(parts, k) if question.type in ORDERED else None,
        favourable=share(favourable, len(asked)) if favourable is not None else None,
    )
    return Table(item, asked, {group: _told_of(group, shown) for group in follow})


def _counts(question: Question, asked: Sequence[Answers]) -> dict[Any, int]:
    """How many gave each answer, or none; "none" is not there where everybody knows that it cannot be."""
    given = Counter(sheet.get(question.id) for sheet in asked)
    counts: dict[Any, int] = {value: given[value] for value in question.values}
    return counts if question.required and not given[None] else counts | {_NONE: given[None]}


def _nested(groups: Iterable[Group]) -> list[Group]:
    """Those that lie inside one another or apart: their totals can be protected together."""
    kept: list[Group] = []
    for group in groups:
        apart = all(group <= other or group >= other or not group & other for other in kept)
        if group and group not in kept and apart:
            kept.append(group)
    return kept


def _cells(counts: Mapping[Any, int], groups: Sequence[Group]) -> dict[Any, Cell]:
    """The answers as pipes through the groups that they lie in, the smallest first, up to everyone asked."""

    def above(members: Group) -> Any:
        around = [group for group in groups if members < group]
        return min(around, key=len) if around else "top"

    cells: dict[Any, Cell] = {_ALL: Cell("bottom", "top", sum(counts.values()), total=True)}
    for value, count in counts.items():
        inside = [group for group in groups if value in group]
        cells[value] = Cell(min(inside, key=len) if inside else "top", "bottom", count)
    for group in groups:
        cells[group] = Cell(above(group), group, sum(counts[value] for value in group), total=True)
    return cells


def _told(value: Any, groups: Iterable[Group], shown: Mapping[Any, int | None]) -> Group:
    """Which groups of a known size this answer lies in, as a set of their places."""
    return frozenset(at for at, group in enumerate(groups) if value in group and shown.get(group) is not None)


def _told_of(group: Group, shown: Mapping[Any, int | None]) -> int | None:
    """How many gave one of these answers, if that is a total of the table or follows from its cells."""
    if group in shown:
        return shown[group]
    parts = [shown[value] for value in group]
    return None if None in parts else sum(part or 0 for part in parts)


def _several(question: Question, asked: Sequence[Answers], k: int) -> Table:
    """Each box parts those who answered: who ticked it and who did not. It has no mean and no share.

    Where all boxes are shown, ticks less people tells how many ticked more than one; the smallest box is
    hidden where that could only be a few. Questions can follow on a single box: how many ticked any of two
    would tell how many ticked both.
    """
    ticks = Counter(value for sheet in asked for value in sheet.get(question.id, ()))
    none = sum(not sheet.get(question.id) for sheet in asked)
    split = suppress({True: len(asked) - none, False: none}, k, known={TOTAL})
    answered = len(asked) - none if split[True] is not None or (question.required and not none) else None
    whole = len(asked) if answered is None else answered

    def ticked(people: int) -> int | None:
        return suppress({True: people, False: whole - people}, k, known={TOTAL})[True]

    shown = {value: ticked(ticks[value]) for value in question.values}
    if answered is not None and None not in shown.values() and 0 < sum(ticks.values()) - answered < k:
        shown[min(shown, key=lambda value: (ticks[value], value))] = None
    item = Item(
        question,
        len(asked),
        bars=tuple(Bar(option.value, shown[option.value], option.label) for option in question.options),
        no_answer=0 if question.required and not none else split[False],
        mean=None,
        favourable=None,
    )
    return Table(item, asked, {frozenset({value}): count for value, count in shown.items()})
