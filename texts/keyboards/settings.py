"""Buttons under /settings, /language and /stop, and where a pause or quiet hours are chosen."""

from collections.abc import Mapping
from typing import Any

from texts.callbacks import pack
from texts.catalogue import Catalogue
from texts.message import Button
from texts.render import Rows, keyboard

LANGUAGE_NAMES = {"en": "English", "ur": "اردو", "pa": "ਪੰਜਾਬੀ", "ar": "العربية"}
SPANS = (("20:00", "10:00"), ("18:00", "08:00"), ("09:00", "17:00"))
"""Quiet hours that are one tap away, local times."""

TOPICS = ("socials", "support_groups", "training", "tickets", "surveys")


def topic_label(topic: str, catalogue: Catalogue) -> str:
    """What carers call a kind of notice, one of `TOPICS`."""
    _ = catalogue.gettext
    return {
        "socials": _("Socials and outings"),
        "support_groups": _("Support groups"),
        "training": _("Training"),
        "tickets": _("Ticket offers"),
        "surveys": _("Surveys"),
    }[topic]


@keyboard("settings")
def settings(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """A row a kind of notice, then a pause or its end, quiet hours, the language."""
    _ = catalogue.gettext
    rows = [
        [_switch(topic, topic in params["wanted"], catalogue)]
        for topic in TOPICS
        if topic in params["wanted"] or topic in params["unwanted"]
    ]
    if params["paused_until"] or params["stopped"]:
        rows.append([Button(_("Send me messages again"), pack("settings", "resume"))])
    else:
        rows.append([Button(_("Pause for a while"), pack("settings", "pause"))])
    rows.append([Button(_quiet_label(params, catalogue), pack("settings", "quiet"))])
    rows.append(
        [Button(f"{_('Language')}: {LANGUAGE_NAMES[params['chosen']]}", pack("settings", "language"))]
    )
    return rows


def _switch(topic: str, is_on: bool, catalogue: Catalogue) -> Button:
    label = f"{'✅' if is_on else '⬜'} {topic_label(topic, catalogue)}"
    return Button(label, pack("settings", "topic", topic, "off" if is_on else "on"))


def _quiet_label(params: Mapping[str, Any], catalogue: Catalogue) -> str:
    if not params["quiet_from"]:
        return catalogue.gettext("Quiet hours")
    return (
        catalogue.gettext("Quiet hours")
        + f": {_span(params['quiet_from'], params['quiet_until'], catalogue)}"
    )


def _span(begin: str, end: str, catalogue: Catalogue) -> str:
    return catalogue.gettext("%(begin)s to %(end)s") % {"begin": begin, "end": end}


@keyboard("settings_pause")
def pause(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """How long."""
    _ = catalogue.gettext
    return [
        [Button(_("Two weeks"), pack("settings", "pause", 14))],
        [Button(_("A month"), pack("settings", "pause", 30))],
        [Button(_("Until a date"), pack("settings", "pause", "date"))],
        _back(catalogue),
    ]


@keyboard("settings_quiet")
def quiet(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """A few spans that suit most, times of one's own, and the end of them."""
    _ = catalogue.gettext
    rows = [
        [Button(_span(begin, end, catalogue), pack("settings", "quiet", *_digits(begin, end)))]
        for begin, end in SPANS
    ]
    rows.append([Button(_("Other times"), pack("settings", "quiet", "own"))])
    if params["quiet_from"]:
        rows.append([Button(_("No quiet hours of my own"), pack("settings", "quiet", "off"))])
    return [*rows, _back(catalogue)]


def _digits(*times: str) -> list[str]:
    return [time.replace(":", "") for time in times]


@keyboard("settings_ask")
def ask(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """Out of the question."""
    return [_back(catalogue)]


def _back(catalogue: Catalogue) -> list[Button]:
    return [Button(catalogue.gettext("Back"), pack("settings", "show"))]


@keyboard("language")
def language(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """Each language in its own name, the chosen one marked."""
    return [
        [Button(f"{'✅ ' if code == params['chosen'] else ''}{name}", pack("settings", "language", code))]
        for code, name in LANGUAGE_NAMES.items()
    ]


@keyboard("stopped")
def stopped(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """The way back."""
    return [[Button(catalogue.gettext("Send me messages again"), pack("settings", "resume"))]]
