"""An event without its date: what all occurrences of a series have in common, and what a template holds.

Clock times are local. 19:00 stays 19:00 when the clocks change; what would begin at a time that the clocks
skip begins later by the hour that was skipped, and of a time that comes twice the first is meant.
"""

from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from events import planning
from events.planning import EventPlan, Problem
from storage.events import Allocation, Mode, RsvpBy

DEADLINE_AT = time(17)
"""The local time at which answers close, on the day that ``deadline_days`` says."""

INVITE_DAYS = planning.INVITE_BEFORE.days
_ANY_DAY = date(2026, 1, 14)
_ENUMS: dict[str, Any] = {"mode": Mode, "rsvp_by": RsvpBy, "allocation": Allocation}


@dataclass(frozen=True, slots=True)
class Pattern:
    """What an occurrence is, whatever its day.

    ``starts`` is the local time, ``minutes`` how long it lasts. ``deadline_days``: answers close at 17:00 so
    many days before; null: at the start. ``invite_days``: invitations go out so many days before, at the time
    of the start. The other fields are those of `events.planning.EventPlan`.
    """

    title: str
    kind: str
    starts: time
    minutes: int
    description: str = ""
    mode: Mode = Mode.IN_PERSON
    venue: str = ""
    map_url: str = ""
    online_url: str = ""
    rsvp_by: RsvpBy = RsvpBy.CARER
    audience: str = "all"
    capacity: int | None = None
    online_capacity: int | None = None
    allocation: Allocation = Allocation.FIRST_COME
    deadline_days: int | None = None
    invite_days: int = INVITE_DAYS
    draft: bool = False
    flyer_id: int | None = None


SAME = tuple(sorted({field.name for field in fields(Pattern)} & {field.name for field in fields(EventPlan)}))
"""The fields that a pattern and an event have in common."""


def plan_on(pattern: Pattern, day: date, zone: ZoneInfo, *, online: bool = False) -> EventPlan:
    """The event that the pattern makes on this local day.

    ``online``: it is the turn of an online one, which has no venue, and the online places if any are given.
    """
    starts_at = local(day, pattern.starts, zone)
    plan = EventPlan(
        **{name: getattr(pattern, name) for name in SAME},
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=pattern.minutes),
        rsvp_deadline=_days_before(day, pattern.deadline_days, DEADLINE_AT, zone),
        invite_at=None if pattern.draft else _days_before(day, pattern.invite_days, pattern.starts, zone),
    )
    if not online:
        return plan
    places = pattern.capacity if pattern.online_capacity is None else pattern.online_capacity
    return replace(plan, mode=Mode.ONLINE, venue="", map_url="", capacity=places, online_capacity=None)


def pattern_of(plan: EventPlan, zone: ZoneInfo) -> Pattern:
    """What an event would be without its date. Deadline and invitations keep their days, not their hours."""
    starts = plan.starts_at.astimezone(zone)

    def days_before(moment: datetime) -> int:
        return (starts.date() - moment.astimezone(zone).date()).days

    return Pattern(
        **{name: getattr(plan, name) for name in SAME},
        starts=starts.time().replace(fold=0),
        minutes=int((plan.ends_at - plan.starts_at) / timedelta(minutes=1)),
        deadline_days=None if plan.rsvp_deadline is None else days_before(plan.rsvp_deadline),
        invite_days=INVITE_DAYS if plan.invite_at is None else max(1, days_before(plan.invite_at)),
    )


def problems(pattern: Pattern) -> tuple[Problem, ...]:
    """Everything that is wrong with a pattern, as it would be with the event that it makes."""
    return planning.problems(plan_on(pattern, _ANY_DAY, ZoneInfo("UTC")))


def local(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """A local clock time in UTC. The first of two; one that the clocks skip comes later by the gap."""
    return datetime.combine(day, clock.replace(fold=0), zone).astimezone(UTC)


def to_json(pattern: Pattern) -> dict[str, Any]:
    """As it is kept in the database."""
    plain = asdict(pattern) | {"starts": pattern.starts.isoformat("minutes")}
    return plain | {name: plain[name].value for name in _ENUMS}


def from_json(value: dict[str, Any]) -> Pattern:
    """Back from the database. Raises ``ValueError`` for a mode, allocation or time that does not exist."""
    enums = {name: kind(value[name]) for name, kind in _ENUMS.items()}
    return Pattern(**(value | enums | {"starts": time.fromisoformat(value["starts"])}))


def _days_before(day: date, number: int | None, clock: time, zone: ZoneInfo) -> datetime | None:
    return None if number is None else local(day - timedelta(days=number), clock, zone)
