"""Bring a database to the newest schema, and write a new step of its history.

``python -m storage.migrations.run "what changed"`` compares the tables with the history and writes the step.
"""

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import JSON, Connection, Enum, inspect, text

from storage.engine import Database, open_database
from storage.tables import metadata
from storage.types import Utc

if TYPE_CHECKING:
    # It weighs ten megabytes, and a service that starts has nothing to migrate but after an update.
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

HERE = Path(__file__).parent
_LOCK = 7_240_513  # any constant: names the migration lock among PostgreSQL's advisory locks


async def upgrade(database: Database) -> None:
    """Run every step that the database lacks, all in one transaction."""
    async with database.connection() as connection:
        if await connection.run_sync(_is_newest):
            return
    async with database.connection() as connection:
        sqlite = database.dialect == "sqlite"
        if sqlite:
            # Rebuilding a table with foreign keys on would empty the tables that cascade from it, and the
            # pragma is ignored inside a transaction: off before BEGIN, checked, on again.
            await _pragma(connection, "PRAGMA foreign_keys = OFF")
        async with connection.begin():
            if not sqlite:
                await connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
            await connection.run_sync(_upgrade)
            if sqlite:
                broken = (await connection.execute(text("PRAGMA foreign_key_check"))).all()
                if broken:
                    raise RuntimeError(f"the migration left {len(broken)} rows without their parent")
        if sqlite:
            await _pragma(connection, "PRAGMA foreign_keys = ON")


async def differences(database: Database) -> list[Any]:
    """What alembic finds different between the database and the tables; empty when they agree."""
    from alembic.autogenerate import compare_metadata

    async with database.connection() as connection:
        return await connection.run_sync(lambda sync: list(compare_metadata(_context(sync), metadata)))


async def _pragma(connection: Any, statement: str) -> None:
    raw = await connection.get_raw_connection()
    await raw.driver_connection.execute(statement)


def _is_newest(connection: Connection) -> bool:
    """Whether the last step there is has been run. Steps are numbered in their order."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    last = max(step.name.partition("_")[0] for step in (HERE / "versions").glob("[0-9]*.py"))
    return bool(connection.scalar(text("SELECT version_num FROM alembic_version")) == last)


def _scripts() -> "ScriptDirectory":
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def _upgrade(connection: Connection) -> None:
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext

    scripts = _scripts()

    def steps(revision: Any, _context: Any) -> Any:
        return scripts._upgrade_revs("head", revision)

    with EnvironmentContext(
        scripts.env_config if hasattr(scripts, "env_config") else Config(), scripts
    ) as env:
        env.configure(connection=connection, target_metadata=metadata, fn=steps, render_as_batch=True)
        env.run_migrations()


def _context(connection: Connection) -> "MigrationContext":
    from alembic.runtime.migration import MigrationContext

    return MigrationContext.configure(
        connection,
        opts={"target_metadata": metadata, "compare_type": _compare_type, "render_item": _render_type},
    )


def _compare_type(_context: Any, _inspected: Any, _column: Any, inspected: Any, wanted: Any) -> bool | None:
    if isinstance(wanted, Utc | Enum):
        return False
    return None


def _render_type(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    if kind == "type" and isinstance(item, Utc):
        return "Utc()"
    if kind == "type" and isinstance(item, JSON):
        return "Json"
    if kind == "type" and isinstance(item, Enum):
        return f"sa.String(length={item.length})"
    return False


async def _write_step(message: str) -> Path | None:
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/history.db")
        await database.migrate()
        async with database.connection() as connection:
            code = await connection.run_sync(_difference_as_code)
        await database.close()
    if code is None:
        return None
    scripts = _scripts()
    head = scripts.get_current_head()
    number = f"{int(head or 0) + 1:04d}"
    up, down = code
    path = HERE / "versions" / f"{number}_{message.lower().replace(' ', '_')}.py"
    path.write_text(
        f'"""{message[0].upper()}{message[1:]}."""\n\n'
        "import sqlalchemy as sa\nfrom alembic import op\n\nfrom storage.types import Json, Utc\n\n"
        f'revision = "{number}"\ndown_revision = {f"{head!r}" if head else None}\n\n\n'
        f"def upgrade() -> None:\n    {up}\n\n\ndef downgrade() -> None:\n    {down}\n"
    )
    return path


def _difference_as_code(connection: Connection) -> tuple[str, str] | None:
    from alembic.autogenerate import produce_migrations, render_python_code

    context = _context(connection)
    script = produce_migrations(context, metadata)
    if script.upgrade_ops is None or script.upgrade_ops.is_empty():
        return None

    def code(ops: Any) -> str:
        return (
            render_python_code(ops, render_as_batch=True, render_item=_render_type, migration_context=context)
            .replace("\n", "\n    ")
            .replace("    # ###", "# ###")
            .strip()
        )

    return code(script.upgrade_ops), code(script.downgrade_ops)


if __name__ == "__main__":
    written = asyncio.run(_write_step(sys.argv[1]))
    sys.stdout.write(f"{written.name if written else 'nothing has changed'}\n")
