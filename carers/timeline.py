"""The timeline of one carer: what they were asked and answered, where they were, that they and the service
wrote, letters, links, check-ins with their household, and what staff changed. Never what was written, and
nothing of a survey.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from carers.audit_words import deed_in_words
from carers.households import check_in_words
from carers.people import Carer
from storage import timeline_queries as queries
from storage.attendance import AttendanceState
from storage.check_ins_queries import check_ins_of
from storage.engine import Session
from storage.household_queries import audit_of
from storage.rsvp import RsvpState

PER_PAGE = 30
_TOLD = ("link.", "letters.")
"""What staff did that the timeline tells by what came of it."""
_ANSWERS = {
    RsvpState.GOING: "going",
    RsvpState.MAYBE: "maybe",
    RsvpState.NOT_GOING: "not going",
    RsvpState.WAITLISTED: "on the waiting list",
    RsvpState.OFFERED: "offered a place",
    RsvpState.BALLOT_ENTERED: "in the draw",
    RsvpState.BALLOT_LOST: "not drawn",
    RsvpState.CANCELLED: "called off",
}


@dataclass(frozen=True, slots=True)
class Happened:
    """One line. ``at`` is UTC, null where a day alone is known; ``by`` who of staff did it."""

    on: date
    at: datetime | None
    text: str
    by: str = ""
    event_id: int | None = None
    thread_id: int | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page of it, the latest first; pages count from 1. ``more``: something happened before."""

    entries: Sequence[Happened]
    page: int
    more: bool


async def timeline_of(
    session: Session, carer_id: int, zone: ZoneInfo, page: int = 1, count: int = PER_PAGE
) -> Timeline:
    """What happened with this carer. A page past the end has nothing on it."""
    carer = await session.get_one(Carer, carer_id)
    most = page * count + 1
    entries = [
        *await _asked(session, carer, zone, most),
        *await _was_there(session, carer, zone, most),
        *await _wrote(session, carer, zone, most),
        *await _linked(session, carer, zone, most),
        *await _staff(session, carer, zone, most),
    ]
    entries.sort(key=lambda one: (one.on, one.at.timestamp() if one.at else 0), reverse=True)
    shown = entries[(page - 1) * count : page * count]
    return Timeline(shown, page, len(entries) > page * count)


def _at(at: datetime, zone: ZoneInfo, text: str, by: str = "", event_id: int | None = None) -> Happened:
    return Happened(at.astimezone(zone).date(), at, text, by, event_id)


async def _asked(session: Session, carer: Carer, zone: ZoneInfo, most: int) -> list[Happened]:
    invited = [
        _at(one.invited_at, zone, f"Invited to {one.title}", event_id=one.event_id)
        for one in await queries.invitations(session, carer, most)
    ]
    answered = [
        _at(
            one.answered_at,
            zone,
            f"Answered {one.title}: {_ANSWERS.get(one.state, 'taken back')}",
            event_id=one.event_id,
        )
        for one in await queries.answers(session, carer, most)
        if one.answered_at is not None
    ]
    return invited + answered


async def _was_there(session: Session, carer: Carer, zone: ZoneInfo, most: int) -> list[Happened]:
    came = {AttendanceState.ATTENDED: "Came to", AttendanceState.NO_SHOW: "Did not come to"}
    return [
        _at(starts_at, zone, f"{came[state]} {title}", event_id=event_id)
        for event_id, title, starts_at, state in await queries.attendances(session, carer, most)
    ]


async def _wrote(session: Session, carer: Carer, zone: ZoneInfo, most: int) -> list[Happened]:
    said = [
        Happened(
            at.astimezone(zone).date(),
            at,
            "The service answered" if by else "Wrote to the service",
            by or "",
            thread_id=thread,
        )
        for at, thread, by in await queries.messages(session, carer, most)
    ]
    told = [
        _at(at, zone, f"{'Told by telephone' if way == 'phone' else 'Letter posted'}{_about(title)}")
        for at, way, title in await queries.letters(session, carer, most)
    ]
    return said + told


def _about(title: str | None) -> str:
    return f": {title}" if title else ""


async def _linked(session: Session, carer: Carer, zone: ZoneInfo, most: int) -> list[Happened]:
    found = await queries.links(session, carer, most)
    given = [_at(made, zone, "Personal link made") for made, _ in found]
    return given + [_at(used, zone, "Connected with a personal link") for _, used in found if used]


async def _staff(session: Session, carer: Carer, zone: ZoneInfo, most: int) -> list[Happened]:
    spoke = [
        Happened(one.made_on, None, check_in_words(one.how), by)
        for one, by in await check_ins_of(session, carer.household_id, most)
    ]
    return spoke + [
        _at(entry.at, zone, deed_in_words(entry.action), entry.actor)
        for entry in await audit_of(session, [f"carer:{carer.ref}"], most)
        if not entry.action.startswith(_TOLD)
    ]


__all__ = ["Happened", "Timeline", "timeline_of"]
