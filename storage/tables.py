"""Every table in one import, for migrations and for tests that build a schema."""

from storage import (
    attendance,
    audiences,
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
    register_drafts,
    rsvp,
    series,
    staff,
    surveys,
)
from storage.base import Base

__all__ = [
    "Base",
    "attendance",
    "audiences",
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
    "register_drafts",
    "rsvp",
    "series",
    "staff",
    "surveys",
]

metadata = Base.metadata
