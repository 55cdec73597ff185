"""/surveys, where listening is at home, and answering one: a question a message, edited in place.

Buttons carry ``survey:<round>:<question>:<answer>``; `surveys.answering` checks whether any of it may be.
"""

from datetime import timedelta
from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, ContextTypes

from care.said import count_published
from carers.conversations import Conversation, expect, settle, waiting_for
from carers.pages import Purpose
from handlers.free_text import answer_stranger, hears, to_the_service
from handlers.turn import Turn, current_turn
from surveys import answering
from surveys.answering import Outcome, Step
from surveys.definition import LONGEST_TEXT, words
from surveys.notices import round_params
from surveys.pages import page
from surveys.rounds import rounds_of_carer
from surveys.sealed_replies import seal_params
from surveys.sharing import shared_rounds

Context = ContextTypes.DEFAULT_TYPE

TOPIC = "survey"
SENT = "sent"
LINGERS = timedelta(minutes=30)
"""How long after sending words are still taken for part of the survey, and so kept from the inbox."""

_TOASTS = {
    Outcome.WRONG: "toast_survey_wrong",
    Outcome.REQUIRED: "toast_survey_required",
    Outcome.NOT_OPEN: "toast_survey_over",
}
_ENDS = {
    Outcome.ALREADY_SENT: "survey_sent_already",
    Outcome.NOT_OPEN: "survey_over",
}


async def surveys(update: Update, context: Context) -> None:
    """/surveys: those that are open to this carer, what came of earlier ones, and thanking another carer."""
    turn = current_turn()
    if turn.person.is_stranger:
        await answer_stranger(turn)
    else:
        await turn.reply("surveys", **await _home(turn))


async def back_to_all(update: Update, context: Context) -> None:
    """The same list again, in place of what was reached from it."""
    turn = current_turn()
    if turn.person.carer is None:
        await turn.toast("toast_old_button")
        return
    await turn.edit("surveys", **await _home(turn))
    await turn.toast()


async def _home(turn: Turn) -> dict[str, Any]:
    carer = turn.person.carer
    rounds = await rounds_of_carer(turn.session, carer, turn.now) if carer else []
    waiting = [round_params(round) for round, took_part in rounds if not took_part]
    listed = [{"round": one["round"], "label": words(one["title"], turn.language)} for one in waiting]
    done = sum(took_part for _, took_part in rounds)
    return {"rounds": listed, "done": done, **(await _heard(turn) if carer else {})}


async def _heard(turn: Turn) -> dict[str, bool]:
    """What else a carer finds here: that what they say is heard, and the way to praise somebody."""
    return {
        "told": bool(await shared_rounds(turn.session)),
        "said": await count_published(turn.session) > 0,
        "nominate": True,
    }


async def introduce(update: Update, context: Context) -> None:
    """A survey of the list: what it is about and what anonymous means."""
    turn = current_turn()
    chosen = await _tapped_round(turn)
    await turn.toast("toast_seen" if chosen else "toast_survey_over")
    if chosen is not None:
        await turn.edit("survey", **chosen)


async def on_the_web(update: Update, context: Context) -> None:
    """The carer's own page with the same questions: Telegram then carries none of the answers."""
    turn = current_turn()
    chosen, carer = await _tapped_round(turn), turn.person.carer
    if chosen is None or carer is None or turn.pages is None:
        await turn.toast("toast_survey_over" if chosen is None else "toast_old_button")
        return
    url = turn.pages.link(carer.id, carer.page_number, Purpose.SURVEY, chosen["round"], turn.now)
    await turn.reply("survey_web", url=url, protect=True)
    await turn.toast()


async def _tapped_round(turn: Turn) -> dict[str, Any] | None:
    """The round of the tapped button, if it is open to this carer and they have not taken part."""
    carer = turn.person.carer
    rounds = await rounds_of_carer(turn.session, carer, turn.now) if carer else []
    waiting = [round_params(round) for round, took_part in rounds if not took_part]
    wanted = int(turn.tapped.split(":")[1])
    return next((_introduction(turn, one) for one in waiting if one["round"] == wanted), None)


def _introduction(turn: Turn, params: dict[str, Any]) -> dict[str, Any]:
    return params | {"web": turn.pages is not None}


async def tap(update: Update, context: Context) -> None:
    """Start, answer, tick, skip, go back or send: whatever the button says, if it may be."""
    turn = current_turn()
    if turn.person.carer is None:
        await turn.toast("toast_survey_over")
        return
    step = await _step(turn, turn.person.carer.id)
    await turn.toast(_TOASTS.get(step.outcome, "toast_seen"))
    if step.outcome is not Outcome.WRONG:
        await _show(turn, step, edit=True)


async def _step(turn: Turn, carer_id: int) -> Step:
    _, round_id, first, *rest = turn.tapped.split(":")
    asked = (turn.session, int(round_id), carer_id)
    match first, rest:
        case "start", []:
            return await answering.stand(*asked, turn.keys, turn.now)
        case "send", []:
            return await answering.send(*asked, turn.keys, turn.now)
        case number, ["back"]:
            return await answering.back(*asked, int(number), turn.keys, turn.now)
        case number, ["skip"]:
            return await answering.skip(*asked, int(number), turn.keys, turn.now)
        case number, ["done"]:
            return await answering.go_on(*asked, int(number), turn.keys, turn.now)
        case number, [value, box]:
            return await answering.tick(*asked, int(number), int(value), box == "on", turn.keys, turn.now)
        case number, [value]:
            return await answering.choose(*asked, int(number), int(value), turn.keys, turn.now)
    return Step(Outcome.WRONG)


@hears(TOPIC)
async def written(turn: Turn, conversation: Conversation) -> None:
    """Words in the middle of a survey: the answer to a free-text question, or nothing that is kept.

    They never go to staff: whoever answers an anonymous survey must not find their words in an inbox, under
    their name, because the round closed a moment ago or the question had buttons.
    """
    if conversation.step == SENT:
        await _written_late(turn, conversation)
        return
    carer, round_id = turn.person.carer, conversation.data.get("round")
    if carer is None or not isinstance(round_id, int):
        step = Step(Outcome.NOT_OPEN)
    else:
        step = await answering.write(turn.session, round_id, carer.id, turn.text, turn.keys, turn.now)
    match step.outcome:
        case Outcome.WRONG:
            await _not_kept(turn, step)
        case Outcome.TOO_LONG:
            await turn.reply("survey_too_long", longest=LONGEST_TEXT)
        case _:
            await _show(turn, step, edit=False)


async def _not_kept(turn: Turn, step: Step) -> None:
    """What was written is no answer. Whether it is a cry for help is sealed like an answer meanwhile."""
    cry = {"urgent": turn.desk.is_urgent(turn.text)}
    await turn.reply("survey_buttons", **(seal_params(turn.keys, step.round, cry) if step.round else cry))


async def _written_late(turn: Turn, conversation: Conversation) -> None:
    """Words soon after the sheet was sent are most likely meant for it; later ones are a message."""
    await settle(turn.session, turn.chat_id)
    if turn.now - conversation.updated_at <= LINGERS:
        await turn.reply("survey_late_words")
    else:
        await to_the_service(turn)


async def _show(turn: Turn, step: Step, *, edit: bool) -> None:
    """The question or review at which the sheet stands, or the end; and wait for words, or no longer."""
    say = turn.edit if edit else turn.reply
    if step.round is None or step.outcome in _ENDS:
        await _stop_waiting(turn)
        await say(_ENDS.get(step.outcome, "survey_over"))
        return
    if step.outcome is Outcome.SENT:
        await _expect_afterthoughts(turn, step.round.id)
        await say("survey_thanks", occasion=step.round.occasion)
        return
    kind, params = page(step, turn.language)
    await expect(turn.session, turn.chat_id, TOPIC, turn.now, round=step.round.id)
    await say(kind, **seal_params(turn.keys, step.round, params))


async def _expect_afterthoughts(turn: Turn, round_id: int) -> None:
    # The round goes with it, so that its close wipes from this row that its owner took part, and when.
    await expect(turn.session, turn.chat_id, TOPIC, turn.now, SENT, round=round_id)


async def _stop_waiting(turn: Turn) -> None:
    """For words of a survey; what another topic asked for is still asked for."""
    conversation = await waiting_for(turn.session, turn.chat_id)
    if conversation is not None and conversation.topic == TOPIC:
        await settle(turn.session, turn.chat_id)


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    number = r"[0-9]{1,9}"
    step = rf"{number}:(back|skip|done|[0-9]{{1,3}}(:(on|off))?)"
    return [
        CommandHandler("surveys", surveys),
        CallbackQueryHandler(back_to_all, pattern=r"^survey:list\Z"),
        CallbackQueryHandler(introduce, pattern=rf"^survey:{number}:intro\Z"),
        CallbackQueryHandler(on_the_web, pattern=rf"^survey:{number}:web\Z"),
        CallbackQueryHandler(tap, pattern=rf"^survey:{number}:(start|send|{step})\Z"),
    ]
