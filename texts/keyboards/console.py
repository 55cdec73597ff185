"""The button of staff that opens the console inside the app."""

from collections.abc import Mapping
from typing import Any

from texts.catalogue import Catalogue
from texts.message import Button
from texts.render import Rows, keyboard


@keyboard("sign_in_link")
def open_the_console(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    address = params.get("app")
    return [[Button("Open the console", web_app=address)]] if address else []
