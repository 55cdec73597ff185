"""What a round says about each theme: how many of all answers about being valued, say, were favourable.

A theme's sum is made of the favourable shares that the round's results show, and of nothing else: where the
share of one of its questions is held back, so is the whole theme. So whoever has read the results could have
added it up, and it tells nobody more, whatever else is shown of the round (docs/anonymity.md).

A theme is a code that questions share. A survey of which no question has one, as in rounds from before there
were themes, takes those of the standard survey's questions that are the same.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from storage.engine import Database, Session
from storage.report_surveys import any_without_themes, closed_without_themes
from storage.surveys import Round
from storage.surveys_queries import answers_of
from storage.types import JsonDict
from surveys.catalogue import standard_definitions
from surveys.definition import Definition, Question
from surveys.reading import read_definition
from surveys.tabulation import Item, Share, tabulate


def themes_of(definition: Definition, items: Iterable[Item]) -> JsonDict:
    """By theme ``{"title", "favourable", "answers", "people"}``, as a round keeps it: of ``answers`` that
    ``people`` gave to its questions so many were ``favourable``. Who left a question out is among the answers
    to it, as in every share that is shown. The numbers are null where a part of them is held back.

    ``items``: the round's results as they are shown, none where too few took part.
    """
    shown = {item.question.id: item.favourable for item in items}
    parts: dict[str, list[Share | None]] = {}
    given = {question.id: question.theme for question in definition.questions if question.theme}
    for question in definition.questions:
        theme = given.get(question.id, "") if given else _of_the_standard(definition.id, question)
        if theme and question.favourable and question.asked_if is None:
            parts.setdefault(theme, []).append(shown.get(question.id))
    return {theme: {"title": _title(theme), **_sum(shares)} for theme, shares in parts.items()}


async def themes_of_round(session: Session, round: Round) -> JsonDict:
    """The themes of a round whose answers are out."""
    definition = read_definition(round.definition)
    sheets = await answers_of(session, round.id)
    return themes_of(definition, tabulate(definition, sheets, round.threshold))


async def add_up_earlier(database: Database) -> None:
    """Make the themes of rounds that closed before themes were made at the close: a round at a time, and a
    look before each, so that where there are none nobody waits for a turn to write."""
    while await _any_to_add_up(database):
        async with database.write() as session:
            if not await add_up_one(session):
                return  # another process has the last of them in hand


async def _any_to_add_up(database: Database) -> bool:
    async with database.read() as session:
        return await any_without_themes(session)


async def add_up_one(session: Session) -> int:
    """Make the themes of one such round; how many were made. Safe to do again, or twice at once: the answers
    of a closed round do not change."""
    round = await closed_without_themes(session)
    if round is None:
        return 0
    round.themes = await themes_of_round(session, round)
    await session.flush()
    return 1


def _of_the_standard(survey: str, question: Question) -> str:
    return _standard_themes().get((survey, *_asks(question)), "")


@cache
def _standard_themes() -> Mapping[tuple[Any, ...], str]:
    found = {}
    for survey in standard_definitions().values():
        added = (question for block in survey.blocks for question in block.questions)
        for question in (*survey.questions, *added):
            found[survey.id, *_asks(question)] = question.theme
    return found


def _asks(question: Question) -> tuple[Any, ...]:
    return question.id, question.type, question.values, question.favourable


def _title(theme: str) -> str:
    return theme.replace("_", " ").capitalize()


def _sum(shares: Iterable[Share | None]) -> JsonDict:
    known = list(shares)
    told = [one for one in known if one is not None]
    if len(told) < len(known):
        return {"favourable": None, "answers": None, "people": None}
    return {
        "favourable": sum(one.numerator for one in told),
        "answers": sum(one.denominator for one in told),
        "people": max(one.denominator for one in told),
    }
