"""What a broadcast would do, before it does it: whom it reaches, whom not and why, and how it looks."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from broadcasts.attachments import file_of
from broadcasts.drafts import ENGLISH
from broadcasts.kinds import COUNTED
from broadcasts.markup import to_html
from broadcasts.policy import WEEK, Policy, Why
from broadcasts.quiet import QuietHours
from broadcasts.sender import Content
from carers.audience import audience_conditions
from carers.people import Carer
from storage.broadcasts import Broadcast
from storage.broadcasts_forecast import Fate, Moment, RecipientLine, count_fates, recipients_found
from storage.broadcasts_queries import same_content
from storage.deliveries import DeliveryState
from storage.engine import Session
from storage.households import Channel

DELAY = timedelta(seconds=60)
"""Between the confirmation and the first message: the time to think again."""
USEFUL_FOR = timedelta(days=3)
"""After its start. Who is held back over a weekend still gets it; a week later it would be old news."""
ANY_NAME = "[first name]"
"""Stands where a carer's name will, in a preview for nobody in particular. Only staff see it."""


@dataclass(frozen=True, slots=True)
class Tally:
    """So many carers of a name: a channel, a language, a reason."""

    name: str
    carers: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """What would happen if the broadcast were confirmed now. Times are UTC.

    ``going``: messages that go out, those that are ``held`` for a while included. ``held`` by
    ``quiet_hours``, ``paused`` or ``weekly_cap``. ``left_out`` in the engine's words: ``no_app``, Telegram's
    reason or ``unreachable``, ``stopped``, ``opted_out``; and ``paused`` or ``weekly_cap`` for who would
    have to wait until the broadcast is no use any more. ``missing_translations`` by language: they get
    English. ``finishes_at``: when it has gone out in the app to all but those who are held by a pause, the
    cap or quiet hours of their own; ``email_finishes_at`` the same by email, null where nobody gets it so.
    Staff post the letters.
    ``same_as``: another broadcast with the same content to the same audience on the same local day.
    """

    audience_carers: int
    going: int
    by_channel: list[Tally]
    by_language: list[Tally]
    held: list[Tally]
    left_out: list[Tally]
    missing_translations: list[Tally]
    starts_at: datetime
    finishes_at: datetime
    email_finishes_at: datetime | None
    needs_approval: bool
    same_as: int | None
    counted_at: datetime


def planned_start(broadcast: Broadcast, now: datetime) -> datetime:
    """When it begins: as arranged, or as early as it could if it were confirmed now."""
    if broadcast.starts_at is not None:
        return broadcast.starts_at
    return max(broadcast.send_at or now, now + DELAY)


def finish_time(start: datetime, messages: int, policy: Policy, channel: Channel = Channel.APP) -> datetime:
    """When the last of so many messages goes out at the channel's pace, quiet hours left out."""
    at, left = policy.quiet.ends(start), timedelta(seconds=messages / policy.rate_of(channel))
    while (silence := policy.quiet.begins(at)) is not None and at + left > silence:
        left -= silence - at
        at = policy.quiet.ends(silence)
    return at + left


async def forecast(
    session: Session, broadcast_id: int, policy: Policy, zone: ZoneInfo, now: datetime
) -> Forecast | None:
    """Count whom a broadcast would reach; None where there is none. ``zone``: the service's."""
    broadcast = await session.get(Broadcast, broadcast_id, populate_existing=True)
    return await forecast_of(session, broadcast, policy, zone, now) if broadcast else None


async def forecast_of(
    session: Session, broadcast: Broadcast, policy: Policy, zone: ZoneInfo, now: datetime
) -> Forecast:
    """The forecast of a broadcast at hand."""
    start = planned_start(broadcast, now)
    today = start.astimezone(zone).date()
    conditions = await audience_conditions(session, broadcast.audience, today)
    fates: list[Fate] = []
    if conditions is not None:
        moment = _moment(policy, start)
        fates = await count_fates(session, today, conditions, broadcast.topic, moment)
    going = [fate for fate in fates if fate.state in (DeliveryState.QUEUED, DeliveryState.HELD)]
    at_once = Counter(dict.fromkeys(Channel, 0))
    for fate in going:
        if fate.state is DeliveryState.QUEUED:
            at_once[fate.channel] += fate.carers
    sent_at_once = at_once[Channel.APP] + at_once[Channel.EMAIL]
    held = Counter({fate.reason: 0 for fate in going if fate.state is DeliveryState.HELD})
    for fate in going:
        if fate.state is DeliveryState.HELD:
            held[fate.reason] += fate.carers
    if policy.quiet.is_quiet(start) and sent_at_once:
        held[Why.QUIET_HOURS] += sent_at_once
    return Forecast(
        audience_carers=sum(fate.carers for fate in fates),
        going=sum(fate.carers for fate in going),
        by_channel=_tallied(_by_channel(going)),
        by_language=_tallied(_by_language(going)),
        held=_tallied(held),
        left_out=_tallied(_by_reason([fate for fate in fates if fate not in going])),
        missing_translations=_tallied(
            Counter({lang: n for lang, n in _by_language(going).items() if lang not in broadcast.texts})
        ),
        starts_at=start,
        finishes_at=finish_time(start, at_once[Channel.APP], policy),
        email_finishes_at=_email_finishes_at(start, at_once[Channel.EMAIL], policy),
        needs_approval=_is_large(sum(fate.carers for fate in going), policy),
        same_as=await _same_that_day(session, broadcast, start, zone),
        counted_at=now,
    )


def _moment(policy: Policy, start: datetime) -> Moment:
    """The rules at the start. Who meets quiet hours then meets the weekly cap at their end."""
    stale = start + USEFUL_FOR
    at = policy.quiet.ends(start)
    return Moment(
        pauses_at=start,
        clock=start.astimezone(policy.quiet.zone).time(),
        stale_at=stale,
        week_from=at - WEEK,
        full_until=_last_useful(policy.quiet, stale) - WEEK,
        cap=policy.weekly_cap,
        capped=COUNTED,
    )


def _last_useful(quiet: QuietHours, stale: datetime) -> datetime:
    """From when on what is held until then is too late, since it waits for the end of quiet hours as well."""
    return quiet.last_before(stale, timedelta(0)) if quiet.is_quiet(stale) else stale


def _is_large(going: int, policy: Policy) -> bool:
    return policy.approval_above is not None and going > policy.approval_above


async def _same_that_day(
    session: Session, broadcast: Broadcast, start: datetime, zone: ZoneInfo
) -> int | None:
    day = start.astimezone(zone).date()
    midnight, next_midnight = (
        datetime.combine(date, time(0), zone).astimezone(UTC) for date in (day, day + timedelta(days=1))
    )
    return await same_content(session, broadcast.fingerprint, broadcast.id, midnight, next_midnight)


def _email_finishes_at(start: datetime, messages: int, policy: Policy) -> datetime | None:
    return finish_time(start, messages, policy, Channel.EMAIL) if messages else None


def _by_channel(fates: list[Fate]) -> Counter[str]:
    tally: Counter[str] = Counter()
    for fate in fates:
        tally[str(fate.channel)] += fate.carers
    return tally


def _by_language(fates: list[Fate]) -> Counter[str]:
    tally: Counter[str] = Counter()
    for fate in fates:
        tally[str(fate.language)] += fate.carers
    return tally


def _by_reason(fates: list[Fate]) -> Counter[str]:
    tally: Counter[str] = Counter()
    for fate in fates:
        tally[fate.reason] += fate.carers
    return tally


def _tallied(counts: Counter[str]) -> list[Tally]:
    """The most first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [Tally(str(name), carers) for name, carers in ordered if carers]


async def preview(
    session: Session, broadcast_id: int, language: str | None = None, carer_id: int | None = None
) -> Content | None:
    """What somebody would get: a carer (theirs is the language, unless one is given), or anybody.

    A file comes without what is in it. None where there is no such broadcast or carer.
    """
    broadcast = await session.get(Broadcast, broadcast_id, populate_existing=True)
    carer = await session.get(Carer, carer_id) if carer_id is not None else None
    if broadcast is None or (carer_id is not None and carer is None):
        return None
    spoken = language or (str(carer.language) if carer else ENGLISH)
    return Content(
        "broadcast",
        await broadcast_params(session, broadcast, spoken, carer.first_name if carer else ANY_NAME),
    )


async def broadcast_params(
    session: Session, broadcast: Broadcast, language: str, first_name: str
) -> dict[str, object]:
    """The parameters of the text ``broadcast``, the file without what is in it."""
    params: dict[str, object] = {"html": to_html(text_for(broadcast, language), first_name)}
    file = await file_of(session, broadcast.attachment_id)
    return params if file is None else {**params, "file": file}


def text_for(broadcast: Broadcast, language: str) -> str:
    """The text of a language, or the English that stands in for it."""
    return broadcast.texts.get(language) or broadcast.texts.get(ENGLISH, "")


async def find_recipients(
    session: Session, broadcast_id: int, search: str, now: datetime, zone: ZoneInfo, limit: int = 10
) -> list[RecipientLine]:
    """Carers of a broadcast's audience by parts of their name or by ref, to look at what they would get."""
    broadcast = await session.get(Broadcast, broadcast_id)
    if broadcast is None:
        return []
    today = planned_start(broadcast, now).astimezone(zone).date()
    conditions = await audience_conditions(session, broadcast.audience, today)
    if conditions is None:
        return []
    return await recipients_found(session, today, conditions, search.split(), limit)


__all__ = [
    "Forecast",
    "RecipientLine",
    "Tally",
    "broadcast_params",
    "find_recipients",
    "finish_time",
    "forecast",
    "planned_start",
    "preview",
    "text_for",
]
