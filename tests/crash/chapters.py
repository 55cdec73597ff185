"""One chapter of the story: from the invitation to two events to the end of a survey, a death at any step."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from events.rsvp import Choice
from storage.events import Event, Mode, RsvpBy
from storage.households import Carer
from storage.rsvp import Invitation, RsvpState
from tests.crash.story import Story, invitation_of

STEPS = (
    "connect",
    "invite",
    "answer",
    "second carer",
    "party",
    "wait for a place",
    "free a place",
    "move",
    "cancel",
    "open a survey",
    "answer the survey",
    "close the survey",
)
Deaths = dict[str, int]
"""How often the process dies, by step."""


class Chapter:
    def __init__(self, story: Story, number: int, deaths: Deaths) -> None:
        self.story, self.number, self.deaths = story, number, deaths

    @asynccontextmanager
    async def step(self, name: str) -> AsyncIterator[None]:
        """What happens inside happens while the process dies as often as this step has deaths."""
        dying = asyncio.create_task(self._die(self.deaths.get(name, 0)))
        try:
            yield
        finally:
            await dying

    async def _die(self, times: int) -> None:
        for _ in range(times):
            await self.story.mortal.doom()
        await self.story.mortal.survive()

    async def tell(self) -> None:
        story = self.story
        if self.number == 0:
            async with self.step("connect"):
                await story.connect(story.carers)
        async with self.step("invite"):
            family = await story.plan(f"Pancakes {self.number}", Mode.IN_PERSON, RsvpBy.HOUSEHOLD, 8)
            group = await story.plan(f"Support group {self.number}", Mode.HYBRID, RsvpBy.CARER, 3)
            await self._all_have_cards(family)
            await self._all_have_cards(group)
        await self._family(family)
        await self._group(group)
        async with self.step("cancel"):
            await story.cancel(family)
        self._note_family(family)
        await self._survey()

    async def _all_have_cards(self, event: Event) -> None:
        for carer in self.story.carers:
            await self.story.card(carer, event)

    async def _family(self, event: Event) -> None:
        """Households answer; the second carer changes it, and the first brings the children."""
        story, cast = self.story, self.story.cast
        going = [cast.amal, *story.more[:4]]
        async with self.step("answer"):
            for carer in going:
                await story.answers(carer, event, Choice.GOING)
            await story.answers(cast.sam, event, Choice.MAYBE)
            await story.answers(cast.lin, event, Choice.NOT_GOING)
            for carer in (cast.amal, cast.jo, cast.sam, cast.lin):
                story.writes(carer, f"chapter {self.number}: thank you")
                story.writes(carer, f"chapter {self.number}: and see you soon")
            for carer in going:
                await story.stands(carer, event, RsvpState.GOING)
            await story.stands(cast.sam, event, RsvpState.MAYBE)
            await story.stands(cast.lin, event, RsvpState.NOT_GOING)
            await story.heard()
        async with self.step("second carer"):
            await story.answers(cast.jo, event, Choice.MAYBE)
            await story.stands(cast.amal, event, RsvpState.MAYBE)
            await story.answers(cast.jo, event, Choice.GOING)
            await story.stands(cast.amal, event, RsvpState.GOING)
        async with self.step("party"):
            await self._brings_children(cast.amal, event)

    async def _brings_children(self, carer: Carer, event: Event) -> None:
        """Two adults and a child, tap by tap, and back to the card."""
        story = self.story
        card = await story.card(carer, event)
        async with story.database.read() as session:
            number = (await invitation_of(session, event, carer)).id
        for data in (f"party:{number}", f"party:{number}:2:0:0:0:0", f"party:{number}:2:0:1:0:0"):
            story.users[carer.id].send_callback(card.id, data)
        story.users[carer.id].send_callback(card.id, f"party:{number}:done")

        async def three(session: object) -> bool:
            async with story.database.read() as looking:
                return (await looking.get_one(Invitation, number)).people == 3

        await story.until(three, "three of the Reeds")

    def _note_family(self, event: Event) -> None:
        """All are told and struck off, save for the one who could not come anyway."""
        for carer in self.story.carers:
            state = RsvpState.NOT_GOING if carer is self.story.cast.lin else RsvpState.CANCELLED
            self.story.expected[event.id, f"h{carer.household_id}"] = (state, None)
        self.story.seats[event.id] = (0, 0)
        self.story.told["cancellation", event.id] = {
            carer.id
            for carer in (
                self.story.cast.amal,
                self.story.cast.jo,
                self.story.cast.sam,
                *self.story.more[:4],
            )
        }

    async def _group(self, event: Event) -> None:
        """Three places in person: two carers wait, one place becomes free, then the time changes."""
        story, cast = self.story, self.story.cast
        first, second, busy = story.more[:3]
        there, online = (RsvpState.GOING, Mode.IN_PERSON), (RsvpState.GOING, Mode.ONLINE)
        async with self.step("wait for a place"):
            for carer in (cast.amal, cast.sam, cast.lin):
                await story.answers(carer, event, Choice.IN_PERSON)
            await story.answers(cast.jo, event, Choice.ONLINE)
            await story.answers(busy, event, Choice.NOT_GOING)
            for carer in (cast.amal, cast.sam, cast.lin):
                await story.stands(carer, event, *there)
            await story.stands(cast.jo, event, *online)
            for carer in (first, second):
                await story.answers(carer, event, Choice.IN_PERSON)
                await story.stands(carer, event, RsvpState.WAITLISTED)
        async with self.step("free a place"):
            await story.answers(cast.sam, event, Choice.NOT_GOING)
            await story.is_told(first, "offer", event)
            await story.answers(first, event, Choice.IN_PERSON)
            await story.stands(first, event, *there)
        async with self.step("move"):
            await story.move(event, hours=-1)
            await story.is_told(cast.amal, "change", event)
            await story.answers(cast.amal, event, Choice.IN_PERSON)
        for carer in story.carers:
            story.expected[event.id, f"c{carer.id}"] = (RsvpState.INVITED, None)
        for carer, standing in (
            (cast.amal, there),
            (cast.lin, there),
            (first, there),
            (cast.jo, online),
            (second, (RsvpState.WAITLISTED, Mode.IN_PERSON)),
            (cast.sam, (RsvpState.NOT_GOING, None)),
            (busy, (RsvpState.NOT_GOING, None)),
        ):
            story.expected[event.id, f"c{carer.id}"] = standing
        story.seats[event.id] = (3, 1)
        story.told["offer", event.id] = {first.id}
        story.told["change", event.id] = {carer.id for carer in (cast.amal, cast.jo, cast.lin, first, second)}

    async def _survey(self) -> None:
        """Seven send their answers, one stops half way, the others never begin."""
        story = self.story
        async with self.step("open a survey"):
            round = await story.open_survey()
        async with self.step("answer the survey"):
            await asyncio.gather(
                *(story.fills_in(carer, round, send=True) for carer in story.more[:7]),
                story.fills_in(story.more[7], round, send=False),
            )
            await story.took_part(round, 7)
        async with self.step("close the survey"):
            await story.close_survey(round, 7)
