"""What staff write under the figures of a report: numbers questioned, colleagues' words kept, undone."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from storage.engine import Database
from storage.staff import AuditEntry
from tests.support.cast import Cast
from tests.support.console import Console, Visitor, visitor
from tests.web.test_report_pages import add_leavers, fetch
from tests.web.test_work_pages import work

pytestmark = pytest.mark.one_database

HERE = "/reports/comments/leaving?year=2024%2F25"
REPORT = "/reports?year=2024/25"
CALM = "We rang every household that thought of leaving."
SHOWN = '<p class="hl-words">{}</p>'


@pytest.fixture
async def left(database: Database, cast: Cast) -> None:
    """Two households left in 2024/25 and one in 2023/24, of the six that there were."""
    async with database.write() as session:
        add_leavers(session)


async def write(one: Visitor, text: str, **fields: object) -> str:
    """Open the page and send these words."""
    await one.get(HERE)
    return await one.post(HERE, {"text": text, **fields})


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", "", html))


async def test_what_the_service_says_stands_on_the_page_and_in_every_document(
    console: Console, cast: Cast, left: None
) -> None:
    async with visitor(console, cast.dee) as dee:
        assert 'href="/reports/comments/leaving?year=2024/25"' in await dee.get(REPORT)
        assert await write(dee, CALM)
        assert dee.path.startswith("/reports?year=2024/25")
        assert "It stands under “Households that left” now." in dee.html
        assert SHOWN.format(CALM) in dee.html
        assert "Dee Hall, Tue 6 May" in dee.html
        document, _, _ = await fetch(dee, "/reports/report.html?year=2024/25&version=public")
        assert CALM.encode() in document
        assert CALM not in await dee.get("/reports?year=2023/24")


async def test_a_number_that_the_data_do_not_say_is_questioned_and_kept_when_its_writer_says_so(
    console: Console, cast: Cast, left: None
) -> None:
    text = "In all 27 households left in 2024/25, and we know why."
    async with visitor(console, cast.dee) as dee:
        html = await write(dee, text)
        assert dee.status == 422
        said = "You wrote 27. The data say: 2 households left in 2024/25."
        assert f'<a href="#keep">{said}' in html
        assert f"{text}</textarea>" in html
        assert "Keep “27” as I wrote it" in html
        assert "because it does not show “27”" in html
        await dee.post(HERE, {"text": text, "keep": "27"})
        assert "The public version leaves it out." in dee.html
        assert "Typed by hand, and not what the data say: 27." in dee.html
        html = await dee.get("/reports?year=2024/25&version=public")
        assert "27 households" not in html
        assert "What the service says here is not in the public version" in html
        html = await dee.get(HERE)
        assert re.search(r'name="keep" type="checkbox" value="27" checked', html)
        assert "It stands as it was" in await dee.post(HERE, {"text": text, "keep": "27"})


async def test_a_number_that_is_put_right_is_questioned_no_more(
    console: Console, cast: Cast, left: None
) -> None:
    async with visitor(console, cast.dee) as dee:
        await write(dee, "27 households left in 2024/25.")
        html = await dee.post(HERE, {"text": "Two households left in 2024/25."})
        assert dee.status == 422, "the public version does not show how many"
        assert "Keep “" not in html
        assert "because it does not show “Two”" in html
        assert "Nothing is saved yet" in html
        await dee.post(HERE, {"text": "Two households left in 2024/25."})
        assert "The public version leaves it out." in dee.html


async def test_words_copied_out_of_word_can_be_taken_away_as_a_word_document(
    console: Console, cast: Cast, left: None
) -> None:
    async with visitor(console, cast.dee) as dee:
        await write(dee, "We rang\x0ball\x01 of you\x1f.")
        assert "We rang\nall of you." in dee.html
        _, _, status = await fetch(dee, "/reports/report.docx?year=2024/25&version=internal")
    assert status == 200


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (" \u200b ", "Enter what the service says"),
        ("a" * 2001, "Use 2,000 characters or fewer"),
        ("27 left. " * 20_000, "Use 2,000 characters or fewer"),
    ],
)
async def test_wrong_words_are_kept_beside_what_is_wrong(
    console: Console, cast: Cast, left: None, text: str, says: str
) -> None:
    async with visitor(console, cast.dee) as dee:
        html = await write(dee, text)
        assert dee.status == 422
        assert f'<a href="#text">{says}' in html
        assert text.strip(" \u200b") in html


async def test_words_that_are_taken_away_or_changed_are_brought_back_by_undo(
    console: Console, cast: Cast, database: Database, left: None
) -> None:
    async with visitor(console, cast.dee) as dee:
        await write(dee, CALM)
        await dee.undo()
        assert SHOWN.format(CALM) not in dee.html
        await write(dee, CALM)
        console.now += timedelta(minutes=1)
        await write(dee, "Something else.")
        await dee.undo()
        assert SHOWN.format(CALM) in dee.html
        await dee.get(HERE)
        await dee.post(HERE, {"then": "take-away"})
        assert "The words under “Households that left” are taken away." in dee.html
        await dee.undo()
        assert SHOWN.format(CALM) in dee.html
    async with database.read() as session:
        noted = list(await session.scalars(select(AuditEntry).where(AuditEntry.action.like("report.%"))))
    assert [one.action for one in noted].count("report.uncomment") == 2
    assert {one.subject for one in noted} == {"report:2024/25"}
    assert not any("rang" in str(one.detail) for one in noted)


async def test_a_colleagues_words_are_shown_before_they_are_replaced(
    console: Console, cast: Cast, left: None
) -> None:
    async with visitor(console, cast.dee) as dee, visitor(console, cast.priya) as priya:
        await dee.get(HERE)
        await write(priya, CALM)
        html = await dee.post(HERE, {"text": "Mine."})
        assert dee.status == 422
        assert f"It stands now as: “{CALM}”" in html
        assert "Mine.</textarea>" in html
        await dee.post(HERE, {"text": "Mine."})
        assert SHOWN.format("Mine.") in dee.html


async def test_who_may_look_alone_is_offered_no_words_to_write(
    console: Console, cast: Cast, left: None
) -> None:
    async with visitor(console, cast.ash) as ash:
        assert "/reports/comments/" not in await ash.get(REPORT)
        await ash.get(HERE)
        assert ash.status == 403


async def test_there_is_no_such_section_and_no_such_year(console: Console, cast: Cast, left: None) -> None:
    async with visitor(console, cast.dee) as dee:
        for path in ("/reports/comments/palace", "/reports/comments/leaving?year=2010/11"):
            await dee.get(path)
            assert dee.status == 404, path


async def test_of_a_large_register_words_are_written_once_it_is_counted(
    console: Console, cast: Cast, left: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reports.kept.LARGE", 0)
    async with visitor(console, cast.priya) as priya:
        html = await priya.get(HERE)
        assert priya.path.startswith("/reports?year=2024/25")
        assert "The figures of 2024/25 have not been counted yet" in html
        await priya.post("/reports/count", {"year": "2024/25", "version": "internal"})
        page = priya.path
        assert "Count the figures of 2024/25" in priya.html
        await work(console)
        assert 'id="go-on" href="/reports?year=2024%2F25&amp;version=internal"' in await priya.get(page)
        html = await priya.get(REPORT)
        assert "The figures are as they stood on Tue 6 May, 12:00" in words(html)
        assert "Count again" in html
        await write(priya, CALM)
        assert CALM in priya.html
