"""/mydata: what the service keeps about a carer here, all of it as a file, and the wish to be erased."""

from typing import Any

import orjson
from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, ContextTypes

from care import erasure
from carers import choices
from carers.held import what_is_held
from carers.pages import Purpose
from carers.people import Carer
from handlers.free_text import answer_stranger
from handlers.turn import Turn, current_turn
from surveys.held import whole_file
from texts.callbacks import unpack

Context = ContextTypes.DEFAULT_TYPE


async def show_data(update: Update, context: Context) -> None:
    """Show the carer's own row of the register and how much there is of the rest."""
    turn = current_turn()
    carer = turn.person.carer
    if carer is None:
        await (answer_stranger(turn) if turn.person.is_stranger else turn.reply("help_staff"))
        return
    await turn.reply("mydata", **await _summary(turn, carer))


async def tap(update: Update, context: Context) -> None:
    """A button under /mydata. Its data may be anybody's invention."""
    turn = current_turn()
    _, arguments = unpack(turn.tapped)
    match (turn.person.carer, *arguments):
        case (Carer() as carer, "show"):
            await turn.edit("mydata", **await _summary(turn, carer))
        case (Carer() as carer, "file"):
            await turn.reply("mydata_file", document=await _document(turn, carer))
        case (Carer() as carer, "erase") if carer.erasure_asked_at is None:
            await turn.edit("mydata_erase")
        case (Carer() as carer, "erase" | "asked", *_) if carer.erasure_asked_at is not None:
            await turn.edit("mydata_asked", asked_at=carer.erasure_asked_at.isoformat())
        case (Carer() as carer, "erase", "yes"):
            await erasure.ask(turn.session, carer, turn.now, turn.address)
            await turn.edit("mydata_asked", asked_at=turn.now.isoformat())
        case (Carer() as carer, "keep"):
            await erasure.take_back(turn.session, carer, turn.now)
            await turn.edit("mydata", **await _summary(turn, carer))
        case _:
            await turn.toast("toast_old_button")
            return
    await turn.toast()


async def _summary(turn: Turn, carer: Carer) -> dict[str, Any]:
    held = await what_is_held(turn.session, carer)
    quiet = choices.quiet_hours_of(carer)
    asked_at = carer.erasure_asked_at
    return {
        "name": f"{carer.first_name} {carer.last_name}".strip(),
        "household": carer.household.ref,
        "email": carer.email,
        "phone": carer.phone,
        "birth_year": carer.birth_year,
        "linked_at": (carer.linked_at or turn.now).isoformat(),
        "groups": ", ".join(held.groups),
        "quiet_from": quiet[0].isoformat("minutes") if quiet else None,
        "quiet_until": quiet[1].isoformat("minutes") if quiet else None,
        "answers": held.answers,
        "messages": held.messages,
        "notices": held.notices,
        "nominations": held.nominations,
        "asked_at": asked_at.isoformat() if asked_at else None,
        "page": _page(turn, carer),
    }


def _page(turn: Turn, carer: Carer) -> str:
    """The address of the page that shows all of it; empty where nobody could open it from outside."""
    if turn.pages is None:
        return ""
    return f"{turn.pages.link(carer.id, carer.page_number, Purpose.HOME, 0, turn.now)}/held"


async def _document(turn: Turn, carer: Carer) -> dict[str, str]:
    held = await whole_file(turn.session, carer, turn.language, turn.now)
    content = orjson.dumps(held, option=orjson.OPT_INDENT_2).decode()
    return {"filename": "what-is-held.json", "mime": "application/json", "content": content}


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    return [
        CommandHandler("mydata", show_data),
        CallbackQueryHandler(tap, pattern="^mydata(:|$)"),
    ]
