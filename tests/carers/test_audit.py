"""The audit log: what stands in it, how it is searched, and that it is only ever added to."""

import ast
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from carers.audit import Question, read_log, record, search_of
from carers.audit_words import DEEDS, deeds_saying, detail_in_words, subject_in_words
from storage.conversations import Thread
from storage.engine import Database, Session
from storage.staff import AuditEntry
from tests.support.cast import NOON, Cast, gather
from tests.support.console import LONDON

ROOT = Path(__file__).parents[2]
PRODUCT = ("bot", "broadcasts", "care", "carers", "events", "handlers", "reports", "surveys", "web")
CODE = re.compile(r"[a-z_]+\.[a-z_]+")


def product() -> Iterator[tuple[Path, ast.Module]]:
    for folder in PRODUCT:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def _name(function: ast.expr) -> str:
    """By which name it is called, whatever that stands in."""
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def texts_of(*nodes: ast.AST) -> set[str]:
    """Every text in these nodes that looks like a code of the log."""
    return {
        found.value
        for node in nodes
        for found in ast.walk(node)
        if isinstance(found, ast.Constant) and isinstance(found.value, str) and CODE.fullmatch(found.value)
    }


def recorded() -> set[str]:
    """Every code that is handed to `record`, or to a function that hands its parameter ``action`` on."""
    codes: set[str] = set()
    for _, tree in product():
        handed_on = {"record"} | {
            function.name
            for function in ast.walk(tree)
            if isinstance(function, ast.AsyncFunctionDef)
            and any(arg.arg == "action" for arg in (*function.args.args, *function.args.kwonlyargs))
        }
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and _name(call.func) in handed_on:
                codes |= texts_of(*call.args, *(keyword.value for keyword in call.keywords))
    return codes


def test_every_code_that_is_recorded_has_words() -> None:
    assert recorded() - set(DEEDS) == set()


def test_no_words_are_left_of_a_code_that_nothing_records() -> None:
    written = set().union(*(texts_of(tree) for path, tree in product() if path.name != "audit_words.py"))
    assert set(DEEDS) - written == FORMER


FORMER = {"message.answer"}
"""What only entries of earlier versions have."""


def test_a_code_fits_into_its_column_and_no_two_read_alike() -> None:
    assert all(len(code) <= AuditEntry.action.type.length for code in DEEDS)
    assert len(set(DEEDS.values())) == len(DEEDS)


@pytest.fixture
async def cast(database: Database) -> Cast:
    """Priya does something about each of the cast, on days of their own from the 6th of May on."""
    async with database.write() as session:
        cast = await gather(session)
        thread = Thread(carer_id=cast.sam.id, opened_at=NOON, heard_at=NOON)
        session.add(thread)
        await session.flush()
        await record(session, NOON, cast.priya, "event.cancel", "event:coffee-05", told=2)
        day = NOON + timedelta(days=1)
        await record(session, day, cast.dee, "carer.unlink", f"carer:{cast.amal.ref}")
        await record(session, day, cast.priya, "rsvp.answer_for", "event:x", party=f"c{cast.jo.id}")
        await record(session, day, cast.priya, "attendance.tick", "event:x", carer=cast.lin.ref)
        await record(session, day, cast.priya, "message.answer", f"thread:{thread.id}")
        # In London this is the 9th already.
        late = NOON.replace(day=8, hour=23, minute=30)
        await record(session, late, None, "data.export", "carers", rows=4)
        return cast


async def found(session: Session, **asked: object) -> list[str]:
    search = await search_of(session, Question(**asked), LONDON)  # type: ignore[arg-type]  # its own fields
    return [entry.action for entry in (await read_log(session, search)).entries]


async def test_the_log_is_searched_in_plain_words(database: Database, cast: Cast) -> None:
    async with database.read() as session:
        assert await found(session, did="cancelled an event") == ["event.cancel"]
        assert await found(session, did="event.cancel") == ["event.cancel"]
        assert await found(session, did="no such deed") == []
        assert await found(session, who="dee") == ["carer.unlink"]
        assert await found(session, who="command", did="file") == ["data.export"]
        assert len(await found(session)) == 6


@pytest.mark.parametrize(
    ("whom", "expected"),
    [
        ("C1", ["carer.unlink"]),
        ("c1", ["carer.unlink"]),
        ("amal reed", ["carer.unlink"]),
        ("Reed", ["rsvp.answer_for", "carer.unlink"]),
        ("H1", ["rsvp.answer_for", "carer.unlink"]),
        ("Jo Reed", ["rsvp.answer_for"]),
        ("Marsh", ["attendance.tick"]),
        ("C3", ["message.answer"]),
        ("coffee-05", []),  # no such event any more, and so no word of its reference
        ("event:coffee-05", ["event.cancel"]),
        ("carers", ["data.export"]),
        ("nobody", []),
        ("%", []),
    ],
)
async def test_the_log_is_searched_by_whom_it_was_done_to(
    database: Database, cast: Cast, whom: str, expected: list[str]
) -> None:
    async with database.read() as session:
        assert await found(session, whom=whom) == expected


async def test_days_are_those_of_the_services_clock_and_belong_to_the_search_whole(
    database: Database, cast: Cast
) -> None:
    async with database.read() as session:
        assert await found(session, until=date(2025, 5, 6)) == ["event.cancel"]
        assert await found(session, since=date(2025, 5, 9)) == ["data.export"]
        assert await found(session, since=date(2025, 5, 8), until=date(2025, 5, 8)) == []


def test_details_and_subjects_are_words() -> None:
    assert detail_in_words({"was": "draft", "too_old": 0, "fields": ["title", "venue"], "by_hand": True}) == (
        "was: draft; too old: 0; fields: title, venue; by hand: yes"
    )
    assert subject_in_words("broadcast:7") == "Message to many 7"
    assert subject_in_words("carers") == "carers"
    assert "letters.print" in deeds_saying("PRINTED letters")


async def test_nobody_changes_an_entry_or_takes_one_out(database: Database, cast: Cast) -> None:
    with pytest.raises(RuntimeError, match="only added to"):
        async with database.write() as session:
            (await session.get_one(AuditEntry, 1)).actor = "Somebody else"
    with pytest.raises(RuntimeError, match="only added to"):
        async with database.write() as session:
            await session.delete(await session.get_one(AuditEntry, 1))
    async with database.read() as session:
        assert (await session.get_one(AuditEntry, 1)).actor == "Priya Lane"


def test_only_the_purge_deletes_from_the_log_in_bulk() -> None:
    changing = re.compile(r"(?:update|delete)\(\s*AuditEntry\b|(?:UPDATE|DELETE FROM)\s+audit_log")
    changed_by = {
        path.relative_to(ROOT).as_posix()
        for folder in (*PRODUCT, "storage")
        for path in (ROOT / folder).rglob("*.py")
        if changing.search(path.read_text(encoding="utf-8"))
    }
    assert changed_by <= PURGES


PURGES = {"storage/retention.py"}
"""Where entries go that are older than the service keeps them."""
