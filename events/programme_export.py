"""The programme, its answers, who came and what was sent, as tables. Times are local to the service.

What a party wrote about access or diet is in none of them.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from carers.spreadsheet_writing import Cell, Table, exact_time, local_time
from events.programme_file import COLUMNS, DRAFT, STATE
from storage.engine import Session
from storage.events import Event, EventState
from storage.exports import attendances, deliveries_to_carers, events_in_order, parties

RSVP_COLUMNS = (
    "event_ref",
    "household_ref",
    "carer_ref",
    "state",
    "mode",
    "adults",
    "children",
    "answered_at",
)
ATTENDANCE_COLUMNS = ("event_ref", "household_ref", "carer_ref", "state")
DELIVERY_COLUMNS = (
    "kind",
    "event_ref",
    "carer_ref",
    "channel",
    "state",
    "reason",
    "message_id",
    "queued_at",
    "sent_at",
)


async def events_table(session: Session, zone: ZoneInfo) -> Table:
    """One row an event: the programme file, which can be imported again, and how the event stands."""
    rows = [_event_cells(event, zone) for event in await events_in_order(session)]
    return Table((*COLUMNS, STATE), rows)


async def rsvps_table(session: Session, zone: ZoneInfo) -> Table:
    """One row a party. ``carer_ref`` is who answered last, or else the carer who was invited."""
    return Table(
        RSVP_COLUMNS,
        [
            [
                event,
                home,
                carer,
                party.state.value,
                party.mode.value if party.mode else None,
                # Nobody has said how many come before the party has answered.
                party.adults if party.answered_at else 0,
                party.children if party.answered_at else 0,
                exact_time(party.answered_at, zone),
            ]
            for party, event, home, carer in await parties(session)
        ],
    )


async def attendance_table(session: Session) -> Table:
    """One row a carer at an event; can be imported again."""
    return Table(ATTENDANCE_COLUMNS, [[*refs, state.value] for *refs, state in await attendances(session)])


async def deliveries_table(session: Session, zone: ZoneInfo) -> Table:
    """One row a notice to a carer."""
    return Table(
        DELIVERY_COLUMNS,
        [
            [
                delivery.kind,
                event,
                carer,
                delivery.channel,
                delivery.state.value,
                delivery.reason,
                delivery.message_id,
                exact_time(delivery.queued_at, zone),
                exact_time(delivery.sent_at, zone),
            ]
            for delivery, event, carer in await deliveries_to_carers(session)
        ],
    )


def _event_cells(event: Event, zone: ZoneInfo) -> list[Cell]:
    return [
        event.ref,
        event.title,
        event.kind,
        event.description,
        local_time(event.starts_at, zone),
        local_time(event.ends_at, zone),
        event.mode.value,
        event.venue,
        event.online_url,
        event.rsvp_by.value,
        event.audience,
        event.capacity,
        event.online_capacity,
        event.allocation.value,
        local_time(event.rsvp_deadline, zone),
        DRAFT if event.state is EventState.DRAFT else local_time(_invite_at(event), zone),
        event.map_url,
        event.state.value,
    ]


def _invite_at(event: Event) -> datetime | None:
    """Nothing for an event that was past when it was taken in: nobody was to be invited."""
    return event.invite_at if event.invite_at and event.invite_at < event.starts_at else None
