"""What is done about what carers said, as staff see it: a list of it, one action, and where it was said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from care.said import OTHERS, is_whole
from storage import actions_queries as queries
from storage.actions import ActionState, ServiceAction
from storage.engine import Session
from storage.events import Event
from storage.surveys import Round

PER_PAGE = 50
_SETTLED = frozenset(queries.SETTLED)


@dataclass(frozen=True, slots=True)
class Source:
    """Where it was said: at an event, or in the answers to a question of a survey's round, or neither."""

    round_id: int | None = None
    question: str | None = None
    event_id: int | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """An action as it stands. ``question`` is that of its round; ``settled_on`` a local day, ``published_at``
    UTC."""

    id: int
    said: str
    did: str
    translations: Mapping[str, Mapping[str, str]]
    state: ActionState
    owner_id: int | None
    due_on: date | None
    question: str | None
    settled_on: date | None
    published_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class Survey:
    """The round of a survey in which something was said, with what it asked."""

    id: int
    title: str
    definition: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Gathering:
    """The event at which something was asked. ``starts_at`` is UTC."""

    id: int
    title: str
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """One action as staff see it. ``overdue``: its day has passed and it is not settled. ``translated``: the
    languages in which all that it says can be read, besides English."""

    action: Written
    owner: str
    round: Survey | None
    event: Gathering | None
    overdue: bool
    translated: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """What is to be done, and a page of what was; pages count from 1."""

    open: Sequence[Line]
    settled: Sequence[Line]
    page: int
    pages: int


async def one_action(session: Session, action_id: int, today: date) -> Line | None:
    """One action as staff see it; ``today`` is the local day."""
    action = await session.get(ServiceAction, action_id)
    return None if action is None else (await _lines(session, [action], today))[0]


async def list_actions(session: Session, today: date, page: int = 1, per_page: int = PER_PAGE) -> Listed:
    """All that is to be done, the soonest due first, and a page of what was."""
    pages = max(1, -(-await queries.count_settled(session) // per_page))
    page = min(page, pages)
    settled = await queries.settled_actions(session, offset=(page - 1) * per_page, count=per_page)
    opened = await queries.open_actions(session)
    return Listed(await _lines(session, opened, today), await _lines(session, settled, today), page, pages)


async def count_overdue(session: Session, today: date, owner_id: int | None = None) -> int:
    """How many are not settled though their day has passed; of one owner, or of all."""
    return await queries.count_overdue(session, today, owner_id)


async def _lines(session: Session, actions: Sequence[ServiceAction], today: date) -> list[Line]:
    rounds, events, owners = await queries.sources_of(session, actions)
    return [
        Line(
            _written(action),
            owners.get(action.owner_id or 0, ""),
            _survey(rounds.get(action.round_id or 0)),
            _gathering(events.get(action.event_id or 0)),
            overdue=action.state not in _SETTLED and action.due_on is not None and action.due_on < today,
            translated=tuple(language for language in OTHERS if is_whole(action, language)),
        )
        for action in actions
    ]


def _written(action: ServiceAction) -> Written:
    return Written(
        action.id,
        action.said,
        action.did,
        action.translations,
        action.state,
        action.owner_id,
        action.due_on,
        action.question,
        action.settled_on,
        action.published_at,
        action.version,
    )


async def found_source(session: Session, source: Source) -> tuple[Survey | None, Gathering | None]:
    """The round and the event that a source names, as far as they are there."""
    round = await session.get(Round, source.round_id) if source.round_id else None
    event = await session.get(Event, source.event_id) if source.event_id else None
    return _survey(round), _gathering(event)


def _survey(round: Round | None) -> Survey | None:
    return None if round is None else Survey(round.id, round.title, round.definition)


def _gathering(event: Event | None) -> Gathering | None:
    return None if event is None else Gathering(event.id, event.title, event.starts_at)
