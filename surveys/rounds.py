"""The rounds of a survey: planned by staff, opened, reminded of; how they close is `surveys.closing`.

All that decides anonymity is fixed when a round opens: the definition, the threshold, who is asked and the
coarse segments they belong to.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from broadcasts.queue import Recipient, queue_notice
from carers.audience import audience_carers, audience_exists
from carers.audit import record
from carers.people import Carer, StaffMember
from disclosure.suppression import K
from storage.engine import Session
from storage.surveys import Round, RoundState
from storage.surveys_queries import (
    add_participants,
    carers_still_to_ask,
    notice_exists,
    open_rounds,
    rounds_asked_of,
    rounds_to_open,
)
from surveys.catalogue import standard_definitions
from surveys.definition import Definition
from surveys.keys import RoundKeys
from surveys.segments import segments_of

LAST_REMINDER = timedelta(hours=48)
"""Before the close."""
APART = timedelta(hours=24)
"""The least time between the notice, a reminder and the next."""


class Refusal(StrEnum):
    UNKNOWN_SURVEY = "unknown_survey"
    UNKNOWN_AUDIENCE = "unknown_audience"
    WRONG_TIMES = "wrong_times"
    """It must close after it opens, and after now."""
    THRESHOLD_TOO_LOW = "threshold_too_low"
    MUST_BE_ANONYMOUS = "must_be_anonymous"


async def plan_round(
    session: Session,
    survey: str | Definition,
    audience: str,
    opens_at: datetime,
    closes_at: datetime,
    *,
    anonymous: bool,
    threshold: int = K,
    by: StaffMember | None,
    now: datetime,
) -> Round | Refusal:
    """Plan a round; `open_due` opens it when its time comes.

    ``survey``: the id of a standard definition, or a definition. ``threshold``: the fewest people that any
    result may stand for; 5 or more.
    """
    definition = standard_definitions().get(survey) if isinstance(survey, str) else survey
    if definition is None:
        return Refusal.UNKNOWN_SURVEY
    if closes_at <= max(opens_at, now):
        return Refusal.WRONG_TIMES
    if threshold < K:
        return Refusal.THRESHOLD_TOO_LOW
    if definition.anonymous_only and not anonymous:
        return Refusal.MUST_BE_ANONYMOUS
    if not await audience_exists(session, audience, now.date()):
        return Refusal.UNKNOWN_AUDIENCE
    round = Round(
        ref=f"{definition.id}-{opens_at:%Y-%m}-{secrets.token_hex(3)}".lower(),
        survey=definition.id,
        title=definition.title["en"],
        audience=audience,
        anonymous=anonymous,
        threshold=threshold,
        definition=dict(definition.source),
        opens_at=opens_at,
        closes_at=closes_at,
        created_at=now,
        created_by_id=by.id if by else None,
    )
    session.add(round)
    await session.flush()
    await record(session, now, by, "round.plan", f"round:{round.ref}", anonymous=anonymous, k=threshold)
    return round


async def close_early(session: Session, round_id: int, by: StaffMember | None, now: datetime) -> bool:
    """Let an open round close at the next tick. False if it is not open. It can never be reopened."""
    round = await session.get(Round, round_id, with_for_update=True)
    if round is None or round.state is not RoundState.OPEN:
        return False
    round.closes_at = min(round.closes_at, now)
    await session.flush()
    await record(session, now, by, "round.close_early", f"round:{round.ref}")
    return True


async def open_due(session: Session, now: datetime, keys: RoundKeys, zone: ZoneInfo) -> list[str]:
    """Open the rounds whose time has come; their refs.

    A round whose whole time passed while nothing ran is closed unopened: nobody was asked. The key of an
    anonymous round is on disk before the commit that lets the first answer in.
    """
    opened = []
    for round in await rounds_to_open(session, now):
        if round.closes_at <= now:
            round.state, round.closed_at = RoundState.CLOSED, now
            continue
        await _open(session, round, now, keys, zone)
        opened.append(round.ref)
    await session.flush()
    return opened


async def _open(session: Session, round: Round, now: datetime, keys: RoundKeys, zone: ZoneInfo) -> None:
    if round.anonymous:
        keys.make(round.ref)
    today = now.astimezone(zone).date()
    carers = await audience_carers(session, round.audience, today)
    await add_participants(
        session,
        [
            {
                "round_id": round.id,
                "carer_id": carer.id,
                "segments": segments_of(carer.household, today),
                "took_part": False,
            }
            for carer in carers
        ],
    )
    round.asked = len(carers)
    round.state = RoundState.OPEN
    await session.flush()
    await _ask(session, round, "survey", [carer.id for carer in carers], round.ref, now, round.closes_at)


async def remind_due(session: Session, now: datetime) -> int:
    """Remind those who have not taken part, at most twice a round; how many reminders were queued.

    Whoever takes part before theirs is sent does not get it (`surveys.notices`). After an outage only the
    latest reminder that is due goes out.
    """
    queued = 0
    for round in await open_rounds(session):
        moments = reminder_times(round.opens_at, round.closes_at)
        due = [number for number, moment in enumerate(moments, start=1) if moment <= now < round.closes_at]
        if not due:
            continue
        number = due[-1]
        about = f"{round.ref}:{number}"
        if await notice_exists(session, f"survey_reminder:{about}"):
            continue
        send_by = moments[number] if number < len(moments) else round.closes_at
        people = await carers_still_to_ask(session, round.id)
        queued += await _ask(session, round, "survey_reminder", people, about, now, send_by)
    return queued


def reminder_times(opens_at: datetime, closes_at: datetime) -> list[datetime]:
    """Midway and 48 hours before the close, as far as they lie a day apart from each other and the start."""
    last, midway = closes_at - LAST_REMINDER, opens_at + (closes_at - opens_at) / 2
    times = [last] if last - opens_at >= APART else []
    if midway - opens_at >= APART and last - midway >= APART:
        times.insert(0, midway)
    return times


async def _ask(
    session: Session,
    round: Round,
    kind: str,
    carer_ids: Sequence[int],
    about: str,
    now: datetime,
    send_by: datetime,
) -> int:
    return await queue_notice(
        session,
        kind,
        [Recipient(carer_id=carer_id) for carer_id in carer_ids],
        about=about,
        now=now,
        send_by=send_by,
        round_id=round.id,
    )


async def rounds_of_carer(session: Session, carer: Carer, now: datetime) -> Sequence[tuple[Round, bool]]:
    """The rounds open to this carer, the first to close first, and whether they have taken part."""
    return await rounds_asked_of(session, carer.id, now)
