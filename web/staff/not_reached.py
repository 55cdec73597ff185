"""Whom the bot does not reach, by social worker, so that somebody rings; and deliveries in doubt."""

from itertools import groupby

from aiohttp import web

from broadcasts.corrections import Resend, resend
from broadcasts.ledger_views import OutOfReach, not_reached, troubled
from care.faults import set_aside
from carers.accounts import list_accounts
from carers.roles import Action
from web.staff.views import Deed, Done, Look, Page, Route, do, see

RESENT = {
    Resend.QUEUED: "It is on its way again.",
    Resend.STALE: "It is too late for that: the message would only confuse.",
    Resend.NOT_NEEDED: "It has been sent, called off, or is about to go out.",
}


def routes() -> list[Route]:
    return [
        see("/not-reached", Action.SEE_NOT_REACHED, by_worker),
        see("/deliveries", Action.SEE_FAULTS, deliveries),
        do("/deliveries/{delivery}/resend", Action.SEE_FAULTS, send_again),
    ]


async def by_worker(look: Look) -> Page:
    today = look.now.astimezone(look.zone).date()
    people = await not_reached(look.session, today, social_worker_id=look.own_households)
    names = {account.id: account.name for account in await list_accounts(look.session, look.now)}

    def worker(person: OutOfReach) -> str:
        return names.get(person.social_worker_id or 0, "")

    ordered = sorted(people, key=lambda one: (not worker(one), worker(one), one.last_name, one.first_name))
    groups = [(name, list(group)) for name, group in groupby(ordered, key=worker)]
    context = {"groups": groups, "total": len(people), "own": look.own_households is not None}
    return Page("staff/not_reached.html", context)


async def deliveries(look: Look) -> Page:
    rows = await troubled(look.session, social_worker_id=look.own_households)
    return Page("staff/deliveries.html", {"rows": rows, "aside": await set_aside(look.session)})


async def send_again(deed: Deed) -> Done:
    outcome = await resend(deed.session, deed.number("delivery"), deed.staff, deed.now)
    if outcome is Resend.NOT_FOUND:
        raise web.HTTPNotFound
    return Done("/deliveries", RESENT[outcome])
