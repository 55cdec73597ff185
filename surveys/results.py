"""The results of a round: nothing while it is open, and nothing ever of fewer than its threshold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from storage.engine import Session
from storage.survey_results_queries import rounds_before
from storage.surveys import Comment, Round, RoundState
from storage.surveys_queries import answers_of, comments_of, responses_of
from surveys.comments import comments_shown
from surveys.comparison import Comparison, compare
from surveys.definition import Definition, Question, QuestionType
from surveys.drivers import Driver, Outcome, drivers, outcome_of
from surveys.reading import read_definition
from surveys.segment_tables import segment_views_of
from surveys.segments import DIMENSIONS
from surveys.tabulation import Answers, Item, Share, Table, share, tables


class Withheld(StrEnum):
    """Why there is nothing to see."""

    NO_SUCH_ROUND = "no_such_round"
    NOT_CLOSED = "not_closed"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True)
class Comments:
    """What was written, in no order that means anything. ``texts`` empty and ``withheld``: too few people."""

    question: Question
    texts: tuple[str, ...]
    withheld: bool


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """One segment: how many of it took part, and the favourable share of each question; None is hidden."""

    segment: str
    people: int
    favourable: Mapping[str, Share | None]


@dataclass(frozen=True, slots=True)
class Results:
    """``segments`` by dimension (``household``, ``years``); a dimension without large segments is empty.

    ``outcome``: the answer whose company ``drivers`` looks for, None where the survey names none.
    ``comparison``: with the round before, None where there was none that can be shown.
    """

    round_id: int
    definition: Definition
    threshold: int
    asked: int
    responses: int
    items: tuple[Item, ...]
    comments: tuple[Comments, ...]
    segments: Mapping[str, tuple[SegmentRow, ...]]
    outcome: Outcome | None
    drivers: tuple[Driver, ...]
    comparison: Comparison | None

    @property
    def response_rate(self) -> Share | None:
        return share(self.responses, self.asked) if self.asked >= max(1, self.responses) else None


async def results(session: Session, round_id: int) -> Results | Withheld:
    """The results as they may be shown to anyone who may see results at all; one view for all of them."""
    round = await session.get(Round, round_id)
    if round is None:
        return Withheld.NO_SUCH_ROUND
    if round.state is not RoundState.CLOSED:
        return Withheld.NOT_CLOSED
    sheets, segments = await _sheets(session, round)
    if len(sheets) < round.threshold:
        return Withheld.TOO_FEW
    definition = read_definition(round.definition)
    made = tables(definition, sheets, round.threshold)
    items = _items(made)
    found = drivers(definition, items, sheets, round.threshold)
    views: Mapping[str, Any] = round.segment_tables
    if not round.anonymous:
        views = segment_views_of(definition, items, found, sheets, segments, round.threshold)
    return Results(
        round_id=round.id,
        definition=definition,
        threshold=round.threshold,
        asked=round.asked,
        responses=len(sheets),
        items=items,
        comments=_comments(round, made, len(sheets), await comments_of(session, round_id)),
        segments=_segments(views),
        outcome=outcome_of(definition, items),
        drivers=found,
        comparison=await _comparison(session, round, items),
    )


async def _sheets(session: Session, round: Round) -> tuple[Sequence[Answers], Sequence[Mapping[str, str]]]:
    """The answers of each sheet and, in a named round, the segments that it belongs to."""
    if round.anonymous:
        return await answers_of(session, round.id), ()
    responses = await responses_of(session, round.id)
    return [one.answers for one in responses], [one.segments for one in responses]


def _items(made: Mapping[str, Table]) -> tuple[Item, ...]:
    items = [table.item for table in made.values()]
    return tuple(item for item in items if item.question.type is not QuestionType.TEXT)


def _comments(
    round: Round, made: Mapping[str, Table], responses: int, written: Sequence[Comment]
) -> tuple[Comments, ...]:
    """Where a question followed on an answer, its comments tell how many gave that at least: they are shown
    only where how many gave it is."""
    shown = []
    for table in made.values():
        question = table.item.question
        if question.type is QuestionType.TEXT:
            texts = tuple(comment.text for comment in written if comment.question == question.id)
            enough = comments_shown(responses, len(texts), round.threshold) and not table.item.withheld
            shown.append(Comments(question, texts if enough else (), not enough))
    return tuple(shown)


async def _comparison(session: Session, round: Round, items: Sequence[Item]) -> Comparison | None:
    for before in await rounds_before(session, round):
        sheets = await answers_of(session, before.id)
        if len(sheets) >= before.threshold:
            then = _items(tables(read_definition(before.definition), sheets, before.threshold))
            return compare(before, len(sheets), then, items)
    return None


def _segments(views: Mapping[str, Any]) -> dict[str, tuple[SegmentRow, ...]]:
    return {
        dimension: tuple(
            SegmentRow(
                segment,
                row["people"],
                {
                    question: None if count is None else share(count, row["people"])
                    for question, count in row["favourable"].items()
                },
            )
            for segment, row in views.get(dimension, {}).items()
        )
        for dimension in DIMENSIONS
    }
