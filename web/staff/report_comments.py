"""What the service says under a section of a report: written beside the figures, with its numbers questioned.

A number that the data do not say is asked about: the writer changes it, or ticks that it stays. Words that
the public version leaves out are saved once their writer has read that it does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlencode

from aiohttp import web

from care.report_comments import LONGEST, Place, ServiceComment, Written, service_comments, write_comment
from carers.roles import Action
from carers.sent_forms import Undo
from reports.figures import Figure
from reports.outline import meanings, outline
from reports.parts import Section
from reports.report import Report
from reports.sentences import sentence
from reports.typed import Data, Question, left_out, questions
from web.staff.forms import Form
from web.staff.report_show import meanings_of
from web.staff.report_wanted import Wanted, counted, which, years_there_are
from web.staff.views import Deed, DeedView, Done, Look, Page, Route, do_once_read, see

WRITE = Action.WRITE_REPORTS
TAKE_AWAY = "take-away"
EMPTY = "Enter what the service says"
EMPTY_AGAIN = "Enter what the service says, or take the words away below"


def routes() -> list[Route]:
    one = "/reports/comments/{section}"
    return [see(one, WRITE, edit), do_once_read(one, WRITE, hold_against)]


@dataclass(frozen=True, slots=True)
class Here:
    """Where somebody writes. ``report`` is internal; ``public`` None where it is not needed or nobody has
    counted it yet. ``present``: what stands there."""

    report: Report
    public: Report | None
    section: Section
    present: ServiceComment | None

    @property
    def address(self) -> str:
        return f"/reports/comments/{self.section.key}?{urlencode({'year': str(self.report.year)})}"

    @property
    def back(self) -> str:
        return f"{Wanted(self.report.year).address}#{self.section.key}"

    @property
    def mark(self) -> str:
        return self.present.mark if self.present else ""

    def place(self, seen: str) -> Place:
        return Place(self.report.year.start, self.section.key, seen)

    def questions(self, text: str) -> list[Question]:
        """A question for each number that the data do not say, each number once; none where the text is too
        long to be saved, for a megabyte of them would take its time."""
        asked: dict[str, Question] = {}
        if len(text) > LONGEST:
            return []
        for one in questions(text, _data(self.report)):
            asked.setdefault(one.number, one)
        return list(asked.values())

    def left_out(self, text: str) -> list[str]:
        """What keeps these words from the public version, as far as it is counted."""
        return left_out(text, _data(self.public)) if self.public and len(text) <= LONGEST else []


def _data(report: Report) -> Data:
    return Data(report.figures, report.years)


async def edit(look: Look) -> Page:
    here = await _here(look)
    return _page(here, Form({**_as_sent(here), "seen": [here.mark]}))


async def hold_against(look: Look) -> DeedView:
    """Count both versions, which on a large register takes its time, and write with them at hand."""
    return partial(write, await _here(look, writing=True))


async def write(here: Here, deed: Deed) -> Done | Page:
    here, form = await _as_it_stands(deed, here), deed.form
    gone = form.text("then") == TAKE_AWAY
    text = "" if gone else form.text("text")
    told = gone or _check(here, form)
    if form.errors or not told:
        return _page(here, form, ask_again=not form.errors)
    kept = [one.number for one in here.questions(text)]
    written = await write_comment(
        deed.session, here.place(form.text("seen")), text, kept, deed.staff, deed.now
    )
    if written is Written.OVERTAKEN:
        here = await _as_it_stands(deed, here)
        form.values["seen"] = [here.mark]
        return _page(here, form, overtaken=True)
    if written is Written.SAME:
        return Done(here.back, "It stands as it was. Nothing was changed.")
    return Done(here.back, _said(here, text), await _undo(deed, here))


async def _here(look: Look, *, writing: bool = False) -> Here:
    """The section of the report that the address names. Raises 404 where there is none, and leads to the
    report where nobody has counted it yet: there is nothing to hold the words against."""
    wanted = Wanted(which(look, await years_there_are(look)).year)
    found = await counted(look, wanted)
    if found is None:
        raise web.HTTPSeeOther(wanted.address)
    key = look.request.match_info["section"]
    section = next((one for one in outline(found.report) if one.key == key), None)
    if section is None:
        raise web.HTTPNotFound
    here = await _as_it_stands(look, Here(found.report, None, section, None))
    if here.present or writing:
        public = await counted(look, Wanted(wanted.year, public=True))
        here = replace(here, public=public.report if public else None)
    return here


async def _as_it_stands(look: Look, here: Here) -> Here:
    written = await service_comments(look.session, here.report.year.start)
    return replace(here, present=written.get(here.section.key))


def _check(here: Here, form: Form) -> bool:
    """Note what is wrong; whether the writer has been told of all that the public version leaves out."""
    text = form.text("text")
    if not text:
        form.fail("text", EMPTY_AGAIN if here.present else EMPTY)
    elif len(text) > LONGEST:
        form.fail("text", f"Use {LONGEST:,} characters or fewer")
    kept = form.several("keep")
    for number, question in enumerate(here.questions(text)):
        if question.number not in kept:
            name = f"keep-{number + 1}" if number else "keep"
            form.fail(name, f"You wrote {question.number}. {_data_say(question.says[:1])}")
    return set(here.left_out(text)) <= set(form.several("told"))


def _data_say(figures: Sequence[Figure]) -> str:
    said = " ".join(filter(None, map(sentence, figures)))
    return f"The data say: {said}" if said else "No figure of this report says so."


def _page(here: Here, form: Form, *, ask_again: bool = False, overtaken: bool = False) -> Page:
    text = form.text("text")
    asked = here.questions(text)
    context = {
        "form": form,
        "here": here,
        "longest": LONGEST,
        "take_away": TAKE_AWAY,
        "items": [_item(one, form) for one in asked],
        "left_out": here.left_out(text),
        "ask_again": ask_again,
        "overtaken": overtaken,
        "meanings": meanings_of(here.section, meanings(here.report)),
    }
    return Page("staff/report_comment.html", context)


def _item(question: Question, form: Form) -> dict[str, object]:
    """The tick by which a number stays."""
    return {
        "value": question.number,
        "text": f"Keep “{question.number}” as I wrote it",
        "hint": {"text": f"In “{question.clause}” {_data_say(question.says)}"},
        "checked": question.number in form.several("keep"),
    }


def _said(here: Here, text: str) -> str:
    if not text:
        return f"The words under “{here.section.title}” are taken away."
    left = " The public version leaves it out." if here.left_out(text) else ""
    return f"It stands under “{here.section.title}” now.{left}"


def _as_sent(here: Here) -> dict[str, list[str]]:
    """The fields of the form that writes what stands there."""
    if here.present is None:
        return {}
    text, kept = here.present.text, list(here.present.kept_numbers)
    return {"text": [text], "keep": kept, "told": here.left_out(text)}


async def _undo(deed: Deed, before: Here) -> Undo:
    """The form that puts back what stood there, over what stands there now."""
    fields = _as_sent(before) or {"then": [TAKE_AWAY]}
    return Undo(before.address, {**fields, "seen": (await _as_it_stands(deed, before)).mark})
