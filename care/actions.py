"""You said, we did: what the service undertakes about what carers said, and what it tells them of it.

An action names nobody but the member of staff who sees to it. Carers read those that were published, in their
own language where staff wrote it and in English elsewhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from care.said import (
    A_PAGE,
    ENGLISH,
    OTHERS,
    Said,
    SaidPage,
    chosen,
    count_published,
    in_language,
    is_whole,
    languages_of,
    latest_published,
    published,
    published_of_round,
)
from carers.audit import record
from storage import actions_queries as queries
from storage.actions import ActionState, ServiceAction
from storage.engine import Session
from storage.events import Event
from storage.staff import StaffMember
from storage.surveys import Round

LONGEST = 400
"""Characters of what was said, and of what was done: three actions fit into one message of the app."""
PER_PAGE = 50
_SETTLED = frozenset(queries.SETTLED)


@dataclass(frozen=True, slots=True)
class Plan:
    """What staff write. ``translations`` by language and then ``said`` or ``did``; ``owner_id``: who sees to
    it; ``due_on``: by which local day."""

    said: str
    did: str = ""
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    state: ActionState = ActionState.PLANNED
    owner_id: int | None = None
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where it was said: at an event, or in the answers to a question of a survey's round, or neither."""

    round_id: int | None = None
    question: str | None = None
    event_id: int | None = None


class Problem(StrEnum):
    """Why an action cannot be kept, or not be published, as it is."""

    NOTHING_SAID = "nothing_said"
    TOO_LONG = "too_long"
    NOTHING_DONE = "nothing_done"
    """It is done, or found not possible, and does not say what or why."""
    NO_SUCH_OWNER = "no_such_owner"
    NOTHING_TO_TELL = "nothing_to_tell"
    """It is to be published, and says neither what is done nor by when."""


class Outcome(StrEnum):
    """What came of a deed. Only the first changed anything."""

    DONE = "done"
    UNCHANGED = "unchanged"
    OUTDATED = "outdated"
    """Somebody else changed it since ``version`` was read."""
    NOT_READY = "not_ready"
    """It has a `Problem`."""
    PUBLISHED = "published"
    """Carers read it: it is taken back before it is thrown away."""
    NOT_FOUND = "not_found"


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


async def problems(session: Session, plan: Plan, *, public: bool = False) -> dict[str, Problem]:
    """Everything that is wrong, by field: ``said``, ``did``, ``owner``, and ``said-ur`` for a translation.
    ``public``: it is published, or is to be."""
    found: dict[str, Problem] = {}
    if not plan.said:
        found["said"] = Problem.NOTHING_SAID
    if not plan.did and plan.state in _SETTLED:
        found["did"] = Problem.NOTHING_DONE
    elif not plan.did and public and not (plan.state is ActionState.PLANNED and plan.due_on):
        found["did"] = Problem.NOTHING_TO_TELL
    found |= {name: Problem.TOO_LONG for name, text in _texts(plan).items() if len(text) > LONGEST}
    if plan.owner_id is not None and plan.owner_id not in await possible_owners(session):
        found["owner"] = Problem.NO_SUCH_OWNER
    return found


def _texts(plan: Plan) -> dict[str, str]:
    translated = {
        f"{name}-{language}": text
        for language, texts in plan.translations.items()
        for name, text in texts.items()
    }
    return {"said": plan.said, "did": plan.did, **translated}


async def found_source(session: Session, source: Source) -> tuple[Survey | None, Gathering | None]:
    """The round and the event that a source names, as far as they are there."""
    round = await session.get(Round, source.round_id) if source.round_id else None
    event = await session.get(Event, source.event_id) if source.event_id else None
    return _survey(round), _gathering(event)


def _survey(round: Round | None) -> Survey | None:
    return None if round is None else Survey(round.id, round.title, round.definition)


def _gathering(event: Event | None) -> Gathering | None:
    return None if event is None else Gathering(event.id, event.title, event.starts_at)


async def possible_owners(session: Session) -> dict[int, str]:
    """Who can see to an action: everybody who has not left, by number, in the order of their names."""
    return {one.id: one.name for one in await queries.present_staff(session)}


async def note_action(
    session: Session, plan: Plan, source: Source, by: StaffMember, now: datetime, today: date
) -> ServiceAction:
    """Note a new action; ``today`` is the local day. Raises ``ValueError`` for a plan with `problems`."""
    if found := await problems(session, plan):
        raise ValueError(f"an action that cannot be: {found}")
    action = ServiceAction(
        **_columns(plan),
        settled_on=today if plan.state in _SETTLED else None,
        round_id=source.round_id,
        question=source.question if source.round_id is not None else None,
        event_id=source.event_id,
        created_at=now,
        created_by_id=by.id,
        changed_at=now,
        version=1,
    )
    session.add(action)
    await session.flush()
    await record(session, now, by, "action.note", subject_of(action.id), state=plan.state.value)
    return action


async def change_action(
    session: Session,
    action_id: int,
    plan: Plan,
    version: int,
    by: StaffMember,
    now: datetime,
    today: date,
) -> Outcome:
    """Save an action over the version that the writer saw. Carers read what is published as it stands then.

    ``today``: the local day, on which it is settled if it was not before.
    """
    action = await queries.locked_action(session, action_id)
    if action is None:
        return Outcome.NOT_FOUND
    if action.version != version:
        return Outcome.OUTDATED
    if await problems(session, plan, public=action.published_at is not None):
        return Outcome.NOT_READY
    columns = _columns(plan)
    changed = sorted(name for name, value in columns.items() if getattr(action, name) != value)
    if not changed:
        return Outcome.UNCHANGED
    if plan.state is not action.state:
        action.settled_on = _settled_on(action, plan.state, today)
    for name in changed:
        setattr(action, name, columns[name])
    action.changed_at = now
    action.version += 1
    await session.flush()
    fields = [name.removesuffix("_id") for name in changed]
    await record(session, now, by, "action.change", subject_of(action_id), changed=fields)
    return Outcome.DONE


def _settled_on(action: ServiceAction, state: ActionState, today: date) -> date | None:
    if state not in _SETTLED:
        return None
    return action.settled_on or today


def _columns(plan: Plan) -> dict[str, Any]:
    translations = {
        language: {name: text for name, text in plan.translations.get(language, {}).items() if text}
        for language in OTHERS
    }
    return {
        "said": plan.said,
        "did": plan.did,
        "translations": {language: texts for language, texts in translations.items() if texts},
        "state": plan.state,
        "owner_id": plan.owner_id,
        "due_on": plan.due_on,
    }


def plan_of(action: ServiceAction | Written) -> Plan:
    """What is written in an action."""
    return Plan(action.said, action.did, action.translations, action.state, action.owner_id, action.due_on)


async def publish(session: Session, action_id: int, version: int, by: StaffMember, now: datetime) -> Outcome:
    """Let carers read it, from now on and as it stands. What was published before stays where it was."""
    action = await queries.locked_action(session, action_id)
    if action is None:
        return Outcome.NOT_FOUND
    if action.published_at is not None:
        return Outcome.UNCHANGED
    if action.version != version:
        return Outcome.OUTDATED
    if await problems(session, plan_of(action), public=True):
        return Outcome.NOT_READY
    action.published_at, action.published_by_id = now, by.id
    action.version += 1
    await session.flush()
    await record(session, now, by, "action.publish", subject_of(action_id))
    return Outcome.DONE


async def take_back(session: Session, action_id: int, by: StaffMember, now: datetime) -> Outcome:
    """Carers find it no more. What a message told them of it stays told."""
    action = await queries.locked_action(session, action_id)
    if action is None:
        return Outcome.NOT_FOUND
    if action.published_at is None:
        return Outcome.UNCHANGED
    action.published_at = action.published_by_id = None
    action.version += 1
    await session.flush()
    await record(session, now, by, "action.take_back", subject_of(action_id))
    return Outcome.DONE


async def throw_away(session: Session, action_id: int, by: StaffMember, now: datetime) -> Outcome:
    """Delete one that was noted by mistake; no published one."""
    action = await queries.locked_action(session, action_id)
    if action is None:
        return Outcome.NOT_FOUND
    if action.published_at is not None:
        return Outcome.PUBLISHED
    await session.delete(action)
    await session.flush()
    await record(session, now, by, "action.throw_away", subject_of(action_id))
    return Outcome.DONE


async def one_action(session: Session, action_id: int, today: date) -> Line | None:
    """One action as staff see it; ``today`` is the local day."""
    action = await session.get(ServiceAction, action_id)
    return None if action is None else (await _lines(session, [action], today))[0]


async def list_actions(session: Session, today: date, page: int = 1) -> Listed:
    """All that is to be done, the soonest due first, and a page of what was."""
    pages = max(1, -(-await queries.count_settled(session) // PER_PAGE))
    page = min(page, pages)
    settled = await queries.settled_actions(session, offset=(page - 1) * PER_PAGE, count=PER_PAGE)
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


def subject_of(action_id: int) -> str:
    """How the audit log calls an action."""
    return f"action:{action_id}"


__all__ = [
    "A_PAGE",
    "ENGLISH",
    "LONGEST",
    "OTHERS",
    "ActionState",
    "Line",
    "Listed",
    "Outcome",
    "Plan",
    "Problem",
    "Said",
    "SaidPage",
    "Source",
    "Survey",
    "change_action",
    "chosen",
    "count_overdue",
    "count_published",
    "found_source",
    "in_language",
    "languages_of",
    "latest_published",
    "list_actions",
    "note_action",
    "one_action",
    "plan_of",
    "possible_owners",
    "problems",
    "publish",
    "published",
    "published_of_round",
    "subject_of",
    "take_back",
    "throw_away",
]
