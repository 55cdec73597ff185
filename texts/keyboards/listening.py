"""Buttons of what came of what carers said: results that were shared, and what is done about them."""

from collections.abc import Mapping
from typing import Any

from texts.callbacks import pack
from texts.catalogue import Catalogue
from texts.message import Button
from texts.render import Rows, keyboard


@keyboard("told_list")
def told_list(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """One row a survey; and back."""
    listed = [[Button(one["label"], pack("told", one["round"]))] for one in params["rounds"]]
    return [*listed, back_to_surveys(catalogue)]


@keyboard("told")
def told(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """What is done about it, and the other results. None where it goes to all: their chat shows no list."""
    if params["for_all"]:
        return []
    _ = catalogue.gettext
    rows = [[Button(_("All results"), pack("told", "list"))]]
    if params["next"]:
        rows.insert(0, [Button(_("You said, we did"), pack("said", 1))])
    return rows


@keyboard("said_list")
def said_list(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """The way to the other pages: the newest are on the first; and back."""
    _ = catalogue.gettext
    turning = []
    if params["page"] > 1:
        turning.append(Button(_("Newer"), pack("said", params["page"] - 1)))
    if params["page"] < params["pages"]:
        turning.append(Button(_("Older"), pack("said", params["page"] + 1)))
    return [turning, back_to_surveys(catalogue)]


def back_to_surveys(catalogue: Catalogue) -> list[Button]:
    """To the list from which all of this is reached."""
    return [Button(catalogue.gettext("Back"), pack("survey", "list"))]
