"""The whole usual programme is brought in one file, and a year of it is planned."""

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from carers.file_outcome import FileOutcome
from events.rhythm import in_words
from events.series import series_list, series_page
from events.series_changes import end_series
from events.series_file import COLUMNS, REQUIRED, import_series
from events.templates import standard_templates, templates
from events.terms import set_terms, term_dates
from events.terms_file import import_terms
from storage.engine import Database, Session
from storage.event_lists import events_between
from storage.events import Allocation, Mode
from storage.households import Group
from storage.series_queries import series_by_ref
from tests.data_files.files import LONDON, csv_of, said
from tests.events.seasons import SCHOOL_YEAR, SUMMER_1, days_of, events_of
from tests.support.cast import NOON, gather

USUAL = Path(__file__).with_name("usual_programme.csv")

GROUP = {
    "series_ref": "evening",
    "title": "Evening Group",
    "kind": "support_group",
    "rhythm": "monthly",
    "first_on": "2025-05-13",
    "starts": "19:00",
    "ends": "20:30",
    "mode": "hybrid",
    "venue": "The Hall",
    "online_url": "https://meet.example.org/evening",
    "rsvp_by": "carer",
    "audience": "all",
    "capacity": "12",
    "online_capacity": "30",
}


async def bring(session: Session, *rows: Mapping[str, str], **how: Any) -> FileOutcome:
    content = csv_of([dict(row) for row in rows], COLUMNS)
    return await import_series(session, "series.csv", content, NOON, LONDON, **how)


def dated(file: Path) -> list[dict[str, str]]:
    """A year's programme with a first day and times for each of its lines."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for at, row in enumerate(rows):
        row["first_on"] = date(2025, 5, 7 + at % 14).isoformat()
        row["starts"], row["ends"] = "10:00", "12:30"
        row["allocation"] = "ballot" if "ballot" in row["notes"] else ""
    return rows


async def test_the_whole_programme_becomes_series_with_a_year_of_events(database: Database) -> None:
    rows = dated(USUAL)
    async with database.write() as session:
        cast = await gather(session)
        cast.reeds.constellation = "Orion"
        session.add_all(
            Group(name=name) for name in {row["audience"] for row in rows} - {"all", "constellation"}
        )
        await set_terms(session, SCHOOL_YEAR, cast.priya, NOON, LONDON)
        outcome = await bring(session, *rows)
        assert said(outcome) == []
        assert (outcome.done, len(outcome.tallies[0].new)) == (True, len(rows))
        events = await events_between(session, NOON, None, count=1000)
        often = Counter(event.title for event in events)
        expected = {"monthly": (12, 13), "quarterly": (4, 5), "termly": (3, 4), "yearly": (1, 2)}
        for row in rows:
            assert often[row["title"]] in expected.get(row["rhythm"], (39, 40)), row
        assert {event.allocation for event in events if event.kind == "tickets"} == {Allocation.BALLOT}
        forum = [event.mode for event in events if event.kind == "forum"]
        assert forum[:4] == [Mode.IN_PERSON, Mode.ONLINE, Mode.IN_PERSON, Mode.ONLINE]
        again = await bring(session, *rows)
        assert (said(again), again.tallies[0].unchanged) == ([], len(rows))
        assert len(await events_between(session, NOON, None, count=1000)) == len(events)


def test_the_columns_are_those_that_files_rely_on() -> None:
    with USUAL.open(encoding="utf-8", newline="") as lines:
        assert set(next(csv.reader(lines))) <= set(COLUMNS)
    assert set(REQUIRED) < set(COLUMNS)


async def test_a_second_file_changes_the_series_and_leaves_alone_what_it_does_not_say(
    database: Database,
) -> None:
    async with database.write() as session:
        await gather(session)
        first = await bring(session, GROUP)
        assert first.besides == ("events made: 12",)
        moved = GROUP | {"starts": "18:30", "rhythm": "quarterly", "capacity": ""}
        columns = [column for column in COLUMNS if column not in ("venue", "until")]
        content = csv_of([moved], columns)
        outcome = await import_series(session, "series.csv", content, NOON, LONDON)
        assert outcome.tallies[0].changed == {"evening": ["capacity", "ends", "rhythm", "starts"]}
        series = await series_by_ref(session, "evening")
        assert series is not None
        events = await events_of(session, series)
        assert [event.starts_at.astimezone(LONDON).strftime("%d.%m %H:%M") for event in events] == [
            "13.05 18:30",
            "12.08 18:30",
            "11.11 18:30",
            "10.02 18:30",
        ]
        assert {(event.venue, event.capacity) for event in events} == {("The Hall", None)}


async def test_a_dry_run_says_the_same_and_changes_nothing(database: Database) -> None:
    async with database.write() as session:
        await gather(session)
        tried = await bring(session, GROUP, dry_run=True)
        assert await series_list(session, NOON) == []
        done = await bring(session, GROUP)
        assert (tried.tallies, tried.besides) == (done.tallies, done.besides)
        assert [line.in_words for line in await series_list(session, NOON)] == [
            "Every month, on the second Tuesday"
        ]


async def test_every_error_is_told_with_row_and_column_and_nothing_is_taken(database: Database) -> None:
    async with database.write() as session:
        await gather(session)
        outcome = await bring(
            session,
            GROUP,
            GROUP | {"rhythm": "daily", "mode": "outdoors", "starts": "7pm", "audience": "al"},
            GROUP | {"series_ref": "b", "ends": "", "online_url": "meet"},
            GROUP | {"series_ref": "c", "ends": "18:00"},
            GROUP | {"series_ref": "d", "rhythm": "termly"},
            GROUP | {"series_ref": "e", "until": "2025-05-01"},
            GROUP | {"series_ref": "f", "deadline_days": "-1", "invite_days": "0"},
        )
        assert [(note.row, note.column) for note in outcome.errors] == [
            (3, "series_ref"),
            (3, "rhythm"),
            (3, "mode"),
            (3, "audience"),
            (3, "starts"),
            (4, "online_url"),
            (4, "ends"),
            (5, "ends"),
            (6, "rhythm"),
            (7, "until"),
            (8, "deadline_days"),
            (8, "invite_days"),
        ]
        assert await series_list(session, NOON) == []


async def test_a_row_without_a_first_day_becomes_a_template(database: Database) -> None:
    async with database.write() as session:
        await gather(session)
        outcome = await bring(session, GROUP | {"first_on": "", "starts": "", "ends": ""})
        assert said(outcome) == ["row 2, first_on: Evening Group is a template, since it has no first_on"]
        assert outcome.tallies[1].new == ["Evening Group"]
        again = await bring(session, GROUP | {"first_on": "", "starts": "18:00"})
        assert again.done
        own = [line for line in await templates(session) if not line.standard]
        assert [(line.name, line.pattern.online_capacity) for line in own] == [("Evening Group", 30)]


async def test_what_has_ended_or_is_past_is_left_as_it_is(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await bring(session, GROUP)
        series = await series_by_ref(session, "evening")
        assert series is not None
        await end_series(session, series.id, date(2025, 5, 20), "", cast.priya, NOON, LONDON)
        past = GROUP | {"series_ref": "past", "first_on": "2024-01-09", "until": "2024-12-31"}
        outcome = await bring(session, GROUP | {"title": "Late Group"}, past)
        assert said(outcome) == [
            "row 2, series_ref: evening has ended and stays so",
            "row 3, until: past is past and is left out",
        ]
        page = await series_page(session, series.id, NOON, LONDON)
        assert page is not None
        assert page.plan.pattern.title == "Evening Group"


TERMS = ("name", "starts_on", "ends_on")


async def bring_terms(session: Session, rows: Sequence[tuple[str, str, str]], **how: Any) -> FileOutcome:
    content = csv_of([dict(zip(TERMS, row, strict=True)) for row in rows], TERMS)
    return await import_terms(session, "terms.csv", content, NOON, LONDON, **how)


async def test_term_dates_are_brought_and_the_series_follow(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await set_terms(session, [SUMMER_1], cast.priya, NOON, LONDON)
        await bring(session, GROUP | {"rhythm": "weekly-term-time"})
        rows = [(SUMMER_1.name, "2025-04-28", "2025-05-16"), ("Later", "2025-06-02", "2025-06-13")]
        tried = await bring_terms(session, rows, dry_run=True)
        assert await term_dates(session) == [SUMMER_1]
        outcome = await bring_terms(session, rows)
        assert tried.besides == outcome.besides == ("events made: 2", "events taken out: 1")
        assert (outcome.tallies[0].new, outcome.tallies[0].changed) == (
            ["Later"],
            {SUMMER_1.name: ["ends_on"]},
        )
        series = await series_by_ref(session, "evening")
        assert series is not None
        assert await days_of(session, series) == [date(2025, 5, 13), date(2025, 6, 3), date(2025, 6, 10)]


async def test_terms_that_cannot_be_are_told_by_row_and_column(database: Database) -> None:
    async with database.write() as session:
        rows = [
            ("Autumn", "2025-09-02", "2025-10-24"),
            ("", "2025-11-03", "2025-12-19"),
            ("Autumn", "2025-11-03", "2025-12-19"),
            ("Spring", "2026-02-13", "2026-01-05"),
            ("Half", "2025-10-20", "2025-10-31"),
            ("Year", "2026-09-01", "2027-07-20"),
            ("Odd", "1 May", "2028-05-05"),
        ]
        outcome = await bring_terms(session, rows)
        assert {(note.row, note.column) for note in outcome.errors} >= {
            (3, "name"),
            (4, "name"),
            (5, "ends_on"),
            (7, "ends_on"),
            (8, "starts_on"),
        }
        assert await term_dates(session) == []


def test_the_standard_templates_are_the_usual_programme_without_any_place() -> None:
    lines = standard_templates()
    assert len(lines) == len({line.key for line in lines}) == 25
    assert {in_words(line.rhythm, date(2025, 5, 13)).split(",")[0] for line in lines if line.rhythm} == {
        "Every month",
        "Every three months",
        "Every week in term time",
        "Every year",
        "Once a term",
    }
