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
    """One row an event."""
    return [[Button(event["label"], pack("rsvps", event["event_id"]))] for event in params["events"]]


@keyboard("rsvps_event")
def rsvps_event(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    return [
        [Button("Tick who came", pack("tick", params["event_id"], 1))],
        [Button("Back to the list", pack("rsvps", "list"))],
    ]


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
    return [*rows, turning, [Button("Back to the event", pack("rsvps", event_id))]]
