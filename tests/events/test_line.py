"""Staff move a waiting party, with a reason."""

from sqlalchemy import select

from events.choices import Choice
from events.line import Moved, move_in_line, position
from storage.engine import Database, Session
from storage.events import Event
from storage.households import Carer
from storage.rsvp import Invitation
from storage.staff import AuditEntry
from tests.events.acts import HYBRID, give_card, invitation_of, invited_event, taps, told
from tests.support.cast import NOON, Cast, gather

GOING = Choice.GOING


async def waiting(session: Session, cast: Cast) -> tuple[Event, list[Invitation]]:
    """Amal has the one place; Jo, Sam and Lin wait in this order."""
    event = await invited_event(session, cast, capacity=1)
    for carer in (cast.amal, cast.jo, cast.sam, cast.lin):
        await taps(session, event, carer, GOING)
    return event, [await invitation_of(session, event, carer) for carer in (cast.jo, cast.sam, cast.lin)]


async def places(session: Session, line: list[Invitation]) -> list[int | None]:
    return [await position(session, party) for party in line]


async def test_a_party_that_is_moved_up_gets_the_next_place_and_the_log_says_why(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event, line = await waiting(session, cast)
        card = await give_card(session, line[0], cast.jo)
        moved = await move_in_line(session, line[2].id, 1, " They have no other day. ", cast.priya, NOON)
        assert moved is Moved.MOVED
        assert await places(session, line) == [2, 3, 1]
        await session.refresh(card)
        assert card.stale
        entry = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "rsvp.move"))).one()
        assert (entry.actor, entry.subject) == ("Priya Lane", f"event:{event.ref}")
        assert entry.detail == {
            "party": f"c{cast.lin.id}",
            "was": 3,
            "to": 1,
            "reason": "They have no other day.",
        }
        await taps(session, event, cast.amal, Choice.NOT_GOING)
        assert await told(session, "offer") == [cast.lin.id]


async def test_a_place_beyond_the_end_is_the_end_and_who_joins_comes_after(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event, line = await waiting(session, cast)
        assert await move_in_line(session, line[0].id, 99, "asked", cast.priya, NOON) is Moved.MOVED
        assert await places(session, line) == [3, 1, 2]
        await taps(session, event, cast.sam, Choice.NOT_GOING)
        await taps(session, event, cast.sam, GOING)
        assert await places(session, line) == [2, 3, 1]


async def test_what_cannot_be_moved_changes_nothing(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event, line = await waiting(session, cast)
        going = await invitation_of(session, event, cast.amal)
        assert await move_in_line(session, line[2].id, 1, "  ", cast.priya, NOON) is Moved.NO_REASON
        assert await move_in_line(session, line[2].id, 3, "asked", cast.priya, NOON) is Moved.UNCHANGED
        assert await move_in_line(session, going.id, 1, "asked", cast.priya, NOON) is Moved.NOT_WAITING
        assert await move_in_line(session, 999_999, 1, "asked", cast.priya, NOON) is Moved.NOT_FOUND
        assert await places(session, line) == [1, 2, 3]


async def test_each_mode_has_a_line_of_its_own(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, mode=HYBRID, capacity=1, online_capacity=1)

        async def comes(carer: Carer, choice: Choice) -> Invitation:
            await taps(session, event, carer, choice)
            return await invitation_of(session, event, carer)

        await comes(cast.amal, Choice.IN_PERSON)
        jo = await comes(cast.jo, Choice.IN_PERSON)
        sam = await comes(cast.sam, Choice.IN_PERSON)
        lin = await comes(cast.lin, Choice.ONLINE)
        assert await move_in_line(session, sam.id, 1, "asked", cast.priya, NOON) is Moved.MOVED
        assert await places(session, [sam, jo]) == [1, 2]
        assert lin.queue_key is None
