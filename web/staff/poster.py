"""The poster for the venue: to look at, to print, to take away as a file."""

from html import unescape

from aiohttp import web

from carers.roles import Action
from events.poster import Poster, Sentence, check_in_link, draw
from events.views import EventPage, EventState, Mode
from texts.catalogue import LANGUAGES, RIGHT_TO_LEFT
from texts.clock_words import clock, day
from texts.render import Texts
from web.parts import PARTS
from web.security import document_headers
from web.staff.events import the_event
from web.staff.views import Look, Page, Route, allowed_visit, is_https, see

TAKES = Action.TAKE_ATTENDANCE


def routes() -> list[Route]:
    return [
        see("/events/{event}/poster", TAKES, show),
        Route("GET", "/events/{event}/poster.svg", TAKES, take_away),
    ]


async def show(look: Look) -> Page:
    """The poster as it will be printed, or why there is none."""
    event = await the_event(look)
    return Page("staff/poster.html", {"event": event, "why_not": _why_not(look, event)})


async def take_away(request: web.Request) -> web.StreamResponse:
    """The file itself. Raises 404 where the page says why there is none."""
    parts = request.app[PARTS]
    now = parts.clock()
    visit = await allowed_visit(request, TAKES, now)
    async with parts.database.read() as session:
        look = Look(request, session, visit, now, parts)
        event = await the_event(look)
    username = parts.bot_username()
    if _why_not(look, event) or username is None:
        raise web.HTTPNotFound
    link = check_in_link(username, event.checkin_code)
    headers = {
        **document_headers(https=is_https(parts)),
        "Content-Disposition": f'inline; filename="poster-{event.line.id}.svg"',
    }
    body = draw(_poster(event, parts.texts, link))
    return web.Response(text=body, content_type="image/svg+xml", charset="utf-8", headers=headers)


def _why_not(look: Look, event: EventPage) -> str:
    if event.line.state is EventState.CANCELLED:
        return "The event is cancelled, so there is nothing to check in to."
    if event.line.mode is Mode.ONLINE:
        return "The event is online, so there is no venue for a poster."
    if event.line.ends_at <= look.now:
        return "The event is over, so nobody can check in any more."
    if look.parts.bot_username() is None:
        return "The bot has not reached Telegram since it started, so it does not know its own address yet."
    return ""


def _poster(event: EventPage, texts: Texts, link: str) -> Poster:
    line, zone = event.line, texts.zone
    first, last = line.starts_at.astimezone(zone), line.ends_at.astimezone(zone)
    times = f"{clock(first, zone, 'en')} to {clock(last, zone, 'en')}"
    if first.date() != last.date():
        times += f" on {day(last, zone, 'en')}"
    return Poster(
        service=texts.service.name,
        title=line.title,
        when=(day(line.starts_at, zone, "en"), times),
        place=line.venue,
        link=link,
        sentences=[
            Sentence(language, unescape(texts.render("poster", {}, language).text), language in RIGHT_TO_LEFT)
            for language in LANGUAGES
        ],
    )
