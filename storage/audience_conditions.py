"""The rules of an audience as conditions of the database.

Every condition is about the `Carer` and the `Household` of the query that it goes into. None of them is ever
null, so that each can be negated: who has no area is not in the North.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import Select, and_, exists, false, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from storage.attendance import Attendance, AttendanceState
from storage.events import Event
from storage.households import (
    Carer,
    ConstellationRole,
    GroupMember,
    Household,
    HouseholdType,
    Language,
)
from storage.households_queries import Condition
from storage.rsvp import Invitation, RsvpState
from storage.surveys import Participant, Round
from storage.ways import way


def nobody() -> Condition:
    return false()


def all_hold(conditions: Sequence[Condition]) -> Condition:
    """All of these in one, which is never null even where one of them may be."""
    return func.coalesce(and_(true(), *conditions), false())


def is_carer(carer_id: int) -> Condition:
    return Carer.id == carer_id


def of_types(types: Collection[HouseholdType]) -> Condition:
    return Household.type.in_(types)


def in_areas(names: Collection[str]) -> Condition:
    return func.coalesce(Household.area, "").in_(names)


def in_constellations(names: Collection[str] | None, role: ConstellationRole | None) -> Condition:
    """In one of these constellations, or (null) in any; ``role`` null: in either part."""
    there = Household.constellation.is_not(None)
    if names is not None:
        there = func.coalesce(Household.constellation, "").in_(names)
    return there if role is None else and_(there, Household.constellation_role.is_not_distinct_from(role))


def in_groups(group_ids: Collection[int]) -> Condition:
    return _is_among(select(GroupMember.carer_id).where(GroupMember.group_id.in_(group_ids)))


def reads(languages: Collection[Language]) -> Condition:
    return Carer.language.in_(languages)


def approved_by(day: date) -> Condition:
    """The approval began on or before this local day."""
    return Household.approved_on <= day


def supervised_by(staff_ids: Collection[int], *, or_by_nobody: bool) -> Condition:
    by_them = func.coalesce(Household.social_worker_id, 0).in_(staff_ids)
    return or_(by_them, Household.social_worker_id.is_(None)) if or_by_nobody else by_them


def on_hold(today: date) -> Condition:
    return func.coalesce(Household.on_hold_since <= today, false())


def is_main_carer() -> Condition:
    return Carer.main_carer.is_(True)


def told_by(ways: Collection[str]) -> Condition:
    """Reached by one of these ways; ``none``: by no way at all."""
    return func.coalesce(way(), "none").in_(ways)


def came_to(since: date | None, kind: str = "", event_id: int | None = None) -> Condition:
    """Was ticked at an event from this day on (ever, where null): at any, of a kind, or at this one.

    Days are reckoned in UTC here; no event begins in the hour that this is off.
    """
    ticked = Attendance.state == AttendanceState.ATTENDED
    if event_id is None and since is None and not kind:
        return exists().where(Attendance.carer_id == Carer.id, ticked)
    came = select(Attendance.carer_id).where(ticked)
    if event_id is not None:
        return _is_among(came.where(Attendance.event_id == event_id))
    events = select(Event.id)
    if kind:
        events = events.where(Event.kind == kind)
    if since is not None:
        events = events.where(Event.starts_at >= _midnight(since))
    return _is_among(came.where(Attendance.event_id.in_(events)))


def invitation_is(event_id: int, states: Collection[RsvpState]) -> Condition:
    """The invitation to this event, theirs or their household's, stands like this."""
    return _party(Invitation.event_id == event_id, Invitation.state.in_(states))


def was_invited(since: date) -> Condition:
    return _party(Invitation.invited_at >= _midnight(since))


def gave_an_answer(since: date) -> Condition:
    return _party(Invitation.answered_at >= _midnight(since))


def took_part(round_id: int, answered: bool) -> Condition:
    """Was asked in this round and answered, or did not. Nobody where the round is anonymous, whatever a rule
    says: the one who asks could tell who took part."""
    asked = select(Participant.carer_id).join(Round, Round.id == Participant.round_id)
    named = Round.anonymous.is_(False)
    return _is_among(asked.where(Round.id == round_id, named, Participant.took_part.is_(answered)))


def _party(*conditions: Condition) -> Condition:
    """The carer, or the household where it answers, has an invitation like this."""
    own = select(Invitation.carer_id).where(Invitation.carer_id.is_not(None), *conditions)
    of_home = select(Invitation.household_id).where(Invitation.carer_id.is_(None), *conditions)
    return or_(_is_among(own), _is_among(of_home, Carer.household_id))


def _is_among(found: Select[Any], column: InstrumentedAttribute[int] = Carer.id) -> Condition:
    """The carer's id, or household's, is among these.

    Said so that PostgreSQL makes a table of them once and looks each carer up in it. A plain IN it may turn
    into a join, and before it has looked at tables that were just filled that goes through all attendance
    for every carer: seconds instead of a tenth. Each id once, so that the table is known to be small.
    """
    return column.in_(found.distinct()).is_(true())


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), UTC)
