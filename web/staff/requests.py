"""Strangers who wrote to the bot: that they did, and nothing of what they wrote."""

from carers.linking import bring_back_stranger, dismiss_stranger, strangers
from carers.roles import Action
from carers.sent_forms import Undo
from web.staff.views import Deed, Done, Look, Page, Route, do, see


def routes() -> list[Route]:
    return [
        see("/requests", Action.SEE_STRANGERS, requests),
        do("/requests/dismiss", Action.SEE_STRANGERS, dismiss),
        do("/requests/back", Action.SEE_STRANGERS, bring_back),
    ]


async def requests(look: Look) -> Page:
    return Page("staff/requests.html", {"strangers": await strangers(look.session)})


async def dismiss(deed: Deed) -> Done:
    chat_id = _chat(deed)
    gone = await dismiss_stranger(deed.session, chat_id, deed.staff, deed.now)
    if not gone:
        return Done("/requests", "It was off the list already.")
    return Done("/requests", "Taken off the list.", Undo("/requests/back", {"chat": str(chat_id)}))


async def bring_back(deed: Deed) -> Done:
    back = await bring_back_stranger(deed.session, _chat(deed), deed.staff, deed.now)
    return Done("/requests", "It is on the list again." if back else "It was on the list already.")


def _chat(deed: Deed) -> int:
    """The chat that the form names; 0, which none has, for what is no number."""
    text = deed.form.text("chat")
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(text) < 19 else 0
