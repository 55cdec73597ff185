"""Buttons for staff under /rsvps: the events, and the ticks of who came."""

from collections.abc import Mapping
from typing import Any

from texts.callbacks import pack
from texts.catalogue import Catalogue
from texts.message import Button
from texts.render import Rows, keyboard

_MARKS = {"none": "⬜", "attended": "✅", "no_show": "✖"}
_NEXT = {"none": "attended", "attended": "no_show", "no_show": "none"}


@keyboard("rsvps")
def rsvps(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """One row an event, then the way to the other pages."""
    rows = [[Button(event["label"], pack("rsvps", event["event_id"]))] for event in params["events"]]
    page, turning = params["page"], []
    if page > 1:
        turning.append(Button("Earlier", pack("rsvps", "list", page - 1)))
    if params["more"]:
        turning.append(Button("Later", pack("rsvps", "list", page + 1)))
    return [*rows, turning]


@keyboard("rsvps_event")
def rsvps_event(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """What this person may do about the event; ``may`` names it."""
    event_id, may = params["event_id"], params["may"]
    deeds = {
        "tick": Button("Tick who came", pack("tick", event_id, 1)),
        "phone": Button("Answer for somebody who phoned", pack("phone", event_id)),
        "waiting": Button("Waiting list", pack("waiting", event_id)),
        "change": Button("Change it or call it off", pack("change", event_id)),
    }
    rows = [[button] for deed, button in deeds.items() if deed in may]
    return [*rows, [Button("Back to the list", pack("rsvps", "list"))]]


@keyboard("attendance")
def attendance(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """One row a carer: not noted, came, did not come, and round again."""
    event_id, page = params["event_id"], params["page"]
    rows = [
        [
            Button(
                f"{_MARKS[row['state']]} {row['name']}",
                pack("tick", event_id, page, row["carer_id"], _NEXT[row["state"]]),
            )
        ]
        for row in params["rows"]
    ]
    turning = []
    if page > 1:
        turning.append(Button("Previous", pack("tick", event_id, page - 1)))
    if page < params["pages"]:
        turning.append(Button("Next", pack("tick", event_id, page + 1)))
    besides = [[Button("Somebody else came", pack("walkin", event_id))]] if params["open"] else []
    if params["rest"]:
        besides.append([Button("Nobody else came", pack("walkin", event_id, "rest"))])
    return [*rows, turning, *besides, [Button("Back to the event", pack("rsvps", event_id))]]


@keyboard("staff_walkin_ask")
def walkin_ask(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    return [_back_to_ticks(params)]


@keyboard("staff_walkin_found")
def walkin_found(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """One row a carer."""
    event_id = params["event_id"]
    rows = [
        [Button(f"{row['name']} ({row['household_ref']})"[:60], pack("walkin", event_id, row["carer_id"]))]
        for row in params["carers"]
    ]
    return [*rows, _back_to_ticks(params)]


@keyboard("staff_walkin_noted")
def walkin_noted(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    return [[Button("Somebody else came", pack("walkin", params["event_id"]))], _back_to_ticks(params)]


@keyboard("staff_walkin_rest")
def walkin_rest(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """What was noted is not asked again."""
    sure = Button("Yes, nobody else came", pack("walkin", params["event_id"], "rest", "yes"))
    return [[sure] if params["done"] is None else [], _back_to_ticks(params)]


def _back_to_ticks(params: Mapping[str, Any]) -> list[Button]:
    return [Button("Back to the list", pack("tick", params["event_id"], 1))]
