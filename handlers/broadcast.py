"""/broadcast for staff: a message to many carers, written in the chat, looked over, sent and watched.

What was written is a draft from the first message on, so that no wrong step and no restart loses it. Every
button carries the broadcast that it is about, and each tap asks the domain what may be done now.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, ContextTypes

from broadcasts.broadcast_views import BroadcastPage, broadcast_page, list_broadcasts
from broadcasts.drafts import BroadcastState
from carers.conversations import Conversation, expect, settle, waiting_for
from carers.people import StaffMember
from carers.roles import Action, may
from handlers import broadcast_answers as answers
from handlers import broadcast_draft as draft
from handlers import broadcast_questions as questions
from handlers import broadcast_status as status
from handlers.broadcast_draft import TOPIC
from handlers.free_text import answer_stranger, hears
from handlers.turn import Turn, current_turn
from texts.callbacks import as_id, unpack

Context = ContextTypes.DEFAULT_TYPE
Act = Callable[[Turn, StaffMember, BroadcastPage, str], Awaitable[None]]
UNDER_WAY = {
    BroadcastState.DRAFT: "Draft",
    BroadcastState.AWAITING_APPROVAL: "Waits for approval",
    BroadcastState.SCHEDULED: "Goes out soon",
    BroadcastState.SENDING: "On its way",
    BroadcastState.PAUSED: "Paused",
}
SHOWN = 5

_OF_A_DRAFT: dict[str, Act] = {
    "summary": draft.show_summary,
    "words": questions.ask_words,
    "nofile": questions.take_file_off,
    "audience": questions.ask_audience,
    "to": questions.choose_audience,
    "topic": questions.ask_topic,
    "about": questions.choose_topic,
    "languages": questions.ask_language,
    "lang": questions.ask_translation,
    "unlang": questions.drop_translation,
    "when": questions.ask_when,
    "at": questions.choose_when,
    "test": draft.send_test,
    "drop": draft.drop,
    "send": status.send,
    "again": status.send_again,
}
_OF_ANY: dict[str, Act] = {
    "open": status.open_it,
    "status": status.show,
    "show": status.show_message,
    "approve": status.approve,
    "send_back": status.send_back,
    "unschedule": status.unschedule,
    "pause": status.pause,
    "resume": status.resume,
    "cancel": status.cancel,
    "recall": status.recall,
    "correct": status.correct,
    "keep": status.keep,
    "reuse": status.reuse,
}


async def begin(update: Update, context: Context) -> None:
    """Ask for the message, and offer what is under way."""
    turn = current_turn()
    if not _may(turn):
        await _refuse(turn)
        return
    lines = (await list_broadcasts(turn.session, page=1)).lines
    under_way = [line for line in lines if line.state in UNDER_WAY][:SHOWN]
    await expect(turn.session, turn.chat_id, TOPIC, turn.now, "first", broadcast=0)
    await turn.reply(
        "broadcast_ask",
        id=0,
        step="first",
        open=[
            {"id": line.id, "label": f"{UNDER_WAY[line.state]}: {line.title or 'no words yet'}"}
            for line in under_way
        ],
    )


async def tap(update: Update, context: Context) -> None:
    """A button of any age. Its data may be anybody's invention."""
    turn = current_turn()
    staff = turn.person.staff
    _, (number, *words) = unpack(turn.tapped)
    if staff is None or not _may(turn):
        await turn.toast("toast_old_button")
        return
    deed, argument = [*words, "", ""][:2]
    if deed == "leave":
        await _leave(turn, as_id(number))
        return
    page = await broadcast_page(turn.session, as_id(number), staff, turn.now)
    if page is None:
        await turn.toast("broadcast_toast", what="gone")
    elif deed in _OF_ANY:
        await _OF_ANY[deed](turn, staff, page, argument)
    elif deed not in _OF_A_DRAFT:
        await turn.toast("toast_old_button")
    elif page.state is BroadcastState.DRAFT:
        await _OF_A_DRAFT[deed](turn, staff, page, argument)
    else:
        await turn.toast("broadcast_toast", what="moved_on")
        await status.redraw(turn, staff, page.id)


@hears(TOPIC, files=True)
async def hear(turn: Turn, conversation: Conversation) -> None:
    """What staff wrote or sent, for the question that is open."""
    staff = turn.person.staff
    if staff is None or not _may(turn):
        await settle(turn.session, turn.chat_id)
        await _refuse(turn)
        return
    broadcast_id = conversation.data.get("broadcast", 0)
    page = await broadcast_page(turn.session, broadcast_id, staff, turn.now)
    if broadcast_id and page is None:
        await settle(turn.session, turn.chat_id)
        await turn.reply("broadcast_wrong", id=0, wrong="gone")
    elif conversation.step == "correct" and page is not None:
        await status.take_correction(turn, staff, page)
    elif page is not None and page.state is not BroadcastState.DRAFT:
        await settle(turn.session, turn.chat_id)
        await turn.reply("broadcast_wrong", id=page.id, wrong="not_a_draft")
    else:
        await answers.take(turn, staff, page, conversation)


async def _leave(turn: Turn, broadcast_id: int) -> None:
    """Stop asking. The draft stays."""
    conversation = await waiting_for(turn.session, turn.chat_id)
    if conversation is not None and conversation.topic == TOPIC:
        await settle(turn.session, turn.chat_id)
    await turn.edit("broadcast_left", kept=broadcast_id != 0)
    await turn.toast()


async def _refuse(turn: Turn) -> None:
    if turn.person.is_stranger:
        await answer_stranger(turn)
    else:
        await turn.reply("broadcast_no_right" if turn.person.staff else "help")


def _may(turn: Turn) -> bool:
    return turn.person.staff is not None and may(turn.person.staff, Action.WRITE_BROADCASTS)


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    return [
        CommandHandler("broadcast", begin),
        CallbackQueryHandler(tap, pattern="^broadcast:"),
    ]
