"""Writing to the service, for who has no app or would rather not: acknowledged as in the chat."""

from collections.abc import Sequence
from datetime import timedelta

from aiohttp import web

from care import inbox
from care.threads import Written, latest_of_carer
from web.carer.opening import Deed, Done, Purpose, Route, Visit, do, render_page, see

LONGEST_MESSAGE = 4000
"""Characters: about as many as a message in the app."""

PRESSED_TWICE = timedelta(minutes=10)
"""The same words again within this time were sent by a button that was pressed twice."""

SAID = ("received", "added", "urgent")


def routes() -> list[Route]:
    return [see(Purpose.HOME, "/write", show), do(Purpose.HOME, "/write", write)]


async def show(visit: Visit) -> web.Response:
    """The form, and what was written to and fro in the latest conversation."""
    return await _page(visit)


async def write(deed: Deed) -> Done | web.Response:
    """Keep what was written and say when somebody will read it; or say what to put right."""
    words = deed.form.text("words")
    if not words or len(words) > LONGEST_MESSAGE:
        return await _page(deed, words, "too_long" if words else "empty")
    if _is_there(await latest_of_carer(deed.session, deed.carer.id), words, deed):
        return Done("/write", {"said": "added"}, anchor="said")
    received = await inbox.receive(deed.session, deed.carer, words, deed.now, deed.parts.desk)
    said = "urgent" if received.urgent else "added" if received.again else "received"
    return Done("/write", {"said": said}, anchor="said")


def _is_there(written: Sequence[Written], words: str, deed: Deed) -> bool:
    last = written[-1] if written else None
    return last is not None and (last.by, last.text) == (None, words) and deed.now - last.at < PRESSED_TWICE


async def _page(visit: Visit, words: str = "", problem: str = "") -> web.Response:
    # Whoever made a link for a letter could come here too, and what was written is between two.
    handed = bool(visit.opened.handed)
    context = {
        "open": visit.parts.desk.is_open(visit.now),
        "said": visit.asked("said") if visit.asked("said") in SAID else "",
        "written": () if handed else await latest_of_carer(visit.session, visit.carer.id),
        "words": words,
        "problem": problem,
        "longest": LONGEST_MESSAGE,
    }
    return render_page(visit, "carer/write.html", context, 422 if problem else 200)
