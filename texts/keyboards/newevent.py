"""Buttons for staff under the questions of /newevent. Each carries the step that it answers."""

from collections.abc import Mapping
from typing import Any

from texts.callbacks import pack
from texts.catalogue import Catalogue
from texts.message import Button
from texts.render import Rows, keyboard

KIND_NAMES = {
    "social": "Social",
    "support_group": "Support group",
    "wellbeing": "Wellbeing",
    "training": "Training",
    "celebration": "Celebration",
    "trip": "Trip",
    "youth_club": "Youth club",
    "birth_children": "Sons and daughters",
    "children": "For children",
    "recognition": "Recognition",
    "forum": "Forum",
    "consultation": "Consultation",
    "mockingbird": "Mockingbird",
    "tickets": "Tickets",
    "conference": "Conference",
}
_CHOICES = {
    "description": [("Leave it out", "skip")],
    "ends": [("1 hour", "+60"), ("2 hours", "+120"), ("3 hours", "+180"), ("6 hours", "+360")],
    "mode": [("In person", "in_person"), ("Online", "online"), ("Both", "hybrid")],
    "answers": [("Each carer", "carer"), ("One for the household", "household")],
    "capacity": [("No limit", "none")],
    "online_capacity": [("No limit", "none")],
}
RHYTHM_NAMES = {
    "weekly": "Every week",
    "weekly-term-time": "Every week in term time",
    "fortnightly": "Every fortnight",
    "monthly": "Every month",
    "quarterly": "Every three months",
    "termly": "Once a term",
    "yearly": "Every year",
}
_STOP = Button("Stop", pack("newevent", "drop"))


@keyboard("newevent_ask")
def newevent_ask(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """What can be tapped instead of written, then a way out."""
    step = params["step"]
    if step == "title":
        return [[Button("Start from a template", pack("newevent", "templates"))], [_STOP]]
    if step == "kind":
        kinds = [Button(KIND_NAMES.get(kind, kind), pack("newevent", step, kind)) for kind in params["kinds"]]
        return [*(kinds[start : start + 3] for start in range(0, len(kinds), 3)), [_STOP]]
    if step == "audience":
        rows = [
            [Button(name[:60], pack("newevent", step, number))]
            for number, name in enumerate(params["audiences"], 1)
        ]
        return [*rows, [_STOP]]
    row = [Button(label, pack("newevent", step, value)) for label, value in _CHOICES.get(step, [])]
    return [row, [_STOP]]


@keyboard("newevent_confirm")
def newevent_confirm(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    return [
        [Button("Send the invitations", pack("newevent", "send"))],
        [Button("Keep it as a draft", pack("newevent", "keep"))],
        [Button("It comes again", pack("newevent", "again"))],
        [_STOP],
    ]


@keyboard("newevent_templates")
def newevent_templates(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """One row a template, by its number in the list."""
    rows = [
        [Button(name[:60], pack("newevent", "template", number))]
        for number, name in enumerate(params["templates"], 1)
    ]
    return [*rows, [_STOP]]


@keyboard("newevent_repeats")
def newevent_repeats(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    rows = [[Button(RHYTHM_NAMES[name], pack("newevent", "again", name))] for name in params["rhythms"]]
    return [*rows, [Button("Just once", pack("newevent", "once"))]]


@keyboard("newevent_days")
def newevent_days(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """Nothing to confirm where there is no day."""
    make = (
        [] if params["wrong"] else [Button("Make these events", pack("newevent", "series", params["rhythm"]))]
    )
    return [make, [Button("Another rhythm", pack("newevent", "again"))], [_STOP]]
