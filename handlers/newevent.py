"""/newevent for staff: an event made step by step, looked over, and sent or kept as a draft."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, ContextTypes

from carers.audience import audience_names, audience_reach, audience_words
from carers.conversations import Conversation, expect, settle, waiting_for
from carers.roles import Action, may
from events.drafting import KINDS, Step, Wrong, next_step, plan_from, read_answer
from events.invitations import send_invitations_now
from events.planning import plan_event, problems
from handlers.free_text import answer_stranger, hears
from handlers.turn import Turn, current_turn
from texts.callbacks import as_id, unpack

Context = ContextTypes.DEFAULT_TYPE
TOPIC = "newevent"
AUDIENCES_SHOWN = 20


async def begin(update: Update, context: Context) -> None:
    """Ask the first question; what was begun before is forgotten."""
    turn = current_turn()
    if not _may(turn):
        await (answer_stranger(turn) if turn.person.is_stranger else turn.reply("help"))
        return
    await _ask(turn, {})


async def tap(update: Update, context: Context) -> None:
    """A button under a question: it carries the step that it answers, so that an old one does no harm."""
    turn = current_turn()
    conversation = await waiting_for(turn.session, turn.chat_id)
    _, arguments = unpack(turn.tapped)
    if not _may(turn) or conversation is None or conversation.topic != TOPIC:
        await turn.toast("toast_old_button")
        return
    said = dict(conversation.data)
    match arguments:
        case ("drop",):
            await settle(turn.session, turn.chat_id)
            await turn.edit("newevent_dropped")
            await turn.toast()
        case ("send" | "keep" as wish,) if next_step(said) is Step.CONFIRM:
            await _finish(turn, said, send=wish == "send")
            await turn.toast()
        case (step, value) if step == next_step(said):
            await turn.toast()
            await _take(turn, said, await _offered(turn, step, value))
        case _:
            await turn.toast("toast_old_button")


@hears(TOPIC)
async def hear(turn: Turn, conversation: Conversation) -> None:
    """An answer in words."""
    if not _may(turn):
        await settle(turn.session, turn.chat_id)
        return
    await _take(turn, dict(conversation.data), turn.text)


async def _take(turn: Turn, said: dict[str, Any], text: str) -> None:
    step = next_step(said)
    names = await audience_names(turn.session, turn.now.astimezone(turn.zone).date())
    answer = read_answer(step, text, said, turn.now, turn.zone, names)
    if isinstance(answer, Wrong):
        await turn.reply("newevent_wrong", wrong=answer.value, step=step.value)
        return
    await _ask(turn, said | {step.value: answer})


async def _ask(turn: Turn, said: dict[str, Any]) -> None:
    """Remember what was said and ask what comes next, or show it all."""
    step = next_step(said)
    await expect(turn.session, turn.chat_id, TOPIC, turn.now, step.value, **said)
    today = turn.now.astimezone(turn.zone).date()
    params: dict[str, Any] = {"step": step.value, "said": said, "kinds": list(KINDS), "audiences": []}
    if step is Step.AUDIENCE:
        names = (await audience_names(turn.session, today))[:AUDIENCES_SHOWN]
        params["audiences"] = [audience_words(name) for name in names]
    if step is Step.CONFIRM:
        reach = await audience_reach(turn.session, said[Step.AUDIENCE], today)
        params |= {"audience": audience_words(said[Step.AUDIENCE])}
        params |= {"carers": reach.carers, "households": reach.households, "linked": reach.linked}
    await turn.reply("newevent_confirm" if step is Step.CONFIRM else "newevent_ask", **params)


async def _offered(turn: Turn, step: str, value: str) -> str:
    """What a button stands for: an audience is carried by its number in the list, names may be long."""
    if step != Step.AUDIENCE:
        return value
    names = await audience_names(turn.session, turn.now.astimezone(turn.zone).date())
    number = as_id(value)
    return names[number - 1] if 1 <= number <= len(names) else ""


async def _finish(turn: Turn, said: dict[str, Any], *, send: bool) -> None:
    """Make the event, in the same transaction in which the questions end: a second tap finds none."""
    plan = plan_from(said)
    if problems(plan) or plan.starts_at <= turn.now:
        await turn.reply("newevent_wrong", wrong=Wrong.PAST.value, step=Step.STARTS.value)
        return
    await settle(turn.session, turn.chat_id)
    event = await plan_event(turn.session, plan, turn.person.staff, turn.now)
    carers = 0
    if send:
        carers = (
            await send_invitations_now(turn.session, event.id, turn.person.staff, turn.now, turn.zone)
        ).carers
    await turn.edit("newevent_done", title=event.title, ref=event.ref, sent=send, carers=carers)


def _may(turn: Turn) -> bool:
    return turn.person.staff is not None and may(turn.person.staff, Action.PLAN_EVENTS)


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    return [
        CommandHandler("newevent", begin),
        CallbackQueryHandler(tap, pattern="^newevent:"),
    ]
