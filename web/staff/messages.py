"""What carers wrote: whose it is, answering it, settling it, taking words away."""

from collections.abc import Sequence
from urllib.parse import urlencode

from aiohttp import web

from care.answers import LONGEST_ANSWER, answer, redact
from care.threads import (
    Result,
    Shown,
    ThreadSearch,
    ThreadView,
    Written,
    counts,
    give_back,
    hand_over,
    list_threads,
    others_of_carer,
    owners,
    possible_owners,
    reopen,
    settle,
    take,
    view_thread,
)
from carers.roles import Action, StaffMember
from carers.sent_forms import Undo
from web.staff.forms import Form
from web.staff.views import Deed, Done, Look, Page, Route, do, see
from web.staff.words import delivery_in_words, reason_in_words
from web.whole_numbers import whole_number

_NOBODY = "nobody"
_WAYS = {"app": "on Telegram", "email": "by email", "letter": "by letter"}


def routes() -> list[Route]:
    return [
        see("/messages", Action.READ_MESSAGES, threads),
        see("/messages/{thread}", Action.READ_MESSAGES, thread),
        do("/messages/{thread}/take", Action.ANSWER_MESSAGES, take_it),
        do("/messages/{thread}/give-back", Action.ANSWER_MESSAGES, give_it_back),
        do("/messages/{thread}/hand-over", Action.ANSWER_MESSAGES, hand_it_over),
        do("/messages/{thread}/answer", Action.ANSWER_MESSAGES, send_answer),
        do("/messages/{thread}/settle", Action.ANSWER_MESSAGES, settle_it),
        do("/messages/{thread}/reopen", Action.ANSWER_MESSAGES, open_again),
        see("/messages/{thread}/redact/{message}", Action.ANSWER_MESSAGES, ask_to_redact),
        do("/messages/{thread}/redact/{message}", Action.ANSWER_MESSAGES, take_words_away),
    ]


async def threads(look: Look) -> Page:
    """A list: what waits, what is mine, answered or settled."""
    staff = await owners(look.session)
    search, owner = searched(look, staff), look.asked("owner")
    items = [("", "Anybody"), (_NOBODY, "Nobody yet"), *((str(one.id), one.name) for one in staff)]
    context = {
        "found": await list_threads(look.session, search, look.page),
        "counts": await counts(look.session, look.staff),
        "search": search,
        "owner": owner if search.owner_id is not None else "",
        "owners": [{"value": value, "text": text} for value, text in items],
        "query": urlencode({"show": search.shown.value, "owner": owner, "q": search.words}),
        "own": look.own_households is not None,
    }
    return Page("staff/messages.html", context)


def searched(look: Look, staff: Sequence[StaffMember]) -> ThreadSearch:
    """Which conversations the address asks for; what it asks for wrongly is left out."""
    asked = look.asked("show")
    shown = Shown(asked) if asked in set(Shown) else Shown.WAITING
    owner_id = {_NOBODY: 0, **{str(one.id): one.id for one in staff}}.get(look.asked("owner"))
    return ThreadSearch(shown, look.staff.id, look.own_households, owner_id, look.asked("q"))


async def thread(look: Look) -> Page:
    return await _page(look, await _thread(look), Form())


async def _thread(look: Look) -> ThreadView:
    """The conversation of the address as this person may see it. Raises 404 where there is none."""
    view = await view_thread(look.session, look.number("thread"), look.staff)
    if view is None:
        raise web.HTTPNotFound
    return view


async def _page(look: Look, view: ThreadView, form: Form) -> Page:
    colleagues = await possible_owners(look.session, view.line.carer_id)
    context = {
        "view": view,
        "form": form,
        "fates": {one.id: _fate(one) for one in view.written},
        "mine": view.line.owner_id == look.staff.id,
        "colleagues": [
            {"value": str(one.id), "text": one.name} for one in colleagues if one.id != view.line.owner_id
        ],
        "others": await others_of_carer(look.session, view.line),
        "way": _WAYS.get(view.line.way or ""),
        "longest": LONGEST_ANSWER,
    }
    return Page("staff/thread.html", context)


def _fate(one: Written) -> str:
    """What became of an answer, in words; empty for what the carer wrote."""
    if one.by is None or one.state is None:
        return ""
    if one.state == "sent":
        return "Posted" if one.channel == "letter" else f"Sent {_WAYS.get(one.channel or '', '')}".strip()
    if one.text is None:
        return "Not sent" if one.state != "recalled" else "Deleted in their chat"
    if one.channel == "letter" and one.state in ("queued", "held"):
        return "To be printed under Letters"
    if one.state == "queued":
        return "Goes out in a moment"
    why = reason_in_words(one.reason)
    return f"{delivery_in_words(one.state)}{f': {why.lower()}' if why else ''}"


def _at(view: ThreadView) -> str:
    return f"/messages/{view.line.id}"


def _came(view: ThreadView, result: Result, done: str, undo: Undo | None = None) -> Done:
    """Back to the conversation, with what came of a deed and, where it did something, what takes it back.
    Raises 404 where it is gone."""
    if result is Result.NOT_FOUND:
        raise web.HTTPNotFound
    name = view.line.name
    said = {
        Result.DONE: done,
        Result.NOTHING: "It was so already.",
        Result.TAKEN: "Nothing was changed: a colleague has taken this conversation meanwhile.",
        Result.CHANGED: "Nothing was changed: something new was written meanwhile. Please read it first.",
        Result.SETTLED: "Nothing was changed: this conversation was settled meanwhile.",
        Result.OTHER_OPEN: f"{name} has written since. Go on in their open conversation.",
        Result.NOT_THEM: f"Nothing was changed: that colleague may not read what {name} wrote.",
    }
    return Done(_at(view), said[result], undo if result is Result.DONE else None)


def _number(form: Form, name: str) -> int:
    """A hidden number of the page; 0 for what is none."""
    text = form.text(name)
    return whole_number(text) or 0


async def take_it(deed: Deed) -> Done:
    view = await _thread(deed)
    result = await take(deed.session, view.line.id, deed.staff, deed.now)
    return _came(view, result, "This conversation is yours now.", Undo(f"{_at(view)}/give-back", {}))


async def give_it_back(deed: Deed) -> Done:
    view = await _thread(deed)
    result = await give_back(deed.session, view.line.id, deed.staff, deed.now)
    return _came(view, result, "It waits for anybody again.", Undo(f"{_at(view)}/take", {}))


async def hand_it_over(deed: Deed) -> Done | Page:
    view, form = await _thread(deed), deed.form
    colleagues = {str(one.id): one for one in await possible_owners(deed.session, view.line.carer_id)}
    to = form.choice("owner", colleagues, required="Choose a colleague")
    if form.errors:
        return await _page(deed, view, form)
    was = _number(form, "was") or None
    result = await hand_over(deed.session, view.line.id, int(to), was, deed.staff, deed.now)
    back = Undo(f"{_at(view)}/hand-over", {"owner": str(was), "was": to}) if was else None
    return _came(view, result, f"{colleagues[to].name} looks after this conversation now.", back)


async def send_answer(deed: Deed) -> Done | Page:
    view, form = await _thread(deed), deed.form
    text = form.words("text", required="Write an answer", most=LONGEST_ANSWER)
    if form.errors:
        return await _page(deed, view, form)
    result = await answer(deed.session, view.line.id, text, _number(form, "seen"), deed.staff, deed.now)
    if result is Result.CHANGED:
        form.fail("text", "Something new was written meanwhile. Read it above, then send your answer again")
    elif result is Result.SETTLED:
        form.fail("text", "This conversation is settled. Reopen it to answer; keep your words until then")
    if form.errors:
        return await _page(deed, view, form)
    return _came(view, result, f"Your answer to {view.line.name} is on its way.")


async def settle_it(deed: Deed) -> Done:
    view = await _thread(deed)
    seen = _number(deed.form, "seen")
    result = await settle(deed.session, view.line.id, seen, deed.staff, deed.now)
    return _came(view, result, "This conversation is settled.", Undo(f"{_at(view)}/reopen", {}))


async def open_again(deed: Deed) -> Done:
    view = await _thread(deed)
    result = await reopen(deed.session, view.line.id, deed.staff, deed.now)
    back = Undo(f"{_at(view)}/settle", {"seen": str(view.seen)})
    return _came(view, result, "This conversation is open again, and yours.", back)


async def ask_to_redact(look: Look) -> Page:
    view = await _thread(look)
    found = next((one for one in view.written if one.id == look.number("message") and one.text), None)
    if found is None:
        raise web.HTTPNotFound
    lines = (
        "The words are erased for good, here and in the database. That somebody wrote stays.",
        "In the carer’s chat the message is deleted too, if it is less than two days old. What went out by "
        "email or on paper cannot be called back.",
        "Do this at once when a message names a child or tells of a case.",
    )
    context = {"title": "Take these words away?", "lines": lines, "back": _at(view), "warning": True}
    action = f"{_at(view)}/redact/{found.id}"
    quote = {"quote": found.text, "action": action, "button": "Take the words away"}
    return Page("staff/confirm.html", {**context, **quote})


async def take_words_away(deed: Deed) -> Done:
    view = await _thread(deed)
    result = await redact(deed.session, view.line.id, deed.number("message"), deed.staff, deed.now)
    return _came(view, result, "The words are gone.")
