"""Buttons for staff under the questions of /broadcast. Each carries the broadcast that it is about."""

from collections.abc import Mapping
from typing import Any

from texts.callbacks import pack
from texts.catalogue import Catalogue
from texts.message import Button
from texts.render import Rows, keyboard

TOPIC_NAMES = {
    "all": "Service news",
    "socials": "Socials and outings",
    "support_groups": "Support groups",
    "training": "Training",
    "tickets": "Ticket offers",
    "surveys": "Surveys",
}
LANGUAGES = {"ur": "Urdu", "pa": "Punjabi", "ar": "Arabic"}


def deed(params: Mapping[str, Any], label: str, *words: str | int) -> Button:
    """A button that does something to the broadcast of these parameters."""
    return Button(label[:60], pack("broadcast", params["id"], *words))


def _back(params: Mapping[str, Any]) -> Button:
    return deed(params, "Back", "summary")


def _leave(params: Mapping[str, Any]) -> Button:
    return deed(params, "Finish it later", "leave")


@keyboard("broadcast_ask")
def ask(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """At first what is under way already; later what else can be done to the words."""
    match params["step"]:
        case "first":
            rows = [[deed(one, one["label"], "open")] for one in params["open"]]
            return [*rows, [Button("Stop", pack("broadcast", 0, "leave"))]]
        case "words":
            off = [[deed(params, "Without the photo or file", "nofile")]] if params["with_file"] else []
            return [*off, [_back(params)]]
        case "correct":
            return [[deed(params, "Back", "status")]]
        case language:
            off = [[deed(params, "Leave this language out", "unlang", language)]] if params["written"] else []
            return [*off, [_back(params)]]


@keyboard("broadcast_wrong", "broadcast_not_this")
def wrong(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """A way on, once there is a draft to go on with."""
    return [[deed(params, "Back to the draft", "open")]] if params["id"] else []


@keyboard("broadcast_audience")
def audience(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """A row an audience; carried by its mark, as names may be long and a list may change meanwhile."""
    rows = [
        [deed(params, f"{one['name'][:44]} · {one['reached']:,}", "to", one["mark"])]
        for one in params["audiences"]
    ]
    return [*rows, [_back(params) if params["chosen"] else _leave(params)]]


@keyboard("broadcast_topic")
def topic(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    rows = [[deed(params, label, "about", name)] for name, label in TOPIC_NAMES.items()]
    return [*rows, [_back(params) if params["chosen"] else _leave(params)]]


@keyboard("broadcast_when")
def when(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """Two mornings; ``days``: ISO dates with their labels."""
    days = [[deed(params, one["label"], "at", one["day"])] for one in params["days"]]
    at_once = [[deed(params, "At once", "at", "once")]] if params["chosen"] else []
    return [*days, *at_once, [_back(params)]]


@keyboard("broadcast_languages")
def languages(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """Each with a mark where its text is written."""
    rows = [
        [deed(params, f"✅ {name}" if code in params["written"] else name, "lang", code)]
        for code, name in LANGUAGES.items()
    ]
    return [*rows, [_back(params)]]


@keyboard("broadcast_summary")
def summary(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """The one that sends, by itself on top; it carries the version that was looked at."""
    return [
        [deed(params, _send_label(params), "send", params["version"])] if params["can_send"] else [],
        [deed(params, "Test to myself", "test"), deed(params, "Send later…", "when")],
        [deed(params, "Change the words", "words"), deed(params, "Who gets it…", "audience")],
        [deed(params, "Languages…", "languages"), deed(params, "Topic…", "topic")],
        [_leave(params), deed(params, "Drop it", "drop")],
    ]


def _send_label(params: Mapping[str, Any]) -> str:
    if params["needs_approval"]:
        return "Ask for approval"
    going = params["going"]
    return f"Send {going:,} message{'' if going == 1 else 's'}"
