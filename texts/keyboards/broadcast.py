"""The one button under a broadcast as a carer gets it."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from texts.callbacks import pack
from texts.catalogue import Catalogue
from texts.message import Button
from texts.render import Rows, keyboard


@keyboard("broadcast")
def broadcast(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """A quiet way to get less of it, or it in another language. What it opens is a message of its own."""
    return _below(catalogue.gettext("Choose what I get"))


@lru_cache
def _below(label: str) -> Rows:
    """Made once for each language: it goes under thousands of messages."""
    return ((Button(label, pack("settings", "open")),),)
