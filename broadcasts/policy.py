"""What the service allows, and the rules that decide whether a delivery may go out now.

Pure: facts and the present in, a decision out. The engine asks at the last moment before each request, so
that what was queued yesterday is judged by what is true today.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from broadcasts.kinds import KINDS, Kind
from broadcasts.quiet import QuietHours
from carers.topics import Topic, topic_of
from storage.deliveries import DeliveryState
from storage.deliveries_due import DueDelivery
from storage.deliveries_moves import Settled
from storage.households import Channel

WEEK = timedelta(days=7)


class Why(StrEnum):
    """The reasons that the engine itself writes beside a state; composers and Telegram add theirs."""

    LATE = "late"
    NO_APP = "no_app"
    APP_ONLY = "app_only"
    """It makes no sense outside the app, and the carer is reached by another way."""
    MAIL_ONLY = "mail_only"
    """It goes by email alone, and the service sends none, or the address is gone."""
    SAME_CHAT = "same_chat"
    """The other carer who has the same chat was told the same there."""
    UNREACHABLE = "unreachable"
    STOPPED = "stopped"
    OPTED_OUT = "opted_out"
    PAUSED = "paused"
    QUIET_HOURS = "quiet_hours"
    WEEKLY_CAP = "weekly_cap"
    INTERRUPTED = "interrupted"
    """The process ended while the request was on its way."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The service's settings for what goes out.

    ``weekly_cap``: notices to one household in any seven days; null: no cap. ``rate``: messages a second in
    all by the app, ``mail_rate`` by email. ``window``: requests in flight at once, the most that a crash
    leaves in doubt. ``failures_in_a_row``: after so many a broadcast is paused. ``approval_above``: a
    broadcast to more carers than this needs a second person; null: none does.
    """

    quiet: QuietHours
    weekly_cap: int | None = 5
    rate: float = 30.0
    mail_rate: float = 2.0
    window: int = 50
    failures_in_a_row: int = 20
    approval_above: int | None = 200

    def __post_init__(self) -> None:
        if self.weekly_cap is not None and self.weekly_cap < 1:
            raise ValueError(f"a weekly cap is 1 or more, or none; not {self.weekly_cap}")

    def rate_of(self, channel: Channel) -> float:
        """Messages a second by this channel."""
        return self.mail_rate if channel is Channel.EMAIL else self.rate


PolicyNow = Callable[[], Policy]
"""The policy that holds now: an administrator may change it while the service runs."""


def topic_of_delivery(due: DueDelivery) -> str | None:
    """The topic that a carer can opt out of to be spared this; None for what has none."""
    if not KINDS[due.kind].optional:
        return None
    if due.topic is not None:
        return due.topic
    if due.kind.startswith("survey"):
        return Topic.SURVEYS
    return topic_of(due.event_kind) if due.event_kind is not None else None


def quiet_hours_of(due: DueDelivery, service: QuietHours) -> QuietHours | None:
    """The quiet hours for who has some of their own besides the service's; None for all others."""
    if due.quiet_from is None or due.quiet_until is None:
        return None
    return service.with_own((due.quiet_from, due.quiet_until))


def judge(
    due: DueDelivery,
    opted_out: bool,
    quiet_until: datetime | None,
    now: datetime,
    channel: Channel = Channel.APP,
) -> Settled | None:
    """Why this delivery does not go out now by this channel, and what becomes of it; None: it may go.

    ``quiet_until``: when the recipient's quiet hours end in which ``now`` falls, null outside them. The
    weekly cap is a rule of its own (`held_by_cap`), as it needs what else the household got.
    """
    kind = KINDS[due.kind]
    if now >= due.send_by:
        return _settled(due, DeliveryState.MISSED, due.reason or Why.LATE)
    skip = _why_skip(due, kind, opted_out, channel)
    if skip is not None:
        return _settled(due, DeliveryState.SKIPPED, skip)
    if kind.optional and due.paused_until is not None and due.paused_until > now:
        return hold(due, Why.PAUSED, due.paused_until)
    if not kind.always and quiet_until is not None:
        return hold(due, Why.QUIET_HOURS, quiet_until)
    return None


def _why_skip(due: DueDelivery, kind: Kind, opted_out: bool, channel: Channel) -> str | None:
    if channel is not Channel.APP:
        if not kind.email:
            return Why.APP_ONLY
    elif not kind.app:
        return Why.MAIL_ONLY
    elif due.chat_id is None:
        return Why.NO_APP
    elif due.unreachable_since is not None:
        return due.unreachable_reason or Why.UNREACHABLE
    if kind.optional and due.stopped_at is not None:
        return Why.STOPPED
    return Why.OPTED_OUT if opted_out else None


def held_by_cap(
    due: DueDelivery, week: Mapping[int, datetime], policy: Policy, now: datetime
) -> Settled | None:
    """Hold what would be one notice too many for the household; None: it fits.

    ``week``: the notices that count, and when each last went out to the household. A notice that one carer
    has had counts no second time for the other.
    """
    cap = policy.weekly_cap
    if cap is None or not KINDS[due.kind].capped or due.notice_id in week:
        return None
    times = sorted(at for at in week.values() if at > now - WEEK)
    if len(times) < cap:
        return None
    return hold(due, Why.WEEKLY_CAP, policy.quiet.ends(times[-cap] + WEEK))


def skip(due: DueDelivery, reason: str) -> Settled:
    """Leave this recipient out, for a reason that whoever composes gave."""
    return _settled(due, DeliveryState.SKIPPED, reason[:80])


def hold(due: DueDelivery, reason: str, until: datetime) -> Settled:
    """Keep a delivery until this time, or until it is stale: then it is missed, and for this reason."""
    return Settled(due.id, DeliveryState.HELD, reason, min(until, due.send_by))


def _settled(due: DueDelivery, state: DeliveryState, reason: str) -> Settled:
    return Settled(due.id, state, reason, due.due_at)
