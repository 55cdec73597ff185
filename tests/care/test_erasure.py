"""Erasing a carer: nothing of them is left anywhere, and no statistic changes."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import LargeBinary, func, select, text

from care.erasure import (
    Erased,
    ask,
    clear_the_disk,
    erase,
    forget_late_traces,
    preview,
    refuse,
    requests,
    take_back,
)
from carers.audit import record
from carers.choices import set_topic
from carers.conversations import expect
from carers.linking import new_link
from carers.pages import Purpose, new_code
from carers.people import person_of_chat
from carers.register_file import import_register
from carers.topics import Topic
from events.leavers import any_leavers, release_leavers
from events.rsvp import Choice, set_needs
from reports.report import make_report
from reports.years import FosteringYear
from storage.attendance import Attendance, AttendanceState, Feedback
from storage.base import Base
from storage.conversations import CarerMessage, Conversation, Thread
from storage.deliveries import Delivery, DeliveryState, Notice, Reply
from storage.engine import Database, Session
from storage.events import Event
from storage.households import Carer, Group, GroupLeaver, GroupMember
from storage.inbox import StoredUpdate, UpdateState
from storage.leases import Fact
from storage.register_drafts import RegisterDraft
from storage.rsvp import CalendarCopy, Card, Invitation
from storage.staff import WebSession
from storage.surveys import Comment, Response, SealedDraft
from surveys import answering
from surveys.catalogue import standard_definitions
from surveys.keys import RoundKeys
from tests.events.acts import invitation_of, invited_event, taps
from tests.support.cast import NOON, Cast, gather
from tests.surveys.stories import LONDON, answer, everyone_differs, open_round, sent_sheets

MARK = "Quillfeather"
"""Stands in every word that is theirs: wherever it is found afterwards, something was forgotten."""
CHAT = 7_345_678_101
FULL = {"warm": 4, "with": [1, 3], "again": 1, "wish": f"Biscuits for {MARK}"}


@pytest.fixture
def keys(tmp_path: Path) -> RoundKeys:
    return RoundKeys(tmp_path / "keys")


@pytest.fixture
async def cast(database: Database, keys: RoundKeys) -> Cast:
    """Amal, with something of theirs wherever a carer's data may come to stand."""
    async with database.write() as session:
        cast = await gather(session)
        amal = cast.amal
        amal.last_name, amal.chat_id = MARK, CHAT
        amal.email, amal.phone = f"amal@{MARK}.example", f"01632 {MARK}"
        amal.unreachable_reason, amal.email_failed_reason = MARK, MARK
        amal.unreachable_since = NOON
        await _a_full_life(session, cast)
    named = await open_round(database, keys, anonymous=False)
    await answer(database, keys, named, cast.amal, FULL)
    async with database.write() as session:
        rows = await session.scalars(select(Delivery).where(Delivery.carer_id == cast.amal.id))
        for row in rows:
            row.chat_id, row.message_id = CHAT, 77
    return cast


async def _a_full_life(session: Session, cast: Cast) -> None:
    amal = cast.amal
    event = await invited_event(session, cast, title="Tea at the mill")
    await taps(session, event, amal, Choice.GOING)
    invitation = await invitation_of(session, event, amal)
    await set_needs(session, invitation.id, amal, f"{MARK} needs a ramp", NOON)
    group, left = Group(name="Baby carers"), Group(name="Choir")
    thread = Thread(carer_id=amal.id, opened_at=NOON, heard_at=NOON)
    alert = Notice(
        key="staff_alert:message:1",
        kind="staff_alert",
        params={"text": "alert_urgent_message", "carer": f"Amal {MARK}"},
        created_at=NOON,
    )
    session.add_all([group, left, thread, alert])
    await session.flush()
    who = {"event_id": event.id, "carer_id": amal.id}
    came = {"state": AttendanceState.ATTENDED, "source": "console", "recorded_at": NOON}
    message = {"carer_id": amal.id, "thread_id": thread.id, "received_at": NOON}
    useful = {"queued_at": NOON, "due_at": NOON, "send_by": NOON + timedelta(hours=1)}
    session.add_all(
        [
            GroupMember(group_id=group.id, carer_id=amal.id),
            GroupLeaver(group_id=left.id, carer_id=amal.id),
            Attendance(**who, household_id=amal.household_id, **came),
            Feedback(**who, rating=4, comment=f"{MARK} liked it", given_at=NOON),
            CarerMessage(**message, text=f"Ring {MARK}", chat_id=CHAT, message_id=5),
            CarerMessage(**message, text=f"Dear {MARK}", written_by_id=cast.priya.id),
            CalendarCopy(invitation_id=invitation.id, carer_id=amal.id, sequence=1),
            Card(invitation_id=invitation.id, carer_id=amal.id, chat_id=CHAT, message_id=6),
            Reply(chat_id=CHAT, kind="mydata", params={"name": MARK}, carer_id=amal.id, **useful),
            StoredUpdate(
                update_id=1, chat_id=CHAT, state=UpdateState.SET_ASIDE, payload=MARK, received_at=NOON
            ),
            WebSession(
                key_hash="0" * 64,
                staff_id=cast.priya.id,
                data={"forms": [["once", "/carers", f"Amal {MARK} gets letters now."]]},
                created_at=NOON,
                seen_at=NOON,
                expires_at=NOON,
            ),
            RegisterDraft(
                name=f"{MARK}.csv", content=MARK.encode(), uploaded_at=NOON, uploaded_by_id=cast.priya.id
            ),
        ]
    )
    await set_topic(session, amal, Topic.TICKETS, False, NOON)
    await expect(session, CHAT, "needs", NOON, words=MARK)
    # An answer that Priya has typed and not sent, and one to somebody else.
    await expect(session, 901, "inbox", NOON, "sure", thread=thread.id, text=f"Dear {MARK}")
    await expect(session, 903, "inbox", NOON, "sure", thread=thread.id + 1, text="Dear Sam")
    await new_link(session, amal, NOON)
    await new_code(session, amal, Purpose.HOME, 0, "k" * 32, NOON)
    await record(session, NOON, cast.priya, "carer.unlink", f"carer:{amal.ref}")


async def erase_amal(database: Database, cast: Cast, keys: RoundKeys, typed: str = " c1 ") -> Erased:
    async with database.write() as session:
        return await erase(session, cast.amal.id, typed, keys, cast.dee, NOON)


async def rows_with(database: Database, *marks: str) -> list[str]:
    """Every column of every table in which one of these stands."""
    found = []
    async with database.read() as session:
        for table in Base.metadata.sorted_tables:
            for row in (await session.execute(select(table))).mappings():
                for column, value in row.items():
                    content = value.decode(errors="ignore") if isinstance(value, bytes) else str(value)
                    if any(mark in content for mark in marks):
                        found.append(f"{table.name}.{column}")
    return found


def files_in(folder: Path) -> list[Path]:
    return [file for file in folder.iterdir() if file.name.startswith("hearthline.db")]


async def test_nothing_of_them_is_left_in_any_row_nor_in_the_file(
    database: Database, cast: Cast, keys: RoundKeys, tmp_path: Path
) -> None:
    before = await rows_with(database, MARK, str(CHAT))
    assert len(set(before)) >= 18  # or this test would prove little
    assert await erase_amal(database, cast, keys) is Erased.ERASED
    async with database.write() as session:
        goodbye = (await session.scalars(select(Reply))).one()
        assert (goodbye.kind, goodbye.chat_id, goodbye.carer_id) == ("erased", CHAT, None)
        await session.delete(goodbye)  # it has gone out
    assert await rows_with(database, MARK, str(CHAT)) == []
    if database.dialect == "sqlite":
        async with database.read() as session:
            assert (await session.execute(text("PRAGMA foreign_key_check"))).all() == []
        assert any(MARK.encode() in file.read_bytes() for file in files_in(tmp_path))
    await clear_the_disk(database, NOON)
    async with database.read() as session:
        assert await session.get(Fact, "erased_on_the_disk") is None
    if database.dialect == "sqlite":
        assert not any(MARK.encode() in file.read_bytes() for file in files_in(tmp_path))


def test_what_can_hold_their_words_is_known() -> None:
    """Whoever adds a table of binary content decides whether it may name a carer."""
    binary = {
        table.name
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    assert binary == {"attachments", "register_drafts", "sealed_drafts", "works"}


async def figures(database: Database) -> Mapping[Any, Any]:
    async with database.read() as session:
        report = await make_report(
            session,
            year=FosteringYear(2025),
            service="Fostering Rowdale",
            zone=LONDON,
            register_since=None,
            now=NOON + timedelta(days=30),
        )
        return {
            one.key: one.as_json()
            for one in report.figures
            if one.id != "reachable_share"  # whom the bot reaches is about today, and it does reach one less
        }


async def counts(database: Database) -> list[Any]:
    async with database.read() as session:
        of_events = select(Event.id, Event.taken, Event.online_taken)
        answers = select(Invitation.event_id, Invitation.state, func.count()).group_by(
            Invitation.event_id, Invitation.state
        )
        sent = (
            select(Delivery.kind, func.count()).where(Delivery.sent_at.is_not(None)).group_by(Delivery.kind)
        )
        ratings = select(Feedback.event_id, func.avg(Feedback.rating)).group_by(Feedback.event_id)
        sheets = select(Response.round_id, Response.answers)
        return [
            sorted(map(str, (await session.execute(query)).all()))
            for query in (of_events, answers, sent, ratings, sheets)
        ]


async def test_whose_name_is_part_of_anothers_takes_nothing_out_of_it(
    database: Database, cast: Cast, keys: RoundKeys
) -> None:
    async with database.write() as session:
        amal = await session.get_one(Carer, cast.amal.id)
        amal.first_name, amal.last_name = "Ann", ""
        (alert,) = await session.scalars(select(Notice).where(Notice.kind == "staff_alert"))
        alert.params = {"text": "alert", "carer": "Ann", "by": "Annabel Vale"}
    await erase_amal(database, cast, keys)
    async with database.read() as session:
        (alert,) = await session.scalars(select(Notice).where(Notice.kind == "staff_alert"))
        assert alert.params == {"text": "alert", "carer": "C1", "by": "Annabel Vale"}
        assert await session.get(Conversation, 901) is None
        assert await session.get(Conversation, 903) is not None


async def test_every_statistic_is_the_same_before_and_after(
    database: Database, cast: Cast, keys: RoundKeys
) -> None:
    before = await figures(database), await counts(database)
    await erase_amal(database, cast, keys)
    assert (await figures(database), await counts(database)) == before
    async with database.read() as session:
        amal = await session.get_one(Carer, cast.amal.id)
        assert (amal.ref, amal.birth_year, amal.main_carer) == ("C1", 1968, True)
        assert (amal.erased_at, amal.erasure_asked_at) == (NOON, None)
        [response] = (await session.scalars(select(Response))).all()
        assert response.carer_id is None
        assert (await session.scalars(select(Comment))).all() == []


async def test_their_chat_is_a_strangers_and_the_register_never_fills_the_row_again(
    database: Database, cast: Cast, keys: RoundKeys
) -> None:
    await erase_amal(database, cast, keys)
    async with database.write() as session:
        assert (await person_of_chat(session, CHAT)).is_stranger
        waiting = await session.scalars(
            select(Delivery.state).where(Delivery.carer_id == cast.amal.id, Delivery.sent_at.is_(None))
        )
        assert set(waiting) <= {DeliveryState.CANCELLED, DeliveryState.SKIPPED}
        file = (
            "household_ref,household_type,approved_on,carer_ref,main_carer,first_name,last_name,email\n"
            f"H1,mainstream,2019-06-01,C1,yes,Amal,{MARK},amal@{MARK}.example\n"
        )
        outcome = await import_register(session, "register.csv", file.encode(), NOON, date(2025, 5, 6))
        assert outcome.done
    assert await rows_with(database, MARK) == []


async def test_only_the_carers_number_typed_once_more_erases(
    database: Database, cast: Cast, keys: RoundKeys
) -> None:
    assert await erase_amal(database, cast, keys, "C2") is Erased.NOT_SURE
    assert len(await rows_with(database, MARK)) > 10
    assert await erase_amal(database, cast, keys) is Erased.ERASED
    assert await erase_amal(database, cast, keys) is Erased.ALREADY
    async with database.write() as session:
        assert await preview(session, cast.amal.id) is None
        assert await erase(session, 999, "C999", keys, cast.dee, NOON) is Erased.NOT_FOUND


async def test_what_would_go_and_stay_is_counted_before(database: Database, cast: Cast) -> None:
    async with database.read() as session:
        found = await preview(session, cast.amal.id)
    assert found is not None
    assert found.goes["messages"] == 2
    assert (found.goes["comments on events"], found.goes["needs"], found.goes["named answers"]) == (1, 1, 1)
    assert (found.stays["answers"], found.stays["attendances"]) == (1, 1)
    assert found.goodbye


async def test_a_chat_that_is_anothers_too_stays_theirs_without_a_goodbye(
    database: Database, cast: Cast, keys: RoundKeys
) -> None:
    async with database.write() as session:
        amal, jo = await session.get_one(Carer, cast.amal.id), await session.get_one(Carer, cast.jo.id)
        jo.speaks, jo.shares_chat, amal.shares_chat, jo.chat_id = False, True, True, CHAT
    await erase_amal(database, cast, keys)
    async with database.read() as session:
        jo = await session.get_one(Carer, cast.jo.id)
        assert (jo.chat_id, jo.speaks, jo.shares_chat) == (CHAT, True, False)
        assert (await session.scalars(select(Reply))).all() == []
    assert await rows_with(database, MARK) == []


async def test_an_anonymous_sheet_that_was_begun_goes_and_one_that_was_sent_stays(
    database: Database, cast: Cast, keys: RoundKeys
) -> None:
    begun = await open_round(database, keys, definition=everyone_differs(3))
    sent = await open_round(database, keys, definition=standard_definitions()["pulse"])
    await answer(database, keys, begun, cast.amal, {"pick": 2}, send=False)
    async with database.write() as session:
        for carer in (cast.amal, cast.jo):
            await answering.choose(session, begun.id, carer.id, 0, 2, keys, NOON, visit="by a letter's code")
    await answer(database, keys, sent, cast.amal, {"weeks": 2})
    await erase_amal(database, cast, keys)
    async with database.read() as session:
        rows = (await session.scalars(select(SealedDraft))).all()
        assert sorted(row.round_id for row in rows) == [begun.id, sent.id]  # Jo's visit, and what was sent
    assert await sent_sheets(database, keys, sent) == [{"weeks": 2}]


async def test_their_own_places_at_events_to_come_are_passed_on(
    database: Database, cast: Cast, keys: RoundKeys
) -> None:
    async with database.write() as session:
        assert not await any_leavers(session, NOON)
    await erase_amal(database, cast, keys)
    async with database.write() as session:
        assert await any_leavers(session, NOON)
        assert await release_leavers(session, NOON) == 1
        assert (await session.scalars(select(Event.taken))).one() == 0
        assert not await any_leavers(session, NOON)


async def test_what_was_on_its_way_meanwhile_goes_with_the_next_purge(
    database: Database, cast: Cast, keys: RoundKeys
) -> None:
    await erase_amal(database, cast, keys)
    async with database.write() as session:
        row = (await session.scalars(select(Delivery).where(Delivery.carer_id == cast.amal.id))).first()
        invitation = (await session.scalars(select(Invitation))).first()
        assert row is not None
        assert invitation is not None
        row.state, row.chat_id, row.message_id = DeliveryState.SENT, CHAT, 9
        session.add(Card(invitation_id=invitation.id, carer_id=cast.amal.id, chat_id=CHAT, message_id=9))
        await session.flush()
        assert await forget_late_traces(session, NOON) == 2
        assert await forget_late_traces(session, NOON) == 0


async def test_a_carer_asks_staff_are_told_and_it_can_be_taken_back(database: Database, cast: Cast) -> None:
    async with database.write() as session:
        amal = await session.get_one(Carer, cast.amal.id)
        assert await ask(session, amal, NOON)
        assert not await ask(session, amal, NOON)
        [request] = await requests(session)
        assert (request.ref, request.decide_by) == ("C1", NOON + timedelta(days=30))
        told = select(Delivery.staff_id).join(Notice).where(Notice.key.startswith("staff_alert:erasure"))
        assert set(await session.scalars(told)) == {cast.dee.id, cast.ash.id}
        assert await take_back(session, amal, NOON)
        assert not await take_back(session, amal, NOON)
        assert await requests(session) == []
        assert await ask(session, amal, NOON + timedelta(hours=1))
        assert await refuse(session, amal.id, cast.dee, NOON)
        assert not await refuse(session, amal.id, cast.dee, NOON)
