"""``hearthline report``: the year's figures as a page, a document, a workbook and data."""

from pathlib import Path

import click

from bot.clock import system_clock
from bot.in_force import settings_in_force
from bot.opening import asynchronous, opened
from bot.settings import Settings, load
from carers.audit import record
from reports.report import NotYetBegun, Report, make_report
from reports.write import write_report
from reports.years import FosteringYear, NotAYear, parse_year
from storage.engine import Database
from surveys.themes import add_up_earlier


class YearParameter(click.ParamType[FosteringYear]):
    """A fostering year as the command line takes it."""

    name = "year"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> FosteringYear:
        try:
            return parse_year(value)
        except NotAYear as wrong:
            self.fail(str(wrong), param, ctx)


@click.command()
@click.option("--year", type=YearParameter(), required=True, help="The year, such as 2022/23.")
@click.option(
    "--out",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The folder to write the files into: a page, a document, a workbook, data and, where it can, a PDF.",
)
@click.option("--public", is_flag=True, help="Leave out what could point at fewer than five people.")
@asynchronous
async def report(year: FosteringYear, folder: Path, public: bool) -> None:
    """Write the report of a fostering year, 1 April to 31 March."""
    settings = load()
    async with opened(settings) as database:
        await add_up_earlier(database)  # after an update the service may not have run yet
        made = await _made(database, settings, year, public)
        async with database.write() as session:
            version = "public" if public else "internal"
            await record(session, system_clock(), None, "report.read", f"report:{year}", version=version)
    try:
        paths = write_report(made, folder)
    except OSError as error:
        raise click.ClickException(f"{folder} cannot be written to: {error.strerror or error}.") from error
    except ModuleNotFoundError as error:
        raise click.ClickException(
            f"{error.name} is not installed; reports need it: pip install 'hearthline[reports]'."
        ) from error
    for note in made.notes:
        click.echo(note)
    for path in paths:
        click.echo(f"Written: {path}")


async def _made(database: Database, settings: Settings, year: FosteringYear, public: bool) -> Report:
    try:
        async with database.read() as session:
            return await make_report(
                session,
                year=year,
                service=(await settings_in_force(session, settings)).service_name,
                zone=settings.timezone,
                register_since=settings.register_since,
                now=system_clock(),
                public=public,
            )
    except NotYetBegun as wrong:
        raise click.ClickException(str(wrong)) from wrong
