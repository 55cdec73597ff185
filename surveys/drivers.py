"""What goes with an answer: thinking of leaving is commoner among whom? It goes with it; it is not its cause.

For each question with favourable answers everyone who took part falls into one of four cells: gave a
favourable answer or did not, gave the outcome or did not. "Did not" counts those who left a question out, so
that both halves are totals that are shown already, and nobody can be had by subtraction. A question of which
one of the four cells is below the threshold is withheld whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from disclosure.intervals import difference
from surveys.definition import Condition, Definition, OutcomeAnswer, Question
from surveys.tabulation import Answers, Item, Share, share


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer that the results look for reasons of. ``share``: how many gave it, None: held back."""

    question: Question
    value: int
    share: Share | None


@dataclass(frozen=True, slots=True)
class Driver:
    """How common the outcome is ``with_`` those who did not answer this question favourably (no answer is
    among them), and ``without``: among those who did.

    ``difference`` is the first less the second, a fraction from -1 to 1, with its 95 % interval (Newcombe).
    """

    question: Question
    with_: Share
    without: Share
    difference: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Whether it is more than chance explains: the interval leaves out 0."""
        return self.low > 0 or self.high < 0


def outcome_of(definition: Definition, items: Sequence[Item]) -> Outcome | None:
    """The outcome that this survey names, as far as it may be told; None where it names none."""
    named = definition.outcome
    item = next((one for one in items if named and one.question.id == named.question), None)
    if named is None or item is None or item.base is None:
        return None
    count = item.count(named.value)
    return Outcome(item.question, named.value, None if count is None else share(count, item.base))


def drivers(
    definition: Definition, items: Sequence[Item], sheets: Sequence[Answers], k: int
) -> tuple[Driver, ...]:
    """What goes with the outcome, the largest difference first. ``items``: the tables of these sheets.

    Empty where the survey names no outcome, or how many gave it is held back.
    """
    named, outcome = definition.outcome, outcome_of(definition, items)
    if named is None or outcome is None or outcome.share is None:
        return ()
    giving = [sheet for sheet, gave in zip(sheets, gave_outcome(named, sheets), strict=True) if gave]
    found = [
        driver
        for item in items
        if item.question.id != named.question and (driver := _driver(item, giving, k))
    ]
    return tuple(sorted(found, key=lambda one: (-one.difference, one.question.id)))


def gave_outcome(named: OutcomeAnswer, sheets: Sequence[Answers]) -> list[bool]:
    """Whether each sheet gives the outcome."""
    outcome = Condition(named.question, frozenset({named.value}))
    return [outcome.holds(sheet.get(named.question)) for sheet in sheets]


def _driver(item: Item, giving: Sequence[Answers], k: int) -> Driver | None:
    """``giving``: the sheets that give the outcome. The table knows how many there are, and how many good."""
    question = item.question
    if item.favourable is None or question.asked_if is not None:
        return None
    everybody, good_ones = item.favourable.denominator, item.favourable.numerator
    good = sum(sheet.get(question.id) in question.favourable for sheet in giving)
    first, second = (len(giving) - good, everybody - good_ones), (good, good_ones)
    if any(gave < k or people - gave < k for gave, people in (first, second)):
        return None
    low, high = difference(first, second)
    return Driver(question, share(*first), share(*second), _gap(first, second), low, high)


def _gap(first: tuple[int, int], second: tuple[int, int]) -> float:
    return first[0] / first[1] - second[0] / second[1]
