"""Buttons for staff under the year in figures: other years, and in an email the way to the page."""

from collections.abc import Mapping
from typing import Any

from texts.callbacks import pack
from texts.catalogue import Catalogue
from texts.keyboards.alerts import in_the_console
from texts.message import Button
from texts.render import Rows, keyboard


@keyboard("report", "report_counting", "report_wrong")
def other_years(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    return [[Button(year["label"], pack("report", year["begins"])) for year in params["others"]]]


@keyboard("report_told")
def to_the_page(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    return in_the_console(params, f"/reports?year={params['year']}")
