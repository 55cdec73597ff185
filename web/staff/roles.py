"""Who may do what: the table by which every page and every command is guarded, for all staff to read."""

from carers.roles import TOPICS, Action, Role, reach
from web.staff.views import Look, Page, Route, see


def routes() -> list[Route]:
    return [see("/staff/roles", Action.SEE_ROLES, table)]


async def table(look: Look) -> Page:
    topics = {
        title: [(action.value, [reach(role, action) for role in Role]) for action in actions]
        for title, actions in TOPICS.items()
    }
    return Page("staff/roles.html", {"topics": topics, "roles": list(Role), "mine": look.staff.role})
