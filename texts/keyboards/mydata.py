"""Buttons under /mydata: the file, the page, and the wish to be erased."""

from collections.abc import Mapping
from typing import Any

from texts.callbacks import pack
from texts.catalogue import Catalogue
from texts.message import Button
from texts.render import Rows, keyboard


@keyboard("mydata")
def mydata(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """What can be had of it, and an end to it all."""
    _ = catalogue.gettext
    rows = [[Button(_("Send me the file"), pack("mydata", "file"))]]
    if params["page"]:
        rows.append([Button(_("Open it as a page"), url=params["page"])])
    if params["asked_at"]:
        return [*rows, _keep(catalogue)]
    return [*rows, [Button(_("Ask to be erased"), pack("mydata", "erase"))]]


@keyboard("mydata_erase")
def erase(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """Once more, for it cannot be undone once staff have done it."""
    _ = catalogue.gettext
    return [
        [Button(_("Yes, ask for it"), pack("mydata", "erase", "yes"))],
        [Button(_("No, go back"), pack("mydata", "show"))],
    ]


@keyboard("mydata_asked")
def asked(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """The way back."""
    return [_keep(catalogue), [Button(catalogue.gettext("Back"), pack("mydata", "show"))]]


def _keep(catalogue: Catalogue) -> list[Button]:
    return [Button(catalogue.gettext("Do not erase me"), pack("mydata", "keep"))]
