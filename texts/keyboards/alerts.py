"""The way from an alert to the page of the console that it speaks of."""

from collections.abc import Mapping
from typing import Any

from texts.catalogue import Catalogue
from texts.message import Button
from texts.render import Rows, keyboard


@keyboard("alert_erasure_asked")
def to_the_console(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    return [[Button("Open", url=params["url"])]] if params["url"] else []
