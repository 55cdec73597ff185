"""The results of a round: nothing while it is open, and nothing ever of fewer than its threshold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from storage.engine import Session
from storage.surveys import Comment, Response, Round, RoundState
from storage.surveys_queries import comments_of, responses_of
from surveys.comments import comments_shown
from surveys.definition import Definition, Question, QuestionType
from surveys.reading import read_definition
from surveys.segments import DIMENSIONS
from surveys.tabulation import Item, Share, segment_views, share, tabulate


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
    """``segments`` by dimension (``household``, ``years``); a dimension without large segments is empty."""

    round_id: int
    definition: Definition
    threshold: int
    asked: int
    responses: int
    items: tuple[Item, ...]
    comments: tuple[Comments, ...]
    segments: Mapping[str, tuple[SegmentRow, ...]]

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
    responses = await responses_of(session, round_id)
    if len(responses) < round.threshold:
        return Withheld.TOO_FEW
    definition = read_definition(round.definition)
    return Results(
        round_id=round.id,
        definition=definition,
        threshold=round.threshold,
        asked=round.asked,
        responses=len(responses),
        items=tabulate(definition, [response.answers for response in responses], round.threshold),
        comments=_comments(round, definition, len(responses), await comments_of(session, round_id)),
        segments=_segments(round, definition, responses),
    )


def _comments(
    round: Round, definition: Definition, responses: int, written: Sequence[Comment]
) -> tuple[Comments, ...]:
    shown = []
    for question in definition.questions:
        if question.type is QuestionType.TEXT:
            texts = tuple(comment.text for comment in written if comment.question == question.id)
            withheld = not comments_shown(responses, len(texts), round.threshold)
            shown.append(Comments(question, () if withheld else texts, withheld))
    return tuple(shown)


def _segments(
    round: Round, definition: Definition, responses: Sequence[Response]
) -> dict[str, tuple[SegmentRow, ...]]:
    if round.anonymous:
        tables = round.segment_tables
    else:
        tables = segment_views(
            definition,
            [response.answers for response in responses],
            [response.segments for response in responses],
            round.threshold,
        )
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
            for segment, row in tables.get(dimension, {}).items()
        )
        for dimension in DIMENSIONS
    }
