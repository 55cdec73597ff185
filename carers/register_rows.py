"""The register file: what each row says, and everything in it that cannot be."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from carers.cells import Cells, repeated
from carers.group_names import is_reserved
from carers.spreadsheet import Notes, Row, Sheet
from storage.households import ConstellationRole, EndRoute, HouseholdType, Language

HOUSEHOLD_COLUMNS = (
    "household_ref",
    "household_type",
    "approved_on",
    "ended_on",
    "end_route",
    "end_reasons",
    "area",
    "constellation",
    "constellation_role",
    "on_hold_since",
    "social_worker",
)
CARER_COLUMNS = (
    "carer_ref",
    "main_carer",
    "first_name",
    "last_name",
    "birth_year",
    "language",
    "email",
    "phone",
    "groups",
)
COLUMNS = (*HOUSEHOLD_COLUMNS, *CARER_COLUMNS)
REQUIRED = ("household_ref", "household_type", "approved_on", "carer_ref")
CONTACTS: dict[str, str | None] = {"first_name": "", "last_name": "", "email": None, "phone": None}
"""What is kept of a carer whose household has left: nothing of these."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_COUNTRY = "GB"


@dataclass(slots=True)
class HouseholdRow:
    """What the file says of a household. ``values`` by column, only of columns that the file has."""

    ref: str
    number: int
    values: dict[str, Any]
    wrong: Collection[str] = ()
    """The columns in whose cells something is wrong."""
    carers: list["CarerRow"] = field(default_factory=list)


@dataclass(slots=True)
class CarerRow:
    """What the file says of a carer, likewise."""

    ref: str
    number: int
    household_ref: str
    values: dict[str, Any]
    main_if_new: bool = False


def read_register(sheet: Sheet, notes: Notes, today: date) -> dict[str, HouseholdRow]:
    """The households of the file with their carers, by ref; notes every error and warning.

    ``today`` is the service's local date.
    """
    households: dict[str, HouseholdRow] = {}
    faults = {(note.row, note.column) for note in notes.errors}
    for row in sheet.rows:
        cells, before = Cells(row, sheet.columns, notes), len(notes.errors)
        home = _household(cells, today)
        home.wrong = {note.column or "" for note in notes.errors[before:]} | {
            column for column in sheet.columns if (row.number, column) in faults
        }
        known = households.setdefault(home.ref, home)
        if known is not home and home.ref:
            _note_contradictions(known, home, notes)
        known.carers.append(_carer(cells, today))
    _note_repeated_carers(sheet.rows, notes)
    for home in households.values():
        _note_odd_carers(home, notes)
    return households


def _household(cells: Cells, today: date) -> HouseholdRow:
    values = {
        "household_type": cells.choice("household_type", HouseholdType, required=True),
        "approved_on": cells.day("approved_on", required=True),
        "ended_on": cells.day("ended_on"),
        "end_route": cells.choice("end_route", EndRoute),
        "end_reasons": cells.several("end_reasons", 80),
        "area": cells.line("area", 120) or None,
        "constellation": cells.line("constellation", 120) or None,
        "constellation_role": cells.choice("constellation_role", ConstellationRole),
        "on_hold_since": cells.day("on_hold_since"),
        "social_worker": cells.line("social_worker", 200) or None,
    }
    _check_dates(cells, values, today)
    ref = cells.line("household_ref", 64, required=True)
    return HouseholdRow(ref, cells.row.number, _given(values, cells))


def _check_dates(cells: Cells, values: dict[str, Any], today: date) -> None:
    approved, ended, held = values["approved_on"], values["ended_on"], values["on_hold_since"]
    if approved and ended and ended < approved:
        cells.error("ended_on", f"{ended} is before approved_on, {approved}")
    if not cells.row["ended_on"]:
        for column in ("end_route", "end_reasons"):
            if cells.row[column]:
                cells.error(column, "needs a date in ended_on")
    elif "end_route" in cells.columns and not cells.row["end_route"]:
        cells.warn("end_route", "is empty although the approval has ended")
    if approved and held and held < approved:
        cells.warn("on_hold_since", f"{held} is before approved_on, {approved}")
    if held and held > today:
        cells.warn("on_hold_since", f"{held} is in the future")
    if values["constellation_role"] and not values["constellation"]:
        cells.warn("constellation_role", "names no constellation")


def _carer(cells: Cells, today: date) -> CarerRow:
    birth_year = cells.whole_number("birth_year", 1900, today.year)
    values = {
        "main_carer": cells.yes_no("main_carer") or False,
        "first_name": cells.line("first_name", 120),
        "last_name": cells.line("last_name", 120),
        "birth_year": birth_year,
        "language": cells.choice("language", Language) or Language.ENGLISH,
        "email": _email(cells),
        "phone": _phone(cells),
        "groups": [name for name in cells.several("groups", 120) if _is_group(cells, name)],
    }
    if birth_year and today.year - birth_year < 18:
        cells.warn("birth_year", f"{birth_year} would make the carer a child")
    ref = cells.line("carer_ref", 64, required=True)
    home = " ".join(cells.row["household_ref"].split())
    return CarerRow(ref, cells.row.number, home, _given(values, cells))


def _given(values: dict[str, Any], cells: Cells) -> dict[str, Any]:
    return {column: value for column, value in values.items() if column in cells.columns}


def is_address(value: str) -> bool:
    """Whether this looks like an email address."""
    return _EMAIL.fullmatch(value) is not None


def as_dialled(value: str) -> str | None:
    """A British number as it is dialled here, another with its country's code; null for what is no number."""
    import phonenumbers  # three megabytes that the running service has little use for

    try:
        number = phonenumbers.parse(value, _COUNTRY)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    ours = number.country_code == phonenumbers.country_code_for_region(_COUNTRY)
    style = phonenumbers.PhoneNumberFormat.NATIONAL if ours else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, style)


def _email(cells: Cells) -> str | None:
    value = cells.line("email", 254)
    if value and not is_address(value):
        cells.warn("email", f"{value!r} does not look like an email address")
    return value or None


def _phone(cells: Cells) -> str | None:
    value = cells.line("phone", 40)
    dialled = as_dialled(value) if value else None
    if value and dialled is None:
        cells.warn("phone", f"{value!r} does not look like a telephone number")
    return dialled or value or None


def _is_group(cells: Cells, name: str) -> bool:
    if is_reserved(name):
        cells.warn("groups", f"{name!r} means an audience of another kind already and was left out")
        return False
    return True


def _note_contradictions(known: HouseholdRow, again: HouseholdRow, notes: Notes) -> None:
    for column, value in again.values.items():
        if value == known.values[column] or column in again.wrong or column in known.wrong:
            continue
        notes.error(
            f"{_shown(value)} contradicts row {known.number}, which says {_shown(known.values[column])} "
            f"of the same household {known.ref}",
            again.number,
            column,
        )


def _shown(value: Any) -> str:
    if isinstance(value, list):
        value = ";".join(value)
    return repr(str(value)) if value else "empty"


def _note_repeated_carers(rows: tuple[Row, ...], notes: Notes) -> None:
    for number, first in repeated((row.number, row["carer_ref"]) for row in rows).items():
        notes.error(f"is the same as in row {first}", number, "carer_ref")


def _note_odd_carers(home: HouseholdRow, notes: Notes) -> None:
    """Exactly one carer of a household is the main one: of several the first counts."""
    if len(home.carers) > 2:
        notes.warn(f"household {home.ref} has {len(home.carers)} carers", home.number, "household_ref")
    mains = [carer for carer in home.carers if carer.values.get("main_carer")]
    for carer in mains[1:]:
        notes.warn(
            f"household {home.ref} has a main carer in row {mains[0].number} already; that one counts",
            carer.number,
            "main_carer",
        )
        carer.values["main_carer"] = False
