"""From answer sheets to what may be shown of them: every number here has small groups hidden already.

Shares are of everyone who took part, "no answer" included: were they of those who answered, the difference to
the count of who took part would say how many left the question out.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from disclosure.intervals import wilson
from disclosure.means import Part, safe_mean
from disclosure.suppression import TOTAL, Cell, protect, suppress
from surveys.definition import ORDERED, Definition, Question, QuestionType
from surveys.segments import DIMENSIONS, OTHERS, large_enough, sizes_of

Answers = Mapping[str, Any]
_NONE = "none"
_ALL, _FAVOURABLE, _OTHER = "all", "favourable", "other"


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


@dataclass(frozen=True, slots=True)
class Item:
    """One question's results. ``no_answer`` counts those who left it out."""

    question: Question
    bars: tuple[Bar, ...]
    no_answer: int | None
    mean: float | None
    favourable: Share | None


def share(numerator: int, denominator: int) -> Share:
    """A share with its interval."""
    return Share(numerator, denominator, *wilson(numerator, denominator))


def tabulate(definition: Definition, sheets: Sequence[Answers], k: int) -> tuple[Item, ...]:
    """The results of each question that is no free text; nothing at all of fewer than k sheets."""
    if len(sheets) < k:
        return ()
    return tuple(
        _several(question, sheets, k) if question.type is QuestionType.SEVERAL else _one(question, sheets, k)
        for question in definition.questions
        if question.type is not QuestionType.TEXT
    )


def segment_views(
    definition: Definition, sheets: Sequence[Answers], segments: Sequence[Mapping[str, str]], k: int
) -> dict[str, Any]:
    """`by_segment` for each dimension, as far as they may be shown beside each other.

    Whoever knows the register knows which segments lie inside one another: all short-break households may be
    long-serving ones. The difference between two views is then a crossing of segments; a second dimension is
    shown only if every crossing of it with the first is of k people or of nobody.
    """
    views: dict[str, Any] = {}
    shown: list[Sequence[str]] = []
    for dimension in DIMENSIONS:
        merged = large_enough(sizes_of(segments, dimension), k)
        where = [merged[one.get(dimension, OTHERS)] for one in segments] if merged else []
        crossings = Counter(pair for other in shown for pair in zip(other, where, strict=bool(where)))
        if where and all(people >= k for people in crossings.values()):
            views[dimension] = by_segment(definition, sheets, segments, dimension, k)
            shown.append(where)
        else:
            views[dimension] = {}
    return views


def by_segment(
    definition: Definition,
    sheets: Sequence[Answers],
    segments: Sequence[Mapping[str, str]],
    dimension: str,
    k: int,
) -> dict[str, Any]:
    """Favourable answers as plain JSON: ``{segment: {"people": n, "favourable": {question: count}}}``.

    Segments below k are put together under ``others``; a hidden count is null. Only questions whose overall
    share is shown appear. Empty when fewer than two segments are large enough.
    """
    merged = large_enough(sizes_of(segments, dimension), k) if len(sheets) >= k else None
    if merged is None:
        return {}
    where = [merged[one.get(dimension, OTHERS)] for one in segments]
    people = Counter(where)
    tables: dict[str, Any] = {
        segment: {"people": people[segment], "favourable": {}} for segment in sorted(people)
    }
    for item in tabulate(definition, sheets, k):
        if item.favourable is None:
            continue
        cells = {(segment, good): 0 for segment in tables for good in (True, False)}
        for segment, sheet in zip(where, sheets, strict=True):
            cells[segment, sheet.get(item.question.id) in item.question.favourable] += 1
        # Each row's and column's total is shown elsewhere, so that the cells inside must cover each other.
        shown = suppress(cells, k, known=_margins(tables))
        for segment in tables:
            tables[segment]["favourable"][item.question.id] = shown[segment, True]
    return tables


def _margins(rows: Mapping[str, Any]) -> set[tuple[Any, Any]]:
    return {(row, TOTAL) for row in rows} | {(TOTAL, good) for good in (True, False, TOTAL)}


def _one(question: Question, sheets: Sequence[Answers], k: int) -> Item:
    given = Counter(sheet.get(question.id) for sheet in sheets)
    counts: dict[Any, int] = {value: given[value] for value in question.values}
    counts[_NONE] = given[None]
    good = question.favourable
    shown = protect(_with_subtotals(counts, good, len(sheets)), k, known={_ALL})
    split = shown.get(_FAVOURABLE) is not None and shown.get(_OTHER) is not None
    parts = [
        Part(None if value == _NONE else value, count, shown[value] is None, value in good if split else None)
        for value, count in counts.items()
    ]
    favourable = shown.get(_FAVOURABLE)
    return Item(
        question,
        bars=tuple(Bar(value, shown[value]) for value in question.values),
        no_answer=shown[_NONE],
        mean=safe_mean(parts, k) if question.type in ORDERED else None,
        favourable=share(favourable, len(sheets)) if favourable is not None else None,
    )


def _with_subtotals(counts: Mapping[Any, int], good: frozenset[int], everyone: int) -> dict[Any, Cell]:
    cells: dict[Any, Cell] = {_ALL: Cell("bottom", "top", everyone, total=True)}
    if not good:
        return cells | {value: Cell("top", "bottom", count) for value, count in counts.items()}
    for value, count in counts.items():
        cells[value] = Cell(_FAVOURABLE if value in good else _OTHER, "bottom", count)
    among = sum(count for value, count in counts.items() if value in good)
    cells[_FAVOURABLE] = Cell("top", _FAVOURABLE, among, total=True)
    cells[_OTHER] = Cell("top", _OTHER, everyone - among, total=True)
    return cells


def _several(question: Question, sheets: Sequence[Answers], k: int) -> Item:
    """Each box is a table of its own: who ticked it and who did not, of everyone."""

    def ticked(people: int) -> int | None:
        return suppress({True: people, False: len(sheets) - people}, k, known={TOTAL})[True]

    boxes = Counter(value for sheet in sheets for value in sheet.get(question.id, ()))
    return Item(
        question,
        bars=tuple(Bar(value, ticked(boxes[value])) for value in question.values),
        no_answer=ticked(sum(question.id not in sheet for sheet in sheets)),
        mean=None,
        favourable=None,
    )
