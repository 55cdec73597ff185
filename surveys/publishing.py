"""How the draft of a survey begins, and how it ends: published or discarded.

A version that is published never changes: rounds keep a copy of what they asked anyway, and results are held
against each other by the ids of questions.
"""

from dataclasses import replace
from datetime import datetime

from carers.audit import record
from storage import survey_forms_queries as queries
from storage.engine import Session
from storage.staff import StaffMember
from surveys.catalogue import standard_definitions
from surveys.definition import Definition
from surveys.draft_questions import slug
from surveys.draft_texts import Source
from surveys.editing import Draft, Edited, find_draft, source_in_force
from surveys.form_use import uses_of
from surveys.reading import WrongDefinition, read_definition
from surveys.shaping import RESERVED, draft_from


async def begin(session: Session, survey: str, by: StaffMember, now: datetime) -> Edited:
    """Start a draft from the version that holds."""
    source = await source_in_force(session, survey)
    if source is None:
        return Edited.NOT_FOUND
    return await _begin(session, source, by, now, "survey_form.begin")


async def begin_new(session: Session, title: str, by: StaffMember, now: datetime) -> str:
    """Start a survey that there is not yet; returns its id, made of the title."""
    taken = [*standard_definitions(), *RESERVED]
    taken += [form.survey for form in await queries.latest_published(session)]
    taken += [form.survey for form in await queries.drafts(session)]
    survey = slug(title, taken, "-", "survey")
    source: Source = {
        "id": survey,
        "version": 1,
        "title": {"en": title},
        "introduction": {},
        "minutes": 2,
        "anonymous_only": False,
        "questions": [],
    }
    await _begin(session, source, by, now, "survey_form.begin")
    return survey


async def take_in(
    session: Session, content: bytes, by: StaffMember, now: datetime
) -> tuple[Edited, str] | WrongDefinition:
    """Start a draft from a file: of the survey that the file names, new or not. What is no survey comes back
    as the error that says why."""
    try:
        source = draft_from(content)
    except WrongDefinition as error:
        return error
    return await _begin(session, source, by, now, "survey_form.take_in"), source["id"]


async def _begin(session: Session, source: Source, by: StaffMember, now: datetime, deed: str) -> Edited:
    survey = source["id"]
    version = await next_version(session, survey)
    if not await queries.add_draft(session, survey, version, {**source, "version": version}, by.id, now):
        return Edited.EXISTS
    await record(session, now, by, deed, f"survey:{survey}", version=version)
    return Edited.SAVED


async def next_version(session: Session, survey: str) -> int:
    """The number of the version that would be published next."""
    own = await queries.own_versions(session, survey)
    standard = standard_definitions().get(survey)
    return 1 + max(own[0].version if own else 0, standard.version if standard else 0)


async def publish(
    session: Session, survey: str, edited: int, by: StaffMember, now: datetime, *, thought_over: bool = False
) -> Edited:
    """Make the draft the version that holds from the next round on; rounds that run keep theirs.

    ``thought_over``: somebody has said that what `check` asks to think over is meant so.
    """
    draft = await find_draft(session, survey)
    if draft is None or draft.edited != edited:
        return Edited.OUTDATED
    faults = draft.faults
    if any(fault.stops for fault in faults):
        return Edited.WRONG
    if faults and not thought_over:
        return Edited.QUESTIONED
    if await _leaves_its_occasion(session, draft):
        return Edited.ASKED
    version = await next_version(session, survey)
    source = {**draft.source, "version": version}
    if draft.before is not None and _as_asked(draft.before) == _as_asked(source):
        return Edited.UNCHANGED
    if not await queries.publish_draft(session, survey, edited, version, source, by.id, now):
        return Edited.OUTDATED
    await record(session, now, by, "survey_form.publish", f"survey:{survey}", version=version)
    return Edited.SAVED


async def _leaves_its_occasion(session: Session, draft: Draft) -> bool:
    """Whether what asks it by itself would find nothing to ask."""
    before = draft.before or {}
    is_asked = (await uses_of(session, draft.survey)).keep
    return is_asked and before.get("occasion") != draft.source.get("occasion")


def _as_asked(source: Source) -> Definition:
    """What carers would meet of it, apart from how its file is written."""
    return replace(read_definition(source), version=0, source={})


async def discard(session: Session, survey: str, by: StaffMember, now: datetime) -> Edited:
    """Throw the draft away; the version that holds stays."""
    if not await queries.delete_draft(session, survey):
        return Edited.NOT_FOUND
    await record(session, now, by, "survey_form.discard", f"survey:{survey}")
    return Edited.SAVED
