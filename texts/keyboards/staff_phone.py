"""Buttons for staff who answer for a carer, and for the waiting list."""

from collections.abc import Mapping
from typing import Any

from texts.callbacks import pack
from texts.catalogue import Catalogue
from texts.keyboards.rsvp import BANDS
from texts.message import Button
from texts.render import Rows, keyboard

_CHOICES = {
    "going": "Going",
    "in_person": "In person",
    "online": "Online",
    "maybe": "Maybe",
    "not_going": "Can't go",
}
_BANDS = ("Adults", "Age 0–4", "Age 5–10", "Age 11–15", "Age 16+")


def _back(event_id: int) -> list[Button]:
    return [Button("Back to the event", pack("rsvps", event_id))]


@keyboard("staff_phone_ask", "staff_waiting_why")
def leave(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    return [_back(params["event_id"])]


@keyboard("staff_phone_found")
def found(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """One row a party."""
    event_id = params["event_id"]
    rows = [
        [Button(row["names"][:60], pack("phone", event_id, row["invitation_id"]))]
        for row in params["parties"]
    ]
    return [*rows, _back(event_id)]


@keyboard("staff_phone_party")
def party(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    event_id, invitation = params["event_id"], params["invitation_id"]
    row = [
        Button(_CHOICES[choice], pack("phone", event_id, invitation, choice)) for choice in params["choices"]
    ]
    return [row, _back(event_id)]


@keyboard("staff_phone_people")
def people(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """Less and more for each band. Each button carries the numbers that it leads to: taps may come twice."""
    start = ("phone", params["event_id"], params["invitation_id"], params["choice"])
    numbers = [int(params["party"][band]) for band in BANDS]

    def leading_to(band: int, step: int) -> str:
        changed = [number + step if index == band else number for index, number in enumerate(numbers)]
        changed[band] = max(1 if band == 0 else 0, changed[band])
        return pack(*start, *changed)

    rows = [
        [
            Button("−", leading_to(index, -1)),
            Button(f"{label}: {numbers[index]}", pack(*start, *numbers)),
            Button("+", leading_to(index, +1)),
        ]
        for index, label in enumerate(_BANDS)
    ]
    return [*rows, [Button("Note it", pack(*start, *numbers, "save"))], _back(params["event_id"])]


@keyboard("staff_phone_noted")
def noted(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    event_id = params["event_id"]
    return [[Button("Answer for somebody else", pack("phone", event_id))], _back(event_id)]


@keyboard("staff_waiting")
def waiting(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """One row a party, in their order."""
    event_id = params["event_id"]
    rows = [
        [Button(f"{row['position']}. {row['names']}"[:60], pack("waiting", event_id, row["invitation_id"]))]
        for row in params["parties"]
    ]
    return [*rows, _back(event_id)]


@keyboard("staff_waiting_party")
def waiting_party(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """Only the moves that there are."""
    event_id, invitation, place = params["event_id"], params["invitation_id"], params["position"] or 1
    moves = {
        "To the front": 1 if place > 2 else None,
        "One up": place - 1 if place > 1 else None,
        "One down": place + 1 if place < params["last"] else None,
    }
    rows = [[Button(label, pack("waiting", event_id, invitation, to))] for label, to in moves.items() if to]
    return [*rows, [Button("Back to the waiting list", pack("waiting", event_id))]]
