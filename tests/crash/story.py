"""A service's weeks, told step by step to a process that may die at any of them.

People act as people do: a carer taps once, for Telegram keeps a tap while the bot is away; a colleague whose
page did not load sends the same form again; a carer who was promised an answer and got none asks again.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

import aiohttp
from sqlalchemy import func, select

from carers.linking import new_link
from events.holds import LONDON
from events.planning import EventPlan, plan_of
from sandbox.server import Sandbox
from sandbox.users import User
from sandbox.views import MessageView
from storage.conversations import CarerMessage
from storage.deliveries import Delivery, DeliveryState
from storage.engine import Database, Session
from storage.events import Event, EventState, Mode, RsvpBy
from storage.households import Carer, Household, HouseholdType
from storage.rsvp import Invitation, RsvpState
from storage.surveys import Participant, Round, RoundState
from surveys.rounds import close_early, plan_round
from tests.crash.mortal import Mortal
from tests.support.cast import Cast, gather
from tests.support.console import Visitor
from web.staff.event_fields import filled

MORE = 12
PATIENCE = 60.0
ANSWERED_WITHIN = 4.0
"""Seconds after which somebody who asked the bot for something asks again."""

GONE_OUT = (DeliveryState.SENT, DeliveryState.UNKNOWN)

T = TypeVar("T")
Look = Callable[[Session], Awaitable[T | None]]


async def people(database: Database) -> tuple[Cast, list[Carer]]:
    """The cast and twelve households more; nobody is linked yet."""
    async with database.write() as session:
        cast = await gather(session, datetime.now(UTC), linked=False)
        homes = [
            Household(ref=f"N{number}", type=HouseholdType.MAINSTREAM, approved_on=date(2020, 3, 1))
            for number in range(MORE)
        ]
        session.add_all(homes)
        await session.flush()
        more = [
            Carer(ref=f"NC{home.ref}", household_id=home.id, main_carer=True, first_name=home.ref)
            for home in homes
        ]
        session.add_all(more)
        await session.flush()
    return cast, more


class Story:
    """The people, what they have done, and how they wait for it to take effect."""

    def __init__(
        self,
        database: Database,
        sandbox: Sandbox,
        mortal: Mortal,
        priya: Visitor,
        cast: Cast,
        more: Sequence[Carer],
    ) -> None:
        self.database, self.sandbox, self.mortal, self.priya = database, sandbox, mortal, priya
        self.cast, self.more = cast, more
        self.carers = [cast.amal, cast.jo, cast.sam, cast.lin, *more]
        self.users: dict[int, User] = {
            carer.id: sandbox.add_user(carer.first_name, carer.last_name or None) for carer in self.carers
        }
        self.stranger = sandbox.add_user("Alex")
        self.said: dict[int, list[str]] = {carer.id: [] for carer in self.carers}
        self.expected: dict[tuple[int, str], tuple[RsvpState, Mode | None]] = {}
        """By event and party."""
        self.seats: dict[int, tuple[int, int]] = {}
        """By event: taken in person and online."""
        self.senders: dict[int, int] = {}
        """By survey round: how many sent their answers."""
        self.told: dict[tuple[str, int], set[int]] = {}
        """Which carers were to be told what, by kind and event."""
        self.titles: dict[int, str] = {}
        """Of the events."""
        self.asked_for_survey: list[tuple[int, int]] = []
        """Who asked for a survey whose notice had not arrived: chat and round."""
        self.asked_again = 0
        """How often somebody had to ask the bot once more, because its answer was lost in a death."""

    # Waiting

    async def until(self, look: Look[T], what: str, seconds: float = PATIENCE) -> T:
        """What ``look`` finds in the database, as soon as it finds something."""
        deadline = time.monotonic() + seconds
        while True:
            async with self.database.read() as session:
                found = await look(session)
            if found:
                return found
            assert time.monotonic() < deadline, f"never: {what} (after {self.mortal.kills} kills)"
            await asyncio.sleep(0.1)

    async def stands(self, carer: Carer, event: Event, state: RsvpState, mode: Mode | None = None) -> None:
        async def look(session: Session) -> bool:
            invitation = await invitation_of(session, event, carer)
            return invitation.state is state and mode in (None, invitation.mode)

        await self.until(look, f"{carer.first_name} {state} at {event.title}")

    # What carers do

    async def connect(self, carers: Sequence[Carer]) -> None:
        """Open the personal links, and wait until all are connected."""
        for carer in carers:
            async with self.database.write() as session:
                token = await new_link(session, carer, datetime.now(UTC))
            self.users[carer.id].start(token)
        self.stranger.start()

        async def all_linked(session: Session) -> bool:
            return not await session.scalar(select(func.count(Carer.id)).where(Carer.chat_id.is_(None)))

        await self.until(all_linked, "everybody is connected")

    def writes(self, carer: Carer, words: str) -> None:
        self.users[carer.id].say(words)
        self.said[carer.id].append(words)

    async def heard(self) -> None:
        """Wait until every word has been kept."""
        wanted = sum(map(len, self.said.values()))

        async def look(session: Session) -> bool:
            return await session.scalar(select(func.count(CarerMessage.id))) == wanted

        await self.until(look, "all words are kept")

    async def answers(self, carer: Carer, event: Event, choice: str) -> None:
        """Tap an answer, once, on what the carer's chat shows of the event."""
        card = await self.card(carer, event)
        data = next(b.data for b in card.buttons if b.data and b.data.endswith(f":{choice}"))
        self.users[carer.id].tap(card, data)

    def shown(self, carer: Carer, event: Event) -> MessageView | None:
        """The latest message that shows the event with answers to tap."""
        for message in reversed(self.users[carer.id].received):
            if event.title in message.text and any(
                (b.data or "").startswith("rsvp:") for b in message.buttons
            ):
                return message
        return None

    async def is_told(self, carer: Carer, kind: str, event: Event) -> None:
        """Wait until this notice has gone out, or nobody can tell whether it has."""

        async def look(session: Session) -> bool:
            query = select(Delivery.state).where(
                Delivery.event_id == event.id, Delivery.carer_id == carer.id, Delivery.kind == kind
            )
            return await session.scalar(query) in GONE_OUT

        await self.until(look, f"{carer.first_name}: {kind} of {event.title}")

    async def card(self, carer: Carer, event: Event) -> MessageView:
        """The card. Whose invitation was lost with the process finds the event under /events."""
        await self.is_told(carer, "invitation", event)
        while (card := self.shown(carer, event)) is None:
            await self._look_up(carer, event)
        return card

    async def _look_up(self, carer: Carer, event: Event) -> None:
        user = self.users[carer.id]
        self.asked_again += 1
        since = user.say("/events").id

        def in_list() -> tuple[MessageView, str] | None:
            for message in user.received:
                for button in message.buttons:
                    if message.id > since and event.title in button.label and button.data:
                        return message, button.data
            return None

        try:
            listed = await self.sandbox.wait_for(in_list, timeout=ANSWERED_WITHIN)
            user.tap(*listed)
            await self.sandbox.wait_for(lambda: self.shown(carer, event), timeout=ANSWERED_WITHIN)
        except TimeoutError:
            return

    # What staff do

    async def staff_send(self, path: str, fields: dict[str, str]) -> None:
        """A colleague fills in a form; where the page does not come, they send the very same again."""
        await self._persist(lambda: self.priya.get(path))
        filled_in = {**self.priya.hidden(path), **fields}
        await self._persist(lambda: self.priya.post(path, filled_in))

    async def _persist(self, request: Callable[[], Awaitable[str]]) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                await request()
            except (aiohttp.ClientError, OSError):
                assert time.monotonic() < deadline, "the console never came back"
                await asyncio.sleep(0.1)
            else:
                assert self.priya.status == 200, self.priya.html
                return

    async def plan(self, title: str, mode: Mode, rsvp_by: RsvpBy, capacity: int) -> Event:
        """Make an event in the console and invite everybody."""
        starts = datetime.now(UTC).replace(hour=18, minute=0, second=0, microsecond=0) + timedelta(days=20)
        plan = EventPlan(
            title=title,
            kind="social",
            starts_at=starts,
            ends_at=starts + timedelta(hours=2),
            mode=mode,
            venue="Riverside Hall",
            online_url="https://meet.example/evening" if mode is Mode.HYBRID else "",
            rsvp_by=rsvp_by,
            capacity=capacity,
        )
        await self.staff_send("/events/new", {**form_of(plan), "invite": "now"})

        async def made(session: Session) -> Event | None:
            return (await session.scalars(select(Event).where(Event.title == title))).first()

        event = await self.until(made, f"{title} is planned")
        self.titles[event.id] = title
        return event

    async def move(self, event: Event, hours: int) -> None:
        """Another time of the day, in the console."""
        async with self.database.read() as session:
            now_is = await session.get_one(Event, event.id)
            plan = plan_of(now_is)
        later = timedelta(hours=hours)
        moved = replace(plan, starts_at=plan.starts_at + later, ends_at=plan.ends_at + later)
        await self.staff_send(f"/events/{event.id}/edit", form_of(moved))

        async def has_moved(session: Session) -> bool:
            return (await session.get_one(Event, event.id)).starts_at == moved.starts_at

        await self.until(has_moved, f"{event.title} has moved")

    async def cancel(self, event: Event) -> None:
        await self.staff_send(f"/events/{event.id}/cancel", {"reason": "The hall is flooded."})

        async def is_off(session: Session) -> bool:
            return (await session.get_one(Event, event.id)).state is EventState.CANCELLED

        await self.until(is_off, f"{event.title} is cancelled")

    # The survey

    async def open_survey(self) -> Round:
        now = datetime.now(UTC)
        async with self.database.write() as session:
            planned = await plan_round(
                session, "pulse", "all", now, now + timedelta(days=7), anonymous=True, by=None, now=now
            )
            assert isinstance(planned, Round)

        async def opened(session: Session) -> Round | None:
            found = await session.get_one(Round, planned.id)
            return found if found.state is RoundState.OPEN else None

        return await self.until(opened, "the survey opens")

    async def fills_in(self, carer: Carer, round: Round, *, send: bool) -> None:
        """From Start to Send, each button tapped once, when the message before it has changed."""
        start = await self._survey_message(carer, round)
        user = self.users[carer.id]
        buttons = [f"survey:{round.id}:start", f"survey:{round.id}:0:4", f"survey:{round.id}:1:1"]
        if send:
            buttons += [f"survey:{round.id}:2:3:on", f"survey:{round.id}:2:done", f"survey:{round.id}:send"]
        for data in buttons:
            await self.sandbox.wait_for(
                lambda data=data: data in [b.data for b in user.message(start.id).buttons],  # type: ignore[misc]
                timeout=PATIENCE,
            )
            user.tap(start.id, data)
        if send:
            await self.sandbox.wait_for(
                lambda: "Your answers are in" in user.message(start.id).text, timeout=PATIENCE
            )

    async def _survey_message(self, carer: Carer, round: Round) -> MessageView:
        async def settled(session: Session) -> bool:
            query = select(Delivery.state).where(
                Delivery.round_id == round.id, Delivery.carer_id == carer.id, Delivery.kind == "survey"
            )
            return await session.scalar(query) in GONE_OUT

        user, data = self.users[carer.id], f"survey:{round.id}:start"
        listed = f"survey:{round.id}:intro"
        await self.until(settled, f"{carer.first_name} is asked")

        def with_button(data: str) -> MessageView | None:
            offered = [m for m in user.received if data in [b.data for b in m.buttons]]
            return offered[-1] if offered else None

        def asked() -> MessageView | None:
            return with_button(data)

        while (message := asked()) is None:
            self.asked_again += 1
            self.asked_for_survey.append((user.id, round.id))
            user.say("/surveys")
            try:
                choice = await self.sandbox.wait_for(lambda: with_button(listed), timeout=ANSWERED_WITHIN)
                user.tap(choice.id, listed)
                await self.sandbox.wait_for(asked, timeout=ANSWERED_WITHIN)
            except TimeoutError:
                continue
        return message

    async def close_survey(self, round: Round, senders: int) -> None:
        async with self.database.write() as session:
            assert await close_early(session, round.id, None, datetime.now(UTC))

        async def closed(session: Session) -> bool:
            return (await session.get_one(Round, round.id)).state is RoundState.CLOSED

        await self.until(closed, "the survey closes")
        self.senders[round.id] = senders

    async def took_part(self, round: Round, senders: int) -> None:
        async def look(session: Session) -> bool:
            query = select(func.count()).where(Participant.round_id == round.id, Participant.took_part)
            return await session.scalar(query) == senders

        await self.until(look, f"{senders} took part")


def form_of(plan: EventPlan) -> dict[str, str]:
    return {name: values[0] for name, values in filled(plan, LONDON).values.items()}


async def invitation_of(session: Session, event: Event, carer: Carer) -> Invitation:
    party = f"h{carer.household_id}" if event.rsvp_by is RsvpBy.HOUSEHOLD else f"c{carer.id}"
    query = select(Invitation).where(Invitation.event_id == event.id, Invitation.party == party)
    return (await session.scalars(query)).one()
