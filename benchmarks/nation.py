"""A service of any size with a year behind it, for what grows with its carers and its history.

Written in bulk around the cast and the busy day of the console's tests, which have something of everything.
The proportions are those of England on 31 March 2022: 61,360 carers in 43,905 households.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.people import first_name, language
from sandbox.demo_surveys import Mood
from storage.attendance import Attendance, AttendanceState
from storage.broadcasts import Broadcast, BroadcastState
from storage.bulk import insert_rows
from storage.check_ins import CheckIn, CheckInHow
from storage.conversations import CarerMessage, Thread, ThreadState
from storage.deliveries import Delivery, DeliveryState, Notice
from storage.engine import Database, Session
from storage.events import Event, EventState, Mode, RsvpBy
from storage.households import (
    Carer,
    Channel,
    ConstellationRole,
    EndRoute,
    Group,
    GroupMember,
    Household,
    HouseholdType,
    OptOut,
)
from storage.links import LinkToken, Stranger
from storage.nominations import Nomination
from storage.rsvp import Invitation, RsvpState
from storage.staff import AuditEntry, Role, StaffMember
from storage.surveys import Participant, Response, Round, RoundState
from surveys.catalogue import standard_definitions
from surveys.segment_tables import segment_views
from tests.support.cast import NOON, Cast, gather
from tests.web.conftest import Busy, fill

HOUSEHOLDS_A_CARER = 43_905 / 61_360
FIRST = 1000
"""The bulk's ids begin here; the cast's are below."""
PAST, COMING = 120, 40
"""Events of a year that are over, and planned ones; each is for one carer in twenty, two for everybody."""
LAST_NAMES = ("Ash", "Birk", "Cole", "Dale", "Elm", "Ford", "Gill", "Hay", "Ives", "Jones", "O’Dell", "Khan")
BROADCASTS = 6


class Nation:
    """Fills a database for so many carers. The same number always gives the same rows.

    ``ids`` is there once it is filled: something large for each name in the addresses of the console.
    """

    def __init__(self, carers: int) -> None:
        self.carers = carers
        self.homes = max(1, round(carers * HOUSEHOLDS_A_CARER))
        self.workers = max(1, carers // 150)
        self.ids: dict[str, int] = {}
        self._random = Random(carers)

    async def fill(self, database: Database) -> None:
        """The cast, their busy day, and everybody else."""
        async with database.write() as session:
            cast = await gather(session)
        with TemporaryDirectory() as folder:
            self.busy: Busy = await fill(database, cast, Path(folder))
        self.cast: Cast = cast
        for part in (self._people, self._programme, self._messages, self._records, self._surveys):
            async with database.write() as session:
                await part(session)

    async def _people(self, session: Session) -> None:
        random = self._random
        staff = [
            {"id": FIRST + one, "name": f"Worker {one}", "role": Role.SOCIAL_WORKER, "added_at": NOON}
            for one in range(self.workers)
        ]
        await insert_rows(session, StaffMember, staff)
        gone = self.homes // 8
        await insert_rows(session, Household, [self._home(one) for one in range(self.homes + gone)])
        await insert_rows(session, Carer, list(self._carers()))
        groups = 12 + self.carers // 2000
        await insert_rows(
            session, Group, [{"id": FIRST + one, "name": f"Group {one}"} for one in range(groups)]
        )
        members = [
            {"group_id": FIRST + group, "carer_id": FIRST + carer, "from_register": False}
            for group in range(groups)
            for carer in range(group % 20, self.carers, 20)
        ]
        await insert_rows(session, GroupMember, members)
        off = [{"carer_id": FIRST + one, "topic": "socials"} for one in range(0, self.carers, 10)]
        await insert_rows(session, OptOut, off)
        links = [
            {
                "token_hash": f"{one:064x}",
                "carer_id": FIRST + one,
                "created_at": NOON - timedelta(days=random.randrange(90)),
                "used_at": None if one % 2 else NOON - timedelta(days=1),
            }
            for one in range(0, self.carers, 3)
        ]
        await insert_rows(session, LinkToken, links)
        knocks = [
            {"chat_id": -one, "name": f"Stranger {one}", "first_seen_at": NOON, "last_seen_at": NOON}
            for one in range(1, 31)
        ]
        await insert_rows(session, Stranger, knocks)
        self.ids |= {"household": FIRST + 40, "group": FIRST, "carer": FIRST}

    def _home(self, one: int) -> dict[str, Any]:
        gone = one >= self.homes
        constellation = None if gone or one % 3 else one // 30
        return {
            "id": FIRST + one,
            "ref": f"HH{one}",
            "type": list(HouseholdType)[one % 8 if one % 4 == 0 else 0],
            "approved_on": date(2008 + one % 17, 1 + one % 12, 1 + one % 28),
            "ended_on": date(2016 + one % 9, 1 + one % 12, 1) if gone else None,
            "end_route": EndRoute.RESIGNATION if gone else None,
            "end_reasons": ["retirement"] if gone else [],
            "area": f"Area {one % 40}",
            "constellation": None if constellation is None else f"Constellation {constellation}",
            "constellation_role": (
                None
                if constellation is None
                else (ConstellationRole.HUB if one % 30 == 0 else ConstellationRole.SATELLITE)
            ),
            "on_hold_since": date(2025, 3, 1) if one % 90 == 1 else None,
            "social_worker_id": None if one % 50 == 7 else FIRST + one % self.workers,
        }

    def _carers(self) -> Iterator[dict[str, Any]]:
        """The main carers of all households, the ended ones without a name, then the second carers."""
        gone = self.homes // 8
        for one in range(self.carers + gone):
            ended = one >= self.carers
            home = one - self.carers + self.homes if ended else one % self.homes
            linked = not ended and one % 10 < 7
            yield {
                "id": FIRST + one,
                "ref": f"CC{one}",
                "household_id": FIRST + home,
                "main_carer": ended or one < self.homes,
                "first_name": "" if ended else first_name(one),
                "last_name": "" if ended else LAST_NAMES[one // 12 % 12],
                "birth_year": 1945 + one % 50,
                "language": language(one),
                "email": f"carer{one}@example.org" if not ended and one % 5 < 3 else None,
                "phone": None if ended else f"07700 9{one:05}",
                "chat_id": 100_000_000 + one if linked else None,
                "linked_at": NOON - timedelta(days=one % 400) if linked else None,
                "stopped_at": NOON - timedelta(days=3) if linked and one % 80 == 3 else None,
                "unreachable_since": NOON - timedelta(days=9) if linked and one % 60 == 5 else None,
                "channel": Channel.LETTER if not ended and one % 33 == 8 else None,
            }

    async def _programme(self, session: Session) -> None:
        events = [self._event(number) for number in range(-PAST, COMING)]
        await insert_rows(session, Event, events)
        for event in events:
            await self._invite(session, event)
        self.ids |= {"event": FIRST + PAST, "party": self._party}

    def _event(self, number: int) -> dict[str, Any]:
        """One event; the next is for all households, the one before it was for all carers."""
        starts = NOON + timedelta(days=number * 3 if number < 0 else number + 1, hours=2)
        return {
            "id": FIRST + PAST + number,
            "ref": f"EE{number + PAST}",
            "title": f"Coffee afternoon {number + PAST}",
            "kind": ("social", "training", "support_group", "trip")[number % 4],
            "description": "Tea, cake and time to talk.",
            "starts_at": starts,
            "ends_at": starts + timedelta(hours=2),
            "mode": Mode.IN_PERSON,
            "venue": "The Mill",
            "rsvp_by": RsvpBy.HOUSEHOLD if number == 0 else RsvpBy.CARER,
            "audience": "all",
            "capacity": self.homes if number == 0 else self.carers // 60 + 2,
            "taken": self.homes // 3 if number == 0 else 0,
            "state": EventState.INVITED,
            "invited_at": starts - timedelta(days=28),
            "created_at": NOON,
            "updated_at": NOON,
            "checkin_code": f"{number + PAST:024x}",
        }

    async def _invite(self, session: Session, event: dict[str, Any]) -> None:
        """The parties of one event, what each was sent, and who came."""
        by_household, over = event["rsvp_by"] is RsvpBy.HOUSEHOLD, event["starts_at"] < NOON
        number = event["id"] - FIRST
        to_all = number in (PAST - 1, PAST)
        people = range(self.homes if by_household else self.carers)
        invited = people if to_all else people[number % 20 :: 20]
        base = 1_000_000 + number * 100_000
        if number == PAST:
            self._party = base + invited[len(invited) // 2]
        states = (RsvpState.INVITED, RsvpState.GOING, RsvpState.NOT_GOING, RsvpState.INVITED, RsvpState.GOING)
        parties, sent, came = [], [], []
        notice = {
            "id": FIRST + number,
            "key": f"invitation:{event['ref']}",
            "kind": "invitation",
            "event_id": event["id"],
            "created_at": event["invited_at"],
        }
        await insert_rows(session, Notice, [notice])
        for one in invited:
            carer = FIRST + one
            state = states[one % 5] if not to_all else self._answer(one)
            answered = event["invited_at"] + timedelta(hours=1 + one % 200)
            parties.append(
                {
                    "id": base + one,
                    "event_id": event["id"],
                    "household_id": FIRST + one % self.homes,
                    "carer_id": None if by_household else carer,
                    "party": f"h{FIRST + one}" if by_household else f"c{carer}",
                    "state": state,
                    "mode": None if state is RsvpState.INVITED else Mode.IN_PERSON,
                    "children_5_10": one % 3,
                    "invited_at": event["invited_at"],
                    "answered_at": None if state is RsvpState.INVITED else answered,
                    "answered_by_id": None if state is RsvpState.INVITED else carer,
                    "waiting_since": answered if state is RsvpState.WAITLISTED else None,
                    "queue_key": one if state is RsvpState.WAITLISTED else None,
                }
            )
            sent.append(self._delivery(notice, carer, one) | {"invitation_id": base + one})
            if over and state is RsvpState.GOING:
                came.append(
                    {
                        "event_id": event["id"],
                        "carer_id": carer,
                        "household_id": FIRST + one % self.homes,
                        "state": AttendanceState.ATTENDED if one % 9 else AttendanceState.NO_SHOW,
                        "source": "console",
                        "recorded_at": event["ends_at"],
                    }
                )
        await insert_rows(session, Invitation, parties)
        await insert_rows(session, Delivery, sent)
        await insert_rows(session, Attendance, came)

    def _answer(self, one: int) -> RsvpState:
        """Of an event for everybody: a large hall is full, some wait, and most have not answered."""
        if one % 60 == 0:
            return RsvpState.GOING
        if one % 200 == 7:
            return RsvpState.WAITLISTED
        return RsvpState.NOT_GOING if one % 5 == 3 else RsvpState.INVITED

    def _delivery(self, notice: dict[str, Any], carer: int, one: int) -> dict[str, Any]:
        at = notice["created_at"]
        state = DeliveryState.SENT if one % 10 < 7 else DeliveryState.SKIPPED
        if one % 33 == 8:
            state = DeliveryState.QUEUED if at > NOON - timedelta(days=2) else DeliveryState.SENT
        if one % 20_000 == 5:
            state = DeliveryState.UNKNOWN
        return {
            "notice_id": notice["id"],
            "kind": notice["kind"],
            "carer_id": carer,
            "event_id": notice.get("event_id"),
            "dedupe_key": f"{notice['key']}:c{carer}",
            "channel": Channel.LETTER.value if one % 33 == 8 else Channel.APP.value,
            "priority": 40,
            "state": state,
            "reason": "no_app" if state is DeliveryState.SKIPPED else None,
            "queued_at": at,
            "due_at": at,
            "send_by": at + timedelta(days=5),
            "sent_at": at + timedelta(seconds=one % 5000) if state is DeliveryState.SENT else None,
            "invitation_id": None,
        }

    async def _messages(self, session: Session) -> None:
        """Broadcasts to everybody, and what carers wrote."""
        for number in range(BROADCASTS):
            at = NOON - timedelta(days=20 * number, hours=1)
            notice = {"id": 90_000 + number, "key": f"bulk:{number}", "kind": "broadcast", "created_at": at}
            await insert_rows(session, Notice, [notice])
            broadcast = {
                "id": FIRST + number,
                "state": BroadcastState.FINISHED,
                "texts": {"en": f"News of the month, number {number}"},
                "created_at": at,
                "changed_at": at,
                "started_at": at,
                "ended_at": at,
                "notice_id": notice["id"],
            }
            await insert_rows(session, Broadcast, [broadcast])
            sent = [self._delivery(notice, FIRST + one, one) for one in range(self.carers)]
            await insert_rows(session, Delivery, sent)
        threads, words = [], []
        for one in range(0, self.carers, 10):
            at, settled = NOON - timedelta(hours=one % 2000), one % 200 != 0
            threads.append(
                {
                    "id": FIRST + one,
                    "carer_id": FIRST + one,
                    "state": ThreadState.SETTLED if settled else ThreadState.NEW,
                    "owner_id": FIRST + one % self.workers if settled else None,
                    "opened_at": at,
                    "heard_at": at,
                    "settled_at": at if settled else None,
                }
            )
            words.append(
                {
                    "carer_id": FIRST + one,
                    "thread_id": FIRST + one,
                    "text": "Could somebody ring me about the mileage form, please?",
                    "received_at": at,
                }
            )
        await insert_rows(session, Thread, threads)
        await insert_rows(session, CarerMessage, words)
        self.ids |= {"broadcast": FIRST}

    async def _records(self, session: Session) -> None:
        """What staff did, whom they spoke to, and whom carers nominated."""
        entries: list[dict[str, Any]] = [
            {
                "at": NOON - timedelta(minutes=13 * one),
                "staff_id": FIRST + one % self.workers,
                "actor": f"Worker {one % self.workers}",
                "action": ("carer.change", "rsvp.by_phone", "thread.settle")[one % 3],
                "subject": f"carer:CC{one % self.carers}",
                "detail": {},
            }
            for one in range(2 * self.carers)
        ]
        await insert_rows(session, AuditEntry, entries)
        spoken = [
            {
                "household_id": FIRST + one,
                "made_on": (NOON - timedelta(days=one % 300)).date(),
                "how": list(CheckInHow)[one % 5],
                "noted_at": NOON,
            }
            for one in range(0, self.homes, 3)
        ]
        await insert_rows(session, CheckIn, spoken)
        nominated = [
            {
                "nominated_by_id": FIRST + one,
                "whom": f"Sam {one}",
                "words": "Always there when somebody needs a hand.",
                "created_at": NOON - timedelta(hours=one % 2000),
            }
            for one in range(0, self.carers, 500)
        ]
        await insert_rows(session, Nomination, nominated)

    async def _surveys(self, session: Session) -> None:
        """A health check of everybody that has closed, and one that is open."""
        definition = standard_definitions()["health-check"]
        source = {key: value for key, value in definition.source.items() if key != "blocks"}
        answering = range(0, self.carers, 3)
        sheets = [Mood(self._random, 0.1, {}).answers(definition) for _ in answering]
        segments = [
            {"household_type": "mainstream" if one % 4 else "short_break", "years": str(one % 3)}
            for one in answering
        ]
        common = {"survey": "health-check", "title": "Health check", "anonymous": True, "definition": source}
        closed = common | {
            "id": FIRST,
            "ref": "health-check-2024",
            "state": RoundState.CLOSED,
            "opens_at": NOON - timedelta(days=200),
            "closes_at": NOON - timedelta(days=186),
            "closed_at": NOON - timedelta(days=186),
            "asked": self.carers,
            "took_part": len(sheets),
            "segment_tables": segment_views(definition, sheets, segments, 5),
            "created_at": NOON - timedelta(days=210),
        }
        opened = common | {
            "id": FIRST + 1,
            "ref": "health-check-2025",
            "state": RoundState.OPEN,
            "opens_at": NOON - timedelta(days=2),
            "closes_at": NOON + timedelta(days=12),
            "asked": self.carers,
            "created_at": NOON - timedelta(days=10),
        }
        await insert_rows(session, Round, [closed])
        await insert_rows(session, Round, [opened])
        answers = [
            {"id": f"{number:032x}", "round_id": FIRST, "answers": sheet}
            for number, sheet in enumerate(sheets)
        ]
        await insert_rows(session, Response, answers)
        asked = [
            {"round_id": FIRST + 1, "carer_id": FIRST + one, "took_part": one % 3 == 0}
            for one in range(self.carers)
        ]
        await insert_rows(session, Participant, asked)
        self.ids |= {"closed": FIRST, "round": FIRST}
