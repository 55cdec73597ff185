"""The command that reads what comes to the service's mailbox."""

import sys

import click

from bot.opening import asynchronous

TRY_AGAIN = 75
"""What a mail server takes for "not now": it keeps the mail and brings it again."""


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="FILE...")
@asynchronous
async def mail(sources: tuple[str, ...]) -> None:
    """Read mails that came back, and answers of calendars, and act on them.

    Each FILE is one mail, an mbox, or a Maildir folder, of which what is new is read; - reads one mail from
    standard input, for a mail server that pipes them. Only what holds the service's own marks counts.
    """
    try:
        counts = await _read(list(sources))
    except Exception as error:
        if "-" not in sources:
            raise
        # Whatever it was: a mail that is brought again is not lost.
        click.echo(f"not now ({type(error).__name__})", err=True)
        sys.exit(TRY_AGAIN)
    for words, count in counts.items():
        click.echo(f"{count:>6}  {words}")
    if not counts:
        click.echo("Nothing to read.")


async def _read(sources: list[str]) -> dict[str, int]:
    from bot.clock import system_clock
    from bot.mail_incoming import take_all
    from bot.mail_message import letterhead_of
    from bot.opening import opened
    from bot.settings import WrongSettings, load, unset

    settings = load()
    if settings.mail is None:
        raise WrongSettings([unset("smtp_url")])
    marks = letterhead_of(settings.mail, settings.key()).marks
    async with opened(settings) as database:
        try:
            return await take_all(database, sources, marks, system_clock(), settings.timezone)
        except OSError as error:
            raise click.ClickException(f"cannot be read: {error}") from error
