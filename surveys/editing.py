"""Writing what a survey asks: changes to a draft, which may be incomplete; nothing typed into it is lost.

How a draft begins and how it ends is `surveys.publishing`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from carers.audit import record
from storage import survey_forms_queries as queries
from storage.engine import Session
from storage.households import Language
from storage.staff import StaffMember
from surveys import draft_questions as questions
from surveys.catalogue import standard_definitions
from surveys.checking import Fault, check
from surveys.definition import MOST_QUESTIONS, Occasion
from surveys.draft_questions import Asked
from surveys.draft_texts import Source, missing, unrevised, with_words

TRANSLATED = tuple(language for language in Language if language is not Language.ENGLISH)


class Edited(StrEnum):
    """What became of a change. Only ``SAVED`` changed anything."""

    SAVED = "saved"
    OUTDATED = "outdated"
    """Somebody else changed the draft since ``edited`` was read, or it is no draft any more."""
    NOT_FOUND = "not_found"
    """There is no such survey, draft or question."""
    EXISTS = "exists"
    """There is a draft already."""
    NEEDED = "needed"
    """Another question is asked because of an answer to this one."""
    OUT_OF_ORDER = "out_of_order"
    """A question must stay after the one on which it depends."""
    TOO_MANY = "too_many"
    WRONG = "wrong"
    """`check` finds something that stops it."""
    QUESTIONED = "questioned"
    """`check` finds something to think over, and nobody has said that it was."""
    ASKED = "asked"
    """It is asked by itself on an occasion that it would not follow any more."""
    UNCHANGED = "unchanged"
    """It asks what the version that holds asks."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A survey as it is being written. ``before``: the version that holds, None where there is none.

    ``edited`` is the lock: a change is taken only from who saw the draft as it is.
    """

    survey: str
    source: Source
    edited: int
    changed_at: datetime
    before: Source | None

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Everything that is wrong with it."""
        return check(self.source)

    def missing(self, language: str) -> int:
        """How many of its texts would appear in English."""
        return missing(self.source, language)

    def unrevised(self, language: str) -> frozenset[str]:
        """The keys of texts whose translation is still that of the old English."""
        return unrevised(self.source, self.before, language) if self.before else frozenset()


@dataclass(frozen=True, slots=True)
class Head:
    """What stands over the questions, in English. ``minutes``: how long it takes."""

    title: str
    introduction: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Asking:
    """How it may be asked. ``outcome``: a question and the answer that the results look for reasons of."""

    anonymous_only: bool
    occasion: Occasion | None
    outcome: tuple[str, int] | None


async def find_draft(session: Session, survey: str) -> Draft | None:
    """The draft of a survey, if somebody is writing one."""
    form = await queries.draft_of(session, survey)
    if form is None:
        return None
    before = await source_in_force(session, survey)
    return Draft(survey, form.source, form.edited, form.changed_at, before)


async def source_in_force(session: Session, survey: str) -> Source | None:
    """The JSON of the version that holds, out of use or not; None for an unknown survey."""
    own = await queries.own_versions(session, survey)
    if own:
        return own[0].source
    standard = standard_definitions().get(survey)
    return dict(standard.source) if standard else None


Make = Callable[[Source], Source]


async def _change(
    session: Session,
    survey: str,
    edited: int,
    by: StaffMember,
    now: datetime,
    part: str,
    make: Callable[[Source], Source | Edited],
) -> Edited:
    """Write the draft as ``make`` makes it. ``part`` is what the audit log says was changed."""
    form = await queries.draft_of(session, survey)
    if form is None or form.edited != edited:
        return Edited.OUTDATED
    made = make(form.source)
    if isinstance(made, Edited):
        return made
    if made == form.source:
        return Edited.SAVED
    if not await queries.change_draft(session, survey, edited, made, by.id, now):
        return Edited.OUTDATED
    await record(session, now, by, "survey_form.change", f"survey:{survey}", part=part)
    return Edited.SAVED


def _of_question(id: str, make: Make) -> Callable[[Source], Source | Edited]:
    return lambda source: make(source) if questions.question_of(source, id) else Edited.NOT_FOUND


async def change_head(
    session: Session, survey: str, edited: int, head: Head, by: StaffMember, now: datetime
) -> Edited:
    """Set title, introduction and minutes; what is empty stays empty until it is published."""

    def make(source: Source) -> Source:
        said = with_words(source, "en", {"title": head.title, "introduction": head.introduction})
        return {**said, "minutes": head.minutes}

    return await _change(session, survey, edited, by, now, "about", make)


async def change_asking(
    session: Session, survey: str, edited: int, asking: Asking, by: StaffMember, now: datetime
) -> Edited:
    """Set whether it is anonymous always, what it follows, and which answer reasons are looked for of."""

    def make(source: Source) -> Source:
        rest = {name: part for name, part in source.items() if name not in ("occasion", "outcome")}
        optional: dict[str, Any] = {}
        if asking.occasion:
            optional["occasion"] = str(asking.occasion)
        if asking.outcome:
            optional["outcome"] = {"question": asking.outcome[0], "value": asking.outcome[1]}
        return {**rest, **optional, "anonymous_only": asking.anonymous_only}

    return await _change(session, survey, edited, by, now, "asking", make)


async def add_question(
    session: Session, survey: str, edited: int, asked: Asked, by: StaffMember, now: datetime
) -> tuple[Edited, str]:
    """Put a question at the end; also returns the id that it got."""
    added = ""

    def make(source: Source) -> Source | Edited:
        nonlocal added
        if len(source["questions"]) >= MOST_QUESTIONS:
            return Edited.TOO_MANY
        made, added = questions.with_question(source, asked)
        return made

    done = await _change(session, survey, edited, by, now, "question", make)
    return done, added


async def change_question(
    session: Session, survey: str, edited: int, id: str, asked: Asked, by: StaffMember, now: datetime
) -> Edited:
    """Word a question anew. What speaks of its answers follows them when they move."""
    make = _of_question(id, lambda source: questions.with_change(source, id, asked))
    return await _change(session, survey, edited, by, now, f"question:{id}", make)


async def move_question(
    session: Session, survey: str, edited: int, id: str, places: int, by: StaffMember, now: datetime
) -> Edited:
    """Move a question so many places down, or up where negative."""

    def make(source: Source) -> Source | Edited:
        if questions.question_of(source, id) is None:
            return Edited.NOT_FOUND
        made = questions.moved(source, id, places)
        breaks = questions.in_order(source) and not questions.in_order(made)
        return Edited.OUT_OF_ORDER if breaks else made

    return await _change(session, survey, edited, by, now, f"question:{id}", make)


async def remove_question(
    session: Session, survey: str, edited: int, id: str, by: StaffMember, now: datetime
) -> Edited:
    """Take a question out, unless another one is asked because of an answer to it."""

    def make(source: Source) -> Source | Edited:
        if questions.question_of(source, id) is None:
            return Edited.NOT_FOUND
        return Edited.NEEDED if questions.dependents(source, id) else questions.without(source, id)

    return await _change(session, survey, edited, by, now, f"question:{id}", make)


async def set_favourable(
    session: Session,
    survey: str,
    edited: int,
    id: str,
    values: Sequence[int],
    by: StaffMember,
    now: datetime,
    *,
    theme: str = "",
) -> Edited:
    """Say which answers to a question count as good news, and by which theme (a code) reports add them up."""
    make = _of_question(id, lambda source: questions.with_favourable(source, id, values, theme))
    return await _change(session, survey, edited, by, now, f"question:{id}", make)


async def set_condition(
    session: Session,
    survey: str,
    edited: int,
    id: str,
    earlier: str,
    values: Sequence[int],
    by: StaffMember,
    now: datetime,
) -> Edited:
    """Ask a question only after one of these answers to an earlier one; without values, ask everybody."""

    def make(source: Source) -> Source | Edited:
        if questions.question_of(source, id) is None:
            return Edited.NOT_FOUND
        made = questions.with_condition(source, id, earlier, values)
        return made if questions.in_order(made) or not values else Edited.OUT_OF_ORDER

    return await _change(session, survey, edited, by, now, f"question:{id}", make)


async def translate(
    session: Session,
    survey: str,
    edited: int,
    language: Language,
    said: Mapping[str, str],
    by: StaffMember,
    now: datetime,
) -> Edited:
    """Set texts in a language, by their keys (`surveys.draft_texts`); an empty one appears in English."""
    return await _change(
        session,
        survey,
        edited,
        by,
        now,
        f"words:{language}",
        lambda source: with_words(source, language, said),
    )
