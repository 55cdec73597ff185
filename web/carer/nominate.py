"""Nominating another carer or household, for who has no app or would rather not; and taking one back."""

from aiohttp import web

from care import inbox, nominations
from care.nominations import LONGEST_NAME, LONGEST_WORDS, MOST_WAITING, Sent
from web.carer.opening import Deed, Done, Purpose, Route, Shown, Shut, Visit, do, render_page, see
from web.carer.write import LONGEST_MESSAGE
from web.whole_numbers import whole_number

SAID = ("sent", "urgent", "back", "too_late")


def routes() -> list[Route]:
    return [
        see(Purpose.HOME, "/nominate", show),
        do(Purpose.HOME, "/nominate", nominate),
        do(Purpose.HOME, "/nominate/back", take_back),
    ]


async def show(visit: Visit) -> web.Response:
    """The form, and what was sent and staff have not decided on."""
    return await _page(visit)


async def nominate(deed: Deed) -> Done | Shown | web.Response:
    """Keep it and thank, or say what to put right. Words that cannot wait go to staff as a message too, and
    whatever becomes of the nomination."""
    whom, words = nominations.tidy(deed.form.text("whom")), deed.form.text("words")
    urgent = deed.parts.desk.is_urgent(words) or deed.parts.desk.is_urgent(whom)
    problems, sent = _problems(whom, words), None
    if not problems:
        sent, _ = await nominations.nominate(deed.session, deed.carer, whom, words, deed.now)
    if urgent and sent is not Sent.ALREADY:
        cry = f"{whom}: {words}"[:LONGEST_MESSAGE]
        await inbox.receive(deed.session, deed.carer, cry, deed.now, deed.parts.desk)
    if problems or sent is Sent.ENOUGH:
        page = await _page(deed, whom, words, problems or {"whom": "enough"}, urgent=urgent)
        return Shown(page) if urgent else page
    return Done("/nominate", {"said": "urgent" if urgent else "sent"}, anchor="said")


def _problems(whom: str, words: str) -> dict[str, str]:
    found = {}
    for name, text, longest in (("whom", whom, LONGEST_NAME), ("words", words, LONGEST_WORDS)):
        if not text or len(text) > longest:
            found[name] = "too_long" if text else "empty"
    if "whom" not in found and not nominations.names_somebody(whom):
        found["whom"] = "empty"
    return found


async def take_back(deed: Deed) -> Done | Shut:
    """Take one back that nobody has decided on."""
    if deed.opened.handed:  # they are not shown there: whoever made the link could only guess their numbers
        return Shut.NOT_OURS
    number = whole_number(deed.form.text("which")) or 0
    back, _ = await nominations.take_back(deed.session, deed.carer, number)
    said = "too_late" if back is nominations.Back.TOO_LATE else "back"
    return Done("/nominate", {"said": said}, anchor="said")


async def _page(
    visit: Visit,
    whom: str = "",
    words: str = "",
    problems: dict[str, str] | None = None,
    *,
    urgent: bool = False,
) -> web.Response:
    waiting = await nominations.waiting_of(visit.session, visit.carer)
    said = visit.asked("said") if visit.asked("said") in SAID and not problems else ""
    context = {
        "said": "urgent" if urgent else said,
        # Whoever made a link for a letter could come here too, and whom a carer nominates is between two.
        "waiting": () if visit.opened.handed else waiting,
        "full": len(waiting) >= MOST_WAITING,
        "whom": whom,
        "words": words,
        "problems": problems or {},
        "longest_name": LONGEST_NAME,
        "longest": LONGEST_WORDS,
        "open": visit.parts.desk.is_open(visit.now),
    }
    return render_page(visit, "carer/nominate.html", context, 422 if problems else 200)
