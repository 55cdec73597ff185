"""The first page: what needs me today."""

from dataclasses import dataclass

from aiohttp import web

from broadcasts.ledger_views import not_reached, troubled
from broadcasts.post import count_post
from care.actions import count_overdue
from care.erasure import requests
from care.inbox import set_aside_count
from care.nominations import count_new
from care.threads import counts
from carers.households import notices_running
from carers.linking import strangers
from carers.roles import Action
from events.views import EventLine, event_list
from surveys.views import RoundState, RoundSummary, round_summaries
from web.parts import PARTS
from web.sessions import find_visit
from web.staff.broadcasts import paused_number, waiting_for_approval
from web.staff.live import Live, watch
from web.staff.nominations import waiting_words
from web.staff.numbers import event_texts
from web.staff.sign_in import UNSAVED, sign_in_page
from web.staff.views import Look, Page, Route, is_https, see
from web.staff.words import plural

NEXT_EVENTS = 6


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits for a person: how many, of what, and where to see to it."""

    number: int
    text: str
    href: str


def routes() -> list[Route]:
    signed_in = see("/", Action.SEE_HOME, home)

    async def door(request: web.Request) -> web.StreamResponse:
        parts = request.app[PARTS]
        if await find_visit(parts.database, request, parts.clock(), https=is_https(parts)) is None:
            return sign_in_page(request, UNSAVED if "unsaved" in request.query else "")
        return await signed_in.handler(request)

    return [
        Route("GET", "/", Action.SEE_HOME, door),
        watch("/live", Action.SEE_HOME, _coming, live),
    ]


async def home(look: Look) -> Page:
    context = {
        "tasks": [task for task in await _tasks(look) if task.number],
        "lines": await _coming(look),
        "rounds": await _open_rounds(look),
        "first_name": look.staff.name.split()[0],
    }
    return Page("staff/home.html", context)


async def _tasks(look: Look) -> list[Task]:
    """What waits, the most pressing first; only what this person may see to."""
    own, tasks = look.own_households, []
    if look.may(Action.READ_MESSAGES):
        tasks.append(await _conversations(look))
    if look.may(Action.SEE_FAULTS):
        number = len(await troubled(look.session))
        tasks.append(Task(number, f"{plural(number, 'delivery', 'deliveries')} in doubt", "/deliveries"))
        number = await set_aside_count(look.session)
        tasks.append(
            Task(number, f"{plural(number, 'update')} that the bot could not handle", "/deliveries#aside")
        )
    if look.may(Action.SEE_STRANGERS):
        number = len(await strangers(look.session))
        tasks.append(
            Task(number, f"{plural(number, 'request')} from people the bot does not know", "/requests")
        )
    if look.may(Action.APPROVE_BROADCASTS):
        waiting = await waiting_for_approval(look)
        where = f"/broadcasts/{waiting[0]}" if len(waiting) == 1 else "/broadcasts?state=awaiting_approval"
        words = plural(len(waiting), "message to carers waits", "messages to carers wait")
        tasks.append(Task(len(waiting), f"{words} for your approval", where))
        number = await paused_number(look)
        tasks.append(
            Task(number, f"{plural(number, 'message')} to carers paused", "/broadcasts?state=paused")
        )
    if look.may(Action.ERASE_CARERS):
        number = len(await requests(look.session))
        tasks.append(Task(number, f"{plural(number, 'carer')} asking to be erased", "/erasures"))
    if look.may(Action.SEE_NOMINATIONS):
        number = await count_new(look.session)
        tasks.append(Task(number, waiting_words(number), "/nominations"))
    today = look.now.astimezone(look.zone).date()
    mine = None if look.may(Action.WRITE_ACTIONS) else look.staff.id
    number = await count_overdue(look.session, today, mine)
    tasks.append(Task(number, f"{plural(number, 'overdue action')} in You said, we did", "/actions"))
    number = await notices_running(look.session, today, own)
    tasks.append(Task(number, f"{plural(number, 'approval')} under notice", "/households?show=notice"))
    number = len(await not_reached(look.session, today, social_worker_id=own))
    tasks.append(Task(number, f"{plural(number, 'carer')} not reached", "/not-reached"))
    to_print, to_ring = await count_post(look.session, look.now, own)
    tasks.append(Task(to_print, f"{plural(to_print, 'letter')} to print and post", "/letters"))
    tasks.append(Task(to_ring, f"{plural(to_ring, 'thing')} to tell by telephone", "/letters#ring"))
    return tasks


async def _conversations(look: Look) -> Task:
    """What carers wrote and nobody has answered; what may be danger is said, so that it is opened first."""
    found = await counts(look.session, look.staff)
    parts = [
        words
        for number, words in (
            (found.urgent, f"{found.urgent} with words of danger or distress"),
            (found.mine, f"{found.mine} of them yours"),
        )
        if number
    ]
    said = f"{plural(found.waiting, 'conversation')} with carers to answer"
    return Task(found.waiting, ", ".join([said, *parts]), "/messages")


async def _coming(look: Look) -> list[EventLine]:
    return await event_list(look.session, look.now, count=NEXT_EVENTS)


async def live(look: Look) -> Live:
    texts: dict[str, str] = {}
    for line in await _coming(look):
        texts |= event_texts(line)
    return Live(texts)


async def _open_rounds(look: Look) -> list[RoundSummary]:
    if not look.may(Action.SEE_SURVEYS):
        return []
    every = await round_summaries(look.session, look.parts.keys)
    return [one for one in every if one.state is RoundState.OPEN or one.key_missing]
