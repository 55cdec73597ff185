"""By which way a notice reaches a carer: the app, email, a letter, or none at all.

One rule, written once as an expression of the database, for what is queued, counted, listed and looked up:
what was chosen for a carer goes first, where it works; then the app, if they have it and it takes messages;
then email, where the service sends any and their address takes it. A letter has to be chosen: somebody prints
and posts it.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, exists, func, literal, null, or_, select
from sqlalchemy.sql.elements import Label

from storage.engine import Session
from storage.households import Carer, Channel
from storage.leases import Fact
from storage.leases_queries import set_fact

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


def labelled_way() -> Label[Any]:
    """`way` as a column called ``way``."""
    return way().label("way")


async def note_mail(session: Session, on: bool, now: datetime) -> None:
    """Write down whether this service sends email."""
    if on:
        await set_fact(session, _MAIL, {"on": True}, now)
    else:
        await session.execute(delete(Fact).where(Fact.name == _MAIL))
