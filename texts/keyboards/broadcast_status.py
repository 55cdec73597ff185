"""Buttons for staff under a broadcast that is on its way, was sent, or waits for somebody."""

from collections.abc import Mapping
from typing import Any

from texts.catalogue import Catalogue
from texts.keyboards.alerts import in_the_console
from texts.keyboards.broadcast_questions import deed
from texts.message import Button
from texts.render import Rows, keyboard

_DEEDS = (
    ("approve", "Approve"),
    ("send_back", "Send back"),
    ("resume", "Resume"),
    ("pause", "Pause"),
    ("cancel", "Cancel"),
    ("unschedule", "Change it"),
    ("correct", "Correct the words"),
    ("recall", "Take it back"),
)
"""In the order in which they stand, two a row. Which of them may be done is the domain's to say."""


@keyboard("broadcast_status")
def status(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """What may be done now; once it is over, its words can be used again."""
    buttons = [_deed(params, name, label) for name, label in _DEEDS if name in params["deeds"]]
    rows = [buttons[at : at + 2] for at in range(0, len(buttons), 2)]
    show = deed(params, "Show the message", "show")
    if params["state"] == "draft":
        return [[deed(params, "Go on with the draft", "open")]]
    if params["state"] in ("finished", "cancelled", "recalled"):
        return [*rows, [show, deed(params, "Use it again", "reuse")]]
    return [*rows, [show]]


def _deed(params: Mapping[str, Any], name: str, label: str) -> Button:
    """Approving is about the version that was looked at."""
    if name == "approve":
        return deed(params, label, name, params["version"])
    if name == "send_back" and params["mine"]:
        return deed(params, "Change it", name)
    return deed(params, label, name)


@keyboard("broadcast_sure")
def sure(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """The second tap."""
    match params["what"]:
        case "repeat":
            again = deed(params, "Send it again all the same", "again", params["version"])
            return [[again], [deed(params, "Back", "summary")]]
        case "drop":
            return [[deed(params, "Drop it", "drop", "yes")], [deed(params, "Keep it", "summary")]]
        case "cancel":
            return [[deed(params, "Stop it for good", "cancel", "yes")], [deed(params, "Leave it", "keep")]]
        case "correct":
            return [[deed(params, "Correct it", "correct", "yes")], [deed(params, "Leave it", "keep")]]
        case _:
            return [[deed(params, "Take it back", "recall", "yes")], [deed(params, "Leave it", "keep")]]


@keyboard("alert_broadcast_approval")
def approval(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    return in_the_console(params, _page(params)) or [
        [deed(params, "Approve", "approve", params["version"]), deed(params, "Send back", "send_back")],
        [deed(params, "Show how it stands", "open")],
    ]


@keyboard(
    "alert_broadcast_paused",
    "alert_broadcast_finished",
    "alert_broadcast_approved",
    "alert_broadcast_sent_back",
)
def look(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """The way to how it stands, if it is known which it is."""
    in_the_app = [] if params["id"] is None else [[deed(params, "Show how it stands", "open")]]
    return in_the_console(params, _page(params)) or in_the_app


def _page(params: Mapping[str, Any]) -> str:
    return "/broadcasts" if params["id"] is None else f"/broadcasts/{params['id']}"
