from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carers.register_export import carers_table, households_table
from carers.register_file import import_register
from carers.register_rows import COLUMNS
from carers.spreadsheet_writing import Table, local_time, write_sheet
from events.attendance_file import import_attendance
from events.planning import cancel_event
from events.programme_export import (
    attendance_table,
    deliveries_table,
    events_table,
    rsvps_table,
)
from events.programme_file import import_programme
from storage.deliveries import Delivery, DeliveryState, Notice
from storage.engine import Database, Session, open_database
from storage.events import Event, Mode
from storage.events_queries import event_by_ref
from storage.households import EndRoute, HouseholdType, Language
from storage.rsvp import Invitation, RsvpState
from storage.surveys import Round
from tests.data_files.files import (
    AMAL,
    COFFEE,
    EVENING,
    JO,
    LEFT,
    LONDON,
    PROGRAMME_COLUMNS,
    SAM,
    csv_of,
)
from tests.support.cast import NOON, gather

TODAY = NOON.date()


async def plan(session: Session, *rows: dict[str, str]) -> Event:
    await import_programme(session, "p.csv", csv_of(rows, PROGRAMME_COLUMNS), NOON, LONDON)
    event = await event_by_ref(session, rows[0]["event_ref"])
    assert event is not None
    return event


async def test_the_exported_register_is_the_register_file(database: Database) -> None:
    async with database.write() as session:
        await import_register(session, "r.csv", csv_of([AMAL, JO, SAM, LEFT]), NOON, TODAY)
        table = await carers_table(session)
        assert tuple(table.columns) == COLUMNS
        first = dict(zip(table.columns, table.rows[0], strict=True))
        assert {column: first[column] for column in ("carer_ref", "main_carer", "groups", "end_route")} == {
            "carer_ref": "C1",
            "main_carer": True,
            "groups": "Baby carers;Evening",
            "end_route": None,
        }
        for name in ("again.csv", "again.xlsx"):
            outcome = await import_register(session, name, write_sheet(name, table), NOON, TODAY)
            assert [tally.unchanged for tally in outcome.tallies] == [3, 4]
            assert not any(tally.changed or tally.new for tally in outcome.tallies)


async def test_households_are_one_row_each(database: Database) -> None:
    async with database.write() as session:
        await import_register(session, "r.csv", csv_of([AMAL, JO, LEFT]), NOON, TODAY)
        table = await households_table(session)
        assert [row[:4] for row in table.rows] == [
            ["H1", "mainstream", date(2019, 6, 1), None],
            ["H9", "short_break", date(2010, 3, 1), date(2022, 11, 30)],
        ]
        assert table.rows[0][-1] == "Tom Birch"


async def test_the_exported_programme_can_be_imported_again(database: Database) -> None:
    past = COFFEE | {"event_ref": "past", "starts_at": "2024-06-24 13:00", "ends_at": "2024-06-24 15:00"}
    draft = COFFEE | {"event_ref": "draft", "invite_at": "draft", "description": "=two\nlines"}
    at_night = COFFEE | {
        "event_ref": "n",
        "starts_at": "2025-10-26 01:30+00:00",
        "ends_at": "2025-10-26 03:00",
    }
    async with database.write() as session:
        await gather(session)
        await plan(session, EVENING, COFFEE, past, draft, at_night)
        table = await events_table(session, LONDON)
        assert table.columns == (*PROGRAMME_COLUMNS, "state")
        for name in ("again.csv", "again.xlsx"):
            outcome = await import_programme(session, name, write_sheet(name, table), NOON, LONDON)
            assert not outcome.errors
            assert outcome.tallies[0].unchanged == 5


async def test_an_invitation_at_once_comes_back_from_an_export_unchanged(database: Database) -> None:
    moment = NOON.replace(microsecond=123456)
    soon = COFFEE | {"starts_at": "2025-05-14 13:00", "ends_at": "2025-05-14 15:00"}
    async with database.write() as session:
        await gather(session)
        await import_programme(session, "p.csv", csv_of([soon], PROGRAMME_COLUMNS), moment, LONDON)
        content = write_sheet("e.csv", await events_table(session, LONDON))
        outcome = await import_programme(session, "e.csv", content, moment, LONDON)
        assert outcome.tallies[0].unchanged == 1


async def test_a_cancelled_event_is_not_brought_back_elsewhere(database: Database, tmp_path: Path) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await cancel_event(session, (await plan(session, COFFEE)).id, "Snow", cast.priya, NOON)
        content = write_sheet("e.csv", await events_table(session, LONDON))
    elsewhere = open_database(f"sqlite:///{tmp_path / 'elsewhere.db'}")
    await elsewhere.migrate()
    async with elsewhere.write() as session:
        outcome = await import_programme(session, "e.csv", content, NOON, LONDON)
        assert [str(note) for note in outcome.warnings] == [
            "row 2, state: coffee-06 was cancelled and is left out",
        ]
        assert await event_by_ref(session, "coffee-06") is None
    await elsewhere.close()


async def test_answers_are_one_row_a_party_and_never_tell_needs(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await plan(session, COFFEE | {"rsvp_by": "household"})
        reeds = Invitation(
            event_id=event.id,
            household_id=cast.reeds.id,
            party=f"h{cast.reeds.id}",
            state=RsvpState.GOING,
            mode=Mode.IN_PERSON,
            adults=2,
            children_5_10=1,
            children_16_up=1,
            needs="a ramp",
            invited_at=NOON,
            answered_at=NOON + timedelta(seconds=5),
            answered_by_id=cast.jo.id,
        )
        okafors = Invitation(
            event_id=event.id, household_id=cast.okafors.id, party=f"h{cast.okafors.id}", invited_at=NOON
        )
        session.add_all([reeds, okafors])
        await session.flush()
        table = await rsvps_table(session, LONDON)
        assert table.rows == [
            ["coffee-06", "H1", "C2", "going", "in_person", 2, 2, "2025-05-06T12:00:05+01:00"],
            ["coffee-06", "H2", None, "invited", None, 0, 0, ""],
        ]


async def test_attendance_can_be_imported_again(database: Database) -> None:
    rows = [{"event_ref": "coffee-06", "carer_ref": "C1", "state": "attended"}]
    async with database.write() as session:
        await gather(session)
        await plan(session, COFFEE)
        content = csv_of(rows, ["event_ref", "carer_ref", "state"])
        await import_attendance(session, "a.csv", content, NOON)
        table = await attendance_table(session)
        assert table.rows == [["coffee-06", "H1", "C1", "attended"]]
        again = await import_attendance(session, "a.csv", write_sheet("a.csv", table), NOON)
        assert again.tallies[0].unchanged == 1


async def test_deliveries_tell_what_went_to_carers_but_never_who_took_part_unnamed(
    database: Database,
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await plan(session, COFFEE)
        health = Round(
            ref="r",
            survey="s",
            title="t",
            anonymous=True,
            definition={},
            opens_at=NOON,
            closes_at=NOON,
            created_at=NOON,
        )
        notice = Notice(key="k", kind="invitation", created_at=NOON)
        session.add_all([health, notice])
        await session.flush()

        def delivery(key: str, kind: str, **more: object) -> Delivery:
            times = {"queued_at": NOON, "due_at": NOON, "send_by": NOON}
            return Delivery(notice_id=notice.id, kind=kind, dedupe_key=key, priority=30, **times, **more)

        session.add_all(
            [
                delivery(
                    "a",
                    "invitation",
                    carer_id=cast.amal.id,
                    event_id=event.id,
                    state=DeliveryState.SENT,
                    message_id=77,
                    sent_at=NOON,
                ),
                delivery("b", "staff_alert", staff_id=cast.priya.id),
                delivery("c", "survey", carer_id=cast.sam.id, round_id=health.id),
                delivery("d", "survey_reminder", carer_id=cast.sam.id, round_id=health.id),
            ]
        )
        await session.flush()
        table = await deliveries_table(session, LONDON)
        noon = "2025-05-06T12:00:00+01:00"
        assert table.rows == [
            ["invitation", "coffee-06", "C1", "app", "sent", None, 77, noon, noon],
            ["survey", None, "C3", "app", "queued", None, None, noon, ""],
        ]


def test_local_times_say_their_offset_only_where_they_come_twice() -> None:
    moment = datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
    assert local_time(moment, LONDON) == "2025-10-26 01:30"
    assert local_time(moment + timedelta(hours=1), LONDON) == "2025-10-26 01:30+00:00"
    assert local_time(moment + timedelta(seconds=5), LONDON) == "2025-10-26 01:30:05"
    assert local_time(None, LONDON) == ""


WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Z"), exclude_characters=";'"), max_size=12)
DAYS = st.dates(date(1990, 1, 1), date(2030, 1, 1)).map(str)


def carers(ref: str, main: bool) -> st.SearchStrategy[dict[str, str]]:
    return st.fixed_dictionaries(
        {
            "carer_ref": st.just(ref),
            "main_carer": st.just("yes" if main else "no"),
            "first_name": WORDS,
            "last_name": WORDS,
            "birth_year": st.integers(1930, 2000).map(str),
            "language": st.sampled_from(list(Language)),
            "email": WORDS,
            "phone": st.sampled_from(["", "01709 382121", "+48 22 123 45 67", "none"]),
            "groups": st.lists(WORDS, max_size=3).map(";".join),
        }
    )


@st.composite
def registers(draw: st.DrawFn) -> list[dict[str, str]]:
    rows = []
    for number in range(draw(st.integers(1, 4))):
        approved, ended = sorted([draw(DAYS), draw(DAYS)])
        has_ended = draw(st.booleans())
        home = {
            "household_ref": f"H{number}",
            "household_type": draw(st.sampled_from(list(HouseholdType))),
            "approved_on": approved,
            "ended_on": ended if has_ended else "",
            "end_route": draw(st.sampled_from(["", *EndRoute])) if has_ended else "",
            "end_reasons": ";".join(draw(st.lists(WORDS, max_size=2))) if has_ended else "",
            "area": draw(WORDS),
            "constellation": draw(WORDS),
            "constellation_role": draw(st.sampled_from(["", "hub", "satellite"])),
            "social_worker": draw(WORDS),
        }
        rows += [home | draw(carers(f"C{number}-{at}", at == 0)) for at in range(draw(st.integers(1, 2)))]
    return rows


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(registers(), st.sampled_from(["register.csv", "register.xlsx"]))
async def test_any_register_goes_out_and_comes_back_the_same(
    sqlite_url: str, rows: list[dict[str, str]], name: str
) -> None:
    database = open_database(sqlite_url)
    try:
        first = await _import_alone(database, "first.csv", csv_of(rows))
        second = await _import_alone(database, name, write_sheet(name, first))
        assert second == first
    finally:
        await database.close()


async def _import_alone(database: Database, name: str, content: bytes) -> Table:
    """The export after importing into an empty register, which stays empty."""
    async with database.write() as session:
        outcome = await import_register(session, name, content, NOON, TODAY)
        assert outcome.done, outcome.errors
        table = await carers_table(session)
        again = await import_register(session, name, content, NOON, TODAY)
        assert not any(tally.changed or tally.new for tally in again.tallies)
        await session.rollback()
    return replace(table, rows=[list(row) for row in table.rows])
