"""Every state that the page of an invitation can show, each as a link of Amal's."""

from datetime import timedelta
from typing import Any

from carers.pages import Purpose
from events.choices import Choice
from storage.engine import Session
from storage.events import Allocation, Event, EventState, Mode
from storage.rsvp import Invitation, RsvpState
from tests.events.acts import HOUSEHOLD, HYBRID, invitation_of, invited_event, taps
from tests.support.cast import NOON, Cast
from tests.support.console import Console
from tests.web.own_links import link

ROOM = "https://meet.example/secret-room?pwd=7"
HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)

# What to plan, then what has become of the invitation, and of the event since.
STATES: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "invited": ({"rsvp_deadline": NOON + WEEK, "description": "Cake and a chat.\nAll welcome."}, {}, {}),
    "invited-family": ({"rsvp_by": HOUSEHOLD}, {}, {}),
    "invited-hybrid": ({"mode": HYBRID, "online_url": ROOM}, {}, {}),
    "invited-full": ({"capacity": 1}, {}, {"taken": 1}),
    "invited-full-in-person": ({"mode": HYBRID, "online_url": ROOM, "capacity": 1}, {}, {"taken": 1}),
    "invited-ballot": ({"allocation": Allocation.BALLOT, "capacity": 2, "rsvp_by": HOUSEHOLD}, {}, {}),
    "invited-closed": ({"rsvp_deadline": NOON + WEEK}, {}, {"rsvp_deadline": NOON - HOUR}),
    "going": ({}, {"state": RsvpState.GOING, "mode": Mode.IN_PERSON}, {}),
    "going-family": (
        {"rsvp_by": HOUSEHOLD},
        {"state": RsvpState.GOING, "mode": Mode.IN_PERSON, "adults": 2, "children_5_10": 1, "needs": "Ramp"},
        {},
    ),
    "going-online": (
        {"mode": HYBRID, "online_url": ROOM},
        {"state": RsvpState.GOING, "mode": Mode.ONLINE},
        {},
    ),
    "going-online-soon": (
        {"mode": HYBRID, "online_url": ROOM},
        {"state": RsvpState.GOING, "mode": Mode.ONLINE},
        {"starts_at": NOON + HOUR / 2},
    ),
    "going-closed": (
        {"rsvp_deadline": NOON + WEEK},
        {"state": RsvpState.GOING, "mode": Mode.IN_PERSON},
        {"rsvp_deadline": NOON - HOUR},
    ),
    "asked-again": ({}, {"state": RsvpState.GOING, "mode": Mode.IN_PERSON, "asked_again_at": NOON}, {}),
    "maybe": ({}, {"state": RsvpState.MAYBE}, {}),
    "not-going": ({}, {"state": RsvpState.NOT_GOING}, {}),
    "not-going-by-jo": ({"rsvp_by": HOUSEHOLD}, {"state": RsvpState.NOT_GOING}, {}),
    "offered": (
        {"rsvp_by": HOUSEHOLD, "capacity": 4},
        {"state": RsvpState.OFFERED, "mode": Mode.IN_PERSON, "offer_expires_at": NOON + 24 * HOUR},
        {"taken": 1},
    ),
    "offered-ballot": (
        {"allocation": Allocation.BALLOT, "capacity": 4},
        {"state": RsvpState.OFFERED, "mode": Mode.IN_PERSON, "offer_expires_at": NOON + 24 * HOUR},
        {"drawn_at": NOON - HOUR, "taken": 1},
    ),
    "ballot-entered": (
        {"allocation": Allocation.BALLOT, "capacity": 4},
        {"state": RsvpState.BALLOT_ENTERED, "mode": Mode.IN_PERSON},
        {},
    ),
    "ballot-lost": (
        {"allocation": Allocation.BALLOT, "capacity": 4},
        {"state": RsvpState.BALLOT_LOST, "mode": Mode.IN_PERSON},
        {"drawn_at": NOON - HOUR},
    ),
    "begun": ({}, {}, {"starts_at": NOON - HOUR / 2}),
    "begun-going": (
        {},
        {"state": RsvpState.GOING, "mode": Mode.IN_PERSON},
        {"starts_at": NOON - HOUR / 2},
    ),
    "cancelled": (
        {},
        {"state": RsvpState.GOING, "mode": Mode.IN_PERSON},
        {"state": EventState.CANCELLED, "cancel_reason": "The hall has no heating.", "cancelled_at": NOON},
    ),
    "withdrawn": ({}, {"state": RsvpState.CANCELLED}, {}),
}


WAITING = "waitlisted"
"""A state that others have to answer for first."""


async def every_state(console: Console, cast: Cast) -> dict[str, str]:
    """A link for each state by its name."""
    return await states(console, cast, *STATES, WAITING)


async def states(console: Console, cast: Cast, *names: str) -> dict[str, str]:
    """A link for each of these."""
    async with console.database.write() as session:
        made = {name: await _made(session, cast, name) for name in names}
    return {name: link(console, cast.amal, Purpose.INVITATION, made[name].id) for name in names}


async def _made(session: Session, cast: Cast, name: str) -> Invitation:
    if name == WAITING:
        event = await invited_event(session, cast, title=f"Coffee {name}", capacity=1)
        for carer in (cast.sam, cast.jo, cast.amal):
            await taps(session, event, carer, Choice.GOING)
        return await invitation_of(session, event, cast.amal)
    planned, become, since = STATES[name]
    event = await invited_event(session, cast, title=f"Coffee {name}", **planned)
    invitation = await _become(session, event, cast, become)
    if name == "not-going-by-jo":
        invitation.answered_by_id = cast.jo.id
    for field, value in since.items():
        setattr(event, field, value)
    return invitation


async def _become(session: Session, event: Event, cast: Cast, changes: dict[str, Any]) -> Invitation:
    invitation = await invitation_of(session, event, cast.amal)
    for field, value in changes.items():
        setattr(invitation, field, value)
    if "state" in changes:
        invitation.answered_at = NOON
        invitation.answered_by_id = cast.amal.id
    return invitation
