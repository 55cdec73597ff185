"""Buttons for staff who change an event or call it off."""

from collections.abc import Mapping
from typing import Any

from texts.callbacks import pack
from texts.catalogue import Catalogue
from texts.message import Button
from texts.render import Rows, keyboard

_THINGS = {
    "starts": "Day and time",
    "ends": "How long",
    "venue": "Place",
    "link": "Link to join",
    "capacity": "Places",
    "online_capacity": "Places online",
}
_INSTEAD = {
    "ends": [("1 hour", "+60"), ("2 hours", "+120"), ("3 hours", "+180"), ("6 hours", "+360")],
    "capacity": [("No limit", "none")],
    "online_capacity": [("No limit", "none")],
    "cancel": [("No reason", "skip")],
}


@keyboard("staff_change")
def staff_change(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    event_id = params["event_id"]
    things = [Button(_THINGS[thing], pack("change", event_id, thing)) for thing in params["things"]]
    return [
        *(things[start : start + 2] for start in range(0, len(things), 2)),
        [Button("Call the event off", pack("change", event_id, "cancel"))],
        [Button("Back to the event", pack("rsvps", event_id))],
    ]


@keyboard("staff_change_ask")
def staff_change_ask(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """What can be tapped instead of written, then a way out."""
    event_id, thing = params["event_id"], params["thing"]
    row = [Button(label, pack("change", event_id, thing, value)) for label, value in _INSTEAD.get(thing, [])]
    return [row, [Button("Leave it as it is", pack("change", event_id))]]


@keyboard("staff_change_confirm")
def staff_change_confirm(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    event_id = params["event_id"]
    label = "Yes, call it off" if params["thing"] == "cancel" else "Yes, change it"
    return [
        [Button(label, pack("change", event_id, "do"))],
        [Button("Leave it as it is", pack("change", event_id))],
    ]


@keyboard("staff_changed")
def staff_changed(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    return [[Button("Back to the event", pack("rsvps", params["event_id"]))]]
