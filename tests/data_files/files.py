"""Files as staff would bring them, made for a test."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook

from carers.register_rows import COLUMNS

AMAL = {
    "household_ref": "H1",
    "household_type": "mainstream",
    "approved_on": "2019-06-01",
    "area": "North",
    "constellation": "Orion",
    "constellation_role": "hub",
    "social_worker": "Tom Birch",
    "carer_ref": "C1",
    "main_carer": "yes",
    "first_name": "Amal",
    "last_name": "Reed",
    "birth_year": "1968",
    "language": "ur",
    "email": "amal@example.org",
    "phone": "01709 382121",
    "groups": "Evening;Baby carers",
}
JO = AMAL | {"carer_ref": "C2", "main_carer": "no", "first_name": "Jo", "language": "", "groups": ""}
SAM = {
    "household_ref": "H2",
    "household_type": "family_and_friends",
    "approved_on": "2021-01-15",
    "carer_ref": "C3",
    "main_carer": "yes",
    "first_name": "Sam",
    "last_name": "Okafor",
    "groups": "Evening",
}
LEFT = {
    "household_ref": "H9",
    "household_type": "short_break",
    "approved_on": "2010-03-01",
    "ended_on": "2022-11-30",
    "end_route": "resignation",
    "end_reasons": "retired;moved_away",
    "carer_ref": "C9",
    "main_carer": "yes",
    "first_name": "Kim",
    "last_name": "Vale",
    "birth_year": "1955",
    "email": "kim@example.org",
    "phone": "01709 382122",
}


def csv_of(rows: Sequence[dict[str, str]], columns: Sequence[str] = COLUMNS, delimiter: str = ",") -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, delimiter=delimiter, restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def xlsx_of(rows: Sequence[Sequence[Any]]) -> bytes:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
