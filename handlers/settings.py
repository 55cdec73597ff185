"""/settings, /language and /stop: what a carer chooses for themselves, in one message edited in place."""

from datetime import timedelta
from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, ContextTypes

from carers import choices
from carers.people import Carer, Language
from carers.topics import Topic
from handlers.free_text import answer_stranger
from handlers.turn import Turn, current_turn
from texts.callbacks import unpack

Context = ContextTypes.DEFAULT_TYPE
PAUSES = {"14": timedelta(days=14), "30": timedelta(days=30)}
"""How long a carer can pause all that is optional."""


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
        case (Carer() as owner, "resume"):
            await choices.come_back(turn.session, owner, turn.now)
            await _redraw(turn, owner)
        case (Carer(), "language"):
            await turn.edit("language", chosen=turn.language)
            await turn.toast()
        case (Carer() as owner, "language", code) if code in list(Language):
            await choices.set_language(turn.session, owner, Language(code), turn.now)
            await _redraw(turn, owner)
        case (Carer() as owner, "show"):
            await _redraw(turn, owner)
        case (Carer() as owner, "open"):
            # Below another message, which stays as it is.
            await turn.reply("settings", **await _chosen(turn, owner))
            await turn.toast()
        case _:
            await turn.toast("toast_old_button")


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
