"""Reading and writing the surveys that a service words itself, and finding what uses a survey."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update

from storage.engine import Session
from storage.rows import insert_for
from storage.series import KindRule
from storage.survey_forms import FormState, SurveyForm
from storage.surveys import Round, RoundState
from storage.types import JsonDict


async def latest_published(session: Session) -> Sequence[SurveyForm]:
    """Of each survey that has an own published version, the highest."""
    highest = (
        select(SurveyForm.survey, func.max(SurveyForm.version).label("version"))
        .where(SurveyForm.state == FormState.PUBLISHED)
        .group_by(SurveyForm.survey)
        .subquery()
    )
    query = (
        select(SurveyForm)
        .join(
            highest,
            (SurveyForm.survey == highest.c.survey) & (SurveyForm.version == highest.c.version),
        )
        .order_by(SurveyForm.survey)
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(query)).all()


async def own_versions(session: Session, survey: str) -> Sequence[SurveyForm]:
    """The own published versions of a survey, the highest first."""
    query = (
        select(SurveyForm)
        .where(SurveyForm.survey == survey, SurveyForm.state == FormState.PUBLISHED)
        .order_by(SurveyForm.version.desc())
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(query)).all()


async def drafts(session: Session) -> Sequence[SurveyForm]:
    """Every draft, by survey."""
    query = select(SurveyForm).where(SurveyForm.state == FormState.DRAFT).order_by(SurveyForm.survey)
    return (await session.scalars(query.execution_options(populate_existing=True))).all()


async def draft_of(session: Session, survey: str) -> SurveyForm | None:
    """The draft of a survey; there is one at most."""
    query = select(SurveyForm).where(SurveyForm.survey == survey, SurveyForm.state == FormState.DRAFT)
    return (await session.scalars(query.execution_options(populate_existing=True))).one_or_none()


async def add_draft(
    session: Session, survey: str, version: int, source: JsonDict, by_id: int, now: datetime
) -> bool:
    """Begin a draft; False where there is one of this survey or a version of this number."""
    statement = (
        insert_for(session, SurveyForm)
        .values(
            survey=survey,
            version=version,
            source=source,
            state=FormState.DRAFT,
            edited=1,
            created_at=now,
            created_by_id=by_id,
            changed_at=now,
            changed_by_id=by_id,
        )
        .on_conflict_do_nothing()
        .returning(SurveyForm.id)
    )
    return (await session.execute(statement)).first() is not None


async def change_draft(
    session: Session, survey: str, edited: int, source: JsonDict, by_id: int, now: datetime
) -> bool:
    """Write a draft that still is as it was read, or nothing: of two who save at once one is refused."""
    statement = (
        update(SurveyForm)
        .where(
            SurveyForm.survey == survey,
            SurveyForm.state == FormState.DRAFT,
            SurveyForm.edited == edited,
        )
        .values(source=source, edited=edited + 1, changed_at=now, changed_by_id=by_id)
        .returning(SurveyForm.id)
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(statement)).first() is not None


async def publish_draft(
    session: Session,
    survey: str,
    edited: int,
    version: int,
    source: JsonDict,
    by_id: int,
    now: datetime,
) -> bool:
    """Make the draft a version that holds, if it still is as it was read."""
    statement = (
        update(SurveyForm)
        .where(
            SurveyForm.survey == survey,
            SurveyForm.state == FormState.DRAFT,
            SurveyForm.edited == edited,
        )
        .values(
            source=source,
            version=version,
            state=FormState.PUBLISHED,
            edited=edited + 1,
            published_at=now,
            published_by_id=by_id,
        )
        .returning(SurveyForm.id)
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(statement)).first() is not None


async def delete_draft(session: Session, survey: str) -> bool:
    """Whether there was one."""
    statement = (
        delete(SurveyForm)
        .where(SurveyForm.survey == survey, SurveyForm.state == FormState.DRAFT)
        .returning(SurveyForm.id)
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(statement)).first() is not None


async def set_retired(session: Session, form_id: int, at: datetime | None) -> None:
    """Take a survey out of use from this moment, or (null) bring it back."""
    statement = update(SurveyForm).where(SurveyForm.id == form_id).values(retired_at=at)
    await session.execute(statement.execution_options(synchronize_session=False))


async def add_retired(
    session: Session, survey: str, version: int, source: JsonDict, by_id: int, now: datetime
) -> None:
    """Note that a standard survey is out of use: a copy of it that nobody published."""
    session.add(
        SurveyForm(
            survey=survey,
            version=version,
            source=source,
            state=FormState.PUBLISHED,
            created_at=now,
            created_by_id=by_id,
            changed_at=now,
            changed_by_id=by_id,
            retired_at=now,
        )
    )
    await session.flush()


async def delete_form(session: Session, form_id: int) -> None:
    await session.execute(delete(SurveyForm).where(SurveyForm.id == form_id))


async def rounds_of_surveys(session: Session) -> Sequence[tuple[str, int, str, RoundState]]:
    """Rounds that are open or to open: survey, id, title, state; the latest first."""
    query = (
        select(Round.survey, Round.id, Round.title, Round.state)
        .where(Round.state.in_((RoundState.DRAFT, RoundState.OPEN)))
        .order_by(Round.opens_at.desc(), Round.id.desc())
    )
    return [(survey, id, title, state) for survey, id, title, state in (await session.execute(query)).all()]


async def kinds_that_ask(session: Session, survey: str) -> Sequence[str]:
    """The kinds of event after which this survey is asked, as far as rules say so."""
    query = select(KindRule.kind).where(KindRule.feedback_form == survey).order_by(KindRule.kind)
    return (await session.scalars(query)).all()
