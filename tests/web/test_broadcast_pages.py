"""Writing a message to many in the console, looking at it, and letting it go out."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from aiohttp import FormData
from sqlalchemy import func, select, update

from broadcasts.drafts import Wording, change_draft, start_draft
from broadcasts.launching import start_due
from storage.broadcasts import Attachment, Broadcast, BroadcastState
from storage.deliveries import Delivery, DeliveryState, Errand, Notice
from storage.engine import Database
from storage.households import Carer, Channel
from storage.staff import AuditEntry
from tests.support.cast import NOON, Cast
from tests.support.console import LONDON, Console, Visitor, served, visitor
from tests.support.delivery import POLICY
from tests.web.conftest import PIXEL, Busy
from tests.web.test_events_pages import shown_fields

pytestmark = pytest.mark.one_database

HALL: dict[str, Any] = {
    "text-en": "Hello {first_name}, the *hall* is closed on Monday.",
    "audience": "all",
    "topic": "news",
    "when": "now",
    "then": "check",
}
MINUTE = timedelta(seconds=61)


async def the_broadcast(database: Database) -> Broadcast:
    async with database.read() as session:
        return (await session.scalars(select(Broadcast))).one()


async def count(database: Database, table: type, *conditions: Any) -> int:
    async with database.read() as session:
        return (await session.scalars(select(func.count()).select_from(table).where(*conditions))).one()


async def write(one: Visitor, **changes: Any) -> str:
    """Fill in the form of a new message and send it; returns the page that follows."""
    await one.get("/broadcasts/new")
    return await one.post("/broadcasts/new", {**HALL, **changes})


async def confirm(one: Visitor, **changes: Any) -> str:
    """Press the button of the page that shows a draft."""
    path = one.path.partition("?")[0]
    return await one.post(f"{path}/confirm", {**one.hidden(f"{path}/confirm"), **changes})


async def upload(one: Visitor, path: str, filename: str, content: bytes, **changes: Any) -> str:
    """Send the form as a browser does that brings a file along."""
    data = FormData()
    for name, value in {**HALL, **one.hidden(path), **changes}.items():
        data.add_field(name, str(value))
    data.add_field("attachment", content, filename=filename, content_type="application/octet-stream")
    async with one.client.post(
        one.console.address + path, data=data, headers={"Accept": "text/html"}
    ) as answer:
        one.html, one.status, one.path = await answer.text(), answer.status, answer.url.path_qs
    return one.html


def words(html: str) -> str:
    """What a page says, without its markup."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


async def going_out(console: Console, cast: Cast, **changes: Any) -> int:
    """A message that has begun to go out and that two of the four have; its number."""
    async with visitor(console, cast.priya) as priya:
        await write(priya, **changes)
        await confirm(priya)
    broadcast = await the_broadcast(console.database)
    console.now += MINUTE
    async with console.database.write() as session:
        await start_due(session, console.now, LONDON)
        first_two = Delivery.carer_id.in_((cast.amal.id, cast.sam.id))
        sent = {"state": DeliveryState.SENT, "sent_at": console.now, "message_id": 7, "chat_id": 101}
        await session.execute(update(Delivery).where(Delivery.kind == "broadcast", first_two).values(**sent))
    return broadcast.id


async def test_what_is_written_is_shown_with_whom_it_reaches_before_anything_goes_out(
    console: Console, cast: Cast
) -> None:
    async with visitor(console, cast.priya) as priya:
        html = await write(priya)
    assert "Check before it goes out" in html
    assert "the <b>hall</b> is closed on Monday." in html
    assert "4 of 4 carers get it" in words(html)
    assert "Send 4 messages" in html
    assert "Choose what I get" in html
    broadcast = await the_broadcast(console.database)
    assert broadcast.state is BroadcastState.DRAFT
    assert broadcast.texts == {"en": HALL["text-en"]}
    assert await count(console.database, Delivery) == 0


async def test_what_is_missing_is_said_beside_its_field_and_what_was_typed_is_a_draft(
    console: Console, cast: Cast
) -> None:
    wrong = {
        "text-en": "",
        "text-ur": "سلام {name}",
        "audience": "",
        "topic": "",
        "when": "later",
        "on-day": "31",
        "on-month": "2",
        "on-year": "2026",
        "at": "7",
    }
    async with visitor(console, cast.priya) as priya:
        html = await write(priya, **wrong)
        assert priya.status == 422
        for link, text in {
            "#text-en": "Write the message in English",
            "#text-ur": "only {first_name} is replaced",
            "#audience": "Choose who gets it",
            "#topic": "Choose what it is about",
            "#on-day": "The day must be a real date",
            "#at": "The time must be a time",
        }.items():
            assert f'href="{link}"' in html
            assert html.count(text) == 2  # in the summary and beside the field
        assert "سلام {name}" in html
        assert 'value="31"' in html
        draft = await the_broadcast(console.database)
        assert draft.texts == {"ur": "سلام {name}"}
        html = await priya.post(f"/broadcasts/{draft.id}/edit", HALL)
    assert "Send 4 messages" in html
    assert await count(console.database, Broadcast) == 1


async def test_where_nothing_is_typed_no_draft_is_left_behind(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        html = await write(priya, **{"text-en": " ", "audience": "", "topic": ""})
        assert priya.status == 422
        assert "Write the message in English" in html
        assert await count(console.database, Broadcast) == 0
        assert "Send 4 messages" in await priya.post("/broadcasts/new", HALL)


async def test_a_draft_is_saved_unfinished_and_shows_what_is_missing_when_it_is_opened(
    console: Console, cast: Cast
) -> None:
    async with visitor(console, cast.priya) as priya:
        html = await write(priya, **{"text-en": "", "audience": "", "then": "draft"})
        assert "The draft is saved" in html
        assert "Without English words yet" in html
        draft = await the_broadcast(console.database)
        html = await priya.get(f"/broadcasts/{draft.id}")
        assert f'href="/broadcasts/{draft.id}/edit#text-en"' in html
        assert "/confirm" not in html


async def test_a_form_sent_twice_at_the_same_moment_makes_one_draft(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        await priya.get("/broadcasts/new")
        form = {**HALL, **priya.hidden("/broadcasts/new")}
        address = console.address + "/broadcasts/new"
        answers = await asyncio.gather(*(priya.client.post(address, data=form) for _ in range(4)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.url for answer in answers}) == 1
    assert await count(console.database, Broadcast) == 1


async def test_the_time_is_the_clock_s_on_the_wall(console: Console, cast: Cast) -> None:
    later = {"when": "later", "on-day": "14", "on-month": "June", "on-year": "2025", "at": "7.30pm"}
    async with visitor(console, cast.priya) as priya:
        html = await write(priya, **later)
        assert "Sat 14 Jun, 7:30 pm" in words(html).replace("19:30", "7:30 pm")
        broadcast = await the_broadcast(console.database)
        assert broadcast.send_at == datetime(2025, 6, 14, 18, 30, tzinfo=UTC)  # summer time
        html = await priya.get(f"/broadcasts/{broadcast.id}/edit")
        assert 'value="19:30"' in html
        html = await write(priya, **{**later, "on-year": "2024"})
    assert "That time is past" in html


async def test_a_photo_goes_along_and_shows_in_the_bubble(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        await priya.get("/broadcasts/new")
        html = await upload(priya, "/broadcasts/new", "hall.png", PIXEL)
        broadcast = await the_broadcast(console.database)
        assert f'src="/broadcasts/{broadcast.id}/file"' in html
        async with priya.client.get(f"{console.address}/broadcasts/{broadcast.id}/file") as answer:
            assert await answer.read() == PIXEL
            assert answer.content_type == "image/png"
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        await priya.get(f"/broadcasts/{broadcast.id}/edit")
        html = await upload(priya, f"/broadcasts/{broadcast.id}/edit", "", b"", remove="yes")
    assert "hall.png" not in html
    assert await count(console.database, Attachment) == 0


async def test_a_document_is_saved_and_never_shown_in_the_page(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        await priya.get("/broadcasts/new")
        await upload(priya, "/broadcasts/new", "plan.txt", b"<script>alert(1)</script>")
        broadcast = await the_broadcast(console.database)
        async with priya.client.get(f"{console.address}/broadcasts/{broadcast.id}/file") as answer:
            assert answer.content_type == "application/octet-stream"
            assert answer.headers["Content-Disposition"].startswith("attachment")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("filename", "content", "said"),
    [
        ("virus.exe", b"MZ", "This file cannot be sent"),
        ("photo.png", b"no photo", "This file cannot be sent"),
        ("empty.pdf", b"", "The file is empty"),
        ("large.pdf", b"x" * (21 * 1024 * 1024), "The file is too large"),
    ],
)
async def test_a_file_that_cannot_go_is_refused_with_a_reason_and_the_words_stay(
    console: Console, cast: Cast, filename: str, content: bytes, said: str
) -> None:
    async with visitor(console, cast.priya) as priya:
        await priya.get("/broadcasts/new")
        html = await upload(priya, "/broadcasts/new", filename, content)
    assert priya.status == 422
    assert said in html
    assert 'href="#attachment"' in html
    assert HALL["text-en"] in unescape(html)
    assert (await the_broadcast(console.database)).attachment_id is None


async def test_a_good_file_is_kept_while_something_else_is_put_right(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        await priya.get("/broadcasts/new")
        html = await upload(priya, "/broadcasts/new", "hall.png", PIXEL, audience="")
        assert "With it goes hall.png" in html
        draft = await the_broadcast(console.database)
        html = await priya.post(f"/broadcasts/{draft.id}/edit", HALL)
    assert "Send 4 messages" in html
    assert f'src="/broadcasts/{draft.id}/file"' in html


async def test_the_second_of_two_who_edit_sees_both_and_loses_nothing(
    console: Console, database: Database, cast: Cast
) -> None:
    async with visitor(console, cast.priya) as priya:
        await write(priya)
        draft = await the_broadcast(database)
        path = f"/broadcasts/{draft.id}/edit"
        await priya.get(path)
        async with database.write() as session:
            theirs = Wording({"en": "The hall is open.", "ur": "ہال کھلا ہے"}, "all")
            await change_draft(session, draft.id, theirs, draft.version, cast.dee, console.now)
        html = await priya.post(path, {**HALL, "text-en": "The hall is full."})
        assert priya.status == 422
        assert "Dee Hall changed this message after you opened it here." in html
        assert "The hall is open." in html
        assert "ہال کھلا ہے" in html
        assert "The hall is full." in html
        assert (await the_broadcast(database)).texts["en"] == "The hall is open."
        await priya.post(path, {**HALL, "text-en": "The hall is full."})
    assert (await the_broadcast(database)).texts["en"] == "The hall is full."


async def test_each_language_and_each_carer_is_looked_at(
    console: Console, database: Database, cast: Cast
) -> None:
    async with database.write() as session:
        await session.execute(update(Carer).where(Carer.id == cast.sam.id).values(language="ar"))
        await session.execute(update(Carer).where(Carer.id == cast.lin.id).values(language="pa"))
    async with visitor(console, cast.priya) as priya:
        html = await write(priya, **{"text-ar": "مرحبا {first_name}"})
        path = priya.path
        assert "1 carer reads Punjabi, and there are no Punjabi words" in words(html)
        assert "مرحبا" in await priya.get(f"{path}?language=ar")
        assert "they get it in English" in words(html)
        assert "these carers get the English ones" in await priya.get(f"{path}?language=pa")
        html = await priya.get(f"{path}?q=okaf")
        link = re.search(r'href="([^"]*carer=[^"]*)"', html)
        assert link is not None
        html = await priya.get(unescape(link[1]).partition("#")[0])
        assert "As Sam Okafor gets it, in Arabic" in html
        assert "مرحبا Sam" in re.sub("[\N{LEFT-TO-RIGHT ISOLATE}\N{POP DIRECTIONAL ISOLATE}]", "", html)
        assert "Nobody of that name" in await priya.get(f"{path}?q=zzz")


async def test_who_does_not_get_it_and_why_is_said_in_words(
    console: Console, database: Database, cast: Cast
) -> None:
    async with database.write() as session:
        await session.execute(
            update(Carer).where(Carer.id == cast.sam.id).values(chat_id=None, linked_at=None)
        )
        stopped = update(Carer).where(Carer.id == cast.lin.id).values(stopped_at=NOON)
        await session.execute(stopped)
    async with visitor(console, cast.priya) as priya:
        html = words(await write(priya))
    assert "2 of 4 carers get it" in html
    assert "1 Has not connected to the bot and gets no email" in html
    assert "1 Asked for no messages" in html
    assert "Send 2 messages" in html


async def test_once_confirmed_it_waits_a_minute_in_which_it_is_cancelled(
    console: Console, cast: Cast
) -> None:
    async with visitor(console, cast.priya) as priya:
        await write(priya)
        html = await confirm(priya)
        path = priya.path.partition("?")[0]
        assert "It goes out at" in words(html)
        assert "12:01:00" in html
        assert 'data-countdown="60"' in html
        html = await priya.post(f"{path}/cancel")
        assert "It is cancelled." in html
        assert "Nothing was sent." in html
    console.now += MINUTE
    async with console.database.write() as session:
        assert await start_due(session, console.now, LONDON) == 0


async def test_at_night_it_is_said_that_it_waits_for_the_morning(console: Console, cast: Cast) -> None:
    console.now = NOON + timedelta(hours=10)
    async with visitor(console, cast.priya) as priya:
        html = words(await write(priya))
        assert "it goes out Wed 7 May, 8:00 am" in html
        assert "4 Waits for the morning" in html
        html = words(await confirm(priya))
        assert "carers get it Wed 7 May, 8:00 am" in html


async def test_a_button_pressed_twice_sends_once(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        await write(priya)
        path = f"{priya.path}/confirm"
        form = priya.hidden(path)
        address = console.address + path
        answers = await asyncio.gather(*(priya.client.post(address, data=form) for _ in range(3)))
        assert {answer.status for answer in answers} == {200}
        again = await priya.post(path, {**form, "once": "another"})
    assert "It was confirmed already" in again
    assert await count(console.database, AuditEntry, AuditEntry.action == "broadcast.confirm") == 1


async def test_who_confirms_an_older_version_is_shown_the_newer_one_first(
    console: Console, database: Database, cast: Cast
) -> None:
    async with visitor(console, cast.priya) as priya:
        await write(priya)
        draft = await the_broadcast(database)
        async with database.write() as session:
            theirs = Wording({"en": "The hall is open."}, "all")
            await change_draft(session, draft.id, theirs, draft.version, cast.dee, console.now)
        html = await confirm(priya)
        assert priya.status == 422
        assert "Somebody changed this message after you opened the page" in html
        assert "The hall is open." in html
        assert (await the_broadcast(database)).state is BroadcastState.DRAFT
        html = await priya.post(f"/broadcasts/{draft.id}/confirm")
    assert "It goes out at" in words(html)


async def test_the_same_to_the_same_people_on_one_day_is_questioned(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        await write(priya)
        await confirm(priya)
        html = await write(priya)
        assert "says the same and went out today" in html
        html = await confirm(priya)
        assert priya.status == 422
        assert "Tick that you mean to send it again" in html
        assert 'href="#again"' in html
        path = priya.path.removesuffix("/confirm")
        html = await priya.post(f"{path}/confirm", {"again": "yes"})
    assert "It goes out at" in words(html)


async def test_a_test_goes_to_one_s_own_chat_alone(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        await write(priya)
        path = f"{priya.path}/test"
        html = await priya.post(path, priya.hidden(path))
        assert "It is on its way to you" in html
    async with console.database.read() as session:
        (delivery,) = (await session.scalars(select(Delivery))).all()
        assert (delivery.staff_id, delivery.carer_id) == (cast.priya.id, None)
    assert console.woken


async def test_a_draft_is_deleted_after_a_question(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        await write(priya)
        path = f"{priya.path}/discard"
        assert "Delete this draft?" in await priya.get(path)
        assert "The draft is deleted." in await priya.post(path)
    assert await count(console.database, Broadcast) == 0


@pytest.fixture
async def careful(database: Database, cast: Cast) -> AsyncIterator[Console]:
    """A console where a second person approves what goes to more than two."""
    async with served(database, policy=replace(POLICY, approval_above=2)) as running:
        yield running


async def test_a_large_message_waits_for_a_second_person(careful: Console, cast: Cast) -> None:
    async with visitor(careful, cast.priya) as priya, visitor(careful, cast.dee) as dee:
        html = await write(priya)
        assert "Ask for approval for 4 messages" in html
        html = await confirm(priya)
        path = priya.path.partition("?")[0]
        assert "Waits for approval" in html
        assert f"{path}/approve" not in html
        version = {"version": (await the_broadcast(careful.database)).version}
        await priya.post(f"{path}/approve", {**priya.hidden(f"{path}/send-back"), **version})
        assert "somebody else has to give it" in priya.html
        assert "for your approval" not in await priya.get("/")
        home = await dee.get("/")
        assert "1 message to carers waits for your approval" in home
        assert f'href="{path}"' in home
        html = await dee.get(path)
        assert "Priya Lane asks for your approval" in html
        assert "Approve 4 messages" in html
        html = await dee.post(f"{path}/approve")
        assert "You approved it." in html
        assert "It goes out at" in words(html)
    broadcast = await the_broadcast(careful.database)
    assert broadcast.approved_by_id == cast.dee.id


async def test_who_approves_an_older_version_is_shown_the_newer_one_first(
    careful: Console, cast: Cast
) -> None:
    async with visitor(careful, cast.priya) as priya, visitor(careful, cast.dee) as dee:
        await write(priya)
        await confirm(priya)
        path = priya.path.partition("?")[0]
        await dee.get(path)
        await priya.post(f"{path}/send-back")
        await priya.get(f"{path}/edit")
        await priya.post(f"{path}/edit", {**HALL, "text-en": "Something else altogether."})
        await confirm(priya)
        html = await dee.post(f"{path}/approve")
        assert dee.status == 422
        assert "Somebody changed this message after you opened the page" in html
        assert "Something else altogether." in html
        assert "You approved it." in await dee.post(f"{path}/approve")


async def test_a_social_worker_sees_nothing_of_it(careful: Console, cast: Cast) -> None:
    async with visitor(careful, cast.priya) as priya, visitor(careful, cast.tom) as tom:
        await write(priya)
        await confirm(priya)
        path = priya.path.partition("?")[0]
        assert "/broadcasts" not in await tom.get("/")
        for address in ("/broadcasts", path, f"{path}/live", f"{path}/report.csv", f"{path}/file"):
            await tom.get(address)
            assert tom.status == 403, address


async def test_words_changed_after_going_back_are_never_dropped(console: Console, cast: Cast) -> None:
    """A page that the browser kept is sent once more with other words: that is no double press."""
    async with visitor(console, cast.priya) as priya:
        await priya.get("/broadcasts/new")
        kept = {**HALL, **priya.hidden("/broadcasts/new")}
        address = console.address + "/broadcasts/new"
        html = ""
        for words_of_it in (HALL["text-en"], "The hall is open.", "The hall is open."):
            async with priya.client.post(address, data={**kept, "text-en": words_of_it}) as answer:
                html = await answer.text()
        assert "The hall is open." in html
    assert await count(console.database, Broadcast) == 2


async def test_what_is_sent_back_is_a_draft_again(careful: Console, cast: Cast) -> None:
    async with visitor(careful, cast.priya) as priya, visitor(careful, cast.dee) as dee:
        await write(priya)
        await confirm(priya)
        path = priya.path.partition("?")[0]
        await dee.get(path)
        html = await dee.post(f"{path}/send-back")
        assert "It is a draft again" in html
        html = await dee.post(f"{path}/approve", dee.hidden(f"{path}/confirm"))
        assert "It does not wait for approval any more." in html


async def test_what_is_scheduled_is_taken_back_to_be_changed(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        await write(priya)
        await confirm(priya)
        path = priya.path.partition("?")[0]
        html = await priya.post(f"{path}/unschedule")
        assert "It is a draft again" in html
        html = await priya.post(f"{path}/unschedule", priya.hidden(f"{path}/confirm"))
        assert "not possible any more" in html


async def test_while_it_goes_out_it_is_paused_gone_on_with_and_the_rest_cancelled(
    console: Console, cast: Cast
) -> None:
    number = await going_out(console, cast)
    path = f"/broadcasts/{number}"
    async with visitor(console, cast.priya) as priya:
        html = words(await priya.get(path))
        assert "2 of 4 sent" in html
        assert "2 Waiting" in html
        html = words(await priya.post(f"{path}/pause"))
        assert "It is paused." in html
        assert "1 message to carers paused" in words(await priya.get("/"))
        await priya.get(path)
        html = await priya.post(f"{path}/resume")
        assert "It goes on where it stopped." in html
        html = await priya.get(f"{path}/cancel")
        assert "Whoever has the message keeps it." in html
        html = words(await priya.post(f"{path}/cancel"))
        assert "It is cancelled. 2 carers do not get it." in html
        assert "2 Cancelled" in html
        html = words(await priya.post(f"{path}/pause", priya.hidden(f"{path}/pause")))
        assert "not possible any more" in html


async def test_the_list_says_where_each_message_stands(console: Console, cast: Cast, busy: Busy) -> None:
    async with console.database.write() as session:
        for number in range(31):
            await start_draft(session, Wording({"en": f"Notice {number}"}, "all"), cast.dee, console.now)
    async with visitor(console, cast.priya) as priya:
        html = words(await priya.get("/broadcasts"))
        assert "Notice 30" in html
        assert "Page 1 of 2" in html
        assert "Hello" in await priya.get("/broadcasts?page=2")
        assert "No message is in this state." in await priya.get("/broadcasts?state=sending")
        assert "Notice 3" in await priya.get("/broadcasts?state=draft")
        assert "Notice 3" in await priya.get("/broadcasts?state=nonsense")


async def test_the_report_lists_carer_by_carer_and_as_a_file_that_no_spreadsheet_runs(
    console: Console, cast: Cast
) -> None:
    async with console.database.write() as session:
        await session.execute(update(Carer).where(Carer.id == cast.lin.id).values(first_name="=1+1"))
        await session.execute(update(Carer).where(Carer.id == cast.jo.id).values(stopped_at=NOON))
    number = await going_out(console, cast)
    path = f"/broadcasts/{number}"
    async with visitor(console, cast.priya) as priya:
        html = words(await priya.get(f"{path}/people"))
        assert "Amal Reed" in html
        assert "4 carers" in html
        html = words(await priya.get(f"{path}/people?state=sent"))
        assert "Amal Reed" in html
        assert "Jo Reed" not in html
        text = await priya.get(f"{path}/report.csv")
    assert text.startswith("\ufeffCarer number,Carer,Language,How,State,Why,Sent (Europe/London)\n")
    assert "C1,Amal Reed,English,On Telegram,Sent,,2025-05-06 12:01:01" in text
    assert "'=1+1 Marsh" in text
    assert await count(console.database, AuditEntry, AuditEntry.action == "broadcast.report") == 1


async def test_a_message_is_taken_back_after_it_is_said_what_that_does(console: Console, cast: Cast) -> None:
    number = await going_out(console, cast)
    path = f"/broadcasts/{number}"
    async with visitor(console, cast.priya) as priya:
        html = words(await priya.get(f"{path}/recall"))
        assert "last 48 hours is deleted" in html
        assert "Some carers will have read it already" in html
        assert "cannot be taken back" not in html
        html = words(await priya.post(f"{path}/recall"))
        assert "2 messages are being deleted." in html
    assert await count(console.database, Delivery, Delivery.errand == Errand.DELETE) == 2
    assert await count(console.database, Delivery, Delivery.state == DeliveryState.CANCELLED) == 2


async def test_who_takes_a_message_back_is_told_before_how_many_emails_stay(
    console: Console, cast: Cast
) -> None:
    number = await going_out(console, cast)
    async with console.database.write() as session:
        sent = Delivery.state == DeliveryState.SENT
        one = (await session.scalars(select(Delivery).where(sent).limit(1))).one()
        one.channel, one.message_id = Channel.EMAIL, None
    async with visitor(console, cast.priya) as priya:
        html = words(await priya.get(f"/broadcasts/{number}/recall"))
    assert "1 carer has it by email, by letter or from a call: that cannot be taken back." in html


async def test_words_are_corrected_after_a_look_at_them(console: Console, cast: Cast) -> None:
    number = await going_out(console, cast)
    path = f"/broadcasts/{number}/correct"
    async with visitor(console, cast.priya) as priya:
        await priya.get(path)
        html = await priya.post(path, {"text-en": ""})
        assert priya.status == 422
        assert "Write the message in English" in html
        html = await priya.post(path, {"text-en": "The hall is closed on *Tuesday*."})
        assert priya.status == 200
        assert "closed on <b>Tuesday</b>" in html
        assert "Correct 2 messages" in html
        assert "Monday" in (await the_broadcast(console.database)).texts["en"]
        fields = dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', html))
        html = await priya.post(path, {**fields, "then": "again"})
        assert "closed on *Tuesday*" in html
        html = words(await priya.post(path, {**fields, "then": "send", "once": "x"}))
        assert "2 messages are being corrected." in html
        html = await priya.post(path, {**fields, "then": "send", "once": "y"})
        assert "Priya Lane corrected this message after you opened it here." in html
    assert "Tuesday" in (await the_broadcast(console.database)).texts["en"]
    assert await count(console.database, Delivery, Delivery.errand == Errand.CORRECT) == 2


async def test_what_cannot_be_done_any_more_is_said_on_a_page_of_its_own(
    console: Console, cast: Cast
) -> None:
    number = await going_out(console, cast)
    async with visitor(console, cast.priya) as priya:
        for path in ("edit", "discard"):
            html = await priya.get(f"/broadcasts/{number}/{path}")
            assert "It is going out now" in html
        assert "It is no draft any more" in await priya.post(f"/broadcasts/{number}/edit", HALL)


async def test_a_pause_by_the_engine_says_why(console: Console, cast: Cast) -> None:
    number = await going_out(console, cast)
    async with console.database.write() as session:
        values = {"paused_at": console.now, "paused_reason": "failures_in_a_row"}
        await session.execute(update(Notice).values(**values))
        await session.execute(update(Broadcast).values(state=BroadcastState.PAUSED))
    async with visitor(console, cast.priya) as priya:
        html = await priya.get(f"/broadcasts/{number}")
    assert "Hearthline stopped it by itself" in html
    assert "Go on sending" in html


async def test_there_is_nothing_at_a_number_that_is_none(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        for path in ("", "/edit", "/people", "/report.csv", "/file", "/recall", "/live"):
            await priya.get(f"/broadcasts/999{path}")
            assert priya.status == 404, path
        await priya.get("/broadcasts/99999999999/file")
        assert priya.status == 404


async def test_a_draft_sent_back_as_it_is_stays_the_same(console: Console, cast: Cast, busy: Busy) -> None:
    path = f"/broadcasts/{busy.broadcast}/edit"
    async with visitor(console, cast.priya) as priya:
        await priya.get(path)
        fields = shown_fields(priya.html)
        await priya.post(path, fields)
        assert priya.status == 200
    broadcast = await the_broadcast(console.database)
    assert broadcast.texts == {"en": "*Hello {first_name}*, the hall is closed."}
    assert broadcast.attachment_id is not None
