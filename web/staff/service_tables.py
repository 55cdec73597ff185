"""The tables about the service itself as files: staff, roles, how long things are kept, erasures."""

from care.erasure import requests
from care.retention import last_purge, periods
from carers.roles import TOPICS, Action, Role, reach
from web.staff.accounts import asked
from web.staff.taking import Sheet, sheet_of, take, times
from web.staff.views import Look, Route
from web.staff.words import in_words


def routes() -> list[Route]:
    return [
        *take("/staff", Action.MANAGE_STAFF, staff, audited_as="staff"),
        *take("/staff/roles", Action.SEE_ROLES, roles, audited_as="roles"),
        *take("/retention", Action.SEE_RETENTION, retention, audited_as="retention"),
        *take("/erasures", Action.ERASE_CARERS, erasures, audited_as="erasures"),
    ]


async def staff(look: Look) -> Sheet:
    _, _, found = await asked(look)
    return sheet_of(
        "staff",
        found,
        ("Name", lambda one: one.account.name),
        ("Role", lambda one: in_words(one.account.role)),
        ("Email", lambda one: one.account.email),
        (times("Email refused since", look), lambda one: one.account.email_failed_at),
        ("Connected to the bot", lambda one: one.account.connected),
        (times("Last in the console", look), lambda one: one.seen_at),
        ("Browsers signed in", lambda one: one.account.browsers),
        ("Households", lambda one: one.households),
        ("Left on", lambda one: one.account.left_on),
    )


async def roles(look: Look) -> Sheet:
    """Who may do what, a row an action."""
    lines = [(topic, action) for topic, actions in TOPICS.items() for action in actions]
    return sheet_of(
        "roles",
        lines,
        ("Topic", lambda line: line[0]),
        ("What", lambda line: line[1].value),
        *((in_words(role), lambda line, role=role: reach(role, line[1])) for role in Role),
    )


async def retention(look: Look) -> Sheet:
    last = await last_purge(look.session)
    return sheet_of(
        "retention",
        periods(look.parts.keeping),
        ("What", lambda one: one.what),
        ("How long", lambda one: one.kept),
        ("Why", lambda one: one.why),
        ("Deleted last time", lambda one: last.counts.get(one.key, 0) if last else None),
    )


async def erasures(look: Look) -> Sheet:
    """Who asked to be erased and waits for an answer."""
    return sheet_of(
        "erasures",
        await requests(look.session),
        ("Carer", lambda one: one.name),
        ("Carer number", lambda one: one.ref),
        ("Household", lambda one: one.household),
        (times("Asked", look), lambda one: one.asked_at),
        (times("Answer by", look), lambda one: one.decide_by),
    )
