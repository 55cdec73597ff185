"""A survey on the web: the same questions, the same sheet and the same place in it as in the chat.

One question a page. Looking changes nothing; whatever is pressed, next or back, keeps what was filled in.
Nothing of an answer is in an address, in a log or in the browser's store. Whoever comes with the code of a
letter answers an anonymous survey on a sheet of that visit alone, as if nobody had answered before.
"""

from dataclasses import replace

from aiohttp import web

from surveys import answering
from surveys.answering import Outcome, Step
from surveys.branching import places
from surveys.definition import words
from surveys.notices import round_params
from surveys.pages import page
from web.carer.opening import Deed, Done, Form, Purpose, Route, Visit, do, render_page, see
from web.whole_numbers import whole_number

QUESTION = "/q"


def routes() -> list[Route]:
    return [
        see(Purpose.SURVEY, "", introduce),
        see(Purpose.SURVEY, QUESTION, ask),
        do(Purpose.SURVEY, QUESTION, take),
    ]


async def introduce(visit: Visit) -> web.Response:
    """What it is about and what anonymous means; or that it is over, or sent."""
    step = await _look(visit)
    if step.round is None or step.sheet is None:
        return _end(visit, step)
    begun = bool(step.sheet.answers) or step.sheet.position > 0
    context = {**round_params(step.round), "begun": begun, "handed": bool(visit.opened.handed)}
    return render_page(visit, "carer/survey.html", context)


async def ask(visit: Visit) -> web.Response:
    """The question at which the carer stands, or all that they answered before it is sent."""
    step = await _look(visit)
    if step.sheet is None:
        return _end(visit, step)
    return _shown(visit, step, problem="required" if visit.asked("missing") else "")


async def take(deed: Deed) -> Done | web.Response:
    """Next, back, skip or send."""
    step = await _step(deed)
    match step.outcome:
        case Outcome.STANDS:
            return Done(QUESTION)
        case Outcome.REQUIRED:
            return Done(QUESTION, {"missing": "1"})
        case Outcome.SENT:
            return Done("", {"sent": "1"})
        case Outcome.ALREADY_SENT | Outcome.NOT_OPEN:
            return _end(deed, step, deed.form.text("words"))
        case Outcome.TOO_LONG:
            return await _refused(deed, "too_long")
        case Outcome.WRONG:
            return await _refused(deed, "wrong" if _is_filled_in(deed.form) else "empty")


async def _step(deed: Deed) -> Step:
    number = deed.form.number("number")
    asked, rest = (deed.session, deed.about, deed.carer.id), (deed.parts.keys, deed.now)
    visit = deed.opened.handed
    match deed.form.text("do"), number:
        case "send", _:
            return await answering.send(*asked, *rest, visit=visit)
        case "skip", int():
            return await answering.skip(*asked, number, *rest, visit=visit)
        case "back", int():
            kept = await _answer(deed, number) if _is_filled_in(deed.form) else Step(Outcome.STANDS)
            stands = kept.outcome is Outcome.STANDS
            return await answering.back(*asked, number, *rest, visit=visit) if stands else kept
        case _, int():
            return await _answer(deed, number)
    return Step(Outcome.WRONG)


async def _answer(deed: Deed, number: int) -> Step:
    """Answer this question with what was filled in; `Outcome.WRONG` for nothing at all."""
    form, asked = deed.form, (deed.session, deed.about, deed.carer.id)
    boxes = [box for one in form.several("box") if (box := whole_number(one, 999)) is not None]
    value = form.number("value")
    rest, visit = (deed.parts.keys, deed.now), deed.opened.handed
    if form.text("words"):
        return await answering.write(*asked, form.text("words"), *rest, number, visit=visit)
    if boxes:
        return await answering.tick_all(*asked, number, boxes, *rest, visit=visit)
    if value is not None:
        return await answering.choose(*asked, number, value, *rest, visit=visit)
    # It may be over by now, which says more than that nothing was filled in.
    step = await _look(deed)
    return replace(step, outcome=Outcome.WRONG) if step.outcome is Outcome.STANDS else step


def _is_filled_in(form: Form) -> bool:
    return any(form.text(name) for name in ("words", "box", "value"))


async def _look(visit: Visit) -> Step:
    asked = (visit.session, visit.about, visit.carer.id)
    return await answering.look(*asked, visit.parts.keys, visit.now, visit=visit.opened.handed)


async def _refused(deed: Deed, problem: str) -> web.Response:
    """The page that the form was on, with what is wrong and all that was typed."""
    step, number = await _look(deed), deed.form.number("number")
    if step.sheet is None or step.definition is None:
        return _end(deed, step, deed.form.text("words"))
    if number in places(step.definition, step.sheet.answers):
        step = replace(step, sheet=step.sheet.at(number))
    return _shown(deed, step, problem, deed.form.text("words"), status=422)


def _shown(visit: Visit, step: Step, problem: str = "", typed: str = "", status: int = 200) -> web.Response:
    kind, params = page(step, visit.carer.language.value, room=None)
    if typed:
        params["written"] = typed
    return render_page(visit, f"carer/{kind}.html", {**params, "problem": problem}, status)


def _end(visit: Visit, step: Step, typed: str = "") -> web.Response:
    """There is nothing to answer (any more). What was typed is shown once more: it was kept nowhere."""
    sent = step.outcome is Outcome.ALREADY_SENT
    title = words(step.definition.title, visit.carer.language.value) if step.definition else ""
    context = {
        "sent": sent,
        "just_now": sent and bool(visit.asked("sent")),
        "occasion": step.round.occasion if step.round else None,
        "title": title,
        "typed": typed,
    }
    return render_page(visit, "carer/survey_end.html", context, 409 if typed else 200)
