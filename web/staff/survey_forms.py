"""The surveys that there are: the list, one as carers meet it with its versions, files out and in."""

from dataclasses import dataclass
from typing import Any

from aiohttp import web
from markupsafe import Markup

from carers.audit import record
from carers.roles import Action
from surveys.checking import LONGEST, Part
from surveys.definition import Definition
from surveys.editing import Edited, find_draft
from surveys.form_use import Shelved, bring_back, retire
from surveys.form_views import FormPage, Screen, form_lines, form_page, screens
from surveys.publishing import begin, begin_new, take_in
from surveys.reading import WrongDefinition, read_definition
from surveys.shaping import LARGEST, file_of
from texts.catalogue import LANGUAGES
from texts.render import Texts
from web.parts import PARTS
from web.security import document_headers
from web.staff.broadcast_bubble import safe_words
from web.staff.forms import Form
from web.staff.survey_words import OCCASION_NAMES
from web.staff.views import Deed, Done, Look, Page, Route, allowed_visit, do, is_https, see
from web.whole_numbers import whole_number

WRITE = Action.WRITE_SURVEYS
LIST = "/survey-forms"


def routes() -> list[Route]:
    return [
        see(LIST, WRITE, all_forms),
        see(f"{LIST}/new", WRITE, new),
        do(f"{LIST}/new", WRITE, make),
        see(f"{LIST}/file", WRITE, file_form),
        do(f"{LIST}/file", WRITE, bring, largest_file=LARGEST),
        see(f"{LIST}/{{survey}}", WRITE, one_form),
        Route("GET", f"{LIST}/{{survey}}/file", WRITE, take_away),
        do(f"{LIST}/{{survey}}/begin", WRITE, change),
        see(f"{LIST}/{{survey}}/retire", WRITE, ask_to_retire),
        do(f"{LIST}/{{survey}}/retire", WRITE, put_away),
        do(f"{LIST}/{{survey}}/back", WRITE, put_back),
    ]


def survey_of(look: Look) -> str:
    """The survey that the address names."""
    return look.request.match_info["survey"]


async def all_forms(look: Look) -> Page:
    context = {"lines": await form_lines(look.session), "occasions": OCCASION_NAMES, "languages": LANGUAGES}
    return Page("staff/survey_forms.html", context)


async def new(look: Look) -> Page:
    return Page("staff/survey_form_new.html", {"form": Form(), "longest": LONGEST[Part.TITLE]})


async def make(deed: Deed) -> Done | Page:
    form, longest = deed.form, LONGEST[Part.TITLE]
    title = form.words("title", required="Enter a title", most=longest)
    if form.errors:
        return Page("staff/survey_form_new.html", {"form": form, "longest": longest})
    survey = await begin_new(deed.session, title, deed.staff, deed.now)
    return Done(f"{LIST}/{survey}/draft", "Your draft is saved. Add its introduction and its questions.")


async def file_form(look: Look) -> Page:
    return Page("staff/survey_form_file.html", {"form": Form()})


async def bring(deed: Deed) -> Done | Page:
    """Take in a file as a draft: what is wrong with its words is then said where it can be put right."""
    form, file = deed.form, deed.form.files.get("file")
    if file is None:
        form.fail("file", "Choose the file of the survey")
    elif file.content is None:
        form.fail("file", f"The file is larger than {LARGEST // 1024} kB")
    else:
        taken = await take_in(deed.session, file.content, deed.staff, deed.now)
        if isinstance(taken, WrongDefinition):
            form.fail("file", f"{taken}")
        elif taken[0] is Edited.EXISTS:
            form.fail("file", f"There is a draft of {taken[1]} already. Publish or discard it first")
        else:
            return Done(f"{LIST}/{taken[1]}/draft", "The file is taken in as a draft.")
    return Page("staff/survey_form_file.html", {"form": form})


async def one_form(look: Look) -> Page:
    """A version as carers meet it, in one language: the one that holds, or the one asked for."""
    form = await _form(look)
    number = whole_number(look.asked("version")) if look.asked("version") else None
    version = form.version(number)
    if version is None and (number is not None or form.versions):
        raise web.HTTPNotFound
    definition = read_definition(version.source) if version else None
    context = {"survey": form, "version": version, "definition": definition, "occasions": OCCASION_NAMES}
    return Page("staff/survey_form.html", context | preview(look, definition))


def preview(look: Look, definition: Definition | None) -> dict[str, Any]:
    """What the template ``survey_preview.html`` needs, in the language that the address asks for."""
    language = look.asked("language") if look.asked("language") in LANGUAGES else "en"
    shown = screens(definition, language, look.now) if definition else []
    texts = look.parts.texts
    return {
        "language": language,
        "languages": LANGUAGES,
        "steps": [(_seen(texts, one, language), one.because) for one in shown],
        "blocks": definition.blocks if definition else (),
        "complete": language in definition.languages() if definition else True,
    }


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as a telephone shows it. ``words`` is safe to put into a page; ``rows`` are its buttons."""

    words: Markup
    language: str
    rows: tuple[tuple[str, ...], ...]


def _seen(texts: Texts, screen: Screen, language: str) -> Seen:
    message = texts.render(screen.kind, screen.params, language)
    rows = tuple(tuple(button.label for button in row) for row in message.buttons)
    return Seen(safe_words(message.text), language, rows)


async def _form(look: Look) -> FormPage:
    form = await form_page(look.session, survey_of(look))
    if form is None:
        raise web.HTTPNotFound
    return form


async def take_away(request: web.Request) -> web.StreamResponse:
    """A version, or the draft, as a file that another service can take in."""
    parts = request.app[PARTS]
    now, survey, asked = parts.clock(), request.match_info["survey"], request.query.get("version", "")
    visit = await allowed_visit(request, WRITE, now)
    async with parts.database.write() as session:
        draft, form = await find_draft(session, survey), await form_page(session, survey)
        version = form.version(whole_number(asked) if asked else None) if form else None
        source = draft.source if draft and asked == "draft" else version.source if version else None
        if source is None:
            raise web.HTTPNotFound
        await record(session, now, visit.staff, "survey_form.export", f"survey:{survey}")
    headers = {
        **document_headers(https=is_https(parts)),
        "Content-Disposition": f'attachment; filename="{survey}.json"',
        "Cache-Control": "no-store",
    }
    return web.Response(body=file_of(source), content_type="application/json", headers=headers)


async def change(deed: Deed) -> Done:
    """Begin a draft, or go on with the one that there is."""
    survey = survey_of(deed)
    begun = await begin(deed.session, survey, deed.staff, deed.now)
    if begun is Edited.NOT_FOUND:
        raise web.HTTPNotFound
    said = "" if begun is Edited.SAVED else "There was a draft already: this is it."
    return Done(f"{LIST}/{survey}/draft", said)


async def ask_to_retire(look: Look) -> Page:
    form = await _form(look)
    here = f"{LIST}/{form.survey}"
    if form.uses.keep:
        return Page("staff/survey_form_in_use.html", {"survey": form, "occasions": OCCASION_NAMES})
    context = {
        "title": f"Take “{form.title}” out of use?",
        "lines": ["It is not offered for new rounds any more. Rounds that run go on, and results stay."],
        "back": here,
        "action": f"{here}/retire",
        "button": "Take it out of use",
    }
    return Page("staff/confirm.html", context)


async def put_away(deed: Deed) -> Done:
    form = await _form(deed)
    done = await retire(deed.session, form.survey, deed.staff, deed.now)
    if done is Shelved.IN_USE:
        return Done(f"{LIST}/{form.survey}/retire")
    return Done(
        LIST, f"{form.title} is out of use." if done is Shelved.DONE else "It was out of use already."
    )


async def put_back(deed: Deed) -> Done:
    form = await _form(deed)
    done = await bring_back(deed.session, form.survey, deed.staff, deed.now)
    said = f"{form.title} is in use again." if done is Shelved.DONE else "It was in use already."
    return Done(f"{LIST}/{form.survey}", said)
