"""Changing one thing about an event, as a chat does: what can change, and the plan with the change in it.

Nothing here touches the database; `events.planning` carries the plan out.
"""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from events.drafting import Step, Wrong, read_answer
from events.planning import EventPlan
from storage.events import Mode


class Thing(StrEnum):
    """What can be changed by one answer."""

    STARTS = "starts"
    """The day and the time; it lasts as long as before."""
    ENDS = "ends"
    VENUE = "venue"
    LINK = "link"
    CAPACITY = "capacity"
    ONLINE_CAPACITY = "online_capacity"


def things(plan: EventPlan) -> tuple[Thing, ...]:
    """What makes sense for this event. One that is online only counts its places as `Thing.CAPACITY`."""
    wanted = {
        Thing.VENUE: plan.mode is not Mode.ONLINE,
        Thing.LINK: plan.mode is not Mode.IN_PERSON,
        Thing.ONLINE_CAPACITY: plan.mode is Mode.HYBRID,
    }
    return tuple(thing for thing in Thing if wanted.get(thing, True))


def read_change(thing: Thing, text: str, plan: EventPlan, now: datetime, zone: ZoneInfo) -> Any | Wrong:
    """What an answer means, as plain JSON, or what is wrong with it: see `events.drafting.read_answer`."""
    said = {Step.STARTS.value: plan.starts_at.isoformat()}
    return read_answer(Step(thing.value), text, said, now, zone, ())


def adjusted(plan: EventPlan, thing: Thing, answer: Any, now: datetime) -> EventPlan:
    """The plan with this answer of `read_change` in it. A new start takes end and deadline along, but none
    closes answers that were open: then the deadline stays, or there is none if the event is before it."""
    match thing:
        case Thing.STARTS:
            return _moved(plan, datetime.fromisoformat(answer), now)
        case Thing.ENDS:
            return replace(plan, ends_at=datetime.fromisoformat(answer))
        case Thing.VENUE:
            return replace(plan, venue=answer, map_url="")
        case Thing.LINK:
            return replace(plan, online_url=answer)
        case Thing.ONLINE_CAPACITY:
            return replace(plan, online_capacity=answer)
        case Thing.CAPACITY:
            if plan.mode is Mode.ONLINE:
                return replace(plan, capacity=answer, online_capacity=None)
            return replace(plan, capacity=answer)


def _moved(plan: EventPlan, starts_at: datetime, now: datetime) -> EventPlan:
    by = starts_at - plan.starts_at
    was = plan.rsvp_deadline
    deadline = was + by if was else None
    if was is not None and deadline is not None and deadline <= now < was:
        deadline = was if was < starts_at else None
    return replace(
        plan,
        starts_at=starts_at,
        ends_at=plan.ends_at + by,
        rsvp_deadline=deadline,
        invite_at=None,
    )
