"""`hearthline staff`: adding members of staff."""

import click

from bot.opening import asynchronous

ROLES = ("coordinator", "social_worker", "manager", "administrator")

WHY_NOT = {
    "address_taken": "Somebody else who works here has this email address already.",
    "last_administrator": "This is the last administrator. Add another before they get another role.",
}


@click.group()
def staff() -> None:
    """Add members of staff."""


@staff.command()
@click.option("--name", required=True, help="First and last name, as colleagues know them.")
@click.option("--role", required=True, type=click.Choice(ROLES))
@click.option("--email", default="", help="A work address at which a sign-in link may be asked for.")
@asynchronous
async def add(name: str, role: str, email: str) -> None:
    """Add somebody and print the link by which they connect their Telegram account.

    Somebody whom the register already names keeps their households; adding them again makes a new link.
    """
    from bot.clock import system_clock
    from bot.opening import opened
    from bot.settings import load
    from bot.username import UnknownName, known_username
    from carers.accounts import Refused, Wanted, add_account
    from carers.linking import deep_link
    from carers.people import Role

    settings, now = load(), system_clock()
    async with opened(settings) as database:
        try:
            username = await known_username(settings, database, now)
        except UnknownName as unknown:
            raise click.ClickException(str(unknown)) from unknown
        async with database.write() as session:
            added = await add_account(session, Wanted(name, Role(role), email), None, now)
    if isinstance(added, Refused):
        raise click.ClickException(WHY_NOT[added])
    click.echo(deep_link(username, added[1]))
