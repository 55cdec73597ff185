"""Files as staff would bring them, made for a test."""

import csv
import io
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import Workbook

from carers.file_outcome import FileOutcome
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


def said(outcome: FileOutcome) -> list[str]:
    """What was wrong or odd, errors first."""
    return [str(note) for note in (*outcome.errors, *outcome.warnings)]


LONDON = ZoneInfo("Europe/London")
PROGRAMME_COLUMNS = [
    "event_ref",
    "title",
    "kind",
    "description",
    "starts_at",
    "ends_at",
    "mode",
    "venue",
    "online_url",
    "rsvp_by",
    "audience",
    "capacity",
    "online_capacity",
    "allocation",
    "rsvp_deadline",
    "invite_at",
    "map_url",
]
COFFEE = {
    "event_ref": "coffee-06",
    "title": "Coffee Afternoon",
    "kind": "social",
    "starts_at": "2025-06-24 13:00",
    "ends_at": "2025-06-24 15:00",
    "mode": "in_person",
    "venue": "The Hall",
    "rsvp_by": "carer",
    "audience": "all",
    "capacity": "20",
}
EVENING = {
    "event_ref": "evening-06",
    "title": "Evening Support Group",
    "kind": "support_group",
    "starts_at": "2025-06-10 19:00",
    "ends_at": "2025-06-10 20:30",
    "mode": "hybrid",
    "venue": "The Hall",
    "online_url": "https://meet.example.org/evening",
    "rsvp_by": "carer",
    "audience": "all",
    "capacity": "12",
    "online_capacity": "30",
    "allocation": "first_come",
    "rsvp_deadline": "2025-06-09 12:00",
    "invite_at": "2025-05-20 09:00",
}
