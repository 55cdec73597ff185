"""What a group may be called: a name is also how events and messages say whom they are for."""

from carers.audience import CONSTELLATION, EVERYONE, SAVED

LONGEST_NAME = 120
IN_PLACE_OF_CHILDREN = "households-with-birth-children-8-16"
"""The group for the monthly meetings of sons and daughters: it stands in place of any data about a child."""


def is_reserved(name: str) -> bool:
    """Whether the name means an audience of another kind: everyone, a constellation, a saved audience."""
    said = name.casefold()
    return said in (EVERYONE, CONSTELLATION) or said.startswith((f"{CONSTELLATION}:", f"{SAVED}:"))


def is_about_children(name: str) -> bool:
    """Whether this is the group that stands in place of data about children, however it is written."""
    return "-".join(name.casefold().split()) == IN_PLACE_OF_CHILDREN
