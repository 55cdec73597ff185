"""Buttons under /mygroups: to leave a group, or to join one that is open."""

from collections.abc import Mapping
from typing import Any

from texts.callbacks import pack
from texts.catalogue import Catalogue
from texts.labels import cut
from texts.message import Button
from texts.render import Rows, keyboard

_ON_A_BUTTON = 48
"""Characters of a group's name; a phone cuts what is longer wherever it ends."""


@keyboard("mygroups")
def mygroups(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """A row a group: the carer's own, then those that they may join."""
    _ = catalogue.gettext
    leave = [
        [
            Button(
                _("Leave %(name)s") % {"name": cut(group["name"], _ON_A_BUTTON)},
                pack("group", group["id"], "leave"),
            )
        ]
        for group in params["mine"]
    ]
    join = [
        [
            Button(
                _("Join %(name)s") % {"name": cut(group["name"], _ON_A_BUTTON)},
                pack("group", group["id"], "join"),
            )
        ]
        for group in params["others"]
    ]
    return [*leave, *join]


@keyboard("mygroups_sure")
def sure(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """Asked where there is no way back by oneself."""
    _ = catalogue.gettext
    return [
        [Button(_("Yes, leave it"), pack("group", params["group"]["id"], "leave", "yes"))],
        [Button(_("No, go back"), pack("group", "show"))],
    ]
