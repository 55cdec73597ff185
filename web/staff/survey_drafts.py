"""Writing a survey in the console: its draft as a whole, what stands over the questions, other languages."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from surveys.checking import LONGEST, LONGEST_MINUTES, Part
from surveys.definition import Definition, Occasion
from surveys.draft_questions import values_of
from surveys.draft_texts import LABELLED, texts
from surveys.editing import (
    TRANSLATED,
    Asking,
    Draft,
    Edited,
    Head,
    change_asking,
    change_head,
    find_draft,
    translate,
)
from surveys.form_views import form_page
from surveys.reading import WrongDefinition, read_definition
from web.staff.forms import Form
from web.staff.survey_forms import LIST, WRITE, preview, survey_of
from web.staff.survey_words import OCCASION_NAMES, OCCASIONS, TYPES, remarks
from web.staff.views import Deed, Done, Look, Page, Route, do, see

DRAFT = f"{LIST}/{{survey}}/draft"
OUTDATED = "Somebody else changed this draft meanwhile. Look at it as it stands now, and try again."


def routes() -> list[Route]:
    return [
        see(DRAFT, WRITE, whole),
        see(f"{DRAFT}/preview", WRITE, as_carers_see_it),
        see(f"{DRAFT}/about", WRITE, about),
        do(f"{DRAFT}/about", WRITE, save_about),
        see(f"{DRAFT}/asking", WRITE, asking),
        do(f"{DRAFT}/asking", WRITE, save_asking),
        see(f"{DRAFT}/words/{{language}}", WRITE, translation),
        do(f"{DRAFT}/words/{{language}}", WRITE, save_translation),
    ]


async def draft_of(look: Look) -> Draft:
    """The draft of the address. Where there is none any more: on to the survey, or 404 if there is none."""
    survey = survey_of(look)
    draft = await find_draft(look.session, survey)
    if draft is None:
        if await form_page(look.session, survey) is None:
            raise web.HTTPNotFound
        raise web.HTTPSeeOther(f"{LIST}/{survey}")
    return draft


def lock(deed: Deed) -> int:
    """Which state of the draft the form was filled from."""
    return deed.form.count("edited", what="Edited") or 0


def stands(draft: Draft) -> dict[str, Any]:
    """What every page of a draft needs. A form whose draft was changed meanwhile is shown again with this."""
    here = f"{LIST}/{draft.survey}/draft"
    return {"draft": draft, "here": here, "title": draft.source["title"].get("en") or draft.survey}


async def after(deed: Deed, done: Edited, anchor: str = "") -> Done | None:
    """Where a change leads; None: the draft was changed meanwhile, and the form is shown again."""
    if done is Edited.OUTDATED:
        await draft_of(deed)  # it may be gone
        return None
    return Done(f"{LIST}/{survey_of(deed)}/draft{anchor}", "The draft is saved.")


async def whole(look: Look) -> Page:
    """Everything that the draft says, with the way to change each part, and what is wrong with it."""
    draft = await draft_of(look)
    faults = draft.faults
    context = {
        "faults": remarks(draft.source, [fault for fault in faults if fault.stops]),
        "doubts": remarks(draft.source, [fault for fault in faults if not fault.stops]),
        "questions": [described(draft, question) for question in draft.source["questions"]],
        "occasions": OCCASION_NAMES,
        "outcome": _outcome_words(draft),
        "anonymous": _is_anonymous(draft),
        "translations": [
            (language, draft.missing(language), len(draft.unrevised(language))) for language in TRANSLATED
        ],
        "texts": sum(1 for _ in texts(draft.source)),
    }
    return Page("staff/survey_draft.html", stands(draft) | context)


def described(draft: Draft, question: Mapping[str, Any]) -> dict[str, Any]:
    """A question of a draft as its page lists it."""
    needs = question.get("asked_if")
    return {
        "id": question["id"],
        "text": question["text"].get("en", ""),
        "type": TYPES[question["type"]][0],
        "labels": labels(question),
        "good": [label for value, label in answers_of(question) if value in question.get("favourable", ())],
        "theme": theme_words(question.get("theme", "")),
        "can_be_good": question["type"] not in ("several", "text"),
        "because": because(draft, needs) if needs else None,
        "required": question.get("required", False),
        "wellbeing": question.get("wellbeing", False),
    }


def theme_words(theme: str) -> str:
    """A theme as staff read and write it: ``Being valued`` for ``being_valued``."""
    return theme.replace("_", " ").capitalize()


def labels(question: Mapping[str, Any]) -> list[str]:
    """The answers that whoever wrote it worded, in English."""
    return [label.get("en", "") for label in question["options"]] if question["type"] in LABELLED else []


def answers_of(question: Mapping[str, Any]) -> list[tuple[int, str]]:
    """The answers that can be chosen, by number, in English."""
    named = labels(question) or (["Yes", "No"] if question["type"] == "yes/no" else [])
    return [(value, named[at] if named else str(value)) for at, value in enumerate(values_of(question))]


def because(draft: Draft, needs: Mapping[str, Any]) -> tuple[str, list[str]] | None:
    """The earlier question that a condition names, and its answers."""
    earlier = next((one for one in draft.source["questions"] if one["id"] == needs["question"]), None)
    if earlier is None:
        return None
    said = [label for value, label in answers_of(earlier) if value in needs["values"]]
    return earlier["text"].get("en", ""), said


def _is_anonymous(draft: Draft) -> bool:
    questions = draft.source["questions"]
    return bool(draft.source.get("anonymous_only")) or any(one.get("wellbeing") for one in questions)


def _outcome_words(draft: Draft) -> tuple[str, list[str]] | None:
    outcome = draft.source.get("outcome")
    needs = {"question": outcome["question"], "values": [outcome["value"]]} if outcome else None
    return because(draft, needs) if needs else None


async def as_carers_see_it(look: Look) -> Page:
    draft = await draft_of(look)
    definition = _readable(draft)
    return Page(
        "staff/survey_draft_preview.html",
        stands(draft) | {"definition": definition} | preview(look, definition),
    )


def _readable(draft: Draft) -> Definition | None:
    try:
        return read_definition(draft.source)
    except WrongDefinition:
        return None


async def about(look: Look) -> Page:
    draft = await draft_of(look)
    source = draft.source
    filled = {
        "title": source["title"].get("en", ""),
        "introduction": source["introduction"].get("en", ""),
        "minutes": source.get("minutes") or "",
    }
    return _about(draft, Form.filled(filled))


def _about(draft: Draft, form: Form, *, outdated: bool = False) -> Page:
    return Page("staff/survey_draft_about.html", stands(draft) | {"form": form, "outdated": outdated})


async def save_about(deed: Deed) -> Done | Page:
    form, draft = deed.form, await draft_of(deed)
    head = Head(
        form.words("title", required="Enter a title", most=LONGEST[Part.TITLE]),
        form.words("introduction", most=LONGEST[Part.INTRODUCTION]),
        form.count("minutes", what="Minutes", least=1, most=LONGEST_MINUTES) or 0,
    )
    if form.errors:
        return _about(draft, form)
    done = await change_head(deed.session, draft.survey, lock(deed), head, deed.staff, deed.now)
    return await after(deed, done) or _about(draft, form, outdated=True)


async def asking(look: Look) -> Page:
    draft = await draft_of(look)
    outcome = draft.source.get("outcome")
    filled = {
        "anonymous": "yes" if _is_anonymous(draft) else "no",
        "occasion": draft.source.get("occasion", "none"),
        "outcome": f"{outcome['question']}:{outcome['value']}" if outcome else "",
    }
    return _asking(draft, Form.filled(filled))


def _asking(draft: Draft, form: Form, *, outdated: bool = False) -> Page:
    context = {
        "form": form,
        "outdated": outdated,
        "occasions": [{"value": value, "text": text} for value, text in OCCASIONS.items()],
        "outcomes": [{"value": "", "text": "None"}]
        + [{"value": value, "text": text} for value, text in _outcomes(draft).items()],
        "must": any(one.get("wellbeing") for one in draft.source["questions"]),
    }
    return Page("staff/survey_draft_asking.html", stands(draft) | context)


def _outcomes(draft: Draft) -> dict[str, str]:
    """Answers to questions that everybody is asked, of which the results can look for reasons."""
    return {
        f"{question['id']}:{value}": f"{question['text'].get('en', '')[:90]} – {label}"
        for question in draft.source["questions"]
        if question["type"] in ("yes/no", "single") and not question.get("asked_if")
        for value, label in answers_of(question)
    }


async def save_asking(deed: Deed) -> Done | Page:
    form, draft = deed.form, await draft_of(deed)
    anonymous = form.choice("anonymous", ("yes", "no"), required="Say whether it is always anonymous")
    occasion = form.choice("occasion", OCCASIONS, required="Say whether it follows something")
    chosen = form.choice("outcome", ["", *_outcomes(draft)], required="Choose an answer of the list")
    if anonymous == "no" and any(one.get("wellbeing") for one in draft.source["questions"]):
        form.fail("anonymous", "It asks about wellbeing, which may only be asked anonymously")
    if form.errors:
        return _asking(draft, form)
    question, _, value = chosen.partition(":")
    outcome = (question, int(value)) if chosen else None
    said = Asking(anonymous == "yes", Occasion(occasion) if occasion != "none" else None, outcome)
    done = await change_asking(deed.session, draft.survey, lock(deed), said, deed.staff, deed.now)
    return await after(deed, done) or _asking(draft, form, outdated=True)


async def translation(look: Look) -> Page:
    draft, language = await draft_of(look), _language(look)
    return _translation(draft, language, Form.filled(_said(draft, language)))


def _said(draft: Draft, language: str) -> dict[str, object]:
    return {text.key: text.words.get(language, "") for text in texts(draft.source)}


def _translation(draft: Draft, language: str, form: Form, *, outdated: bool = False) -> Page:
    unrevised = draft.unrevised(language)
    lines = [
        {
            "key": text.key,
            "english": text.words.get("en", ""),
            "longest": LONGEST[text.part],
            "long": text.part in (Part.QUESTION, Part.INTRODUCTION),
            "begins": text.part is Part.QUESTION,
            "unrevised": text.key in unrevised,
        }
        for text in texts(draft.source)
        if text.words.get("en")
    ]
    for line in lines:
        form.anchors[str(line["key"])] = _anchor(str(line["key"]))
    context = {"form": form, "language": language, "lines": lines, "anchor": _anchor, "outdated": outdated}
    return Page("staff/survey_draft_words.html", stands(draft) | context)


def _anchor(key: str) -> str:
    return key.replace(":", "-")


def _language(look: Look) -> str:
    language = look.request.match_info["language"]
    if language not in TRANSLATED:
        raise web.HTTPNotFound
    return language


async def save_translation(deed: Deed) -> Done | Page:
    form, draft, language = deed.form, await draft_of(deed), _language(deed)
    said = {
        text.key: form.words(text.key, most=LONGEST[text.part])
        for text in texts(draft.source)
        if text.key in form.values
    }
    if form.errors:
        return _translation(draft, language, form)
    code = next(one for one in TRANSLATED if one == language)
    done = await translate(deed.session, draft.survey, lock(deed), code, said, deed.staff, deed.now)
    return await after(deed, done, "#languages") or _translation(draft, language, form, outdated=True)
