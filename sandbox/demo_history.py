"""A year of the demo's past: who was invited, what they answered, who came, and how it was."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from events.choices import closes_at
from sandbox.demo_ballots import Ballots, write_draws
from sandbox.demo_names import FEEDBACK
from storage.attendance import Attendance, AttendanceState, Feedback
from storage.bulk import insert_rows, invitation_ids
from storage.deliveries import Delivery, DeliveryState
from storage.engine import Session
from storage.events import Allocation, Event, EventState, Mode, RsvpBy
from storage.households import Carer, Channel
from storage.ledger import get_or_create_notice
from storage.rsvp import Invitation, RsvpState

RECENT = timedelta(days=45)
"""How far back the demo remembers which messages went out."""

FEEDBACK_ASKED = timedelta(days=7)
NUDGED_ENOUGH = 2

DAY, NIGHT = range(7, 21), timedelta(hours=10)
"""Hours of UTC at which people use their telephones, in summer and in winter; and how long they do not."""

Row = dict[str, Any]


def awake(moment: datetime) -> datetime:
    """The moment itself, or in the day before the night that it falls in."""
    return moment if moment.hour in DAY else moment - NIGHT


@dataclass(slots=True)
class History:
    """Everything that happened before the demo began, as rows of its tables."""

    random: Random
    now: datetime
    members: Mapping[str, Sequence[Carer]]
    """The carers of each audience; only carers whose household had been approved by then are invited."""
    approved: Mapping[int, datetime]
    """By household id, when it was approved."""
    invitations: list[Row] = field(default_factory=list)
    attendance: list[Row] = field(default_factory=list)
    feedback: list[Row] = field(default_factory=list)
    waiting: Counter[int] = field(default_factory=Counter)
    """By event, how many are in its line."""
    ballots: Ballots = field(init=False)

    def __post_init__(self) -> None:
        self.ballots = Ballots(self.random)

    def live_through(self, event: Event) -> None:
        """Invite to one event and let people answer, come along, and say how it was. Earlier events first."""
        if event.invited_at is None:
            return
        keenness = {"support_group": 0.55, "celebration": 0.5, "tickets": 0.5, "youth_club": 0.3}
        keen = keenness.get(event.kind, 0.25) * self.random.uniform(0.8, 1.2)
        entered = [
            (party, row)
            for party in self._parties(event)
            if (row := self._party(event, party, keen))["state"] is RsvpState.BALLOT_ENTERED
        ]
        if entered and closes_at(event) <= self.now:
            self._draw(event, entered)

    def _draw(self, event: Event, entered: list[tuple[list[Carer], Row]]) -> None:
        """Whoever is drawn takes the places, the others lose."""
        drawn = self.ballots.draw(event, [row for _, row in entered])
        for party, row in entered:
            if row["party"] in drawn and self._take(event, row, self._places(event, row)):
                row["state"] = RsvpState.GOING
                self._attend(event, party, row)
            else:
                row["state"] = RsvpState.BALLOT_LOST

    def _parties(self, event: Event) -> list[list[Carer]]:
        """The carers of each party that was invited, in a random order: who answers first gets the places."""
        begun = event.starts_at
        carers = [one for one in self.members[event.audience] if self.approved[one.household_id] <= begun]
        if event.rsvp_by is RsvpBy.CARER:
            parties = [[carer] for carer in carers]
        else:
            homes: defaultdict[int, list[Carer]] = defaultdict(list)
            for carer in carers:
                homes[carer.household_id].append(carer)
            parties = list(homes.values())
        self.random.shuffle(parties)
        return parties

    def _party(self, event: Event, party: list[Carer], keen: float) -> Row:
        random = self.random
        reached = [one for one in party if (one.chat_id or one.email) and one.stopped_at is None]
        by_household = event.rsvp_by is RsvpBy.HOUSEHOLD
        people = self._people(by_household, len(party))
        row: Row = {
            "event_id": event.id,
            "household_id": party[0].household_id,
            "carer_id": None if by_household else party[0].id,
            "party": f"h{party[0].household_id}" if by_household else f"c{party[0].id}",
            "state": RsvpState.INVITED,
            "mode": None,
            "invited_at": event.invited_at,
            "answered_at": None,
            "answered_by_id": None,
            "waiting_since": None,
            "queue_key": None,
            "nudges": NUDGED_ENOUGH,
            **people,
        }
        self.invitations.append(row)
        # Half of those who will answer an event to come have done so: the others do it while one watches.
        late = event.starts_at > self.now
        if not reached or random.random() > (0.4 if late else 0.72):
            return row
        row["answered_at"] = self._answered_at(event)
        row["answered_by_id"] = random.choice(reached).id
        if random.random() >= keen:
            row["state"] = self._says_no(event)
        elif event.allocation is Allocation.BALLOT:
            row["state"], row["mode"] = RsvpState.BALLOT_ENTERED, event.mode
        elif self._take(event, row, self._places(event, row)):
            row["state"] = RsvpState.GOING
            self._attend(event, party, row)
        elif late:
            self._wait(event, row)
        else:
            row["state"] = self._says_no(event)
        return row

    def _wait(self, event: Event, row: Row) -> None:
        """At the end of the line of an event to come that is full."""
        self.waiting[event.id] += 1
        row["state"], row["mode"] = RsvpState.WAITLISTED, event.mode
        row["waiting_since"], row["queue_key"] = row["answered_at"], self.waiting[event.id]

    def _says_no(self, event: Event) -> RsvpState:
        if event.mode is Mode.HYBRID or event.allocation is Allocation.BALLOT:
            return RsvpState.NOT_GOING
        return self.random.choices((RsvpState.NOT_GOING, RsvpState.MAYBE), (8, 1))[0]

    def _places(self, event: Event, row: Row) -> int:
        bands = ("adults", "children_0_4", "children_5_10", "children_11_15", "children_16_up")
        return sum(int(row[band]) for band in bands) if event.rsvp_by is RsvpBy.HOUSEHOLD else 1

    def _people(self, by_household: bool, carers: int) -> Row:
        """Heads by age band, for families."""
        random = self.random
        bands = ("children_0_4", "children_5_10", "children_11_15", "children_16_up")
        people: Row = {"adults": 1, **dict.fromkeys(bands, 0)}
        if by_household:
            people["adults"] = random.randint(1, carers)
            for _ in range(random.choices((1, 2, 3), (5, 4, 2))[0]):
                people[random.choices(bands, (2, 4, 4, 1))[0]] += 1
        return people

    def _answered_at(self, event: Event) -> datetime:
        invited = event.invited_at or event.created_at
        until = min(closes_at(event), self.now) if event.rsvp_deadline else min(event.starts_at, self.now)
        share = self.random.betavariate(1, 4)
        return max(invited, awake(invited + (until - invited) * share))

    def _take(self, event: Event, row: Row, seats: int) -> bool:
        """Take places where there are any; false where the event is full."""
        mode = event.mode
        if mode is Mode.HYBRID:
            mode = self.random.choices((Mode.IN_PERSON, Mode.ONLINE), (3, 2))[0]
        limit = event.capacity if mode is Mode.IN_PERSON else event.online_capacity
        taken = event.taken if mode is Mode.IN_PERSON else event.online_taken
        if limit is not None and taken + seats > limit:
            return False
        row["mode"] = mode
        if mode is Mode.IN_PERSON:
            event.taken += seats
        else:
            event.online_taken += seats
        return True

    def _attend(self, event: Event, party: list[Carer], row: Row) -> None:
        if event.ends_at > self.now:
            return
        random = self.random
        for carer in party[: row["adults"]]:
            chance = random.random()
            if chance > 0.93:
                continue  # nobody ticked them
            state = AttendanceState.ATTENDED if chance < 0.85 else AttendanceState.NO_SHOW
            self.attendance.append(
                {
                    "event_id": event.id,
                    "carer_id": carer.id,
                    "household_id": carer.household_id,
                    "state": state,
                    "source": "console",
                    "recorded_at": event.ends_at + timedelta(hours=1),
                    "recorded_by_id": None,
                }
            )
            old = event.ends_at < self.now - FEEDBACK_ASKED
            if state is AttendanceState.ATTENDED and old and random.random() < 0.45:
                self._say_how_it_was(event, carer)

    def _say_how_it_was(self, event: Event, carer: Carer) -> None:
        random = self.random
        at = awake(event.ends_at + timedelta(hours=random.randrange(24, 60)))
        kept = self.now - at < timedelta(days=90)  # what carers wrote is purged after that
        self.feedback.append(
            {
                "event_id": event.id,
                "carer_id": carer.id,
                "rating": random.choices((2, 3, 4, 5), (1, 3, 8, 10))[0],
                "comment": random.choice(FEEDBACK) if kept and random.random() < 0.3 else None,
                "given_at": at,
            }
        )


async def write_history(session: Session, history: History, events: Iterable[Event]) -> None:
    """Write what happened, and the ledger of the invitations that went out lately."""
    await insert_rows(session, Invitation, history.invitations)
    await insert_rows(session, Attendance, history.attendance)
    await insert_rows(session, Feedback, history.feedback)
    recent = [
        event
        for event in events
        if event.state is EventState.INVITED and event.starts_at > history.now - RECENT
    ]
    keys = await invitation_ids(session, [event.id for event in recent])
    drawn = [past.event.id for past in history.ballots.past]
    await write_draws(session, history.ballots, await invitation_ids(session, drawn))
    rows = [row for event in recent for row in await _sent(session, event, history, keys)]
    await insert_rows(session, Delivery, rows)


async def _sent(
    session: Session, event: Event, history: History, keys: Mapping[tuple[int, str], int]
) -> list[Row]:
    """The deliveries of one event's invitations."""
    at = event.invited_at or event.created_at
    key = f"invitation:event:{event.id}"
    notice = await get_or_create_notice(
        session, key, {"kind": "invitation", "event_id": event.id, "params": {}, "created_at": at}
    )
    return [
        delivery_row(notice, key, "invitation", carer, at, event.starts_at)
        | {"event_id": event.id, "round_id": None, "invitation_id": keys[event.id, party]}
        for carer in history.members[event.audience]
        for party in (f"c{carer.id}", f"h{carer.household_id}")
        if (event.id, party) in keys
    ]


def delivery_row(notice: int, key: str, kind: str, carer: Carer, at: datetime, send_by: datetime) -> Row:
    """One delivery that has come to its end: sent, or skipped with the reason."""
    reason, channel = None, Channel.APP
    if carer.chat_id is None:
        channel = carer.channel or (Channel.EMAIL if carer.email else Channel.APP)
        reason = "no_app" if channel is Channel.APP else None
    elif carer.unreachable_since is not None:
        reason = "unreachable"
    elif carer.stopped_at is not None:
        reason = "stopped"
    return {
        "notice_id": notice,
        "kind": kind,
        "carer_id": carer.id,
        "dedupe_key": f"{key}:c{carer.id}",
        "priority": 30,
        "channel": channel,
        "state": DeliveryState.SKIPPED if reason else DeliveryState.SENT,
        "reason": reason,
        "queued_at": at,
        "due_at": at,
        "send_by": send_by,
        "attempts": 0 if reason else 1,
        "chat_id": None if reason else carer.chat_id,
        "sent_at": None if reason else at,
    }
