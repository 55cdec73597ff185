"""Every table in one import, for migrations and for tests that build a schema."""

from storage import (
    attendance,
    ballot,
    broadcasts,
    conversations,
    deliveries,
    events,
    households,
    inbox,
    leases,
    links,
    pages,
    rsvp,
    series,
    staff,
    surveys,
)
from storage.base import Base

__all__ = [
    "Base",
    "attendance",
    "ballot",
    "broadcasts",
    "conversations",
    "deliveries",
    "events",
    "households",
    "inbox",
    "leases",
    "links",
    "pages",
    "rsvp",
    "series",
    "staff",
    "surveys",
]

metadata = Base.metadata
