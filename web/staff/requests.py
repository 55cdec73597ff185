"""Strangers who wrote to the bot: that they did, and nothing of what they wrote."""

from carers.linking import dismiss_stranger, strangers
from carers.roles import Action
from web.staff.views import Deed, Done, Look, Page, Route, do, see


def routes() -> list[Route]:
    return [
        see("/requests", Action.SEE_STRANGERS, requests),
        do("/requests/dismiss", Action.SEE_STRANGERS, dismiss),
    ]


async def requests(look: Look) -> Page:
    return Page("staff/requests.html", {"strangers": await strangers(look.session)})


async def dismiss(deed: Deed) -> Done:
    chat = deed.form.text("chat")
    chat_id = int(chat) if chat.lstrip("-").isascii() and chat.lstrip("-").isdigit() and len(chat) < 19 else 0
    gone = await dismiss_stranger(deed.session, chat_id, deed.staff, deed.now)
    return Done("/requests", "Taken off the list." if gone else "It was off the list already.")
