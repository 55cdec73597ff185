"""What staff see of the programme, as frozen facts: for the console and for the chat."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from events.ballot import closes_at, seed_fingerprint
from events.cards import event_facts
from events.lines import EventLine, EventSearch, Seats, count_events, event_list, lines_of
from storage.attendance import AttendanceState
from storage.attendance_queries import attendance_at, feedback_on
from storage.engine import Session
from storage.events import Allocation, Event, EventState, Mode, RsvpBy
from storage.households import Carer, Household
from storage.rsvp import Invitation, RsvpState
from storage.rsvp_noted import answers_noted
from storage.rsvp_views import carers_concerned, households_by_id, parties_with_households

EXPECTED = (RsvpState.GOING, RsvpState.MAYBE, RsvpState.OFFERED, RsvpState.WAITLISTED)
"""The answers of those who may turn up."""


@dataclass(frozen=True, slots=True)
class PartyRow:
    """One party. ``needs`` is null unless the reader may see it. ``carers``: id and name of each.

    ``noted_by``: the member of staff who noted the answer that stands, of a party that phoned or wrote.
    """

    invitation_id: int
    household_ref: str
    carers: tuple[tuple[int, str], ...]
    state: RsvpState
    mode: Mode | None
    adults: int
    children_0_4: int
    children_5_10: int
    children_11_15: int
    children_16_up: int
    answered_at: datetime | None
    answered_by: str | None
    noted_by: str | None
    needs: str | None
    position: int | None
    passed_over: int
    waiting_since: datetime | None
    offer_expires_at: datetime | None
    asked_again: bool

    @property
    def names(self) -> str:
        return " and ".join(name for _, name in self.carers)

    @property
    def children(self) -> int:
        return self.children_0_4 + self.children_5_10 + self.children_11_15 + self.children_16_up


@dataclass(frozen=True, slots=True)
class AttendanceRow:
    """One carer who was expected or came. ``state`` null: nothing is noted yet."""

    carer_id: int
    carer_ref: str
    name: str
    household_ref: str
    answer: RsvpState | None
    state: AttendanceState | None


@dataclass(frozen=True, slots=True)
class FeedbackSummary:
    """What those who came said. ``mean`` is null while nobody has."""

    count: int
    mean: float | None
    by_rating: Mapping[int, int]
    comments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EventPage:
    """Everything about one event. ``people_by_band`` counts those going; ``waiting`` is in order.

    Of a ballot ``closes_at`` is when entries close and it is drawn, ``drawn_at`` when that happened, and
    ``fingerprint`` what may be known of its seed before.
    """

    line: EventLine
    description: str
    online_url: str
    audience: str
    allocation: Allocation
    rsvp_deadline: datetime | None
    closes_at: datetime | None
    drawn_at: datetime | None
    fingerprint: str
    map_url: str
    """Where the place is on a map; empty without a place."""
    flyer_id: int | None
    series_id: int | None
    capacity: int | None
    online_capacity: int | None
    cancel_reason: str
    cancelled_at: datetime | None
    checkin_code: str
    version: int
    people_by_band: Mapping[str, int]
    parties: tuple[PartyRow, ...]
    waiting: tuple[PartyRow, ...]
    feedback: FeedbackSummary


BANDS = ("adults", "children_0_4", "children_5_10", "children_11_15", "children_16_up")


async def event_page(
    session: Session, event_id: int, *, with_needs: bool = False, social_worker_id: int | None = None
) -> EventPage | None:
    """One event with its parties; null if there is none.

    ``with_needs`` only for the organiser. ``social_worker_id`` limits the parties to that worker's own
    households; the counts are of all.
    """
    event = await session.get(Event, event_id)
    if event is None:
        return None
    line = (await lines_of(session, [event]))[0]
    everybody = await _parties(session, event, with_needs=with_needs)
    parties = [row for row, worker_id in everybody if social_worker_id in (None, worker_id)]
    waiting = sorted((row for row in parties if row.position), key=lambda row: (row.mode or "", row.position))
    return EventPage(
        line=line,
        description=event.description,
        online_url=event.online_url,
        audience=event.audience,
        allocation=event.allocation,
        map_url=event_facts(event)["map_url"],
        flyer_id=event.flyer_id,
        series_id=event.series_id,
        rsvp_deadline=event.rsvp_deadline,
        closes_at=closes_at(event) if event.allocation is Allocation.BALLOT else None,
        drawn_at=event.drawn_at,
        fingerprint=seed_fingerprint(event) if event.allocation is Allocation.BALLOT else "",
        capacity=event.capacity,
        online_capacity=event.online_capacity,
        cancel_reason=event.cancel_reason,
        cancelled_at=event.cancelled_at,
        checkin_code=event.checkin_code,
        version=event.version,
        people_by_band={
            band: sum(getattr(row, band) for row, _ in everybody if row.state is RsvpState.GOING)
            for band in BANDS
        },
        parties=tuple(parties),
        waiting=tuple(waiting),
        feedback=await feedback_summary(session, event.id),
    )


async def attendance_list(
    session: Session, event_id: int, *, social_worker_id: int | None = None
) -> list[AttendanceRow]:
    """The carers who said that they might come, and all who are noted already, by name."""
    noted = {row.carer_id: row.state for row in await attendance_at(session, event_id)}
    answers: dict[int, RsvpState] = {}
    carers = await carers_concerned(session, event_id)
    of_household = _by_household(carers)
    for invitation, household in await parties_with_households(session, event_id):
        for carer in of_household[household.id]:
            if _in_party(invitation, carer):
                answers[carer.id] = invitation.state
    households = await households_by_id(session, sorted({carer.household_id for carer in carers}))
    rows = [
        AttendanceRow(
            carer_id=carer.id,
            carer_ref=carer.ref,
            name=_name(carer),
            household_ref=households[carer.household_id].ref,
            answer=answers.get(carer.id),
            state=noted.get(carer.id),
        )
        for carer in carers
        if (carer.id in noted or answers.get(carer.id) in EXPECTED)
        and social_worker_id in (None, households[carer.household_id].social_worker_id)
    ]
    return sorted(rows, key=lambda row: (row.name.casefold(), row.carer_ref))


async def feedback_summary(session: Session, event_id: int) -> FeedbackSummary:
    """How it was, over all who said so."""
    given = await feedback_on(session, event_id)
    ratings = [row.rating for row in given]
    return FeedbackSummary(
        count=len(ratings),
        mean=sum(ratings) / len(ratings) if ratings else None,
        by_rating={rating: ratings.count(rating) for rating in range(1, 6)},
        comments=tuple(row.comment for row in given if row.comment),
    )


async def _parties(session: Session, event: Event, *, with_needs: bool) -> list[tuple[PartyRow, int | None]]:
    """Every party, each with the id of its social worker."""
    of_household = _by_household(await carers_concerned(session, event.id))
    rows = await parties_with_households(session, event.id)
    positions = _positions([invitation for invitation, _ in rows])
    noted = await answers_noted(session, event.ref)
    return [
        (
            _party_row(
                invitation,
                household,
                [carer for carer in of_household[household.id] if _in_party(invitation, carer)],
                positions.get(invitation.id),
                noted.get((invitation.party, invitation.answered_at)) if invitation.answered_at else None,
                with_needs,
            ),
            household.social_worker_id,
        )
        for invitation, household in rows
    ]


def _by_household(carers: Sequence[Carer]) -> dict[int, list[Carer]]:
    grouped: dict[int, list[Carer]] = defaultdict(list)
    for carer in carers:
        grouped[carer.household_id].append(carer)
    return grouped


def _positions(invitations: Sequence[Invitation]) -> dict[int, int]:
    """Each waiting party's place in the list for its mode, from 1."""
    positions: dict[int, int] = {}
    for mode in (Mode.IN_PERSON, Mode.ONLINE):
        waiting = [row for row in invitations if row.state is RsvpState.WAITLISTED and row.mode is mode]
        waiting.sort(key=lambda row: (row.queue_key or 0, row.id))
        positions |= {row.id: number for number, row in enumerate(waiting, 1)}
    return positions


def _party_row(
    invitation: Invitation,
    household: Household,
    carers: Sequence[Carer],
    position: int | None,
    noted_by: str | None,
    with_needs: bool,
) -> PartyRow:
    names = {carer.id: _name(carer) for carer in carers}
    return PartyRow(
        invitation_id=invitation.id,
        household_ref=household.ref,
        carers=tuple(names.items()),
        state=invitation.state,
        mode=invitation.mode,
        adults=invitation.adults,
        children_0_4=invitation.children_0_4,
        children_5_10=invitation.children_5_10,
        children_11_15=invitation.children_11_15,
        children_16_up=invitation.children_16_up,
        answered_at=invitation.answered_at,
        answered_by=names.get(invitation.answered_by_id or 0),
        noted_by=noted_by,
        needs=invitation.needs if with_needs else None,
        position=position,
        passed_over=invitation.passed_over,
        waiting_since=invitation.waiting_since,
        offer_expires_at=invitation.offer_expires_at,
        asked_again=invitation.asked_again_at is not None,
    )


def _in_party(invitation: Invitation, carer: Carer) -> bool:
    """Who has left the household answers for it no more; what was their own stays theirs."""
    if invitation.household_id != carer.household_id:
        return False
    return invitation.carer_id == carer.id or (invitation.carer_id is None and carer.left_on is None)


def _name(carer: Carer) -> str:
    """What staff call a carer: the ref of one whose name is not kept."""
    return f"{carer.first_name} {carer.last_name}".strip() or carer.ref


__all__ = [
    "Allocation",
    "AttendanceRow",
    "AttendanceState",
    "EventLine",
    "EventPage",
    "EventSearch",
    "EventState",
    "FeedbackSummary",
    "Mode",
    "PartyRow",
    "RsvpBy",
    "RsvpState",
    "Seats",
    "attendance_list",
    "count_events",
    "event_list",
    "event_page",
    "feedback_summary",
]
