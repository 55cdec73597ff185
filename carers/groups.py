"""Groups of carers: who is in them, those that carers join and leave by themselves, those that staff fill.

A group is an audience: events and messages name it, so a new name follows there, and a group that something
to come is for is not deleted. Who left a group is not put back by the register, only by staff or themselves.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from carers.audience import audience_names, group_words
from carers.audit import record
from carers.group_names import LONGEST_NAME, is_about_children, is_reserved
from carers.people import Carer, StaffMember
from storage import groups_queries as queries
from storage.audience_queries import Use, rename_audience_everywhere, uses_of
from storage.engine import Session
from storage.households import Group

LONGEST_ABOUT = 500
PER_PAGE = 50
MOST_FOUND = 20


@dataclass(frozen=True, slots=True)
class GroupLine:
    """A group and how many of today's carers are in it. ``words``: as people call it."""

    id: int
    name: str
    words: str
    about: str
    is_open: bool
    in_place_of_children: bool
    carers: int = 0


@dataclass(frozen=True, slots=True)
class Member:
    """A carer in a group, or one who could be. ``left``: they were in it and left, or were taken out."""

    id: int
    ref: str
    name: str
    household: str
    from_register: bool = False
    left: bool = False


@dataclass(frozen=True, slots=True)
class GroupView:
    """A page of a group's members by name, from 1, and what it is used for."""

    line: GroupLine
    members: tuple[Member, ...]
    page: int
    pages: int
    uses: tuple[Use, ...]


class GroupRefusal(StrEnum):
    """Why a group was not made, changed or deleted."""

    NO_NAME = "no_name"
    TOO_LONG = "too_long"
    SEMICOLON = "semicolon"
    """The register file parts groups by it."""
    RESERVED = "reserved"
    NAME_TAKEN = "name_taken"
    CHANGED_MEANWHILE = "changed_meanwhile"
    IN_USE = "in_use"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class GroupWords:
    """What staff say of a group. They are shown to carers where it is open."""

    name: str
    about: str = ""
    is_open: bool = False


async def list_groups(session: Session, today: date, own_households: int | None = None) -> list[GroupLine]:
    """Every group by name, counting the carers of this local day, or this social worker's alone."""
    found = await queries.groups_with_counts(session, today, own_households)
    return [_line(group, carers) for group, carers in found]


async def view_group(
    session: Session,
    group_id: int,
    now: datetime,
    zone: ZoneInfo,
    page: int = 1,
    own_households: int | None = None,
    per_page: int = PER_PAGE,
) -> GroupView | None:
    """One group, with the members whom this person may see. A page past the end is the last one."""
    group = await queries.group_by_id(session, group_id)
    if group is None:
        return None
    today = now.astimezone(zone).date()
    total = await queries.count_members(session, group_id, today, own_households)
    pages = max(1, -(-total // per_page))
    page = min(page, pages)
    members = await queries.members_of_group(
        session, group_id, today, own_households, (page - 1) * per_page, per_page
    )
    return GroupView(
        _line(group, total),
        tuple(_member(carer, from_register=given) for carer, given in members),
        page,
        pages,
        tuple(await uses_of(session, group.name, now)),
    )


async def find_to_add(session: Session, group_id: int, words: str, today: date) -> list[Member]:
    """Carers whom these words find and who are not in the group; nobody without a word."""
    if not words.strip():
        return []
    found = await queries.carers_not_in(session, group_id, words, today, MOST_FOUND)
    return [_member(carer, left=left) for carer, left in found]


async def make_group(
    session: Session, words: GroupWords, by: StaffMember, now: datetime, today: date
) -> Group | GroupRefusal:
    """Make a group with nobody in it."""
    words = _tidy(words)
    if refusal := await _wrong(session, words, today):
        return refusal
    group = Group(name=words.name, about=words.about, is_open=words.is_open)
    session.add(group)
    await session.flush()
    await record(session, now, by, "group.make", f"group:{group.id}", open=words.is_open)
    return group


async def change_group(
    session: Session,
    group_id: int,
    shown: GroupWords,
    words: GroupWords,
    by: StaffMember,
    now: datetime,
    today: date,
) -> Group | GroupRefusal:
    """Change what a group is called and who may join it; ``shown`` is what it was when the form was made.

    A new name follows in events, messages, surveys and saved audiences.
    """
    group, words = await queries.group_by_id(session, group_id, lock=True), _tidy(words)
    if group is None:
        return GroupRefusal.NOT_FOUND
    if _tidy(shown) != words_of(group):
        return GroupRefusal.CHANGED_MEANWHILE
    if refusal := await _wrong(session, words, today, group):
        return refusal
    was = words_of(group)
    if words == was:
        return group
    if words.name != was.name:
        await rename_audience_everywhere(session, was.name, words.name)
    group.name, group.about, group.is_open = words.name, words.about, words.is_open
    await session.flush()
    changed = [name for name in ("name", "about", "is_open") if getattr(was, name) != getattr(words, name)]
    await record(session, now, by, "group.change", f"group:{group.id}", changed=changed)
    return group


async def delete_group(
    session: Session, group_id: int, by: StaffMember, now: datetime
) -> GroupRefusal | None:
    """Delete a group that nothing to come is for; None: it is done."""
    group = await queries.group_by_id(session, group_id, lock=True)
    if group is None:
        return GroupRefusal.NOT_FOUND
    if await uses_of(session, group.name, now):
        return GroupRefusal.IN_USE
    await session.delete(group)
    await record(session, now, by, "group.delete", f"group:{group_id}")
    return None


@dataclass(frozen=True, slots=True)
class OfRegister:
    """What the register has to say of carers and a group: who is in it by the register's doing, and whom the
    register is not to put in, since they left or were taken out."""

    members: frozenset[int] = frozenset()
    leavers: frozenset[int] = frozenset()


async def of_register(session: Session, group_id: int, carer_ids: Collection[int]) -> OfRegister:
    """How these carers stand, before they are put in or taken out: what takes that back brings it back."""
    left = await queries.leavers(session, carer_ids)
    return OfRegister(
        frozenset(await queries.from_register(session, group_id, carer_ids)),
        frozenset(carer_id for carer_id, groups in left.items() if group_id in groups),
    )


async def add_carers(
    session: Session,
    group_id: int,
    carer_ids: Collection[int],
    by: StaffMember,
    now: datetime,
    today: date,
    registered: Collection[int] = (),
) -> list[Carer] | GroupRefusal:
    """Put carers of this local day into a group; returns those who were not in it. ``registered``: those
    among them who had been in it by the register's doing, and are again."""
    if await queries.group_by_id(session, group_id) is None:
        return GroupRefusal.NOT_FOUND
    carers = await queries.current_among(session, carer_ids, today)
    added = [
        carer
        for carer in carers
        if await queries.put_in(session, group_id, carer.id, from_register=carer.id in registered)
    ]
    if added:
        refs = [carer.ref for carer in added]
        await record(session, now, by, "group.add", f"group:{group_id}", carers=refs)
    return added


async def take_out_carers(
    session: Session,
    group_id: int,
    carer_ids: Collection[int],
    by: StaffMember,
    now: datetime,
    today: date,
    put_in_by_mistake: Collection[int] = (),
) -> list[Carer]:
    """Take carers out of a group, so that the register does not put them back; returns who was in it.
    ``put_in_by_mistake``: those among them whom the register may put in all the same."""
    carers = await queries.current_among(session, carer_ids, today)
    gone = [
        carer
        for carer in carers
        if await queries.take_out(session, group_id, carer.id, for_good=carer.id not in put_in_by_mistake)
    ]
    if gone:
        refs = [carer.ref for carer in gone]
        await record(session, now, by, "group.take_out", f"group:{group_id}", carers=refs)
    return gone


@dataclass(frozen=True, slots=True)
class OwnGroups:
    """The groups of one carer, and those that they could join, by name."""

    mine: tuple[GroupLine, ...]
    others: tuple[GroupLine, ...]


async def own_groups(session: Session, carer: Carer) -> OwnGroups:
    """Which groups a carer is in, and which are open to them."""
    mine = await queries.groups_of_one(session, carer.id)
    others = await queries.open_groups_without(session, carer.id)
    return OwnGroups(tuple(map(_line, mine)), tuple(map(_line, others)))


class Joined(StrEnum):
    """What became of a carer's wish to join or to leave. ``SAME``: it was so already."""

    JOINED = "joined"
    LEFT = "left"
    SAME = "same"
    CLOSED = "closed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class JoinOutcome:
    result: Joined
    group: GroupLine | None = None


async def join(session: Session, carer: Carer, group_id: int, now: datetime) -> JoinOutcome:
    """A carer joins a group that is open. Anybody's client can ask for any group."""
    group = await queries.group_by_id(session, group_id)
    if group is None:
        return JoinOutcome(Joined.GONE)
    if not group.is_open:
        mine = {one.id for one in await queries.groups_of_one(session, carer.id)}
        return JoinOutcome(Joined.SAME if group_id in mine else Joined.CLOSED, _line(group))
    made = await queries.put_in(session, group_id, carer.id)
    return JoinOutcome(Joined.JOINED if made else Joined.SAME, _line(group))


async def leave(session: Session, carer: Carer, group_id: int, now: datetime) -> JoinOutcome:
    """A carer leaves a group, whoever put them into it."""
    group = await queries.group_by_id(session, group_id)
    if group is None:
        return JoinOutcome(Joined.GONE)
    gone = await queries.take_out(session, group_id, carer.id)
    return JoinOutcome(Joined.LEFT if gone else Joined.SAME, _line(group))


def words_of(group: Group) -> GroupWords:
    """What a group is called and who may join it, as a form shows it."""
    return GroupWords(group.name, group.about, group.is_open)


def _tidy(words: GroupWords) -> GroupWords:
    about = words.about.replace("\r\n", "\n").strip()
    return GroupWords(" ".join(words.name.split()), about, words.is_open)


async def _wrong(
    session: Session, words: GroupWords, today: date, group: Group | None = None
) -> GroupRefusal | None:
    name = words.name
    if not name:
        return GroupRefusal.NO_NAME
    if len(name) > LONGEST_NAME or len(words.about) > LONGEST_ABOUT or not name.isprintable():
        return GroupRefusal.TOO_LONG
    if ";" in name:
        return GroupRefusal.SEMICOLON
    if group is not None and group.name == name:
        return None
    if is_reserved(name):
        return GroupRefusal.RESERVED
    others = [one for one in await audience_names(session, today) if group is None or one != group.name]
    taken = name.casefold() in {one.casefold() for one in others}
    return GroupRefusal.NAME_TAKEN if taken else None


def _line(group: Group, carers: int = 0) -> GroupLine:
    return GroupLine(
        group.id,
        group.name,
        group_words(group.name),
        group.about,
        group.is_open,
        is_about_children(group.name),
        carers,
    )


def _member(carer: Carer, *, from_register: bool = False, left: bool = False) -> Member:
    name = f"{carer.first_name} {carer.last_name}".strip() or carer.ref
    return Member(carer.id, carer.ref, name, carer.household.ref, from_register, left)


__all__ = [
    "LONGEST_ABOUT",
    "LONGEST_NAME",
    "MOST_FOUND",
    "GroupLine",
    "GroupRefusal",
    "GroupView",
    "GroupWords",
    "JoinOutcome",
    "Joined",
    "Member",
    "OwnGroups",
    "Use",
    "add_carers",
    "change_group",
    "delete_group",
    "find_to_add",
    "join",
    "leave",
    "list_groups",
    "make_group",
    "own_groups",
    "take_out_carers",
    "view_group",
    "words_of",
]
