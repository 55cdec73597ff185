"""By which way a notice reaches a carer or a member of staff: the app, email, a letter, or none at all.

One rule, written once as an expression of the database, for what is queued, counted, listed and looked up:
what was chosen for a carer goes first, where it works; then the app, if they have it and it takes messages;
then email, where the service sends any and their address takes it. A letter has to be chosen: somebody prints
and posts it. For staff the rule is the same without letters, but for a few kinds of notice.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    SQLColumnExpression,
    String,
    and_,
    case,
    delete,
    exists,
    func,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy.sql.elements import Label

from storage.deliveries import Delivery
from storage.engine import Session
from storage.households import Carer, Channel
from storage.leases import Fact
from storage.leases_queries import set_fact
from storage.staff import StaffMember

APP_FIRST = ("broadcast_test",)
"""To staff in the app wherever they have it, whatever they chose: it shows what carers see there."""
APP_ALONE = ("staff_urgent",)
"""To staff in the app and no other way: what may mean danger, which a telephone tells at once, for those whom
an email tells too."""
MAIL_ALONE = ("sign_in_link",)
"""To staff by email alone, which was asked for, even where their address is said to fail."""
_MAIL = "mail"


def mail_is_on() -> ColumnElement[bool]:
    """Whether the service sends email, as the running process wrote down from its settings."""
    return exists(select(Fact.name).where(Fact.name == _MAIL))


def takes_mail() -> ColumnElement[bool]:
    """Whether a carer has an address that has not refused mail for good, and the service sends any."""
    has_address = func.coalesce(Carer.email, "") != ""
    return and_(has_address, Carer.email_failed_at.is_(None), mail_is_on())


def takes_app() -> ColumnElement[bool]:
    """Whether a carer is connected in the app and it takes messages."""
    return and_(Carer.chat_id.is_not(None), Carer.unreachable_since.is_(None))


def way() -> ColumnElement[Any]:
    """The `Channel` by which a carer is reached now; null: by none."""
    return case(
        (Carer.channel == Channel.LETTER, literal(Channel.LETTER.value)),
        (and_(Carer.channel == Channel.EMAIL, takes_mail()), literal(Channel.EMAIL.value)),
        (takes_app(), literal(Channel.APP.value)),
        (takes_mail(), literal(Channel.EMAIL.value)),
        else_=null(),
    )


def is_reached() -> ColumnElement[bool]:
    """Whether there is any `way`; cheaper to ask than which."""
    by_letter = Carer.channel.is_not_distinct_from(Channel.LETTER)
    return or_(takes_app(), by_letter, takes_mail())


def way_or_app() -> ColumnElement[Any]:
    """`way`, and the app for who has none: there it is skipped, with the reason."""
    return func.coalesce(way(), literal(Channel.APP.value))


def staff_takes_mail() -> ColumnElement[bool]:
    """Whether a member of staff has an address that has not refused mail for good, and the service sends
    any."""
    return and_(_staff_has_address(), StaffMember.email_failed_at.is_(None), mail_is_on())


def staff_way(kind: SQLColumnExpression[str]) -> ColumnElement[Any]:
    """The `Channel` by which a member of staff is told of a notice of this kind now; null: by none. Whoever
    has left is told nothing."""
    has_app, takes_mail = StaffMember.chat_id.is_not(None), staff_takes_mail()
    app, email = literal(Channel.APP.value), literal(Channel.EMAIL.value)
    return case(
        (StaffMember.left_on.is_not(None), null()),
        (_is_among(kind, MAIL_ALONE), case((and_(_staff_has_address(), mail_is_on()), email), else_=null())),
        (_is_among(kind, APP_ALONE), case((has_app, app), else_=null())),
        (and_(_is_among(kind, APP_FIRST), has_app), app),
        (and_(StaffMember.channel == Channel.EMAIL, takes_mail), email),
        (has_app, app),
        (takes_mail, email),
        else_=null(),
    )


def usual_staff_way() -> ColumnElement[Any]:
    """`staff_way` of what nothing special is known of."""
    return staff_way(literal(""))


def way_of_delivery() -> ColumnElement[Any]:
    """The way of a delivery to whomever it is for: `way` of a carer, `staff_way` of a member of staff, and
    the app for who has none: there it is skipped, with the reason. All three tables are joined."""
    theirs = case((Delivery.carer_id.is_not(None), way()), else_=staff_way(Delivery.kind))
    return func.coalesce(theirs, literal(Channel.APP.value))


def way_of_recipient(
    carer_id: SQLColumnExpression[Any], staff_id: SQLColumnExpression[Any], kind: SQLColumnExpression[str]
) -> ColumnElement[str]:
    """The same for whoever has these ids, in statements that join nothing."""
    return func.coalesce(
        select(way_or_app()).where(Carer.id == carer_id).scalar_subquery(),
        select(staff_way(kind)).where(StaffMember.id == staff_id).scalar_subquery(),
        literal(Channel.APP.value, String),
    )


def _is_among(kind: SQLColumnExpression[str], kinds: tuple[str, ...]) -> ColumnElement[bool]:
    """Spelled out, for a statement that runs for many rows at once takes no list."""
    return or_(*(kind == name for name in kinds))


def _staff_has_address() -> ColumnElement[bool]:
    return func.coalesce(StaffMember.email, "") != ""


def labelled_way() -> Label[Any]:
    """`way` as a column called ``way``."""
    return way().label("way")


async def sends_mail(session: Session) -> bool:
    """Whether this service sends email."""
    return bool(await session.scalar(select(mail_is_on())))


async def note_mail(session: Session, on: bool, now: datetime) -> None:
    """Write down whether this service sends email."""
    if on:
        await set_fact(session, _MAIL, {"on": True}, now)
    else:
        await session.execute(delete(Fact).where(Fact.name == _MAIL))
