from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from carers.audience_rules import MainCarer, Rules
from carers.file_outcome import FileOutcome
from carers.saved_audiences import save_audience
from events.planning import cancel_event
from events.programme_file import COLUMNS, import_programme
from storage.engine import Database, Session
from storage.events import Allocation, Event, EventState, Mode, RsvpBy
from storage.events_queries import event_by_ref
from storage.households import Group
from storage.rsvp import Invitation, RsvpState
from tests.data_files.files import COFFEE, EVENING, LONDON, PROGRAMME_COLUMNS, csv_of, said, xlsx_of
from tests.support.cast import NOON, gather


async def bring(session: Session, content: bytes, name: str = "programme.csv", **how: Any) -> FileOutcome:
    return await import_programme(session, name, content, NOON, LONDON, **how)


def programme(*rows: dict[str, str]) -> bytes:
    return csv_of(rows, PROGRAMME_COLUMNS)


async def event(session: Session, ref: str) -> Event:
    found = await event_by_ref(session, ref)
    assert found is not None
    return found


def test_the_columns_are_those_that_other_peoples_scripts_rely_on() -> None:
    assert list(COLUMNS) == PROGRAMME_COLUMNS


async def test_a_programme_is_taken_in_local_time(database: Database) -> None:
    async with database.write() as session:
        await gather(session)
        outcome = await bring(session, programme(EVENING, COFFEE))
        assert outcome.done
        assert said(outcome) == []
        assert str(outcome.tallies[0]) == "Events: 2 new, 0 changed, 0 unchanged"
    async with database.read() as session:
        evening, coffee = await event(session, "evening-06"), await event(session, "coffee-06")
        assert (evening.starts_at, evening.ends_at) == (
            datetime(2025, 6, 10, 18, 0, tzinfo=UTC),
            datetime(2025, 6, 10, 19, 30, tzinfo=UTC),
        )
        assert (evening.mode, evening.rsvp_by, evening.allocation) == (
            Mode.HYBRID,
            RsvpBy.CARER,
            Allocation.FIRST_COME,
        )
        assert (evening.capacity, evening.online_capacity) == (12, 30)
        assert evening.rsvp_deadline == datetime(2025, 6, 9, 11, 0, tzinfo=UTC)
        assert evening.invite_at == datetime(2025, 5, 20, 8, 0, tzinfo=UTC)
        assert (coffee.online_capacity, coffee.rsvp_deadline, coffee.online_url) == (None, None, "")


@pytest.mark.parametrize(
    ("starts", "ends", "invites"),
    [
        ("2025-06-24 13:00", "2025-06-24 15:00", datetime(2025, 5, 27, 12, 0, tzinfo=UTC)),
        ("2025-05-20 13:00", "2025-05-20 15:00", NOON),
    ],
)
async def test_invitations_go_out_28_days_before_or_at_once(
    database: Database, starts: str, ends: str, invites: datetime
) -> None:
    async with database.write() as session:
        await gather(session)
        await bring(session, programme(COFFEE | {"starts_at": starts, "ends_at": ends}))
        coffee = await event(session, "coffee-06")
        assert (coffee.state, coffee.invite_at) == (EventState.PLANNED, invites)


async def test_a_draft_waits_for_staff(database: Database) -> None:
    async with database.write() as session:
        await gather(session)
        await bring(session, programme(COFFEE | {"invite_at": "Draft"}))
        coffee = await event(session, "coffee-06")
        assert (coffee.state, coffee.invite_at) == (EventState.DRAFT, None)
        again = await bring(session, programme(COFFEE | {"invite_at": "draft"}))
        assert again.tallies[0].unchanged == 1
        planned = await bring(session, programme(COFFEE))
        assert planned.tallies[0].changed == {"coffee-06": ["invite_at"]}
        assert coffee.state is EventState.PLANNED


async def test_every_error_is_told_with_row_and_column_and_nothing_is_changed(database: Database) -> None:
    rows = [
        COFFEE,
        COFFEE | {"title": "", "mode": "outdoors", "capacity": "0", "audience": "al"},
        EVENING | {"ends_at": "2025-06-10 18:00", "rsvp_deadline": "2025-06-11 10:00"},
        EVENING | {"event_ref": "e2", "starts_at": "10/06/2025 19:00", "rsvp_by": "", "allocation": "lots"},
        EVENING | {"event_ref": "e3", "invite_at": "2025-06-10 19:00", "online_url": "javascript:alert(1)"},
    ]
    async with database.write() as session:
        await gather(session)
        outcome = await bring(session, programme(*rows))
        assert {(note.row, note.column) for note in outcome.errors} == {
            (3, "event_ref"),
            (3, "title"),
            (3, "mode"),
            (3, "capacity"),
            (3, "audience"),
            (4, "ends_at"),
            (4, "rsvp_deadline"),
            (5, "starts_at"),
            (5, "rsvp_by"),
            (5, "allocation"),
            (6, "invite_at"),
            (6, "online_url"),
        }
        assert (
            "row 3, audience: 'al' is neither all nor a group or a saved audience; is 'all' meant?"
            in said(outcome)
        )
        assert await event_by_ref(session, "coffee-06") is None


async def test_an_audience_is_found_by_name_however_it_is_written(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        cast.reeds.constellation = "Orion"
        session.add(Group(name="Baby carers"))
        await session.flush()
        await save_audience(session, "Main ones", Rules((MainCarer(),)), cast.priya, NOON, LONDON)
        written = [
            "ALL",
            "baby carers",
            "constellation",
            "constellation:orion",
            "main ones",
            "saved:Main ones",
        ]
        rows = [COFFEE | {"event_ref": f"e{at}", "audience": audience} for at, audience in enumerate(written)]
        outcome = await bring(session, programme(*rows))
        assert said(outcome) == ["row 3, audience: nobody is in 'Baby carers' today"]
        assert [(await event(session, f"e{at}")).audience for at in range(6)] == [
            "all",
            "Baby carers",
            "constellation",
            "constellation:Orion",
            "saved:Main ones",
            "saved:Main ones",
        ]


async def test_a_time_that_the_clocks_skip_is_an_error_and_one_that_comes_twice_means_the_first(
    database: Database,
) -> None:
    skipped = COFFEE | {"starts_at": "2026-03-29 01:30", "ends_at": "2026-03-29 03:00"}
    twice = COFFEE | {"starts_at": "2025-10-26 01:30", "ends_at": "2025-10-26 03:00"}
    second = COFFEE | {"starts_at": "2025-10-26 01:30+00:00", "ends_at": "2025-10-26 03:00"}
    async with database.write() as session:
        await gather(session)
        assert said(await bring(session, programme(skipped))) == [
            "row 2, starts_at: '2026-03-29 01:30' does not exist: the clocks go forward over it"
        ]
        outcome = await bring(session, programme(twice))
        assert [(note.row, note.column) for note in outcome.warnings] == [(2, "starts_at")]
        coffee = await event(session, "coffee-06")
        assert coffee.starts_at == datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
        assert not (await bring(session, programme(second))).warnings
        assert coffee.starts_at == datetime(2025, 10, 26, 1, 30, tzinfo=UTC)


async def test_a_known_ref_is_a_change_and_who_said_yes_is_told(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await bring(session, programme(EVENING, COFFEE))
        coffee = await event(session, "coffee-06")
        session.add(
            Invitation(
                event_id=coffee.id,
                household_id=cast.reeds.id,
                carer_id=cast.amal.id,
                party=f"c{cast.amal.id}",
                state=RsvpState.GOING,
                mode=Mode.IN_PERSON,
                invited_at=NOON,
            )
        )
        await session.flush()
        moved = COFFEE | {"starts_at": "2025-06-24 14:00", "ends_at": "2025-06-24 16:00"}
        outcome = await bring(session, programme(EVENING, moved))
        (tally,) = outcome.tallies
        assert (tally.changed["coffee-06"][0], tally.unchanged) == ("ends_at", 1)
        assert "starts_at" in tally.changed["coffee-06"]
        assert outcome.besides == ("told of a change: 1",)
        assert coffee.starts_at == datetime(2025, 6, 24, 13, 0, tzinfo=UTC)


async def test_a_capacity_below_the_places_taken_is_an_error_and_takes_nothing(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await bring(session, programme(COFFEE))
        coffee = await event(session, "coffee-06")
        for carer in (cast.amal, cast.sam):
            session.add(
                Invitation(
                    event_id=coffee.id,
                    household_id=carer.household_id,
                    carer_id=carer.id,
                    party=f"c{carer.id}",
                    state=RsvpState.GOING,
                    mode=Mode.IN_PERSON,
                    invited_at=NOON,
                )
            )
        coffee.taken = 2
        await session.flush()
        outcome = await bring(session, programme(EVENING, COFFEE | {"capacity": "1"}))
        assert said(outcome) == ["row 3, capacity: is less than the places that are taken"]
        assert not outcome.done
        assert await event_by_ref(session, "evening-06") is None
        assert (await event(session, "coffee-06")).capacity == 20


async def test_a_dry_run_says_the_same_and_changes_nothing(database: Database) -> None:
    content = programme(COFFEE | {"venue": "The Barn"}, EVENING)
    async with database.write() as session:
        await gather(session)
        await bring(session, programme(COFFEE))
    async with database.write() as session:
        tried = await bring(session, content, dry_run=True)
    async with database.write() as session:
        assert (await event(session, "coffee-06")).venue == "The Hall"
        assert await event_by_ref(session, "evening-06") is None
        taken = await bring(session, content)
        assert (tried.done, taken.done) == (False, True)
        assert tried.tallies == taken.tallies


async def test_a_cancelled_event_stays_cancelled(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await bring(session, programme(COFFEE))
        await cancel_event(session, (await event(session, "coffee-06")).id, "Snow", cast.priya, NOON)
        outcome = await bring(session, programme(COFFEE | {"title": "Tea"}))
        assert said(outcome) == ["row 2, event_ref: coffee-06 was cancelled and stays so"]
        assert (await event(session, "coffee-06")).title == "Coffee Afternoon"


async def test_a_past_event_is_history_and_columns_that_are_absent_change_nothing(database: Database) -> None:
    past = COFFEE | {"starts_at": "2024-06-24 13:00", "ends_at": "2024-06-24 15:00"}
    columns = ["event_ref", "title", "kind", "starts_at", "ends_at", "mode", "rsvp_by", "audience"]
    async with database.write() as session:
        await gather(session)
        assert (await bring(session, programme(past))).done
        coffee = await event(session, "coffee-06")
        assert coffee.starts_at < NOON
        assert coffee.invite_at is not None
        assert coffee.invite_at > coffee.starts_at + timedelta(days=1)  # so that the tick leaves it alone
        again = await bring(session, csv_of([past], columns))
        assert again.tallies[0].unchanged == 1
        assert (coffee.venue, coffee.capacity) == ("The Hall", 20)


async def test_an_excel_file_with_real_times_is_read_as_it_is_meant(database: Database) -> None:
    cells: list[Any] = [COFFEE.get(column, None) for column in PROGRAMME_COLUMNS]
    cells[4], cells[5], cells[11] = datetime(2025, 6, 24, 13, 0), datetime(2025, 6, 24, 15, 0), 20.0
    async with database.write() as session:
        await gather(session)
        outcome = await bring(session, xlsx_of([PROGRAMME_COLUMNS, cells]), "programme.xlsx")
        assert said(outcome) == []
        coffee = await event(session, "coffee-06")
        assert (coffee.starts_at.hour, coffee.capacity) == (12, 20)
