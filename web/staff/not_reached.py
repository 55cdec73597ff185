"""Who is reached by no way at all, by social worker, so that somebody writes or rings; and what failed."""

from itertools import groupby

from aiohttp import web

from broadcasts.corrections import Resend, resend
from broadcasts.ledger_views import OutOfReach, not_reached, troubled
from care.faults import set_aside
from carers.accounts import list_accounts
from carers.channels import letters_for_all
from carers.roles import Action
from web.staff.views import Deed, Done, Look, Page, Route, do, see
from web.staff.words import plural

RESENT = {
    Resend.QUEUED: "It is on its way again.",
    Resend.STALE: "It is too late for that: the message would only confuse.",
    Resend.NOT_NEEDED: "It has been sent, called off, or is about to go out.",
}


def routes() -> list[Route]:
    return [
        see("/not-reached", Action.SEE_NOT_REACHED, by_worker),
        see("/not-reached/letters", Action.LINK_CARERS, ask_for_letters),
        do("/not-reached/letters", Action.LINK_CARERS, begin_letters),
        see("/deliveries", Action.SEE_FAULTS, deliveries),
        do("/deliveries/{delivery}/resend", Action.SEE_FAULTS, send_again),
    ]


async def _people(look: Look) -> list[OutOfReach]:
    today = look.now.astimezone(look.zone).date()
    return await not_reached(look.session, today, social_worker_id=look.own_households)


def _could_get_letters(people: list[OutOfReach]) -> list[int]:
    """All but those who wrote /stop: a letter would be one more message that they asked not to get."""
    return [one.carer_id for one in people if one.reason != "stopped"]


async def by_worker(look: Look) -> Page:
    people = await _people(look)
    names = {account.id: account.name for account in await list_accounts(look.session, look.now)}

    def worker(person: OutOfReach) -> str:
        return names.get(person.social_worker_id or 0, "")

    ordered = sorted(people, key=lambda one: (not worker(one), worker(one), one.last_name, one.first_name))
    groups = [(name, list(group)) for name, group in groupby(ordered, key=worker)]
    context = {
        "groups": groups,
        "total": len(people),
        "for_letters": len(_could_get_letters(people)),
        "own": look.own_households is not None,
    }
    return Page("staff/not_reached.html", context)


async def ask_for_letters(look: Look) -> Page:
    people = plural(len(_could_get_letters(await _people(look))), "carer")
    lines = (
        "From now on what is meant for them waits under Letters: to be printed and posted, or told on the "
        "telephone where a letter would come too late. What they were not told and is of use still is there "
        "at once.",
        "Who connects to the bot later gets messages there instead. Who asked for no messages gets none.",
    )
    context = {"title": f"Send letters to {people} from now on?", "lines": lines, "back": "/not-reached"}
    return Page("staff/confirm.html", {**context, "action": "/not-reached/letters", "button": "Send letters"})


async def begin_letters(deed: Deed) -> Done:
    ids = _could_get_letters(await _people(deed))
    number = await letters_for_all(deed.session, ids, deed.staff, deed.now)
    if not number:
        return Done(
            "/not-reached", "Nothing was changed: everybody here is reached or asked for no messages."
        )
    return Done("/letters", f"{plural(number, 'carer gets', 'carers get')} letters from now on.")


async def deliveries(look: Look) -> Page:
    rows = await troubled(look.session, social_worker_id=look.own_households)
    return Page("staff/deliveries.html", {"rows": rows, "aside": await set_aside(look.session)})


async def send_again(deed: Deed) -> Done:
    outcome = await resend(deed.session, deed.number("delivery"), deed.staff, deed.now)
    if outcome is Resend.NOT_FOUND:
        raise web.HTTPNotFound
    return Done("/deliveries", RESENT[outcome])
