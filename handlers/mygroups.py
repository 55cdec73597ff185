"""/mygroups: a carer's groups, to leave, and those that are open to join, in one message edited in place."""

from collections.abc import Iterable
from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, ContextTypes

from carers.groups import GroupLine, Joined, own_groups
from carers.people import Carer
from events.group_members import Membership, join_group, leave_group
from handlers.free_text import answer_stranger
from handlers.turn import Turn, current_turn
from texts.callbacks import as_id, unpack

Context = ContextTypes.DEFAULT_TYPE
MOST = 15
"""How many of either kind one message shows; the carer's page shows them all."""

ROOM = 2500
"""Characters that all together may say of the groups besides their names, so that a message holds them."""


async def show(update: Update, context: Context) -> None:
    """Name the groups, with a button to leave or to join each."""
    turn = current_turn()
    carer = turn.person.carer
    if carer is None:
        await (answer_stranger(turn) if turn.person.is_stranger else turn.reply("help_staff"))
        return
    await turn.reply("mygroups", **await _listed(turn, carer))


async def tap(update: Update, context: Context) -> None:
    """A button under /mygroups. Its data may be anybody's invention."""
    turn = current_turn()
    carer = turn.person.carer
    _, arguments = unpack(turn.tapped)
    match (carer, *arguments):
        case (Carer() as owner, "show"):
            await _redraw(turn, owner)
        case (Carer() as owner, str(number), "join"):
            done = await join_group(turn.session, owner, as_id(number), turn.now, turn.zone)
            await _redraw(turn, owner, done)
        case (Carer() as owner, str(number), "leave", *rest) if rest in ([], ["yes"]):
            await _leave(turn, owner, as_id(number), sure=bool(rest))
        case _:
            await turn.toast("toast_old_button")


async def _leave(turn: Turn, carer: Carer, group_id: int, *, sure: bool) -> None:
    """Leave at once what can be joined again; ask once more before anything else."""
    groups = await own_groups(turn.session, carer)
    group = next((one for one in groups.mine if one.id == group_id), None)
    if group is not None and not (group.is_open or sure):
        await turn.edit("mygroups_sure", group={"id": group.id, "name": group.words})
        await turn.toast()
        return
    await _redraw(turn, carer, await leave_group(turn.session, carer, group_id, turn.now))


async def _redraw(turn: Turn, carer: Carer, done: Membership | None = None) -> None:
    await turn.edit("mygroups", **await _listed(turn, carer, done))
    await turn.toast()


async def _listed(turn: Turn, carer: Carer, done: Membership | None = None) -> dict[str, Any]:
    """What the message shows; ``done``: what was tapped, said above the list where it changed anything."""
    groups = await own_groups(turn.session, carer)
    mine, others = groups.mine[:MOST], groups.others[:MOST]
    room = sum(len(group.about) for group in (*mine, *others)) <= ROOM
    said = done.result.value if done and done.result in (Joined.JOINED, Joined.LEFT, Joined.CLOSED) else ""
    return {
        "mine": _params(mine, room),
        "others": _params(others, room),
        "said": said,
        "group": done.group.words if done and done.group else "",
        "invited": done.invited if done else 0,
    }


def _params(groups: Iterable[GroupLine], room: bool) -> list[dict[str, Any]]:
    return [
        {
            "id": group.id,
            "name": group.words,
            "about": " ".join(group.about.split()) if room else "",
            "is_open": group.is_open,
        }
        for group in groups
    ]


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    return [CommandHandler("mygroups", show), CallbackQueryHandler(tap, pattern="^group(:|$)")]
