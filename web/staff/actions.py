"""You said, we did: what is done about what carers said, by whom and by when, and what carers read of it."""

from typing import Any

from aiohttp import web

from care import actions
from care.actions import LONGEST, OTHERS, ActionState, Line, Outcome, Plan, Problem, Source
from carers.roles import Action
from carers.sent_forms import Undo
from surveys.reading import read_definition
from web.staff.forms import Form, split_day
from web.staff.views import Deed, Done, Look, Page, Route, do, see
from web.staff.words import in_words
from web.whole_numbers import whole_number

SEE, WRITE = Action.SEE_ACTIONS, Action.WRITE_ACTIONS
STATES = {
    ActionState.PLANNED: "Planned",
    ActionState.UNDER_WAY: "Under way",
    ActionState.DONE: "Done",
    ActionState.NOT_POSSIBLE: "Not possible",
}
PROBLEMS = {
    Problem.NOTHING_SAID: "Enter what carers said",
    Problem.TOO_LONG: f"Use {LONGEST} characters or fewer",
    Problem.NOTHING_DONE: "Enter what was done, or why it is not possible",
    Problem.NO_SUCH_OWNER: "Choose somebody of the staff, or nobody",
    Problem.NOTHING_TO_TELL: "Carers read this: enter what you do about it, or plan it for a day",
}
OUTDATED = "Nothing was changed: a colleague has changed this meanwhile. Please read it again first."


def routes() -> list[Route]:
    one = "/actions/{action}"
    return [
        see("/actions", SEE, all_actions),
        see("/actions/new", WRITE, new_action),
        do("/actions/new", WRITE, note),
        see(one, SEE, one_action),
        see(f"{one}/edit", WRITE, edit),
        do(f"{one}/edit", WRITE, change),
        do(f"{one}/publish", WRITE, publish),
        do(f"{one}/take-back", WRITE, take_back),
        see(f"{one}/throw-away", WRITE, ask_to_throw_away),
        do(f"{one}/throw-away", WRITE, throw_away),
    ]


async def all_actions(look: Look) -> Page:
    listed = await actions.list_actions(look.session, look.today, look.page)
    told = any(one.action.published_at for one in (*listed.open, *listed.settled))
    return Page("staff/actions.html", {"listed": listed, "states": STATES, "told": told})


async def one_action(look: Look) -> Page:
    line = await _action(look)
    missing = [in_words(code) for code in OTHERS if code not in line.translated]
    context = {
        "line": line,
        "states": STATES,
        "asked": _asked(line),
        "missing": missing,
        "ready": not await actions.problems(look.session, actions.plan_of(line.action), public=True),
    }
    return Page("staff/action.html", context)


async def _action(look: Look) -> Line:
    """The action of the address. Raises 404 where there is none."""
    line = await actions.one_action(look.session, look.number("action"), look.today)
    if line is None:
        raise web.HTTPNotFound
    return line


def _asked(line: Line) -> str:
    """The words of the question from whose answers it was made; empty without one."""
    return "" if line.round is None else question_words(line.round.definition, line.action.question)


def question_words(definition: dict[str, Any], question: str | None) -> str:
    """The English words of a question of a round; empty for one that it has not."""
    asked = read_definition(definition).questions
    return next((one.text["en"] for one in asked if one.id == question), "")


async def new_action(look: Look) -> Page:
    source = Source(
        whole_number(look.asked("round")), look.asked("question") or None, whole_number(look.asked("event"))
    )
    return await _new_page(look, Form.filled({"state": ActionState.PLANNED.value}), source)


async def note(deed: Deed) -> Done | Page:
    form = deed.form
    source = Source(
        whole_number(form.text("round")), form.text("question")[:64] or None, whole_number(form.text("event"))
    )
    round, event = await actions.found_source(deed.session, source)
    plan = _read(form)
    await _check(deed, plan)
    if form.errors:
        return await _new_page(deed, form, source)
    known = bool(round and question_words(round.definition, source.question))
    kept = Source(
        round.id if round else None, source.question if known else None, event.id if event else None
    )
    made = await actions.note_action(deed.session, plan, kept, deed.staff, deed.now, deed.today)
    return Done(f"/actions/{made.id}", "It is noted. Carers read it once you publish it.")


async def _new_page(look: Look, form: Form, source: Source) -> Page:
    round, event = await actions.found_source(look.session, source)
    asked = question_words(round.definition, source.question) if round else ""
    context = {"round": round, "event": event, "asked": asked, "question": source.question if asked else ""}
    return await _form_page(look, form, "/actions/new", context)


async def edit(look: Look) -> Page:
    line = await _action(look)
    return await _edit_page(look, _filled(line), line)


async def change(deed: Deed) -> Done | Page:
    """Save it, unless somebody else saved it since this form was opened."""
    line, form = await _action(deed), deed.form
    plan = _read(form)
    await _check(deed, plan, public=line.action.published_at is not None)
    if form.errors:
        return await _edit_page(deed, form, line)
    version = form.count("version", what="Version") or 0
    done = await actions.change_action(
        deed.session, line.action.id, plan, version, deed.staff, deed.now, deed.today
    )
    if done is Outcome.OUTDATED:
        return await _edit_page(deed, form, line, outdated=True)
    return Done(_at(line), "Nothing was changed." if done is Outcome.UNCHANGED else "The action is saved.")


async def _edit_page(look: Look, form: Form, line: Line, *, outdated: bool = False) -> Page:
    version = line.action.version if outdated or not form.text("version") else form.text("version")
    context = {
        "line": line,
        "version": version,
        "outdated": outdated,
        "round": line.round,
        "event": line.event,
        "asked": _asked(line),
    }
    return await _form_page(look, form, f"{_at(line)}/edit", context)


async def _form_page(look: Look, form: Form, action: str, context: dict[str, Any]) -> Page:
    owners = [{"value": "", "text": "Nobody yet"}]
    owners += [
        {"value": str(number), "text": name}
        for number, name in (await actions.possible_owners(look.session)).items()
    ]
    shared = {
        "form": form,
        "action": action,
        "states": [{"value": state.value, "text": text} for state, text in STATES.items()],
        "now_is": STATES,
        "owners": owners,
        "others": [(code, in_words(code)) for code in OTHERS],
        "longest": LONGEST,
    }
    return Page("staff/action_form.html", {**shared, **context})


def _read(form: Form) -> Plan:
    state = form.choice("state", STATES, required="Choose where it stands")
    return Plan(
        said=form.text("said"),
        did=form.text("did"),
        translations={
            code: {name: form.text(f"{name}-{code}") for name in ("said", "did")} for code in OTHERS
        },
        state=ActionState(state) if state else ActionState.PLANNED,
        owner_id=whole_number(form.text("owner")),
        due_on=form.day("due", what="The day"),
    )


async def _check(deed: Deed, plan: Plan, *, public: bool = False) -> None:
    wrong = await actions.problems(deed.session, plan, public=public)
    for name in ("said", "did", "owner", *(name for name in wrong if "-" in name)):
        if name in wrong:
            deed.form.fail(name, PROBLEMS[wrong[name]])


def _filled(line: Line) -> Form:
    action = line.action
    translated = {
        f"{name}-{code}": texts.get(name, "")
        for code, texts in action.translations.items()
        for name in ("said", "did")
    }
    plain = {
        "said": action.said,
        "did": action.did,
        "state": action.state.value,
        "owner": action.owner_id,
    }
    return Form.filled({**plain, **translated, **split_day("due", action.due_on)})


def _at(line: Line) -> str:
    return f"/actions/{line.action.id}"


async def publish(deed: Deed) -> Done:
    line = await _action(deed)
    version = deed.form.count("version", what="Version") or 0
    done = await actions.publish(deed.session, line.action.id, version, deed.staff, deed.now)
    said = {
        Outcome.DONE: "Carers can read it now, in the chat and on their pages.",
        Outcome.UNCHANGED: "It was published already.",
        Outcome.NOT_READY: f"Not published. {PROBLEMS[Problem.NOTHING_TO_TELL]}.",
    }
    undo = Undo(f"{_at(line)}/take-back", {}) if done is Outcome.DONE else None
    return Done(_at(line), said.get(done, OUTDATED), undo)


async def take_back(deed: Deed) -> Done:
    line = await _action(deed)
    was_public = line.action.published_at is not None
    await actions.take_back(deed.session, line.action.id, deed.staff, deed.now)
    version = str((await _action(deed)).action.version)
    undo = Undo(f"{_at(line)}/publish", {"version": version}) if was_public else None
    return Done(_at(line), "Carers find it no more. What a message told them stays told.", undo)


async def ask_to_throw_away(look: Look) -> Page:
    line = await _action(look)
    context = {
        "title": "Delete this action?",
        "quote": line.action.said,
        "lines": ("It is gone for good. Delete what was noted by mistake; what cannot be done can say so.",),
        "back": _at(line),
        "action": f"{_at(line)}/throw-away",
        "button": "Delete it",
        "warning": True,
    }
    return Page("staff/confirm.html", context)


async def throw_away(deed: Deed) -> Done:
    line = await _action(deed)
    done = await actions.throw_away(deed.session, line.action.id, deed.staff, deed.now)
    if done is Outcome.PUBLISHED:
        return Done(_at(line), "Nothing was deleted: carers read it. Take it back first.")
    return Done("/actions", "The action is deleted.")
