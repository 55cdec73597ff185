"""Nominating another carer or household, for who has no app or would rather not; and taking one back."""

from aiohttp import web

from care import inbox, nominations
from care.nominations import LONGEST_NAME, LONGEST_WORDS, MOST_WAITING, Sent
from web.carer.opening import Deed, Done, Purpose, Route, Shut, Visit, do, render_page, see
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


async def nominate(deed: Deed) -> Done | web.Response:
    """Keep it and thank, or say what to put right. Words that cannot wait go to staff as a message too."""
    whom, words = nominations.tidy(deed.form.text("whom")), deed.form.text("words")
    problems = _problems(whom, words)
    if problems:
        return await _page(deed, whom, words, problems)
    sent, _ = await nominations.nominate(deed.session, deed.carer, whom, words, deed.now)
    if sent is Sent.ENOUGH:
        return await _page(deed, whom, words, {"whom": "enough"})
    urgent = deed.parts.desk.is_urgent(words) or deed.parts.desk.is_urgent(whom)
    if urgent and sent is Sent.SENT:
        await inbox.receive(deed.session, deed.carer, f"{whom}: {words}", deed.now, deed.parts.desk)
    return Done("/nominate", {"said": "urgent" if urgent else "sent"}, anchor="said")


def _problems(whom: str, words: str) -> dict[str, str]:
    found = {}
    for name, text, longest in (("whom", whom, LONGEST_NAME), ("words", words, LONGEST_WORDS)):
        if not text or len(text) > longest:
            found[name] = "too_long" if text else "empty"
    return found


async def take_back(deed: Deed) -> Done | Shut:
    """Take one back that nobody has decided on."""
    number = whole_number(deed.form.text("which")) or 0
    back, _ = await nominations.take_back(deed.session, deed.carer, number)
    said = "too_late" if back is nominations.Back.TOO_LATE else "back"
    return Done("/nominate", {"said": said}, anchor="said")


async def _page(
    visit: Visit, whom: str = "", words: str = "", problems: dict[str, str] | None = None
) -> web.Response:
    waiting = await nominations.waiting_of(visit.session, visit.carer)
    context = {
        "said": visit.asked("said") if visit.asked("said") in SAID else "",
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
