"""Planning an event, changing it and calling it off: what staff decide, from the chat, the console or a file.

All three are written to the audit log. Whoever said yes hears of a change of time or place at once and is
asked again; whoever counts on an event hears that it is off.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from broadcasts.queue import Recipient, queue_notice
from carers.audit import record
from events import waitlist
from events.calendar_updates import follow_event
from events.holds import LONDON
from events.joining import without_link
from storage.engine import Session
from storage.events import Allocation, Event, EventState, Mode, RsvpBy
from storage.events_notices import cancel_waiting_of_event
from storage.events_queries import lock_event, refs_starting
from storage.rsvp import Invitation, RsvpState
from storage.rsvp_queries import (
    HOLDING,
    invitations_of_event,
    mark_cards_of_event_stale,
    party_members,
)
from storage.staff import StaffMember

INVITE_BEFORE = timedelta(days=28)
COUNT_ON_IT = (
    RsvpState.GOING,
    RsvpState.MAYBE,
    RsvpState.WAITLISTED,
    RsvpState.OFFERED,
    RsvpState.BALLOT_ENTERED,
)
"""Who hears of a change of time or place, and that an event is off."""

_STANDS_IN_CALENDARS = frozenset({"starts_at", "ends_at", "venue", "mode"})
_ADDRESS = re.compile(r"https?://[^\s/]+\S*", re.IGNORECASE)
_STILL_OPEN = (*COUNT_ON_IT, RsvpState.INVITED)


@dataclass(frozen=True, slots=True)
class EventPlan:
    """An event as staff describe it. Times are aware; ``audience`` is ``all`` or a group's name.

    An empty ``ref`` is made from the title and the date. ``invite_at`` null: 28 days before the start, or at
    once where that is past. ``draft``: staff send the invitations themselves. ``map_url`` empty: a search for
    the venue. ``flyer_id``: an attachment that `broadcasts.attachments` keeps.
    """

    title: str
    kind: str
    starts_at: datetime
    ends_at: datetime
    ref: str = ""
    description: str = ""
    mode: Mode = Mode.IN_PERSON
    venue: str = ""
    online_url: str = ""
    rsvp_by: RsvpBy = RsvpBy.CARER
    audience: str = "all"
    capacity: int | None = None
    online_capacity: int | None = None
    allocation: Allocation = Allocation.FIRST_COME
    rsvp_deadline: datetime | None = None
    invite_at: datetime | None = None
    draft: bool = False
    map_url: str = ""
    flyer_id: int | None = None


class Problem(StrEnum):
    """What is wrong with a plan."""

    NO_TITLE = "no_title"
    ENDS_BEFORE_IT_STARTS = "ends_before_it_starts"
    DEADLINE_AFTER_START = "deadline_after_start"
    INVITES_AFTER_START = "invites_after_start"
    CAPACITY_BELOW_ONE = "capacity_below_one"


def is_address(text: str) -> bool:
    """Whether this is an address on the web, and can be a link in a chat: nothing that runs, no blank."""
    return _ADDRESS.fullmatch(text) is not None


def problems(plan: EventPlan) -> tuple[Problem, ...]:
    """Everything that is wrong with a plan; nothing if it can be carried out."""
    capacities = [number for number in (plan.capacity, plan.online_capacity) if number is not None]
    found = {
        Problem.NO_TITLE: not plan.title.strip(),
        Problem.ENDS_BEFORE_IT_STARTS: plan.ends_at <= plan.starts_at,
        Problem.DEADLINE_AFTER_START: _answers_end_late(plan),
        Problem.INVITES_AFTER_START: plan.invite_at is not None and plan.invite_at >= plan.starts_at,
        Problem.CAPACITY_BELOW_ONE: any(number < 1 for number in capacities),
    }
    return tuple(problem for problem, wrong in found.items() if wrong)


def _answers_end_late(plan: EventPlan) -> bool:
    """After the start, or with it where a ballot is drawn in between."""
    if plan.rsvp_deadline is None:
        return False
    ballot = plan.allocation is Allocation.BALLOT
    return plan.rsvp_deadline > plan.starts_at or (ballot and plan.rsvp_deadline == plan.starts_at)


class Changed(StrEnum):
    """How an attempt to change or cancel an event ended. All but the first two changed nothing."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    NOT_FOUND = "not_found"
    ALREADY_CANCELLED = "already_cancelled"
    OUTDATED = "outdated"
    """Somebody else changed the event since ``version`` was read."""
    TOO_FEW_PLACES = "too_few_places"
    """More places are taken than the new capacity holds."""
    ANSWERS_FIXED = "answers_fixed"
    """Who answers (carers or households) cannot change once invitations are out."""
    ALLOCATION_FIXED = "allocation_fixed"
    """How places are shared out cannot change once anybody has answered."""
    OVER = "over"
    """An event that has ended cannot be cancelled."""


@dataclass(frozen=True, slots=True)
class ChangeOutcome:
    """``fields`` names what changed, ``told`` counts the carers to whom a notice was queued."""

    result: Changed
    event: Event | None = None
    fields: tuple[str, ...] = ()
    told: int = 0
    offered: int = 0


def plan_of(event: Event) -> EventPlan:
    """The plan behind an event, to be changed with `dataclasses.replace`."""
    copied = {field.name: getattr(event, field.name) for field in fields(EventPlan) if field.name != "draft"}
    return EventPlan(**copied, draft=event.state is EventState.DRAFT)


async def plan_event(session: Session, plan: EventPlan, by: StaffMember | None, now: datetime) -> Event:
    """Put an event into the programme. Raises ``ValueError`` for a plan that has `problems`.

    The ref must be new. Invitations follow with the next tick once ``invite_at`` has come.
    """
    event = await add_event(session, plan, by, now)
    await record(session, now, by, "event.plan", f"event:{event.ref}", title=event.title)
    return event


async def add_event(session: Session, plan: EventPlan, by: StaffMember | None, now: datetime) -> Event:
    """Put an event into the programme for somebody who writes it to the audit log, as `plan_event` does."""
    if found := problems(plan):
        raise ValueError(f"an event that cannot be: {', '.join(found)}")
    event = Event(
        **_columns(plan),
        state=EventState.DRAFT if plan.draft else EventState.PLANNED,
        created_at=now,
        updated_at=now,
        created_by_id=by.id if by else None,
    )
    event.ref = plan.ref or await _new_ref(session, plan)
    event.invite_at = _invite_at(plan, now)
    session.add(event)
    await session.flush()
    return event


async def change_event(
    session: Session,
    event_id: int,
    plan: EventPlan,
    by: StaffMember | None,
    now: datetime,
    version: int | None = None,
    zone: ZoneInfo = LONDON,
    *,
    alone: bool = True,
) -> ChangeOutcome:
    """Make an event what the plan says, and tell those whom it concerns.

    A change of time or place is told to all who `COUNT_ON_IT`; those who said yes and are affected are asked
    again, and offers are held as if made now. A larger capacity is offered to the waiting list. ``version``,
    when given, must be the one that was read. The ref stays. ``alone``: of a series this event is meant and
    no other, so that a change of the series leaves as it is what changes here. Raises ``ValueError`` for a
    plan that has `problems`.
    """
    if found := problems(plan):
        raise ValueError(f"an event that cannot be: {', '.join(found)}")
    event = await lock_event(session, event_id)
    if event is None:
        return ChangeOutcome(Changed.NOT_FOUND)
    if event.state is EventState.CANCELLED:
        return ChangeOutcome(Changed.ALREADY_CANCELLED, event)
    if version is not None and version != event.version:
        return ChangeOutcome(Changed.OUTDATED, event)
    changed = _changed_fields(event, plan)
    if not changed:
        return ChangeOutcome(Changed.UNCHANGED, event)
    if "rsvp_by" in changed and event.state is EventState.INVITED:
        return ChangeOutcome(Changed.ANSWERS_FIXED, event)
    parties = await invitations_of_event(session, event.id)
    if "allocation" in changed and any(party.answered_at for party in parties):
        return ChangeOutcome(Changed.ALLOCATION_FIXED, event)
    held = _places_after(plan, parties)
    if not _fits(plan, held):
        return ChangeOutcome(Changed.TOO_FEW_PLACES, event)

    before = plan_of(event)
    _apply(event, plan, changed, now)
    if alone and event.series_id is not None:
        event.changed_alone = sorted({*event.changed_alone, *changed})
    if "starts_at" in changed:
        waitlist.hold_anew(event, parties, now, zone)
    if "allocation" in changed:
        event.drawn_at = None  # a draw that nobody had entered closes nothing any more
    _settle_modes(plan, parties)
    event.taken, event.online_taken = held[Mode.IN_PERSON], held[Mode.ONLINE]
    await session.flush()
    told = await _tell_of_change(session, event, before, changed, now)
    if not _STANDS_IN_CALENDARS.isdisjoint(changed):
        await follow_event(session, event, now)  # also for who has not answered, and was asked by mail
    offered = await waitlist.pass_on(session, event, now, zone)
    await mark_cards_of_event_stale(session, event.id)
    await record(session, now, by, "event.change", f"event:{event.ref}", fields=list(changed))
    return ChangeOutcome(Changed.CHANGED, event, changed, told, offered)


async def cancel_event(
    session: Session, event_id: int, reason: str, by: StaffMember | None, now: datetime
) -> ChangeOutcome:
    """Call an event off. All who `COUNT_ON_IT` are told; what still waited is stopped.

    ``reason`` is shown to carers, cut at 500 characters. Cancelling twice changes nothing.
    """
    event = await lock_event(session, event_id)
    if event is None:
        return ChangeOutcome(Changed.NOT_FOUND)
    if event.state is EventState.CANCELLED:
        return ChangeOutcome(Changed.ALREADY_CANCELLED, event)
    if event.ends_at <= now:
        return ChangeOutcome(Changed.OVER, event)
    concerned = await party_members(session, event.id, COUNT_ON_IT)
    await cancel_waiting_of_event(session, event.id, ("cancellation",), "event cancelled", but=True)
    event.state = EventState.CANCELLED
    event.cancelled_at = event.updated_at = now
    event.cancel_reason = reason.strip()[:500]
    event.sequence += 1
    event.version += 1
    event.taken = event.online_taken = 0
    for invitation in await invitations_of_event(session, event.id, _STILL_OPEN):
        invitation.state = RsvpState.CANCELLED
        invitation.offer_expires_at = invitation.queue_key = None
    await session.flush()
    told = await queue_notice(
        session,
        "cancellation",
        [Recipient(member.carer_id, invitation_id=member.invitation_id) for member in concerned],
        about=f"event:{event.id}",
        now=now,
        send_by=event.ends_at,
        event_id=event.id,
        created_by_id=by.id if by else None,
    )
    await follow_event(session, event, now)
    await mark_cards_of_event_stale(session, event.id)
    await record(session, now, by, "event.cancel", f"event:{event.ref}", told=told)
    return ChangeOutcome(Changed.CHANGED, event, ("state",), told)


def _columns(plan: EventPlan) -> dict[str, object]:
    return {field.name: getattr(plan, field.name) for field in fields(plan) if field.name != "draft"}


async def _new_ref(session: Session, plan: EventPlan) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", plan.title.lower()).strip("-")[:40] or "event"
    base = f"{words}-{plan.starts_at:%Y-%m-%d}"
    used = await refs_starting(session, base)
    candidates = [base, *(f"{base}-{number}" for number in range(2, len(used) + 3))]
    return next(candidate for candidate in candidates if candidate not in used)


def _invite_at(plan: EventPlan, now: datetime) -> datetime | None:
    if plan.draft:
        return None
    # Whole seconds, so that an export says it exactly and comes back unchanged.
    return plan.invite_at or max(plan.starts_at - INVITE_BEFORE, now.replace(microsecond=0))


def _changed_fields(event: Event, plan: EventPlan) -> tuple[str, ...]:
    """What differs. An invitation time that the plan leaves open stays, unless the event itself moves."""
    now_is = plan_of(event)
    differs = {name for name in _columns(plan) if getattr(now_is, name) != getattr(plan, name)}
    differs.discard("ref")
    if plan.invite_at is None and (plan.starts_at == event.starts_at or plan.draft):
        differs.discard("invite_at")
    if event.state is EventState.INVITED:
        differs.discard("invite_at")
    elif now_is.draft != plan.draft:
        differs.add("draft")
    return tuple(sorted(differs))


def _apply(event: Event, plan: EventPlan, changed: Iterable[str], now: datetime) -> None:
    for name in changed:
        if name != "draft":
            setattr(event, name, getattr(plan, name))
    if event.state is not EventState.INVITED:
        event.state = EventState.DRAFT if plan.draft else EventState.PLANNED
        event.invite_at = event.invite_at if event.invite_at and not plan.draft else _invite_at(plan, now)
    event.updated_at = now
    event.version += 1


def _mode_after(plan: EventPlan, invitation: Invitation) -> Mode | None:
    """Where a party takes part under the plan: its own choice only while there is one."""
    return invitation.mode if plan.mode is Mode.HYBRID or invitation.mode is None else plan.mode


def _places_after(plan: EventPlan, parties: Iterable[Invitation]) -> dict[Mode, int]:
    """The places that parties would hold in each mode under the plan."""
    held = {Mode.IN_PERSON: 0, Mode.ONLINE: 0}
    for party in parties:
        mode = _mode_after(plan, party)
        if party.state in HOLDING and mode is not None:
            held[mode] += party.people if plan.rsvp_by is RsvpBy.HOUSEHOLD else 1
    return held


def _fits(plan: EventPlan, held: dict[Mode, int]) -> bool:
    online = plan.online_capacity
    if plan.mode is Mode.ONLINE and online is None:
        online = plan.capacity
    limits = {Mode.IN_PERSON: plan.capacity, Mode.ONLINE: online}
    return all(limit is None or held[mode] <= limit for mode, limit in limits.items())


def _settle_modes(plan: EventPlan, parties: Iterable[Invitation]) -> None:
    for party in parties:
        party.mode = _mode_after(plan, party)


async def _tell_of_change(
    session: Session, event: Event, before: EventPlan, changed: Iterable[str], now: datetime
) -> int:
    """Tell of a change of time or place, and ask again those who said yes to what is no longer so."""
    retimed = not {"starts_at", "ends_at"}.isdisjoint(changed)
    replaced = not {"venue", "mode"}.isdisjoint(changed)
    if not (retimed or replaced):
        return 0
    event.sequence += 1
    event.timing_changed_at = now
    for kind in ("change", "reminder", "join_link", "nudge"):
        await cancel_waiting_of_event(session, event.id, (kind,), "the event has changed")
    for party in await invitations_of_event(session, event.id, (RsvpState.GOING, RsvpState.MAYBE)):
        if retimed or "mode" in changed or party.mode is not Mode.ONLINE:
            party.asked_again_at = now
    await session.flush()
    concerned = await party_members(session, event.id, COUNT_ON_IT)
    return await queue_notice(
        session,
        "change",
        [Recipient(member.carer_id, invitation_id=member.invitation_id) for member in concerned],
        about=f"event:{event.id}:{event.sequence}",
        now=now,
        send_by=event.ends_at,
        event_id=event.id,
        params={
            "was_starts_at": before.starts_at.isoformat() if retimed else None,
            "was_ends_at": before.ends_at.isoformat() if retimed else None,
            "was_venue": without_link(event, before.venue) if "venue" in changed else None,
        },
    )
