"""Buttons under the question how an event was."""

from collections.abc import Mapping
from typing import Any

from texts.callbacks import pack
from texts.catalogue import Catalogue
from texts.message import Button
from texts.render import Rows, keyboard


@keyboard("feedback")
def feedback(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """From poor to very good."""
    return [[Button(str(rating), pack("feedback", params["event_id"], rating)) for rating in range(1, 6)]]
