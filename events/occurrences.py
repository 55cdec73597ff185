"""The events of a series: making those that the rule asks for, altering one, and taking some out.

An occurrence is an ordinary event: it is invited to, answered and cancelled as any other. ``occurrence_on``
is the day for which the rule made it, and no two events of a series have the same, so that whatever runs
twice makes nothing twice. Whoever calls these has locked the series.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from events import pattern as patterns
from events import planning
from events import rhythm as rhythms
from events.planning import Changed, EventPlan, add_event, cancel_event, change_event, plan_of
from events.rhythm import TermDates
from events.series_plan import AHEAD, SeriesPlan, event_on, occurrences
from storage.engine import Session
from storage.events import Event, EventState
from storage.events_queries import refs_starting
from storage.series import Series
from storage.series_queries import delete_events, events_of_series, known_to_carers
from storage.staff import StaffMember

OFF = "The dates have changed, and this one is no longer in the programme."
"""What carers read of an event that a new rule has no day for."""

TIMES = frozenset({"starts_at", "ends_at", "rsvp_deadline", "invite_at"})
"""The fields of an event that move with its day."""

_BEGIN_AND_END = frozenset({"starts_at", "ends_at"})
_REFUSED = {
    Changed.TOO_FEW_PLACES: "more places are taken than there would be",
    Changed.ANSWERS_FIXED: "who answers cannot change once invitations are out",
    Changed.ALLOCATION_FIXED: "how places are shared out cannot change once somebody has answered",
}


@dataclass(slots=True)
class Work:
    """A change of a series on its way: who makes it, and what has come of it so far."""

    session: Session
    by: StaffMember | None
    now: datetime
    zone: ZoneInfo
    made: int = 0
    changed: int = 0
    removed: int = 0
    cancelled: int = 0
    told: int = 0
    refused: list[str] = field(default_factory=list)

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @property
    def anything(self) -> bool:
        return any((self.made, self.changed, self.removed, self.cancelled))


def plan_of_series(series: Series) -> SeriesPlan:
    """The plan behind a series, to be changed with `dataclasses.replace`."""
    return SeriesPlan(
        pattern=patterns.from_json(series.pattern),
        rhythm=rhythms.from_json(series.rhythm),
        first_on=series.first_on,
        until=series.until,
        skipped=frozenset(map(date.fromisoformat, series.skipped)),
        ref=series.ref,
    )


def write_plan(series: Series, plan: SeriesPlan, now: datetime) -> None:
    """Let the series be what the plan says; its ref stays."""
    series.pattern, series.rhythm = patterns.to_json(plan.pattern), rhythms.to_json(plan.rhythm)
    series.first_on, series.until = plan.first_on, plan.until
    series.skipped = sorted(day.isoformat() for day in plan.skipped)
    series.updated_at = now


def is_to_come(event: Event, now: datetime) -> bool:
    """Whether a change of its series may still touch it: it has not begun, and is on."""
    return event.starts_at > now and event.state is not EventState.CANCELLED


async def make_missing(work: Work, series: Series, terms: Sequence[TermDates]) -> None:
    """Make the events of the rule's days within the next year that have none; never one that is past."""
    plan, horizon = plan_of_series(series), work.today + AHEAD
    there = {event.occurrence_on for event in await events_of_series(work.session, series.id)}
    refs = await refs_starting(work.session, plan.ref)
    for occurrence in occurrences(plan, terms, horizon):
        event_plan = event_on(plan, occurrence, work.zone)
        if occurrence.day in there or occurrence.day in plan.skipped or event_plan.starts_at <= work.now:
            continue
        ref = _free_ref(f"{plan.ref}-{occurrence.day.isoformat()}", refs)
        event = await add_event(work.session, replace(event_plan, ref=ref), work.by, work.now)
        event.series_id, event.occurrence_on = series.id, occurrence.day
        refs.add(ref)
        work.made += 1
    series.made_until = horizon
    await work.session.flush()


async def alter(work: Work, event: Event, names: Collection[str], target: EventPlan) -> None:
    """Give these fields of ``target`` to the event, but for those that staff changed on it alone.

    What cannot be is noted in ``refused``, and the event stays as it is.
    """
    wanted = set(names) - changed_alone(event)
    plan = replace(plan_of(event), **{name: getattr(target, name) for name in wanted})
    if plan.draft:
        plan = replace(plan, invite_at=None)
    if planning.problems(plan):
        refuse(work, event, "its own times do not go with the new ones")
        return
    await carry_out(work, event, plan)


async def carry_out(work: Work, event: Event, plan: EventPlan) -> tuple[str, ...]:
    """Change one event as its series changes; the fields that changed, none where that is refused."""
    outcome = await change_event(work.session, event.id, plan, work.by, work.now, zone=work.zone, alone=False)
    if outcome.result in _REFUSED:
        refuse(work, event, _REFUSED[outcome.result])
    if outcome.result is not Changed.CHANGED:
        return ()
    work.changed += 1
    work.told += outcome.told
    return outcome.fields


def changed_alone(event: Event) -> set[str]:
    """What staff changed on this event alone; its two times belong together."""
    alone = set(event.changed_alone)
    return alone if alone.isdisjoint(_BEGIN_AND_END) else alone | _BEGIN_AND_END


def refuse(work: Work, event: Event, why: str) -> None:
    day = event.starts_at.astimezone(work.zone)
    work.refused.append(f"{day.day} {day:%B %Y}: {why}")


async def take_out(work: Work, events: Iterable[Event], reason: str) -> None:
    """Take events to come out of the programme.

    One that nobody was invited to disappears, as nobody has heard of it. Any other is cancelled, and those
    who count on it are told the reason.
    """
    events = list(events)
    known = await known_to_carers(work.session, (event.id for event in events))
    heard_of = [event for event in events if event.state is EventState.INVITED or event.id in known]
    unheard = [event.id for event in events if event not in heard_of]
    for event in heard_of:
        outcome = await cancel_event(work.session, event.id, reason or OFF, work.by, work.now)
        work.cancelled += 1
        work.told += outcome.told
    await delete_events(work.session, unheard)
    work.removed += len(unheard)


def _free_ref(ref: str, used: Collection[str]) -> str:
    number = 1
    while (candidate := ref if number == 1 else f"{ref}-{number}") in used:
        number += 1
    return candidate
