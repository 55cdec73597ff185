"""How the service is: its database, what waits to go out, and when it was last copied and purged."""

from dataclasses import dataclass
from datetime import datetime

from broadcasts.ledger_views import waiting
from care.retention import last_purge
from storage.audit_queries import last_entry_at
from storage.engine import Session
from storage.rows import dialect_of
from storage.size import database_size

_DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """``size`` in bytes. ``deliveries`` and ``replies``: whose time has come and that have not gone out.
    ``backed_up_at``: by ``hearthline backup``; what else copies the disk is not known here."""

    database: str
    size: int
    deliveries: int
    replies: int
    purged_at: datetime | None
    backed_up_at: datetime | None


async def service_facts(session: Session, now: datetime) -> ServiceFacts:
    """The facts as they are now."""
    deliveries, replies = await waiting(session, now)
    purge = await last_purge(session)
    return ServiceFacts(
        database=_DATABASES[dialect_of(session)],
        size=await database_size(session),
        deliveries=deliveries,
        replies=replies,
        purged_at=purge.at if purge else None,
        backed_up_at=await last_entry_at(session, "data.backup"),
    )
