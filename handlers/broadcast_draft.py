"""A broadcast being written in the chat: its words, who gets it, when, and how it looks.

One message with buttons is changed in place from question to question; what staff write brings a new one
below it. The draft itself says what is still missing, so that every step can be taken at any time.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zlib import crc32

from broadcasts.attachments import (
    DOCUMENT_LIMIT,
    PHOTO_LIMIT,
    AttachmentRefused,
    keep_attachment,
)
from broadcasts.broadcast_views import BroadcastPage, broadcast_page
from broadcasts.drafts import (
    LANGUAGES,
    Problem,
    Saved,
    Wording,
    change_draft,
    discard_draft,
    problems,
    start_draft,
)
from broadcasts.forecast import Forecast, forecast, preview
from broadcasts.launching import test_to_myself
from broadcasts.markup import CAPTION_LIMIT, TEXT_LIMIT, shown_length, to_html
from broadcasts.queue import queue_reply
from carers.audience import audience_names, audience_reach, audience_words
from carers.conversations import Conversation, expect, settle
from carers.people import StaffMember
from carers.topics import Topic
from events.drafting import Step, Wrong, read_answer
from handlers.broadcast_words import Given, SentFile, Unfit, given_in
from handlers.turn import Turn
from texts.clock_words import short_day

TOPIC = "broadcast"
"""The name of this conversation, and of its buttons."""
ENGLISH = "en"
AUDIENCES_SHOWN = 20
OF_A_MORNING = "09:30"
_SERVICE_NEWS = "Service news"
_TOPICS = {
    Topic.SOCIALS: "Socials and outings",
    Topic.SUPPORT_GROUPS: "Support groups",
    Topic.TRAINING: "Training",
    Topic.TICKETS: "Ticket offers",
    Topic.SURVEYS: "Surveys",
}


def wording_of(page: BroadcastPage) -> Wording:
    """What is written in a broadcast."""
    return Wording(page.texts, page.audience, page.topic, page.attachment_id, page.send_at)


def fresh_wording(page: BroadcastPage) -> Wording:
    """The same for another broadcast, to go out at once."""
    return replace(wording_of(page), send_at=None)


async def read(turn: Turn, staff: StaffMember, broadcast_id: int) -> BroadcastPage | None:
    """How it stands now, after a change in this very turn."""
    return await broadcast_page(turn.session, broadcast_id, staff, turn.now)


# What staff write


async def take(
    turn: Turn, staff: StaffMember, page: BroadcastPage | None, conversation: Conversation
) -> None:
    """An answer in words, or something sent: it belongs to the question that is open."""
    step = conversation.step
    if page is not None and step == "when":
        await _take_time(turn, staff, page)
    elif page is not None and step == "audience":
        await _take_audience(turn, staff, page)
    elif page is not None and step not in ("words", *LANGUAGES):
        await turn.reply("broadcast_wrong", id=page.id, wrong="not_asked")
    else:
        await _take_message(turn, staff, page, conversation)


async def _take_message(
    turn: Turn, staff: StaffMember, page: BroadcastPage | None, conversation: Conversation
) -> None:
    language = conversation.step if conversation.step in LANGUAGES else ENGLISH
    message = turn.update.message
    given = given_in(message) if message is not None else Unfit.OTHER
    if isinstance(given, Given) and given.file and language != ENGLISH:
        await _refuse(turn, page, "language")
    elif isinstance(given, Given):
        await _keep(turn, staff, page, given, language)
    elif given is not Unfit.ALBUM:
        await _refuse(turn, page, given.value)
    elif message is not None and conversation.data.get("album") != message.media_group_id:
        # The pictures of an album come one by one; one answer does.
        data = conversation.data | {"album": message.media_group_id}
        await expect(turn.session, turn.chat_id, TOPIC, turn.now, conversation.step, **data)
        await _refuse(turn, page, given.value)


async def _keep(
    turn: Turn, staff: StaffMember, page: BroadcastPage | None, given: Given, language: str
) -> None:
    """Save what came, in the draft that there is or in a new one, and show it."""
    attachment_id = page.attachment_id if page else None
    if given.file is not None:
        kept = await _kept_file(turn, given.file)
        if isinstance(kept, AttachmentRefused):
            await _refuse(turn, page, kept.value)
            return
        attachment_id = kept
    wording = wording_of(page) if page else Wording({}, "")
    texts = {**wording.texts, language: given.words or wording.texts.get(language, "")}
    wording = replace(wording, texts=texts, attachment_id=attachment_id)
    wrong = await problems(turn.session, wording, turn.now, turn.zone)
    problem = wrong.get(f"texts.{language}")
    if page is None:
        broadcast_id = (await start_draft(turn.session, wording, staff, turn.now)).id
    elif problem in (None, Problem.NO_ENGLISH):
        broadcast_id = page.id
        if not await save(turn, staff, page, wording):
            return
    else:
        broadcast_id = page.id  # the words that were there stay
    if problem is not None:
        await expect(turn.session, turn.chat_id, TOPIC, turn.now, _step_of(language), broadcast=broadcast_id)
        await turn.reply("broadcast_wrong", id=page.id if page else 0, **_problem(wording, language, problem))
        return
    await show_anew(turn, staff, broadcast_id, language)


async def _kept_file(turn: Turn, file: SentFile) -> int | AttachmentRefused:
    if file.size > (PHOTO_LIMIT if file.is_photo else DOCUMENT_LIMIT):
        return AttachmentRefused.TOO_BIG
    return await keep_attachment(
        turn.session,
        filename=file.filename,
        mime=file.mime,
        now=turn.now,
        telegram_file_id=file.file_id,
        is_photo=file.is_photo,
    )


async def _refuse(turn: Turn, page: BroadcastPage | None, what: str) -> None:
    await turn.reply("broadcast_not_this", id=page.id if page else 0, what=what, kept=page is not None)


def _step_of(language: str) -> str:
    return "words" if language == ENGLISH else language


def _problem(wording: Wording, language: str, problem: str) -> dict[str, Any]:
    limit = CAPTION_LIMIT if wording.attachment_id is not None else TEXT_LIMIT
    return {"wrong": problem, "length": shown_length(wording.texts.get(language, "")), "limit": limit}


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
        await _ask_or_sum_up(turn, page, turn.reply)


async def show_summary(turn: Turn, staff: StaffMember, page: BroadcastPage, _: str = "") -> None:
    """Back from a question, in the same message."""
    await _ask_or_sum_up(turn, page, turn.edit)
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


async def _ask_or_sum_up(turn: Turn, page: BroadcastPage, say: Any) -> None:
    if not page.audience:
        await _ask_audience(turn, page, say)
        return
    await _expect(turn, page, "")
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
        "topic": _TOPICS[Topic(page.topic)] if page.topic in list(Topic) else _SERVICE_NEWS,
        "send_at": page.send_at.isoformat() if page.send_at else None,
        "audience_carers": found.audience_carers,
        "going": found.going,
        "held": _tallies(found.held),
        "left_out": _tallies(found.left_out),
        "missing": _tallies(found.missing_translations),
        "finishes_at": found.finishes_at.isoformat(),
        "finishes_later": found.finishes_at - turn.now > timedelta(hours=12),
        "needs_approval": found.needs_approval,
        "photo": page.attachment is not None and page.attachment.is_photo,
        "can_send": found.going > 0 and problem is None,
        "problem": problem,
        **_problem(wording, language, problem or ""),
    }


def _tallies(tallies: Any) -> list[dict[str, Any]]:
    return [{"name": one.name, "carers": one.carers} for one in tallies]


async def send_test(turn: Turn, staff: StaffMember, page: BroadcastPage, _: str) -> None:
    """The real message, in each language that is written, to whoever asks."""
    for language in page.texts:
        await test_to_myself(turn.session, page.id, staff, turn.now, language=language)
    await turn.toast("broadcast_toast", what="tested")


# The questions, each in the place of the message whose button was tapped


async def ask_words(turn: Turn, staff: StaffMember, page: BroadcastPage, _: str) -> None:
    await _expect(turn, page, "words")
    await turn.edit("broadcast_ask", id=page.id, step="words", with_file=page.attachment is not None)
    await turn.toast()


async def take_file_off(turn: Turn, staff: StaffMember, page: BroadcastPage, _: str) -> None:
    """Leave the words alone."""
    await turn.toast()
    if await save(turn, staff, page, replace(wording_of(page), attachment_id=None)):
        await show_anew(turn, staff, page.id)


async def ask_audience(turn: Turn, staff: StaffMember, page: BroadcastPage, _: str) -> None:
    await _ask_audience(turn, page, turn.edit)
    await turn.toast()


async def _ask_audience(turn: Turn, page: BroadcastPage, say: Any) -> None:
    await _expect(turn, page, "audience")
    names = await audience_names(turn.session, _today(turn))
    shown = []
    for name in names[:AUDIENCES_SHOWN]:
        reach = await audience_reach(turn.session, name, _today(turn))
        shown.append({"name": audience_words(name), "mark": _mark(name), "linked": reach.linked})
    more = max(0, len(names) - AUDIENCES_SHOWN)
    await say("broadcast_audience", id=page.id, audiences=shown, more=more, chosen=bool(page.audience))


def _mark(name: str) -> str:
    """Stands for an audience in a button: its place in the list may be another's by the time of the tap."""
    return f"{crc32(name.encode()):08x}"


async def choose_audience(turn: Turn, staff: StaffMember, page: BroadcastPage, mark: str) -> None:
    """An audience was tapped; the first time the topic is asked next."""
    names = await audience_names(turn.session, _today(turn))
    name = next((name for name in names if _mark(name) == mark), None)
    if name is None:
        await _ask_audience(turn, page, turn.edit)
    elif await save(turn, staff, page, replace(wording_of(page), audience=name)):
        await _after_audience(turn, staff, page, turn.edit)
    await turn.toast()


async def _take_audience(turn: Turn, staff: StaffMember, page: BroadcastPage) -> None:
    """An audience was written, as it is called or as the register calls it."""
    said = turn.text.strip().casefold()
    names = await audience_names(turn.session, _today(turn))
    name = next((name for name in names if said in (name.casefold(), audience_words(name).casefold())), None)
    if name is None:
        await turn.reply("broadcast_wrong", id=page.id, wrong="no_such_audience")
    elif await save(turn, staff, page, replace(wording_of(page), audience=name)):
        await _after_audience(turn, staff, page, turn.reply)


async def _after_audience(turn: Turn, staff: StaffMember, page: BroadcastPage, say: Any) -> None:
    saved = await read(turn, staff, page.id)
    if saved is None:
        return
    if page.audience:
        await _ask_or_sum_up(turn, saved, say)
        return
    await _expect(turn, page, "")
    await say("broadcast_topic", id=page.id, chosen=False)


async def ask_topic(turn: Turn, staff: StaffMember, page: BroadcastPage, _: str) -> None:
    await _expect(turn, page, "")
    await turn.edit("broadcast_topic", id=page.id, chosen=True)
    await turn.toast()


async def choose_topic(turn: Turn, staff: StaffMember, page: BroadcastPage, name: str) -> None:
    topic = Topic(name) if name in list(Topic) else None
    await _change(turn, staff, page, replace(wording_of(page), topic=topic.value if topic else None))


async def ask_language(turn: Turn, staff: StaffMember, page: BroadcastPage, _: str) -> None:
    await _expect(turn, page, "")
    await turn.edit("broadcast_languages", id=page.id, written=list(page.texts))
    await turn.toast()


async def ask_translation(turn: Turn, staff: StaffMember, page: BroadcastPage, language: str) -> None:
    if language not in LANGUAGES or language == ENGLISH:
        await turn.toast("toast_old_button")
        return
    await _expect(turn, page, language)
    await turn.edit("broadcast_ask", id=page.id, step=language, written=language in page.texts)
    await turn.toast()


async def drop_translation(turn: Turn, staff: StaffMember, page: BroadcastPage, language: str) -> None:
    texts = {code: text for code, text in page.texts.items() if code == ENGLISH or code != language}
    await _change(turn, staff, page, replace(wording_of(page), texts=texts))


async def ask_when(turn: Turn, staff: StaffMember, page: BroadcastPage, _: str) -> None:
    await _expect(turn, page, "when")
    tomorrow = _today(turn) + timedelta(days=1)
    monday = tomorrow + timedelta(days=-tomorrow.weekday() % 7)
    days = [{"label": "Tomorrow 9:30", "day": tomorrow.isoformat()}]
    if monday != tomorrow:
        said = short_day(_morning(monday, turn), turn.zone, ENGLISH)
        days.append({"label": f"{said}, 9:30", "day": monday.isoformat()})
    await turn.edit("broadcast_when", id=page.id, days=days, chosen=page.send_at is not None)
    await turn.toast()


async def choose_when(turn: Turn, staff: StaffMember, page: BroadcastPage, day: str) -> None:
    """A morning, or at once."""
    if day != "once" and day not in _mornings(turn):
        await turn.toast("toast_old_button")
        return
    send_at = None if day == "once" else _morning(date.fromisoformat(day), turn)
    await _change(turn, staff, page, replace(wording_of(page), send_at=send_at))


def _mornings(turn: Turn) -> list[str]:
    """The days of the next fortnight, which a button may have offered."""
    return [(_today(turn) + timedelta(days=ahead)).isoformat() for ahead in range(15)]


async def _take_time(turn: Turn, staff: StaffMember, page: BroadcastPage) -> None:
    """Day and time in words, as for the start of an event."""
    send_at = read_answer(Step.STARTS, turn.text, {}, turn.now, turn.zone, ())
    if isinstance(send_at, Wrong):
        await turn.reply("broadcast_wrong", id=page.id, wrong=send_at.value)
        return
    wording = replace(wording_of(page), send_at=datetime.fromisoformat(send_at))
    if await save(turn, staff, page, wording):
        saved = await read(turn, staff, page.id)
        if saved is not None:
            await _ask_or_sum_up(turn, saved, turn.reply)


async def drop(turn: Turn, staff: StaffMember, page: BroadcastPage, sure: str) -> None:
    """Asked twice: what staff wrote goes with it."""
    if not sure:
        await turn.edit("broadcast_sure", id=page.id, what="drop")
    elif await discard_draft(turn.session, page.id, staff, turn.now):
        await settle(turn.session, turn.chat_id)
        await turn.edit("broadcast_dropped")
    await turn.toast()


async def _change(turn: Turn, staff: StaffMember, page: BroadcastPage, wording: Wording) -> None:
    """Save what a button chose, and show the whole in its place."""
    if await save(turn, staff, page, wording):
        saved = await read(turn, staff, page.id)
        if saved is not None:
            await _ask_or_sum_up(turn, saved, turn.edit)
        await turn.toast()


async def _expect(turn: Turn, page: BroadcastPage, step: str) -> None:
    await expect(turn.session, turn.chat_id, TOPIC, turn.now, step, broadcast=page.id)


def _today(turn: Turn) -> date:
    return turn.now.astimezone(turn.zone).date()


def _morning(day: date, turn: Turn) -> datetime:
    return datetime.fromisoformat(f"{day.isoformat()}T{OF_A_MORNING}").replace(tzinfo=turn.zone)
