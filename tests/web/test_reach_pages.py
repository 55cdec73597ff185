"""Who can be told, by social worker; worklists to take away; letters with links, and links called back."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from carers.linking import Linked, Refusal, new_link, redeem
from storage.engine import Database
from storage.households import Carer, Household, OptOut
from storage.links import LinkToken
from storage.staff import AuditEntry, Role, StaffMember
from tests.support.cast import NOON, Cast
from tests.support.console import Console, visitor
from tests.web.files import rows_of

pytestmark = pytest.mark.one_database

LINK = r"https://t\.me/riverside_bot\?start=([\w-]{22})"


@pytest.fixture
async def reach(database: Database, cast: Cast) -> Cast:
    """Amal connected, Jo with a link, Sam blocked, Lin with nothing and no word about training."""
    async with database.write() as session:
        await session.execute(
            update(Carer).where(Carer.id.in_([cast.jo.id, cast.lin.id])).values(chat_id=None, linked_at=None)
        )
        jo, sam = [await session.get_one(Carer, carer.id) for carer in (cast.jo, cast.sam)]
        await new_link(session, jo, cast.jo.linked_at or sam.linked_at)  # type: ignore[arg-type]
        sam.unreachable_since, sam.unreachable_reason = sam.linked_at, "blocked"
        session.add(OptOut(carer_id=cast.lin.id, topic="training"))
    return cast


async def entries(database: Database) -> list[tuple[str, str, dict[str, object]]]:
    async with database.read() as session:
        rows = await session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [(row.action, row.subject, row.detail) for row in rows]


async def links_that_work(database: Database) -> int:
    query = select(func.count()).where(LinkToken.used_at.is_(None), LinkToken.revoked_at.is_(None))
    async with database.read() as session:
        return (await session.scalars(query)).one()


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


async def test_the_overview_counts_by_social_worker_and_leads_to_the_lists(
    console: Console, reach: Cast
) -> None:
    async with visitor(console, reach.priya) as priya:
        html = await priya.get("/reach")
        assert "1 of 4 carers is connected to the bot and takes messages." in words(html)
        assert "3 carers cannot be told anything" in words(html)
        row = re.search(r"<tr[^>]*>\s*<th[^>]*>Tom Birch</th>.*?</tr>", html, re.DOTALL)
        assert row is not None
        assert re.findall(r">\s*(\d+)\s*<", row[0]) == ["2", "1", "0", "0", "0", "1", "0"]
        jo = f"/carers?worker={reach.tom.id}&amp;contact=not_connected&link=out".replace("&amp;", "&")
        assert "Jo Reed" in await priya.get(jo)
        assert "Amal Reed" not in priya.html
        assert "link of" in priya.html
        assert "Lin Marsh" in await priya.get("/carers?worker=0&contact=not_connected&link=none")
        assert "Lin Marsh" in await priya.get("/carers?off=training")
        assert "Amal Reed" not in priya.html
        assert "Amal Reed" in await priya.get("/carers?worker=nonsense&off=nonsense&link=nonsense")


async def test_many_social_workers_come_by_the_page_and_all_in_the_file(
    console: Console, reach: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.staff.reach.PER_PAGE", 1)
    async with visitor(console, reach.priya) as priya:
        html = await priya.get("/reach")
        assert "Each table holds 1 of 2 lines" in html
        assert "Page 1 of 2" in html
        assert html.count(">Tom Birch</th>") == 3
        assert ">No social worker</th>" not in html
        last = await priya.get("/reach?page=9")
        assert last.count(">No social worker</th>") == 3
        assert ">Tom Birch</th>" not in last
        for page in (html, last):
            assert "1 of 4 carers is connected" in words(page)
        assert len(rows_of(await priya.get("/reach.csv"))) == 2
    async with visitor(console, reach.tom) as tom:
        assert "Each table holds" not in await tom.get("/reach")


async def test_a_social_worker_s_overview_is_of_their_own_households(console: Console, reach: Cast) -> None:
    async with visitor(console, reach.tom) as tom:
        html = await tom.get("/reach")
        assert "1 of 2 carers of your own households" in words(html)
        assert "No social worker" not in html
        assert "Lin Marsh" not in await tom.get("/carers?worker=0")
        assert "Jo Reed" in tom.html


async def test_two_of_one_name_are_two_in_the_file(console: Console, reach: Cast) -> None:
    async with console.database.write() as session:
        namesake = StaffMember(name="Tom Birch", role=Role.SOCIAL_WORKER, added_at=NOON, left_on=NOON.date())
        session.add(namesake)
        await session.flush()
        (await session.get_one(Household, reach.sam.household_id)).social_worker_id = namesake.id
    async with visitor(console, reach.priya) as priya:
        rows = rows_of(await priya.get("/reach.csv"))
        assert [row["Social worker"] for row in rows] == ["Tom Birch", "Tom Birch", "No social worker"]


async def test_a_service_without_carers_says_so(console: Console, cast: Cast, database: Database) -> None:
    async with database.write() as session:
        await session.execute(update(Carer).values(left_on=console.now.date() - timedelta(days=1)))
    async with visitor(console, cast.priya) as priya:
        assert "There are no carers yet." in await priya.get("/reach")


async def test_of_too_many_for_one_page_each_social_workers_list_has_a_page_of_its_own(
    console: Console, reach: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.staff.not_reached.MOST_LISTED", 1)
    async with visitor(console, reach.priya) as priya:
        html = words(await priya.get("/not-reached"))
        assert "Tom Birch 1 No social worker named 2" in html
        assert "Jo Reed" not in html
        assert "Lin Marsh" in await priya.get("/not-reached?worker=0")
        assert "Jo Reed" not in priya.html


async def test_a_worklist_is_of_one_social_worker_and_can_be_taken_away(
    console: Console, database: Database, reach: Cast
) -> None:
    async with visitor(console, reach.priya) as priya:
        html = await priya.get(f"/not-reached?worker={reach.tom.id}")
        assert "Jo Reed" in html
        assert "Lin Marsh" not in html
        assert "Nobody stands on this list." in await priya.get("/not-reached?worker=99")
        rows = (await priya.get(f"/not-reached.csv?worker={reach.tom.id}")).splitlines()
        assert [row.split(",")[:5] for row in rows[1:]] == [["Tom Birch", "H1", "C2", "Jo", "Reed"]]
        assert rows[1].endswith(",2025-05-06")
        assert len((await priya.get("/not-reached.csv")).splitlines()) == 4
    async with visitor(console, reach.tom) as tom:
        assert len((await tom.get("/not-reached.csv?worker=0")).splitlines()) == 1
        assert len((await tom.get("/not-reached.csv")).splitlines()) == 2
    taken = [entry for entry in await entries(database) if entry[0] == "data.export"]
    assert taken[0] == ("data.export", "not_reached", {"rows": 1, "file": "csv", "filters": ["worker"]})
    assert len(taken) == 4


async def test_letters_hold_a_fresh_link_each_are_shown_once_and_noted(
    console: Console, database: Database, reach: Cast
) -> None:
    async with visitor(console, reach.priya) as priya:
        assert "Make 2 letters with links?" in await priya.get("/reach/letters")
        hidden = priya.hidden("/reach/letters")
        html = await priya.post("/reach/letters", hidden)
        tokens = re.findall(LINK, html)
        assert len(set(tokens)) == html.count("<article>") == html.count("hl-qr__code") == 2
        assert html.index("Dear Lin Marsh") < html.index("Dear Jo Reed")  # who has no link yet goes first
        again = await priya.post("/reach/letters", hidden)
        assert "shown once" in again
        assert not re.search(LINK, again)
    async with database.write() as session:
        outcome = await redeem(session, tokens[0], 4001, console.now)
        assert isinstance(outcome, Linked)
        assert outcome.carer is not None
        assert outcome.carer.ref == "C4"
    noted = await entries(database)
    assert ("link.export", "", {"links": 2}) in noted
    assert not any(token in str(noted) for token in tokens)


async def test_a_social_worker_prints_for_their_own_households_alone(console: Console, reach: Cast) -> None:
    async with visitor(console, reach.tom) as tom:
        await tom.get("/reach/letters")
        html = await tom.post("/reach/letters")
        assert "Dear Jo Reed" in html
        assert "Marsh" not in html


async def test_one_carer_gets_a_letter_and_their_links_can_be_ended(
    console: Console, database: Database, reach: Cast
) -> None:
    one = f"/carers/{reach.jo.id}"
    async with visitor(console, reach.tom) as tom:
        assert "1, the latest of" in await tom.get(one)
        token = re.findall(LINK, await tom.post(f"{one}/letter"))[0]
        assert "2 links to the bot" in await tom.get(f"{one}/withdraw")
        assert "2 unused links ended." in await tom.post(f"{one}/withdraw")
        assert "End unused links" not in tom.html
        await tom.get(f"/carers/{reach.lin.id}/withdraw")
        assert tom.status == 404
        await tom.get(one)
        await tom.post(f"/carers/{reach.lin.id}/letter", {"csrf": tom.hidden(f"{one}/letter")["csrf"]})
        assert tom.status == 404
    async with database.write() as session:
        assert await redeem(session, token, 4001, console.now) is Refusal.WRONG
    assert ("link.revoke", "carer:C2", {"links": 2}) in await entries(database)


async def test_all_unused_links_end_for_own_households_or_for_all(
    console: Console, database: Database, reach: Cast
) -> None:
    async with database.write() as session:
        await new_link(session, await session.get_one(Carer, reach.lin.id), console.now)
    async with visitor(console, reach.tom) as tom:
        assert "1 carer who would connect" in await tom.get("/reach/withdraw")
        assert "1 unused link of 1 carer ended." in await tom.post("/reach/withdraw")
    assert await links_that_work(database) == 1
    async with visitor(console, reach.priya) as priya:
        await priya.get("/reach/withdraw")
        assert "1 unused link of 1 carer ended." in await priya.post("/reach/withdraw")
    assert await links_that_work(database) == 0
