"""Figures that are kept say what they said when they were counted, and nothing that was taken back since."""

from datetime import timedelta

import orjson
import pytest
from sqlalchemy import update

from reports.kept import _form, from_dict, keep, kept, reports_to_keep, to_dict
from reports.report import Comment
from reports.years import FosteringYear
from storage.engine import Database
from storage.report_comments import add_comment
from storage.reports import KeptReport
from tests.reports.register import LONDON, NOW, YEAR, published, report_of, store

LATER = NOW + timedelta(days=1)


async def test_a_report_comes_back_from_json_as_it_was(database: Database) -> None:
    await store(database, published())
    for public in (False, True):
        report = await report_of(database, public=public)
        assert from_dict(orjson.loads(orjson.dumps(to_dict(report)))) == report


async def test_what_is_kept_is_what_was_counted_last(database: Database) -> None:
    await store(database, published())
    internal, public = await report_of(database), await report_of(database, public=True)
    async with database.write() as session:
        assert await kept(session, YEAR) is None
        for report, now in ((internal, NOW), (public, LATER), (internal, LATER)):
            await keep(session, report, now)
        await keep(session, public, NOW)  # one that took so long that another has come before it
    async with database.read() as session:
        assert await kept(session, YEAR) == (internal, LATER)
        assert await kept(session, YEAR, public=True) == (public, LATER)
        assert await kept(session, YEAR.back(1)) is None


async def test_what_people_write_is_read_as_it_stands(database: Database) -> None:
    await store(database, published())
    written = {"year": YEAR.start, "section": "leaving", "kept_numbers": [], "written_by_id": None}
    async with database.write() as session:
        await keep(session, await report_of(database), NOW)
        await add_comment(session, written | {"text": "27 left.", "written_at": LATER})
    async with database.read() as session:
        found = await kept(session, YEAR)
    assert found is not None
    assert found.report.comments == (Comment("leaving", "27 left.", ("27",)),)


async def test_what_another_version_of_the_program_kept_is_counted_anew(database: Database) -> None:
    await store(database, published())
    async with database.write() as session:
        await keep(session, await report_of(database), NOW)
        await session.execute(update(KeptReport).values(report={"form": 1, "report": {}}))
    async with database.read() as session:
        assert await kept(session, YEAR) is None


async def test_a_public_version_from_before_an_update_is_shown_to_nobody(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store(database, published())
    async with database.write() as session:
        await keep(session, await report_of(database, public=True), NOW)
        monkeypatch.setattr("reports.kept.version", lambda _name: "99")
        _form.cache_clear()
        assert await kept(session, YEAR, public=True) is None
    _form.cache_clear()


def test_each_night_the_running_year_and_the_last_are_counted_in_both_versions() -> None:
    this, last = FosteringYear(2023), FosteringYear(2022)
    wanted = [(this, False), (this, True), (last, False), (last, True)]
    assert reports_to_keep(LONDON, NOW) == wanted
