"""The way from an alert to the page of the console that it speaks of.

In the app an alert leads to the bot's own buttons where there are any; in an email, where ``params`` has the
address of the ``console``, to a page.
"""

from collections.abc import Mapping
from typing import Any

from texts.catalogue import Catalogue
from texts.message import Button
from texts.render import Rows, keyboard


def in_the_console(params: Mapping[str, Any], path: str) -> Rows:
    """The button of an email to staff; none in the app."""
    return [[Button("Open it in the console", url=params["console"] + path)]] if "console" in params else []


@keyboard("alert_erasure_asked")
def to_the_requests(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    in_the_app = [[Button("Open", url=params["url"])]] if params["url"] else []
    return in_the_console(params, "/erasures") or in_the_app


@keyboard("alert_call")
def to_the_letters(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    return in_the_console(params, "/letters")
