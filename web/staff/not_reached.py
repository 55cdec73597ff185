"""Who is reached by no way at all, by social worker, so that somebody writes or rings; and what failed."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from aiohttp import web

from broadcasts.corrections import Resend, resend
from broadcasts.ledger_views import OutOfReach, count_not_reached, not_reached, troubled
from care.faults import set_aside
from carers.channels import letters_for_all
from carers.colleagues import staff_names
from carers.handing_out import LinksOut, links_out
from carers.roles import Action
from carers.spreadsheet_writing import Cell
from web.staff.taking import AT_ONCE, Rows, Sheet, take
from web.staff.views import Deed, Done, Look, Page, Route, do, see
from web.staff.words import plural, reason_in_words
from web.whole_numbers import whole_number

RESENT = {
    Resend.QUEUED: "It is on its way again.",
    Resend.STALE: "It is too late for that: the message would only confuse.",
    Resend.NOT_NEEDED: "It has been sent, called off, or is about to go out.",
}


MOST_LISTED = 300
"""Of more people a page lists only how many each social worker has to see to."""

NOBODYS = 0
"""In the address of the page: the carers whose household has no social worker."""

COLUMNS = (
    "Social worker",
    "Household",
    "Carer number",
    "First name",
    "Last name",
    "Telephone",
    "Why",
    "Since",
    "Link given",
)


def routes() -> list[Route]:
    return [
        see("/not-reached", Action.SEE_NOT_REACHED, by_worker),
        *take("/not-reached", Action.SEE_NOT_REACHED, table, audited_as="not_reached"),
        see("/not-reached/letters", Action.LINK_CARERS, ask_for_letters),
        do("/not-reached/letters", Action.LINK_CARERS, begin_letters),
        see("/deliveries", Action.SEE_FAULTS, deliveries),
        do("/deliveries/{delivery}/resend", Action.SEE_FAULTS, send_again),
    ]


async def _people(look: Look) -> list[OutOfReach]:
    """Those of the households that this person may see; of one social worker's alone where the address says
    so, and it may."""
    asked, own = whole_number(look.asked("worker")), look.own_households
    people = await not_reached(look.session, look.today, social_worker_id=own or asked or None)
    return [each for each in people if asked in (None, each.social_worker_id or NOBODYS)]


def _could_get_letters(people: list[OutOfReach]) -> list[int]:
    """All but those who wrote /stop: a letter would be one more message that they asked not to get."""
    return [one.carer_id for one in people if one.reason != "stopped"]


@dataclass(frozen=True, slots=True)
class Worklist:
    """A social worker's number and name, `NOBODYS` and empty for none; how many carers they are to see to,
    and who that is where they are listed."""

    number: int
    worker: str
    carers: int
    people: Sequence[OutOfReach] = ()


async def _worklists(look: Look, people: list[OutOfReach]) -> list[Worklist]:
    """These people by social worker; last those of nobody."""
    names = await staff_names(look.session)

    def worker(person: OutOfReach) -> tuple[bool, str, int]:
        number = person.social_worker_id if person.social_worker_id in names else None
        return number is None, names.get(number or NOBODYS, ""), number or NOBODYS

    ordered = sorted(people, key=lambda one: (worker(one), one.last_name, one.first_name, one.carer_id))
    grouped = ((key, list(group)) for key, group in groupby(ordered, key=worker))
    return [Worklist(number, name, len(group), group) for (_, name, number), group in grouped]


async def by_worker(look: Look) -> Page:
    """The worklists; of very many people the numbers, each of which leads to its list."""
    counted = await count_not_reached(look.session, look.today, social_worker_id=look.own_households)
    total = sum(each.carers for each in counted.values())
    one = whole_number(look.asked("worker"))
    if one is None and total > MOST_LISTED:
        names = await staff_names(look.session)
        found = [Worklist(id or NOBODYS, names.get(id or NOBODYS, ""), n.carers) for id, n in counted.items()]
        lists = sorted(found, key=lambda each: (not each.worker, each.worker, each.number))
    else:
        lists = await _worklists(look, await _people(look))
    context = {
        "lists": lists,
        "listed": any(each.people for each in lists),
        "one": one is not None,
        "query": "" if one is None else f"worker={one}",
        "links": await links_out(look.session, [who.carer_id for each in lists for who in each.people]),
        "total": total,
        "for_letters": sum(each.without_a_way for each in counted.values()),
        "own": look.own_households is not None,
    }
    return Page("staff/not_reached.html", context)


async def table(look: Look) -> Sheet:
    """The worklists that this person may see."""
    counted = await count_not_reached(look.session, look.today, social_worker_id=look.own_households)
    asked = whole_number(look.asked("worker"))
    number = sum(each.carers for id, each in counted.items() if asked in (None, id or NOBODYS))

    async def rows() -> AsyncIterator[Rows]:
        lists = await _worklists(look, await _people(look))
        people = [(one.worker, person) for one in lists for person in one.people]
        for start in range(0, len(people), AT_ONCE):
            some = people[start : start + AT_ONCE]
            links = await links_out(look.session, [person.carer_id for _, person in some])
            yield [_row(look, worker, person, links) for worker, person in some]

    return Sheet("not-reached", COLUMNS, rows(), number=number)


def _row(look: Look, worker: str, person: OutOfReach, links: Mapping[int, LinksOut]) -> Sequence[Cell]:
    link = links.get(person.carer_id)
    return [
        worker,
        person.household_ref,
        person.carer_ref,
        person.first_name,
        person.last_name,
        person.phone or "",
        reason_in_words(person.reason),
        person.since.astimezone(look.zone).date() if person.since else None,
        link.latest.astimezone(look.zone).date() if link else None,
    ]


async def ask_for_letters(look: Look) -> Page:
    counted = await count_not_reached(look.session, look.today, social_worker_id=look.own_households)
    people = plural(sum(each.without_a_way for each in counted.values()), "carer")
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
