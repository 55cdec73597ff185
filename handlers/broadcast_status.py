"""A broadcast on its way: sent with one tap, watched in one message, stopped or taken back with two.

The message whose button was tapped becomes the one that shows how the broadcast gets on; a job draws it again
while things change (`broadcasts.telling`). Questions come in a message of their own, so that it may do so.
"""

from broadcasts.broadcast_views import BroadcastPage, Deed
from broadcasts.drafts import BroadcastState, start_draft, text_problems
from broadcasts.launching import Approved, Confirmed, back_to_draft, confirm
from broadcasts.launching import approve as approve_it
from broadcasts.launching import send_back as send_it_back
from broadcasts.markup import CAPTION_LIMIT, TEXT_LIMIT, shown_length, to_html
from broadcasts.queue import queue_reply
from broadcasts.stopping import Recalled, beyond_reach
from broadcasts.stopping import cancel as cancel_it
from broadcasts.stopping import correct as correct_it
from broadcasts.stopping import pause as pause_it
from broadcasts.stopping import recall as recall_it
from broadcasts.stopping import resume as resume_it
from broadcasts.telling import is_shown, show_in, status_of, stop_showing, tell_progress
from carers.conversations import expect, settle, waiting_for
from carers.people import StaffMember
from handlers import broadcast_draft as draft
from handlers.broadcast_draft import ENGLISH, TOPIC
from handlers.broadcast_words import Given, given_in
from handlers.turn import Turn
from texts.callbacks import as_id


async def redraw(turn: Turn, staff: StaffMember, broadcast_id: int) -> None:
    """Let the tapped message say how it stands, and go on doing so."""
    params = await status_of(turn.session, broadcast_id, staff, turn.policy, turn.now)
    if params is not None and turn.message_id is not None:
        await show_in(turn.session, turn.chat_id, turn.message_id, params, turn.language, turn.now)


async def show(turn: Turn, staff: StaffMember, page: BroadcastPage, _: str = "") -> None:
    await redraw(turn, staff, page.id)
    await turn.toast()


async def open_it(turn: Turn, staff: StaffMember, page: BroadcastPage, _: str) -> None:
    """From a list or an alert: a draft is shown below to go on with, anything else in place."""
    if page.state is BroadcastState.DRAFT:
        await draft.show_anew(turn, staff, page.id)
        await turn.toast()
    else:
        await show(turn, staff, page)


async def show_message(turn: Turn, staff: StaffMember, page: BroadcastPage, _: str) -> None:
    """The message itself, in each language that is written."""
    for language in page.texts:
        await draft.send_preview(turn, staff, page, language)
    await turn.toast()


# Sending


async def send(turn: Turn, staff: StaffMember, page: BroadcastPage, version: str) -> None:
    await _confirm(turn, staff, page, as_id(version), repeat_meant=False)


async def send_again(turn: Turn, staff: StaffMember, page: BroadcastPage, version: str) -> None:
    """The same content on the same day, and meant."""
    await _confirm(turn, staff, page, as_id(version), repeat_meant=True)


async def _confirm(
    turn: Turn, staff: StaffMember, page: BroadcastPage, version: int, *, repeat_meant: bool
) -> None:
    """Send the version that was looked at, or say why not."""
    outcome = await confirm(
        turn.session, page.id, version, staff, turn.policy, turn.zone, turn.now, repeat_meant=repeat_meant
    )
    match outcome:
        case Confirmed.SCHEDULED | Confirmed.AWAITING_APPROVAL:
            await _forget_questions(turn, page)
            await show(turn, staff, page)
        case Confirmed.SAME_AGAIN:
            await turn.edit("broadcast_sure", id=page.id, what="repeat", version=version)
            await turn.toast()
        case Confirmed.CHANGED_MEANWHILE:
            await turn.toast("broadcast_toast", what="changed")
            await draft.show_anew(turn, staff, page.id)
        case Confirmed.NOBODY | Confirmed.PROBLEMS:
            await draft.show_summary(turn, staff, page)
        case Confirmed.NOT_A_DRAFT | Confirmed.NOT_FOUND:
            await _say_it_moved_on(turn, staff, page)


async def approve(turn: Turn, staff: StaffMember, page: BroadcastPage, version: str) -> None:
    """By somebody else, and only what they saw: what was changed meanwhile is shown first."""
    outcome = await approve_it(turn.session, page.id, as_id(version), staff, turn.now)
    if outcome is Approved.SCHEDULED:
        await show(turn, staff, page)
    elif outcome is Approved.CHANGED_MEANWHILE:
        await draft.send_preview(turn, staff, page)
        await redraw(turn, staff, page.id)
        await turn.toast("broadcast_toast", what="changed")
    elif outcome is Approved.YOUR_OWN:
        await turn.toast("broadcast_toast", what="your_own")
    else:
        await _say_it_moved_on(turn, staff, page)


async def send_back(turn: Turn, staff: StaffMember, page: BroadcastPage, _: str) -> None:
    """It is a draft again: whoever asked goes on with it at once, a colleague sees that it is."""
    if not await send_it_back(turn.session, page.id, staff, turn.now):
        await _say_it_moved_on(turn, staff, page)
    elif Deed.APPROVE not in page.deeds:
        await _go_on_writing(turn, staff, page)
    else:
        await show(turn, staff, page)


async def unschedule(turn: Turn, staff: StaffMember, page: BroadcastPage, _: str) -> None:
    """Not begun yet, so it can be changed again."""
    if await back_to_draft(turn.session, page.id, staff, turn.now):
        await _go_on_writing(turn, staff, page)
    else:
        await _say_it_moved_on(turn, staff, page)


async def _go_on_writing(turn: Turn, staff: StaffMember, page: BroadcastPage) -> None:
    await stop_showing(turn.session, page.id, turn.chat_id)
    again = await draft.read(turn, staff, page.id)
    if again is not None:
        await draft.show_summary(turn, staff, again)


# Stopping and taking back


async def pause(turn: Turn, staff: StaffMember, page: BroadcastPage, _: str) -> None:
    await _done_or_moved_on(turn, staff, page, await pause_it(turn.session, page.id, staff, turn.now))


async def resume(turn: Turn, staff: StaffMember, page: BroadcastPage, _: str) -> None:
    await _done_or_moved_on(turn, staff, page, await resume_it(turn.session, page.id, staff, turn.now))


async def cancel(turn: Turn, staff: StaffMember, page: BroadcastPage, sure: str) -> None:
    """Before it begins one tap is enough, in its minute; later it is asked once more."""
    if sure or page.state in (BroadcastState.SCHEDULED, BroadcastState.AWAITING_APPROVAL):
        stopped = await cancel_it(turn.session, page.id, staff, turn.now)
        await _answer_question(turn, staff, page, stopped is not None, asked=bool(sure))
    else:
        await _ask_if_sure(turn, staff, page, "cancel")


async def recall(turn: Turn, staff: StaffMember, page: BroadcastPage, sure: str) -> None:
    if not sure:
        await _ask_if_sure(turn, staff, page, "recall")
        return
    recalled = await recall_it(turn.session, page.id, staff, turn.now)
    if recalled is not None:
        await _say_how_many(turn, "recalled", recalled)
    await _answer_question(turn, staff, page, recalled is not None, asked=True)


async def correct(turn: Turn, staff: StaffMember, page: BroadcastPage, sure: str) -> None:
    """Ask for the right words, then once more whether they are; what was asked meanwhile is forgotten."""
    conversation = await waiting_for(turn.session, turn.chat_id)
    if not sure:
        await expect(turn.session, turn.chat_id, TOPIC, turn.now, "correct", broadcast=page.id)
        await turn.reply("broadcast_ask", id=page.id, step="correct", others=len(page.texts) > 1)
        await turn.toast()
        return
    if (
        conversation is None
        or conversation.data.get("broadcast") != page.id
        or "words" not in conversation.data
    ):
        await turn.toast("toast_old_button")
        return
    texts = {**page.texts, ENGLISH: conversation.data["words"]}
    corrected = await correct_it(turn.session, page.id, texts, page.version, staff, turn.now)
    await settle(turn.session, turn.chat_id)
    if isinstance(corrected, Recalled):
        await _say_how_many(turn, "corrected", corrected)
    await _answer_question(turn, staff, page, isinstance(corrected, Recalled), asked=True)


async def take_correction(turn: Turn, staff: StaffMember, page: BroadcastPage) -> None:
    """The right words have come: show them, and ask."""
    message = turn.update.message
    given = given_in(message) if message is not None else None
    if not isinstance(given, Given) or given.file is not None:
        await turn.reply("broadcast_not_this", id=page.id, what="correct", kept=False)
        return
    texts = {**page.texts, ENGLISH: given.words}
    with_file = page.attachment is not None
    problem = text_problems(texts, has_attachment=with_file).get(f"texts.{ENGLISH}")
    if problem is not None:
        limit = CAPTION_LIMIT if with_file else TEXT_LIMIT
        length = shown_length(given.words)
        await turn.reply("broadcast_wrong", id=page.id, wrong=problem.value, length=length, limit=limit)
        return
    await expect(turn.session, turn.chat_id, TOPIC, turn.now, "correct", broadcast=page.id, words=given.words)
    await turn.reply("broadcast", html=to_html(given.words, staff.name.split()[0]))
    beyond = sum(await beyond_reach(turn.session, page.id))
    await turn.reply("broadcast_sure", id=page.id, what="correct", beyond_reach=beyond)


async def keep(turn: Turn, staff: StaffMember, page: BroadcastPage, _: str) -> None:
    """Leave it as it is: the question goes away."""
    await _forget_questions(turn, page)
    await _take_question_away(turn, staff, page)
    await turn.toast()


async def reuse(turn: Turn, staff: StaffMember, page: BroadcastPage, _: str) -> None:
    """A new draft with the words and the audience of this one."""
    copy = await start_draft(turn.session, draft.fresh_wording(page), staff, turn.now)
    await draft.show_anew(turn, staff, copy.id)
    await turn.toast()


async def _ask_if_sure(turn: Turn, staff: StaffMember, page: BroadcastPage, what: str) -> None:
    params = await status_of(turn.session, page.id, staff, turn.policy, turn.now)
    if params is None or what not in params["deeds"]:
        await _say_it_moved_on(turn, staff, page)
        return
    left = params["total"] - params["done"]
    beyond = sum(await beyond_reach(turn.session, page.id))
    await turn.reply("broadcast_sure", id=page.id, what=what, left=left, beyond_reach=beyond)
    await turn.toast()


async def _answer_question(
    turn: Turn, staff: StaffMember, page: BroadcastPage, done: bool, *, asked: bool
) -> None:
    """After a deed: the question goes, the status is drawn again."""
    if not asked:
        await _done_or_moved_on(turn, staff, page, done)
        return
    await (turn.toast() if done else turn.toast("broadcast_toast", what="moved_on"))
    await _take_question_away(turn, staff, page)


async def _take_question_away(turn: Turn, staff: StaffMember, page: BroadcastPage) -> None:
    """Where no other message shows how it stands, the question becomes that message."""
    if not await is_shown(turn.session, page.id, turn.chat_id):
        await redraw(turn, staff, page.id)
        return
    await queue_reply(
        turn.session,
        turn.chat_id,
        "broadcast_sure",
        language=turn.language,
        now=turn.now,
        op="delete",
        message_id=turn.message_id,
    )
    await tell_progress(turn.session, turn.now, turn.policy)


async def _say_how_many(turn: Turn, what: str, recalled: Recalled) -> None:
    await turn.reply(
        "broadcast_result",
        what=what,
        messages_changed=recalled.messages,
        too_old=recalled.too_old,
        in_doubt=recalled.in_doubt,
        by_email=recalled.by_email,
        by_hand=recalled.by_hand,
    )


async def _done_or_moved_on(turn: Turn, staff: StaffMember, page: BroadcastPage, done: bool) -> None:
    if done:
        await show(turn, staff, page)
    else:
        await _say_it_moved_on(turn, staff, page)


async def _say_it_moved_on(turn: Turn, staff: StaffMember, page: BroadcastPage) -> None:
    await turn.toast("broadcast_toast", what="moved_on")
    await redraw(turn, staff, page.id)


async def _forget_questions(turn: Turn, page: BroadcastPage) -> None:
    """What comes next in words is no answer about this broadcast any more."""
    conversation = await waiting_for(turn.session, turn.chat_id)
    if (
        conversation is not None
        and conversation.topic == TOPIC
        and conversation.data.get("broadcast") == page.id
    ):
        await settle(turn.session, turn.chat_id)
