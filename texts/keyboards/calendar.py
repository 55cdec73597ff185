"""Buttons under /calendar and under a carer's calendar link."""

from collections.abc import Mapping
from typing import Any

from texts.callbacks import pack
from texts.catalogue import Catalogue
from texts.message import Button
from texts.render import Rows, keyboard


@keyboard("calendar_all", "calendar_empty")
def calendar(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """The way to the carer's own link, where the service can be reached from outside."""
    return [[Button(catalogue.gettext("Calendar link"), pack("feed", "show"))]] if params["feed"] else []


@keyboard("calendar_feed")
def feed(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """Each names the link that it is about, so that a tap on an old message ends no newer one."""
    _ = catalogue.gettext
    return [
        [Button(_("New link"), pack("feed", "new", params["number"]))],
        [Button(_("Switch it off"), pack("feed", "off", params["number"]))],
    ]


@keyboard("calendar_feed_off")
def feed_off(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """The way back."""
    return [[Button(catalogue.gettext("Calendar link"), pack("feed", "show"))]]
