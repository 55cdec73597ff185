"""The link to the console by email: asked for on the sign-in page, made at the moment in which it is sent.

The token is nowhere before that, and afterwards in the email alone: neither the notice nor the ledger, the
journal or a log has it, and the database keeps its hash. A mail that was not accepted is made anew, with
another token; one of which nobody knows whether it arrived is not repeated, for the next is a tap away.
"""

from datetime import datetime, timedelta

from broadcasts.queue import Recipient, queue_notice
from broadcasts.sender import Content, Skip
from carers.sign_in import LINK_LIVES, SignInWay, create_link
from storage.deliveries import Delivery
from storage.engine import Session
from storage.sign_in_mail import asked_for, lock_staff
from storage.staff import StaffMember
from storage.staff_lists import staff_with_email
from storage.ways import sends_mail

KIND = "sign_in_link"
AT_MOST = 3
WITHIN = timedelta(minutes=15)


async def ask_for_sign_in_mail(session: Session, address: str, now: datetime) -> bool:
    """Queue a link for whoever has this address, whatever its case; whether one was queued.

    Nobody gets one where the service sends no mail, where no member of staff (or more than one) has the
    address, or where that person asked for so many a short while ago. The answer is not for the asker: it
    would tell who works here.
    """
    member = await staff_with_email(session, address) if await sends_mail(session) else None
    if member is None:
        return False
    await lock_staff(session, member.id)  # two who ask at once are counted one after the other
    if await asked_for(session, f"{KIND}:{member.id}:", now - WITHIN) >= AT_MOST:
        return False
    about = f"{member.id}:{now.isoformat()}"
    send_by = now + LINK_LIVES
    return bool(
        await queue_notice(
            session, KIND, [Recipient(staff_id=member.id)], about=about, now=now, send_by=send_by
        )
    )


async def compose_sign_in_mail(session: Session, delivery: Delivery, now: datetime) -> Content | Skip:
    """The email with a new link, which works from now on for as long as any."""
    member = await session.get(StaffMember, delivery.staff_id)
    if member is None or member.left_on is not None:
        return Skip("left")
    token = await create_link(session, member, now, way=SignInWay.EMAIL)
    return Content(
        "sign_in_mail", {"path": f"/sign-in/{token}", "minutes": int(LINK_LIVES / timedelta(minutes=1))}
    )
