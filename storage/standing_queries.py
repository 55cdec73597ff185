"""Surveys that are asked as something happens: what is asked, the round that collects, and whom to remind."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import String, cast, exists, func, literal, select, true, update
from sqlalchemy.orm import contains_eager

from storage.attendance import Attendance, AttendanceState
from storage.deliveries import Delivery
from storage.engine import Session
from storage.households import Carer, Household
from storage.households_queries import still_a_carer
from storage.ledger import insert_for
from storage.rows import dialect_of
from storage.survey_forms import StandingSurvey
from storage.surveys import Participant, Round, RoundState
from storage.ways import is_reached

_OCCASION_LOCK = 7_240_516
"""Any constant: sets the locks of occasions apart from PostgreSQL's other advisory locks."""


async def standing_survey(session: Session, occasion: str) -> StandingSurvey | None:
    """What staff have set to be asked on this occasion, if anything."""
    return await session.get(StandingSurvey, occasion, populate_existing=True)


async def save_standing(session: Session, occasion: str, version: int, values: Mapping[str, Any]) -> bool:
    """Set what is asked on an occasion, if its version is this one still (0: nothing was set).

    The version is part of the one statement that writes, so that of two who save at once one is refused.
    """
    row = {**values, "version": version + 1}
    if version == 0:
        statement = (
            insert_for(session, StandingSurvey)
            .values(occasion=occasion, **row)
            .on_conflict_do_nothing(index_elements=["occasion"])
            .returning(StandingSurvey.occasion)
        )
    else:
        statement = (
            update(StandingSurvey)
            .where(StandingSurvey.occasion == occasion, StandingSurvey.version == version)
            .values(row)
            .returning(StandingSurvey.occasion)
            .execution_options(synchronize_session=False)
        )
    return (await session.execute(statement)).first() is not None


async def lock_occasion(session: Session, occasion: str) -> None:
    """Let nobody else look for this occasion's round, or open one, before this transaction has ended: two who
    found none would each open one, and each would have half of the answers. SQLite has one writer anyway."""
    if dialect_of(session) == "postgresql":
        await session.execute(select(func.pg_advisory_xact_lock(_OCCASION_LOCK, func.hashtext(occasion))))


async def collecting_round(session: Session, occasion: str, now: datetime) -> Round | None:
    """The open round that asks on this occasion now, locked. Call it with the occasion locked."""
    query = (
        select(Round)
        .where(Round.occasion == occasion, Round.state == RoundState.OPEN, Round.asks_until > now)
        .order_by(Round.id.desc())
        .limit(1)
    )
    return (await session.scalars(_as_it_is_now(query))).one_or_none()


async def round_of_event(session: Session, event_id: int, *, lock: bool = False) -> Round | None:
    """The round that asks about this event, whatever its state."""
    query = select(Round).where(Round.event_id == event_id).order_by(Round.id).limit(1)
    return (await session.scalars(_as_it_is_now(query) if lock else query)).one_or_none()


def _as_it_is_now(query: Any) -> Any:
    return query.with_for_update().execution_options(populate_existing=True)


async def still_to_remind(
    session: Session, round_id: int, key: str, since: datetime, up_to: datetime, *, whoever: bool
) -> dict[datetime, list[int]]:
    """The carers who were asked after ``since`` and by ``up_to`` and have no delivery with this key and their
    own mark; by when they were asked. Without ``whoever`` only those who have not taken part."""
    has_it = (
        exists()
        .where(Delivery.dedupe_key == literal(f"{key}:c") + cast(Participant.carer_id, String))
        .correlate(Participant)
    )
    query = (
        select(Participant.asked_at, Participant.carer_id)
        .where(
            Participant.round_id == round_id,
            true() if whoever else Participant.took_part.is_(False),
            Participant.asked_at > since,
            Participant.asked_at <= up_to,
            ~has_it,
        )
        .order_by(Participant.asked_at, Participant.carer_id)
    )
    found: dict[datetime, list[int]] = {}
    for asked_at, carer_id in (await session.execute(query)).all():
        if asked_at is not None:
            found.setdefault(asked_at, []).append(carer_id)
    return found


async def carers_of_event(session: Session, event_id: int) -> Sequence[Carer]:
    """The carers who attended, each with their household."""
    query = (
        select(Carer)
        .join(Attendance, Attendance.carer_id == Carer.id)
        .join(Household, Household.id == Carer.household_id)
        .where(Attendance.event_id == event_id, Attendance.state == AttendanceState.ATTENDED)
        .options(contains_eager(Carer.household))
        .order_by(Carer.id)
    )
    return (await session.scalars(query)).all()


async def reached_at_home(session: Session, household_ids: Collection[int], today: date) -> Sequence[Carer]:
    """The carers of these households who foster on this local day and whom some way reaches."""
    return await _reached(session, household_ids, still_a_carer(today))


async def reached_leavers(session: Session, household_ids: Collection[int]) -> Sequence[Carer]:
    """The carers of these households, whose approval has ended, whom some way still reaches. Not who had left
    the household before."""
    return await _reached(session, household_ids, Carer.left_on.is_(None))


async def _reached(session: Session, household_ids: Collection[int], condition: Any) -> Sequence[Carer]:
    query = (
        select(Carer)
        .join(Carer.household)
        .where(Carer.household_id.in_(household_ids), Carer.erased_at.is_(None), is_reached(), condition)
        .options(contains_eager(Carer.household))
        .order_by(Carer.household_id, Carer.id)
    )
    return (await session.scalars(query)).all()


async def leavers_to_ask(
    session: Session, today: date, since: date, *, lock: bool = False
) -> Sequence[Household]:
    """Households whose approval ended between these local days and who were not asked about it, in the order
    of their ids. ``lock``: held against others who would ask them, or change them."""
    unasked = (Household.ended_on <= today, Household.ended_on >= since, Household.exit_asked_at.is_(None))
    query = select(Household).where(*unasked).order_by(Household.id)
    return (await session.scalars(_as_it_is_now(query) if lock else query)).all()
