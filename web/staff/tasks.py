"""What waits for the person who looks, and where to see to it: by how pressing it is, by their role."""

from collections.abc import Sequence
from dataclasses import dataclass

from broadcasts.ledger_views import count_not_reached, count_troubled
from broadcasts.post import count_post
from care.actions import count_overdue
from care.erasure import requests
from care.inbox import set_aside_count
from care.nominations import count_new
from care.not_seen import COUNTED, count_not_seen
from care.threads import counts
from care.today import Due, attendance_to_take, drafts_of, offers_lapsing
from carers.households import notices_running
from carers.linking import strangers
from carers.roles import Action
from carers.staff_ways import staff_out_of_reach
from texts import clock_words
from web.staff.broadcasts import paused_number, waiting_for_approval
from web.staff.nominations import waiting_words
from web.staff.not_seen import overdue_words
from web.staff.views import Look
from web.staff.words import plural
from web.staff.work import ended_works

TROUBLES = {
    "telegram": "The bot does not reach Telegram",
    "mail": "Email does not go out",
    "sending": "Messages do not go out",
    "inbox": "What carers write is not taken in",
    "jobs": "Reminders and what else is planned stand still",
}
"""What is wrong, by the part of the service that says so."""
EACH = 3
"""Of more events than this one line tells of all."""


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits for a person: how many, of what, and where to see to it."""

    number: int
    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Pressing:
    """Tasks that are as pressing as each other, under their heading; none with nothing in it is shown."""

    title: str
    tasks: Sequence[Task]


async def tasks_of(look: Look) -> list[Pressing]:
    """What waits, the most pressing first."""
    urgent, waiting = await _conversations(look)
    groups = (
        Pressing("Now", [*_troubles(look), *urgent, *await _approvals(look), *await _offers(look)]),
        Pressing(
            "Today",
            [
                *waiting,
                *await _attendance(look),
                *await _faults(look),
                *await _people(look),
                *await _told(look),
                *await _ended(look),
            ],
        ),
        Pressing("When you have a moment", [*await _to_think_of(look), *await _drafts(look)]),
    )
    shown = (Pressing(one.title, [task for task in one.tasks if task.number]) for one in groups)
    return [one for one in shown if one.tasks]


def _troubles(look: Look) -> list[Task]:
    """What of the service is not well, in words; two parts may tell of the same."""
    if not look.may(Action.SEE_FAULTS):
        return []
    found = {
        TROUBLES.get(name, "The service is not working as it should"): wrong
        for name, wrong in look.parts.readiness().items()
        if wrong
    }
    return [Task(1, f"{words}: {wrong}", "/settings") for words, wrong in found.items()]


async def _conversations(look: Look) -> tuple[list[Task], list[Task]]:
    """What carers wrote and nobody has answered: what may be danger, and the rest."""
    if not look.may(Action.READ_MESSAGES):
        return [], []
    found = await counts(look.session, look.staff)
    urgent = f"{plural(found.urgent, 'conversation')} with words of danger or distress"
    said = f"{plural(found.waiting, 'conversation')} with carers to answer"
    mine = f", {found.mine} of them yours" if found.mine else ""
    return [Task(found.urgent, urgent, "/messages")], [Task(found.waiting, said + mine, "/messages")]


async def _approvals(look: Look) -> list[Task]:
    if not look.may(Action.APPROVE_BROADCASTS):
        return []
    waiting = await waiting_for_approval(look)
    where = f"/broadcasts/{waiting[0]}" if len(waiting) == 1 else "/broadcasts?state=awaiting_approval"
    words = plural(len(waiting), "message to carers waits", "messages to carers wait")
    paused = await paused_number(look)
    return [
        Task(len(waiting), f"{words} for your approval", where),
        Task(paused, f"{plural(paused, 'message')} to carers paused", "/broadcasts?state=paused"),
    ]


async def _offers(look: Look) -> list[Task]:
    """Places on offer that lapse soon, so that somebody rings in time."""
    found = await offers_lapsing(look.session, look.now, look.zone, look.own_households)

    def words(one: Due) -> str:
        until = clock_words.clock(one.at, look.zone, "en")
        parties = plural(one.number, "place on offer lapses", "places on offer lapse")
        return f"{parties} at {until}{'' if _is_today(look, one) else ' tomorrow'}: {one.title}"

    tasks = [Task(one.number, words(one), f"/events/{one.event_id}#group-offered") for one in found[:EACH]]
    rest = sum(one.number for one in found[EACH:])
    said = plural(rest, "place on offer lapses", "places on offer lapse")
    return [*tasks, Task(rest, f"{said} soon at other events", "/events")]


def _is_today(look: Look, one: Due) -> bool:
    return one.at.astimezone(look.zone).date() == look.today


async def _attendance(look: Look) -> list[Task]:
    if not look.may(Action.TAKE_ATTENDANCE):
        return []
    found = await attendance_to_take(look.session, look.now, look.zone, look.own_households)
    when = {True: "today", False: "yesterday"}
    tasks = [
        Task(
            1,
            f"Attendance to take: {one.title}, {when[_is_today(look, one)]}",
            f"/events/{one.event_id}/attendance",
        )
        for one in found[:EACH]
    ]
    rest = len(found[EACH:])
    return [*tasks, Task(rest, f"Attendance to take at {plural(rest, 'other event')}", "/events/past")]


async def _faults(look: Look) -> list[Task]:
    tasks: list[Task] = []
    if look.may(Action.SEE_FAULTS):
        number = await count_troubled(look.session)
        tasks.append(Task(number, f"{plural(number, 'delivery', 'deliveries')} in doubt", "/deliveries"))
        number = await set_aside_count(look.session)
        words = f"{plural(number, 'update')} that the bot could not handle"
        tasks.append(Task(number, words, "/deliveries#aside"))
    if look.may(Action.MANAGE_STAFF):
        number = len(await staff_out_of_reach(look.session))
        words = plural(number, "colleague is", "colleagues are")
        tasks.append(Task(number, f"{words} not reached: no telephone connected, or email fails", "/staff"))
    return tasks


async def _people(look: Look) -> list[Task]:
    tasks: list[Task] = []
    if look.may(Action.SEE_STRANGERS):
        number = len(await strangers(look.session))
        words = f"{plural(number, 'request')} from people the bot does not know"
        tasks.append(Task(number, words, "/requests"))
    if look.may(Action.ERASE_CARERS):
        number = len(await requests(look.session))
        tasks.append(Task(number, f"{plural(number, 'carer')} asking to be erased", "/erasures"))
    mine = None if look.may(Action.WRITE_ACTIONS) else look.staff.id
    number = await count_overdue(look.session, look.today, mine)
    tasks.append(Task(number, f"{plural(number, 'overdue action')} in You said, we did", "/actions"))
    return tasks


async def _told(look: Look) -> list[Task]:
    """Whom nobody has told yet."""
    own = look.own_households
    counted = await count_not_reached(look.session, look.today, social_worker_id=own)
    number = sum(each.carers for each in counted.values())
    to_print, to_ring = await count_post(look.session, look.now, own)
    return [
        Task(to_print, f"{plural(to_print, 'letter')} to print and post", "/letters"),
        Task(to_ring, f"{plural(to_ring, 'thing')} to tell by telephone", "/letters#ring"),
        Task(number, f"{plural(number, 'carer')} not reached", "/not-reached"),
    ]


async def _ended(look: Look) -> list[Task]:
    """Long work of theirs that came to its end while they were elsewhere."""
    return [Task(1, f"{title}: see what came of it", href) for title, href in await ended_works(look)]


async def _to_think_of(look: Look) -> list[Task]:
    tasks: list[Task] = []
    if look.may(Action.CHECK_IN):
        number = await count_not_seen(look.session, look.now, look.zone, look.own_households)
        tasks.append(Task(number, overdue_words(number, COUNTED), "/not-seen"))
    if look.may(Action.SEE_NOMINATIONS):
        number = await count_new(look.session)
        tasks.append(Task(number, waiting_words(number), "/nominations"))
    number = await notices_running(look.session, look.today, look.own_households)
    tasks.append(Task(number, f"{plural(number, 'approval')} under notice", "/households?show=notice"))
    return tasks


async def _drafts(look: Look) -> list[Task]:
    """What they began and have not sent."""
    found = await drafts_of(look.session, look.staff, look.now)
    tasks: list[Task] = []
    if look.may(Action.WRITE_BROADCASTS):
        number = len(found.messages)
        where = f"/broadcasts/{found.messages[0]}" if number == 1 else "/broadcasts?state=draft"
        tasks.append(Task(number, f"{plural(number, 'message')} that you began and did not send", where))
    if look.may(Action.PLAN_EVENTS):
        number = len(found.events)
        where = f"/events/{found.events[0]}" if number == 1 else "/events?state=draft"
        words = f"{plural(number, 'event')} of yours whose invitations are not sent"
        tasks.append(Task(number, words, where))
    return tasks
