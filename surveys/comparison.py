"""What has changed since the round before: made of what each of the two shows by itself, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from disclosure.intervals import difference
from storage.surveys import Round
from surveys.definition import Question
from surveys.tabulation import Item, Share


@dataclass(frozen=True, slots=True)
class Change:
    """One question then and now. ``difference``: the favourable share now less then, a fraction from -1 to 1,
    with its 95 % interval (Newcombe), all three null where either share is held back.

    The interval takes the two rounds for different people; of the same people it is on the cautious side.
    """

    question: Question
    reworded: bool
    """The question or one of its answers read differently then, in English."""
    then: Share | None
    now: Share | None
    difference: float | None
    low: float | None
    high: float | None
    mean_then: float | None
    mean_now: float | None

    @property
    def clear(self) -> bool:
        """Whether it is more than chance explains: the interval leaves out 0."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The round before, and each question that was in both, by its id. ``closed_at`` is aware UTC."""

    round_id: int
    title: str
    closed_at: datetime
    responses: int
    changes: Mapping[str, Change]


def compare(before: Round, responses: int, then: Sequence[Item], now: Sequence[Item]) -> Comparison:
    """The later items beside those of the round before, in which so many took part."""
    earlier = {item.question.id: item for item in then}
    return Comparison(
        round_id=before.id,
        title=before.title,
        closed_at=before.closed_at or before.closes_at,
        responses=responses,
        changes={
            item.question.id: _change(earlier[item.question.id], item)
            for item in now
            if item.question.id in earlier and _comparable(earlier[item.question.id].question, item.question)
        },
    )


def _comparable(then: Question, now: Question) -> bool:
    """Whether they ask for the same: the same answers, the same favourable ones, of the same people."""
    return (then.type, then.values, then.favourable, then.asked_if) == (
        now.type,
        now.values,
        now.favourable,
        now.asked_if,
    )


def _change(then: Item, now: Item) -> Change:
    gap = low = high = None
    if then.favourable is not None and now.favourable is not None:
        gap = now.favourable.value - then.favourable.value
        low, high = difference(_fraction(now.favourable), _fraction(then.favourable))
    return Change(
        now.question,
        reworded=_wording(then.question) != _wording(now.question),
        then=then.favourable,
        now=now.favourable,
        difference=gap,
        low=low,
        high=high,
        mean_then=then.mean,
        mean_now=now.mean,
    )


def _fraction(one: Share) -> tuple[int, int]:
    return one.numerator, one.denominator


def _wording(question: Question) -> tuple[str, ...]:
    return (question.text["en"], *(option.label["en"] for option in question.options))
