"""The kinds of notice that a carer can turn on and off."""

from enum import StrEnum


class Topic(StrEnum):
    SOCIALS = "socials"
    SUPPORT_GROUPS = "support_groups"
    TRAINING = "training"
    TICKETS = "tickets"
    SURVEYS = "surveys"


_TOPIC_OF_KIND = {
    "support_group": Topic.SUPPORT_GROUPS,
    "training": Topic.TRAINING,
    "tickets": Topic.TICKETS,
}


def topic_of(event_kind: str) -> Topic:
    """The topic that an event of this kind belongs to; what has none of its own is among the socials."""
    return _TOPIC_OF_KIND.get(event_kind, Topic.SOCIALS)
