"""What staff hand to carers: personal links to the bot, letters with them, and ways to a carer's own page.

All of it can be called back: links that were not used, links to pages, a phone that was lost. Every deed is
in the audit log; no link is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from carers.audit import record
from carers.linking import InviteLink, deep_link, new_link, revoke, unlink
from carers.pages import Purpose, end_links, new_code
from carers.people import Carer, StaffMember
from storage.engine import Session
from storage.households import Household
from storage.households_queries import fosters_no_more, locked_carers
from storage.links import LinksOut, links_out, revoke_links
from storage.reach_queries import to_be_linked, with_links_out

MOST_LETTERS = 200
"""So many sheets are made at once: what a printer takes, and a page that a browser can show."""


async def give_link(
    session: Session, carer_id: int, by: StaffMember, now: datetime, today: date
) -> str | None:
    """A fresh personal token for this carer; None if there is no such carer or they foster no more.

    Links given out earlier and unused stay valid. ``today``: the service's local date.
    """
    carer = await _fostering(session, carer_id, today)
    if carer is None:
        return None
    token = await new_link(session, carer, now)
    await record(session, now, by, "link.give", f"carer:{carer.ref}")
    return token


async def link_letter(
    session: Session, carer_id: int, bot_username: str, by: StaffMember, now: datetime, today: date
) -> InviteLink | None:
    """What the letter with a fresh personal link says; None if there is no such carer or they foster no
    more."""
    token = await give_link(session, carer_id, by, now, today)
    if token is None:
        return None
    carer = await session.get_one(Carer, carer_id)
    household = await session.get_one(Household, carer.household_id)
    return _letter(carer, household, deep_link(bot_username, token))


async def link_letters(
    session: Session,
    bot_username: str,
    by: StaffMember,
    now: datetime,
    today: date,
    social_worker_id: int | None = None,
) -> tuple[Sequence[InviteLink], int]:
    """A letter with a fresh link for carers who have not connected, of all or of one worker's households; and
    how many are left for another time. At most `MOST_LETTERS`, first who has no link yet."""
    carers, number = await to_be_linked(session, today, social_worker_id, most=MOST_LETTERS)
    letters = []
    for carer in carers:
        household = await session.get_one(Household, carer.household_id)
        letters.append(
            _letter(carer, household, deep_link(bot_username, await new_link(session, carer, now)))
        )
    await record(session, now, by, "link.export", links=len(letters))
    return letters, number - len(letters)


async def count_to_be_linked(session: Session, today: date, social_worker_id: int | None = None) -> int:
    """How many carers have not connected, of all or of one worker's households."""
    return (await to_be_linked(session, today, social_worker_id, most=0))[1]


async def withdraw_links(session: Session, carer_id: int, by: StaffMember, now: datetime) -> int:
    """Make the unused personal links of a carer worthless, say because a letter went astray; how many there
    were."""
    carer = await session.get(Carer, carer_id)
    return 0 if carer is None else await revoke(session, carer, by, now)


async def withdraw_all_links(
    session: Session, by: StaffMember, now: datetime, social_worker_id: int | None = None
) -> tuple[int, int]:
    """Make every unused personal link worthless, of all carers or of one worker's households. Returns
    (links, carers who had one)."""
    carers = await with_links_out(session, social_worker_id)
    links = 0
    for carer in await locked_carers(session, carers):  # who opens theirs at this moment does before or after
        links += await revoke_links(session, now, carer_id=carer.id)
    if links:
        await record(session, now, by, "link.revoke", links=links, carers=len(carers))
    return links, len(carers)


@dataclass(frozen=True, slots=True)
class PageLink:
    """What opens a carer's own page: their number for a signed link, and a code to read out or type."""

    carer_id: int
    page_number: int
    code: str


async def give_page(
    session: Session, carer_id: int, secret_key: str, by: StaffMember, now: datetime, today: date
) -> PageLink | None:
    """A way to the carer's own page, to show or print; None if there is no such carer or they foster no more.

    ``secret_key``: the service's. ``today``: its local date.
    """
    carer = await _fostering(session, carer_id, today)
    if carer is None:
        return None
    code = await new_code(session, carer, Purpose.HOME, 0, secret_key, now)
    await record(session, now, by, "page.give", f"carer:{carer.ref}")
    return PageLink(carer.id, carer.page_number, code)


async def end_all_links(session: Session, carer_id: int, by: StaffMember, now: datetime) -> bool:
    """Make every link and code to this carer's pages worthless, say because a letter went astray; False if
    there is no such carer."""
    carer = await session.get(Carer, carer_id, populate_existing=True)
    if carer is None:
        return False
    await end_links(session, carer)
    await record(session, now, by, "page.end_links", f"carer:{carer.ref}")
    return True


async def disconnect(session: Session, carer_id: int, by: StaffMember, now: datetime) -> bool:
    """Take the bot off a lost phone; False if there is no such carer or none is connected."""
    carer = await session.get(Carer, carer_id)
    if carer is None or carer.chat_id is None:
        return False
    await unlink(session, carer, by, now)
    return True


async def _fostering(session: Session, carer_id: int, today: date) -> Carer | None:
    carer = await session.get(Carer, carer_id, populate_existing=True)
    if carer is None:
        return None
    household = await session.get_one(Household, carer.household_id)
    return None if fosters_no_more(carer, household, today) else carer


def _letter(carer: Carer, household: Household, link: str) -> InviteLink:
    return InviteLink(carer.ref, household.ref, carer.first_name, carer.last_name, link)


__all__ = [
    "MOST_LETTERS",
    "LinksOut",
    "PageLink",
    "count_to_be_linked",
    "disconnect",
    "end_all_links",
    "give_link",
    "give_page",
    "link_letter",
    "link_letters",
    "links_out",
    "withdraw_all_links",
    "withdraw_links",
]
