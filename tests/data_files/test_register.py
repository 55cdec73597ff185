from datetime import UTC, date, datetime
from typing import Any

import pytest

from carers.audience import audience_carers
from carers.choices import set_language
from carers.file_outcome import FileOutcome
from carers.linking import Linked, new_link, redeem
from carers.register_file import forget_ended, import_register
from carers.register_rows import COLUMNS
from events.invitations import send_invitations_now
from events.planning import plan_event
from storage.engine import Database, Session
from storage.held_queries import group_names_of
from storage.households import Carer, ConstellationRole, Group, GroupMember, Household, Language
from storage.households_queries import carers_by_ref, households_by_ref, staff_of_service
from storage.staff import Role
from tests.data_files.files import AMAL, JO, LEFT, SAM, csv_of, said, xlsx_of
from tests.events.acts import invitation_of, plan
from tests.support.cast import NOON

TODAY = NOON.date()


async def bring(session: Session, content: bytes, name: str = "register.csv", **how: Any) -> FileOutcome:
    return await import_register(session, name, content, NOON, TODAY, **how)


async def home(session: Session, ref: str) -> Household:
    return (await households_by_ref(session, [ref]))[ref]


async def carer(session: Session, ref: str) -> Carer:
    return (await carers_by_ref(session, [ref]))[ref]


async def test_a_register_is_taken_whole(database: Database) -> None:
    async with database.write() as session:
        outcome = await bring(session, csv_of([AMAL, JO, SAM]))
        assert outcome.done
        assert not outcome.errors
        assert [str(tally) for tally in outcome.tallies] == [
            "Households: 2 new, 0 changed, 0 unchanged",
            "Carers: 3 new, 0 changed, 0 unchanged",
        ]
        assert outcome.besides == (
            "social worker Tom Birch is made",
            "group Evening is made",
            "group Baby carers is made",
        )
    async with database.read() as session:
        reeds, amal = await home(session, "H1"), await carer(session, "C1")
        assert (reeds.approved_on, reeds.area, reeds.constellation) == (date(2019, 6, 1), "North", "Orion")
        assert reeds.constellation_role is ConstellationRole.HUB
        assert (amal.first_name, amal.birth_year, amal.language) == ("Amal", 1968, Language.URDU)
        assert (amal.email, amal.phone, amal.main_carer) == ("amal@example.org", "01709 382121", True)
        assert (await carer(session, "C2")).language is Language.ENGLISH
        assert list(await group_names_of(session, amal.id)) == ["Baby carers", "Evening"]
        (tom,) = await staff_of_service(session)
        assert (tom.name, tom.role, tom.chat_id, reeds.social_worker_id) == (
            "Tom Birch",
            Role.SOCIAL_WORKER,
            None,
            tom.id,
        )
        assert [c.ref for c in await audience_carers(session, "Evening", TODAY)] == ["C1", "C3"]


async def test_every_error_is_told_with_row_and_column_and_nothing_is_changed(database: Database) -> None:
    rows = [
        AMAL | {"household_type": "castle", "birth_year": "1068", "language": "xx"},
        {},
        SAM | {"approved_on": "15/01/2021", "main_carer": "perhaps", "carer_ref": "C1"},
        LEFT | {"ended_on": "2009-01-01", "end_route": "walked_out"},
    ]
    async with database.write() as session:
        outcome = await bring(session, csv_of(rows))
        assert not outcome.done
        assert {(note.row, note.column) for note in outcome.errors} == {
            (2, "household_type"),
            (2, "birth_year"),
            (2, "language"),
            (4, "approved_on"),
            (4, "main_carer"),
            (4, "carer_ref"),
            (5, "ended_on"),
            (5, "end_route"),
        }
        assert await households_by_ref(session, ["H1", "H2", "H9"]) == {}
        assert list(await staff_of_service(session)) == []


async def test_rows_are_numbered_as_a_spreadsheet_shows_them(database: Database) -> None:
    text = csv_of([AMAL | {"area": "two\nlines"}, SAM | {"household_type": "tent"}]).decode()
    header, rest = text.split("\r\n", 1)
    async with database.write() as session:
        outcome = await bring(session, f"{header}\r\n\r\n{rest}".encode())
        assert [(note.row, note.column) for note in outcome.errors] == [(4, "household_type")]


async def test_missing_required_columns_are_named_once(database: Database) -> None:
    columns = [column for column in COLUMNS if column not in ("carer_ref", "approved_on")]
    async with database.write() as session:
        outcome = await bring(session, csv_of([AMAL, SAM], columns))
        assert said(outcome) == [
            "row 1, approved_on: this column is missing",
            "row 1, carer_ref: this column is missing",
        ]


async def test_missing_optional_columns_are_empty_and_unknown_ones_left_out(database: Database) -> None:
    columns = ["household_ref", "household_type", "approved_on", "carer_ref", "shoe size"]
    async with database.write() as session:
        outcome = await bring(session, csv_of([AMAL, JO], columns))
        assert outcome.done
        assert said(outcome) == ["row 1, shoe size: this column is not known and was left out"]
        amal, jo = await carer(session, "C1"), await carer(session, "C2")
        assert (amal.first_name, amal.email, amal.birth_year, amal.language) == ("", None, None, "en")
        assert (amal.main_carer, jo.main_carer) == (True, False)
        assert (await home(session, "H1")).area is None


async def test_two_carers_rows_must_agree_about_their_household(database: Database) -> None:
    async with database.write() as session:
        outcome = await bring(session, csv_of([AMAL, JO | {"approved_on": "2020-06-01", "area": ""}]))
        assert said(outcome) == [
            "row 3, approved_on: '2020-06-01' contradicts row 2, which says '2019-06-01' "
            "of the same household H1",
            "row 3, area: empty contradicts row 2, which says 'North' of the same household H1",
        ]


@pytest.mark.parametrize("column", ["end_route", "end_reasons"])
async def test_how_an_approval_ended_needs_the_day_on_which_it_did(database: Database, column: str) -> None:
    async with database.write() as session:
        outcome = await bring(session, csv_of([SAM | {column: "resignation"}]))
        assert said(outcome) == [f"row 2, {column}: needs a date in ended_on"]


async def test_of_a_household_that_has_left_no_name_email_or_phone_is_kept(database: Database) -> None:
    async with database.write() as session:
        assert (await bring(session, csv_of([LEFT]))).done
        kim = await carer(session, "C9")
        assert (kim.first_name, kim.last_name, kim.email, kim.phone) == ("", "", None, None)
        assert kim.birth_year == 1955
        left = await home(session, "H9")
        assert (left.end_route, left.end_reasons) == ("resignation", ["retired", "moved_away"])


async def test_a_second_import_updates_and_says_what(database: Database) -> None:
    async with database.write() as session:
        await bring(session, csv_of([AMAL, JO, SAM]))
        again = await bring(session, csv_of([AMAL, JO, SAM]))
        assert [str(tally) for tally in again.tallies] == [
            "Households: 0 new, 0 changed, 2 unchanged",
            "Carers: 0 new, 0 changed, 3 unchanged",
        ]
        outcome = await bring(session, csv_of([SAM | {"area": "South", "email": "sam@example.org"}]))
        homes, carers = outcome.tallies
        assert (homes.changed, carers.changed) == ({"H2": ["area"]}, {"C3": ["email"]})
        assert (await carer(session, "C1")).first_name == "Amal"


async def test_another_address_ends_the_links_of_the_mails_that_went_to_the_old_one(
    database: Database,
) -> None:
    async with database.write() as session:
        numbers = []
        for address in ("", "sam@example.org", "Sam@Example.org", "okafor@example.org", ""):
            await bring(session, csv_of([SAM | {"email": address}]))
            numbers.append((await carer(session, "C3")).page_number)
    first = numbers[0]
    assert [number - first for number in numbers] == [0, 0, 0, 1, 2]


async def test_a_dry_run_says_the_same_and_changes_nothing(database: Database) -> None:
    async with database.write() as session:
        await bring(session, csv_of([AMAL, SAM]))
    changed = csv_of([SAM | {"area": "South", "groups": "Choir"}, LEFT, AMAL])
    async with database.write() as session:
        tried = await bring(session, changed, dry_run=True)
    async with database.write() as session:
        assert not tried.done
        assert (await home(session, "H2")).area is None
        assert await households_by_ref(session, ["H9"]) == {}
        taken = await bring(session, changed)
        assert (tried.tallies, tried.besides, tried.warnings) == (
            taken.tallies,
            taken.besides,
            taken.warnings,
        )
        assert taken.tallies[0].lines() == [
            "Households: H9 is new",
            "Households: H2 changes in area",
        ]


async def test_a_second_import_never_unlinks_a_carer_nor_changes_what_they_chose(database: Database) -> None:
    async with database.write() as session:
        await bring(session, csv_of([AMAL, JO]))
        amal = await carer(session, "C1")
        assert isinstance(await redeem(session, await new_link(session, amal, NOON), 101, NOON), Linked)
        await set_language(session, amal, Language.PUNJABI, NOON)
        outcome = await bring(session, csv_of([AMAL | {"language": "ar"}, JO | {"language": "ar"}]))
        assert outcome.tallies[1].changed == {"C2": ["language"]}
        assert (amal.chat_id, amal.language) == (101, Language.PUNJABI)


async def test_a_household_that_leaves_is_counted_forgotten_and_out_of_every_audience(
    database: Database,
) -> None:
    async with database.write() as session:
        await bring(session, csv_of([AMAL, JO, SAM]))
        (await carer(session, "C1")).chat_id = 101
        gone = {"ended_on": "2025-05-01", "end_route": "resignation"}
        outcome = await bring(session, csv_of([AMAL | gone]))
        assert outcome.tallies[0].ended == ["H1"]
        amal, jo = await carer(session, "C1"), await carer(session, "C2")
        assert (amal.first_name, amal.phone, amal.chat_id) == ("", None, 101)
        assert (jo.first_name, jo.phone) == ("", None)
        assert [c.ref for c in await audience_carers(session, "all", TODAY)] == ["C3"]


async def test_a_household_that_leaves_next_month_is_forgotten_when_the_day_has_come(
    database: Database,
) -> None:
    async with database.write() as session:
        await bring(session, csv_of([SAM | {"ended_on": "2025-06-01", "end_route": "resignation"}]))
        assert (await carer(session, "C3")).first_name == "Sam"
        assert await forget_ended(session, datetime(2025, 5, 31, 3, tzinfo=UTC)) == 0
        assert await forget_ended(session, datetime(2025, 6, 1, 3, tzinfo=UTC)) == 1
        sam = await carer(session, "C3")
        await session.refresh(sam)
        assert sam.first_name == ""


async def test_groups_of_the_register_are_replaced_and_those_that_staff_gave_stay(database: Database) -> None:
    async with database.write() as session:
        await bring(session, csv_of([AMAL]))
        amal = await carer(session, "C1")
        choir = Group(name="Choir")
        session.add(choir)
        await session.flush()
        session.add(GroupMember(group_id=choir.id, carer_id=amal.id))
        outcome = await bring(session, csv_of([AMAL | {"groups": "evening; Walks"}]))
        assert outcome.tallies[1].changed == {"C1": ["groups"]}
        assert outcome.besides == ("group Walks is made",)
        assert list(await group_names_of(session, amal.id)) == ["Choir", "Evening", "Walks"]


async def test_columns_that_a_later_file_has_not_change_nothing(database: Database) -> None:
    columns = ["household_ref", "household_type", "approved_on", "carer_ref", "area"]
    async with database.write() as session:
        await bring(session, csv_of([AMAL, LEFT]))
        await bring(session, csv_of([AMAL | {"area": "West"}, LEFT], columns))
        amal = await carer(session, "C1")
        assert (amal.phone, amal.main_carer) == ("01709 382121", True)
        assert ((await home(session, "H1")).area, (await home(session, "H9")).ended_on) == (
            "West",
            date(2022, 11, 30),
        )


async def test_a_household_has_one_main_carer(database: Database) -> None:
    async with database.write() as session:
        outcome = await bring(session, csv_of([AMAL, JO | {"main_carer": "yes"}]))
        assert said(outcome) == [
            "row 3, main_carer: household H1 has a main carer in row 2 already; that one counts"
        ]
        outcome = await bring(session, csv_of([SAM | {"main_carer": ""}]))
        assert said(outcome) == ["row 2, main_carer: household H2 has no main carer; C3 counts as it"]
        assert (await bring(session, csv_of([SAM | {"main_carer": ""}]))).tallies[1].unchanged == 1
        outcome = await bring(session, csv_of([JO | {"main_carer": "yes"}]))
        assert said(outcome) == ["row 2, main_carer: C1 is no longer the main carer of H1"]
        assert [(await carer(session, ref)).main_carer for ref in ("C1", "C2", "C3")] == [False, True, True]
        assert not (await bring(session, csv_of([JO | {"main_carer": "yes"}]))).warnings


async def test_a_carer_may_move_to_another_household(database: Database) -> None:
    async with database.write() as session:
        await bring(session, csv_of([AMAL, JO, SAM]))
        event = await plan_event(session, plan(), None, NOON)
        await send_invitations_now(session, event.id, None, NOON)
        outcome = await bring(session, csv_of([SAM | {"carer_ref": "C2", "main_carer": "no"}]))
        assert "row 2, household_ref: carer C2 moves to household H2" in said(outcome)
        moved = await carer(session, "C2")
        assert moved.household_id == (await home(session, "H2")).id
        assert (await invitation_of(session, event, moved)).household_id == moved.household_id


async def test_odd_emails_and_phones_are_warned_of_and_kept(database: Database) -> None:
    async with database.write() as session:
        outcome = await bring(session, csv_of([SAM | {"email": "sam at home", "phone": "ring the bell"}]))
        assert outcome.done
        assert [(note.row, note.column) for note in outcome.warnings] == [(2, "email"), (2, "phone")]
        assert (await carer(session, "C3")).phone == "ring the bell"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("+44 1709 382121", "01709 382121"),
        ("(01709) 382 121", "01709 382121"),
        ("7700900123", "07700 900123"),
        ("+48 22 123 45 67", "+48 22 123 45 67"),
    ],
)
async def test_phone_numbers_are_written_as_they_are_dialled(
    database: Database, written: str, kept: str
) -> None:
    async with database.write() as session:
        outcome = await bring(session, csv_of([SAM | {"phone": written}]))
        assert not outcome.warnings
        assert (await carer(session, "C3")).phone == kept


async def test_a_constellation_with_more_than_ten_satellites_or_two_hubs_is_warned_of(
    database: Database,
) -> None:
    def member(number: int, role: str) -> dict[str, str]:
        refs = {"household_ref": f"S{number}", "carer_ref": f"SC{number}"}
        return SAM | refs | {"constellation": "Orion", "constellation_role": role}

    async with database.write() as session:
        await bring(session, csv_of([member(n, "satellite") for n in range(10)] + [member(20, "hub")]))
        outcome = await bring(session, csv_of([member(10, "satellite"), member(21, "hub")]))
        assert said(outcome) == [
            "row 2, constellation: Orion has 11 satellites, more than 10",
            "row 2, constellation_role: Orion has 2 hubs",
        ]


async def test_the_group_all_is_never_made(database: Database) -> None:
    async with database.write() as session:
        outcome = await bring(session, csv_of([SAM | {"groups": "All;Evening"}]))
        assert outcome.besides == ("group Evening is made",)
        assert [(note.row, note.column) for note in outcome.warnings] == [(2, "groups")]


async def test_a_social_worker_is_known_by_name_whatever_their_role(database: Database) -> None:
    async with database.write() as session:
        await bring(session, csv_of([AMAL]))
        outcome = await bring(session, csv_of([SAM | {"social_worker": "TOM  birch"}]))
        assert outcome.besides == ()
        assert len(await staff_of_service(session)) == 1


async def test_an_excel_file_with_real_dates_and_numbers_is_read_as_it_is_meant(database: Database) -> None:
    header = [
        "household_ref",
        "household_type",
        "approved_on",
        "carer_ref",
        "main_carer",
        "birth_year",
        "phone",
    ]
    row = [12, "mainstream", datetime(2019, 6, 1), 7.0, True, 1968.0, 7700900123]
    async with database.write() as session:
        outcome = await bring(session, xlsx_of([header, row]), "register.xlsx")
        assert said(outcome) == []
        seven = await carer(session, "7")
        assert (seven.birth_year, seven.main_carer, seven.phone) == (1968, True, "07700 900123")
        assert (await home(session, "12")).approved_on == date(2019, 6, 1)


async def test_a_large_register_is_one_transaction(database: Database) -> None:
    rows = [SAM | {"household_ref": f"B{n}", "carer_ref": f"BC{n}"} for n in range(1200)]
    async with database.write() as session:
        assert (await bring(session, csv_of(rows))).done
        assert (await bring(session, csv_of(rows))).tallies[1].unchanged == 1200
        later = datetime(2026, 1, 1, tzinfo=UTC)
        assert len(await audience_carers(session, "Evening", later.date())) == 1200
