"""/inbox for staff: who waits, a conversation in one message, and what is done about it.

The message of a conversation is edited in place and cannot be forwarded or saved. Every tap is checked anew:
whether this person may, whether it is their own household's, and where the thread stands now.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, ContextTypes

from care.answers import redact
from care.threads import ThreadView, give_back, hand_over, possible_owners, reopen, settle, take, view_thread
from carers.roles import Action, StaffMember, may
from handlers.free_text import unknown_command
from handlers.inbox_answering import ask, drop, forget_draft, send
from handlers.inbox_views import THREADS_SHOWN, WORDS_SHOWN, cut, list_facts, quoted, said, show_thread
from handlers.turn import Turn, current_turn
from texts.callbacks import as_id, unpack

Context = ContextTypes.DEFAULT_TYPE
Deed = Callable[[Turn, StaffMember, ThreadView, tuple[str, ...]], Awaitable[bool]]
"""What a button of a conversation does, given what follows its name; False where there is no such button."""


async def show(update: Update, context: Context) -> None:
    """Who waits, as far as this person may read it."""
    turn = current_turn()
    staff = turn.person.staff
    if staff is None or not may(staff, Action.READ_MESSAGES):
        await unknown_command(update, context)
        return
    await turn.reply("inbox", **await list_facts(turn, staff))


async def tap(update: Update, context: Context) -> None:
    """A button of the list or of a conversation."""
    turn = current_turn()
    staff = turn.person.staff
    _, arguments = unpack(turn.tapped)
    if staff is None or not may(staff, Action.READ_MESSAGES) or not await _tapped(turn, staff, arguments):
        await turn.toast("toast_old_button")
        return
    await turn.toast()


async def _tapped(turn: Turn, staff: StaffMember, arguments: tuple[str, ...]) -> bool:
    if arguments == ("list",):
        await forget_draft(turn)
        await turn.edit("inbox", **await list_facts(turn, staff))
        return True
    view = await view_thread(turn.session, as_id(arguments[0]), staff) if arguments else None
    if view is None:
        return False
    if len(arguments) == 1:
        await forget_draft(turn)
        await show_thread(turn, staff, view.line.id)
        return True
    deed = _DEEDS.get(arguments[1])
    return (
        deed is not None
        and may(staff, Action.ANSWER_MESSAGES)
        and await deed(turn, staff, view, arguments[2:])
    )


async def _take(turn: Turn, staff: StaffMember, view: ThreadView, rest: tuple[str, ...]) -> bool:
    result = await take(turn.session, view.line.id, staff, turn.now)
    await show_thread(turn, staff, view.line.id, said("take", result))
    return True


async def _give_back(turn: Turn, staff: StaffMember, view: ThreadView, rest: tuple[str, ...]) -> bool:
    result = await give_back(turn.session, view.line.id, staff, turn.now)
    await show_thread(turn, staff, view.line.id, said("give_back", result))
    return True


async def _hand(turn: Turn, staff: StaffMember, view: ThreadView, rest: tuple[str, ...]) -> bool:
    """Ask to whom, or hand it over. What a third colleague has is not taken from them here."""
    id, owner_id = view.line.id, view.line.owner_id
    if not rest:
        people = await possible_owners(turn.session, view.line.carer_id)
        colleagues = [
            {"id": one.id, "name": one.name, "role": one.role.value} for one in people if one.id != staff.id
        ]
        await turn.edit("inbox_hand", id=id, name=view.line.name, people=colleagues)
        return True
    from_id = staff.id if owner_id == staff.id else None
    result = await hand_over(turn.session, id, as_id(rest[0]), from_id, staff, turn.now)
    await show_thread(turn, staff, id, said("hand", result))
    return True


async def _settle(turn: Turn, staff: StaffMember, view: ThreadView, rest: tuple[str, ...]) -> bool:
    seen = as_id(rest[0]) if rest else 0
    result = await settle(turn.session, view.line.id, seen, staff, turn.now)
    await show_thread(turn, staff, view.line.id, said("settle", result))
    return True


async def _reopen(turn: Turn, staff: StaffMember, view: ThreadView, rest: tuple[str, ...]) -> bool:
    result = await reopen(turn.session, view.line.id, staff, turn.now)
    await show_thread(turn, staff, view.line.id, said("reopen", result))
    return True


async def _words(turn: Turn, staff: StaffMember, view: ThreadView, rest: tuple[str, ...]) -> bool:
    """Which words are to go, whether to take them, and taking them away."""
    id, standing = view.line.id, [one for one in view.written if one.text is not None]
    if not rest:
        messages = [quoted(view, one) for one in standing[-THREADS_SHOWN:]]
        await turn.edit("inbox_words", id=id, name=view.line.name, messages=messages)
        return True
    found = next((one for one in standing if one.id == as_id(rest[0])), None)
    if found is None:
        return False
    if rest[1:] != ("yes",):
        await turn.edit("inbox_redact", id=id, message_id=found.id, text=cut(found.text or "", WORDS_SHOWN))
        return True
    result = await redact(turn.session, id, found.id, staff, turn.now)
    await show_thread(turn, staff, id, said("redact", result))
    return True


_DEEDS: dict[str, Deed] = {
    "take": _take,
    "back": _give_back,
    "hand": _hand,
    "answer": ask,
    "send": send,
    "drop": drop,
    "settle": _settle,
    "reopen": _reopen,
    "words": _words,
}


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    return [CommandHandler("inbox", show), CallbackQueryHandler(tap, pattern="^inbox:")]
