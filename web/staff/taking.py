"""Taking a table away: every list of the console as CSV and as XLSX, made in one place.

A file has all the rows that its page lists with the same words after the question mark, not only those of the
page shown. It is written before anything is sent, a batch at a time beside the event loop, so that neither
memory nor anybody else's page suffers; and that somebody took it is in the audit log before it goes out.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Any, TypeVar

from aiohttp import web

from carers.audit import record
from carers.roles import Action
from carers.spreadsheet_writing import Cell, CsvSheet, SheetFile, XlsxSheet
from carers.works import PASSING, ask
from storage.engine import Session
from web.parts import PARTS
from web.security import document_headers
from web.staff.views import Look, Route, allowed_visit, is_https

KINDS = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
AT_ONCE = 2_000
"""So many rows are written in one go, and should be read in one."""

AT_A_GLANCE = 200
"""So many are read to know whether there are more, and how many."""

MOST_TO_WAIT_FOR = 10_000
"""Rows of a list that is read as it is written: a longer one takes seconds, and becomes long work before any
of it is read."""

TABLE_WORK = "table"
"""The kind of work that it then is."""

_IN_MEMORY = 2 * 1024 * 1024
"""Bytes of a file; a larger one waits on the disk, under no name, and is gone with the request."""

_CHUNK = 256 * 1024
_FILTER = re.compile(r"[a-z][a-z_-]{0,30}")
_NO_FILTERS = frozenset(("page", "done"))

Rows = Sequence[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table to take away. ``name`` begins the file's name; ``columns`` are what people call them.

    ``rows``: all of them, or batches of a list that is too long for memory, read in the same transaction.
    ``about``: the subject of the audit log where the table is one event's, one carer's: ``event:coffee-05``.
    ``number``: how many rows a list that is read as it is written has at least.
    """

    name: str
    columns: Sequence[str]
    rows: Rows | AsyncIterator[Rows]
    about: str = ""
    number: int = 0


TableOf = Callable[[Look], Awaitable[Sheet]]

T = TypeVar("T")
Column = tuple[str, Callable[[T], Cell]]
"""What people call a column, and its cell of a line."""


PageOf = Callable[[int, int], Awaitable[tuple[Sequence[T], int]]]
"""One page of a list, from 1, with so many lines on it, and how many such pages there are."""


def sheet_of(name: str, lines: Iterable[T], *columns: Column[T], about: str = "") -> Sheet:
    """The table of these lines."""
    rows = [[cell(line) for _, cell in columns] for line in lines]
    return Sheet(name, [title for title, _ in columns], rows, about)


async def long_sheet(name: str, page_of: PageOf[T], *columns: Column[T], about: str = "") -> Sheet:
    """The table of a list that is read page by page as it is written, unless it has few lines."""
    glance, glances = await page_of(1, AT_A_GLANCE)

    async def pages_of_lines() -> AsyncIterator[Sequence[T]]:
        if glances == 1:
            yield glance
            return
        page, pages = 1, 1
        while page <= pages:
            lines, pages = await page_of(page, AT_ONCE)
            yield lines
            page += 1

    at_least = (glances - 1) * AT_A_GLANCE + 1
    return late_sheet(name, at_least, pages_of_lines(), *columns, about=about)


def late_sheet(
    name: str, number: int, batches: AsyncIterator[Sequence[T]], *columns: Column[T], about: str = ""
) -> Sheet:
    """The table of a list of at least so many lines that is read a batch at a time as it is written."""

    async def rows() -> AsyncIterator[Rows]:
        async for lines in batches:
            yield [[cell(line) for _, cell in columns] for line in lines]

    return Sheet(name, [title for title, _ in columns], rows(), about, number)


def times(column: str, look: Look) -> str:
    """The name of a column of times, which are local ones: says of where."""
    return f"{column} ({look.zone.key})"


@dataclass(frozen=True, slots=True)
class Taking:
    """A table that can be taken away, who may, and what the audit log calls it."""

    action: Action
    table_of: TableOf
    audited_as: str
    deed: str

    async def note(self, look: Look, sheet: Sheet, rows: int, ending: str, session: Session) -> None:
        """Write down that this person takes these rows away."""
        detail: dict[str, object] = {"table": self.audited_as} if sheet.about else {}
        detail |= {"rows": rows, "file": ending}
        if filters := _filters(look):
            detail["filters"] = filters
        subject = sheet.about or self.audited_as
        await record(session, look.now, look.staff, self.deed, subject, **detail)


TAKINGS: dict[str, Taking] = {}
"""Every table there is, by its path without an ending, as `take` was told of it."""


def take(
    path: str, action: Action, table_of: TableOf, *, audited_as: str, deed: str = "data.export"
) -> list[Route]:
    """``path`` with .csv and with .xlsx: the table that ``table_of`` makes of a look at the page.

    ``audited_as``: what the audit log calls the table. ``table_of`` raises 404 where the page does.
    """
    taking = TAKINGS[path] = Taking(action, table_of, audited_as, deed)

    def route(ending: str) -> Route:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await _taken(request, path, taking, ending)

        return Route("GET", f"{path}.{ending}", action, handle)

    return [route(ending) for ending in KINDS]


async def _taken(request: web.Request, path: str, taking: Taking, ending: str) -> web.StreamResponse:
    parts = request.app[PARTS]
    now = parts.clock()
    visit = await allowed_visit(request, taking.action, now)
    with a_file() as file:
        async with parts.database.read() as session:
            look = Look(request, session, visit, now, parts)
            sheet = await taking.table_of(look)
            too_long = sheet.number > MOST_TO_WAIT_FOR
            rows = None if too_long else await write(file, sheet, ending, look)
        if rows is None:
            raise web.HTTPSeeOther(await _ask_for_work(request, path, sheet, ending, look))
        async with parts.database.write() as session:
            await taking.note(look, sheet, rows, ending, session)
        return await _send(request, file, file_name(sheet, look, ending))


async def _ask_for_work(request: web.Request, path: str, sheet: Sheet, ending: str, look: Look) -> str:
    """Have the table written as long work; where one sees how far it is."""
    params: dict[str, Any] = {"path": path, "ending": ending, "name": sheet.name}
    params[PASSING] = {"match_info": dict(request.match_info), "query": dict(request.query)}
    async with look.parts.database.write() as session:
        work = await ask(session, TABLE_WORK, params, look.staff, look.now)
    look.parts.wake()
    return f"/asked-for/{work}"


def a_file() -> SpooledTemporaryFile[bytes]:
    """Where a file waits until it is whole."""
    return SpooledTemporaryFile(_IN_MEMORY)


def file_name(sheet: Sheet, look: Look, ending: str) -> str:
    return f"{sheet.name}-{look.today}.{ending}"


def _filters(look: Look) -> list[str]:
    """Which filters were set, not to what: somebody may have searched for a name."""
    given = {name for name, value in look.request.query.items() if value and name not in _NO_FILTERS}
    return sorted(name for name in given if _FILTER.fullmatch(name))


async def write(
    file: IO[bytes],
    sheet: Sheet,
    ending: str,
    look: Look,
    *,
    written: Callable[[int], None] | None = None,
) -> int:
    """Write the table and count its rows. ``written`` is told how many there are so far."""
    # With a byte order mark: people open these files by a double click, and Excel needs it for UTF-8.
    writer: SheetFile = (
        CsvSheet(file, sheet.columns, look.zone, marked=True)
        if ending == "csv"
        else XlsxSheet(file, sheet.columns, look.zone)
    )
    number = 0
    async for rows in _batches(sheet.rows):
        number += len(rows)
        await asyncio.to_thread(writer.add, rows)
        if written is not None:
            written(number)
    await asyncio.to_thread(writer.close)
    return number


async def _batches(rows: Rows | AsyncIterator[Rows]) -> AsyncIterator[Rows]:
    if isinstance(rows, AsyncIterator):
        async for batch in rows:
            yield batch
        return
    for start in range(0, len(rows), AT_ONCE):
        yield rows[start : start + AT_ONCE]


async def _send(request: web.Request, file: IO[bytes], name: str) -> web.StreamResponse:
    response = web.StreamResponse(headers=document_headers(https=is_https(request.app[PARTS])))
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    ending = name.rpartition(".")[2]
    response.content_type = KINDS[ending]
    if ending == "csv":
        response.charset = "utf-8"
    response.content_length = file.seek(0, 2)
    file.seek(0)
    with contextlib.suppress(ConnectionResetError):  # whoever asked has gone
        await response.prepare(request)
        while chunk := file.read(_CHUNK):
            await response.write(chunk)
        await response.write_eof()
    return response
