"""Buttons under the card of an invitation and under what belongs to it."""

from collections.abc import Mapping
from typing import Any

from texts.callbacks import pack
from texts.catalogue import Catalogue
from texts.message import Button
from texts.render import Rows, keyboard

BANDS = ("adults", "children_0_4", "children_5_10", "children_11_15", "children_16_up")
_MARKS = {"waitlisted": "⏳", "ballot_entered": "🎟️"}
"""Before an answer that stands but has not brought a place yet."""


def _label(choice: str, catalogue: Catalogue) -> str:
    _ = catalogue.gettext
    return {
        "going": _("Going"),
        "in_person": _("In person"),
        "online": _("Online"),
        "maybe": _("Maybe"),
        "not_going": _("Can't go"),
    }[choice]


def _choice(choice: str, params: Mapping[str, Any], catalogue: Catalogue) -> Button:
    """One answer; the one that stands is marked, unless a change has put it in question."""
    label = _label(choice, catalogue)
    if choice == params["chosen"] and not params["asked_again"]:
        label = f"{_MARKS.get(params['state'], '✅')} {label}"
    return Button(label, pack("rsvp", params["invitation_id"], choice))


@keyboard(
    "card",
    "invitation",
    "nudge",
    "change",
    "offer",
    "offer_lapsed",
    "ballot_lost",
    "reminder",
    "answer_changed",
)
def card(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """The answers in one row, then what can be said besides."""
    _ = catalogue.gettext
    invitation = params["invitation_id"]
    rows = [[_choice(choice, params, catalogue) for choice in params["choices"]]]
    if params["can_join"]:
        rows.append([Button(_("Join online"), pack("join", invitation))])
    if params["can_ask_why"]:
        rows.append([Button(_("Why?"), pack("ballot", invitation))])
    if params["can_set_party"]:
        rows.append([Button(_("Change who is coming"), pack("party", invitation))])
    if params["can_note_needs"]:
        rows.append([Button(_("Access or food needs"), pack("needs", invitation))])
    if params["calendar"]:
        rows.append([Button(_("Add to calendar"), pack("calendar", invitation))])
    return rows


@keyboard("calendar_update")
def calendar_update(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """By email it says all that a card does; in the app it is a file, and the card stands above."""
    return card(params, catalogue) if "choices" in params else []


@keyboard("tap_again")
def tap_again(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """The card of the one open invitation, or the way to all of them."""
    if params["invitation_id"] is not None:
        return card(params, catalogue)
    return [[Button(catalogue.gettext("Show my invitations"), pack("events", 1))]]


@keyboard("cancellation")
def cancellation(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    label = catalogue.gettext("Take it out of my calendar")
    return [[Button(label, pack("calendar", params["invitation_id"]))]]


@keyboard("join_link")
def join_link(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """A button that opens the link; what is no web address stands in the text alone."""
    if not params["url"].startswith(("https://", "http://")):
        return []
    return [[Button(catalogue.gettext("Join online"), url=params["url"])]]


@keyboard("party")
def party(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """One row a band of age, less and more at its sides. Each button carries the numbers it leads to, so that
    a double tap, or a tap that comes twice, leads to the same. A third of a narrow phone holds about twelve
    letters, and the number comes last: so labels are short, and the message says that these are children."""
    _ = catalogue.gettext
    labels = {
        "adults": _("Adults"),
        "children_0_4": _("Age 0–4"),
        "children_5_10": _("Age 5–10"),
        "children_11_15": _("Age 11–15"),
        "children_16_up": _("Age 16+"),
    }
    numbers = [int(params["party"][band]) for band in BANDS]

    def leading_to(band: int, step: int) -> str:
        changed = [number + step if index == band else number for index, number in enumerate(numbers)]
        least = 1 if band == 0 else 0
        changed[band] = max(least, changed[band])
        return pack("party", params["invitation_id"], *changed)

    rows = [
        [
            Button("−", leading_to(index, -1)),
            Button(f"{labels[band]}: {numbers[index]}", pack("party", params["invitation_id"])),
            Button("+", leading_to(index, +1)),
        ]
        for index, band in enumerate(BANDS)
    ]
    return [*rows, [Button(_("Done"), pack("party", params["invitation_id"], "done"))]]


@keyboard("events_list")
def events_list(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """One row an event, then the way to the other pages."""
    _ = catalogue.gettext
    rows = [[Button(row["label"], pack("event", row["invitation_id"]))] for row in params["rows"]]
    turning = []
    if params["page"] > 1:
        turning.append(Button(_("Earlier"), pack("events", params["page"] - 1)))
    if params["page"] < params["pages"]:
        turning.append(Button(_("Later"), pack("events", params["page"] + 1)))
    return [*rows, turning]
