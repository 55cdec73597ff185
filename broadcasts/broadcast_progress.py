"""How a broadcast gets on, read-only: its pulse while it goes out, and its report by recipient."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from broadcasts.forecast import Tally, finish_time
from broadcasts.policy import Policy
from storage.broadcasts import Broadcast, BroadcastState
from storage.deliveries import WAITING, DeliveryState
from storage.deliveries_broadcasts import ReportRow, count_due, count_rows, rows_of_notice
from storage.engine import Session
from storage.households import Channel
from storage.ledger_queries import count_deliveries


@dataclass(frozen=True, slots=True)
class Pulse:
    """Where a broadcast stands this moment, in deliveries. Times are UTC.

    ``waiting``: queued or on its way; beside it ``held`` and ``retrying``. ``finishes_at``: when the last of
    those that wait for nothing but their turn goes out, by app or email; null unless it is being sent.
    ``reasons``: why deliveries are held, tried again or were not sent, and what came of corrections.
    """

    state: BroadcastState
    total: int
    sent: int
    waiting: int
    held: int
    retrying: int
    unknown: int
    failed: int
    skipped: int
    missed: int
    cancelled: int
    recalled: int
    finishes_at: datetime | None
    reasons: list[Tally]


@dataclass(frozen=True, slots=True)
class ReportPage:
    """One page of the recipients; pages count from 1."""

    rows: Sequence[ReportRow]
    total: int
    page: int
    pages: int


async def pulse(session: Session, broadcast_id: int, policy: Policy, now: datetime) -> Pulse | None:
    """Where a broadcast stands, for its live progress; None where there is no such broadcast."""
    broadcast = await session.get(Broadcast, broadcast_id, populate_existing=True)
    if broadcast is None:
        return None
    states: Counter[DeliveryState] = Counter()
    reasons: Counter[str] = Counter()
    if broadcast.notice_id is not None:
        for count in await count_deliveries(session, notice_id=broadcast.notice_id):
            states[count.state] += count.deliveries
            reasons[count.reason or ""] += count.deliveries
    del reasons[""]
    return Pulse(
        state=broadcast.state,
        total=states.total(),
        sent=states[DeliveryState.SENT],
        waiting=states[DeliveryState.QUEUED] + states[DeliveryState.SENDING],
        held=states[DeliveryState.HELD],
        retrying=states[DeliveryState.RETRYING],
        unknown=states[DeliveryState.UNKNOWN],
        failed=states[DeliveryState.FAILED],
        skipped=states[DeliveryState.SKIPPED],
        missed=states[DeliveryState.MISSED],
        cancelled=states[DeliveryState.CANCELLED],
        recalled=states[DeliveryState.RECALLED],
        finishes_at=await _finishes_at(session, broadcast, states, policy, now),
        reasons=[Tally(name, carers) for name, carers in reasons.most_common()],
    )


async def _finishes_at(
    session: Session, broadcast: Broadcast, states: Counter[DeliveryState], policy: Policy, now: datetime
) -> datetime | None:
    open_states = (*WAITING, DeliveryState.SENDING)
    sending = broadcast.state is BroadcastState.SENDING and broadcast.notice_id is not None
    if not sending or not any(states[state] for state in open_states):
        return None
    due = await count_due(session, broadcast.notice_id or 0, now)
    return max(
        finish_time(now, due.get(channel, 0), policy, channel) for channel in (Channel.APP, Channel.EMAIL)
    )


async def report_rows(
    session: Session,
    broadcast_id: int,
    *,
    page: int,
    per_page: int = 50,
    state: DeliveryState | None = None,
) -> ReportPage | None:
    """A page of who got it and who did not, of one state or of all; None where there is no such broadcast."""
    broadcast = await session.get(Broadcast, broadcast_id)
    if broadcast is None:
        return None
    notice_id = broadcast.notice_id or 0
    total = await count_rows(session, notice_id, state)
    page, pages = page_of(page, total, per_page)
    rows = await rows_of_notice(session, notice_id, state, offset=(page - 1) * per_page, count=per_page)
    return ReportPage(rows, total, page, pages)


def page_of(page: int, total: int, per_page: int) -> tuple[int, int]:
    """The page that is shown for the one asked for, and how many there are; both count from 1."""
    pages = max(1, -(-total // per_page))
    return max(1, min(page, pages)), pages
