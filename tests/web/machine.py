"""A busy console that a test drives by itself: every form of every page, each on the same untouched database.

New addresses and forms are found as they appear: by the console's own table of routes, and in its pages.
"""

import re
import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from carers.roles import Action, may
from storage.engine import Database, open_database
from storage.staff import StaffMember
from tests.support.cast import Cast, gather
from tests.support.console import Console, Visitor, served, visitor
from tests.web.conftest import Busy, fill
from web.staff import routes
from web.staff.views import Route

Fields = dict[str, list[str]]
UNWATCHED = ("web_sessions",)
"""What every request writes: when a browser was last seen."""


@dataclass
class FoundForm:
    """A form of a page as a browser would send it, untouched, with its first button. ``filled``: a field that
    people see has something in it."""

    action: str
    fields: Fields = field(default_factory=dict)
    button: bool = False
    filled: bool = False


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[FoundForm] = []
        self._open: FoundForm | None = None
        self._select: tuple[str, bool] | None = None
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            wanted = given.get("method", "get").lower() == "post"
            self._open = FoundForm(given.get("action", "")) if wanted else None
            self.forms += [self._open] if self._open else []
        if self._open is None:
            return
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "input" and name and kind != "file":
            if kind not in ("radio", "checkbox") or "checked" in given:
                self._put(name, given.get("value", "on" if kind == "checkbox" else ""))
                self._open.filled |= kind != "hidden" and bool(given.get("value", "on"))
        elif tag == "button" and not self._open.button:
            self._open.button = True
            if name:
                self._put(name, given.get("value", ""))
        elif tag == "textarea":
            self._area = name
            self._put(name, "")
        elif tag == "select":
            self._select = (name, False)
        elif tag == "option" and self._select is not None:
            name, taken = self._select
            if "selected" in given or not taken:
                self._open.fields[name] = [given.get("value", "")]
                self._select = (name, True)
                self._open.filled |= "selected" in given and bool(given.get("value"))

    def handle_data(self, data: str) -> None:
        if self._open is not None and self._area:
            self._open.fields[self._area][-1] += data
            self._open.filled = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "textarea":
            self._area = ""
        elif tag == "select":
            self._select = None

    def _put(self, name: str, value: str) -> None:
        assert self._open is not None
        self._open.fields.setdefault(name, []).append(value)


def forms_of(html: str) -> list[FoundForm]:
    """The forms of this page that change something."""
    parser = _Forms()
    parser.feed(html)
    return parser.forms


def leads_to(route: Route, path: str) -> bool:
    """Whether this address, without what follows a question mark, is one of the route's."""
    pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(route.path))
    return re.fullmatch(pattern, path.partition("?")[0]) is not None


@dataclass
class Machine:
    """The console, its people signed in, and its database, which `restore` puts back as it was."""

    console: Console
    database: Database
    cast: Cast
    busy: Busy
    path: Path
    visitors: dict[str, Visitor]
    kept: sqlite3.Connection = field(default_factory=lambda: sqlite3.connect(":memory:"))
    _watch: sqlite3.Connection | None = None

    def keep(self) -> None:
        """From now on this is what `restore` restores."""
        with closing(sqlite3.connect(self.path)) as live:
            live.backup(self.kept)

    def restore(self) -> None:
        with closing(sqlite3.connect(self.path)) as live:
            self.kept.backup(live)

    def written(self) -> int:
        """Stays the same until something is written, whatever it is."""
        self._watch = self._watch or sqlite3.connect(self.path)
        return int(self._watch.execute("PRAGMA data_version").fetchone()[0])

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.path)) as live:
            return live.execute(query).fetchall()

    def dump(self) -> list[str]:
        """Every row there is, but for when browsers were last seen."""
        with closing(sqlite3.connect(self.path)) as live:
            unwatched = tuple(f'INSERT INTO "{table}"' for table in UNWATCHED)
            return [line for line in live.iterdump() if not line.startswith(unwatched)]

    def theirs(self) -> list[tuple[Any, ...]]:
        """What the database holds of carers who are not Tom's: the rows with a number of theirs."""
        rows: list[tuple[Any, ...]] = []
        for table in ("attendance", "deliveries", "invitations", "threads", "carer_messages", "link_tokens"):
            rows += self.rows(f"SELECT '{table}', * FROM {table} WHERE carer_id > 2")
        return [*rows, *self.rows("SELECT * FROM carers WHERE id > 2")]

    def log(self, after: int = 0) -> list[tuple[int, str, str, str]]:
        """Id, action, subject and detail of the entries of the audit log after this one."""
        return self.rows(f"SELECT id, action, subject, detail FROM audit_log WHERE id > {after} ORDER BY id")

    def who(self, action: Action) -> str:
        """Somebody who may: of those who see all, where one of them may."""
        return next(name for name in ("priya", "dee", "ash", "tom") if may(getattr(self.cast, name), action))


@asynccontextmanager
async def machine(sqlite_url: str, folder: Path) -> AsyncIterator[Machine]:
    """A busy console with Priya, Tom, Dee and Ash signed in."""
    database = open_database(sqlite_url)
    async with database.write() as session:
        cast = await gather(session)
    busy = await fill(database, cast, folder)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        console = await stack.enter_async_context(served(database))
        people: dict[str, StaffMember] = {
            name: getattr(cast, name) for name in ("priya", "tom", "dee", "ash")
        }
        visitors = {
            name: await stack.enter_async_context(visitor(console, person)) for name, person in people.items()
        }
        path = Path(sqlite_url.removeprefix("sqlite:///"))
        made = Machine(console, database, cast, busy, path, visitors)
        made.keep()
        yield made


def filled(path: str, ids: dict[str, object]) -> str:
    """The address with these ids in it. Raises ``KeyError`` for a placeholder that nobody gave an id for."""
    return re.sub(r"\{(\w+)\}", lambda name: str(ids[name[1]]), path)


def deeds() -> Iterable[Route]:
    """Every address of the console that takes a form."""
    return [route for route in routes() if route.method == "POST"]


def pages() -> Iterable[Route]:
    """Every address of the console that is looked at, but for the streams, which never end.

    Of a table that can be taken away in two formats only the first: both come out of one function, and
    `test_taking` opens each.
    """
    second = twins()
    return [
        route
        for route in routes()
        if route.method == "GET" and not route.path.endswith("/live") and route.path not in second
    ]


def twins() -> set[str]:
    """The addresses of tables as XLSX, each of which there is as CSV."""
    paths = {route.path for route in routes()}
    return {path for path in paths if path.endswith(".xlsx") and path.removesuffix("xlsx") + "csv" in paths}


def put(table: str, where: str, **values: object) -> str:
    """SQL that writes these values into the rows."""
    written = ", ".join(f"{name} = {value!r}" for name, value in values.items())
    return f"UPDATE {table} SET {written} WHERE {where}"


def add(table: str, **values: object) -> str:
    """SQL that adds a row."""
    return f"INSERT INTO {table} ({', '.join(values)}) VALUES {tuple(values.values())!r}"


def do(there: Machine, *statements: str) -> None:
    with closing(sqlite3.connect(there.path)) as live:
        for statement in statements:
            live.execute(statement)
        live.commit()
