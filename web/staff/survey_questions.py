"""The questions of a survey that is being written, one thing a page: its words and answers, which answers
are good news, of whom it is asked, where it stands, taking it out."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from surveys.checking import LONGEST, Part
from surveys.definition import MOST_OPTIONS, QuestionType
from surveys.draft_questions import Asked, dependents, question_of, slug
from surveys.draft_texts import LABELLED
from surveys.editing import (
    Draft,
    Edited,
    add_question,
    change_question,
    move_question,
    remove_question,
    set_condition,
    set_favourable,
)
from surveys.wording import speaks_of_wellbeing
from web.staff.forms import Form
from web.staff.survey_drafts import (
    DRAFT,
    OUTDATED,
    after,
    answers_of,
    draft_of,
    labels,
    lock,
    stands,
    theme_words,
)
from web.staff.survey_forms import WRITE
from web.staff.survey_words import TYPES
from web.staff.views import Deed, Done, Look, Page, Route, do, see
from web.whole_numbers import whole_number

QUESTION = f"{DRAFT}/questions/{{question}}"
ALWAYS = "everybody"


def routes() -> list[Route]:
    return [
        see(f"{DRAFT}/question", WRITE, new),
        do(f"{DRAFT}/question", WRITE, add),
        see(QUESTION, WRITE, one),
        do(QUESTION, WRITE, save),
        see(f"{QUESTION}/good-news", WRITE, good_news),
        do(f"{QUESTION}/good-news", WRITE, save_good_news),
        see(f"{QUESTION}/asked-of", WRITE, asked_of),
        do(f"{QUESTION}/asked-of", WRITE, save_asked_of),
        do(f"{QUESTION}/move", WRITE, move),
        see(f"{QUESTION}/remove", WRITE, ask_to_remove),
        do(f"{QUESTION}/remove", WRITE, remove),
    ]


async def new(look: Look) -> Page:
    return _form(await draft_of(look), Form(), None)


async def add(deed: Deed) -> Done | Page:
    form, draft = deed.form, await draft_of(deed)
    asked = _asked(form)
    if asked is None or form.errors:
        return _form(draft, form, None)
    done, id = await add_question(deed.session, draft.survey, lock(deed), asked, deed.staff, deed.now)
    if done is Edited.TOO_MANY:
        form.fail("text", "This survey is full: take a question out first")
        return _form(draft, form, None)
    return await after(deed, done, f"#q-{id}") or _form(draft, form, None, outdated=True)


def _question(look: Look, draft: Draft) -> dict[str, Any]:
    question = question_of(draft.source, look.request.match_info["question"])
    if question is None:
        raise web.HTTPNotFound
    return question


async def one(look: Look) -> Page:
    draft = await draft_of(look)
    question = _question(look, draft)
    filled = {
        "text": question["text"].get("en", ""),
        "type": question["type"],
        "options": "\n".join(labels(question)),
        "required": "yes" if question.get("required") else "",
        "wellbeing": "yes" if question.get("wellbeing") else "",
    }
    return _form(draft, Form.filled(filled), question)


def _form(draft: Draft, form: Form, question: Mapping[str, Any] | None, *, outdated: bool = False) -> Page:
    kinds = [
        {"value": str(kind), "text": name, "hint": {"text": hint} if hint else None}
        for kind, (name, hint) in TYPES.items()
    ]
    context = {
        "form": form,
        "question": question,
        "kinds": kinds,
        "outdated": outdated,
        "most": MOST_OPTIONS,
        "longest": LONGEST[Part.OPTION],
    }
    return Page("staff/survey_draft_question.html", stands(draft) | context)


def _asked(form: Form) -> Asked | None:
    """The question that was typed, or None with what to put right noted."""
    text = form.words("text", required="Enter the question", most=LONGEST[Part.QUESTION])
    form.choice("type", TYPES, required="Choose how carers answer")
    kind = next((kind for kind in TYPES if kind == form.text("type")), None)
    if kind is None:
        form.anchors["type"] = "type"
        return None
    options = _options(form) if kind in LABELLED else ()
    wellbeing = form.text("wellbeing") == "yes"
    if not wellbeing and any(map(speaks_of_wellbeing, (text, *options))):
        form.fail(
            "wellbeing",
            "This speaks of somebody’s health or mood. Tick the box, and the survey is anonymous; or ask"
            " of something else",
        )
    return Asked(text, QuestionType(kind), options, form.text("required") == "yes", wellbeing)


def _options(form: Form) -> tuple[str, ...]:
    """The answers that were typed, one a line."""
    lines = [" ".join(line.split()) for line in form.text("options").splitlines()]
    options = tuple(line for line in lines if line)
    longest = LONGEST[Part.OPTION]
    if not 2 <= len(options) <= MOST_OPTIONS:
        form.fail("options", f"Enter 2 to {MOST_OPTIONS} answers, one a line")
    elif len({option.casefold() for option in options}) < len(options):
        form.fail("options", "Two answers read alike; make them differ")
    elif too_long := next((option for option in options if len(option) > longest), ""):
        form.fail("options", f"“{too_long}” is cut off on a phone; use {longest} characters or fewer")
    return options


async def save(deed: Deed) -> Done | Page:
    form, draft = deed.form, await draft_of(deed)
    question = _question(deed, draft)
    asked = _asked(form)
    if asked is None or form.errors:
        return _form(draft, form, question)
    done = await change_question(
        deed.session, draft.survey, lock(deed), question["id"], asked, deed.staff, deed.now
    )
    return await after(deed, done, f"#q-{question['id']}") or _form(draft, form, question, outdated=True)


async def good_news(look: Look) -> Page:
    draft = await draft_of(look)
    question = _question(look, draft)
    good = [str(value) for value in question.get("favourable", ())]
    form = Form({"good": good, "theme": [theme_words(question.get("theme", ""))]})
    return _good_news(draft, form, question)


def _good_news(draft: Draft, form: Form, question: Mapping[str, Any], *, outdated: bool = False) -> Page:
    themes = [theme_words(one["theme"]) for one in draft.source["questions"] if one.get("theme")]
    context = {
        "form": form,
        "question": question,
        "answers": answers_of(question),
        "themes": list(dict.fromkeys(themes)),
        "outdated": outdated,
    }
    return Page("staff/survey_draft_good_news.html", stands(draft) | context)


async def save_good_news(deed: Deed) -> Done | Page:
    form, draft = deed.form, await draft_of(deed)
    question = _question(deed, draft)
    values = [value for value, _ in answers_of(question) if str(value) in form.several("good")]
    if values and len(values) == len(answers_of(question)):
        form.fail("good", "If every answer is good news, none tells anything: leave one out, or all")
    theme = slug(form.text("theme"), (), "_", "")
    if form.text("theme") and not theme:
        form.fail("theme", "Name the theme with letters from a to z, such as Being valued")
    if form.errors:
        return _good_news(draft, form, question)
    done = await set_favourable(
        deed.session, draft.survey, lock(deed), question["id"], values, deed.staff, deed.now, theme=theme
    )
    return await after(deed, done, f"#q-{question['id']}") or _good_news(draft, form, question, outdated=True)


async def asked_of(look: Look) -> Page:
    draft = await draft_of(look)
    question = _question(look, draft)
    needs = question.get("asked_if") or {"question": "", "values": []}
    chosen = [f"{needs['question']}:{value}" for value in needs["values"]]
    return _asked_of(draft, Form({"after": chosen}), question)


def _earlier(draft: Draft, question: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The questions before this one whose answers can lead to it."""
    before = []
    for other in draft.source["questions"]:
        if other["id"] == question["id"]:
            break
        if answers_of(other):
            before.append(other)
    return before


def _asked_of(draft: Draft, form: Form, question: Mapping[str, Any], *, outdated: bool = False) -> Page:
    earlier = [
        (other["id"], other["text"].get("en", ""), answers_of(other)) for other in _earlier(draft, question)
    ]
    context = {"form": form, "question": question, "earlier": earlier, "outdated": outdated}
    form.anchors["after"] = f"after-{earlier[0][0]}-{earlier[0][2][0][0]}" if earlier else "after"
    return Page("staff/survey_draft_asked_of.html", stands(draft) | context)


async def save_asked_of(deed: Deed) -> Done | Page:
    """The ticks, which have to be answers to one earlier question; none means that everybody is asked."""
    form, draft = deed.form, await draft_of(deed)
    question = _question(deed, draft)
    offered = {other["id"]: other for other in _earlier(draft, question)}
    ticked = [tick.rpartition(":") for tick in form.several("after")]
    values = [
        (id, value)
        for id, _, text in ticked
        if id in offered
        and (value := whole_number(text)) is not None
        and value in dict(answers_of(offered[id]))
    ]
    named = {id for id, _ in values}
    if len(named) > 1:
        form.fail("after", "Tick answers to one question only")
    elif values and len(values) == len(answers_of(offered[values[0][0]])):
        form.fail("after", "With every answer ticked it is asked of everybody: leave one out, or all")
    if form.errors:
        return _asked_of(draft, form, question)
    done = await set_condition(
        deed.session,
        draft.survey,
        lock(deed),
        question["id"],
        values[0][0] if values else "",
        [value for _, value in values],
        deed.staff,
        deed.now,
    )
    return await after(deed, done, f"#q-{question['id']}") or _asked_of(draft, form, question, outdated=True)


async def move(deed: Deed) -> Done:
    draft = await draft_of(deed)
    question = _question(deed, draft)
    places = -1 if deed.form.text("places") == "up" else 1
    done = await move_question(
        deed.session, draft.survey, lock(deed), question["id"], places, deed.staff, deed.now
    )
    back = f"{stands(draft)['here']}#q-{question['id']}"
    match done:
        case Edited.SAVED:
            return Done(back)
        case Edited.OUT_OF_ORDER:
            return Done(back, "It stays where it is: a question comes after the one on which it depends.")
    return Done(back, OUTDATED)


async def ask_to_remove(look: Look) -> Page:
    draft = await draft_of(look)
    question = _question(look, draft)
    hang = [question_of(draft.source, id) or {} for id in dependents(draft.source, question["id"])]
    is_outcome = draft.source.get("outcome", {}).get("question") == question["id"]
    context = {"question": question, "hang": hang, "is_outcome": is_outcome}
    return Page("staff/survey_draft_remove.html", stands(draft) | context)


async def remove(deed: Deed) -> Done:
    draft = await draft_of(deed)
    question = _question(deed, draft)
    done = await remove_question(deed.session, draft.survey, lock(deed), question["id"], deed.staff, deed.now)
    here = stands(draft)["here"]
    match done:
        case Edited.SAVED:
            return Done(f"{here}#questions", "The question is taken out.")
        case Edited.NEEDED:
            return Done(f"{here}/questions/{question['id']}/remove")
    return Done(here, OUTDATED)
