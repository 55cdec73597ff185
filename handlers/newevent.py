"""/newevent for staff: an event made step by step, looked over, and sent or kept as a draft."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, ContextTypes

from carers.audience import audience_exists, audience_meant, audience_names, audience_reach, audience_words
from carers.conversations import Conversation, expect, settle, waiting_for
from carers.roles import Action, may
from events import series_plan
from events.drafting import (
    KINDS,
    TEMPLATE,
    Step,
    Wrong,
    begun_from,
    next_step,
    plan_from,
    read_answer,
    series_from,
    with_answer,
)
from events.invitations import send_invitations_now
from events.planning import plan_event, problems
from events.rhythm import NAMED, in_words
from events.series import plan_series, series_page
from events.series_plan import SeriesPlan, SeriesProblem
from events.templates import TemplateLine, template, templates
from events.terms import term_dates
from handlers.free_text import hears, unknown_command
from handlers.turn import Turn, current_turn
from texts.callbacks import as_id, unpack

Context = ContextTypes.DEFAULT_TYPE
TOPIC = "newevent"
AUDIENCES_SHOWN = 20
TEMPLATES_SHOWN = 40
DAYS_SHOWN = 6


async def begin(update: Update, context: Context) -> None:
    """Ask the first question; what was begun before is forgotten."""
    turn = current_turn()
    if not _may(turn):
        staff = turn.person.staff
        await (turn.reply("newevent_no_right") if staff else unknown_command(update, context))
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
        case ("templates",) if next_step(said) is Step.TITLE:
            await _show_templates(turn)
        case ("template", number) if next_step(said) is Step.TITLE:
            await _begin_from(turn, as_id(number))
        case ("send" | "keep" as wish,) if next_step(said) is Step.CONFIRM:
            await _finish(turn, said, send=wish == "send")
            await turn.toast()
        case ("again",) if next_step(said) is Step.CONFIRM:
            await turn.edit("newevent_repeats", title=said[Step.TITLE], rhythms=list(NAMED))
            await turn.toast()
        case ("once",) if next_step(said) is Step.CONFIRM:
            await _ask(turn, said, edit=True)
            await turn.toast()
        case ("again", rhythm) if next_step(said) is Step.CONFIRM and rhythm in NAMED:
            await _show_days(turn, said, rhythm)
            await turn.toast()
        case ("series", rhythm) if next_step(said) is Step.CONFIRM and rhythm in NAMED:
            await _finish_series(turn, said, rhythm)
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
    if step is Step.AUDIENCE:
        text = audience_meant(text, names) or text
    answer = read_answer(step, text, said, turn.now, turn.zone, names)
    if isinstance(answer, Wrong):
        await turn.reply("newevent_wrong", wrong=answer.value, step=step.value)
        return
    await _ask(turn, with_answer(said, step, answer, await _template(turn, said)))


async def _show_templates(turn: Turn) -> None:
    """The service's own templates first. A button carries the number in the list, keys may be long."""
    names = [line.name for line in (await templates(turn.session))[:TEMPLATES_SHOWN]]
    await turn.edit("newevent_templates", templates=names)
    await turn.toast()


async def _begin_from(turn: Turn, number: int) -> None:
    lines = (await templates(turn.session))[:TEMPLATES_SHOWN]
    if not 1 <= number <= len(lines):
        await turn.toast("toast_old_button")
        return
    await turn.toast()
    await _ask(turn, begun_from(lines[number - 1]))


async def _template(turn: Turn, said: dict[str, Any]) -> TemplateLine | None:
    """What was begun from, if it is still there."""
    key = said.get(TEMPLATE)
    return await template(turn.session, key) if key else None


async def _series(turn: Turn, said: dict[str, Any], rhythm: str) -> SeriesPlan:
    begun = await _template(turn, said)
    return series_from(plan_from(said, begun, turn.zone), rhythm, begun, turn.zone)


async def _show_days(turn: Turn, said: dict[str, Any], rhythm: str) -> None:
    """The days of the year to come, before anything is made."""
    plan, terms = await _series(turn, said, rhythm), await term_dates(turn.session)
    wrong = series_plan.problems(plan, terms, turn.now, turn.zone)
    days = [] if wrong else series_plan.preview(plan, terms, turn.now, turn.zone)
    await turn.edit(
        "newevent_days",
        title=said[Step.TITLE],
        rhythm=rhythm,
        in_words=in_words(plan.rhythm, plan.first_on),
        wrong="no_terms" if SeriesProblem.NO_TERMS in wrong else "other" if wrong else "",
        count=len(days),
        days=[day.starts_at.isoformat() for day in days[:DAYS_SHOWN]],
    )


async def _finish_series(turn: Turn, said: dict[str, Any], rhythm: str) -> None:
    """Make all its events of the year, in the same transaction in which the questions end."""
    if await _has_lost_audience(turn, said):
        return
    plan, terms = await _series(turn, said, rhythm), await term_dates(turn.session)
    if series_plan.problems(plan, terms, turn.now, turn.zone):
        await _show_days(turn, said, rhythm)
        return
    await settle(turn.session, turn.chat_id)
    series = await plan_series(turn.session, plan, turn.person.staff, turn.now, turn.zone)
    page = await series_page(turn.session, series.id, turn.now, turn.zone)
    made = [occasion for occasion in page.occasions if occasion.event_id] if page else []
    await turn.edit("newevent_series_done", title=plan.pattern.title, count=len(made))


async def _ask(turn: Turn, said: dict[str, Any], *, edit: bool = False) -> None:
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
    kind = "newevent_confirm" if step is Step.CONFIRM else "newevent_ask"
    await (turn.edit(kind, **params) if edit else turn.reply(kind, **params))


async def _offered(turn: Turn, step: str, value: str) -> str:
    """What a button stands for: an audience is carried by its number in the list, names may be long."""
    if step != Step.AUDIENCE:
        return value
    names = await audience_names(turn.session, turn.now.astimezone(turn.zone).date())
    number = as_id(value)
    return names[number - 1] if 1 <= number <= len(names) else ""


async def _finish(turn: Turn, said: dict[str, Any], *, send: bool) -> None:
    """Make the event, in the same transaction in which the questions end: a second tap finds none."""
    if await _has_lost_audience(turn, said):
        return
    plan = plan_from(said, await _template(turn, said), turn.zone)
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


async def _has_lost_audience(turn: Turn, said: dict[str, Any]) -> bool:
    """The audience was deleted, or called otherwise, while the questions were answered: ask for it again."""
    if await audience_exists(turn.session, said[Step.AUDIENCE], turn.now.astimezone(turn.zone).date()):
        return False
    await _ask(turn, {step: answer for step, answer in said.items() if step != Step.AUDIENCE})
    return True


def _may(turn: Turn) -> bool:
    return turn.person.staff is not None and may(turn.person.staff, Action.PLAN_EVENTS)


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    return [
        CommandHandler("newevent", begin),
        CallbackQueryHandler(tap, pattern="^newevent:"),
    ]
