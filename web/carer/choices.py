"""What a carer chooses for themselves: kinds, language, by which way, quiet hours, a pause, an end."""

from datetime import timedelta

from aiohttp import web

from carers import choices
from carers.channels import Channel, Chosen, choose_channel
from carers.people import Language
from carers.quiet_hours import Span, read_day, read_hours
from carers.topics import Topic
from events.invitations import come_back
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
        case "pause_until":
            day = read_day(form.text("until"), now.astimezone(deed.zone).date())
            if day is None or not await choices.pause_until_day(session, carer, day, now, deed.zone):
                return await _page(deed, "no_day", status=422)
        case "quiet":
            own = read_hours(f"{form.text('quiet_from')}-{form.text('quiet_until')}")
            if own is None or not await _keep_quiet(deed, own):
                return await _page(deed, "no_hours", status=422)
        case "no_quiet":
            await _keep_quiet(deed, None)
        case "resume":
            await come_back(session, carer, now, deed.zone)
        case _:
            return await _page(deed, "wrong", status=422)
    return Done(SETTINGS, {"done": form.text("what")})


async def _keep_quiet(deed: Deed, own: Span | None) -> bool:
    service = deed.parts.policy.quiet.span
    return await choices.set_quiet_hours(deed.session, deed.carer, own, service, deed.now)


async def _page(visit: Visit, problem: str = "", status: int = 200) -> web.Response:
    carer = visit.carer
    paused = carer.paused_until
    today = visit.now.astimezone(visit.zone).date()
    own, service = choices.quiet_hours_of(carer), visit.parts.policy.quiet.span
    form = visit.form if isinstance(visit, Deed) else None
    context = {
        "quiet": _clocks(own),
        "service_quiet": _clocks(service),
        "typed": {name: form.text(name) if form else "" for name in ("quiet_from", "quiet_until", "until")},
        "first_day": today + timedelta(days=1),
        "last_day": choices.last_day_of_pause(today),
        "topics": [topic.value for topic in Topic],
        "wanted": [topic.value for topic in await choices.wanted_topics(visit.session, carer)],
        "names": NAMES,
        "ways": await choices.ways_to(visit.session, carer),
        "paused_until": paused if paused and paused > visit.now else None,
        "done": visit.asked("done"),
        "problem": problem,
    }
    return render_page(visit, "carer/settings.html", context, status)


def _clocks(span: Span | None) -> tuple[str, str] | None:
    return (span[0].isoformat("minutes"), span[1].isoformat("minutes")) if span else None


async def ask_to_leave(visit: Visit) -> web.Response:
    return render_page(visit, "carer/leave.html", {})


async def leave(deed: Deed) -> Done:
    """Stop everything that is unasked, or undo that; a form that did not arrive whole does neither."""
    match deed.form.text("what"):
        case "back":
            await come_back(deed.session, deed.carer, deed.now, deed.zone)
            return Done("", {"done": "back"})
        case "stop":
            await choices.stop(deed.session, deed.carer, deed.now)
    return Done(LEAVE)
