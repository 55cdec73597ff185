"""What staff write or send while a broadcast is being written: it belongs to the question that is open."""

from dataclasses import replace
from datetime import datetime

from broadcasts.attachments import DOCUMENT_LIMIT, PHOTO_LIMIT, AttachmentRefused, keep_attachment
from broadcasts.broadcast_views import BroadcastPage
from broadcasts.drafts import LANGUAGES, Problem, Wording, problems, start_draft
from carers.audience import audience_meant, audience_names
from carers.conversations import Conversation, expect
from carers.people import StaffMember
from events.drafting import Step, Wrong, read_answer
from handlers.broadcast_draft import (
    ENGLISH,
    TOPIC,
    ask_or_sum_up,
    problem_params,
    read,
    save,
    show_anew,
    today,
    wording_of,
)
from handlers.broadcast_questions import after_audience
from handlers.broadcast_words import Given, SentFile, Unfit, given_in
from handlers.turn import Turn


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
    """Save what came, in the draft that there is or in a new one, and show it.

    A first message is kept whatever is wrong with it; later ones do not replace good words by wrong ones.
    """
    file = await _kept_file(turn, given.file) if given.file else (page.attachment_id if page else None)
    if isinstance(file, AttachmentRefused):
        await _refuse(turn, page, file.value)
        return
    before = wording_of(page) if page else Wording({}, "")
    words = given.words or before.texts.get(language, "")
    wording = replace(before, texts={**before.texts, language: words}, attachment_id=file)
    wrong = await problems(turn.session, wording, turn.now, turn.zone)
    problem = wrong.get(f"texts.{language}")
    if page is None:
        broadcast_id = (await start_draft(turn.session, wording, staff, turn.now)).id
    else:
        broadcast_id = page.id
        if problem in (None, Problem.NO_ENGLISH) and not await save(turn, staff, page, wording):
            return
    if problem is None:
        await show_anew(turn, staff, broadcast_id, language)
        return
    await expect(turn.session, turn.chat_id, TOPIC, turn.now, _step_of(language), broadcast=broadcast_id)
    said = problem_params(wording, language, problem)
    await turn.reply("broadcast_wrong", id=page.id if page else 0, **said)


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


async def _take_audience(turn: Turn, staff: StaffMember, page: BroadcastPage) -> None:
    """An audience was written, as it is called or as the register calls it."""
    name = audience_meant(turn.text, await audience_names(turn.session, today(turn)))
    if name is None:
        await turn.reply("broadcast_wrong", id=page.id, wrong="no_such_audience")
    elif await save(turn, staff, page, replace(wording_of(page), audience=name)):
        await after_audience(turn, staff, page, turn.reply)


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
            await ask_or_sum_up(turn, saved, turn.reply)
