"""Buttons of staff who read and answer what carers wrote, and of the alerts that lead there."""

from collections.abc import Mapping
from typing import Any

from texts.callbacks import pack
from texts.catalogue import Catalogue
from texts.keyboards.alerts import in_the_console
from texts.message import Button
from texts.render import Rows, keyboard

_LONGEST = 60
"""Characters of a name on a button."""


@keyboard(
    "alert_urgent_message",
    "alert_message_new",
    "alert_message_back",
    "alert_message_handed",
    "alert_message_waits",
)
def alert(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """The conversation itself: an alert quotes nothing of it."""
    thread_id = params["thread_id"]
    by_mail = in_the_console(params, f"/messages/{thread_id}")
    return by_mail or [[Button("Open it", pack("inbox", thread_id))]]


@keyboard("inbox")
def inbox(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """One row a conversation, with who has it."""
    rows = [[Button(_label(thread), pack("inbox", thread["id"]))] for thread in params["threads"]]
    return [*rows, [Button("Look again", pack("inbox", "list"))]]


def _label(thread: Mapping[str, Any]) -> str:
    owner = f" ({thread['owner']})" if thread["owner"] else ""
    return f"{'❗ ' if thread['urgent'] else ''}{thread['name'][:_LONGEST]}{owner}"


@keyboard("inbox_thread")
def thread(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """What may be done with it now, two a row."""
    id, seen, may = params["id"], params["seen"], params["may"]
    deeds = {
        "answer": Button("Answer", pack("inbox", id, "answer", seen)),
        "take": Button("Take it", pack("inbox", id, "take")),
        "give_back": Button("Give it back", pack("inbox", id, "back")),
        "hand": Button("Hand over", pack("inbox", id, "hand")),
        "settle": Button("Settle", pack("inbox", id, "settle", seen)),
        "reopen": Button("Reopen", pack("inbox", id, "reopen")),
        "redact": Button("Take words away", pack("inbox", id, "words")),
    }
    buttons = [button for deed, button in deeds.items() if deed in may]
    rows = [buttons[at : at + 2] for at in range(0, len(buttons), 2)]
    return [*rows, [Button("All messages", pack("inbox", "list"))]]


@keyboard("inbox_ask")
def ask(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    return [[Button("Leave it", pack("inbox", params["id"]))]]


@keyboard("inbox_sure")
def sure(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """Send what stands there, or not. To who can be told by no way it cannot be sent."""
    id, seen = params["id"], params["seen"]
    sending = Button("Send it", pack("inbox", id, "send", seen, params["draft"]))
    send = [sending] if params["way"] != "none" else []
    last = [
        Button("Write it anew", pack("inbox", id, "answer", seen)),
        Button("Leave it", pack("inbox", id, "drop")),
    ]
    return [send, last]


@keyboard("inbox_too_long")
def too_long(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    return [[Button("Leave it", pack("inbox", params["id"], "drop"))]]


@keyboard("inbox_hand")
def hand(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """One row a colleague."""
    id = params["id"]
    rows = [
        [Button(one["name"][:_LONGEST], pack("inbox", id, "hand", one["id"]))] for one in params["people"]
    ]
    return [*rows, [_back(id)]]


@keyboard("inbox_words")
def words(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """One row a message, by its number."""
    id = params["id"]
    rows = [
        [Button(f"{number}. {message['by']}"[:_LONGEST], pack("inbox", id, "words", message["id"]))]
        for number, message in enumerate(params["messages"], 1)
    ]
    return [*rows, [_back(id)]]


@keyboard("inbox_redact")
def redact(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    id = params["id"]
    return [[Button("Take them away", pack("inbox", id, "words", params["message_id"], "yes"))], [_back(id)]]


def _back(id: int) -> Button:
    return Button("Back", pack("inbox", id))
