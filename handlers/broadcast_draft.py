"""A broadcast being written in the chat: the draft itself, how it looks, and what it would do.

One message with buttons is changed in place from question to question; what staff write brings a new one
below it. The draft itself says what is still missing, so that every step can be taken at any time.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zlib import crc32

from broadcasts.broadcast_views import BroadcastPage, broadcast_page
from broadcasts.drafts import Saved, Wording, change_draft, discard_draft, problems
from broadcasts.forecast import Forecast, Tally, forecast, preview
from broadcasts.launching import test_to_myself
from broadcasts.markup import CAPTION_LIMIT, TEXT_LIMIT, shown_length, to_html
from broadcasts.queue import queue_reply
from carers.audience import audience_names, audience_words
from carers.channels import ways_of_audience
from carers.conversations import expect, settle
from carers.people import StaffMember
from handlers.turn import Turn
from texts.keyboards.broadcast_questions import TOPIC_NAMES

Say = Callable[..., Awaitable[None]]
"""`Turn.reply` or `Turn.edit`: below, or in place of the message whose button was tapped."""
TOPIC = "broadcast"
"""The name of this conversation, and of its buttons."""
ENGLISH = "en"
AUDIENCES_SHOWN = 20


def wording_of(page: BroadcastPage) -> Wording:
    """What is written in a broadcast."""
    return Wording(page.texts, page.audience, page.topic, page.attachment_id, page.send_at)


def fresh_wording(page: BroadcastPage) -> Wording:
    """The same for another broadcast, to go out at once."""
    return replace(wording_of(page), send_at=None)


async def read(turn: Turn, staff: StaffMember, broadcast_id: int) -> BroadcastPage | None:
    """How it stands now, after a change in this very turn."""
    return await broadcast_page(turn.session, broadcast_id, staff, turn.now)


async def save(turn: Turn, staff: StaffMember, page: BroadcastPage, wording: Wording) -> bool:
    """Save over the version that was read; where that is not possible, say how it stands."""
    saved = await change_draft(turn.session, page.id, wording, page.version, staff, turn.now)
    if saved is Saved.SAVED:
        return True
    await turn.toast("broadcast_toast", what="changed")
    await turn.reply("broadcast_wrong", id=page.id, wrong="changed")
    return False


# How it looks


async def show_anew(turn: Turn, staff: StaffMember, broadcast_id: int, language: str = ENGLISH) -> None:
    """The message as carers get it, and below it what is still to be decided, or all that was."""
    page = await read(turn, staff, broadcast_id)
    if page is not None:
        await send_preview(turn, staff, page, language)
        await ask_or_sum_up(turn, page, turn.reply)


async def show_summary(turn: Turn, staff: StaffMember, page: BroadcastPage, _: str = "") -> None:
    """Back from a question, in the same message."""
    await ask_or_sum_up(turn, page, turn.edit)
    await turn.toast()


async def send_preview(turn: Turn, staff: StaffMember, page: BroadcastPage, language: str = ENGLISH) -> None:
    """The message exactly as a carer of this language gets it who is called like whoever looks."""
    content = await preview(turn.session, page.id, language)
    if page.attachment is not None and page.attachment.has_content:
        # Uploaded in the console: too large to wait with the answers, so it comes a moment later.
        await test_to_myself(turn.session, page.id, staff, turn.now, language=language)
    elif content is not None:
        text = page.texts.get(language) or page.texts.get(ENGLISH, "")
        params = content.params | {"html": to_html(text, staff.name.split()[0])}
        await queue_reply(turn.session, turn.chat_id, content.kind, params, language=language, now=turn.now)


async def ask_or_sum_up(turn: Turn, page: BroadcastPage, say: Say) -> None:
    if not page.audience:
        await put_audience_question(turn, page, say)
        return
    await await_answer(turn, page, "")
    found = await forecast(turn.session, page.id, turn.policy, turn.zone, turn.now)
    if found is not None:
        await say("broadcast_summary", **await _summary(turn, page, found))


async def _summary(turn: Turn, page: BroadcastPage, found: Forecast) -> dict[str, Any]:
    wording = wording_of(page)
    wrong = await problems(turn.session, wording, turn.now, turn.zone)
    field, problem = next(iter(wrong.items()), ("", None))
    language = field.partition(".")[2] or ENGLISH
    return {
        "id": page.id,
        "version": page.version,
        "audience": page.audience_words,
        "topic": TOPIC_NAMES.get(page.topic or "all", page.topic),
        "send_at": page.send_at.isoformat() if page.send_at else None,
        "audience_carers": found.audience_carers,
        "going": found.going,
        "held": _tallies(found.held),
        "left_out": _tallies(found.left_out),
        "missing": _tallies(found.missing_translations),
        "finishes_at": found.finishes_at.isoformat(),
        "finishes_later": found.finishes_at - turn.now > timedelta(hours=12),
        "by_channel": _tallies(found.by_channel),
        "email_finishes_at": found.email_finishes_at.isoformat() if found.email_finishes_at else None,
        "needs_approval": found.needs_approval,
        "photo": page.attachment is not None and page.attachment.is_photo,
        "can_send": found.going > 0 and problem is None,
        "problem": problem,
        **problem_params(wording, language, problem or ""),
    }


def _tallies(tallies: Sequence[Tally]) -> list[dict[str, Any]]:
    return [{"name": one.name, "carers": one.carers} for one in tallies]


def problem_params(wording: Wording, language: str, problem: str) -> dict[str, Any]:
    limit = CAPTION_LIMIT if wording.attachment_id is not None else TEXT_LIMIT
    return {"wrong": problem, "length": shown_length(wording.texts.get(language, "")), "limit": limit}


async def send_test(turn: Turn, staff: StaffMember, page: BroadcastPage, _: str) -> None:
    """The real message, in each language that is written, to whoever asks."""
    for language in page.texts:
        await test_to_myself(turn.session, page.id, staff, turn.now, language=language)
    await turn.toast("broadcast_toast", what="tested")


async def drop(turn: Turn, staff: StaffMember, page: BroadcastPage, sure: str) -> None:
    """Asked twice: what staff wrote goes with it."""
    if not sure:
        await turn.edit("broadcast_sure", id=page.id, what="drop")
    elif await discard_draft(turn.session, page.id, staff, turn.now):
        await settle(turn.session, turn.chat_id)
        await turn.edit("broadcast_dropped")
    await turn.toast()


# The first question, which a draft without an audience asks by itself


async def put_audience_question(turn: Turn, page: BroadcastPage, say: Say) -> None:
    await await_answer(turn, page, "audience")
    names = await audience_names(turn.session, today(turn))
    shown = []
    for name in names[:AUDIENCES_SHOWN]:
        ways = await ways_of_audience(turn.session, name, today(turn))
        shown.append({"name": audience_words(name), "mark": mark_of(name), "reached": ways.reached})
    more = max(0, len(names) - AUDIENCES_SHOWN)
    await say("broadcast_audience", id=page.id, audiences=shown, more=more, chosen=bool(page.audience))


def mark_of(name: str) -> str:
    """Stands for an audience in a button: its place in the list may be another's by the time of the tap."""
    return f"{crc32(name.encode()):08x}"


async def await_answer(turn: Turn, page: BroadcastPage, step: str) -> None:
    await expect(turn.session, turn.chat_id, TOPIC, turn.now, step, broadcast=page.id)


def today(turn: Turn) -> date:
    return turn.now.astimezone(turn.zone).date()
