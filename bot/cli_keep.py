"""Commands that look after the data: backup, restore, purge."""

from pathlib import Path

import click

from bot.opening import asynchronous

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=FILE)
@asynchronous
async def backup(file: Path) -> None:
    """Write a consistent copy to FILE, while the service runs if it does.

    It is a SQLite file, from PostgreSQL too. The secret key and the keys of open anonymous rounds are not in
    it: the second kind must not be kept with a backup.
    """
    from bot.clock import system_clock
    from bot.opening import opened
    from bot.settings import load
    from carers.audit import record
    from storage.copies import CopyRefused, back_up, has_rows

    async with opened(load()) as database:
        try:
            size = await back_up(database, file)
        except CopyRefused as refused:
            raise click.ClickException(str(refused)) from refused
        async with database.write() as session:
            if await has_rows(session):  # an empty place stays empty, for a restore
                await record(session, system_clock(), None, "data.backup", bytes=size)
    click.echo(f"{file}: {size / 1_000_000:.1f} MB")


@click.command()
@click.argument("file", type=FILE)
@asynchronous
async def restore(file: Path) -> None:
    """Bring the copy in FILE back into an empty database, on SQLite or PostgreSQL.

    What was to be sent by hand before the copy was taken waits for a person to go on with it.
    """
    from bot.clock import system_clock
    from bot.opening import opened
    from bot.settings import load
    from storage.copies import CopyRefused, pause_waiting_broadcasts
    from storage.copies import restore as restore_copy

    async with opened(load()) as database:
        try:
            rows = await restore_copy(database, file)
        except CopyRefused as refused:
            raise click.ClickException(str(refused)) from refused
        async with database.write() as session:
            paused = await pause_waiting_broadcasts(session, system_clock())
    click.echo(f"{rows} rows are back.")
    if paused:
        click.echo(f"{paused} broadcasts were due and are paused: go on with them in the console.")


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what would be deleted, and delete nothing.")
@asynchronous
async def purge(dry_run: bool) -> None:
    """Delete what the retention periods say. The service does this every night by itself."""
    from bot.clock import system_clock
    from bot.opening import opened
    from bot.purge import purge_all
    from bot.settings import load
    from care.retention import periods

    settings = load()
    async with opened(settings) as database:
        counts = await purge_all(database, system_clock(), keeping=settings.keeping, dry_run=dry_run)
    for period in periods(settings.keeping):
        click.echo(f"{counts[period.key]:>6}  {period.what} ({period.kept})")
    if dry_run:
        click.echo("Nothing was deleted.")
