"""Who was ticked as having come, and whom to ask how it was."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ARRAY, Integer, String, cast, exists, func, literal, select

from storage.attendance import Attendance, AttendanceState, Feedback
from storage.deliveries import Delivery
from storage.engine import Session
from storage.events_queries import lock_event
from storage.households import Carer, Household
from storage.rows import dialect_of, insert_for


async def attendance_of(session: Session, event_id: int, carer_id: int) -> Attendance | None:
    query = select(Attendance).where(Attendance.event_id == event_id, Attendance.carer_id == carer_id)
    return (await session.scalars(query)).one_or_none()


async def hold_attendance(session: Session, event_ids: Collection[int], carer_ids: Collection[int]) -> None:
    """Let nobody else note an attendance at these events, or move them, before this transaction has ended;
    and hold what the rollup counts of these carers. Who notes many holds all of it at first and in one order,
    so that no two wait for each other."""
    for event_id in sorted(event_ids):
        await lock_event(session, event_id)
    if dialect_of(session) == "postgresql":
        carers = literal(sorted(carer_ids), ARRAY(Integer))
        await session.execute(select(func.hold_counts_of_carers(carers)))


async def attendance_at(session: Session, event_id: int) -> Sequence[Attendance]:
    """Everything recorded of who came to this event."""
    return (await session.scalars(select(Attendance).where(Attendance.event_id == event_id))).all()


async def count_came(session: Session, event_id: int) -> int:
    """How many carers are noted as there."""
    query = select(func.count(Attendance.id)).where(
        Attendance.event_id == event_id, Attendance.state == AttendanceState.ATTENDED
    )
    return (await session.scalars(query)).one()


async def latest_of_source(
    session: Session, event_id: int, prefix: str, social_worker_id: int | None = None
) -> Sequence[Attendance]:
    """Of what was noted with a source that begins like this, that which was noted last, all at one time.

    ``social_worker_id``: only the carers of that worker's households.
    """
    query = (
        select(Attendance)
        .where(Attendance.event_id == event_id, Attendance.source.startswith(prefix, autoescape=True))
        .order_by(Attendance.recorded_at.desc(), Attendance.id)
    )
    if social_worker_id is not None:
        query = query.join(Household).where(Household.social_worker_id == social_worker_id)
    rows = (await session.scalars(query)).all()
    return [row for row in rows if row.recorded_at == rows[0].recorded_at]


async def attended_without(session: Session, event_id: int, key: str) -> Sequence[int]:
    """The carers who attended and to whom no delivery with this key and their own mark is queued."""
    has_it = (
        exists()
        .where(Delivery.dedupe_key == literal(f"{key}:c") + cast(Attendance.carer_id, String))
        .correlate(Attendance)
    )
    query = (
        select(Attendance.carer_id)
        .where(Attendance.event_id == event_id, Attendance.state == AttendanceState.ATTENDED, ~has_it)
        .order_by(Attendance.carer_id)
    )
    return (await session.scalars(query)).all()


async def feedback_of(
    session: Session, event_id: int, carer_id: int, *, lock: bool = False
) -> Feedback | None:
    """What this carer said of this event. ``lock``: as it is now, held against others who would add to it."""
    query = select(Feedback).where(Feedback.event_id == event_id, Feedback.carer_id == carer_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(query)).one_or_none()


async def add_feedback(session: Session, event_id: int, carer_id: int, rating: int, now: datetime) -> bool:
    """Keep a rating; False if there is one. Of two at once the first is kept."""
    row = {"event_id": event_id, "carer_id": carer_id, "rating": rating, "given_at": now}
    kept = insert_for(session, Feedback).values(row).on_conflict_do_nothing().returning(Feedback.id)
    return (await session.scalars(kept)).one_or_none() is not None


async def count_ratings(session: Session, event_id: int) -> dict[int, int]:
    """How many gave each rating."""
    query = (
        select(Feedback.rating, func.count()).where(Feedback.event_id == event_id).group_by(Feedback.rating)
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def commented_on(session: Session, event_id: int) -> Sequence[Feedback]:
    """What was said of an event in words, oldest first."""
    query = select(Feedback).where(Feedback.event_id == event_id, Feedback.comment.is_not(None))
    return (await session.scalars(query.order_by(Feedback.id))).all()


async def carers_by_id(session: Session, carer_ids: Sequence[int]) -> dict[int, Carer]:
    """These carers, with nothing else loaded."""
    found: dict[int, Carer] = {}
    for start in range(0, len(carer_ids), 500):
        query = select(Carer).where(Carer.id.in_(carer_ids[start : start + 500]))
        found |= {carer.id: carer for carer in (await session.scalars(query)).all()}
    return found
