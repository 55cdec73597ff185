"""You said, we did, as carers read it: in their language where staff wrote it, and in English elsewhere."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from carers.people import Language
from storage import actions_queries as queries
from storage.actions import ActionState, ServiceAction
from storage.engine import Session

ENGLISH = Language.ENGLISH.value
OTHERS = tuple(language.value for language in Language if language is not Language.ENGLISH)
"""The languages into which an action can be translated."""
A_PAGE = 3
"""How many actions carers are shown at once."""


@dataclass(frozen=True, slots=True)
class Said:
    """One action as a carer reads it, in their language where it was written in it."""

    id: int
    said: str
    did: str
    state: ActionState
    due_on: date | None
    settled_on: date | None

    def as_params(self) -> dict[str, Any]:
        """The same as plain JSON, for a text."""
        return {
            "said": self.said,
            "did": self.did,
            "state": self.state.value,
            "due_on": self.due_on.isoformat() if self.due_on else None,
            "settled_on": self.settled_on.isoformat() if self.settled_on else None,
        }


@dataclass(frozen=True, slots=True)
class SaidPage:
    """A page of what carers read; pages count from 1, and one past the end is the last."""

    actions: Sequence[Said]
    page: int
    pages: int


async def published(session: Session, language: str, page: int = 1) -> SaidPage:
    """A page of what carers read, the latest published first."""
    pages = max(1, -(-await queries.count_published(session) // A_PAGE))
    page = min(max(1, page), pages)
    found = await queries.published_actions(session, offset=(page - 1) * A_PAGE, count=A_PAGE)
    return SaidPage([in_language(action, language) for action in found], page, pages)


async def count_published(session: Session) -> int:
    """How many actions carers can read."""
    return await queries.count_published(session)


async def latest_published(session: Session, count: int) -> list[Said]:
    """So many of those that carers can read, in English, the latest published first."""
    return [in_language(one, ENGLISH) for one in await queries.published_actions(session, count=count)]


async def published_of_round(session: Session, round_id: int, language: str) -> list[Said]:
    """What carers read of what came of one survey's round, the latest published first."""
    found = await queries.published_actions(session, round_id=round_id)
    return [in_language(action, language) for action in found]


async def chosen(session: Session, ids: Collection[int], language: str) -> list[Said]:
    """Those of these actions that are published, in one language."""
    found = await queries.published_with_ids(session, ids)
    return [in_language(action, language) for action in found]


async def languages_of(session: Session, ids: Collection[int]) -> tuple[str, ...]:
    """The languages in which each of these, as far as it is published, can be read; English first."""
    found = await queries.published_with_ids(session, ids)
    return (ENGLISH, *(one for one in OTHERS if all(is_whole(action, one) for action in found)))


def in_language(action: ServiceAction, language: str) -> Said:
    """An action in this language, if all of it is there, or else in English: never half of each."""
    texts = action.translations[language] if language in OTHERS and is_whole(action, language) else {}
    return Said(
        action.id,
        texts.get("said") or action.said,
        texts.get("did") or action.did,
        action.state,
        action.due_on,
        action.settled_on,
    )


def is_whole(action: ServiceAction, language: str) -> bool:
    """Whether all that it says can be read in this language, which is not English."""
    texts = action.translations.get(language, {})
    return bool(texts.get("said")) and bool(texts.get("did") or not action.did)
