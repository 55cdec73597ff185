"""Queueing what the bot says, inside the transaction that causes it: notices to many, replies to one.

Nothing is sent here. The engine sends once the transaction has committed; a crash before the commit leaves
neither the cause nor the notice, a crash after it leaves both.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from broadcasts.kinds import KINDS
from carers.audience import audience_conditions
from storage.deliveries import DeliveryState, Reply
from storage.deliveries_replies import is_about_to_be_said
from storage.engine import Session
from storage.ledger import fan_out, get_or_create_notice, insert_deliveries
from storage.rsvp_hold import hold_of

REPLY_USEFUL_FOR = timedelta(hours=6)
TOAST_USEFUL_FOR = timedelta(seconds=150)  # Telegram forgets a tap after that


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a notice goes to: a carer or a member of staff, and the invitation that it is about, if any."""

    carer_id: int | None = None
    staff_id: int | None = None
    invitation_id: int | None = None

    @property
    def key(self) -> str:
        return f"c{self.carer_id}" if self.carer_id is not None else f"s{self.staff_id}"


async def queue_notice(
    session: Session,
    kind: str,
    recipients: Iterable[Recipient],
    *,
    about: str,
    now: datetime,
    send_by: datetime,
    due_at: datetime | None = None,
    event_id: int | None = None,
    round_id: int | None = None,
    params: dict[str, Any] | None = None,
    created_by_id: int | None = None,
) -> int:
    """Queue one notice for these recipients; returns how many had it not yet.

    ``about`` with the kind is what makes the notice the same notice (``"event:12:t3"``), and with the
    recipient the delivery's dedupe key: queueing it again, or for more people, adds only who is new.
    ``due_at`` is the earliest time to send (now, if not given), ``send_by`` when it becomes ``missed``.
    Raises ``KeyError`` for a kind that `broadcasts.kinds` does not list.
    """
    people = list(recipients)
    if not people:
        return 0
    rule = KINDS[kind]
    key = f"{kind}:{about}"
    notice_id = await get_or_create_notice(
        session,
        key,
        {
            "kind": kind,
            "event_id": event_id,
            "round_id": round_id,
            "params": params or {},
            "created_at": now,
            "created_by_id": created_by_id,
        },
    )
    common = {
        "notice_id": notice_id,
        "kind": kind,
        "event_id": event_id,
        "round_id": round_id,
        "priority": int(rule.priority),
        "queued_at": now,
        "due_at": due_at or now,
        "send_by": send_by,
    }
    return await insert_deliveries(
        session,
        [
            {
                **common,
                "dedupe_key": f"{key}:{person.key}",
                "carer_id": person.carer_id,
                "staff_id": person.staff_id,
                "invitation_id": person.invitation_id,
            }
            for person in people
        ],
    )


async def queue_for_audience(
    session: Session,
    kind: str,
    audience: str,
    *,
    about: str,
    now: datetime,
    today: date,
    send_by: datetime,
    due_at: datetime | None = None,
    topic: str | None = None,
    params: dict[str, Any] | None = None,
    created_by_id: int | None = None,
) -> tuple[int, int]:
    """Queue one notice for everybody in an audience; returns the notice's id and how many had it not yet.

    One statement, for one carer or for sixty thousand. ``today`` is the service's local date: whose approval
    is current on it. ``topic``: what a carer can have opted out of; everything else as in `queue_notice`.
    An audience that does not exist has nobody.
    """
    key = f"{kind}:{about}"
    values = {"kind": kind, "topic": topic, "params": params or {}, "created_at": now}
    notice_id = await get_or_create_notice(session, key, values | {"created_by_id": created_by_id})
    conditions = await audience_conditions(session, audience, today)
    if conditions is None:
        return notice_id, 0
    delivery = {
        "notice_id": notice_id,
        "kind": kind,
        "priority": int(KINDS[kind].priority),
        "state": DeliveryState.QUEUED,
        "queued_at": now,
        "due_at": due_at or now,
        "send_by": send_by,
        "attempts": 0,
        "doubts": 0,
    }
    return notice_id, await fan_out(session, delivery, key, today, conditions)


async def queue_reply(
    session: Session,
    chat_id: int,
    kind: str,
    params: dict[str, Any] | None = None,
    *,
    language: str,
    now: datetime,
    op: str = "send",
    message_id: int | None = None,
    callback_id: str | None = None,
    invitation_id: int | None = None,
    carer_id: int | None = None,
    photo: bool = False,
) -> None:
    """Answer what someone just did in the chat, in the same transaction as its effect.

    ``op``: ``send`` a message, ``edit`` or ``delete`` the message ``message_id``, ``toast`` the tap
    ``callback_id``. ``photo``: what is edited is a picture. With ``invitation_id`` and ``carer_id`` the
    message sent becomes that carer's card.
    ``params`` is plain JSON: times as ISO text.
    """
    useful_for = TOAST_USEFUL_FOR if op == "toast" else REPLY_USEFUL_FOR
    row = {
        "chat_id": chat_id,
        "op": op,
        "kind": kind,
        "params": params or {},
        "language": language,
        "message_id": message_id,
        "callback_id": callback_id,
        "invitation_id": invitation_id,
        "carer_id": carer_id,
        "photo": photo,
        "queued_at": now,
        "due_at": now,
        "send_by": now + useful_for,
    }
    hold = hold_of(session)
    if hold is not None:
        hold.replies.append(row)
    else:
        session.add(Reply(**row))


async def says_soon(session: Session, chat_id: int, kind: str) -> bool:
    """Whether a reply of this kind to the chat waits already, so that a burst of messages needs no second."""
    hold = hold_of(session)
    held = hold.replies if hold is not None else ()
    said = any((row["chat_id"], row["kind"], row["op"]) == (chat_id, kind, "send") for row in held)
    return said or await is_about_to_be_said(session, chat_id, kind)
