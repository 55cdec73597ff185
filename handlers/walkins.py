"""Who came besides those on the list, for staff who tick under /rsvps; and that nobody else came."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, ContextTypes

from carers.conversations import Conversation, expect, settle
from carers.directory import view_carer
from carers.roles import Action, StaffMember, may, own_households_of
from events.attendance import AttendanceState, Ticked, find_carers, rest_did_not_come, tick
from handlers.free_text import hears
from handlers.turn import Turn, current_turn
from texts.callbacks import as_id, unpack

Context = ContextTypes.DEFAULT_TYPE
TOPIC = "walkin"
SHOWN = 8


async def tap(update: Update, context: Context) -> None:
    """Ask for a name, note the carer whose name was tapped, or note the rest as not having come."""
    turn = current_turn()
    staff = turn.person.staff
    _, arguments = unpack(turn.tapped)
    if staff is None or not may(staff, Action.TAKE_ATTENDANCE):
        await turn.toast("toast_old_button")
        return
    match arguments:
        case (event,):
            await expect(turn.session, turn.chat_id, TOPIC, turn.now, event=as_id(event))
            await turn.reply("staff_walkin_ask", event_id=as_id(event))
        case (event, "rest"):
            await turn.edit("staff_walkin_rest", event_id=as_id(event), done=None)
        case (event, "rest", "yes"):
            own = own_households_of(staff)
            done = await rest_did_not_come(
                turn.session, as_id(event), staff, turn.now, own_households=own, source="chat"
            )
            await turn.edit("staff_walkin_rest", event_id=as_id(event), done=done)
        case (event, carer):
            await _note(turn, staff, as_id(event), as_id(carer))
        case _:
            await turn.toast("toast_old_button")
            return
    await turn.toast()


@hears(TOPIC)
async def hear(turn: Turn, conversation: Conversation) -> None:
    """A name: the carers who have it, of those whom this person may see."""
    staff = turn.person.staff
    if staff is None or not may(staff, Action.TAKE_ATTENDANCE):
        await settle(turn.session, turn.chat_id)
        return
    found = await find_carers(
        turn.session, turn.text, turn.now, turn.zone, own_households=own_households_of(staff), most=SHOWN
    )
    await turn.reply(
        "staff_walkin_found",
        event_id=int(conversation.data["event"]),
        carers=[
            {"carer_id": carer.id, "name": carer.name, "household_ref": carer.household_ref}
            for carer in found
        ],
    )


async def _note(turn: Turn, staff: StaffMember, event_id: int, carer_id: int) -> None:
    """Only a carer whom this member of staff may see."""
    carer = await view_carer(
        turn.session, carer_id, turn.now, turn.now.astimezone(turn.zone).date(), own_households_of(staff)
    )
    result, name = Ticked.NOT_FOUND, ""
    if carer is not None:
        name = carer.carer.name
        came = AttendanceState.ATTENDED
        result = await tick(turn.session, event_id, carer_id, came, staff, turn.now, source="walk_in")
        await settle(turn.session, turn.chat_id)
    await turn.edit("staff_walkin_noted", event_id=event_id, name=name, result=result.value)


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    return [CallbackQueryHandler(tap, pattern="^walkin:")]
