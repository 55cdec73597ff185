"""You said, we did: what the service undertakes about what carers said, and what it tells them of it.

An action names nobody but the member of staff who sees to it. Carers read those that were published, in their
own language where staff wrote it and in English elsewhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from care.action_views import (
    Line,
    Listed,
    Source,
    Written,
    count_overdue,
    found_source,
    list_actions,
    one_action,
)
from care.said import (
    A_PAGE,
    ENGLISH,
    OTHERS,
    Said,
    SaidPage,
    chosen,
    count_published,
    in_language,
    languages_of,
    latest_published,
    published,
    published_of_round,
)
from carers.audit import record
from storage import actions_queries as queries
from storage.actions import ActionState, ServiceAction
from storage.engine import Session
from storage.staff import StaffMember

LONGEST = 400
"""Characters of what was said, and of what was done: three actions fit into one message of the app."""
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
