"""What an import says of each cell that it changes, and whom it does not fill again."""

import asyncio
from datetime import date
from typing import Any

import pytest

from carers.file_outcome import Changed, FileOutcome
from carers.groups import GroupWords, add_carers, leave, make_group, take_out_carers
from carers.register_changes import fingerprint
from carers.register_drafts import Taken, preview, take_in, upload
from carers.register_file import import_register
from carers.register_guide import GUIDE
from carers.register_rows import COLUMNS
from storage.engine import Database, Session
from storage.held_queries import group_names_of
from storage.households import Carer, Group, Household
from storage.households_queries import carers_by_ref, group_named, households_by_ref
from storage.staff import Role, StaffMember
from tests.data_files.files import AMAL, JO, SAM, csv_of, said
from tests.support.cast import NOON

TODAY = NOON.date()


async def bring(session: Session, *rows: dict[str, str], **how: Any) -> FileOutcome:
    return await import_register(session, "r.csv", csv_of(rows), NOON, TODAY, **how)


async def carer(session: Session, ref: str) -> Carer:
    return (await carers_by_ref(session, [ref]))[ref]


async def home(session: Session, ref: str) -> Household:
    return (await households_by_ref(session, [ref]))[ref]


async def priya(session: Session) -> StaffMember:
    member = StaffMember(name="Priya Lane", role=Role.COORDINATOR, added_at=NOON)
    session.add(member)
    await session.flush()
    return member


async def test_every_cell_that_differs_is_told_before_and_after(database: Database) -> None:
    async with database.write() as session:
        await bring(session, AMAL, JO, SAM)
        new = SAM | {"household_ref": "H4", "carer_ref": "C4", "first_name": "Lin", "last_name": "Marsh"}
        outcome = await bring(
            session,
            AMAL
            | {"area": "", "social_worker": "Bo Hart", "phone": "01709 382199", "groups": "Evening;Walks"},
            JO
            | {"household_ref": "H2", "household_type": SAM["household_type"], "approved_on": "2021-01-15"}
            | dict.fromkeys(("area", "constellation", "constellation_role", "social_worker"), ""),
            new,
            dry_run=True,
        )
        assert [str(change) for change in outcome.changes] == [
            "Household H1, area: North -> empty",
            "Household H1, social_worker: Tom Birch -> Bo Hart",
            "Household H4 is new: family_and_friends, approved 2021-01-15",
            "Carer C1, phone: 01709 382121 -> 01709 382199",
            "Carer C1, groups: Baby carers;Evening -> Evening;Walks",
            "Carer C2, household_ref: H1 -> H2",
            "Carer C4 is new: Lin Marsh, household H4",
        ]
        assert outcome.besides == ("social worker Bo Hart is made", "group Walks is made")
        assert (await home(session, "H1")).area == "North"


async def test_who_is_new_in_a_file_without_names_is_called_by_ref_alone(database: Database) -> None:
    file = b"household_ref,household_type,approved_on,carer_ref\nH1,mainstream,2020-01-01,C1\n"
    async with database.write() as session:
        done = await import_register(session, "register.csv", file, NOON, TODAY)
    assert str(done.changes[1]) == "Carer C1 is new: household H1"


async def test_an_approval_that_ends_with_this_is_told_apart(database: Database) -> None:
    async with database.write() as session:
        await bring(session, SAM)
        outcome = await bring(session, SAM | {"ended_on": "2025-05-01", "end_route": "resignation"})
        kinds = {change.column: change.kind for change in outcome.changes}
        assert kinds["ended_on"] is Changed.ENDED
        assert kinds["end_route"] is Changed.CHANGED
        assert str(outcome.changes[0]) == (
            "Household H2, ended_on: empty -> 2025-05-01 (the approval has ended)"
        )


async def test_the_same_changes_have_the_same_fingerprint_and_others_another(database: Database) -> None:
    async with database.write() as session:
        await bring(session, AMAL, SAM)
        tried = fingerprint(await bring(session, SAM | {"area": "South"}, dry_run=True))
        assert fingerprint(await bring(session, SAM | {"area": "South"}, dry_run=True)) == tried
        (await home(session, "H2")).area = "East"
        assert fingerprint(await bring(session, SAM | {"area": "South"}, dry_run=True)) != tried


async def test_nobody_who_was_erased_is_filled_again_and_the_row_is_named(database: Database) -> None:
    async with database.write() as session:
        await bring(session, SAM)
        sam = await carer(session, "C3")
        sam.first_name, sam.last_name, sam.erased_at = "", "", NOON
        outcome = await bring(
            session, SAM | {"email": "sam@example.org", "groups": "Walks", "language": "ur"}
        )
        assert said(outcome) == [
            "row 2, first_name: C3 was erased: first_name, last_name, email, groups left out"
        ]
        await session.refresh(sam)
        assert (sam.first_name, sam.email, sam.language, sam.main_carer) == ("", None, "en", True)
        assert await group_named(session, "Walks") is None


async def test_who_left_a_household_stays_out_until_the_register_has_them_in_another(
    database: Database,
) -> None:
    async with database.write() as session:
        await bring(session, AMAL | {"main_carer": "no"}, JO | {"main_carer": "yes"}, SAM)
        jo = await carer(session, "C2")
        jo.left_on, jo.first_name, jo.last_name, jo.email = TODAY, "", "", None
        jo.phone, jo.main_carer = None, False
        outcome = await bring(session, AMAL | {"main_carer": "no"}, JO | {"main_carer": "yes"})
        assert (
            "row 3, first_name: C2 has left this household: first_name, last_name, email, phone left out"
            in (said(outcome))
        )
        assert (jo.first_name, jo.main_carer) == ("", False)
        assert (await carer(session, "C1")).main_carer
        moved = SAM | {"carer_ref": "C2", "main_carer": "no", "first_name": "Jo", "groups": ""}
        await bring(session, moved)
        back: tuple[str, date | None, int] = (jo.first_name, jo.left_on, jo.household_id)
        assert back == ("Jo", None, (await home(session, "H2")).id)


async def test_a_notice_does_not_outlive_the_end_that_it_named(database: Database) -> None:
    async with database.write() as session:
        await bring(session, SAM)
        sams = await home(session, "H2")
        sams.notice_on, sams.ended_on = TODAY, date(2025, 6, 3)
        same = await bring(session, SAM | {"ended_on": "2025-06-03", "end_route": "resignation"})
        assert not same.warnings
        assert sams.notice_on == TODAY
        outcome = await bring(session, SAM)
        assert said(outcome) == [
            "row 2, ended_on: differs from what the notice of 2025-05-06 says; that notice no longer counts"
        ]
        days: set[date | None] = {sams.notice_on, sams.ended_on}
        assert days == {None}


@pytest.mark.parametrize("who", ["carer", "staff"])
async def test_who_left_a_group_is_not_put_back_by_the_register(database: Database, who: str) -> None:
    async with database.write() as session:
        await bring(session, AMAL)
        staff, amal = await priya(session), await carer(session, "C1")
        group = await group_named(session, "Evening")
        assert group is not None
        if who == "carer":
            await leave(session, amal, group.id, NOON)
        else:
            await take_out_carers(session, group.id, [amal.id], staff, NOON, TODAY)
        outcome = await bring(session, AMAL)
        assert said(outcome) == [
            "row 2, groups: C1 left Evening, or was taken out of it, and is not put back"
        ]
        assert list(await group_names_of(session, amal.id)) == ["Baby carers"]
        await add_carers(session, group.id, [amal.id], staff, NOON, TODAY)
        assert not (await bring(session, AMAL | {"groups": ""})).warnings
        assert list(await group_names_of(session, amal.id)) == ["Evening"], "staff put them there"


@pytest.mark.parametrize("name", ["all", "Constellation", "saved:Evening people", "constellation:Oak"])
async def test_a_group_is_not_called_as_another_kind_of_audience_is(database: Database, name: str) -> None:
    async with database.write() as session:
        outcome = await bring(session, SAM | {"groups": name})
        assert [(note.row, note.column) for note in outcome.warnings] == [(2, "groups")]
        made = await make_group(session, GroupWords(name), await priya(session), NOON, TODAY)
        assert not isinstance(made, Group)


def test_every_column_is_explained() -> None:
    assert tuple(GUIDE) == COLUMNS


async def test_what_is_spelt_wrong_is_told_with_what_would_be_right(database: Database) -> None:
    columns = ["household_ref", "household_type", "approved_on", "carer_ref", "first name", "e mail", "phon"]
    wrong = SAM | {"approved_on": "15/01/2021", "phon": "x"}
    async with database.write() as session:
        outcome = await import_register(session, "r.csv", csv_of([wrong], columns), NOON, TODAY)
        assert said(outcome) == [
            "row 2, approved_on: '15/01/2021' must be 2021-01-15",
            "row 1, e mail: this column is not known and was left out; did you mean email?",
            "row 1, phon: this column is not known and was left out; did you mean phone?",
        ]


async def test_of_two_who_take_a_file_in_at_once_one_does(database: Database) -> None:
    async with database.write() as session:
        await bring(session, SAM)
        staff = await priya(session)
        south = csv_of([SAM | {"area": "South"}])
        shown = await upload(session, "r.csv", south, staff, NOON, TODAY)
    assert shown.draft_id is not None

    async def takes() -> Taken:
        async with database.write() as session:
            assert shown.draft_id is not None
            return (await take_in(session, shown.draft_id, shown.mark, staff, NOON, TODAY)).result

    assert sorted(await asyncio.gather(takes(), takes())) == [Taken.GONE, Taken.TAKEN]
    async with database.read() as session:
        assert (await home(session, "H2")).area == "South"


async def test_what_was_shown_does_not_cover_what_came_after_it(database: Database) -> None:
    async with database.write() as session:
        await bring(session, SAM)
        staff = await priya(session)
        shown = await upload(session, "r.csv", csv_of([SAM | {"area": "South"}]), staff, NOON, TODAY)
        assert shown.draft_id is not None
        (await home(session, "H2")).area = "East"
        again = await preview(session, shown.draft_id, NOON, TODAY)
        assert again is not None
        assert (again.stale, again.mark != shown.mark) == (True, True)
        assert [str(one) for one in again.outcome.changes] == ["Household H2, area: East -> South"]
        assert (
            await take_in(session, shown.draft_id, shown.mark, staff, NOON, TODAY)
        ).result is Taken.DIFFERS
