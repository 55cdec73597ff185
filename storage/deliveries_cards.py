"""Cards as the engine sees them: the message that became one, and those whose message is out of date."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, exists, or_, select, tuple_, update

from storage.deliveries import Reply
from storage.engine import Session
from storage.events import Event
from storage.households import Carer
from storage.ledger import insert_for
from storage.rsvp import Card, Invitation

Standing = tuple[Any, ...]
"""What a card is drawn from, for comparing only: it differs when the invitation or its event has changed."""

POINTS_FOR = timedelta(days=1)
"""How long it is tried to edit a message that is the card no more."""

UNKNOWN_CHANGE = -1
"""Nobody knows which change a message shows."""


@dataclass(frozen=True, slots=True)
class NewCard:
    """A message that went out and is a carer's card now.

    ``shows``: the change that it shows, as `storage.rsvp.Card` counts them; with `UNKNOWN_CHANGE` it is drawn
    again whatever happened. ``standing``: how the invitation stood when its content was read. ``photo``: it
    is a picture, and what it shows is the caption.
    """

    invitation_id: int
    carer_id: int
    chat_id: int
    message_id: int
    shows: int
    standing: Standing | None = None
    photo: bool = False


@dataclass(frozen=True, slots=True)
class StaleCard:
    """A card whose message is out of date, and the language of its carer. ``photo`` as in `NewCard`.
    ``for_name``: the carer's first name, where they share the chat and the invitation is their own."""

    id: int
    invitation_id: int
    carer_id: int
    chat_id: int
    message_id: int
    wanted: int
    attempts: int
    photo: bool
    language: str
    for_name: str | None = None


@dataclass(frozen=True, slots=True)
class DrawnCard:
    """What came of editing a card to show ``wanted``. With ``retry_at`` it is tried again from then on."""

    id: int
    wanted: int
    attempts: int
    retry_at: datetime | None = None


async def put_cards(session: Session, cards: Sequence[NewCard], now: datetime) -> None:
    """Make these messages the cards of their invitations; the next edits go to them.

    The message that was the card before is edited once more, to point to the newer one below it: left as it
    was it would go on naming a place or a time that may have changed since.
    """
    if not cards:
        return
    latest = {(card.invitation_id, card.carer_id): card for card in cards}
    await _point_to_the_newer(session, latest, now)
    insert = insert_for(session, Card).values(
        [
            {
                "invitation_id": card.invitation_id,
                "carer_id": card.carer_id,
                "chat_id": card.chat_id,
                "message_id": card.message_id,
                "wanted": max(card.shows, 0),
                "shown": card.shows,
                "stale": card.shows == UNKNOWN_CHANGE,
                "photo": card.photo,
            }
            for card in latest.values()
        ]
    )
    await session.execute(
        insert.on_conflict_do_update(
            index_elements=["invitation_id", "carer_id"],
            set_={
                "chat_id": insert.excluded.chat_id,
                "message_id": insert.excluded.message_id,
                "shown": insert.excluded.shown,
                "stale": Card.wanted > insert.excluded.shown,
                "photo": insert.excluded.photo,
                "retry_at": None,
                "attempts": 0,
            },
        )
    )
    await _mark_overtaken(session, [card for card in latest.values() if card.standing is not None])


async def _point_to_the_newer(
    session: Session, latest: Mapping[tuple[int, int], NewCard], now: datetime
) -> None:
    query = (
        select(Card, Carer.language, Event.title)
        .join(Carer, Carer.id == Card.carer_id)
        .join(Invitation, Invitation.id == Card.invitation_id)
        .join(Event, Event.id == Invitation.event_id)
        .where(tuple_(Card.invitation_id, Card.carer_id).in_(list(latest)))
    )
    for card, language, title in (await session.execute(query)).all():
        newer = latest[card.invitation_id, card.carer_id]
        if newer.chat_id == card.chat_id and newer.message_id > card.message_id:
            session.add(
                Reply(
                    chat_id=card.chat_id,
                    op="edit",
                    kind="card_moved",
                    params={"title": title},
                    language=str(language),
                    message_id=card.message_id,
                    photo=card.photo,
                    queued_at=now,
                    due_at=now,
                    send_by=now + POINTS_FOR,
                )
            )
    await session.flush()


async def _mark_overtaken(session: Session, cards: Sequence[NewCard]) -> None:
    """Have a card drawn again whose invitation changed while its message was on the way.

    Before there is a card there is nothing to mark stale: without this, a change in that moment would
    never show. One edit too many is harmless.
    """
    now = await standings(session, [card.invitation_id for card in cards])
    overtaken = [
        (card.invitation_id, card.carer_id) for card in cards if card.standing != now.get(card.invitation_id)
    ]
    if overtaken:
        await session.execute(
            update(Card)
            .where(tuple_(Card.invitation_id, Card.carer_id).in_(overtaken))
            .values(wanted=Card.wanted + 1, stale=True)
            .execution_options(synchronize_session=False)
        )


async def standings(session: Session, invitation_ids: Collection[int]) -> dict[int, Standing]:
    """How these invitations and their events stand now."""
    query = (
        select(
            Invitation.id,
            Invitation.state,
            Invitation.mode,
            Invitation.answered_at,
            Invitation.offered_at,
            Invitation.asked_again_at,
            Event.updated_at,
            Event.cancelled_at,
        )
        .join(Event, Event.id == Invitation.event_id)
        .where(Invitation.id.in_(invitation_ids))
    )
    return {row[0]: tuple(row) for row in (await session.execute(query)).all()}


async def card_versions(session: Session, invitation_ids: Collection[int]) -> dict[tuple[int, int], int]:
    """What the existing cards of these invitations are to show, by invitation and carer."""
    query = select(Card.invitation_id, Card.carer_id, Card.wanted).where(
        Card.invitation_id.in_(invitation_ids)
    )
    return {(row.invitation_id, row.carer_id): row.wanted for row in (await session.execute(query)).all()}


async def stale_cards(
    session: Session, now: datetime, *, but_chats: Collection[int], limit: int
) -> list[StaleCard]:
    """Cards whose message is out of date and may be edited now."""
    of_carer = ("language", "for_name")
    columns: list[Any] = [getattr(Card, name) for name in StaleCard.__slots__ if name not in of_carer]
    their_own = exists().where(Invitation.id == Card.invitation_id, Invitation.carer_id == Carer.id)
    # Looked up for those alone who share a chat.
    for_name = case((Carer.shares_chat, case((their_own.correlate(Card, Carer), Carer.first_name))))
    query = (
        select(*columns, Carer.language, for_name)
        .join(Carer, Carer.id == Card.carer_id)
        .where(_due(now))
        .order_by(Card.id)
        .limit(limit)
    )
    if but_chats:
        query = query.where(Card.chat_id.not_in(but_chats))
    rows: Sequence[Any] = (await session.execute(query)).all()
    return [StaleCard(*(*row[:-2], str(row[-2]), row[-1])) for row in rows]


def _due(now: datetime) -> ColumnElement[bool]:
    return and_(Card.stale, or_(Card.retry_at.is_(None), Card.retry_at <= now))


async def note_drawn(session: Session, cards: Sequence[DrawnCard]) -> None:
    """Write down what the cards show now. A change made meanwhile keeps its card stale.

    In the order of their ids, in which whoever marks cards locks them.
    """
    cards = sorted(cards, key=lambda card: card.id)
    connection = await session.connection()
    drawn: dict[int, list[int]] = {}
    for card in cards:
        if card.retry_at is None:
            drawn.setdefault(card.wanted, []).append(card.id)
    for shows, ids in drawn.items():
        locked = select(Card.id).where(Card.id.in_(ids)).order_by(Card.id).with_for_update()
        await connection.execute(
            update(Card).where(Card.id.in_(locked)).values(shown=shows, stale=Card.wanted > shows, attempts=0)
        )
    again = [card for card in cards if card.retry_at is not None]
    if again:
        statement = (
            update(Card)
            .where(Card.id == bindparam("key"))
            .values(retry_at=bindparam("due"), attempts=bindparam("tries"))
        )
        await connection.execute(
            statement, [{"key": card.id, "due": card.retry_at, "tries": card.attempts} for card in again]
        )
