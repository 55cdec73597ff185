"""What a carer chooses for themselves: kinds, language, by which way, a pause; and stopping it all."""

from datetime import timedelta

from aiohttp import web

from carers import choices
from carers.channels import Channel, Chosen, choose_channel
from carers.people import Language
from carers.topics import Topic
from web.carer.opening import Deed, Done, Purpose, Route, Visit, do, render_page, see

SETTINGS, LEAVE = "/settings", "/leave"
PAUSES = {"14": timedelta(days=14), "30": timedelta(days=30)}
NAMES = {"en": "English", "ur": "اردو", "pa": "ਪੰਜਾਬੀ", "ar": "العربية"}
"""Each language by its own name."""


def routes() -> list[Route]:
    return [
        see(Purpose.HOME, SETTINGS, show),
        do(Purpose.HOME, SETTINGS, choose),
        see(Purpose.HOME, LEAVE, ask_to_leave),
        do(Purpose.HOME, LEAVE, leave),
    ]


async def show(visit: Visit) -> web.Response:
    return await _page(visit)


async def choose(deed: Deed) -> Done | web.Response:
    """One of the forms on the page; what it says is kept whole or not at all."""
    session, carer, form, now = deed.session, deed.carer, deed.form, deed.now
    match form.text("what"):
        case "kinds":
            for topic in Topic:
                await choices.set_topic(session, carer, topic, topic.value in form.several("topic"), now)
        case "language" if form.text("language") in list(Language):
            await choices.set_language(session, carer, Language(form.text("language")), now)
        case "way" if form.text("way") in (Channel.APP, Channel.EMAIL):
            chosen = await choose_channel(session, carer.id, Channel(form.text("way")), None, now)
            if chosen is Chosen.NO_MAIL:
                return await _page(deed, "no_mail", status=422)
        case "pause" if form.text("days") in PAUSES:
            await choices.pause(session, carer, now + PAUSES[form.text("days")], now)
        case "resume":
            await choices.come_back(session, carer, now)
        case _:
            return await _page(deed, "wrong", status=422)
    return Done(SETTINGS, {"done": form.text("what")})


async def _page(visit: Visit, problem: str = "", status: int = 200) -> web.Response:
    carer = visit.carer
    paused = carer.paused_until
    context = {
        "topics": [topic.value for topic in Topic],
        "wanted": [topic.value for topic in await choices.wanted_topics(visit.session, carer)],
        "names": NAMES,
        "ways": await choices.ways_to(visit.session, carer),
        "paused_until": paused if paused and paused > visit.now else None,
        "done": visit.asked("done"),
        "problem": problem,
    }
    return render_page(visit, "carer/settings.html", context, status)


async def ask_to_leave(visit: Visit) -> web.Response:
    return render_page(visit, "carer/leave.html", {})


async def leave(deed: Deed) -> Done:
    """Stop everything that is unasked, or undo that; a form that did not arrive whole does neither."""
    match deed.form.text("what"):
        case "back":
            await choices.come_back(deed.session, deed.carer, deed.now)
            return Done("", {"done": "back"})
        case "stop":
            await choices.stop(deed.session, deed.carer, deed.now)
    return Done(LEAVE)
