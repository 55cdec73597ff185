"""Changing an event or calling it off, for staff under /rsvps: one thing, looked over before it is told."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, ContextTypes

from carers.conversations import Conversation, expect, settle, waiting_for
from carers.roles import Action, may
from events.adjusting import Thing, adjusted, read_change, things
from events.drafting import NOTHING, Wrong
from events.editing import Editable, event_to_edit
from events.planning import cancel_event, change_event, problems
from handlers.free_text import hears
from handlers.turn import Turn, current_turn
from texts.callbacks import as_id, unpack

Context = ContextTypes.DEFAULT_TYPE
TOPIC = "change"
CANCEL = "cancel"
LONGEST_REASON = 500


async def tap(update: Update, context: Context) -> None:
    """The menu of one event, a question, or the deed that was asked about."""
    turn = current_turn()
    _, arguments = unpack(turn.tapped)
    event = await _event(turn, arguments[0]) if arguments else None
    if event is None:
        await turn.toast("toast_old_button")
        return
    match arguments[1:]:
        case ():
            await settle(turn.session, turn.chat_id)
            await _show(turn, event)
        case ("do",) if await _do(turn, event):
            pass
        case (thing,) if thing == CANCEL or thing in things(event.plan):
            await expect(turn.session, turn.chat_id, TOPIC, turn.now, thing, event=event.id)
            await turn.reply("staff_change_ask", event_id=event.id, thing=thing, was=_was(event, thing))
        case (thing, answer):
            await _take(turn, event, thing, answer)
        case _:
            await turn.toast("toast_old_button")
            return
    await turn.toast()


@hears(TOPIC)
async def hear(turn: Turn, conversation: Conversation) -> None:
    """An answer in words, or the reason why an event is off."""
    event = await _event(turn, str(conversation.data.get("event", "")))
    if event is None:
        await settle(turn.session, turn.chat_id)
        await turn.reply("help_staff")
        return
    await _take(turn, event, conversation.step, turn.text)


async def _take(turn: Turn, event: Editable, thing: str, text: str) -> None:
    """Understand the answer to the question that this chat was asked, and show what it would change."""
    conversation = await waiting_for(turn.session, turn.chat_id)
    asked = conversation is not None and conversation.topic == TOPIC and conversation.step == thing
    if not asked or (thing != CANCEL and thing not in things(event.plan)):
        await turn.reply("staff_changed", event_id=event.id, result="outdated", told=0, offered=0)
        return
    if thing == CANCEL:
        answer: Any = "" if text == NOTHING else text.strip()[:LONGEST_REASON]
    else:
        answer = read_change(Thing(thing), text, event.plan, turn.now, turn.zone)
        if isinstance(answer, Wrong):
            await turn.reply("newevent_wrong", wrong=answer.value, step=thing)
            return
        if problems(adjusted(event.plan, Thing(thing), answer, turn.now)):
            await turn.reply("newevent_wrong", wrong=Wrong.ENDS_FIRST.value, step=thing)
            return
    kept = {"event": event.id, "answer": answer, "version": event.version}
    await expect(turn.session, turn.chat_id, TOPIC, turn.now, thing, **kept)
    after = event.plan if thing == CANCEL else adjusted(event.plan, Thing(thing), answer, turn.now)
    await turn.reply(
        "staff_change_confirm",
        event_id=event.id,
        title=event.plan.title,
        thing=thing,
        answer=answer,
        was=_was(event, thing),
        starts_at=after.starts_at.isoformat(),
        ends_at=after.ends_at.isoformat(),
        invited=event.invited,
    )


async def _do(turn: Turn, event: Editable) -> bool:
    """Carry out what was looked over; false for a second tap, which finds nothing to do."""
    conversation = await waiting_for(turn.session, turn.chat_id)
    asked = conversation.data if conversation is not None and conversation.topic == TOPIC else {}
    if conversation is None or asked.get("event") != event.id or "answer" not in asked:
        return False
    await settle(turn.session, turn.chat_id)
    staff, answer = turn.person.staff, asked["answer"]
    if conversation.step == CANCEL:
        outcome = await cancel_event(turn.session, event.id, answer, staff, turn.now)
    else:
        plan = adjusted(event.plan, Thing(conversation.step), answer, turn.now)
        outcome = await change_event(
            turn.session, event.id, plan, staff, turn.now, asked["version"], turn.zone
        )
    cancelled = conversation.step == CANCEL and outcome.result == "changed"
    await turn.edit(
        "staff_changed",
        event_id=event.id,
        result="cancelled" if cancelled else outcome.result.value,
        told=outcome.told,
        offered=outcome.offered,
    )
    return True


async def _show(turn: Turn, event: Editable) -> None:
    await turn.edit(
        "staff_change",
        event_id=event.id,
        title=event.plan.title,
        starts_at=event.plan.starts_at.isoformat(),
        ends_at=event.plan.ends_at.isoformat(),
        mode=event.plan.mode.value,
        venue=event.plan.venue,
        capacity=event.plan.capacity,
        online_capacity=event.plan.online_capacity,
        of_series=event.series_id is not None,
        things=[thing.value for thing in things(event.plan)],
    )


def _was(event: Editable, thing: str) -> str | int | None:
    """What stands now: a text, a number of places (null: no limit) or an ISO time."""
    match thing:
        case Thing.STARTS:
            return event.plan.starts_at.isoformat()
        case Thing.ENDS:
            return event.plan.ends_at.isoformat()
        case Thing.VENUE:
            return event.plan.venue
        case Thing.CAPACITY:
            return event.plan.capacity
        case Thing.ONLINE_CAPACITY:
            return event.plan.online_capacity
    return ""


async def _event(turn: Turn, number: str) -> Editable | None:
    """The event, for staff who may plan, while it can change."""
    staff = turn.person.staff
    if staff is None or not may(staff, Action.PLAN_EVENTS):
        return None
    event = await event_to_edit(turn.session, as_id(number))
    return event if event is not None and event.plan.ends_at > turn.now else None


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    return [CallbackQueryHandler(tap, pattern="^change:")]
