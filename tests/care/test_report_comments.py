"""What staff say about the figures of a report: kept once, by whoever saw what they changed."""

import pytest

from care.report_comments import Place, Written, service_comments, write_comment
from carers.people import StaffMember
from storage.audit_queries import AuditSearch, audit_entries
from storage.engine import Database, Session
from tests.support.cast import NOON, Cast, gather

WORDS = "25 households left. We ask each of them why."


@pytest.fixture
async def cast(database: Database) -> Cast:
    async with database.write() as session:
        return await gather(session)


async def write(database: Database, text: str, by: StaffMember, seen: str = "", kept: str = "") -> Written:
    async with database.write() as session:
        place = Place(2022, "leaving", seen)
        return await write_comment(session, place, text, kept.split(), by, NOON)


async def mark_of(session: Session) -> str:
    return (await service_comments(session, 2022))["leaving"].mark


async def test_a_comment_is_written_changed_and_taken_away(database: Database, cast: Cast) -> None:
    assert await write(database, f" {WORDS} ", cast.dee) is Written.DONE
    async with database.read() as session:
        kept = await service_comments(session, 2022)
        assert (kept["leaving"].text, kept["leaving"].written_by) == (WORDS, cast.dee.name)
        assert await service_comments(session, 2021) == {}
        seen = await mark_of(session)
    assert await write(database, WORDS, cast.dee, seen) is Written.SAME
    assert await write(database, "27 left.", cast.priya, seen, kept="27") is Written.DONE
    async with database.read() as session:
        assert (await service_comments(session, 2022))["leaving"].kept_numbers == ["27"]
        seen = await mark_of(session)
    assert await write(database, "", cast.dee, seen) is Written.DONE
    async with database.read() as session:
        assert await service_comments(session, 2022) == {}


async def test_the_second_of_two_writers_is_told(database: Database, cast: Cast) -> None:
    await write(database, "First.", cast.dee)
    assert await write(database, "Also first.", cast.priya) is Written.OVERTAKEN
    async with database.read() as session:
        seen = await mark_of(session)
    await write(database, "Second.", cast.dee, seen)
    assert await write(database, "Second too.", cast.priya, seen) is Written.OVERTAKEN
    assert await write(database, "", cast.priya, seen) is Written.OVERTAKEN
    async with database.read() as session:
        assert (await service_comments(session, 2022))["leaving"].text == "Second."


async def test_the_audit_log_has_the_place_and_never_the_words(database: Database, cast: Cast) -> None:
    await write(database, "27 left.", cast.dee, kept="27")
    async with database.read() as session:
        [entry, *_] = await audit_entries(session, AuditSearch(), offset=0, count=5)
    assert (entry.action, entry.subject) == ("report.comment", "report:2022/23")
    assert entry.detail == {"section": "leaving", "kept_numbers": 1}
