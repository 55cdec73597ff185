"""Finding rounds, who was asked, drafts and responses."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Text, cast, delete, func, select

from storage.deliveries import Delivery, Notice
from storage.engine import Session
from storage.households import Carer, Household
from storage.households_queries import Condition, still_a_carer
from storage.ledger import insert_for
from storage.surveys import Comment, NamedDraft, Participant, Response, Round, RoundState, SealedDraft
from storage.types import JsonDict
from storage.ways import way


async def all_rounds(session: Session) -> Sequence[Round]:
    """Every round, the latest to open first."""
    return (await session.scalars(select(Round).order_by(Round.opens_at.desc(), Round.id.desc()))).all()


async def rounds_to_open(session: Session, now: datetime) -> Sequence[Round]:
    """Planned rounds whose time to open has come, locked against a second opener."""
    query = select(Round).where(Round.state == RoundState.DRAFT, Round.opens_at <= now).order_by(Round.id)
    return (await session.scalars(query.with_for_update())).all()


async def open_rounds(session: Session) -> Sequence[Round]:
    """Rounds that are open, whatever their time says."""
    return (
        await session.scalars(select(Round).where(Round.state == RoundState.OPEN).order_by(Round.id))
    ).all()


async def round_for_answering(session: Session, round_id: int) -> Round | None:
    """The round, held so that it cannot begin to close before this transaction ends."""
    query = select(Round).where(Round.id == round_id).with_for_update(read=True)
    return (await session.scalars(query.execution_options(populate_existing=True))).one_or_none()


async def rounds_asked_of(session: Session, carer_id: int, now: datetime) -> Sequence[tuple[Round, bool]]:
    """The rounds open to this carer now, and whether they have taken part, the first to close first."""
    query = (
        select(Round, Participant.took_part)
        .join(Participant, Participant.round_id == Round.id)
        .where(Participant.carer_id == carer_id, Round.state == RoundState.OPEN, Round.closes_at > now)
        .order_by(Round.closes_at, Round.id)
    )
    return [(row[0], row[1]) for row in (await session.execute(query)).all()]


async def add_participants(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Note who is asked."""
    for start in range(0, len(rows), 500):
        await session.execute(
            insert_for(session, Participant).values(list(rows[start : start + 500])).on_conflict_do_nothing()
        )


async def participant_ids(session: Session, round_id: int) -> set[int]:
    """The carers who were asked."""
    return set(await session.scalars(select(Participant.carer_id).where(Participant.round_id == round_id)))


async def lock_round(session: Session, round_id: int) -> Round | None:
    """The round as it is now, held against all others."""
    query = select(Round).where(Round.id == round_id).with_for_update()
    return (await session.scalars(query.execution_options(populate_existing=True))).one_or_none()


async def rounds_of_late(session: Session, since: datetime) -> Sequence[Round]:
    """The rounds that asked an audience, or will, and were not over by then, the latest to open first."""
    lasted = func.coalesce(Round.closed_at, Round.closes_at) >= since
    query = select(Round).where(Round.occasion.is_(None), lasted)
    return (await session.scalars(query.order_by(Round.opens_at.desc(), Round.id.desc()))).all()


async def carers_told(session: Session, round_id: int) -> set[int]:
    """The carers to whom this round was announced, by whatever way or none: all whom it asked when it opened.
    It is known of a closed round still."""
    query = select(Delivery.carer_id).where(Delivery.round_id == round_id, Delivery.kind == "survey")
    return {carer_id for carer_id in await session.scalars(query) if carer_id is not None}


async def count_ways_and_languages(
    session: Session, today: date, conditions: Collection[Condition]
) -> Sequence[tuple[str | None, str, int]]:
    """(way by which they are reached or null, language, how many) of the carers who fulfil these conditions
    on this local day."""
    by, language = way().label("by"), Carer.language
    query = (
        select(by, language, func.count())
        .select_from(Carer)
        .join(Household, Household.id == Carer.household_id)
        .where(still_a_carer(today), *conditions)
        .group_by(by, language)
    )
    return [(row[0], str(row[1]), row[2]) for row in (await session.execute(query)).all()]


async def participants_of(session: Session, round_id: int) -> int:
    """How many of those asked have taken part: the one thing that is known while a round is open."""
    query = (
        select(func.count())
        .select_from(Participant)
        .where(Participant.round_id == round_id, Participant.took_part)
    )
    return (await session.scalars(query)).one()


async def carers_still_to_ask(session: Session, round_id: int) -> Sequence[int]:
    """The carers who have not taken part."""
    query = (
        select(Participant.carer_id)
        .where(Participant.round_id == round_id, Participant.took_part.is_(False))
        .order_by(Participant.carer_id)
    )
    return (await session.scalars(query)).all()


async def notice_exists(session: Session, key: str) -> bool:
    """Whether a notice with this key was queued already."""
    return (await session.scalars(select(Notice.id).where(Notice.key == key))).one_or_none() is not None


async def sealed_draft(
    session: Session, round_id: int, owner: str, *, lock: bool = True
) -> SealedDraft | None:
    """The sealed draft of this owner, locked against others who would change it."""
    query = select(SealedDraft).where(SealedDraft.round_id == round_id, SealedDraft.owner == owner)
    return (await session.scalars(query.with_for_update() if lock else query)).one_or_none()


async def add_sealed_draft(session: Session, draft: dict[str, Any]) -> SealedDraft:
    """Begin a sealed draft; two that begin at once become one."""
    await session.execute(
        insert_for(session, SealedDraft)
        .values(submitted=False, **draft)
        .on_conflict_do_nothing(index_elements=["round_id", "owner"])
    )
    found = await sealed_draft(session, draft["round_id"], draft["owner"])
    if found is None:
        raise LookupError("a draft that was just written is not there")
    return found


async def add_named_draft(session: Session, round_id: int, carer_id: int) -> NamedDraft:
    """Where this carer stands in a named round, begun now if need be, locked."""
    await session.execute(
        insert_for(session, NamedDraft)
        .values(round_id=round_id, carer_id=carer_id, position=0, answers={}, submitted=False)
        .on_conflict_do_nothing()
    )
    query = select(NamedDraft).where(NamedDraft.round_id == round_id, NamedDraft.carer_id == carer_id)
    return (await session.scalars(query.with_for_update())).one()


class Sheet(NamedTuple):
    """One completed answer sheet; ``segments`` only in named rounds."""

    answers: JsonDict
    segments: JsonDict


async def responses_of(session: Session, round_id: int) -> Sequence[Sheet]:
    """The sheets of a named round, in no order."""
    answers, segments = cast(Response.answers, Text), cast(Response.segments, Text)
    return [
        Sheet._make(pair) for pair in await _together(session, round_id, "[" + answers + "," + segments + "]")
    ]


async def answers_of(session: Session, round_id: int) -> list[JsonDict]:
    """The answers of each sheet alone, in no order."""
    return await _together(session, round_id, cast(Response.answers, Text))


async def _together(session: Session, round_id: int, document: ColumnElement[str]) -> list[Any]:
    """The JSON document of each sheet. They come as one text: there may be tens of thousands, and a row for
    each takes longer than all that is made of them."""
    query = select(func.aggregate_strings(document, ",")).where(Response.round_id == round_id)
    found: list[Any] = orjson.loads(f"[{(await session.scalars(query)).one() or ''}]")
    return found


async def comments_of(session: Session, round_id: int) -> Sequence[Comment]:
    """What was written, by random keys."""
    return (
        await session.scalars(select(Comment).where(Comment.round_id == round_id).order_by(Comment.id))
    ).all()


async def forget_named_drafts(session: Session, round_id: int) -> None:
    """Drop what was begun and never sent, and the working copies of what was."""
    await session.execute(delete(NamedDraft).where(NamedDraft.round_id == round_id))
