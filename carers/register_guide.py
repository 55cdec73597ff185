"""The register file as it is explained to whoever fills one: what each column takes, and an empty one."""

from carers.register_rows import COLUMNS, REQUIRED
from carers.spreadsheet_writing import Table
from storage.households import ConstellationRole, EndRoute, HouseholdType, Language

GUIDE = {
    "household_ref": "The number of the household. Both carers of one household have the same.",
    "household_type": f"One of: {', '.join(HouseholdType)}.",
    "approved_on": "The day of approval, such as 2019-06-01.",
    "ended_on": "The day on which the approval ended or will end. Empty: it goes on.",
    "end_route": f"With ended_on, one of: {', '.join(EndRoute)}.",
    "end_reasons": "With ended_on, short codes of your own, parted by ; and never about health.",
    "area": "Where they live, in words of your own.",
    "constellation": "The name of their Mockingbird constellation.",
    "constellation_role": f"One of: {', '.join(ConstellationRole)}.",
    "on_hold_since": "The day from which no child is placed with them for now.",
    "social_worker": "The name of their supervising social worker. An unknown one is made.",
    "carer_ref": "The number of the carer: one row a carer, each number once.",
    "main_carer": "yes for one carer of a household, no for the other.",
    "first_name": "As the bot is to call them.",
    "last_name": "Not kept once a household has left.",
    "birth_year": "Four digits. Never a full date of birth.",
    "language": f"One of: {', '.join(Language)}. Empty: en. What a carer chose in the chat stays.",
    "email": "Not kept once a household has left.",
    "phone": "Not kept once a household has left.",
    "groups": "Names of groups, parted by ; and unknown ones are made. Never the name or age of a child: "
    "put a group such as households-with-birth-children-8-16 in place of it.",
}
"""What each column takes, in the order of the file."""


def is_required(column: str) -> bool:
    """Whether a file without this column is refused."""
    return column in REQUIRED


def empty_register() -> Table:
    """A file with the header alone, to be filled."""
    return Table(COLUMNS, [])
