"""Buttons of a nomination: sending it, going back a step, taking one back."""

from collections.abc import Mapping
from typing import Any

from texts.callbacks import pack
from texts.catalogue import Catalogue
from texts.labels import cut
from texts.message import Button
from texts.render import Rows, keyboard


@keyboard("nominate_whom")
def whom(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """Those that can still be taken back; and the way out."""
    return [*_waiting(params, catalogue), [_never_mind(catalogue)]]


@keyboard("nominate_why")
def why(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """One step back, or out."""
    return [[_change_name(catalogue)], [_never_mind(catalogue)]]


@keyboard("nominate_check")
def check(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """Nothing is sent before it was seen as a whole."""
    _ = catalogue.gettext
    return [
        [Button(_("Send"), pack("nominate", "send"))],
        [_change_name(catalogue)],
        [Button(_("Change the words"), pack("nominate", "why"))],
        [_never_mind(catalogue)],
    ]


@keyboard("nominate_sent")
def sent(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """The way back, while nobody has looked at it."""
    return [[Button(catalogue.gettext("Take it back"), pack("nominate", "back", params["id"]))]]


@keyboard("nominate_enough")
def enough(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """Another can be sent when one is taken back."""
    return _waiting(params, catalogue)


def _waiting(params: Mapping[str, Any], catalogue: Catalogue) -> list[list[Button]]:
    label = catalogue.gettext("Take back: %(name)s")
    return [
        [Button(label % {"name": cut(one["whom"])}, pack("nominate", "back", one["id"]))]
        for one in params["waiting"]
    ]


def _change_name(catalogue: Catalogue) -> Button:
    return Button(catalogue.gettext("Change the name"), pack("nominate", "whom"))


def _never_mind(catalogue: Catalogue) -> Button:
    return Button(catalogue.gettext("Never mind"), pack("nominate", "drop"))
