"""Buttons under /settings, /language and /stop."""

from collections.abc import Mapping
from typing import Any

from texts.callbacks import pack
from texts.catalogue import Catalogue
from texts.message import Button
from texts.render import Rows, keyboard

LANGUAGE_NAMES = {"en": "English", "ur": "اردو", "pa": "ਪੰਜਾਬੀ", "ar": "العربية"}
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
    """A row a kind of notice, then a pause or its end, then the language."""
    _ = catalogue.gettext
    rows = [
        [_switch(topic, topic in params["wanted"], catalogue)]
        for topic in TOPICS
        if topic in params["wanted"] or topic in params["unwanted"]
    ]
    if params["paused_until"] or params["stopped"]:
        rows.append([Button(_("Send me messages again"), pack("settings", "resume"))])
    else:
        rows.append([Button(_("Pause for two weeks"), pack("settings", "pause", 14))])
    rows.append(
        [Button(f"{_('Language')}: {LANGUAGE_NAMES[params['chosen']]}", pack("settings", "language"))]
    )
    return rows


def _switch(topic: str, is_on: bool, catalogue: Catalogue) -> Button:
    label = f"{'✅' if is_on else '⬜'} {topic_label(topic, catalogue)}"
    return Button(label, pack("settings", "topic", topic, "off" if is_on else "on"))


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
