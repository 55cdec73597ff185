"""The audit log: who did what, and when."""

from urllib.parse import urlencode

from carers.audit import AuditSearch, read_log
from carers.roles import Action
from web.staff.views import Look, Page, Route, see


def routes() -> list[Route]:
    return [see("/audit", Action.READ_AUDIT, log)]


async def log(look: Look) -> Page:
    search = AuditSearch(look.asked("actor"), look.asked("action"), look.asked("subject"))
    found = await read_log(look.session, search, look.page)
    query = urlencode({"actor": search.actor, "action": search.action, "subject": search.subject})
    return Page("staff/audit.html", {"search": search, "found": found, "query": query})
