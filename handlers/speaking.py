"""Two carers in one chat: "This is Jo" under what is one's own, and what a message's buttons tell of whose it
is."""

from collections.abc import Awaitable, Callable
from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, ContextTypes

from carers.shared_chats import Tap, called, hand_over
from handlers.events import show as show_events
from handlers.help import message
from handlers.mydata import show_data
from handlers.mygroups import show as show_groups
from handlers.nominations import start as nominate
from handlers.settings import show_languages, show_settings
from handlers.surveys import surveys
from handlers.turn import current_turn
from texts.callbacks import as_id, unpack

Context = ContextTypes.DEFAULT_TYPE
TOPIC = "speak"
_ABOUT_INVITATIONS = frozenset({"rsvp", "party", "needs", "join", "ballot", "calendar", "event"})

_SHOWS: dict[str, Callable[[Update, Context], Awaitable[None]]] = {
    "settings": show_settings,
    "language": show_languages,
    "stopped": show_settings,
    "mydata": show_data,
    "events_list": show_events,
    "mygroups": show_groups,
    "surveys": surveys,
    "survey": surveys,
    "survey_question": surveys,
    "survey_review": surveys,
    "message_ask": message,
    "nominate_whom": nominate,
    "nominate_why": nominate,
    "nominate_check": nominate,
    "nominate_enough": nominate,
}
"""What takes the place of a message of this kind, for who speaks now."""


def tap_in(raw: dict[str, Any]) -> Tap:
    """What a tap, as Telegram sent it, tells of whose message it was in. All may be anybody's invention:
    it only ever chooses between those whose chat it is."""
    topic, arguments = unpack(_text(raw.get("data")))
    first = as_id(arguments[0]) if arguments else 0
    message = raw.get("message")
    message = message if isinstance(message, dict) else {}
    return Tap(
        message_id=message.get("message_id"),
        offers=() if topic == TOPIC else _offered_in(message),
        invitation_id=first if topic in _ABOUT_INVITATIONS else 0,
        round_id=first if topic == "survey" else 0,
    )


def _offered_in(message: dict[str, Any]) -> frozenset[int]:
    """The carers whom the buttons under this message would let speak."""
    rows = (message.get("reply_markup") or {}).get("inline_keyboard", ())
    taps = [unpack(_text(button.get("callback_data"))) for row in rows for button in row]
    return frozenset(as_id(arguments[0]) for topic, arguments in taps if topic == TOPIC and arguments)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


async def speak(update: Update, context: Context) -> None:
    """Let the other carer of the chat speak, and show them theirs in place of what the button was under."""
    turn = current_turn()
    _, arguments = unpack(turn.tapped)
    wanted = as_id(arguments[0]) if arguments else 0
    carer = next((one for one in turn.person.carers if one.id == wanted), None)
    if carer is None:
        await turn.toast("toast_old_button")
        return
    turn.person = await hand_over(turn.session, turn.person, carer)
    show = _SHOWS.get(arguments[1] if len(arguments) > 1 else "")
    if show is not None:
        turn.redraws = True
        await show(update, context)
    await turn.toast("toast_speaks", name=called(carer))


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    return [CallbackQueryHandler(speak, pattern=f"^{TOPIC}:")]
