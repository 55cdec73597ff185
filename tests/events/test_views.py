"""What staff see of an event."""

from events import rsvp
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
        page = await event_page(session, event.id, with_needs=True)
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
        assert [(row.names, row.position) for row in page.waiting] == [("Sam Okafor", 1)]
        first = page.parties[0]
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
        page = await event_page(session, event.id, social_worker_id=cast.tom.id)
        assert page is not None
        assert [row.names for row in page.parties] == ["Amal Reed", "Jo Reed"]
        assert {row.needs for row in page.parties} == {None}
        assert page.line.invited == 4
        assert await event_page(session, 999) is None


async def test_the_list_runs_from_a_day_on_soonest_first(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        assert [line.ref for line in await event_list(session, NOON)] == [event.ref]
        assert await event_list(session, event.ends_at.replace(year=2026)) == []
