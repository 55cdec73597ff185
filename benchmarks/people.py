"""Invented carers in any number, written in bulk."""

from datetime import UTC, date, datetime

from storage.bulk import insert_rows
from storage.engine import Database
from storage.households import Carer, Household, HouseholdType, Language

NOW = datetime(2025, 5, 6, 11, 0, tzinfo=UTC)
NATION = 61_360
"""Carers in England on 31 March 2022."""

_NAMES = ("Amal", "Jo", "Sam", "Lin", "Priya", "Zoë", "Tom", "Dee", "Seán", "Ash", "Noor", "O’Hara")
_LANGUAGES = (Language.ENGLISH, Language.ENGLISH, Language.ENGLISH, Language.URDU, Language.PUNJABI)


def first_name(number: int) -> str:
    """The first name of the carer with this number, from 1."""
    return f"{_NAMES[number % len(_NAMES)]} {number}"


def language(number: int) -> Language:
    """Three in five read English, the others Urdu or Punjabi."""
    return _LANGUAGES[number % len(_LANGUAGES)]


def chat(number: int) -> int:
    """The chat of the carer with this number."""
    return 100_000_000 + number


async def add_carers(database: Database, number: int, to_a_household: int = 2) -> None:
    """So many carers with a chat each, this many of them to a household."""
    homes = [
        {
            "id": home,
            "ref": f"H{home}",
            "type": HouseholdType.MAINSTREAM,
            "approved_on": date(2015 + home % 10, 1 + home % 12, 1),
            "area": f"Area {home % 7}",
            "end_reasons": [],
        }
        for home in range(1, (number - 1) // to_a_household + 2)
    ]
    carers = [
        {
            "id": one,
            "ref": f"C{one}",
            "household_id": (one - 1) // to_a_household + 1,
            "main_carer": one % to_a_household == 1 % to_a_household,
            "first_name": first_name(one),
            "last_name": "Reed",
            "language": language(one),
            "chat_id": chat(one),
            "linked_at": NOW,
        }
        for one in range(1, number + 1)
    ]
    async with database.write() as session:
        await insert_rows(session, Household, homes)
        await insert_rows(session, Carer, carers)
