"""An event as a form wants it: its plan, and the version that the form was filled from."""

from dataclasses import dataclass

from events.planning import EventPlan, plan_of
from storage.engine import Session
from storage.events import Event, EventState


@dataclass(frozen=True, slots=True)
class Editable:
    """An event before it is changed. ``invited``: its invitations are out, which fixes who answers.

    ``series_id`` null: it stands alone.
    """

    id: int
    plan: EventPlan
    version: int
    invited: bool
    series_id: int | None = None


async def event_to_edit(session: Session, event_id: int) -> Editable | None:
    """The event as it stands; None if there is none, or if it is cancelled and cannot change any more."""
    event = await session.get(Event, event_id)
    if event is None or event.state is EventState.CANCELLED:
        return None
    invited = event.state is EventState.INVITED
    return Editable(event.id, plan_of(event), event.version, invited, event.series_id)
