"""The commands that take files in and write files out: the register, the programme, term dates, links."""

import os
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.opening import asynchronous, opened

if TYPE_CHECKING:  # the command line must answer --help at once
    from bot.settings import Settings
    from carers.file_outcome import FileOutcome
    from carers.spreadsheet_writing import Table
    from storage.engine import Session

TABLES = ("households", "carers", "events", "rsvps", "attendance", "deliveries")
MOST_CHANGES_SAID = 200

_FILE = click.argument("file", type=click.Path(path_type=Path))
_DRY_RUN = click.option("--dry-run", is_flag=True, help="Say what would change and change nothing.")
_OUT = click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="The file to write: .csv or .xlsx."
)


@click.command("import")
@_FILE
@_DRY_RUN
@asynchronous
async def import_register(file: Path, dry_run: bool) -> None:
    """Read the register of households and carers from FILE, CSV or XLSX: all of it or nothing.

    A second import of the same refs updates them; what FILE does not mention stays as it is.
    """
    from carers import register_file
    from events.register_taking import follow_the_register

    async def take(session: "Session", content: bytes, now: datetime, settings: "Settings") -> "FileOutcome":
        zone = settings.timezone
        today = now.astimezone(zone).date()
        taken = await register_file.import_register(session, file.name, content, now, today, dry_run=dry_run)
        if not taken.done:
            return taken
        return replace(taken, besides=(*taken.besides, *await follow_the_register(session, now, zone)))

    await _take_in(file, take, dry_run)


@click.command()
@_FILE
@_DRY_RUN
@asynchronous
async def programme(file: Path, dry_run: bool) -> None:
    """Read the programme of events from FILE, CSV or XLSX: all of it or nothing.

    A known event_ref is a change to that event: who said yes is told of a new time or place.
    """
    from events.programme_file import import_programme

    async def take(session: "Session", content: bytes, now: datetime, settings: "Settings") -> "FileOutcome":
        return await import_programme(session, file.name, content, now, settings.timezone, dry_run=dry_run)

    await _take_in(file, take, dry_run)


@click.command()
@_FILE
@_DRY_RUN
@asynchronous
async def series(file: Path, dry_run: bool) -> None:
    """Read what repeats in the programme from FILE, CSV or XLSX: all of it or nothing.

    A known series_ref is a change to that series; a row without first_on becomes a template.
    """
    from events.series_file import import_series

    async def take(session: "Session", content: bytes, now: datetime, settings: "Settings") -> "FileOutcome":
        return await import_series(session, file.name, content, now, settings.timezone, dry_run=dry_run)

    await _take_in(file, take, dry_run)


@click.command()
@_FILE
@_DRY_RUN
@asynchronous
async def terms(file: Path, dry_run: bool) -> None:
    """Read the term dates of the school year from FILE, CSV or XLSX; series in term time follow them."""
    from events.terms_file import import_terms

    async def take(session: "Session", content: bytes, now: datetime, settings: "Settings") -> "FileOutcome":
        return await import_terms(session, file.name, content, now, settings.timezone, dry_run=dry_run)

    await _take_in(file, take, dry_run)


@click.command()
@_FILE
@_DRY_RUN
@asynchronous
async def attendance(file: Path, dry_run: bool) -> None:
    """Read attendance that was taken elsewhere from FILE, CSV or XLSX: all of it or nothing."""
    from events.attendance_file import import_attendance

    async def take(session: "Session", content: bytes, now: datetime, _settings: "Settings") -> "FileOutcome":
        return await import_attendance(session, file.name, content, now, dry_run=dry_run)

    await _take_in(file, take, dry_run)


@click.command()
@click.argument("table", type=click.Choice(TABLES))
@_OUT
@asynchronous
async def export(table: str, out: Path) -> None:
    """Write TABLE to a file. `carers` and `events` can be imported again as they are."""
    from bot.clock import system_clock
    from bot.settings import load
    from carers.audit import record

    settings = load()
    _check_out(out, ".csv", ".xlsx")
    async with opened(settings) as database:
        async with database.read() as session:
            rows = await _table(session, table, settings)
        async with database.write() as session:
            await record(session, system_clock(), None, "data.export", table, rows=len(rows.rows))
    _write_sheet(out, rows)
    click.echo(f"{len(rows.rows)} rows written to {out}.")


@click.command("invite-links")
@_OUT
@click.option("--letters", type=click.Path(path_type=Path), help="Letters with QR codes to print: .html.")
@asynchronous
async def invite_links(out: Path, letters: Path | None) -> None:
    """Write a personal link for every carer who has not connected yet.

    Links given out earlier and unused stay valid.
    """
    from bot.clock import system_clock
    from bot.in_force import settings_in_force
    from bot.letters import letters_html
    from bot.settings import load
    from bot.username import UnknownName, known_username
    from carers import linking

    settings, now = load(), system_clock()
    _check_out(out, ".csv", ".xlsx")
    if letters is not None:
        _check_out(letters, ".html")
    async with opened(settings) as database:
        try:
            username = await known_username(settings, database, now)
        except UnknownName as reason:
            raise click.ClickException(str(reason)) from reason
        async with database.write() as session:
            today = now.astimezone(settings.timezone).date()
            links = await linking.invite_links(session, username, now, today)
            in_force = await settings_in_force(session, settings)
    # Only now: a file with links that were never stored would send carers to a closed door.
    _write_sheet(out, linking.links_table(links))
    click.echo(f"{len(links)} links written to {out}.")
    if letters is not None:
        _write(letters, letters_html(links, in_force).encode())
        click.echo(f"{len(links)} letters written to {letters}.")


Take = Callable[["Session", bytes, datetime, "Settings"], Awaitable["FileOutcome"]]


async def _take_in(file: Path, take: Take, dry_run: bool) -> None:
    """Read a file, hand it to a use case, say what came of it; status 1 if it has errors."""
    from bot.clock import system_clock
    from bot.settings import load

    settings = load()
    content = _read(file)
    async with opened(settings) as database, database.write() as session:
        outcome = await take(session, content, system_clock(), settings)
    _say(outcome, dry_run)


def _say(outcome: "FileOutcome", dry_run: bool) -> None:
    for note in outcome.warnings:
        click.echo(f"Warning: {note}", err=True)
    if outcome.errors:
        for note in outcome.errors:
            click.echo(f"Error: {note}", err=True)
        count = len(outcome.errors)
        raise click.ClickException(f"{count} error{'s' * (count > 1)}; nothing was changed.")
    for line in _lines(outcome) if dry_run else ():
        click.echo(line)
    for tally in outcome.tallies:
        click.echo(str(tally))
    for consequence in outcome.besides:
        click.echo(consequence)
    click.echo("Nothing was changed: this was a dry run." if dry_run else "Done.")


def _lines(outcome: "FileOutcome") -> list[str]:
    """What would change, one line each; of a great many the first."""
    if not outcome.changes:
        return [line for tally in outcome.tallies for line in tally.lines()]
    lines = [str(change) for change in outcome.changes[:MOST_CHANGES_SAID]]
    more = len(outcome.changes) - len(lines)
    return [*lines, f"... and {more} more changes"] if more else lines


async def _table(session: "Session", table: str, settings: "Settings") -> "Table":
    from carers import register_export
    from events import programme_export

    match table:
        case "households":
            return await register_export.households_table(session)
        case "carers":
            return await register_export.carers_table(session)
        case "events":
            return await programme_export.events_table(session, settings.timezone)
        case "rsvps":
            return await programme_export.rsvps_table(session, settings.timezone)
        case "attendance":
            return await programme_export.attendance_table(session)
    return await programme_export.deliveries_table(session, settings.timezone)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise click.ClickException(f"There is no file {file}.") from None
    except IsADirectoryError:
        raise click.ClickException(f"{file} is a folder, not a file.") from None
    except OSError as error:
        raise click.ClickException(f"{file} cannot be read: {error.strerror}.") from error


def _check_out(file: Path, *endings: str) -> None:
    """Before any work: is there a place for this file, and does its name say what it shall be?"""
    if file.suffix.lower() not in endings:
        raise click.ClickException(f"{file} must end in {' or '.join(endings)}.")
    if not file.parent.is_dir():
        raise click.ClickException(f"There is no folder {file.parent}.")
    if file.is_dir():
        raise click.ClickException(f"{file} is a folder, not a file.")


def _write_sheet(file: Path, table: "Table") -> None:
    from carers.spreadsheet_writing import write_sheet

    _write(file, write_sheet(file.name, table))


def _write(file: Path, content: bytes) -> None:
    """Write a whole file or none, readable by its owner alone: it holds people's data."""
    try:
        descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}.") from error
    try:
        with os.fdopen(descriptor, "wb") as temporary:
            temporary.write(content)
        Path(name).replace(file)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise click.ClickException(f"{file} cannot be written: {error.strerror}.") from error
