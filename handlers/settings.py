"""/settings, /language and /stop: what a carer chooses for themselves, in one message edited in place."""

from datetime import datetime, time, timedelta
from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, ContextTypes

from carers import choices
from carers.conversations import Conversation, expect, settle, waiting_for
from carers.people import Carer, Language
from carers.quiet_hours import Span, read_day, read_hours
from carers.topics import Topic
from events.invitations import come_back
from handlers.free_text import answer_stranger, hears, to_the_service
from handlers.turn import Turn, current_turn
from texts.callbacks import unpack

Context = ContextTypes.DEFAULT_TYPE
TOPIC = "settings"
PAUSES = {"14": timedelta(days=14), "30": timedelta(days=30)}
"""How long a carer can pause all that is optional, besides until a day of their choice."""
LONGEST_ANSWER = 40
"""Signs of a day or of two times."""


async def show_settings(update: Update, context: Context) -> None:
    """Show what is chosen, with a button for each choice."""
    turn = current_turn()
    if turn.person.carer is None:
        await _not_a_carer(turn)
    else:
        await turn.reply("settings", **await _chosen(turn, turn.person.carer))


async def show_languages(update: Update, context: Context) -> None:
    """Show the languages, each in its own name."""
    turn = current_turn()
    if turn.person.carer is None:
        await _not_a_carer(turn)
    else:
        await turn.reply("language", chosen=turn.language)


async def stop(update: Update, context: Context) -> None:
    """End all that is unasked, with a button to undo it."""
    turn = current_turn()
    if turn.person.carer is None:
        await _not_a_carer(turn)
        return
    await choices.stop(turn.session, turn.person.carer, turn.now)
    await turn.reply("stopped")


async def tap(update: Update, context: Context) -> None:
    """A button under /settings, /language or /stop. Its data may be anybody's invention."""
    turn = current_turn()
    carer = turn.person.carer
    _, arguments = unpack(turn.tapped)
    match (carer, *arguments):
        case (None, "open") if turn.person.staff is not None:
            await turn.toast("broadcast_toast", what="carers_only")
        case (None, *_):
            await turn.toast("toast_old_button")
        case (Carer() as owner, "topic", name, ("on" | "off") as wanted) if name in list(Topic):
            await choices.set_topic(turn.session, owner, Topic(name), wanted == "on", turn.now)
            await _redraw(turn, owner)
        case (Carer() as owner, "pause", days) if days in PAUSES:
            await choices.pause(turn.session, owner, turn.now + PAUSES[days], turn.now)
            await _redraw(turn, owner)
        case (Carer(), "pause"):
            await _edit(turn, "settings_pause")
        case (Carer(), "pause", "date"):
            await _ask(turn, "pause")
        case (Carer() as owner, "quiet"):
            await _edit(turn, "settings_quiet", **_quiet(turn, owner))
        case (Carer(), "quiet", "own"):
            await _ask(turn, "quiet")
        case (Carer() as owner, "quiet", "off"):
            await _keep_quiet(turn, owner, None)
        case (Carer() as owner, "quiet", str(begin), str(end)) if hours := _tapped_hours(begin, end):
            await _keep_quiet(turn, owner, hours)
        case (Carer() as owner, "resume"):
            await come_back(turn.session, owner, turn.now, turn.zone)
            await _redraw(turn, owner)
        case (Carer(), "language"):
            await turn.edit("language", chosen=turn.language)
            await turn.toast()
        case (Carer() as owner, "language", code) if code in list(Language):
            await choices.set_language(turn.session, owner, Language(code), turn.now)
            await _redraw(turn, owner)
        case (Carer() as owner, "show"):
            await _forget_question(turn)
            await _redraw(turn, owner)
        case (Carer() as owner, "open"):
            # Below another message, which stays as it is.
            await turn.reply("settings", **await _chosen(turn, owner))
            await turn.toast()
        case _:
            await turn.toast("toast_old_button")


async def _edit(turn: Turn, kind: str, **params: Any) -> None:
    await turn.edit(kind, **params)
    await turn.toast()


async def _ask(turn: Turn, what: str) -> None:
    """From now on what is written is the day, or the hours."""
    await expect(turn.session, turn.chat_id, TOPIC, turn.now, what)
    await _edit(turn, "settings_ask", what=what, wrong=False, until=_last_day(turn))


@hears(TOPIC)
async def take_answer(turn: Turn, conversation: Conversation) -> None:
    """A day or two times in words; what cannot be read is asked for again, until they go back.

    A sentence is no day: it is kept for the service like everything that carers write.
    """
    carer = turn.person.carer
    if carer is None:
        await settle(turn.session, turn.chat_id)
        return
    taken = await (_take_day if conversation.step == "pause" else _take_hours)(turn, carer)
    if taken:
        await settle(turn.session, turn.chat_id)
        await turn.reply("settings", **await _chosen(turn, carer))
    elif len(turn.text) > LONGEST_ANSWER or turn.desk.is_urgent(turn.text):
        await settle(turn.session, turn.chat_id)
        await to_the_service(turn)
    else:
        await turn.reply("settings_ask", what=conversation.step, wrong=True, until=_last_day(turn))


async def _take_day(turn: Turn, carer: Carer) -> bool:
    day = read_day(turn.text, turn.now.astimezone(turn.zone).date())
    return day is not None and await choices.pause_until_day(turn.session, carer, day, turn.now, turn.zone)


async def _take_hours(turn: Turn, carer: Carer) -> bool:
    hours = read_hours(turn.text)
    return hours is not None and await _set_quiet(turn, carer, hours)


async def _set_quiet(turn: Turn, carer: Carer, hours: Span | None) -> bool:
    service = turn.policy.quiet.span
    return await choices.set_quiet_hours(turn.session, carer, hours, service, turn.now)


async def _keep_quiet(turn: Turn, carer: Carer, hours: Span | None) -> None:
    """A tapped choice. One that with the service's hours would leave nothing of the day is asked for anew."""
    if await _set_quiet(turn, carer, hours):
        await _forget_question(turn)
        await _redraw(turn, carer)
    else:
        await _edit(turn, "settings_ask", what="quiet", wrong=True, until=_last_day(turn))


async def _forget_question(turn: Turn) -> None:
    conversation = await waiting_for(turn.session, turn.chat_id)
    if conversation is not None and conversation.topic == TOPIC:
        await settle(turn.session, turn.chat_id)


def _last_day(turn: Turn) -> str:
    """The latest day that a break may last until, as the moment at which it begins."""
    day = choices.last_day_of_pause(turn.now.astimezone(turn.zone).date())
    return datetime.combine(day, time(), turn.zone).isoformat()


def _tapped_hours(begin: str, end: str) -> Span | None:
    """Out of a button's data, which holds no colons of its own: ``2130`` and ``0900``."""
    return read_hours(f"{begin[:2]}:{begin[2:]}-{end[:2]}:{end[2:]}")


def _hours(name: str, hours: Span | None) -> dict[str, str | None]:
    """Two times of day as people read them, ``<name>_from`` and ``<name>_until``."""
    begin, end = (clock.isoformat("minutes") for clock in hours) if hours else (None, None)
    return {f"{name}_from": begin, f"{name}_until": end}


def _quiet(turn: Turn, carer: Carer) -> dict[str, str | None]:
    own = choices.quiet_hours_of(carer)
    return {**_hours("quiet", own), **_hours("service", turn.policy.quiet.span)}


async def _redraw(turn: Turn, carer: Carer) -> None:
    await turn.edit("settings", **await _chosen(turn, carer))
    await turn.toast()


async def _chosen(turn: Turn, carer: Carer) -> dict[str, Any]:
    wanted = await choices.wanted_topics(turn.session, carer)
    paused = carer.paused_until if carer.paused_until and carer.paused_until > turn.now else None
    return {
        "wanted": [topic.value for topic in wanted],
        "unwanted": [topic.value for topic in Topic if topic not in wanted],
        "paused_until": paused.isoformat() if paused else None,
        "stopped": carer.stopped_at is not None,
        "chosen": str(carer.language),
        **_hours("quiet", choices.quiet_hours_of(carer)),
    }


async def _not_a_carer(turn: Turn) -> None:
    await (answer_stranger(turn) if turn.person.is_stranger else turn.reply("help_staff"))


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    return [
        CommandHandler("settings", show_settings),
        CommandHandler("language", show_languages),
        CommandHandler("stop", stop),
        CallbackQueryHandler(tap, pattern="^settings(:|$)"),
    ]
