"""The questions about a broadcast that buttons answer, each in the place of the message that was tapped."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from broadcasts.broadcast_views import BroadcastPage
from broadcasts.drafts import LANGUAGES, Wording
from carers.audience import audience_names
from carers.conversations import waiting_for
from carers.people import StaffMember
from carers.topics import Topic
from handlers.broadcast_draft import (
    ENGLISH,
    Say,
    ask_or_sum_up,
    await_answer,
    mark_of,
    put_audience_question,
    read,
    save,
    show_anew,
    today,
    wording_of,
)
from handlers.turn import Turn
from texts.clock_words import short_day

OF_A_MORNING = "09:30"


async def ask_words(turn: Turn, staff: StaffMember, page: BroadcastPage, _: str) -> None:
    await await_answer(turn, page, "words")
    await turn.edit("broadcast_ask", id=page.id, step="words", with_file=page.attachment is not None)
    await turn.toast()


async def take_file_off(turn: Turn, staff: StaffMember, page: BroadcastPage, _: str) -> None:
    """Leave the words alone."""
    await turn.toast()
    if await save(turn, staff, page, replace(wording_of(page), attachment_id=None)):
        await show_anew(turn, staff, page.id)


async def ask_audience(turn: Turn, staff: StaffMember, page: BroadcastPage, _: str) -> None:
    await put_audience_question(turn, page, turn.edit)
    await turn.toast()


async def choose_audience(turn: Turn, staff: StaffMember, page: BroadcastPage, mark: str) -> None:
    """An audience was tapped; the first time the topic is asked next."""
    names = await audience_names(turn.session, today(turn))
    name = next((name for name in names if mark_of(name) == mark), None)
    if name is None:
        await put_audience_question(turn, page, turn.edit)
    elif await save(turn, staff, page, replace(wording_of(page), audience=name)):
        await after_audience(turn, staff, page, turn.edit)
    await turn.toast()


async def after_audience(turn: Turn, staff: StaffMember, page: BroadcastPage, say: Say) -> None:
    """The first time the topic is asked next; a second tap on the same button does not skip it."""
    saved = await read(turn, staff, page.id)
    if saved is None:
        return
    conversation = await waiting_for(turn.session, turn.chat_id)
    if page.audience and (conversation is None or conversation.step != "topic"):
        await ask_or_sum_up(turn, saved, say)
        return
    await await_answer(turn, page, "topic")
    await say("broadcast_topic", id=page.id, chosen=False)


async def ask_topic(turn: Turn, staff: StaffMember, page: BroadcastPage, _: str) -> None:
    await await_answer(turn, page, "")
    await turn.edit("broadcast_topic", id=page.id, chosen=True)
    await turn.toast()


async def choose_topic(turn: Turn, staff: StaffMember, page: BroadcastPage, name: str) -> None:
    topic = Topic(name) if name in list(Topic) else None
    await _change(turn, staff, page, replace(wording_of(page), topic=topic.value if topic else None))


async def ask_language(turn: Turn, staff: StaffMember, page: BroadcastPage, _: str) -> None:
    await await_answer(turn, page, "")
    await turn.edit("broadcast_languages", id=page.id, written=list(page.texts))
    await turn.toast()


async def ask_translation(turn: Turn, staff: StaffMember, page: BroadcastPage, language: str) -> None:
    if language not in LANGUAGES or language == ENGLISH:
        await turn.toast("toast_old_button")
        return
    await await_answer(turn, page, language)
    await turn.edit("broadcast_ask", id=page.id, step=language, written=language in page.texts)
    await turn.toast()


async def drop_translation(turn: Turn, staff: StaffMember, page: BroadcastPage, language: str) -> None:
    texts = {code: text for code, text in page.texts.items() if code == ENGLISH or code != language}
    await _change(turn, staff, page, replace(wording_of(page), texts=texts))


async def ask_when(turn: Turn, staff: StaffMember, page: BroadcastPage, _: str) -> None:
    await await_answer(turn, page, "when")
    tomorrow = today(turn) + timedelta(days=1)
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
    return [(today(turn) + timedelta(days=ahead)).isoformat() for ahead in range(15)]


async def _change(turn: Turn, staff: StaffMember, page: BroadcastPage, wording: Wording) -> None:
    """Save what a button chose, and show the whole in its place."""
    if await save(turn, staff, page, wording):
        saved = await read(turn, staff, page.id)
        if saved is not None:
            await ask_or_sum_up(turn, saved, turn.edit)
        await turn.toast()


def _morning(day: date, turn: Turn) -> datetime:
    return datetime.fromisoformat(f"{day.isoformat()}T{OF_A_MORNING}").replace(tzinfo=turn.zone)
