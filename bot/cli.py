"""The command line. Each command's module is imported when that command runs, so ``--help`` is quick."""

import sys
from importlib import import_module
from typing import Any

import click

# name -> (where the command is, one line of help)
COMMANDS: dict[str, tuple[str, str]] = {
    "demo": (
        "bot.demo:demo",
        "Try it out: a made-up service, a stand-in for Telegram, the bot and the console.",
    ),
    "run": ("bot.cli_service:run", "Run the service: bot, web and jobs."),
    "check": (
        "bot.cli_service:check",
        "Say in plain words what is wrong with the settings, the token, the database.",
    ),
    "sandbox": ("bot.cli_service:sandbox", "Run the stand-in for Telegram alone."),
    "staff": ("bot.cli_staff:staff", "Add members of staff."),
    "import": ("bot.cli_data:import_register", "Read the register of households and carers."),
    "programme": ("bot.cli_data:programme", "Read the programme of events."),
    "series": ("bot.cli_data:series", "Read what repeats in the programme."),
    "terms": ("bot.cli_data:terms", "Read the term dates of the school year."),
    "mail": ("bot.cli_mail:mail", "Read mails that came back, and answers of calendars."),
    "attendance": ("bot.cli_data:attendance", "Read attendance that was taken elsewhere."),
    "export": ("bot.cli_data:export", "Write a table as CSV or XLSX."),
    "invite-links": ("bot.cli_data:invite_links", "Write each unlinked carer's personal link."),
    "report": ("bot.cli_report:report", "Write the year's report."),
    "backup": ("bot.cli_keep:backup", "Write a consistent copy of the database while the service runs."),
    "restore": ("bot.cli_keep:restore", "Bring a copy back into an empty place."),
    "purge": ("bot.cli_keep:purge", "Delete what the retention periods say."),
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and loads one only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="hearthline")
def hearthline() -> None:
    """Hearthline keeps a fostering service in touch with its carers through Telegram."""


def main(arguments: list[str] | None = None, **extra: Any) -> None:
    """Run the command line; wrong settings end it with status 1 and a sentence for each."""
    from bot.settings import WrongSettings

    try:
        hearthline.main(args=arguments, prog_name="hearthline", **extra)
    except WrongSettings as wrong:
        for problem in wrong.problems:
            click.echo(problem, err=True)
        sys.exit(1)
