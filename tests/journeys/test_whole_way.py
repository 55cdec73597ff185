"""From the invitation to the feedback over real HTTP, with time moved by hand, on both databases."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.app import Hearthline
from carers.linking import new_link
from events.attendance import tick
from events.planning import EventPlan, change_event, plan_event, plan_of
from events.views import event_page
from sandbox.server import Sandbox
from sandbox.users import User
from sandbox.views import MessageView
from storage.attendance import AttendanceState
from storage.events import Event, Mode
from tests.support.cast import NOON, Cast, gather
from tests.support.service import clock_from, sandbox_from, service, settings_for

STARTS = datetime(2025, 5, 20, 18, 0, tzinfo=UTC)  # 19:00 in London, two weeks after the cast's Tuesday
LINK = "https://meet.example/evening"


class MovedClock:
    """A clock that goes on by itself and can be set ahead."""

    def __init__(self) -> None:
        self._goes = clock_from(NOON)
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return self._goes() + self._ahead

    def move_to(self, moment: datetime) -> None:
        self._ahead += moment - self()


class Story:
    """One service, its sandbox, and the people in it."""

    def __init__(self, app: Hearthline, sandbox: Sandbox, clock: MovedClock, cast: Cast) -> None:
        self.app, self.sandbox, self.clock, self.cast = app, sandbox, clock, cast
        self.people: dict[str, User] = {}

    async def links(self, name: str) -> User:
        """A carer opens their personal link on their phone."""
        carer = getattr(self.cast, name)
        async with self.app.database.write() as session:
            token = await new_link(session, carer, self.clock())
        user = self.people[name] = self.sandbox.add_user(carer.first_name, carer.last_name)
        user.start(token)
        await self.sees(name, "you are connected")
        return user

    async def sees(self, name: str, words: str, since: int = 0) -> MessageView:
        """The bot's latest message with these words, newer than message ``since``, once it is there."""

        def found() -> MessageView | None:
            message = self.people[name].find(words)
            return message if message and message.id > since else None

        try:
            return await self.sandbox.wait_for(found, timeout=15)
        except TimeoutError:
            seen = [message.text for message in self.people[name].received]
            raise AssertionError(f"{name} never saw {words!r}, but: {seen}") from None

    async def answers(self, name: str, card: MessageView, choice: str) -> None:
        """Tap an answer on a card; the tap is answered and the same message shows the choice."""
        user = self.people[name]
        tap = user.tap(card, choice)
        await self.sandbox.wait_for(lambda: tap.answered)
        try:
            await self.sandbox.wait_for(lambda: f"✅ {choice}" in user.message(card.id).labels)
        except TimeoutError:
            seen = [(message.id, message.text, message.labels) for message in user.received]
            raise AssertionError(f"message {card.id} never showed {choice!r}: {seen}") from None

    async def plan(self, **others: object) -> Event:
        plan = EventPlan(
            title="Evening Support Group",
            kind="support_group",
            starts_at=STARTS,
            ends_at=STARTS + timedelta(hours=2),
            mode=Mode.HYBRID,
            venue="Riverside Hall",
            online_url=LINK,
            **others,  # type: ignore[arg-type]  # whatever the story varies
        )
        async with self.app.database.write() as session:
            event = await plan_event(session, plan, self.cast.priya, self.clock())
        self.app.engine.wake()
        return event

    async def changes(self, event: Event, venue: str) -> None:
        async with self.app.database.write() as session:
            now = await session.get_one(Event, event.id)
            plan = plan_of(now)
            moved = EventPlan(**{**{f: getattr(plan, f) for f in plan.__slots__}, "venue": venue})
            await change_event(session, event.id, moved, self.cast.priya, self.clock())
        self.app.engine.wake()


@pytest.fixture
async def story(database_url: str, tmp_path: Path) -> AsyncIterator[Story]:
    clock = MovedClock()
    async with sandbox_from(clock) as sandbox:
        settings = settings_for(sandbox, database_url, tmp_path, "polling", weekly_cap=50)
        async with service(settings, clock, often=True) as app:
            async with app.database.write() as session:
                cast = await gather(session, clock(), linked=False)
            yield Story(app, sandbox, clock, cast)


async def test_invited_answered_reminded_linked_ticked_and_asked_how_it_was(story: Story) -> None:
    for name in ("amal", "sam"):
        await story.links(name)
    event = await story.plan()

    for name, choice in (("amal", "Online"), ("sam", "In person")):
        card = await story.sees(name, "Evening Support Group")
        assert card.labels[:3] == ("In person", "Online", "Can't go")
        assert LINK not in card.text
        await story.answers(name, card, choice)

    async with story.app.database.read() as session:
        page = await event_page(session, event.id)
        assert page is not None

    story.clock.move_to(STARTS - timedelta(days=7) + timedelta(minutes=5))
    week_before = {name: await story.sees(name, "A reminder") for name in ("amal", "sam")}
    story.clock.move_to(STARTS - timedelta(days=1) + timedelta(minutes=5))
    for name, message in week_before.items():
        await story.sees(name, "A reminder", since=message.id)

    story.clock.move_to(STARTS - timedelta(minutes=55))
    link = await story.sees("amal", LINK)
    assert "for you only" in link.text
    assert not story.people["sam"].find(LINK)

    story.clock.move_to(STARTS + timedelta(hours=3))
    async with story.app.database.write() as session:
        await tick(session, event.id, story.cast.amal.id, AttendanceState.ATTENDED, story.cast.priya, STARTS)
    story.clock.move_to(STARTS + timedelta(hours=15))  # 10:00 the next morning in London
    asked = await story.sees("amal", "How was it?")
    story.people["amal"].tap(asked, next(label for label in asked.labels if "5" in label))
    await story.sees("amal", "Thank you", since=0)
    assert not story.people["sam"].find("How was it?")


async def test_a_carer_who_connects_late_gets_what_is_open(story: Story) -> None:
    await story.links("amal")
    await story.plan()
    await story.sees("amal", "Evening Support Group")
    story.clock.move_to(NOON + timedelta(days=1))
    await story.links("lin")
    card = await story.sees("lin", "Evening Support Group")
    assert "Evening Support Group" in card.text


async def test_a_new_venue_is_told_to_who_said_yes_and_asks_again(story: Story) -> None:
    for name in ("amal", "sam"):
        await story.links(name)
    event = await story.plan()
    card = await story.sees("amal", "Evening Support Group")
    await story.answers("amal", card, "In person")

    await story.changes(event, "Hillside Centre")
    change = await story.sees("amal", "There is a change")
    assert "Hillside Centre" in change.text
    assert "Riverside Hall" in change.text
    assert "In person" in change.labels
    assert not story.people["sam"].find("There is a change")
