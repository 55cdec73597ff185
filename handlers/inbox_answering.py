"""Answering a carer from the staff chat: the words that a colleague types next, and whether to send them.

They go nowhere until the colleague says so, and then to the carer whom the question named. The question
carries the number of the words that it shows, so that the button of an older one sends nothing newer.
"""

from care.answers import ANSWER_TOPIC as TOPIC
from care.answers import LONGEST_ANSWER, answer
from care.threads import Result, ThreadView, view_thread
from carers.conversations import Conversation, expect, settle, waiting_for
from carers.roles import Action, StaffMember, may
from handlers.free_text import hears
from handlers.inbox_views import said, show_thread
from handlers.turn import Turn
from texts.callbacks import as_id


async def ask(turn: Turn, staff: StaffMember, view: ThreadView, rest: tuple[str, ...]) -> bool:
    """The next words in this chat are the answer; below the conversation, which stays to be read."""
    seen = as_id(rest[0]) if rest else view.seen
    await expect(turn.session, turn.chat_id, TOPIC, turn.now, "words", thread=view.line.id, seen=seen)
    await turn.reply("inbox_ask", id=view.line.id, name=view.line.name)
    return True


@hears(TOPIC)
async def hear(turn: Turn, conversation: Conversation) -> None:
    """The answer, or another in its place: show it and ask before it is sent."""
    staff = turn.person.staff
    view = None
    if staff is not None and may(staff, Action.ANSWER_MESSAGES):
        view = await view_thread(turn.session, int(conversation.data["thread"]), staff)
    if view is None:
        await settle(turn.session, turn.chat_id)
        await turn.reply("help_staff")
        return
    text, seen = turn.text.strip(), int(conversation.data["seen"])
    if len(text) > LONGEST_ANSWER:
        await turn.reply("inbox_too_long", id=view.line.id, most=LONGEST_ANSWER)
        return
    draft = turn.message_id or 0
    thread_id = view.line.id
    await expect(
        turn.session,
        turn.chat_id,
        TOPIC,
        turn.now,
        "sure",
        thread=thread_id,
        seen=seen,
        text=text,
        draft=draft,
    )
    await turn.reply("inbox_sure", **_question(view, text, draft, news=view.seen != seen))


async def send(turn: Turn, staff: StaffMember, view: ThreadView, rest: tuple[str, ...]) -> bool:
    """Send the words that this question showed, once."""
    match rest:
        case (seen, draft):
            pass
        case _:
            return False
    conversation = await waiting_for(turn.session, turn.chat_id)
    data = conversation.data if conversation is not None and conversation.topic == TOPIC else {}
    if data.get("draft") != as_id(draft) or data.get("thread") != view.line.id:
        await show_thread(turn, staff, view.line.id, "not_sent")
        return True
    text = str(data["text"])
    result = await answer(turn.session, view.line.id, text, as_id(seen), staff, turn.now)
    if result is Result.CHANGED:
        await turn.edit("inbox_sure", **_question(view, text, as_id(draft), news=True))
        return True
    await settle(turn.session, turn.chat_id)
    await show_thread(turn, staff, view.line.id, said("answer", result))
    return True


async def drop(turn: Turn, staff: StaffMember, view: ThreadView, rest: tuple[str, ...]) -> bool:
    """Forget what was typed."""
    await forget_draft(turn)
    await show_thread(turn, staff, view.line.id, "dropped")
    return True


async def forget_draft(turn: Turn) -> None:
    """Words typed from now on are no answer."""
    conversation = await waiting_for(turn.session, turn.chat_id)
    if conversation is not None and conversation.topic == TOPIC:
        await settle(turn.session, turn.chat_id)


def _question(view: ThreadView, text: str, draft: int, *, news: bool) -> dict[str, object]:
    return {
        "id": view.line.id,
        "name": view.line.name,
        "text": text,
        "seen": view.seen,
        "draft": draft,
        "way": view.line.way or "none",
        "news": news,
    }
