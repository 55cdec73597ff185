"""The button of staff that opens the console: inside the app, or from an email."""

from collections.abc import Mapping
from typing import Any

from texts.catalogue import Catalogue
from texts.message import Button
from texts.render import Rows, keyboard


@keyboard("sign_in_link")
def open_the_console(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    return [[Button("Open the console", web_app=params["app"])]] if params["app"] else []


@keyboard("sign_in_mail")
def sign_in(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    return [[Button("Sign in to the console", url=params["console"] + params["path"])]]
