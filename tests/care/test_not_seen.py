"""Who has not been seen for two quarters: what counts as contact, since when, and what was tried."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from care.check_ins import CheckInHow, note_check_in
from care.not_seen import NO_WORKER, count_not_seen, not_seen, what_was_tried, window
from events.rsvp import Choice
from storage import not_seen_queries as queries
from storage.attendance import Attendance, AttendanceState
from storage.conversations import CarerMessage
from storage.deliveries import DeliveryState
from storage.engine import Database, Session
from storage.households import Household
from storage.rsvp_queries import invitations_of_event
from tests.events.acts import invitation_of, invited_event, queued, taps
from tests.support.cast import NOON, Cast, gather

LONDON = ZoneInfo("Europe/London")
DAY = timedelta(days=1)
LATER = NOON + timedelta(days=200)
"""Over six months after everything that the cast did."""


@pytest.fixture
async def cast(database: Database) -> Cast:
    async with database.write() as session:
        return await gather(session)


async def refs(session: Session, social_worker_id: int | None = None, **shift: float) -> list[str]:
    return [one.ref for one in await not_seen(session, LATER + timedelta(**shift), LONDON, social_worker_id)]


async def test_the_window_is_the_six_months_up_to_today() -> None:
    since = {date(2026, 3, 31): date(2025, 9, 30), date(2025, 8, 31): date(2025, 2, 28)}
    for today, before in since.items():
        moment = NOON.replace(year=today.year, month=today.month, day=today.day)
        assert window(moment, LONDON).since == before


async def test_households_without_contact_are_listed_the_longest_first(
    database: Database, cast: Cast
) -> None:
    async with database.write() as session:
        event = await invited_event(session, cast)
        await taps(session, event, cast.sam, Choice.GOING)
        cast.marshes.approved_on, cast.marshes.on_hold_since = date(2018, 1, 1), LATER.date()
        await session.merge(cast.marshes)
    async with database.read() as session:
        found = await not_seen(session, LATER, LONDON)
        assert [one.ref for one in found] == ["H3", "H1", "H2"]
        marshes, reeds, okafors = found
        assert (marshes.last, marshes.on_hold, marshes.approved_on) == (None, True, date(2018, 1, 1))
        assert [name for _, name in reeds.carers] == ["Amal Reed", "Jo Reed"]
        assert okafors.last is not None
        assert (okafors.last.on, okafors.last.what) == (NOON.date(), "answered")
        assert await refs(session, cast.tom.id) == ["H1"]
        assert await refs(session, NO_WORKER) == ["H3", "H2"]
        assert await count_not_seen(session, LATER, LONDON) == 3
        assert await count_not_seen(session, LATER, LONDON, cast.tom.id) == 1
        assert await queries.count_not_seen(session, window(LATER, LONDON), 2) == 2  # counts no further
        assert await refs(session, days=-30) == ["H3", "H1"]  # five and a half months after the answer


@pytest.mark.parametrize("what", ["came", "answered", "wrote", "spoke"])
async def test_each_kind_of_contact_counts(database: Database, cast: Cast, what: str) -> None:
    at = LATER - 30 * DAY
    async with database.write() as session:
        event = await invited_event(session, cast)
        event.starts_at = at
        match what:
            case "came":
                who = {"event_id": event.id, "carer_id": cast.jo.id, "household_id": cast.reeds.id}
                came = {"state": AttendanceState.ATTENDED, "source": "console", "recorded_at": LATER}
                session.add(Attendance(**who, **came))
            case "answered":
                (await invitation_of(session, event, cast.amal)).answered_at = at
            case "wrote":
                session.add(CarerMessage(carer_id=cast.amal.id, text="Hello", received_at=at))
            case "spoke":
                await note_check_in(
                    session, cast.reeds.id, at.date(), CheckInHow.VISIT, cast.tom, LATER, LONDON
                )
    async with database.read() as session:
        assert await refs(session) == ["H3", "H2"]  # by name


async def test_what_is_no_contact_does_not_count_and_is_told_as_tried(database: Database, cast: Cast) -> None:
    at = LATER - 30 * DAY
    async with database.write() as session:
        event = await invited_event(session, cast)
        who = {"event_id": event.id, "carer_id": cast.amal.id, "household_id": cast.reeds.id}
        away = {"state": AttendanceState.NO_SHOW, "source": "console", "recorded_at": at}
        ours = {"carer_id": cast.amal.id, "written_by_id": cast.tom.id, "received_at": at}
        session.add_all([Attendance(**who, **away), CarerMessage(**ours, text="How are you?")])
        event.starts_at = at
        for invitation in await invitations_of_event(session, event.id):
            invitation.invited_at = at
        [sent] = [one for one in await queued(session, "invitation") if one.carer_id == cast.amal.id]
        sent.state, sent.sent_at = DeliveryState.SENT, at
        tried = CheckInHow.NO_ANSWER
        await note_check_in(session, cast.reeds.id, at.date(), tried, cast.tom, LATER, LONDON)
    async with database.read() as session:
        found = await not_seen(session, LATER, LONDON, cast.tom.id)
        [reeds] = found
        tries = (await what_was_tried(session, found, LATER, LONDON))[reeds.household_id]
        assert (tries.invited, tries.messages, tries.tries, tries.tried_on) == (2, 1, 1, at.date())


async def test_who_was_approved_lately_or_has_left_is_not_listed(database: Database, cast: Cast) -> None:
    async with database.write() as session:
        (await session.get_one(Household, cast.okafors.id)).approved_on = LATER.date() - 90 * DAY
        (await session.get_one(Household, cast.marshes.id)).ended_on = LATER.date()
    async with database.read() as session:
        assert await refs(session) == ["H1"]
