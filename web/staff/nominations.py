"""Nominations by carers: read, found out who is meant, shortlisted for a forum, celebrated or set aside."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from aiohttp import web

from care import nominations, shortlisting
from care.nominations import Line, NominationState
from care.shortlisting import LONGEST_CITATION, Outcome
from carers.finding import people
from carers.roles import Action
from carers.sent_forms import Undo
from web.staff.forms import Form
from web.staff.views import Deed, Done, Look, Noted, Page, Route, do, see
from web.staff.words import plural
from web.whole_numbers import whole_number

SEE = Action.SEE_NOMINATIONS
TABS = {
    "new": ("New", NominationState.NEW),
    "shortlisted": ("Shortlisted", NominationState.SHORTLISTED),
    "celebrated": ("Celebrated", NominationState.CELEBRATED),
    "set_aside": ("Set aside", NominationState.SET_ASIDE),
}
MOST_FOUND = 8
REFUSED = {
    Outcome.OUTDATED: "Nothing was changed: a colleague changed this nomination meanwhile. Please read it.",
    Outcome.WRONG_STATE: "Nothing was changed: this nomination stands otherwise by now.",
    Outcome.NOBODY: "Nothing was changed: choose first who is meant.",
    Outcome.NO_SUCH_PERSON: "Nothing was changed: they are not in the register any more.",
}


def routes() -> list[Route]:
    one = "/nominations/{nomination}"
    return [
        see("/nominations", SEE, all_nominations),
        see("/nominations/forums/{event}", SEE, forum),
        see(one, SEE, one_nomination),
        do(f"{one}/match", SEE, match),
        do(f"{one}/shortlist", SEE, shortlist),
        do(f"{one}/celebrate", SEE, celebrate),
        do(f"{one}/set-aside", SEE, set_aside),
        do(f"{one}/reopen", SEE, reopen),
        see(f"{one}/redact", SEE, ask_to_redact),
        do(f"{one}/redact", SEE, redact),
    ]


async def all_nominations(look: Look) -> Page:
    show = look.asked("show") if look.asked("show") in TABS else "new"
    listed = await nominations.list_in(look.session, state_asked(look), look.page)
    context = {
        "tabs": [(value, text) for value, (text, _) in TABS.items()],
        "show": show,
        "listed": listed,
        "groups": _by_forum(listed.lines) if show == "shortlisted" else [(None, list(listed.lines))],
        "forums": await nominations.forums_of_late(look.session, look.now),
    }
    return Page("staff/nominations.html", context)


def state_asked(look: Look) -> NominationState:
    """The state of the nominations that the address asks for."""
    return TABS.get(look.asked("show"), TABS["new"])[1]


def _by_forum(lines: Sequence[Line]) -> list[tuple[Any, list[Line]]]:
    """Those of one forum together, the soonest forum first."""

    def forum_of(line: Line) -> tuple[bool, Any, int]:
        return (True, line.event.starts_at, line.event.id) if line.event else (False, 0, 0)

    ordered = sorted(lines, key=forum_of)
    return [(found[0].event, found) for _, group in groupby(ordered, key=forum_of) if (found := list(group))]


async def forum(look: Look) -> Page:
    """What is read out at a forum, to print. Raises 404 where there is no such event."""
    found = await nominations.for_forum(look.session, look.number("event"))
    if found is None:
        raise web.HTTPNotFound
    event, lines = found
    noted = Noted("nomination.print", f"event:{event.ref}", {"nominations": len(lines)})
    return Page("staff/nominations_forum.html", {"event": event, "lines": lines}, noted=noted)


async def one_nomination(look: Look) -> Page:
    return await _page(look, await _nomination(look))


async def _nomination(look: Look) -> Line:
    """The nomination of the address. Raises 404 where there is none."""
    line = await nominations.one_nomination(look.session, look.number("nomination"))
    if line is None:
        raise web.HTTPNotFound
    return line


async def _page(look: Look, line: Line, form: Form | None = None) -> Page:
    it = line.nomination
    forums = await nominations.forums_to_come(look.session, look.now)
    filled = Form.filled({"citation": it.citation, "event": it.event_id or (forums[0].id if forums else "")})
    words, people = await _people(look, line)
    context = {
        "line": line,
        "here": f"/nominations/{line.id}",
        "form": form or filled,
        "words": words,
        "people": people,
        "forums": forums,
        "longest": LONGEST_CITATION,
    }
    return Page("staff/nomination.html", context)


async def _people(look: Look, line: Line) -> tuple[str, list[dict[str, str]]]:
    """What was searched for, and the carers and households found: at first by the name that was written, and
    if nobody is called so, by the last word of it."""
    asked = look.asked("q")
    if line.of and not asked:
        return "", []
    whom = line.nomination.whom or ""
    found: list[dict[str, str]] = []
    for words in [asked] if asked else [whom, *whom.split()[-1:]]:
        found = await _found(look, words) if words else []
        if found:
            break
    return asked or whom, found


async def _found(look: Look, words: str) -> list[dict[str, str]]:
    carers, homes = await people(look.session, words, look.staff, look.now, look.zone, MOST_FOUND)
    return [
        *({"value": f"carer-{one.id}", "text": f"{one.name}, household {one.home}"} for one in carers),
        *({"value": f"household-{one.id}", "text": f"The household {one.ref}: {one.name}"} for one in homes),
    ]


async def match(deed: Deed) -> Done | Page:
    line, form = await _nomination(deed), deed.form
    kind, _, number = form.text("who").partition("-")
    person, was = whole_number(number) if kind in ("carer", "household") else None, _meant(line)
    if person is None and form.text("who") != "nobody":
        form.fail("who", "Choose who is meant")
        return await _page(deed, line, form)
    done = await shortlisting.match(
        deed.session,
        line.id,
        _version(form),
        deed.staff,
        deed.now,
        carer_id=person if kind == "carer" else None,
        household_id=person if kind == "household" else None,
    )
    said = "It is noted who is meant." if person else "It is open again who is meant."
    return await _came(deed, line, done, said, Undo(f"/nominations/{line.id}/match", {"who": was}))


def _meant(line: Line) -> str:
    """Who is meant by now, as the form says it."""
    it = line.nomination
    if it.carer_id is not None:
        return f"carer-{it.carer_id}"
    return f"household-{it.household_id}" if it.household_id is not None else "nobody"


async def shortlist(deed: Deed) -> Done | Page:
    """Keep what was typed where a colleague was faster: the next press saves it."""
    line, form = await _nomination(deed), deed.form
    undo = _reopening(line)
    forums = {str(event.id): event for event in await nominations.forums_to_come(deed.session, deed.now)}
    event = form.choice("event", forums, required="Choose a forum to come")
    citation = form.words("citation", required="Enter what is read out", most=LONGEST_CITATION)
    if form.errors:
        return await _page(deed, line, form)
    done = await shortlisting.shortlist(
        deed.session, line.id, int(event), citation, _version(form), deed.staff, deed.now
    )
    if done is Outcome.OUTDATED:
        form.fail("citation", "A colleague changed this nomination meanwhile. Look at it, then save again")
        return await _page(deed, line, form)
    return await _came(deed, line, done, f"It is on the list for {forums[event].title}.", undo)


async def celebrate(deed: Deed) -> Done:
    line = await _nomination(deed)
    done = await shortlisting.celebrate(deed.session, line.id, _version(deed.form), deed.staff, deed.now)
    said = f"It is noted as celebrated: {line.of or 'they'}."
    return await _came(deed, line, done, said, Undo(f"/nominations/{line.id}/reopen", {}))


async def set_aside(deed: Deed) -> Done:
    line = await _nomination(deed)
    undo = _reopening(line)
    done = await shortlisting.set_aside(deed.session, line.id, _version(deed.form), deed.staff, deed.now)
    return await _came(deed, line, done, "It is set aside.", undo)


async def reopen(deed: Deed) -> Done:
    line = await _nomination(deed)
    undo = _deciding(line)
    done = await shortlisting.reopen(deed.session, line.id, _version(deed.form), deed.staff, deed.now)
    return await _came(deed, line, done, "The decision is taken back.", undo)


def _reopening(line: Line) -> Undo | None:
    """What takes back a decision about a new one. One that was on the list of a forum keeps its buttons: to
    reopen it would take it off that list too."""
    new = line.nomination.state is NominationState.NEW
    return Undo(f"/nominations/{line.id}/reopen", {}) if new else None


def _deciding(line: Line) -> Undo | None:
    """What decides again as it was decided; the list of a forum is chosen anew."""
    deeds = {NominationState.SET_ASIDE: "set-aside", NominationState.CELEBRATED: "celebrate"}
    deed = deeds.get(line.nomination.state)
    return Undo(f"/nominations/{line.id}/{deed}", {}) if deed else None


def _version(form: Form) -> int:
    """The version that the page showed; 0, which none has, for what is none."""
    return whole_number(form.text("version")) or 0


async def _came(deed: Deed, line: Line, done: Outcome, said: str, undo: Undo | None = None) -> Done:
    """Back to the nomination. What takes the deed back names the version that it made."""
    here = f"/nominations/{line.id}"
    if done is not Outcome.DONE:
        return Done(here, REFUSED[done])
    version = {"version": str((await _nomination(deed)).nomination.version)}
    return Done(here, said, replace(undo, fields={**undo.fields, **version}) if undo else None)


async def ask_to_redact(look: Look) -> Page:
    line = await _nomination(look)
    here, it = f"/nominations/{line.id}", line.nomination
    context = {
        "title": "Take the words of this nomination away?",
        "quote": f"{it.whom or ''}\n{it.words or ''}".strip(),
        "lines": (
            "The name and the words are erased for good. What stays is that somebody nominated, and what"
            " staff wrote to be read out.",
            "Do this at once when a nomination names a child or tells of a case.",
        ),
        "back": here,
        "action": f"{here}/redact",
        "button": "Take the words away",
        "warning": True,
    }
    return Page("staff/confirm.html", context)


async def redact(deed: Deed) -> Done:
    line = await _nomination(deed)
    done = await shortlisting.redact(deed.session, line.id, deed.staff, deed.now)
    said = "The words are gone." if done is Outcome.DONE else "There were no words any more."
    return Done(f"/nominations/{line.id}", said)


def waiting_words(number: int) -> str:
    """What the first page says of new ones."""
    return f"{plural(number, 'new nomination')} to look at"
