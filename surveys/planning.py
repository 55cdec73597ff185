"""Planning a round: for now or for a day to come, changed or called off until it opens.

What decides anonymity is settled here and frozen when the round opens: the definition, the threshold and
whether it is anonymous. Who is asked is found as it opens.
"""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from carers.audience import audience_exists
from carers.audit import record
from carers.people import StaffMember
from disclosure.suppression import K
from storage.engine import Session
from storage.surveys import Round, RoundState
from storage.surveys_queries import lock_round, rounds_of_late
from surveys.catalogue import definition_named
from surveys.definition import Definition
from surveys.likeness import clash_with
from surveys.reading import WrongDefinition, with_blocks

LONDON = ZoneInfo("Europe/London")
FARTHEST = timedelta(days=366)
"""How far ahead a round can open, and how long it can be open; beyond that the year was mistyped."""
LATELY = timedelta(days=183)
"""For so long two rounds of one survey can be held against each other; after that opinions have moved on."""


class Refusal(StrEnum):
    UNKNOWN_SURVEY = "unknown_survey"
    UNKNOWN_BLOCK = "unknown_block"
    UNKNOWN_AUDIENCE = "unknown_audience"
    WRONG_TIMES = "wrong_times"
    """It must close after it opens, and after now."""
    TOO_FAR = "too_far"
    """It opens more than a year ahead, or is open for more than a year."""
    THRESHOLD_TOO_LOW = "threshold_too_low"
    MUST_BE_ANONYMOUS = "must_be_anonymous"
    UNDER_WAY = "under_way"
    """A round of this survey for this audience is open, or planned."""
    TOO_ALIKE = "too_alike"
    """Some of them, but not all, were asked the same anonymously of late: the two results together would tell
    what a few of the others said, however many the others are."""
    BOTH_WAYS = "both_ways"
    """Some of them were asked the same of late, once with names and once without: what was said by name,
    taken from the numbers of all, would tell what those said who answered without their name alone."""
    NOT_PLANNED = "not_planned"
    """There is no such round, or it has opened: nothing about it can change any more."""
    OUTDATED = "outdated"
    """Somebody else changed it meanwhile."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a round may not be. ``audience``: of which other round, where that is why."""

    why: Refusal
    audience: str = ""


@dataclass(frozen=True, slots=True)
class _Plan:
    definition: Definition
    audience: str
    opens_at: datetime
    closes_at: datetime
    anonymous: bool
    threshold: int

    def values(self) -> dict[str, Any]:
        return {
            "survey": self.definition.id,
            "title": self.definition.title["en"],
            "audience": self.audience,
            "anonymous": self.anonymous,
            "threshold": self.threshold,
            "definition": dict(self.definition.source),
            "opens_at": self.opens_at,
            "closes_at": self.closes_at,
        }


async def plan_round(
    session: Session,
    survey: str | Definition,
    audience: str,
    opens_at: datetime,
    closes_at: datetime,
    *,
    anonymous: bool,
    threshold: int = K,
    blocks: Collection[str] = (),
    by: StaffMember | None,
    now: datetime,
    zone: ZoneInfo = LONDON,
) -> Round | Refused:
    """Plan a round; `surveys.rounds.open_due` opens it when its time comes.

    ``survey``: the id of one that is offered, or a definition. ``threshold``: the fewest people that any
    result may stand for; 5 or more. ``blocks``: which of its optional blocks are asked too. ``zone``: in
    which today is found.
    """
    definition = await _definition(session, survey, blocks)
    if isinstance(definition, Refused):
        return definition
    plan = _Plan(definition, audience, opens_at, closes_at, anonymous, threshold)
    refused = await _why_not(session, plan, now, zone)
    if refused is not None:
        return refused
    round = Round(
        ref=new_ref(definition, opens_at),
        created_at=now,
        created_by_id=by.id if by else None,
        **plan.values(),
    )
    session.add(round)
    await session.flush()
    await _note(session, round, "round.plan", by, now)
    return round


async def check_plan(
    session: Session,
    survey: str,
    audience: str,
    opens_at: datetime,
    closes_at: datetime,
    *,
    anonymous: bool,
    threshold: int,
    blocks: Collection[str],
    now: datetime,
    zone: ZoneInfo,
    besides: int | None = None,
) -> Definition | Refused:
    """What such a round would ask, or why it may not be; nothing is planned. ``besides``: the planned round
    that would be changed so."""
    definition = await _definition(session, survey, blocks)
    if isinstance(definition, Refused):
        return definition
    plan = _Plan(definition, audience, opens_at, closes_at, anonymous, threshold)
    return await _why_not(session, plan, now, zone, besides) or definition


async def change_round(
    session: Session,
    round_id: int,
    seen: str,
    survey: str,
    audience: str,
    opens_at: datetime,
    closes_at: datetime,
    *,
    anonymous: bool,
    threshold: int,
    blocks: Collection[str],
    by: StaffMember,
    now: datetime,
    zone: ZoneInfo,
) -> Round | Refused:
    """Change a round that has not opened. ``seen``: its ``mark`` when it was read."""
    round = await _locked_plan(session, round_id)
    if round is None:
        return Refused(Refusal.NOT_PLANNED)
    if _mark(round) != seen:
        return Refused(Refusal.OUTDATED)
    definition = await _definition(session, survey, blocks)
    if isinstance(definition, Refused):
        return definition
    plan = _Plan(definition, audience, opens_at, closes_at, anonymous, threshold)
    refused = await _why_not(session, plan, now, zone, besides=round.id)
    if refused is not None:
        return refused
    for name, value in plan.values().items():
        setattr(round, name, value)
    await session.flush()
    await _note(session, round, "round.change", by, now)
    return round


async def call_off(session: Session, round_id: int, by: StaffMember, now: datetime) -> bool:
    """Take a round back that has not opened: nobody was asked, and nothing of it stays. False if it has."""
    round = await _locked_plan(session, round_id)
    if round is None:
        return False
    await _note(session, round, "round.call_off", by, now)
    await session.delete(round)
    await session.flush()
    return True


@dataclass(frozen=True, slots=True)
class Planned:
    """A round that has not opened. ``mark`` differs once anything about it has changed. Times are UTC."""

    id: int
    title: str
    survey: str
    audience: str
    opens_at: datetime
    closes_at: datetime
    anonymous: bool
    threshold: int
    blocks: list[str]
    mark: str


async def planned_round(session: Session, round_id: int) -> Planned | None:
    """A round that can be changed still; None where it has opened, or there is none."""
    round = await session.get(Round, round_id)
    if round is None or round.state is not RoundState.DRAFT:
        return None
    definition = await definition_named(session, round.survey)
    return Planned(
        round.id,
        round.title,
        round.survey,
        round.audience,
        round.opens_at,
        round.closes_at,
        round.anonymous,
        round.threshold,
        _blocks_of(round.definition, definition) if definition else [],
        _mark(round),
    )


def _mark(round: Round) -> str:
    asked = ",".join(question["id"] for question in round.definition["questions"])
    parts = (round.survey, round.audience, round.anonymous, round.threshold, asked)
    return "|".join(map(str, (*parts, round.opens_at.isoformat(), round.closes_at.isoformat())))


def _blocks_of(source: Mapping[str, Any], definition: Definition) -> list[str]:
    """The blocks of a definition whose questions are asked by a round with this source."""
    asked = {question["id"] for question in source["questions"]}
    return [block.id for block in definition.blocks if asked >= {one.id for one in block.questions}]


def new_ref(definition: Definition, opens_at: datetime) -> str:
    """A ref that no other round has, which also names the file of its key."""
    return f"{definition.id}-{opens_at:%Y-%m}-{secrets.token_hex(3)}".lower()


async def _definition(
    session: Session, survey: str | Definition, blocks: Collection[str]
) -> Definition | Refused:
    definition = await definition_named(session, survey) if isinstance(survey, str) else survey
    if definition is None:
        return Refused(Refusal.UNKNOWN_SURVEY)
    try:
        return with_blocks(definition, blocks)
    except WrongDefinition:
        return Refused(Refusal.UNKNOWN_BLOCK)


async def _why_not(
    session: Session, plan: _Plan, now: datetime, zone: ZoneInfo, besides: int | None = None
) -> Refused | None:
    if plan.closes_at <= max(plan.opens_at, now):
        return Refused(Refusal.WRONG_TIMES)
    if max(plan.opens_at - now, plan.closes_at - plan.opens_at) > FARTHEST:
        return Refused(Refusal.TOO_FAR)
    if plan.threshold < K:
        return Refused(Refusal.THRESHOLD_TOO_LOW)
    if plan.definition.anonymous_only and not plan.anonymous:
        return Refused(Refusal.MUST_BE_ANONYMOUS)
    if not await audience_exists(session, plan.audience, now.astimezone(zone).date()):
        return Refused(Refusal.UNKNOWN_AUDIENCE)
    others = [one for one in await rounds_of_late(session, plan.opens_at - LATELY) if one.id != besides]
    if any(
        one.survey == plan.definition.id and one.audience == plan.audience and _overlap(one, plan)
        for one in others
    ):
        return Refused(Refusal.UNDER_WAY)
    today = now.astimezone(zone).date()
    clash = await clash_with(session, plan.definition, plan.audience, plan.anonymous, others, today)
    if clash is None:
        return None
    return Refused(Refusal.BOTH_WAYS if clash.both_ways else Refusal.TOO_ALIKE, clash.audience)


def _overlap(one: Round, plan: _Plan) -> bool:
    """Whether the same people would be asked the same twice at a time."""
    live = one.state in (RoundState.DRAFT, RoundState.OPEN)
    return live and one.opens_at < plan.closes_at and plan.opens_at < one.closes_at


async def _locked_plan(session: Session, round_id: int) -> Round | None:
    round = await lock_round(session, round_id)
    return round if round is not None and round.state is RoundState.DRAFT else None


async def _note(session: Session, round: Round, deed: str, by: StaffMember | None, now: datetime) -> None:
    about = f"round:{round.ref}"
    await record(session, now, by, deed, about, anonymous=round.anonymous, k=round.threshold)
