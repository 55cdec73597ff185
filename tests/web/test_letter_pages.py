"""Letters: the post room, the sheets that go into window envelopes, and the ways in which carers are told."""

import os
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.async_api import Browser, Page
from sqlalchemy import select

from broadcasts.drafts import Wording, start_draft
from broadcasts.launching import confirm, start_due
from carers.channels import Channel, choose_channel
from carers.pages import Opened, Purpose, open_code
from events.invitations import send_invitations_now
from events.planning import EventPlan, plan_event
from storage.deliveries import Delivery
from storage.engine import Database, open_database
from storage.households import Carer, Language
from storage.staff import AuditEntry
from storage.ways import note_mail
from tests.support.cast import NOON, Cast, gather
from tests.support.console import LONDON, SECRET_KEY, Console, Visitor, served, sign_in, visitor
from tests.support.delivery import POLICY
from tests.web.conftest import Busy, fill
from tests.web.test_accessible import judge

pytestmark = pytest.mark.one_database

CODE = re.compile(r"[2-9A-HJ-NP-TV-Z]{5}-[2-9A-HJ-NP-TV-Z]{5}")


@dataclass(frozen=True)
class Office:
    """A busy day on which the Reeds get letters, Jo in Urdu, and Lin is reached by no way at all."""

    console: Console
    cast: Cast
    busy: Busy
    wreaths: int


async def furnish(database: Database, cast: Cast, folder: Path) -> tuple[Busy, int]:
    """A busy day, and wreath making three weeks from now, to which nobody has answered."""
    busy = await fill(database, cast, folder)
    async with database.write() as session:
        starts = NOON + timedelta(days=21)
        wreaths = await plan_event(
            session,
            EventPlan(
                title="Wreath making",
                kind="wellbeing",
                starts_at=starts,
                ends_at=starts + timedelta(hours=2),
                venue="The Old Mill, Riverside",
                description="Everything is provided. Bring an apron & good spirits.",
                draft=True,
            ),
            cast.priya,
            NOON,
        )
        await send_invitations_now(session, wreaths.id, cast.priya, NOON, LONDON)
        jo, lin = [await session.get_one(Carer, one.id) for one in (cast.jo, cast.lin)]
        jo.language, jo.language_chosen = Language.URDU, True
        lin.phone = "01632 960444"
        for carer in (cast.amal, cast.jo):
            await choose_channel(session, carer.id, Channel.LETTER, cast.priya, NOON)
    return busy, wreaths.id


@pytest.fixture
async def office(database: Database, cast: Cast, tmp_path: Path) -> AsyncIterator[Office]:
    busy, wreaths = await furnish(database, cast, tmp_path)
    async with served(database) as console:
        yield Office(console, cast, busy, wreaths)


@pytest.fixture
async def seen_office(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    database = open_database(sqlite_url)
    async with database.write() as session:
        cast = await gather(session)
    busy, wreaths = await furnish(database, cast, tmp_path)
    async with served(database, mail_on=True) as console:
        yield Office(console, cast, busy, wreaths)
    await database.close()


async def print_all(one: Visitor, about: str = "") -> str:
    await one.get("/letters")
    return await one.post("/letters/print", {"about": about, "again": ""})


def deliveries_in(html: str) -> list[str]:
    return re.findall(r'name="delivery" value="(\d+)"', html)


async def test_letters_are_printed_with_a_code_that_opens_their_invitation(office: Office) -> None:
    cast = office.cast
    async with visitor(office.console, cast.priya) as priya:
        html = await print_all(priya, f"event-{office.wreaths}")
        assert priya.status == 200
        sheets = re.findall(r"<article.*?</article>", html, re.DOTALL)
        assert len(sheets) == 2
        opened = []
        for sheet in sheets:
            (code,) = set(CODE.findall(sheet))
            async with office.console.database.read() as session:
                opened.append(await open_code(session, code, SECRET_KEY, NOON, LONDON))
    assert [(one.carer.id, one.purpose) for one in opened if isinstance(one, Opened)] == [
        (cast.amal.id, Purpose.INVITATION),
        (cast.jo.id, Purpose.INVITATION),
    ]
    assert 'lang="en-GB" dir="ltr"' in sheets[0]
    assert 'lang="ur" dir="rtl"' in sheets[1]
    for sheet in sheets:
        assert "Wreath making" in sheet
        assert "H1" in sheet
        assert "01632 960000" in sheet
        assert "999" in sheet
        assert "apron &amp; good spirits" in sheet
        assert "<script" not in sheet
        assert "href" not in sheet, "nobody follows a link on paper"


async def test_who_takes_back_what_they_posted_takes_back_no_letter_of_a_colleague(office: Office) -> None:
    async with visitor(office.console, office.cast.priya) as priya:
        await print_all(priya)
        async with visitor(office.console, office.cast.dee) as dee:
            ids = deliveries_in(await dee.get("/letters"))
            await priya.get("/letters")
            await dee.post("/letters/posted", {"delivery": ids[:1]})
        html = await priya.post("/letters/posted", {"delivery": ids})
        assert "3 letters are marked as posted. 1 other" in html
        assert "3 letters wait to be posted again." in await priya.undo()


async def test_letters_are_posted_once_however_often_the_button_is_pressed(office: Office) -> None:
    async with visitor(office.console, office.cast.priya) as priya:
        html = await print_all(priya)
        ids, hidden = deliveries_in(html), priya.hidden("/letters/posted")
        del hidden["delivery"]
        assert len(ids) == 4  # two about the wreaths, two about the survey
        html = await priya.get("/letters")
        assert "Printed, not posted yet" in html
        assert sorted(deliveries_in(html)) == sorted(ids)
        fields = {**hidden, "delivery": ids}
        assert "4 letters are marked as posted." in await priya.post("/letters/posted", fields)
        assert "4 letters are marked as posted." in await priya.post("/letters/posted", fields)
        assert "it had been done" in await priya.post("/letters/posted", {**fields, "once": "another"})
        assert "No letter waits to be printed." in priya.html
        await priya.post(
            "/letters/posted", {**fields, "once": "odd", "delivery": ["x", "-1", "9" * 30, "9" * 5000, ""]}
        )
        assert priya.status == 200
    async with office.console.database.read() as session:
        rows = (await session.scalars(select(Delivery).where(Delivery.id.in_(map(int, ids))))).all()
        log = (
            await session.scalars(
                select(AuditEntry.action)
                .where(AuditEntry.action.startswith("letters"))
                .order_by(AuditEntry.id)
            )
        ).all()
    assert {(row.state, row.channel, row.sent_at) for row in rows} == {("sent", "letter", NOON)}
    assert log == ["letters.print", "letters.post"]


async def test_the_same_pile_printed_twice_by_a_double_press_is_shown_once(office: Office) -> None:
    async with visitor(office.console, office.cast.priya) as priya:
        await priya.get("/letters")
        fields = {**priya.hidden("/letters/print"), "about": "", "again": ""}
        assert "<article" in await priya.post("/letters/print", fields)
        priya.html = ""
        html = await priya.post("/letters/print", fields)
        assert "These letters were made a moment ago." in html
        again = await priya.post("/letters/print", {"about": f"event-{office.wreaths}", "again": "yes"})
        assert again.count("<article") == 2
        assert "nothing left to print" in await priya.post("/letters/print", {"about": "", "again": ""})
        assert "nothing left to print" in await priya.post(
            "/letters/print", {"about": "event-x", "again": "", "once": "z"}
        )


async def test_a_social_worker_prints_and_posts_for_their_own_households_alone(office: Office) -> None:
    cast = office.cast
    async with office.console.database.write() as session:
        await choose_channel(session, cast.sam.id, Channel.LETTER, cast.priya, NOON)
        sams = (await session.scalars(select(Delivery.id).where(Delivery.carer_id == cast.sam.id))).all()
    async with visitor(office.console, cast.tom) as tom:
        html = await tom.get("/letters")
        assert "Amal Reed" in html
        assert "Okafor" not in html
        assert "Okafor" not in await print_all(tom)
        await tom.post("/letters/posted", {"delivery": sams, "once": "a"})
        assert "it had been done" in tom.html
        for number in sams:
            await tom.post(f"/letters/{number}/told", {"once": f"b{number}"})
        for deed in ("way", "email", "page", "end-links"):
            await tom.post(f"/carers/{cast.sam.id}/{deed}", {"way": "app", "once": deed})
            assert tom.status == 404, deed
    async with office.console.database.read() as session:
        rows = (await session.scalars(select(Delivery).where(Delivery.carer_id == cast.sam.id))).all()
    assert not [row for row in rows if row.state == "sent"]


async def test_who_has_to_be_rung_is_listed_with_what_to_say_and_how_to_answer(office: Office) -> None:
    async with visitor(office.console, office.cast.tom) as tom:
        html = await tom.get("/letters")
        ring = html.partition('id="ring"')[2]
        assert "Evening group" in ring
        assert "Answer for them" in ring
        path = re.findall(r'action="(/letters/\d+/told)"', ring)[0]
        assert "Noted that they were told." in await tom.post(path)
        assert f'"{path}"' not in tom.html
        assert "seen to already" in await tom.post(path, {"once": "again"})


async def test_the_event_says_that_letters_wait(office: Office) -> None:
    async with visitor(office.console, office.cast.priya) as priya:
        html = await priya.get(f"/events/{office.wreaths}")
        assert "2 letters to print" in html
        assert "Wreath making" in await priya.get(f"/letters?about=event-{office.wreaths}")
        assert "Evening group" not in priya.html
        assert "4 letters to print and post" in await priya.get("/")
        assert "2 by letters to print" in await priya.get(f"/events/{office.busy.draft}/invite")


async def test_letters_begin_for_all_who_are_not_reached(office: Office) -> None:
    cast = office.cast
    async with office.console.database.write() as session:
        sam = await session.get_one(Carer, cast.sam.id)
        sam.stopped_at = NOON
    async with visitor(office.console, cast.priya) as priya:
        html = await priya.get("/not-reached")
        assert "Lin Marsh" in html
        assert "Amal Reed" not in html
        assert "1 carer from now on?" in await priya.get("/not-reached/letters")
        assert "1 carer gets letters from now on." in await priya.post("/not-reached/letters")
        assert "Lin Marsh" in priya.html  # what she was not told waits as a letter
        assert "Lin Marsh" not in await priya.get("/not-reached")
        assert "Nothing was changed" in await priya.post("/not-reached/letters", {"once": "b"})


async def test_the_way_of_a_carer_is_shown_with_its_reason_and_changed(office: Office) -> None:
    cast, database = office.cast, office.console.database
    async with visitor(office.console, cast.priya) as priya:
        lin = f"/carers/{cast.lin.id}"
        assert "Not at all" in await priya.get(lin)
        assert "this service sends no email" in priya.html
        assert 'value="email"' not in priya.html
        assert "choose a way first" in await priya.post(f"{lin}/way", {"way": "pigeon"})
        async with database.write() as session:
            await note_mail(session, True, NOON)
            (await session.get_one(Carer, cast.lin.id)).email = "lin@example.org"
        assert "By email." in await priya.get(lin)
        assert "Lin Marsh: letters from now on." in await priya.post(f"{lin}/way", {"way": "letter"})
        assert "It was chosen for them." in priya.html
        async with database.write() as session:
            row = await session.get_one(Carer, cast.lin.id)
            row.channel, row.email_failed_at, row.email_failed_reason = None, NOON, "no_such_address"
        assert "Email failed" in await priya.get(lin)
        assert "There is no such email address" in priya.html
        await priya.post(f"{lin}/way", {"way": "email", "once": "x"})
        assert "no email address that takes mail" in priya.html
        assert "tries the address again" in await priya.post(f"{lin}/email", {"once": "y"})
        assert "Lin Marsh" in await priya.get("/carers?way=email")
        assert "Lin Marsh" not in await priya.get("/carers?way=none")


async def test_a_page_link_is_shown_once_and_all_links_can_be_ended(office: Office) -> None:
    path, database = f"/carers/{office.cast.lin.id}", office.console.database
    async with visitor(office.console, office.cast.priya) as priya:
        await priya.get(path)
        hidden = priya.hidden(f"{path}/page")
        html = await priya.post(f"{path}/page", hidden)
        (code,) = set(CODE.findall(html))
        assert f"{office.console.address}/c/" in html
        assert "<svg" in html
        assert "shown once" in await priya.post(f"{path}/page", hidden)
        assert not CODE.findall(priya.html)
        async with database.read() as session:
            assert isinstance(await open_code(session, code, SECRET_KEY, NOON, LONDON), Opened)
        assert "End the links of Lin Marsh?" in await priya.get(f"{path}/end-links")
        assert "have ended" in await priya.post(f"{path}/end-links")
        async with database.read() as session:
            assert not isinstance(await open_code(session, code, SECRET_KEY, NOON, LONDON), Opened)


async def test_a_message_to_many_says_how_many_get_it_by_which_way(office: Office) -> None:
    cast = office.cast
    async with office.console.database.write() as session:
        await note_mail(session, True, NOON)
        (await session.get_one(Carer, cast.lin.id)).email = "lin@example.org"
        note = await start_draft(session, Wording({"en": "The hall is closed."}, "all"), cast.priya, NOON)
    async with visitor(office.console, cast.priya) as priya:
        html = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", await priya.get(f"/broadcasts/{note.id}")))
    assert "4 of 4 carers get it" in html
    assert "2 By letter 1 On Telegram 1 By email" in html
    assert "Finished by email About" in html
    assert "they wait under Letters" in html
    assert "Send 4 messages" in html


@pytest.mark.browser
async def test_the_sheets_fold_into_a_window_envelope_and_a_phone_reads_them(
    seen_office: Office, page: Page
) -> None:
    console, cast = seen_office.console, seen_office.cast
    await sign_in(page, console, cast.priya)
    await page.goto(f"{console.address}/letters")
    await page.get_by_role("button", name="Print Wreath making").click()
    await page.locator("article").first.wait_for()
    await page.emulate_media(media="print")
    await page.set_viewport_size({"width": 794, "height": 1123})  # A4 at 96 dots an inch
    sheets = await page.locator("article").all()
    assert len(sheets) == 2
    for sheet in sheets:
        top, left = await in_mm(sheet, "top", "left")
        to = sheet.locator(".letter__to")
        first, start, end, last = await in_mm(to, "top", "left", "right", "bottom")
        # With the 12 mm of the page's own edge: what is seen wherever the sheet lies in its envelope.
        assert 56.9 <= first - top + 12 <= last - top + 12 <= 81.1
        assert 19.9 <= start - left <= end - left <= 100.1
        for other in ("> p", ".letter__words", ".letter__way"):
            (begins,) = await in_mm(sheet.locator(other).first, "top")
            assert begins - top + 12 >= 99, "nothing else shows in the window"
        (ends,) = await in_mm(sheet.locator(".letter__from"), "bottom")
        assert ends - top + 12 <= 46
        width, height = await sheet.locator(".letter__qr svg").evaluate(
            "one => [one.getBoundingClientRect().width, one.getBoundingClientRect().height]"
        )
        assert width * 25.4 / 96 >= 40
        assert width == height
        picture = Image.open(BytesIO(await sheet.screenshot()))
        (square,) = zxingcpp.read_barcodes(picture)
        code = await sheet.locator(".letter__code").inner_text()
        assert square.text == console.pages.code_link(code)
    pdf = await page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) == 2
    keep("letters.pdf", pdf)


@pytest.mark.browser
async def test_a_long_message_goes_on_overleaf_with_its_links_written_out(
    seen_office: Office, page: Page
) -> None:
    console, cast = seen_office.console, seen_office.cast
    paragraph = (
        "*The trip* is on Saturday, and the coach leaves at nine. [Read on](https://example.org/trip)\n\n"
    )
    wording = Wording({"en": "Hello {first_name},\n\n" + paragraph * 14}, "all")
    async with console.database.write() as session:
        note = await start_draft(session, wording, cast.priya, NOON)
        await confirm(session, note.id, note.version, cast.priya, POLICY, LONDON, NOON)
        console.now = NOON + timedelta(minutes=2)
        assert await start_due(session, console.now, LONDON) == 1
    await sign_in(page, console, cast.priya)
    await page.goto(f"{console.address}/broadcasts/{note.id}")
    await page.get_by_role("link", name="2 letters to print and post").click()
    await page.get_by_role("button", name="Print The trip").click()
    first = page.locator("article").first
    await first.wait_for()
    words = await first.inner_text()
    assert "Hello Amal," in words
    assert "Read on (https://example.org/trip)" in words
    pdf = await page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) == 4, "two letters of two pages each"
    keep("long.pdf", pdf)
    await page.get_by_role("button", name="I have posted these").click()
    await page.get_by_text("2 letters are marked as posted.").wait_for()
    await page.goto(f"{console.address}/broadcasts/{note.id}/people?state=sent")
    assert await page.get_by_role("cell", name="By letter").count() == 2


async def in_mm(where: object, *edges: str) -> list[float]:
    box = await where.evaluate("one => { const b = one.getBoundingClientRect(); return {...b.toJSON()}; }")  # type: ignore[attr-defined]
    return [box[edge] * 25.4 / 96 for edge in edges]


def keep(name: str, content: bytes) -> None:
    """What the pages look like, for whoever wants to look: see ``make screenshots``."""
    folder = os.environ.get("HEARTHLINE_SCREENSHOTS")
    if folder:
        (Path(folder) / name).write_bytes(content)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("width", "scheme", "rules"),
    [
        pytest.param(1280, "light", None, id="wide"),
        pytest.param(320, "dark", ["color-contrast"], id="narrow"),
    ],
)
async def test_the_pages_of_the_post_are_for_everybody(
    seen_office: Office, browser: Browser, width: int, scheme: str, rules: list[str] | None
) -> None:
    console, cast = seen_office.console, seen_office.cast
    async with console.database.write() as session:
        await note_mail(session, True, NOON)
        sam = await session.get_one(Carer, cast.sam.id)
        sam.chat_id, sam.phone = None, "01632 960555"
        sam.email, sam.email_failed_at, sam.email_failed_reason = "sam@example.org", NOON, "no_such_address"
        wording = Wording({"en": "Hello {first_name}, the hall is closed on Friday."}, "all")
        note = await start_draft(session, wording, cast.priya, NOON)
        await choose_channel(session, cast.lin.id, Channel.LETTER, cast.priya, NOON)
    context = await browser.new_context(
        locale="en-GB",
        viewport={"width": width, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]  # one of the literals
    )
    page = await context.new_page()
    await sign_in(page, console, cast.priya)
    wrong = []
    pages = {
        "letters": "/letters",
        "way": f"/carers/{cast.sam.id}",
        "not-reached": "/not-reached",
        "check": f"/broadcasts/{note.id}",
    }
    for name, path in pages.items():
        await page.goto(console.address + path)
        await page.locator("main").wait_for()
        wrong += await judge(page, path, rules)
        keep(f"{name}-{width}.png", await page.screenshot(full_page=True))
    await page.goto(f"{console.address}/carers/{cast.sam.id}")
    await page.get_by_role("button", name="Show a link to their page").click()
    await page.get_by_role("heading", name="The page of Sam Okafor").wait_for()
    wrong += await judge(page, "own page", rules)
    keep(f"own-page-{width}.png", await page.screenshot(full_page=True))
    await page.goto(f"{console.address}/letters")
    await page.get_by_role("button", name=re.compile("Print all|Print Wreath making")).last.click()
    await page.locator("article").first.wait_for()
    wrong += await judge(page, "sheets", rules)
    keep(f"sheets-{width}.png", await page.screenshot(full_page=True))
    assert wrong == []
    await context.close()
