"""What has been said, or is about to be, of an event: its notices and their deliveries."""

from collections.abc import Collection

from sqlalchemy import select, update

from storage.deliveries import WAITING, Delivery, DeliveryState, Notice
from storage.engine import Session


async def cancel_waiting_of_event(
    session: Session, event_id: int, kinds: Collection[str], reason: str, *, but: bool = False
) -> int:
    """Stop the deliveries of these kinds (``but``: of all other kinds) that have not gone out; how many."""
    of_kind = Delivery.kind.not_in(kinds) if but else Delivery.kind.in_(kinds)
    statement = (
        update(Delivery)
        .where(Delivery.event_id == event_id, Delivery.state.in_(WAITING), of_kind)
        .values(state=DeliveryState.CANCELLED, reason=reason)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )
    return len((await session.scalars(statement)).all())


async def cancel_waiting_of_invitation(
    session: Session, invitation_id: int, kinds: Collection[str], reason: str
) -> int:
    """Stop the deliveries of these kinds to one party that have not gone out; how many."""
    statement = (
        update(Delivery)
        .where(Delivery.invitation_id == invitation_id, Delivery.state.in_(WAITING), Delivery.kind.in_(kinds))
        .values(state=DeliveryState.CANCELLED, reason=reason)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )
    return len((await session.scalars(statement)).all())


async def notice_of(session: Session, kind: str, about: str) -> Notice | None:
    """The notice of this kind about this, if it has been queued."""
    return (await session.scalars(select(Notice).where(Notice.key == f"{kind}:{about}"))).one_or_none()
