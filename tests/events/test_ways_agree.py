"""One answer, whichever way it comes: a tap, a page, a telephone call or the carer's own calendar.

Amal has the app, and answers on the page as well; Jo, of the same household, and Sam are told by mail and
answer on their pages and in their calendars, whose mail comes late, twice and out of order; for Lin, who gets
letters, staff note what she says on the telephone, as they do for all. Whatever the order, one state comes of
it: that of the answer which was given last.
"""

import asyncio
import shutil
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import mkdtemp

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from icalendar import Calendar
from sqlalchemy import select

from events import rsvp
from events.calendar import PartStat, partstat_of
from events.calendar_replies import take_reply
from events.cards import card_for
from events.planning import cancel_event, change_event, plan_of
from events.rsvp import Choice, Party, Result
from events.waitlist import expire_offers
from storage.deliveries import WAITING, Delivery
from storage.engine import Database, Session, open_database
from storage.events import Event, Mode, RsvpBy
from storage.households import Carer, Channel
from storage.rsvp import Card, Invitation
from tests.events.acts import give_card, invitation_of, invited_event
from tests.events.books import Shown, audit, shown
from tests.events.calendars import check_scheduling, reply_to
from tests.events.machines import on_postgresql, on_sqlite, play
from tests.events.mailed import brought, told_by_mail
from tests.support.cast import NOON, Cast, gather

HOUSEHOLD = RsvpBy.HOUSEHOLD
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
CARERS, MAILED = ("amal", "jo", "sam", "lin"), ("jo", "sam")
SAID = ("ACCEPTED", "TENTATIVE", "DECLINED")
# What is listed twice happens twice as often.
ACTS = (
    *("tap", "phone", "party", "calendar", "calendar", "calendar", "calendar", "reply arrives"),
    *("reply arrives", "mail goes out", "mail goes out", "mail goes out", "mail arrives", "mail arrives"),
    *("cards are drawn", "cards are drawn", "offers end", "places", "places", "move"),
)


@dataclass
class OwnCalendar:
    """A calendar that keeps to iTIP: what has the higher number stands, and of the same the later."""

    mail: str = ""
    """The entry as it came last, to be answered."""
    number: tuple[int, datetime] = (-1, datetime.min.replace(tzinfo=UTC))
    shows: str = ""
    """The PARTSTAT of the entry; empty without one."""
    starts: datetime | None = None
    post: list[str] = field(default_factory=list)
    """Mail that is on its way to it."""
    replied: set[object] = field(default_factory=set)

    def takes(self, mail: str) -> None:
        entry = check_scheduling(mail)
        number = (entry.sequence, Calendar.from_ical(mail).events[0].DTSTAMP or NOON)
        if number >= self.number:
            self.mail, self.number, self.starts = mail, number, entry.starts
            self.shows = entry.said if entry.method == "REQUEST" else ""

    def takes_all(self) -> None:
        while self.post:
            self.takes(self.post.pop())  # the latest first: mail overtakes mail

    def answers(self, said: str, now: datetime) -> str:
        self.shows = said
        return reply_to(self.mail, said, now)


@dataclass(frozen=True)
class Reply:
    """A calendar's answer on its way."""

    who: str
    said: str
    text: str
    given: datetime
    to_time: datetime | None
    """For when the carer said it: the start that their calendar showed."""


class WaysMachine(RuleBasedStateMachine):
    """One event for four carers in three households. Each act is a transaction, a second after the last."""

    url = ""
    template: Path | None = None
    mode = Mode.IN_PERSON
    stays = False
    """The event is never moved: then every reply that comes too late does so for the answers alone."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = Path(mkdtemp(prefix="hearthline-ways-"))
        if self.template is not None:
            self.url = f"sqlite:///{shutil.copyfile(self.template, self.folder / 'ways.db')}"
        self.database: Database = open_database(self.url)
        self.now = NOON
        self.cast: Cast
        self.event_id = 0
        self.moved = False
        self.calendars = {who: OwnCalendar() for who in MAILED}
        self.replies: list[Reply] = []
        self.given: dict[int, datetime] = {}
        """When the answer that stands was given, by the invitation."""
        self.drawn: dict[int, Shown] = {}
        """What each card shows, by its id."""

    def _do(self, act: Callable[[Session], Awaitable[object]]) -> None:
        self.now += SECOND

        async def run() -> None:
            async with self.database.write() as session:
                await act(session)

        self.loop.run_until_complete(run())

    @initialize(capacity=st.integers(2, 4))
    def invite(self, capacity: int) -> None:
        async def act(session: Session) -> None:
            self.cast = await gather(session)
            await told_by_mail(session, self.cast.jo, self.cast.sam)
            self.cast.lin.channel = Channel.LETTER
            event = await invited_event(
                session,
                self.cast,
                mode=self.mode,
                rsvp_by=HOUSEHOLD,
                capacity=capacity,
                ref=f"ways-{id(self)}",
            )
            self.event_id = event.id
            await give_card(session, await invitation_of(session, event, self.cast.amal), self.cast.amal)

        self._do(act)
        self._do(self._send_mail)
        self._do(self._draw_cards)
        for calendar in self.calendars.values():
            calendar.takes_all()

    @rule(chance=st.randoms(use_true_random=True))
    def things_happen(self, chance: Random) -> None:
        for _ in range(10):
            self._happens(
                chance.choice(ACTS),
                chance.choice(CARERS),
                chance.choice(tuple(Choice)),
                chance.choice(SAID),
                chance.randrange(6),
            )
            self.all_ways_say_the_same()

    def _happens(self, act: str, who: str, choice: Choice, said: str, number: int) -> None:
        match act:
            case "tap" | "phone":
                self._answer(who, choice, by_phone=act == "phone")
            case "party":
                self._change_the_party(who, Party(1 + number % 2, number // 2), on_card=number % 2 == 0)
            case "calendar":
                self._answer_in_the_calendar(MAILED[number % 2], said, ("now", "later", "twice")[number % 3])
            case "reply arrives" if self.replies:
                self._take(self.replies.pop(number % len(self.replies)))
            case "mail goes out":
                self._do(self._send_mail)
            case "mail arrives":
                for calendar in self.calendars.values():
                    calendar.takes_all()
            case "cards are drawn":
                self._do(self._draw_cards)
            case "offers end":
                self.now += timedelta(hours=25)
                self._do(lambda session: expire_offers(session, self.now))
            case "places":
                self._change_the_event(number)
            case "move" if not self.stays:
                self._change_the_event(None)

    def _answer(self, who: str, choice: Choice, *, by_phone: bool) -> None:
        """By a tap or on the page, which call the same; or on the telephone, and staff note it."""

        async def act(session: Session) -> None:
            carer, invitation = await self._found(session, who)
            before = rsvp.chosen(await session.get_one(Event, self.event_id), invitation)
            if by_phone:
                outcome = await rsvp.answer_for(session, invitation.id, choice, self.cast.priya, self.now)
            else:
                outcome = await rsvp.answer(session, invitation.id, carer, choice, self.now)
            stands = rsvp.chosen(await session.get_one(Event, self.event_id), invitation)
            if outcome.changed:
                assert stands is choice
                self.given[invitation.id] = self.now
            else:
                assert stands is before

        self._do(act)

    def _change_the_party(self, who: str, party: Party, *, on_card: bool) -> None:
        """On the card, where the chat draws it at once, or on the page."""
        on_card = on_card and who == "amal"

        async def act(session: Session) -> None:
            carer, invitation = await self._found(session, who)
            outcome = await rsvp.set_party(session, invitation.id, carer, party, self.now, in_chat=on_card)
            if not on_card:
                await rsvp.set_needs(session, invitation.id, carer, "A high chair", self.now)
            if outcome.changed:
                assert rsvp.party_of(invitation) == party
            if on_card:
                await self._draw_cards(session)

        self._do(act)

    def _answer_in_the_calendar(self, who: str, said: str, comes: str) -> None:
        """Once for each entry: who was put right does not insist."""
        calendar = self.calendars[who]
        if not calendar.shows or calendar.mail in calendar.replied:
            return
        self.now += SECOND
        calendar.replied.add(calendar.mail)
        reply = Reply(who, said, calendar.answers(said, self.now), self.now, calendar.starts)
        if comes == "now":
            self._take(reply)
        else:
            self.replies += [reply] * (2 if comes == "twice" else 1)

    def _take(self, reply: Reply) -> None:
        async def act(session: Session) -> None:
            carer, invitation = await self._found(session, reply.who)
            event = await session.get_one(Event, self.event_id)
            was = (invitation.state, invitation.mode, invitation.asked_again_at)
            last = self.given.get(invitation.id)
            overtaken = last is not None and reply.given <= last
            outcome = await take_reply(session, reply.text, None, carer.id, self.now)
            assert outcome is not None
            if outcome.changed:
                assert not overtaken, "an answer from before undoes what was said after it"
                assert reply.to_time == event.starts_at, "a yes to the old time is none to the new"
                assert rsvp.chosen(event, invitation) is self._meant(reply.said, invitation)
                self.given[invitation.id] = reply.given
            else:
                assert (invitation.state, invitation.mode, invitation.asked_again_at) == was
                if not (overtaken or self.moved) and outcome.result is Result.UNCHANGED:
                    assert rsvp.chosen(event, invitation) is self._meant(reply.said, invitation)

        self._do(act)

    def _meant(self, said: str, invitation: Invitation) -> Choice | None:
        """The button that stands for what a calendar says."""
        match said:
            case "DECLINED":
                return Choice.NOT_GOING
            case "TENTATIVE":
                return Choice.MAYBE
            case _ if self.mode is Mode.HYBRID:
                return Choice.ONLINE if invitation.mode is Mode.ONLINE else Choice.IN_PERSON
            case _:
                return Choice.GOING

    def _change_the_event(self, places: int | None) -> None:
        """It is moved by an hour, or gets other places."""

        async def act(session: Session) -> None:
            plan = plan_of(await session.get_one(Event, self.event_id))
            if places is None:
                plan = replace(plan, starts_at=plan.starts_at + HOUR, ends_at=plan.ends_at + HOUR)
                self.moved = True
            else:
                plan = replace(plan, capacity=places + 1)
            await change_event(session, self.event_id, plan, self.cast.priya, self.now)

        self._do(act)

    async def _send_mail(self, session: Session) -> None:
        """All mail that waits goes out."""
        query = select(Delivery).where(Delivery.channel == Channel.EMAIL, Delivery.state.in_(WAITING))
        carers = {getattr(self.cast, who).id: who for who in MAILED}
        for delivery in (await session.scalars(query.order_by(Delivery.priority, Delivery.id))).all():
            if mail := await brought(session, delivery, self.now):
                self.calendars[carers[delivery.carer_id or 0]].post.append(mail)
                self.now += SECOND

    async def _draw_cards(self, session: Session) -> None:
        """The chat shows every card as it is to be shown now."""
        says = await shown(session, self.event_id)
        for card in (await session.scalars(select(Card))).all():
            card.stale = False
            self.drawn[card.id] = says[card.invitation_id]

    async def _found(self, session: Session, who: str) -> tuple[Carer, Invitation]:
        carer: Carer = getattr(self.cast, who)
        return carer, await invitation_of(session, await session.get_one(Event, self.event_id), carer)

    @invariant()
    def all_ways_say_the_same(self) -> None:
        async def run() -> None:
            async with self.database.read() as session:
                await audit(session, self.event_id, self.now)
                says = await shown(session, self.event_id)
                for card in (await session.scalars(select(Card))).all():
                    assert card.stale or self.drawn[card.id] == says[card.invitation_id], (
                        "the card is out of date"
                    )
                _, invitation = await self._found(session, "amal")
                amal, jo = [
                    await card_for(session, invitation.id, carer, self.now) or {}
                    for carer in (self.cast.amal, self.cast.jo)
                ]
                assert amal | {"answered_by": ""} == jo | {"answered_by": ""}

        if self.event_id:
            self.loop.run_until_complete(run())

    def _everything_arrives(self) -> None:
        """All mail and every reply; then each calendar shows what is so, or has the entry no more."""
        while self.replies:
            self._take(self.replies.pop())
        self._do(self._send_mail)
        for calendar in self.calendars.values():
            calendar.takes_all()
        self.loop.run_until_complete(self._calendars_agree())

    async def _calendars_agree(self) -> None:
        async with self.database.read() as session:
            for who, calendar in self.calendars.items():
                _, invitation = await self._found(session, who)
                event = await session.get_one(Event, self.event_id)
                stands = partstat_of(event, invitation)
                if stands is PartStat.DECLINED:
                    assert calendar.shows in ("", "DECLINED")
                else:
                    assert (calendar.shows, calendar.starts) == (stands, event.starts_at), who

    def teardown(self) -> None:
        try:
            if self.event_id and sys.exc_info()[0] is None:
                self._everything_arrives()
                self._do(lambda session: cancel_event(session, self.event_id, "", self.cast.priya, self.now))
                self.all_ways_say_the_same()
                self._everything_arrives()
        finally:
            self.loop.run_until_complete(self.database.close())
            self.loop.close()
            shutil.rmtree(self.folder, ignore_errors=True)


SORTS = [{"mode": (Mode.IN_PERSON, Mode.HYBRID)[number % 2], "stays": number % 4 < 2} for number in range(8)]


def test_all_ways_end_in_the_last_answer_on_sqlite(sqlite_url: str) -> None:
    play(on_sqlite(WaysMachine, sqlite_url), SORTS, examples=2, steps=3)


@pytest.mark.postgresql
def test_all_ways_end_in_the_last_answer_on_postgresql(postgres_url: str, postgresql_url: str) -> None:
    play(on_postgresql(WaysMachine, postgres_url, postgresql_url), SORTS[:2], examples=3, steps=2)
