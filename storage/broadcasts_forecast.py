"""Whom a broadcast would reach, counted by the database, and looking up one recipient."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, text
from sqlalchemy.orm import aliased

from storage.deliveries import Delivery, DeliveryState
from storage.engine import Session
from storage.households import Carer, Channel, Household, Language, OptOut
from storage.households_queries import Condition, is_called, still_a_carer
from storage.ways import is_reached, way_or_app

_WENT_OUT = (DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNKNOWN, DeliveryState.RECALLED)
"""What may have arrived counts as arrived, as the engine has it."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When a broadcast would go out, and the service's rules then. Times are UTC.

    ``pauses_at``: whose pause lasts longer waits. ``week_from``: since when what a household got counts for
    ``cap``, if there is one; ``full_until``: who would wait for something that went out then or later waits
    too long. ``stale_at``: when the broadcast is no use any more. ``capped``: the kinds that count.
    ``clock``: what the clock on the wall of the service shows then; whose own quiet hours hold it wait.
    """

    pauses_at: datetime
    clock: time
    stale_at: datetime
    week_from: datetime
    full_until: datetime
    cap: int | None
    capped: Collection[str]


@dataclass(frozen=True, slots=True)
class Fate:
    """How many carers of a language would have a delivery by this channel in this state, for this reason.

    ``queued``: it goes out at once; ``held``: later; ``skipped`` and ``missed``: never.
    """

    language: Language
    state: DeliveryState
    reason: str
    carers: int
    channel: Channel = Channel.APP


async def count_fates(
    session: Session, today: date, conditions: Collection[Condition], topic: str | None, moment: Moment
) -> list[Fate]:
    """What would become of a broadcast for the carers of an audience, decided in the engine's order."""
    fate, channel = _fate(topic, moment).label("fate"), way_or_app().label("channel")
    query = (
        select(Carer.language, fate, func.count(), channel)
        .select_from(Carer)
        .join(Household, Household.id == Carer.household_id)
        .where(still_a_carer(today), *conditions)
        .group_by(Carer.language, fate, channel)
    )
    async with _joined_by_hashes(session):
        rows = (await session.execute(query)).all()
    return [
        Fate(language, DeliveryState(found.partition(":")[0]), found.partition(":")[2], carers, Channel(by))
        for language, found, carers, by in rows
    ]


@asynccontextmanager
async def _joined_by_hashes(session: Session) -> AsyncIterator[None]:
    """Before PostgreSQL has looked at tables that were just filled it takes them to be empty, and would go
    through all deliveries for every carer: minutes instead of a second."""
    postgresql = session.get_bind().dialect.name == "postgresql"
    if postgresql:
        await session.execute(text("SET LOCAL enable_nestloop = off"))
    yield
    if postgresql:
        await session.execute(text("SET LOCAL enable_nestloop TO DEFAULT"))


def _fate(topic: str | None, moment: Moment) -> ColumnElement[str]:
    unreachable = func.coalesce(func.nullif(Carer.unreachable_reason, ""), "unreachable")
    cases: list[tuple[ColumnElement[bool], ColumnElement[str]]] = [
        (and_(~is_reached(), Carer.chat_id.is_(None)), literal("skipped:no_app")),
        (~is_reached(), literal("skipped:").concat(unreachable)),
        (Carer.stopped_at.is_not(None), literal("skipped:stopped")),
    ]
    if topic is not None:
        opted_out = select(OptOut.carer_id).where(OptOut.topic == topic)
        cases.append((Carer.id.in_(opted_out), literal("skipped:opted_out")))
    cases += [
        (Carer.paused_until >= moment.stale_at, literal("missed:paused")),
        (Carer.paused_until > moment.pauses_at, literal("held:paused")),
    ]
    if moment.cap is not None:
        too_long = _full_households(moment, moment.cap, Delivery.sent_at >= moment.full_until)
        full = _full_households(moment, moment.cap, Delivery.sent_at > moment.week_from)
        cases += [
            (Carer.household_id.in_(too_long), literal("missed:weekly_cap")),
            (_own_quiet_hours(moment.clock), literal("held:quiet_hours")),
            (Carer.household_id.in_(full), literal("held:weekly_cap")),
        ]
    else:
        cases.append((_own_quiet_hours(moment.clock), literal("held:quiet_hours")))
    return case(*cases, else_=literal("queued:"))


def _own_quiet_hours(clock: time) -> ColumnElement[bool]:
    """Whether a carer has quiet hours of their own that hold this time of day; a letter knows none."""
    begun, not_over = Carer.quiet_from <= clock, Carer.quiet_until > clock
    over_midnight = Carer.quiet_from > Carer.quiet_until
    within = or_(and_(begun, not_over), and_(over_midnight, or_(begun, not_over)))
    return and_(Carer.channel.is_distinct_from(Channel.LETTER), within)


def _full_households(moment: Moment, cap: int, sent: ColumnElement[bool]) -> Select[int]:
    """The households that got as many notices as they may have, of those sent in this time.

    To be used with IN: SQLite makes an index of it then, and of a join with it a search for every carer.
    """
    recipient = aliased(Carer)
    return (
        select(recipient.household_id)
        .join(Delivery, Delivery.carer_id == recipient.id)
        .where(sent, Delivery.state.in_(_WENT_OUT), Delivery.kind.in_(moment.capped))
        .group_by(recipient.household_id)
        .having(func.count(Delivery.notice_id.distinct()) >= cap)
    )


@dataclass(frozen=True, slots=True)
class RecipientLine:
    """One carer of an audience, to look at what they would get."""

    carer_id: int
    name: str
    language: str


async def recipients_found(
    session: Session, today: date, conditions: Collection[Condition], words: Collection[str], limit: int
) -> list[RecipientLine]:
    """The carers of an audience whose names or refs hold all of these words, by name."""
    wanted = [is_called(word) for word in words]
    query = (
        select(Carer.id, Carer.first_name, Carer.last_name, Carer.language)
        .join(Household, Household.id == Carer.household_id)
        .where(still_a_carer(today), *conditions, *wanted)
        .order_by(Carer.last_name, Carer.first_name, Carer.id)
        .limit(limit)
    )
    return [
        RecipientLine(carer_id, f"{first} {last}".strip(), str(language))
        for carer_id, first, last, language in (await session.execute(query)).all()
    ]
