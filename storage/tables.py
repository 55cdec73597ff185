"""Every table in one import, for migrations and for tests that build a schema."""

from storage import (
    attendance,
    broadcasts,
    conversations,
    deliveries,
    events,
    households,
    inbox,
    leases,
    links,
    rsvp,
    staff,
    surveys,
)
from storage.base import Base

__all__ = [
    "Base",
    "attendance",
    "broadcasts",
    "conversations",
    "deliveries",
    "events",
    "households",
    "inbox",
    "leases",
    "links",
    "rsvp",
    "staff",
    "surveys",
]

metadata = Base.metadata
