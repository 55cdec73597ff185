"""Messages to many carers: the list of them, and one of them as it goes out."""

from datetime import datetime

from broadcasts.broadcast_views import (
    BroadcastPage,
    BroadcastState,
    Pulse,
    broadcast_page,
    list_broadcasts,
    pulse,
)
from broadcasts.broadcast_views import Deed as Allowed
from broadcasts.forecast import preview
from broadcasts.post import About, count_post
from carers.roles import Action
from web.staff.broadcast_bubble import bubble
from web.staff.broadcast_check import check_page
from web.staff.broadcast_form import file_of, morning, the_broadcast
from web.staff.live import Live, watch
from web.staff.views import Look, Page, Route, see
from web.staff.words import broadcast_in_words

WRITE = Action.WRITE_BROADCASTS
NOT_CONFIRMED = (BroadcastState.DRAFT, BroadcastState.AWAITING_APPROVAL)
UNDER_WAY = (BroadcastState.SENDING, BroadcastState.PAUSED)
TABS = (
    ("", "All"),
    ("draft", "Drafts"),
    ("awaiting_approval", "Wait for approval"),
    ("scheduled", "Scheduled"),
    ("sending", "Going out"),
    ("paused", "Paused"),
    ("finished", "Sent"),
)


def routes() -> list[Route]:
    return [
        see("/broadcasts", WRITE, every),
        see("/broadcasts/{broadcast}", WRITE, one_message),
        watch("/broadcasts/{broadcast}/live", WRITE, look_at, live),
    ]


async def every(look: Look) -> Page:
    state = state_asked(look)
    found = await list_broadcasts(look.session, page=look.page, state=state)
    progress = {
        line.id: await pulse(look.session, line.id, look.parts.policy, look.now)
        for line in found.lines
        if line.state in UNDER_WAY
    }
    context = {"found": found, "progress": progress, "state": state or "", "tabs": TABS}
    return Page("staff/broadcasts.html", context)


def state_asked(look: Look) -> BroadcastState | None:
    """The state of which the address asks for messages; None for all."""
    asked = look.asked("state")
    return BroadcastState(asked) if asked in set(BroadcastState) else None


async def waiting_for_approval(look: Look) -> list[int]:
    """The messages that wait for this person's approval, by id; never their own."""
    found = await list_broadcasts(look.session, page=1, state=BroadcastState.AWAITING_APPROVAL)
    pages = [await broadcast_page(look.session, line.id, look.staff, look.now) for line in found.lines]
    return [one.id for one in pages if one is not None and Allowed.APPROVE in one.deeds]


async def paused_number(look: Look) -> int:
    """How many messages stand still until a person goes on with them."""
    return (await list_broadcasts(look.session, page=1, state=BroadcastState.PAUSED)).total


async def one_message(look: Look) -> Page:
    one = await the_broadcast(look)
    if one.state in NOT_CONFIRMED:
        return await check_page(look, one)
    asked = look.asked("language")
    language = asked if asked in one.texts else "en"
    content = await preview(look.session, one.id, language)
    shown = bubble(look.parts.texts, content.params, language, file_of(one)) if content else None
    context = {**await _facts(look, one, await _pulse(look, one)), "bubble": shown}
    return Page("staff/broadcast.html", context)


async def _facts(look: Look, one: BroadcastPage, found: Pulse | None) -> dict[str, object]:
    """What changes by itself, with the deeds that are possible now."""
    return {
        "one": one,
        "pulse": found,
        "letters": await _letters(look, one),
        "deeds": shown_deeds(one),
        "seconds": _seconds(one.starts_at, look.now),
        "morning": morning(look, one.starts_at),
        "starts": one.starts_at.astimezone(look.zone) if one.starts_at else None,
    }


async def _letters(look: Look, one: BroadcastPage) -> int:
    """How many letters of it wait to be printed and posted by hand."""
    if one.notice_id is None or not look.may(Action.SEND_LETTERS):
        return 0
    to_print, _ = await count_post(
        look.session, look.now, look.own_households, About(notice_id=one.notice_id)
    )
    return to_print


def shown_deeds(one: BroadcastPage) -> set[str]:
    """The buttons of the page by name. To stop what has not begun needs no second question."""
    names = {deed.value for deed in one.deeds}
    if Allowed.CANCEL in one.deeds and one.state is BroadcastState.SCHEDULED:
        names = (names - {Allowed.CANCEL.value}) | {"cancel-now"}
    return names


def _seconds(starts_at: datetime | None, now: datetime) -> int | None:
    """Whole seconds until it begins; None where nothing counts down."""
    if starts_at is None or starts_at <= now:
        return None
    left = (starts_at - now).total_seconds()
    return round(left) if left < 3600 else None


async def look_at(look: Look) -> object:
    one = await the_broadcast(look)
    return one.version, one.state, one.deeds, await _pulse(look, one)


async def live(look: Look) -> Live:
    one = await the_broadcast(look)
    found = await _pulse(look, one)
    texts = {"deeds": " ".join(sorted(shown_deeds(one)))}
    part = Page("staff/broadcast_part.html", await _facts(look, one, found))
    return Live(texts, _spoken(one, found), part)


async def _pulse(look: Look, one: BroadcastPage) -> Pulse | None:
    return await pulse(look.session, one.id, look.parts.policy, look.now)


def _spoken(one: BroadcastPage, found: Pulse | None) -> str:
    """The sentence that is read out when something changes: every tenth part of the way."""
    if found is None or not found.total:
        return ""
    tenths = 10 * found.sent // found.total
    return f"{broadcast_in_words(one.state)}: {10 * tenths} per cent sent"
