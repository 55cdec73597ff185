"""Connecting a Telegram account to a carer or a member of staff, by a link that works once.

A link carries 128 random bits; the database keeps their SHA-256 alone, so that a copy of it opens nothing.
Connecting revokes the person's other unused links. A link opened in another chat moves its owner there. Two
carers of one household may open theirs in the same chat, and share it: `carers.shared_chats`.

Wrong tokens slow the chat that offers them; a chat that has offered none is always heard, so that nobody can
lock carers out by guessing from many accounts.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from carers.audit import record
from carers.pages import switch_feed_off
from carers.shared_chats import called, let_speak, put_in_order
from carers.shared_chats import leave_chat as take_out_of_chat
from carers.spreadsheet_writing import Table
from storage.engine import Session
from storage.households import Carer, Household
from storage.households_queries import fosters_no_more, locked_carers, unlinked_carers
from storage.links import (
    LinkAttempt,
    LinkToken,
    Stranger,
    count_attempts,
    forget_attempts,
    link_of_hash,
    revoke_links,
    spend_link,
    waiting_strangers,
)
from storage.people import carers_at_home, carers_of_chat, lock_chat, staff_of_chat
from storage.routing import reroute, reroute_staff
from storage.staff import StaffMember

WINDOW = timedelta(hours=1)
WRONG_PER_CHAT = 5
WRONG_BY_ALL = 200
"""With more wrong tokens than this in an hour, one wrong token is enough to slow a chat."""

# Two links of one person in two chats at once: the second waits here, and then finds its link revoked.
_ALONE = {"key_share": True}

LINK_COLUMNS = ("carer_ref", "household_ref", "first_name", "last_name", "link")


class Refusal(StrEnum):
    """Why a token connected nobody."""

    WRONG = "wrong"
    """Unknown, used, revoked, or of a household that has left: told apart to nobody."""
    SLOWED = "slowed"
    CHAT_TAKEN = "chat_taken"
    """This chat is a carer's of another household already, or another colleague's; the link stays unused."""


@dataclass(frozen=True, slots=True)
class Linked:
    """The chat is connected: to a carer or to a member of staff. ``again``: it was so before this token.

    ``sharing``: what the carer is called who has had this chat so far and keeps it. ``moved_from``: the chat
    in which the carer was until now, and ``stays`` who is there still.
    """

    carer: Carer | None = None
    staff: StaffMember | None = None
    again: bool = False
    sharing: str = ""
    moved_from: int | None = None
    stays: Carer | None = None


@dataclass(frozen=True, slots=True)
class InviteLink:
    """One carer's personal way in, for a letter. Dates, names and refs as the register has them."""

    carer_ref: str
    household_ref: str
    first_name: str
    last_name: str
    link: str


def token_hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def deep_link(bot_username: str, token: str) -> str:
    return f"https://t.me/{bot_username.removeprefix('@')}?start={token}"


async def new_link(session: Session, owner: Carer | StaffMember, now: datetime) -> str:
    """A new token for this person: 22 characters of ``A-Za-z0-9_-``. Earlier unused ones stay valid."""
    token = secrets.token_urlsafe(16)
    session.add(
        LinkToken(
            token_hash=token_hash(token),
            carer_id=owner.id if isinstance(owner, Carer) else None,
            staff_id=owner.id if isinstance(owner, StaffMember) else None,
            created_at=now,
        )
    )
    await session.flush()
    return token


async def redeem(
    session: Session, token: str, chat_id: int, now: datetime, name: str = "", *, today: date | None = None
) -> Linked | Refusal:
    """Connect this chat to whom the token belongs to. ``name``: what Telegram calls the person. ``today``:
    the service's local date, that of ``now`` in UTC where it is not given.

    A person who taps their own link again, or whose /start is delivered twice, is told that all is well.
    A valid link of someone who is connected elsewhere moves them to this chat: staff gave it for that.
    """
    if await _is_slowed(session, chat_id, now):
        return Refusal.SLOWED
    link = await link_of_hash(session, token_hash(token))
    if link is None:
        return await _wrong(session, chat_id, now, name)
    if link.staff_id is not None:
        return await _connect_staff(session, link, chat_id, now, name)
    return await _connect_carer(session, link, chat_id, now, today or now.date(), name)


async def _is_slowed(session: Session, chat_id: int, now: datetime) -> bool:
    mine = await count_attempts(session, now - WINDOW, chat_id)
    if mine == 0:
        return False
    return mine >= WRONG_PER_CHAT or await count_attempts(session, now - WINDOW) > WRONG_BY_ALL


async def _wrong(session: Session, chat_id: int, now: datetime, name: str) -> Refusal:
    await forget_attempts(session, before=now - WINDOW)
    session.add(LinkAttempt(chat_id=chat_id, at=now))
    await note_stranger(session, chat_id, name, now)
    return Refusal.WRONG


async def _connect_carer(
    session: Session, link: LinkToken, chat_id: int, now: datetime, today: date, name: str
) -> Linked | Refusal:
    await lock_chat(session, chat_id)
    carer = await session.get_one(Carer, link.carer_id)
    # All of the household, in one order: two of them who move, or come to share a chat, do so in turn.
    await locked_carers(session, await carers_at_home(session, carer.household_id))
    household = await session.get_one(Household, carer.household_id)
    if carer.chat_id == chat_id:
        there = await carers_of_chat(session, chat_id)
        await let_speak(session, carer, there)
        return Linked(carer=carer, again=True, sharing=_names(there, carer))
    if fosters_no_more(carer, household, today):
        return await _wrong(session, chat_id, now, name)
    there = await _still_here(session, chat_id, now, today)
    if any(one.household_id != carer.household_id for one in there):
        return Refusal.CHAT_TAKEN
    if not await spend_link(session, link.id, now):
        return await _wrong(session, chat_id, now, name)
    await revoke_links(session, now, carer_id=carer.id)
    moved_from = carer.chat_id
    stays = await take_out_of_chat(session, carer, now)
    await _come_in(session, carer, there, chat_id, now)
    await _forget_stranger(session, chat_id)
    await reroute(session, now, carer.id)
    return Linked(carer, sharing=_names(there, carer), moved_from=moved_from, stays=stays)


async def _still_here(session: Session, chat_id: int, now: datetime, today: date) -> Sequence[Carer]:
    """The carers of this chat who foster still: who does not keeps it from nobody."""
    there = await carers_of_chat(session, chat_id)
    for gone in [one for one in there if fosters_no_more(one, one.household, today)]:
        await take_out_of_chat(session, gone, now)
    return [one for one in there if one.chat_id == chat_id]


async def _come_in(
    session: Session, carer: Carer, there: Sequence[Carer], chat_id: int, now: datetime
) -> None:
    """Connect a carer, who speaks from now on: they have the phone in their hand."""
    await let_speak(session, carer, there)
    carer.chat_id, carer.linked_at = chat_id, now
    carer.stopped_at = carer.unreachable_since = carer.unreachable_reason = None
    carer.channel = None  # whoever connects wants it here, whatever was chosen while they could not
    await put_in_order(session, chat_id, now)


def _names(there: Sequence[Carer], carer: Carer) -> str:
    """Who else is in a chat; in practice one, or nobody."""
    return ", ".join(called(one) for one in there if one is not carer)


async def _connect_staff(
    session: Session, link: LinkToken, chat_id: int, now: datetime, name: str
) -> Linked | Refusal:
    member = await session.get_one(StaffMember, link.staff_id, with_for_update=_ALONE, populate_existing=True)
    if member.left_on is not None:
        return await _wrong(session, chat_id, now, name)
    if member.chat_id == chat_id:
        return Linked(staff=member, again=True)
    if await staff_of_chat(session, chat_id) is not None:
        return Refusal.CHAT_TAKEN
    if not await spend_link(session, link.id, now):
        return await _wrong(session, chat_id, now, name)
    await revoke_links(session, now, staff_id=member.id)
    member.chat_id, member.linked_at = chat_id, now
    member.channel = None  # as for carers: whoever connects wants it here
    await _forget_stranger(session, chat_id)
    await reroute_staff(session, now, member.id)
    await record(session, now, member, "staff.connect", f"staff:{member.id}")
    return Linked(staff=member)


async def revoke(session: Session, owner: Carer | StaffMember, by: StaffMember | None, now: datetime) -> int:
    """Make every unused link of this person worthless; returns how many there were."""
    if isinstance(owner, Carer):
        count = await revoke_links(session, now, carer_id=owner.id)
        await record(session, now, by, "link.revoke", f"carer:{owner.ref}", links=count)
    else:
        count = await revoke_links(session, now, staff_id=owner.id)
        await record(session, now, by, "link.revoke", f"staff:{owner.id}", links=count)
    return count


async def unlink(session: Session, carer: Carer, by: StaffMember | None, now: datetime) -> None:
    """Disconnect a carer's chat, say because the phone was lost. A new link connects them again.

    The address of their calendar feed may be on that phone too, and ends with it. Who shares the chat keeps
    it.
    """
    await leave_chat(session, carer, now)
    switch_feed_off(carer)
    await session.flush()
    await reroute(session, now, carer.id)
    await record(session, now, by, "carer.unlink", f"carer:{carer.ref}")


async def leave_chat(session: Session, carer: Carer, now: datetime) -> None:
    """Take a carer out of their chat and end their unused links, because they leave the service or are
    erased. Who shares the chat keeps it."""
    await take_out_of_chat(session, carer, now)
    await revoke_links(session, now, carer_id=carer.id)


async def invite_links(
    session: Session, bot_username: str, now: datetime, today: date, by: StaffMember | None = None
) -> list[InviteLink]:
    """A fresh link for every current carer without a chat, by name. Unused earlier links stay valid.

    ``today`` is the service's local date.
    """
    links = [
        InviteLink(
            carer_ref=carer.ref,
            household_ref=carer.household.ref,
            first_name=carer.first_name,
            last_name=carer.last_name,
            link=deep_link(bot_username, await new_link(session, carer, now)),
        )
        for carer in await unlinked_carers(session, today)
    ]
    await record(session, now, by, "link.export", links=len(links))
    return links


def links_table(links: Sequence[InviteLink]) -> Table:
    """The links as they are written to a file."""
    return Table(
        LINK_COLUMNS,
        [[one.carer_ref, one.household_ref, one.first_name, one.last_name, one.link] for one in links],
    )


async def note_stranger(session: Session, chat_id: int, name: str, now: datetime) -> None:
    """Remember that somebody unknown wrote, so that staff see the request; never what they wrote."""
    known = await session.get(Stranger, chat_id)
    if known is None:
        session.add(Stranger(chat_id=chat_id, name=name[:200], first_seen_at=now, last_seen_at=now))
    else:
        known.last_seen_at = now
        known.name = name[:200] or known.name
    await session.flush()


async def strangers(session: Session) -> Sequence[Stranger]:
    """Who asked to be let in and waits for staff to look, the latest first."""
    return await waiting_strangers(session)


async def dismiss_stranger(session: Session, chat_id: int, by: StaffMember | None, now: datetime) -> bool:
    """Take someone off the list of requests; they stay off it. False if they are not on it."""
    stranger = await session.get(Stranger, chat_id)
    if stranger is None or stranger.dismissed_at is not None:
        return False
    stranger.dismissed_at = now
    await record(session, now, by, "stranger.dismiss")
    return True


async def bring_back_stranger(session: Session, chat_id: int, by: StaffMember, now: datetime) -> bool:
    """Put a request that was dismissed on the list again. False if it is there, or nobody asked."""
    stranger = await session.get(Stranger, chat_id)
    if stranger is None or stranger.dismissed_at is None:
        return False
    stranger.dismissed_at = None
    await record(session, now, by, "stranger.bring_back")
    return True


async def _forget_stranger(session: Session, chat_id: int) -> None:
    stranger = await session.get(Stranger, chat_id)
    if stranger is not None:
        await session.delete(stranger)
    await session.flush()
