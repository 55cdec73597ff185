"""From the rules of an audience to the conditions by which the database finds its carers.

A rule that names something gone (a group that was deleted, an event, a survey) finds nobody: it adds nobody
to an audience and leaves nobody out of one. Of several names in a rule those that are there still count.
"""

from datetime import date

from dateutil.relativedelta import relativedelta

from carers.audience_rules import (
    Answer,
    Answered,
    Approved,
    Attended,
    HasWorker,
    InArea,
    InConstellation,
    InGroup,
    MainCarer,
    NotAttended,
    OfType,
    OnHold,
    Reads,
    Rule,
    Rules,
    Silent,
    ToldBy,
    TookPart,
    Which,
)
from storage import audience_conditions as are
from storage.audience_queries import Named, find_named
from storage.engine import Session
from storage.households_queries import Condition
from storage.rsvp import RsvpState

STATES: dict[Answer, tuple[RsvpState, ...]] = {
    Answer.NONE: (RsvpState.INVITED,),
    Answer.ANY: tuple(set(RsvpState) - {RsvpState.INVITED, RsvpState.CANCELLED}),
    Answer.GOING: (RsvpState.GOING,),
    Answer.MAYBE: (RsvpState.MAYBE,),
    Answer.NOT_GOING: (RsvpState.NOT_GOING,),
    Answer.WAITING: (RsvpState.WAITLISTED, RsvpState.OFFERED, RsvpState.BALLOT_ENTERED),
}
"""How an invitation stands. One that ended with its event, or with an approval, is no answer."""


async def conditions_of(session: Session, rules: Rules, today: date) -> list[Condition]:
    """What a current carer must fulfil. ``today``: the service's local day, from which months are counted."""
    named = await named_in(session, rules)
    held = [_condition(rule, named, today) for rule in rules.include]
    return [*held, *(~_condition(rule, named, today) for rule in rules.exclude)]


async def named_in(session: Session, rules: Rules) -> Named:
    """What there is of the things that these rules name."""
    return await find_named(
        session,
        groups=[name for rule in rules.all if isinstance(rule, InGroup) for name in rule.names],
        areas=[name for rule in rules.all if isinstance(rule, InArea) for name in rule.values],
        constellations=[n for rule in rules.all if isinstance(rule, InConstellation) for n in rule.names],
        workers=[number for rule in rules.all if isinstance(rule, HasWorker) for number in rule.ids],
        events=[number for rule in rules.all if (number := _event_of(rule)) is not None],
        rounds=[rule.round_id for rule in rules.all if isinstance(rule, TookPart)],
    )


def gone(rule: Rule, named: Named) -> tuple[str | int, ...]:
    """What this rule names and is not there any more."""
    match rule:
        case InGroup(names=names):
            return tuple(name for name in names if name not in named.groups)
        case InArea(values=names):
            return tuple(name for name in names if name not in named.areas)
        case InConstellation(names=names):
            return tuple(name for name in names if name not in named.constellations)
        case HasWorker(ids=ids):
            return tuple(number for number in ids if number not in named.workers)
        case TookPart(round_id=number):
            return () if number in named.rounds else (number,)
        case _:
            event = _event_of(rule)
            return () if event is None or event in named.events else (event,)


def _event_of(rule: Rule) -> int | None:
    return rule.event_id if isinstance(rule, Attended | Answered) else None


def _condition(rule: Rule, named: Named, today: date) -> Condition:
    event = _event_of(rule)
    if event is not None and event not in named.events:
        return are.nobody()
    match rule:
        case OfType(values=types):
            return are.of_types(types)
        case InArea(values=names):
            return are.in_areas(names)
        case InConstellation(which=Which.NONE):
            return ~are.in_constellations(None, None)
        case InConstellation(which=which, names=names, role=role):
            return are.in_constellations(names if which is Which.NAMED else None, role)
        case InGroup(names=names):
            return are.in_groups([named.groups[name] for name in names if name in named.groups])
        case Reads(values=languages):
            return are.reads(languages)
        case Approved(at_least=at_least, years=years):
            long_enough = are.approved_by(today - relativedelta(years=years))
            return long_enough if at_least else ~long_enough
        case HasWorker(ids=ids, nobody=nobody):
            return are.supervised_by(ids, or_by_nobody=nobody)
        case OnHold():
            return are.on_hold(today)
        case MainCarer():
            return are.is_main_carer()
        case ToldBy(values=ways):
            return are.told_by([way.value for way in ways])
        case Attended(event_kind=kind, event_id=event_id):
            came = are.came_to(_since(rule, today), kind, event_id)
            return ~came if isinstance(rule, NotAttended) else came
        case Answered(event_id=event_id, values=answers):
            return are.invitation_is(event_id, {state for answer in answers for state in STATES[answer]})
        case Silent(months=months):
            since = today - relativedelta(months=months)
            return are.was_invited(since) & ~are.gave_an_answer(since)
        case TookPart(round_id=number, answered=answered):
            return are.took_part(number, answered)
        case _:
            raise TypeError(f"no such rule: {rule.kind}")


def _since(rule: Attended, today: date) -> date | None:
    return rule.since if rule.months is None else today - relativedelta(months=rule.months)
