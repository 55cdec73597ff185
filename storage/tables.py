"""Every table in one import, for migrations and for tests that build a schema."""

from storage import (
    actions,
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
    nominations,
    pages,
    panels,
    register_drafts,
    rsvp,
    series,
    staff,
    survey_forms,
    surveys,
)
from storage.base import Base

__all__ = [
    "Base",
    "actions",
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
    "nominations",
    "pages",
    "panels",
    "register_drafts",
    "rsvp",
    "series",
    "staff",
    "survey_forms",
    "surveys",
]

metadata = Base.metadata
