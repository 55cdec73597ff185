"""How an event was: from 1 to 5, and a comment for those who want to add one."""

from aiohttp import web

from care import inbox
from events import feedback
from events.feedback import LONGEST_COMMENT, RATINGS
from web.carer.opening import Deed, Done, Purpose, Route, Shown, Shut, Visit, do, render_page, see


def routes() -> list[Route]:
    return [see(Purpose.FEEDBACK, "", show), do(Purpose.FEEDBACK, "", give)]


async def show(visit: Visit) -> web.Response | Shut:
    """The form, with what a link in a message has chosen already; nothing is kept before it is sent."""
    chosen = visit.asked("rating")
    return await _page(visit, rating=int(chosen) if chosen in map(str, RATINGS) else None)


async def give(deed: Deed) -> Done | Shown | web.Response | Shut:
    """Keep both, or neither and say what to put right. Words that cannot wait go to staff as a message."""
    rating, words = deed.form.number("rating"), deed.form.text("words")
    asked = await feedback.asked_of(deed.session, deed.about, deed.carer)
    if asked is None:
        return Shut.NOT_OURS
    if len(words) > LONGEST_COMMENT:
        return await _page(deed, rating, words, "too_long")
    if asked.rating is None and (rating is None or rating not in RATINGS):
        return await _page(deed, None, words, "no_rating")
    if asked.rating is not None and (asked.comment is not None or not words):
        return await _page(deed, rating, words, "given") if words else Done()
    if asked.rating is None and rating is not None:
        await feedback.rate(deed.session, deed.about, deed.carer, rating, deed.now)
    if words and deed.parts.desk.is_urgent(words):
        received = await inbox.receive(deed.session, deed.carer, words, deed.now, deed.parts.desk)
        context = {"open": received.office_is_open, "goes_on": False}
        return Shown(render_page(deed, "carer/urgent.html", context))
    if words:
        await feedback.comment(deed.session, deed.about, deed.carer, words)
    return Done()


async def _page(visit: Visit, rating: int | None, words: str = "", problem: str = "") -> web.Response | Shut:
    asked = await feedback.asked_of(visit.session, visit.about, visit.carer)
    if asked is None:
        return Shut.NOT_OURS
    context = {
        "asked": asked,
        "ratings": RATINGS,
        "rating": rating,
        "words": words,
        "problem": problem,
        "longest": LONGEST_COMMENT,
    }
    return render_page(visit, "carer/feedback.html", context, 422 if problem else 200)
