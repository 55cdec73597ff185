"""What staff do with nominations: find out who is meant, shortlist for a forum with a citation in their own
words, note who was celebrated, set aside.

Each deed names the version that its doer saw, so that nobody decides over what a colleague has just decided.
"""

from datetime import datetime
from enum import StrEnum

from care.nominations import forums_to_come
from carers.audit import record
from carers.people import Carer
from storage import nominations_queries as queries
from storage.engine import Session
from storage.households import Household
from storage.nominations import Nomination, NominationState
from storage.staff import StaffMember

LONGEST_CITATION = 1000


class Outcome(StrEnum):
    """What came of a deed of staff. Only the first changed anything."""

    DONE = "done"
    OUTDATED = "outdated"
    """Somebody else changed it since ``version`` was read."""
    NO_FORUM = "no_forum"
    """There is no such forum to come."""
    NO_CITATION = "no_citation"
    NOBODY = "nobody"
    """It is not found yet who is meant."""
    NO_SUCH_PERSON = "no_such_person"
    WRONG_STATE = "wrong_state"
    NOT_FOUND = "not_found"


async def match(
    session: Session,
    nomination_id: int,
    version: int,
    by: StaffMember,
    now: datetime,
    *,
    carer_id: int | None = None,
    household_id: int | None = None,
) -> Outcome:
    """Note who is meant: a carer, or a household as a whole; with neither, that it is open again."""
    nomination = await _held(session, nomination_id, version)
    if isinstance(nomination, Outcome):
        return nomination
    if nomination.state is NominationState.CELEBRATED:
        return Outcome.WRONG_STATE
    if carer_id is not None:
        carer = await session.get(Carer, carer_id)
        if carer is None or carer.erased_at is not None:
            return Outcome.NO_SUCH_PERSON
        household_id = carer.household_id
    elif household_id is not None and await session.get(Household, household_id) is None:
        return Outcome.NO_SUCH_PERSON
    elif household_id is None and nomination.state is NominationState.SHORTLISTED:
        return Outcome.NOBODY
    nomination.carer_id, nomination.household_id = carer_id, household_id
    what = "carer" if carer_id else "household" if household_id else "nobody"
    return await _noted(session, nomination, "nomination.match", by, now, matched=what)


async def shortlist(
    session: Session,
    nomination_id: int,
    event_id: int,
    citation: str,
    version: int,
    by: StaffMember,
    now: datetime,
) -> Outcome:
    """Put it on the list of a forum to come, with what is read out there; again, to change either."""
    nomination = await _held(session, nomination_id, version)
    if isinstance(nomination, Outcome):
        return nomination
    if nomination.state is NominationState.CELEBRATED:
        return Outcome.WRONG_STATE
    if nomination.carer_id is None and nomination.household_id is None:
        return Outcome.NOBODY
    if not citation.strip():
        return Outcome.NO_CITATION
    if event_id not in {event.id for event in await forums_to_come(session, now)}:
        return Outcome.NO_FORUM
    nomination.event_id, nomination.citation = event_id, citation.replace("\0", "").strip()
    _decide(nomination, NominationState.SHORTLISTED, by, now)
    return await _noted(session, nomination, "nomination.shortlist", by, now, event=event_id)


async def celebrate(
    session: Session, nomination_id: int, version: int, by: StaffMember, now: datetime
) -> Outcome:
    """Note that a shortlisted one was celebrated at its forum."""
    nomination = await _held(session, nomination_id, version)
    if isinstance(nomination, Outcome):
        return nomination
    if nomination.state is not NominationState.SHORTLISTED:
        return Outcome.WRONG_STATE
    _decide(nomination, NominationState.CELEBRATED, by, now)
    return await _noted(session, nomination, "nomination.celebrate", by, now)


async def set_aside(
    session: Session, nomination_id: int, version: int, by: StaffMember, now: datetime
) -> Outcome:
    """Leave it at that: it goes off the lists, and off that of a forum."""
    nomination = await _held(session, nomination_id, version)
    if isinstance(nomination, Outcome):
        return nomination
    if nomination.state not in (NominationState.NEW, NominationState.SHORTLISTED):
        return Outcome.WRONG_STATE
    nomination.event_id = None
    _decide(nomination, NominationState.SET_ASIDE, by, now)
    return await _noted(session, nomination, "nomination.set_aside", by, now)


async def reopen(
    session: Session, nomination_id: int, version: int, by: StaffMember, now: datetime
) -> Outcome:
    """Take a decision back: what was celebrated is shortlisted again, all else is new."""
    nomination = await _held(session, nomination_id, version)
    if isinstance(nomination, Outcome):
        return nomination
    if nomination.state is NominationState.NEW:
        return Outcome.WRONG_STATE
    if nomination.state is NominationState.CELEBRATED and nomination.event_id is not None:
        _decide(nomination, NominationState.SHORTLISTED, by, now)
    else:
        nomination.state, nomination.event_id = NominationState.NEW, None
        nomination.decided_at = nomination.decided_by_id = None
    return await _noted(session, nomination, "nomination.reopen", by, now)


async def redact(session: Session, nomination_id: int, by: StaffMember, now: datetime) -> Outcome:
    """Erase what the carer wrote, name and words, at once; what staff wrote to be read out stays."""
    nomination = await queries.locked_nomination(session, nomination_id)
    if nomination is None or (nomination.whom is None and nomination.words is None):
        return Outcome.NOT_FOUND
    nomination.whom = nomination.words = None
    return await _noted(session, nomination, "nomination.redact", by, now)


async def _held(session: Session, nomination_id: int, version: int) -> Nomination | Outcome:
    nomination = await queries.locked_nomination(session, nomination_id)
    if nomination is None:
        return Outcome.NOT_FOUND
    return nomination if nomination.version == version else Outcome.OUTDATED


def _decide(nomination: Nomination, state: NominationState, by: StaffMember, now: datetime) -> None:
    nomination.state, nomination.decided_at, nomination.decided_by_id = state, now, by.id


async def _noted(
    session: Session,
    nomination: Nomination,
    action: str,
    by: StaffMember,
    now: datetime,
    **detail: object,
) -> Outcome:
    nomination.version += 1
    await session.flush()
    await record(session, now, by, action, subject_of(nomination.id), **detail)
    return Outcome.DONE


def subject_of(nomination_id: int) -> str:
    """How the audit log calls a nomination."""
    return f"nomination:{nomination_id}"
