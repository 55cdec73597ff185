"""Which day of a new rule stands for which day of the old one, and what else changes. All pure.

Where only the day or the time moves, days are paired by their place in the rule; where the rule itself is
another one, by the same day. So whoever said yes to one day is asked about the day that stands for it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from events.occurrences import TIMES
from events.pattern import SAME, Pattern, pattern_of
from events.planning import EventPlan, plan_of
from events.rhythm import Occurrence, TermDates, Unit
from events.series_plan import SeriesPlan, occurrences
from storage.events import Event, EventState, Mode

_EVENT_FIELDS: Mapping[str, frozenset[str]] = {
    **{name: frozenset({name}) for name in SAME},
    "starts": TIMES,
    "minutes": frozenset({"ends_at"}),
    "deadline_days": frozenset({"rsvp_deadline"}),
    "invite_days": frozenset({"invite_at"}),
    "draft": frozenset({"draft", "invite_at"}),
}
"""Of each field of a pattern, those of an event that follow from it."""

_SHORTEST = {Unit.WEEK: 7, Unit.MONTH_BY_WEEKDAY: 28, Unit.MONTH_BY_DAY: 28, Unit.TERM: 70}
"""Days of the shortest week, month or term: a first day that moves by less is the same one, moved."""


Pairs = Mapping[date, Occurrence | None]
"""For each day of the old rule the day of the new one that stands in its place, or none."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a series was and will be, and which days stand for which."""

    before: SeriesPlan
    after: SeriesPlan
    pairs: Pairs
    terms: Sequence[TermDates]

    @property
    def names(self) -> frozenset[str]:
        """The fields of an event that follow from what differs in the pattern."""
        differing = _differing(self.before.pattern, self.after.pattern)
        return frozenset().union(*(_EVENT_FIELDS[name] for name in differing))

    def pair(self, event: Event) -> Occurrence | None:
        """The new day that stands for the event's, as long as the event has its old one."""
        return None if event.occurrence_on is None else self.pairs.get(event.occurrence_on)

    def leaves_in(self, event: Event) -> bool:
        """Whether the event stays in the programme. One that no rule asked for does."""
        if event.occurrence_on not in self.pairs:
            return True
        new = self.pair(event)
        return new is not None and new.day not in self.after.skipped

    def skipping(self, begun: Collection[date | None]) -> "Change":
        """The same change, with the days that it leaves out where they belong now.

        They are those that the old rule's have moved to, and those that stand for a day on which it has taken
        place already.
        """
        moved = {old: new.day for old, new in self.pairs.items() if new is not None and new.day != old}
        left_out = (moved.get(day, day) if day in self.before.skipped else day for day in self.after.skipped)
        skipped = frozenset({*left_out, *(new for old, new in moved.items() if old in begun)})
        return replace(self, after=replace(self.after, skipped=skipped))


def change_of_rule(before: SeriesPlan, after: SeriesPlan, terms: Sequence[TermDates], last: date) -> Change:
    """A series becomes what another plan says; its events are made up to ``last``."""
    return Change(before, after, _pairs(before, after, terms, last), terms)


def change_from_here_on(
    event: Event, plan: EventPlan, before: SeriesPlan, terms: Sequence[TermDates], last: date, zone: ZoneInfo
) -> Change:
    """A series becomes, from this event on, what the plan makes of the event; a new day moves the rule."""
    after = _with_differences(before, event, plan, zone)
    old_day, new_day = (moment.astimezone(zone).date() for moment in (event.starts_at, plan.starts_at))
    old = list(occurrences(before, terms, last))
    here = next((found for found in old if found.day == event.occurrence_on), None)
    if new_day == old_day or here is None:
        return Change(before, after, {found.day: found for found in old}, terms)
    rhythm, until = after.rhythm, after.until
    if rhythm.alternate and here.number % 2:  # so that the turns stay as they are
        rhythm = replace(rhythm, online_first=not rhythm.online_first)
    if until is not None:
        until = max(new_day, until + (new_day - old_day))
    after = replace(after, rhythm=rhythm, first_on=new_day, until=until)
    new = occurrences(after, terms, last + _slack(after))
    pairs = _in_order([found for found in old if found.number >= here.number], new, here.number)
    return Change(before, after, pairs, terms)


def _pairs(before: SeriesPlan, after: SeriesPlan, terms: Sequence[TermDates], last: date) -> Pairs:
    old = list(occurrences(before, terms, last))
    new = list(occurrences(after, terms, last + _slack(after)))
    if (before.rhythm.unit, before.rhythm.every) != (after.rhythm.unit, after.rhythm.every):
        by_day = {found.day: found for found in new}
        return {found.day: by_day.get(found.day) for found in old}
    begins = 0
    if old and abs(after.first_on - before.first_on) >= _shortest(before):
        begins = min(old, key=lambda found: abs(found.day - after.first_on)).number
    return _in_order(old, new, begins)


def _in_order(old: Iterable[Occurrence], new: Iterable[Occurrence], begins: int) -> Pairs:
    """Pair by the place in the rule: the first new day stands for the old one of the number ``begins``."""
    by_number = {found.number + begins: found for found in new}
    return {found.day: by_number.get(found.number) for found in old}


def _shortest(plan: SeriesPlan) -> timedelta:
    return timedelta(days=_SHORTEST[plan.rhythm.unit] * plan.rhythm.every)


def _slack(plan: SeriesPlan) -> timedelta:
    """How far beyond the last old day its new one may be."""
    return 2 * _shortest(plan)


def _with_differences(before: SeriesPlan, event: Event, plan: EventPlan, zone: ZoneInfo) -> SeriesPlan:
    """The series with what the plan changes of this event."""
    was, will_be = pattern_of(plan_of(event), zone), pattern_of(plan, zone)
    names = _differing(was, will_be)
    if plan.invite_at is None or event.state is EventState.INVITED:
        names -= {"invite_days"}
    changes = {name: getattr(will_be, name) for name in names}
    rhythm = before.rhythm
    if "mode" in changes:
        rhythm = replace(rhythm, alternate=False, online_first=False)
    elif rhythm.alternate and event.mode is Mode.ONLINE and before.pattern.online_capacity is not None:
        changes = {"online_capacity" if name == "capacity" else name: new for name, new in changes.items()}
    return replace(before, pattern=replace(before.pattern, **changes), rhythm=rhythm)


def _differing(was: Pattern, will_be: Pattern) -> set[str]:
    names = (field.name for field in fields(Pattern))
    return {name for name in names if getattr(was, name) != getattr(will_be, name)}
