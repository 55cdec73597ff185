"""What staff see of an event."""

from events import rsvp
from events.parties import PartySearch, attendance_list, count_parties, parties_of, party_of
from events.rsvp import Choice, Party
from events.views import event_list, event_page
from storage.engine import Database
from storage.rsvp import RsvpState
from tests.events.acts import HOUSEHOLD, invitation_of, invited_event, taps
from tests.support.cast import NOON, gather


async def test_an_event_shows_its_counts_its_people_and_who_waits(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, rsvp_by=HOUSEHOLD, capacity=3)
        reeds = await invitation_of(session, event, cast.amal)
        await taps(session, event, cast.amal, Choice.GOING)
        await rsvp.set_party(session, reeds.id, cast.amal, Party(2, 1), NOON)
        await rsvp.set_needs(session, reeds.id, cast.amal, "A ramp", NOON)
        await taps(session, event, cast.sam, Choice.GOING)
        page = await event_page(session, event.id)
        assert page is not None
        assert page.line.parties == {RsvpState.GOING: 1, RsvpState.WAITLISTED: 1, RsvpState.INVITED: 1}
        assert (page.line.invited, page.line.unanswered, page.line.going_people) == (3, 1, 3)
        assert [(seats.taken, seats.capacity) for seats in page.line.seats] == [(3, 3)]
        assert page.people_by_band == {
            "adults": 2,
            "children_0_4": 1,
            "children_5_10": 0,
            "children_11_15": 0,
            "children_16_up": 0,
        }
        first, second, waiting = await parties_of(session, event.id, with_needs=True)
        assert (waiting.names, waiting.position, waiting.state) == ("Sam Okafor", 1, RsvpState.WAITLISTED)
        assert (second.names, second.position) == ("Lin Marsh", None)
        assert (first.names, first.answered_by, first.needs) == (
            "Amal Reed and Jo Reed",
            "Amal Reed",
            "A ramp",
        )


async def test_needs_are_shown_only_where_asked_for_and_a_worker_sees_their_own(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        invitation = await invitation_of(session, event, cast.amal)
        await rsvp.set_needs(session, invitation.id, cast.amal, "A ramp", NOON)
        rows = await parties_of(session, event.id, PartySearch(social_worker_id=cast.tom.id))
        assert [row.names for row in rows] == ["Amal Reed", "Jo Reed"]
        assert {row.needs for row in rows} == {None}
        page = await event_page(session, event.id)
        assert page is not None
        assert page.line.invited == 4
        assert await event_page(session, 999) is None


async def test_the_list_runs_from_a_day_on_soonest_first(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        assert [line.ref for line in await event_list(session, NOON)] == [event.ref]
        assert await event_list(session, event.ends_at.replace(year=2026)) == []


async def test_parties_are_listed_by_page_by_answer_and_by_what_their_carers_are_called(
    database: Database,
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, capacity=1)
        for carer in (cast.sam, cast.lin, cast.jo):
            await taps(session, event, carer, Choice.GOING)

        async def names(search: PartySearch, offset: int = 0, count: int | None = None) -> list[str]:
            found = await parties_of(session, event.id, search, offset=offset, count=count)
            return [row.names for row in found]

        waiting = PartySearch(states=(RsvpState.WAITLISTED,))
        assert await names(waiting) == ["Lin Marsh", "Jo Reed"], "in their order"
        assert await names(waiting, offset=1, count=1) == ["Jo Reed"]
        assert await names(PartySearch(words="reed")) == ["Amal Reed", "Jo Reed"], "by name"
        assert await names(PartySearch(words="JO reed")) == ["Jo Reed"]
        assert await names(PartySearch(words="h2")) == ["Sam Okafor"]
        mine = PartySearch(social_worker_id=cast.tom.id)
        assert await count_parties(session, event.id, mine) == {RsvpState.INVITED: 1, RsvpState.WAITLISTED: 1}
        jos = (await parties_of(session, event.id, PartySearch(words="Jo")))[0]
        assert jos.position == 2, "whoever looks at it alone"
        own = await party_of(session, event.id, jos.invitation_id, social_worker_id=cast.tom.id)
        assert own == jos
        lins = (await parties_of(session, event.id, waiting))[0]
        assert await party_of(session, event.id, lins.invitation_id, social_worker_id=cast.tom.id) is None
        assert [row.name for row in await attendance_list(session, event.id, words="lin")] == ["Lin Marsh"]
