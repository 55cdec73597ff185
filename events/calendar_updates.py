"""What follows by itself: who has an event in their calendar gets what puts the entry right.

Two sorts of carers have it there: who took a file in the chat gets the next file, and who is told by mail
gets the entry with a mail; see `events.calendar_mail`. It is queued in the transaction of the change that it
follows and says what is true when it is sent. A crash costs at most a file that nobody can vouch for: it is
not sent again, since the message about the change itself is, and every card offers the file.
"""

from collections.abc import Sequence
from datetime import datetime

from broadcasts.queue import Recipient, queue_notice
from broadcasts.sender import Content, Skip
from events.calendar import MIME, PartStat, ShownTo, file_of, is_out, sequence_of, shown_to, stands_in
from events.calendar_mail import BRINGS_IT
from events.cards import card_facts
from storage.calendar_queries import (
    Taken,
    files_taken,
    mail_brings_it,
    mail_goes_out,
    mails_on_their_way,
    note_taken,
    taken_of,
)
from storage.deliveries import Delivery
from storage.engine import Session
from storage.events import Event, EventState
from storage.events_notices import cancel_waiting_of_event, cancel_waiting_of_invitation
from storage.households import Carer, Channel
from storage.rsvp import Invitation

AT_ONCE = "calendar_update"
"""With a change that goes out at any hour itself, or in answer to the carer's own tap."""
IN_THE_MORNING = "calendar_follow_up"
"""For the other carer of a household, and after staff noted an answer: outside quiet hours only."""

_KINDS = (AT_ONCE, IN_THE_MORNING)
_TELLS = tuple(kind for kind in BRINGS_IT if kind not in _KINDS)
"""The kinds of mail that say something and bring the entry along."""
_OVERTAKEN = "the calendar has changed again"


async def follow_event(session: Session, event: Event, now: datetime) -> int:
    """The event was moved or called off: queue what all who have it need; how many. It is locked."""
    if event.ends_at <= now:
        return 0
    behind = await _behind(session, event, await _calendars(session, event))
    if not behind:
        return 0
    await cancel_waiting_of_event(session, event.id, _KINDS, _OVERTAKEN)
    return await _queue(session, AT_ONCE, event, behind, f"event:{event.id}:{event.version}", now)


async def follow_answer(
    session: Session,
    event: Event,
    invitation: Invitation,
    was: ShownTo,
    now: datetime,
    tapped_by: int | None = None,
    in_calendar: PartStat | None = None,
) -> int:
    """A party answered: queue what those of its carers need in whose calendar it stood otherwise; how many.

    ``was``: how it stood before. ``tapped_by``: the carer whose own answer it was, who is there to see it.
    ``in_calendar``: what their own calendar says, where they answered in it. The event is locked.
    """
    stands = shown_to(event, invitation)
    files = was.file is not None and stands.file != was.file
    mails = stands.mail != was.mail and await mail_goes_out(session)
    if event.ends_at <= now or not (files or mails):
        return 0
    calendars = await _calendars(session, event, invitation.id)
    changed = [each for each in calendars if (mails if each.mailed else files)]
    behind = await _behind(session, event, changed)
    if not behind:
        return 0
    await cancel_waiting_of_invitation(session, invitation.id, _KINDS, _OVERTAKEN)
    queued = 0
    for taken in behind:
        theirs = taken.carer_id == tapped_by
        if theirs and in_calendar is stands.mail[0]:
            continue  # they put it there themselves
        kind = AT_ONCE if theirs else IN_THE_MORNING
        about = f"invitation:{invitation.id}:{taken.sequence}"
        queued += await _queue(session, kind, event, [taken], about, now)
    return queued


async def put_right(
    session: Session, event: Event, invitation: Invitation, carer_id: int, now: datetime
) -> int:
    """This carer's calendar says what is not so: queue the entry as it stands, unless it is on its way.

    Its number is higher than any before, for what the calendar says has the same. Once a day while nothing
    changes: a calendar that accepts whatever comes would be answered for ever.
    """
    if event.ends_at <= now:
        return 0
    taken = await taken_of(session, invitation.id, carer_id)
    sequence = sequence_of(event, invitation, None if taken is None else taken + 2, mailed=True)
    await note_taken(session, {(invitation.id, carer_id): sequence})
    if await mail_brings_it(session, invitation.id, carer_id, _KINDS, now):
        return 0
    answered = int(invitation.answered_at.timestamp()) if invitation.answered_at else 0
    about = f"invitation:{invitation.id}:{answered}:{event.version}:{now:%Y-%m-%d}"
    recipient = Taken(carer_id, sequence, invitation, mailed=True)
    return await _queue(session, AT_ONCE, event, [recipient], about, now)


async def calendar_update(session: Session, delivery: Delivery, now: datetime) -> Content | Skip:
    """The entry as it is now, under the number that was noted when it was queued.

    For the app the file is part of it; to a mail `events.calendar_mail` adds its own.
    """
    invitation = await session.get(Invitation, delivery.invitation_id) if delivery.invitation_id else None
    if invitation is None or delivery.carer_id is None:
        return Skip("no longer invited")
    event = await session.get_one(Event, invitation.event_id)
    taken = await taken_of(session, invitation.id, delivery.carer_id)
    if taken is None:
        return Skip("took no calendar file")
    if delivery.channel == Channel.EMAIL:
        return await _by_mail(session, delivery, event, invitation, taken, now)
    file = file_of(event, invitation, sequence_of(event, invitation, taken), now)
    document = {"filename": file.filename, "mime": MIME, "content": file.content}
    params = {"title": event.title, "cancelled": file.cancelled, "document": document}
    return Content(AT_ONCE, params)


async def _by_mail(
    session: Session, delivery: Delivery, event: Event, invitation: Invitation, taken: int, now: datetime
) -> Content | Skip:
    """Unless another mail has brought the entry, or is about to. It says how things stand, as a card does:
    to who had not answered nothing else tells that an event is off, or where they are in the line."""
    as_noted = taken == sequence_of(event, invitation, taken, mailed=True)
    if as_noted and await mail_brings_it(
        session, invitation.id, delivery.carer_id or 0, _TELLS, delivery.queued_at
    ):
        return Skip("came with the mail about it")
    carer = await session.get_one(Carer, delivery.carer_id)
    facts = await card_facts(session, event, invitation, carer, now)
    if event.state is EventState.CANCELLED:
        return Content("cancellation", facts)
    return Content(AT_ONCE, facts | {"cancelled": not stands_in(event, invitation, mailed=True)})


async def _calendars(session: Session, event: Event, invitation_id: int | None = None) -> list[Taken]:
    """Whose calendars have this event, or are about to: an invitation by mail may be going out right now."""
    calendars = await files_taken(session, event.id, invitation_id)
    if await mail_goes_out(session):
        calendars += await mails_on_their_way(session, event.id, invitation_id)
    return calendars


async def _behind(session: Session, event: Event, calendars: Sequence[Taken]) -> list[Taken]:
    """Whose calendar shows what is no longer so, each with the number of the entry that puts it right.

    Who took the entry out again has nothing to be put right; to who is told by mail it comes back by itself.
    """
    behind = []
    for each in calendars:
        sequence = sequence_of(event, each.invitation, each.sequence, mailed=each.mailed)
        if each.mailed and sequence == each.sequence and not is_out(sequence):
            sequence += 2  # what was put right took the number of this change
        out = each.sequence is not None and is_out(each.sequence)
        stays_out = out and (is_out(sequence) or not each.mailed)
        if sequence != each.sequence and not stays_out:
            behind.append(Taken(each.carer_id, sequence, each.invitation, each.mailed))
    had = {(each.invitation.id, each.carer_id) for each in calendars if each.sequence is not None}
    numbers = {(each.invitation.id, each.carer_id): each.sequence or 0 for each in behind}
    await note_taken(session, {key: number for key, number in numbers.items() if key in had})
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
