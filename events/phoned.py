"""The answer of a party that phoned or wrote: staff note it, the audit log says so, and the party is told."""

from datetime import datetime
from zoneinfo import ZoneInfo

from broadcasts.queue import Recipient, queue_notice
from carers.audit import record
from carers.people import StaffMember
from events.choices import CHANGES, Choice, Outcome, Party, Result, all_choices, note_needs
from events.deciding import decide, finish, lapse_if_due, locked
from events.holds import LONDON
from storage.engine import Session
from storage.events import Event, EventState, RsvpBy
from storage.rsvp import Invitation, RsvpState
from storage.rsvp_queries import members_of


async def answer_for(
    session: Session,
    invitation_id: int,
    choice: Choice,
    by: StaffMember,
    now: datetime,
    zone: ZoneInfo = LONDON,
    *,
    party: Party | None = None,
    needs: str | None = None,
) -> Outcome:
    """Note what a party answered, and with it perhaps who is coming (``party``) and what they need.

    Staff may do so after the deadline and until the event ends, and may give a free place to this party while
    others wait. More places than there are nobody can give: then nothing is noted. ``party`` only where
    households answer. ``needs`` cut at 500 characters, empty takes them back. Before the draw of a ballot the
    party enters it like everybody; after it staff may give a place that is free.
    """
    event, invitation = await locked(session, invitation_id)
    if event is None or invitation is None:
        return Outcome(Result.NOT_VALID)
    if refused := _refused(event, invitation, choice, party, now):
        return Outcome(refused, event, invitation)
    await lapse_if_due(session, event, invitation, now, zone)
    result = await decide(session, event, invitation, choice, now, zone, by_staff=True, party=party)
    if needs is not None and result is not Result.FULL:
        had = invitation.needs
        note_needs(invitation, needs)
        if result is Result.UNCHANGED and invitation.needs != had:
            result = Result.SAVED
    subject = f"event:{event.ref}"
    await record(session, now, by, "rsvp.answer_for", subject, party=invitation.party, result=result.value)
    if result in CHANGES and now < event.starts_at:
        await _tell(session, event, invitation, by, now)
    return await finish(session, event, invitation, result)


def _refused(
    event: Event, invitation: Invitation, choice: Choice, party: Party | None, now: datetime
) -> Result | None:
    if event.state is not EventState.INVITED or invitation.state is RsvpState.CANCELLED:
        return Result.CANCELLED
    if event.ends_at <= now:
        return Result.BEGUN
    if choice not in all_choices(event.mode, event.allocation):
        return Result.NOT_ON_OFFER
    if party is not None and not (party.valid and event.rsvp_by is RsvpBy.HOUSEHOLD):
        return Result.NOT_VALID
    return None


async def _tell(
    session: Session, event: Event, invitation: Invitation, by: StaffMember, now: datetime
) -> None:
    members = await members_of(session, invitation.id)
    await queue_notice(
        session,
        "answer_changed",
        [Recipient(member.carer_id, invitation_id=invitation.id) for member in members],
        about=f"invitation:{invitation.id}:{int(now.timestamp() * 1000)}",
        now=now,
        send_by=event.starts_at,
        event_id=event.id,
        created_by_id=by.id,
    )
