"""Closing rounds, an anonymous one in three steps, each a transaction of its own.

``open`` to ``closing``: no answer is taken any more. ``closing`` to ``released``: in one transaction every
sheet is unsealed and written shuffled, comments apart, and who took part is forgotten. What could never be
shown, for too few took part or wrote, is not written: it goes with the key, unread. ``released`` to
``closed``: the key is destroyed. What a crash costs: between steps, nothing, the next tick goes on from the
state it finds; inside the second, the transaction is rolled back and all is still sealed; after the key was
destroyed but before the commit, the third step is done again and finds no key to destroy.
"""

import secrets
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from storage.engine import Database, Session
from storage.surveys import Round, RoundState
from storage.surveys_closing import (
    forget_who_took_part,
    rounds_to_close,
    scrub,
    sealed_of,
    write_comments,
    write_responses,
)
from storage.surveys_queries import forget_named_drafts, participants_of
from surveys.comments import comments_shown
from surveys.definition import Definition
from surveys.drafts import open_sheet
from surveys.keys import KeyMissing, RoundKeys
from surveys.reading import read_definition
from surveys.sealing import Unreadable
from surveys.segment_tables import segment_views
from surveys.sending import parted
from surveys.tabulation import tables, tabulate
from surveys.themes import themes_of, themes_of_round

T = TypeVar("T")


class Closing(StrEnum):
    """What one step did to one round."""

    MOVED = "moved"
    CLOSED = "closed"
    UNREADABLE = "unreadable"
    """The key is missing or does not fit: all stays sealed, nothing is thrown away, a person must look."""


async def close_rounds(database: Database, now: datetime, keys: RoundKeys) -> dict[str, Closing]:
    """Close what is due, all the way, and scrub the disk; what became of each round, by its ref.

    The job that ticks calls this. Safe at any time and from several processes.
    """
    seen: dict[str, Closing] = {}
    while True:
        async with database.write() as session:
            done = await close_due(session, now, keys)
        seen |= done
        if all(outcome is Closing.UNREADABLE for outcome in done.values()):
            break
    if any(outcome is not Closing.UNREADABLE for outcome in seen.values()):
        await scrub(database)
    return seen


async def close_due(session: Session, now: datetime, keys: RoundKeys) -> dict[str, Closing]:
    """Take every round that is due, or half closed, one step on. Empty when there is nothing to do."""
    return {
        round.ref: await _step(session, round, now, keys) for round in await rounds_to_close(session, now)
    }


async def _step(session: Session, round: Round, now: datetime, keys: RoundKeys) -> Closing:
    if not round.anonymous:
        round.took_part = await participants_of(session, round.id)
        round.themes = await themes_of_round(session, round)
        await forget_named_drafts(session, round.id)
        return await _closed(session, round, now)
    match round.state:
        case RoundState.OPEN:
            round.state = RoundState.CLOSING
            await session.flush()
            return Closing.MOVED
        case RoundState.CLOSING:
            try:
                await _release(session, round, now, keys)
            except (KeyMissing, Unreadable):
                return Closing.UNREADABLE
            return Closing.MOVED
        case _:
            # Only a release that is committed gets here: there is nothing left that the key would open.
            keys.destroy(round.ref)
            return await _closed(session, round, now)


async def _closed(session: Session, round: Round, now: datetime) -> Closing:
    round.state, round.closed_at = RoundState.CLOSED, now
    await session.flush()
    return Closing.CLOSED


async def _release(session: Session, round: Round, now: datetime, keys: RoundKeys) -> None:
    key = keys.get(round.ref)
    definition = read_definition(round.definition)
    rows = [row for row in await sealed_of(session, round.id) if row.submitted]
    opened = [open_sheet(key, round, row) for row in rows]
    round.took_part = len(opened)
    # Whoever knows that one person alone took part would read in the tables what that person said.
    sheets = _shuffled(opened) if len(opened) >= round.threshold else []
    told = [parted(definition, sheet) for sheet in sheets]
    answers = [given for given, _ in told]
    await write_responses(session, _response_rows(round, answers))
    written = [comment for _, comments in told for comment in comments]
    await write_comments(session, _comment_rows(round, definition, answers, written))
    segments = [sheet.segments for sheet in sheets]
    round.segment_tables = segment_views(definition, answers, segments, round.threshold)
    round.themes = themes_of(definition, tabulate(definition, answers, round.threshold))
    round.state = RoundState.RELEASED
    await session.flush()
    await forget_who_took_part(session, round.id, now)


def _response_rows(round: Round, answers: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "id": secrets.token_hex(16),
            "round_id": round.id,
            "carer_id": None,
            "segments": {},
            "answers": given,
        }
        for given in answers
    ]


def _comment_rows(
    round: Round,
    definition: Definition,
    answers: Sequence[dict[str, Any]],
    written: Sequence[tuple[str, str]],
) -> list[dict[str, Any]]:
    """Shuffled apart from the sheets, so that no order says which comment came with which answers; only those
    that are ever shown, for a table can be read by more people than a page."""
    asked_of_enough = {
        question
        for question, table in tables(definition, answers, round.threshold).items()
        if not table.item.withheld
    }
    shown = {
        question
        for question, texts in Counter(question for question, _ in written).items()
        if question in asked_of_enough and comments_shown(len(answers), texts, round.threshold)
    }
    comments = [(question, text) for question, text in written if question in shown]
    return [
        {
            "id": secrets.token_hex(16),
            "round_id": round.id,
            "carer_id": None,
            "question": question,
            "text": text,
        }
        for question, text in _shuffled(comments)
    ]


def _shuffled(items: Sequence[T]) -> list[T]:
    mixed = list(items)
    secrets.SystemRandom().shuffle(mixed)
    return mixed
