"""/nominate: whom, then why, then a look at both before anything is sent; and taking one back.

What was typed waits in the chat's conversation, so a restart loses none of it. The bot lists no carers: staff
find out who is meant.
"""

from datetime import timedelta
from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, ContextTypes

from care import nominations
from care.nominations import LONGEST_NAME, LONGEST_WORDS, MOST_WAITING, Back, Nomination, Sent
from carers.conversations import Conversation, expect, settle, waiting_for
from carers.people import Carer
from handlers.free_text import answer_stranger, hears, to_the_service
from handlers.turn import Turn, current_turn
from texts.callbacks import as_id, unpack

Context = ContextTypes.DEFAULT_TYPE
TOPIC = "nominate"
WHOM, WHY, CHECK = "whom", "why", "check"
WAITS_FOR = timedelta(days=1)
"""After that, what a carer writes is taken for a message to the service."""


async def start(update: Update, context: Context) -> None:
    """/nominate, or the button under /surveys: ask whom, unless staff have enough of theirs to look at."""
    turn = current_turn()
    carer = turn.person.carer
    if carer is None:
        await (answer_stranger(turn) if turn.person.is_stranger else turn.reply("help_staff"))
    else:
        await _begin(turn, carer)
    await turn.toast()


async def _begin(turn: Turn, carer: Carer) -> None:
    waiting = _params(await nominations.waiting_of(turn.session, carer))
    if len(waiting) >= MOST_WAITING:
        await turn.reply("nominate_enough", waiting=waiting)
        return
    await expect(turn.session, turn.chat_id, TOPIC, turn.now, WHOM, carer=carer.id)
    await turn.reply("nominate_whom", waiting=waiting)


def _params(waiting: list[Nomination]) -> list[dict[str, Any]]:
    return [{"id": one.id, "whom": one.whom or ""} for one in waiting]


async def tap(update: Update, context: Context) -> None:
    """A button under one of the messages. Its data may be anybody's invention."""
    turn = current_turn()
    carer = turn.person.carer
    _, arguments = unpack(turn.tapped)
    conversation = await _of(turn, carer)
    match (carer, *arguments):
        case (Carer() as nominator, "back", str(number)):
            await _take_back(turn, nominator, as_id(number))
        case (Carer() as nominator, "whom") if conversation is not None:
            await _again(turn, conversation, WHOM)
            waiting = _params(await nominations.waiting_of(turn.session, nominator))
            await turn.edit("nominate_whom", waiting=waiting)
            await turn.toast()
        case (Carer(), "why") if conversation is not None and "whom" in conversation.data:
            await _ask_why(turn, conversation, conversation.data["whom"])
            await turn.toast()
        case (Carer() as nominator, "send") if conversation is not None and conversation.step == CHECK:
            await _send(turn, nominator, conversation)
        case (Carer(), "drop") if conversation is not None:
            await settle(turn.session, turn.chat_id)
            await turn.edit("nominate_dropped")
            await turn.toast()
        case _:
            await turn.toast("toast_old_button")


async def _of(turn: Turn, carer: Carer | None) -> Conversation | None:
    """What this carer has begun here, if anything; not what the other in a shared chat began."""
    conversation = await waiting_for(turn.session, turn.chat_id)
    if conversation is None or carer is None or conversation.topic != TOPIC:
        return None
    return conversation if conversation.data.get("carer") == carer.id else None


async def _again(turn: Turn, conversation: Conversation, step: str, **changed: str) -> None:
    kept = {name: value for name, value in conversation.data.items() if name in ("carer", "whom", "words")}
    await expect(turn.session, turn.chat_id, TOPIC, turn.now, step, **{**kept, **changed})


async def _send(turn: Turn, carer: Carer, conversation: Conversation) -> None:
    whom, words = conversation.data["whom"], conversation.data["words"]
    sent, nomination = await nominations.nominate(turn.session, carer, whom, words, turn.now)
    await settle(turn.session, turn.chat_id)
    if nomination is None or sent is Sent.ENOUGH:
        waiting = _params(await nominations.waiting_of(turn.session, carer))
        await turn.edit("nominate_enough", waiting=waiting)
    else:
        await turn.edit("nominate_sent", id=nomination.id, whom=whom)
    await turn.toast()


async def _take_back(turn: Turn, carer: Carer, nomination_id: int) -> None:
    back, whom = await nominations.take_back(turn.session, carer, nomination_id)
    match back:
        case Back.GONE:
            await turn.edit("nominate_taken_back", whom=whom)
            await turn.toast()
        case Back.TOO_LATE:
            await turn.edit("nominate_too_late")
            await turn.toast()
        case Back.NOT_THERE:
            await turn.toast("toast_old_button")


@hears(TOPIC)
async def written(turn: Turn, conversation: Conversation) -> None:
    """The name, the reason, or more of it; words that cannot wait go to staff as a message at once."""
    mine = await _of(turn, turn.person.carer)
    if mine is None or turn.now - conversation.updated_at > WAITS_FOR:
        await settle(turn.session, turn.chat_id)
        await to_the_service(turn)
        return
    urgent = turn.desk.is_urgent(turn.text)
    if urgent:
        await to_the_service(turn)
    if conversation.step != WHOM:
        await _heard_why(turn, conversation)
    elif not urgent:  # a cry for help is no name
        await _heard_whom(turn, conversation)


async def _heard_whom(turn: Turn, conversation: Conversation) -> None:
    whom = nominations.tidy(turn.text)
    if len(whom) > LONGEST_NAME or not nominations.names_somebody(whom):
        await turn.reply("nominate_too_long", what=WHOM, longest=LONGEST_NAME)
    elif conversation.data.get("words"):
        await _show(turn, conversation, whom, conversation.data["words"])
    else:
        await _ask_why(turn, conversation, whom, new=True)


async def _ask_why(turn: Turn, conversation: Conversation, whom: str, *, new: bool = False) -> None:
    await _again(turn, conversation, WHY, whom=whom)
    say = turn.reply if new else turn.edit
    await say("nominate_why", whom=whom, longest=LONGEST_WORDS)


async def _heard_why(turn: Turn, conversation: Conversation) -> None:
    """The reason; whoever writes once more before they send has added to it."""
    words = turn.text.replace("\0", "").strip()
    if conversation.step == CHECK:
        words = f"{conversation.data['words']}\n{words}"
    if len(words) > LONGEST_WORDS:
        await turn.reply("nominate_too_long", what="words", longest=LONGEST_WORDS)
    else:
        await _show(turn, conversation, conversation.data["whom"], words)


async def _show(turn: Turn, conversation: Conversation, whom: str, words: str) -> None:
    await _again(turn, conversation, CHECK, whom=whom, words=words)
    await turn.reply("nominate_check", whom=whom, words=words)


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    return [
        CommandHandler("nominate", start),
        CallbackQueryHandler(start, pattern=f"^{TOPIC}:start$"),
        CallbackQueryHandler(tap, pattern=f"^{TOPIC}:"),
    ]
