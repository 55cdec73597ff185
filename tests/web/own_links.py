"""What the tests of carers' own pages share: a link, and a fuller life for Amal."""

from datetime import timedelta

from carers.pages import Purpose, by_hand
from events.feed import new_feed
from storage.attendance import Attendance, AttendanceState
from storage.conversations import CarerMessage
from storage.engine import Database
from storage.events import Event
from storage.households import Carer
from storage.surveys import Round
from storage.ways import note_mail
from tests.support.cast import NOON, Cast
from tests.support.console import Console
from tests.surveys.stories import open_round

SCRIPT = "<script>alert('tea')</script>"


def link(console: Console, carer: Carer, purpose: Purpose, about: int = 0) -> str:
    """A link as an email brings it."""
    return console.pages.link(carer.id, carer.page_number, purpose, about, console.now)


def own_page(console: Console, carer: Carer, *, handed: bool) -> str:
    """A link to the carer's own page, made by staff where it is handed."""
    by = by_hand() if handed else ""
    return console.pages.link(carer.id, carer.page_number, Purpose.HOME, 0, console.now, by)


async def past_event(database: Database, carer: Carer, title: str = "Egg hunt") -> int:
    """An event of two days ago that this carer was ticked for; its id."""
    async with database.write() as session:
        event = Event(
            ref="egg-hunt",
            title=title,
            kind="social",
            starts_at=NOON - timedelta(days=2),
            ends_at=NOON - timedelta(days=2, hours=-2),
            mode="in_person",
            rsvp_by="carer",
            venue="The Mill",
            state="invited",
            created_at=NOON - timedelta(days=20),
            updated_at=NOON - timedelta(days=20),
        )
        session.add(event)
        await session.flush()
        came = {"event_id": event.id, "carer_id": carer.id, "household_id": carer.household_id}
        session.add(Attendance(**came, state=AttendanceState.ATTENDED, source="console", recorded_at=NOON))
        return event.id


async def mail_is_on(database: Database, carer: Carer, address: str = "amal.reed@post.example") -> None:
    """The service sends email, and this carer has an address."""
    async with database.write() as session:
        await note_mail(session, True, NOON)
        (await session.merge(carer)).email = address


async def with_much(console: Console, cast: Cast) -> Round:
    """Amal has a survey open, wrote something, and has a feed."""
    round = await open_round(console.database, console.keys)
    async with console.database.write() as session:
        session.add(CarerMessage(carer_id=cast.amal.id, text=f"Thank you {SCRIPT}", received_at=NOON))
        await new_feed(session, await session.merge(cast.amal), NOON)
    return round
