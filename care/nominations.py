"""Nominations: a carer names another, or a household, to be thanked at a forum, and says why.

Staff decide what comes of it (`care.shortlisting`). What the carer wrote is for staff alone and goes after 90
days; nobody is ever offered a list of carers to choose from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from carers.people import Carer
from storage import nominations_queries as queries
from storage.engine import Session
from storage.events import Event
from storage.households import Household
from storage.nominations import Nomination, NominationState

FORUM = "forum"
"""The kind of event at which nominations are celebrated."""
LONGEST_NAME = 120
LONGEST_WORDS = 500
MOST_WAITING = 3
"""How many of a carer's nominations staff may not have looked at; then they wait before they send another."""
KEPT_FOR = timedelta(days=90)
"""How long name and words of the carer are kept."""
CELEBRATED_WITHIN = timedelta(days=60)
"""How long after a forum it can still be noted what happened there."""
PER_PAGE = 50


class Sent(StrEnum):
    """What came of a carer's wish to nominate."""

    SENT = "sent"
    ALREADY = "already"
    """The same words about the same name wait already: a button was pressed twice."""
    ENOUGH = "enough"
    """Three of theirs wait."""


class Back(StrEnum):
    """What came of a carer's wish to take theirs back."""

    GONE = "gone"
    TOO_LATE = "too_late"
    """Staff have decided on it."""
    NOT_THERE = "not_there"


@dataclass(frozen=True, slots=True)
class Written:
    """A nomination as it stands. ``citation``: what is read out, in the words of staff. Times are UTC."""

    id: int
    whom: str | None
    words: str | None
    carer_id: int | None
    household_id: int | None
    state: NominationState
    citation: str
    event_id: int | None
    created_at: datetime
    decided_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class Forum:
    """An event at which nominations are celebrated. Times are UTC."""

    id: int
    ref: str
    title: str
    starts_at: datetime
    ends_at: datetime
    venue: str


@dataclass(frozen=True, slots=True)
class Line:
    """A nomination as staff see it. ``by``: who sent it, empty for who was erased; ``of``: who is meant, as
    far as staff found; ``own``: it is the nominator's own household."""

    nomination: Written
    by: str
    by_carer_id: int | None
    of: str
    own: bool
    event: Forum | None

    @property
    def id(self) -> int:
        return self.nomination.id


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of those in one state; pages count from 1."""

    lines: Sequence[Line]
    total: int
    page: int
    pages: int


async def nominate(
    session: Session, carer: Carer, whom: str, words: str, now: datetime
) -> tuple[Sent, Nomination | None]:
    """A carer nominates somebody by name and says why.

    Raises ``ValueError`` for what is empty or too long. Two that come at once are taken one after the other.
    """
    whom, words = tidy(whom), words.replace("\0", "").strip()
    if not (whom and words) or len(whom) > LONGEST_NAME or len(words) > LONGEST_WORDS:
        raise ValueError("a nomination has a name and a reason, and neither is too long")
    await queries.hold_carer(session, carer.id)
    waiting = await waiting_of(session, carer)
    same = next((one for one in waiting if (one.whom, one.words) == (whom, words)), None)
    if same is not None:
        return Sent.ALREADY, same
    if len(waiting) >= MOST_WAITING:
        return Sent.ENOUGH, None
    nomination = Nomination(
        nominated_by_id=carer.id,
        whom=whom,
        words=words,
        state=NominationState.NEW,
        citation="",
        created_at=now,
        version=1,
    )
    session.add(nomination)
    await session.flush()
    return Sent.SENT, nomination


def tidy(name: str) -> str:
    """A name as it is kept: on one line."""
    return " ".join(name.replace("\0", "").split())


def names_somebody(name: str) -> bool:
    """Whether it can be a name at all: no number, and not nothing."""
    return any(sign.isalpha() for sign in name)


async def waiting_of(session: Session, carer: Carer) -> list[Nomination]:
    """A carer's nominations that staff have not decided on, the latest first: they can be taken back."""
    theirs = await queries.nominations_by(session, carer.id)
    return [one for one in theirs if one.state is NominationState.NEW and one.whom is not None]


async def take_back(session: Session, carer: Carer, nomination_id: int) -> tuple[Back, str]:
    """A carer takes theirs back, and it is deleted; and whom it named."""
    nomination = await queries.locked_nomination(session, nomination_id)
    if nomination is None or nomination.nominated_by_id != carer.id:
        return Back.NOT_THERE, ""
    if nomination.state is not NominationState.NEW:
        return Back.TOO_LATE, ""
    whom = nomination.whom or ""
    await session.delete(nomination)
    await session.flush()
    return Back.GONE, whom


async def list_in(
    session: Session, state: NominationState, page: int = 1, per_page: int = PER_PAGE
) -> Listed:
    """A page of those in one state, new ones in the order in which they came."""
    total = await queries.count_in(session, {state})
    pages = max(1, -(-total // per_page))
    page = min(page, pages)
    found = await queries.page_in(session, state, offset=(page - 1) * per_page, count=per_page)
    return Listed(await _lines(session, found), total, page, pages)


async def count_new(session: Session) -> int:
    """How many wait for staff."""
    return await queries.count_in(session, {NominationState.NEW})


async def one_nomination(session: Session, nomination_id: int) -> Line | None:
    """One nomination as staff see it."""
    nomination = await session.get(Nomination, nomination_id, populate_existing=True)
    return None if nomination is None else (await _lines(session, [nomination]))[0]


async def for_forum(session: Session, event_id: int) -> tuple[Forum, list[Line]] | None:
    """What is read out at a forum: those shortlisted for it, and those celebrated there. None: no event."""
    event = await session.get(Event, event_id)
    if event is None:
        return None
    return _forum(event), await _lines(session, await queries.nominations_for(session, event_id))


async def forums_to_come(session: Session, now: datetime) -> list[Forum]:
    """The forums that are not over, the soonest first."""
    return [_forum(event) for event in await queries.forums(session, FORUM, now)]


async def forums_of_late(session: Session, now: datetime) -> list[Forum]:
    """The same with those of the last two months, after which it is still noted who was celebrated."""
    return [_forum(event) for event in await queries.forums(session, FORUM, now - CELEBRATED_WITHIN)]


async def forget_old_words(session: Session, now: datetime) -> int:
    """Empty what carers wrote 90 days ago or earlier; part of the daily purge. Returns how many."""
    return await queries.forget_words(session, now - KEPT_FOR)


async def _lines(session: Session, found: Sequence[Nomination]) -> list[Line]:
    people = [*(one.nominated_by_id for one in found), *(one.carer_id for one in found)]
    carers = await queries.carers_at_home(session, people)
    homes = await queries.households_with_carers(session, [one.household_id for one in found])
    events = await queries.events_named(session, [one.event_id for one in found])
    return [_line(one, carers, homes, events) for one in found]


def _line(
    one: Nomination, carers: dict[int, Carer], homes: dict[int, Household], events: dict[int, Event]
) -> Line:
    nominator = carers.get(one.nominated_by_id or 0)
    named, home = carers.get(one.carer_id or 0), homes.get(one.household_id or 0)
    event = events.get(one.event_id or 0)
    return Line(
        _written(one),
        by=name_of(nominator) if nominator else "",
        by_carer_id=nominator.id if nominator else None,
        of=name_of(named) if named else household_name(home) if home else "",
        own=nominator is not None and one.household_id == nominator.household_id,
        event=_forum(event) if event else None,
    )


def _written(one: Nomination) -> Written:
    return Written(
        one.id,
        one.whom,
        one.words,
        one.carer_id,
        one.household_id,
        one.state,
        one.citation,
        one.event_id,
        one.created_at,
        one.decided_at,
        one.version,
    )


def _forum(event: Event) -> Forum:
    return Forum(event.id, event.ref, event.title, event.starts_at, event.ends_at, event.venue)


def name_of(carer: Carer) -> str:
    """A carer's name; their number where the name is gone."""
    return f"{carer.first_name} {carer.last_name}".strip() or carer.ref


def household_name(household: Household) -> str:
    """Those who foster together, and their number: ``Amal and Jo Reed (H1)``."""
    there = [one for one in household.carers if one.left_on is None and one.erased_at is None]
    if len(there) == 2 and there[0].last_name == there[1].last_name:
        names = f"{there[0].first_name} and {name_of(there[1])}"
    else:
        names = " and ".join(name_of(one) for one in there)
    return f"{names} ({household.ref})" if names else household.ref


__all__ = [
    "FORUM",
    "LONGEST_NAME",
    "LONGEST_WORDS",
    "MOST_WAITING",
    "Back",
    "Forum",
    "Line",
    "Listed",
    "Nomination",
    "NominationState",
    "Sent",
    "count_new",
    "for_forum",
    "forget_old_words",
    "forums_of_late",
    "forums_to_come",
    "household_name",
    "list_in",
    "name_of",
    "nominate",
    "one_nomination",
    "take_back",
    "tidy",
    "waiting_of",
]
