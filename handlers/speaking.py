"""Two carers in one chat: "This is Jo" under what is one's own, and what a message's buttons tell of whose it
is."""

from collections.abc import Awaitable, Callable
from typing import Any

from telegram import CallbackQuery, Message, Update
from telegram.ext import BaseHandler, CallbackQueryHandler, ContextTypes

from carers.shared_chats import Tap, called, hand_over
from handlers.events import show as show_events
from handlers.mydata import show_data
from handlers.mygroups import show as show_groups
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
}
"""What takes the place of a message of this kind, for who speaks now."""


def tap_in(query: CallbackQuery) -> Tap:
    """What a tap tells of whose message it was in. All of it may be anybody's invention: it only ever chooses
    between those whose chat it is."""
    topic, arguments = unpack(query.data or "")
    first = as_id(arguments[0]) if arguments else 0
    return Tap(
        message_id=query.message.message_id if query.message is not None else None,
        offers=() if topic == TOPIC else _offered_in(query),
        invitation_id=first if topic in _ABOUT_INVITATIONS else 0,
        round_id=first if topic == "survey" else 0,
    )


def _offered_in(query: CallbackQuery) -> frozenset[int]:
    markup = query.message.reply_markup if isinstance(query.message, Message) else None
    rows = markup.inline_keyboard if markup is not None else ()
    taps = [
        unpack(button.callback_data)
        for row in rows
        for button in row
        if isinstance(button.callback_data, str)
    ]
    return frozenset(as_id(arguments[0]) for topic, arguments in taps if topic == TOPIC and arguments)


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
