"""Invented carers in any number, written in bulk."""

from datetime import UTC, date, datetime

from storage.bulk import insert_rows
from storage.engine import Database
from storage.households import Carer, Household, HouseholdType, Language

NOW = datetime(2025, 5, 6, 11, 0, tzinfo=UTC)
NATION = 61_360
"""Carers in England on 31 March 2022."""


async def add_carers(database: Database, number: int, chats: list[int] | None = None) -> None:
    """``number`` carers, two to a household, linked to these chats if there are any."""
    homes = [
        {
            "id": home,
            "ref": f"H{home}",
            "type": HouseholdType.MAINSTREAM,
            "approved_on": date(2015 + home % 10, 1 + home % 12, 1),
            "area": f"Area {home % 7}",
            "end_reasons": [],
        }
        for home in range(1, number // 2 + number % 2 + 1)
    ]
    carers = [
        {
            "id": one,
            "ref": f"C{one}",
            "household_id": (one + 1) // 2,
            "main_carer": one % 2 == 1,
            "first_name": f"First {one}",
            "last_name": f"Last {one}",
            "language": Language.ENGLISH,
            "chat_id": chats[one - 1] if chats else one,
            "linked_at": NOW,
        }
        for one in range(1, number + 1)
    ]
    async with database.write() as session:
        await insert_rows(session, Household, homes)
        await insert_rows(session, Carer, carers)
