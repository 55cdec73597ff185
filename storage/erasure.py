"""Taking out what is held of one carer, table by table, and counting it first.

What is deleted or blanked here is one list, so that what staff are told beforehand is what goes.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, func, null, or_, select, update
from sqlalchemy.orm import aliased, joinedload

from storage.attendance import Attendance, Feedback
from storage.base import Base
from storage.check_ins import CheckIn
from storage.conversations import CarerMessage, Conversation, Thread
from storage.deliveries import IS_WAITING, SURVEY_REMINDER, Delivery, DeliveryState, Notice, Reply
from storage.engine import Session
from storage.household_queries import lock_household
from storage.households import Carer, GroupLeaver, GroupMember, OptOut
from storage.inbox import StoredUpdate, UpdateState
from storage.links import LinkAttempt, LinkToken, Stranger
from storage.nominations import Nomination
from storage.nominations_queries import forget_whoever_is_called
from storage.pages import PageCode
from storage.register_drafts import RegisterDraft
from storage.rsvp import CalendarCopy, Card, Invitation
from storage.staff import StaffMember, WebSession
from storage.surveys import Comment, NamedDraft, Response
from storage.works_queries import drop_files

ERASED = "erased"
"""Why a delivery that waited was called off."""
_CALLED_OFF = {"state": DeliveryState.CANCELLED, "reason": ERASED}
_ALERTS = ("staff_alert", "staff_urgent")
_NOW_AT_ONCE = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows that go, or columns of some that are emptied (``blank``). ``name`` is for those who ask."""

    name: str
    table: type[Base]
    which: ColumnElement[bool]
    blank: Mapping[str, Any] | None = None


def parts_of(carer_id: int) -> Sequence[Part]:
    """All that is held of a carer apart from their own row, what is of their chat and what names them."""
    blank_needs = {"needs": null()}
    theirs: list[tuple[str, type[Base], Any]] = [
        ("messages", CarerMessage, CarerMessage.carer_id),
        ("conversations", Thread, Thread.carer_id),
        ("groups", GroupMember, GroupMember.carer_id),
        ("groups left", GroupLeaver, GroupLeaver.carer_id),
        ("choices", OptOut, OptOut.carer_id),
        ("links", LinkToken, LinkToken.carer_id),
        ("codes", PageCode, PageCode.carer_id),
        ("calendar entries", CalendarCopy, CalendarCopy.carer_id),
        ("cards", Card, Card.carer_id),
        ("replies", Reply, Reply.carer_id),
        ("surveys begun", NamedDraft, NamedDraft.carer_id),
        ("survey comments", Comment, Comment.carer_id),
    ]
    return [
        *(Part(name, table, column == carer_id) for name, table, column in theirs),
        Part(
            "comments on events",
            Feedback,
            (Feedback.carer_id == carer_id) & Feedback.comment.is_not(None),
            {"comment": null()},
        ),
        Part(
            "needs",
            Invitation,
            or_(Invitation.carer_id == carer_id, Invitation.answered_by_id == carer_id)
            & Invitation.needs.is_not(None),
            blank_needs,
        ),
        Part(
            "messages waiting",
            Delivery,
            (Delivery.carer_id == carer_id) & IS_WAITING & (Delivery.kind != SURVEY_REMINDER),
            _CALLED_OFF,
        ),
        Part("named answers", Response, Response.carer_id == carer_id, {"carer_id": null()}),
        Part(
            "nominations sent",
            Nomination,
            Nomination.nominated_by_id == carer_id,
            {"nominated_by_id": null(), "whom": null(), "words": null()},
        ),
        Part(
            "nominations received",
            Nomination,
            Nomination.carer_id == carer_id,
            {"carer_id": null(), "household_id": null(), **_blank_nomination()},
        ),
        Part(
            "nominations of the household",
            Nomination,
            Nomination.carer_id.is_(None)
            & Nomination.household_id.in_(select(Carer.household_id).where(Carer.id == carer_id)),
            _blank_nomination(),  # which may name both who foster there; that it was the household stays
        ),
        Part("check-ins", CheckIn, CheckIn.household_id.in_(_alone_at_home(carer_id))),
    ]


def _alone_at_home(carer_id: int) -> Select[int]:
    """The household of this carer, where nobody else is left in it of whom something is held."""
    other = aliased(Carer)
    there = exists().where(
        other.household_id == Carer.household_id,
        other.id != carer_id,
        other.left_on.is_(None),
        other.erased_at.is_(None),
    )
    return select(Carer.household_id).where(Carer.id == carer_id, ~there)


def _blank_nomination() -> dict[str, Any]:
    return {"whom": null(), "words": null(), "citation": ""}


def _traces(carer_id: int) -> Sequence[Part]:
    """What points at them in rows that stay, and nobody needs to be told of, or is to be: a reminder of a
    survey goes to those alone who have not answered."""
    return [
        Part(
            "reminders of surveys",
            Delivery,
            (Delivery.carer_id == carer_id) & IS_WAITING & (Delivery.kind == SURVEY_REMINDER),
            _CALLED_OFF,
        ),
        Part(
            "who answered",
            Invitation,
            (Invitation.answered_by_id == carer_id) & Invitation.carer_id.is_(None),
            {"answered_by_id": null()},
        ),
        Part(
            "places in the chat",
            Delivery,
            (Delivery.carer_id == carer_id)
            & or_(
                Delivery.chat_id.is_not(None), Delivery.message_id.is_not(None), Delivery.errand.is_not(None)
            ),
            {"chat_id": null(), "message_id": null(), "errand": null(), "errand_at": null()},
        ),
    ]


async def carer_at_home(session: Session, carer_id: int, *, lock: bool = True) -> Carer | None:
    """One carer with their household; with ``lock`` held until the transaction ends, so that nobody edits,
    imports or hears them meanwhile, who had read the row as it was: the household first and then all of its
    carers, in the order in which everybody takes them."""
    if lock:
        home = await session.scalar(select(Carer.household_id).where(Carer.id == carer_id))
        if home is None or await lock_household(session, home) is None:
            return None
        together = select(Carer.id).where(Carer.household_id == home).order_by(Carer.id).with_for_update()
        await session.execute(together)
    query = (
        select(Carer)
        .where(Carer.id == carer_id)
        .options(joinedload(Carer.household, innerjoin=True))
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(query.with_for_update(of=Carer) if lock else query)).one_or_none()


async def count_parts(session: Session, carer_id: int) -> dict[str, int]:
    """How many rows of each part there are, those that have none left out."""
    found: dict[str, int] = {}
    for part in parts_of(carer_id):
        query = select(func.count()).select_from(part.table).where(part.which)
        if count := (await session.scalars(query)).one():
            found[part.name] = count
    return found


async def count_what_stays(session: Session, carer_id: int) -> dict[str, int]:
    """What statistics are made of: answers of their own, attendances, messages sent to them."""
    tables: list[tuple[str, type[Base], ColumnElement[bool]]] = [
        ("answers", Invitation, (Invitation.carer_id == carer_id) & Invitation.answered_at.is_not(None)),
        ("attendances", Attendance, Attendance.carer_id == carer_id),
        (
            "messages sent",
            Delivery,
            (Delivery.carer_id == carer_id)
            & Delivery.sent_at.is_not(None)
            & (Delivery.kind != SURVEY_REMINDER),
        ),
    ]
    return {
        name: (await session.scalars(select(func.count()).select_from(table).where(which))).one()
        for name, table, which in tables
    }


async def forget_parts(session: Session, carer_id: int) -> None:
    """Delete or blank everything that `parts_of` names, and the traces."""
    for part in (*parts_of(carer_id), *_traces(carer_id)):
        statement: Any = (
            delete(part.table).where(part.which)
            if part.blank is None
            else update(part.table).where(part.which).values(dict(part.blank))
        )
        await session.execute(statement.execution_options(**_NOW_AT_ONCE))


async def forget_unsent_answers(session: Session, carer_id: int, topic: str) -> None:
    """Take out what staff have typed for this carer in their chats and not sent; ``topic``: of answers."""
    threads = set(await session.scalars(select(Thread.id).where(Thread.carer_id == carer_id)))
    for asked in await session.scalars(select(Conversation).where(Conversation.topic == topic)):
        if asked.data.get("thread") in threads:
            await session.delete(asked)
    await session.flush()


async def forget_chat(session: Session, chat_id: int) -> None:
    """Take out what is held of a chat in which nobody is left: what was asked there, what is about to be
    said, whose handled updates were, and who knocked from it."""
    for table, column in (
        (Conversation, Conversation.chat_id),
        (Reply, Reply.chat_id),
        (Stranger, Stranger.chat_id),
        (LinkAttempt, LinkAttempt.chat_id),
    ):
        gone: Any = delete(table).where(column == chat_id)
        await session.execute(gone.execution_options(**_NOW_AT_ONCE))
    handled = update(StoredUpdate).where(
        StoredUpdate.chat_id == chat_id, StoredUpdate.state != UpdateState.NEW
    )
    await session.execute(handled.values(chat_id=null()).execution_options(**_NOW_AT_ONCE))


async def forget_raw_updates(session: Session, chat_id: int) -> None:
    """Empty the raw updates of a chat that were given up on, whoever of those who share it sent them."""
    given_up = update(StoredUpdate).where(
        StoredUpdate.chat_id == chat_id, StoredUpdate.state != UpdateState.NEW
    )
    await session.execute(given_up.values(payload=null()).execution_options(**_NOW_AT_ONCE))


async def forget_name(session: Session, name: str, ref: str) -> None:
    """Put the carer's number for their name where it was written down besides their row: in alerts to staff,
    and in what browsers of staff are told after a form. Register files that wait go, and what long work made,
    full of names as they are. So does what was written in a nomination of this name, or that has it.
    """
    if name:
        whole = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
        for alert in await session.scalars(select(Notice).where(Notice.kind.in_(_ALERTS))):
            alert.params = _without(alert.params, whole, ref)
        for browser in await session.scalars(select(WebSession).where(WebSession.staff_id.is_not(None))):
            browser.data = _without(browser.data, whole, ref)
        await forget_whoever_is_called(session, whole)
    await session.execute(delete(RegisterDraft))
    await drop_files(session)
    await session.flush()


def _without(value: Any, name: re.Pattern[str], ref: str) -> Any:
    if isinstance(value, str):
        return name.sub(lambda _: ref, value)
    if isinstance(value, dict):
        return {key: _without(one, name, ref) for key, one in value.items()}
    return [_without(one, name, ref) for one in value] if isinstance(value, list) else value


async def forget_late_traces(session: Session) -> int:
    """What was on its way while somebody was erased, and has been written down since; how many rows.

    For the daily purge: the result of a request in flight names the chat and the message.
    """
    erased = select(Carer.id).where(Carer.erased_at.is_not(None))
    cards = await session.scalars(delete(Card).where(Card.carer_id.in_(erased)).returning(Card.id))
    places = await session.scalars(
        update(Delivery)
        .where(
            Delivery.carer_id.in_(erased),
            Delivery.state != DeliveryState.SENDING,
            or_(Delivery.chat_id.is_not(None), Delivery.message_id.is_not(None)),
        )
        .values(chat_id=null(), message_id=null(), errand=null(), errand_at=null())
        .returning(Delivery.id)
        .execution_options(**_NOW_AT_ONCE)
    )
    return len(cards.all()) + len(places.all())


async def who_asked(session: Session) -> Sequence[Carer]:
    """Carers who asked to be erased, the longest ago first, with their households."""
    query = (
        select(Carer)
        .where(Carer.erasure_asked_at.is_not(None), Carer.erased_at.is_(None))
        .options(joinedload(Carer.household))
        .order_by(Carer.erasure_asked_at, Carer.id)
    )
    return (await session.scalars(query)).all()


async def latest_erased(session: Session, count: int) -> Sequence[Carer]:
    """Who was erased last, the latest first."""
    query = select(Carer).where(Carer.erased_at.is_not(None)).order_by(Carer.erased_at.desc()).limit(count)
    return (await session.scalars(query)).all()


async def is_anothers_chat(session: Session, chat_id: int, carer_id: int) -> bool:
    """Whether somebody besides this carer has the chat: another carer, or a member of staff."""
    carer = exists().where(Carer.chat_id == chat_id, Carer.id != carer_id)
    staff = exists().where(StaffMember.chat_id == chat_id, StaffMember.left_on.is_(None))
    return bool(await session.scalar(select(or_(carer, staff))))
