"""What carers wrote: read it, mark it answered, take the words away."""

from aiohttp import web

from care.messages import list_messages, mark_answered, redact
from carers.roles import Action
from web.staff.views import Deed, Done, Look, Page, Route, do, see


def routes() -> list[Route]:
    return [
        see("/messages", Action.READ_MESSAGES, messages),
        see("/messages/settled", Action.READ_MESSAGES, settled),
        do("/messages/{message}/answered", Action.READ_MESSAGES, answered),
        see("/messages/{message}/redact", Action.READ_MESSAGES, ask_to_redact),
        do("/messages/{message}/redact", Action.READ_MESSAGES, take_away),
    ]


async def messages(look: Look) -> Page:
    return await _list(look, waiting=True)


async def settled(look: Look) -> Page:
    return await _list(look, waiting=False)


async def _list(look: Look, *, waiting: bool) -> Page:
    own = look.own_households
    found = await list_messages(look.session, waiting=waiting, page=look.page, social_worker_id=own)
    return Page("staff/messages.html", {"found": found, "waiting": waiting, "own": own is not None})


async def answered(deed: Deed) -> Done:
    number = deed.number("message")
    done = await mark_answered(deed.session, number, deed.staff, deed.now, deed.own_households)
    return Done("/messages", "Marked as answered." if done else "That message was settled already.")


async def ask_to_redact(look: Look) -> Page:
    back = "/messages"
    lines = (
        "The words are erased for good, from this list and from the database. That somebody wrote stays.",
        "Do this at once when a message names a child or tells of a case.",
    )
    context = {"title": "Take these words away?", "lines": lines, "back": back, "warning": True}
    action = f"/messages/{look.number('message')}/redact"
    return Page("staff/confirm.html", {**context, "action": action, "button": "Take the words away"})


async def take_away(deed: Deed) -> Done:
    number = deed.number("message")
    if await redact(deed.session, number, deed.staff, deed.now, deed.own_households):
        return Done("/messages", "The words are gone.")
    raise web.HTTPNotFound
