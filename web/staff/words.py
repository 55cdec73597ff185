"""Codes and numbers as staff read them."""

from enum import StrEnum

_WORDS = {
    "in_person": "In person",
    "online": "Online",
    "hybrid": "In person and online",
    "invited": "No answer yet",
    "not_going": "Not going",
    "waitlisted": "Waiting list",
    "offered": "Offered a place",
    "ballot_entered": "In the ballot",
    "ballot_lost": "Not drawn",
    "no_show": "Did not come",
    "social_worker": "Social worker",
    "first_come": "First come, first served",
    "en": "English",
    "ur": "Urdu",
    "pa": "Punjabi",
    "ar": "Arabic",
}


def in_words(code: StrEnum | str | None) -> str:
    """A code as words: ``support_group`` is "Support group". Empty for none."""
    if not code:
        return ""
    text = str(code)
    return _WORDS.get(text) or text.replace("_", " ").replace("-", " ").strip().capitalize()


def plural(number: int, one: str, many: str | None = None) -> str:
    """``1 carer``, ``2 carers``, ``1,240 carers``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
