"""The file that follows by itself: who took an event into their calendar gets what puts the entry right.

It is queued in the transaction of the change that it follows and says what is true when it is sent. A crash
costs at most a file that nobody can vouch for: it is not sent again, since the message about the change
itself is, and every card offers the file.
"""

from collections.abc import Sequence
from datetime import datetime

from broadcasts.queue import Recipient, queue_notice
from broadcasts.sender import Content, Skip
from events.calendar import MIME, file_of, is_out, sequence_of
from storage.calendar_queries import Taken, files_taken, note_taken, taken_of
from storage.deliveries import Delivery
from storage.engine import Session
from storage.events import Event
from storage.events_notices import cancel_waiting_of_event, cancel_waiting_of_invitation
from storage.rsvp import Invitation

AT_ONCE = "calendar_update"
"""With a change that goes out at any hour itself, or in answer to the carer's own tap."""
IN_THE_MORNING = "calendar_follow_up"
"""For the other carer of a household, and after staff noted an answer: outside quiet hours only."""

_OVERTAKEN = "the calendar has changed again"


async def follow_event(session: Session, event: Event, now: datetime) -> int:
    """The event was moved or called off: queue the file for all who took one; how many. It is locked."""
    if event.ends_at <= now:
        return 0
    behind = await _behind(session, event, await files_taken(session, event.id))
    if not behind:
        return 0
    await cancel_waiting_of_event(session, event.id, (AT_ONCE, IN_THE_MORNING), _OVERTAKEN)
    return await _queue(session, AT_ONCE, event, behind, f"event:{event.id}:{event.version}", now)


async def follow_answer(
    session: Session, event: Event, invitation: Invitation, now: datetime, tapped_by: int | None = None
) -> int:
    """A party answered otherwise: queue the file for those of its carers who took one; how many.

    ``tapped_by``: the carer whose tap it was, who is at their telephone. The event is locked.
    """
    if event.ends_at <= now:
        return 0
    behind = await _behind(session, event, await files_taken(session, event.id, invitation.id))
    if not behind:
        return 0
    await cancel_waiting_of_invitation(session, invitation.id, (AT_ONCE, IN_THE_MORNING), _OVERTAKEN)
    queued = 0
    for taken in behind:
        kind = AT_ONCE if taken.carer_id == tapped_by else IN_THE_MORNING
        about = f"invitation:{invitation.id}:{taken.sequence}"
        queued += await _queue(session, kind, event, [taken], about, now)
    return queued


async def calendar_update(session: Session, delivery: Delivery, now: datetime) -> Content | Skip:
    """The file as it is now, under the number that was noted when it was queued."""
    invitation = await session.get(Invitation, delivery.invitation_id) if delivery.invitation_id else None
    if invitation is None or delivery.carer_id is None:
        return Skip("no longer invited")
    event = await session.get_one(Event, invitation.event_id)
    taken = await taken_of(session, invitation.id, delivery.carer_id)
    if taken is None:
        return Skip("took no calendar file")
    file = file_of(event, invitation, sequence_of(event, invitation, taken), now)
    document = {"filename": file.filename, "mime": MIME, "content": file.content}
    params = {"title": event.title, "cancelled": file.cancelled, "document": document}
    return Content(AT_ONCE, params)


async def _behind(session: Session, event: Event, files: Sequence[Taken]) -> list[Taken]:
    """Whose calendar shows what is no longer so, each with the number of the file that puts it right.

    Who took the entry out again has nothing to be put right.
    """
    behind = []
    for file in files:
        sequence = sequence_of(event, file.invitation, file.sequence)
        if sequence != file.sequence and not is_out(file.sequence):
            behind.append(Taken(file.carer_id, sequence, file.invitation))
    await note_taken(session, {(file.invitation.id, file.carer_id): file.sequence for file in behind})
    return behind


async def _queue(
    session: Session, kind: str, event: Event, files: Sequence[Taken], about: str, now: datetime
) -> int:
    return await queue_notice(
        session,
        kind,
        [Recipient(file.carer_id, invitation_id=file.invitation.id) for file in files],
        about=about,
        now=now,
        send_by=event.ends_at,
        event_id=event.id,
    )


COMPOSERS = {AT_ONCE: calendar_update, IN_THE_MORNING: calendar_update}
"""By the kind of notice."""
