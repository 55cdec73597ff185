"""/start: a carer or a colleague opens their personal link; somebody known says hello; a stranger knocks.

Also what Telegram tells of the chat itself: that its owner blocked the bot, or let it in again.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from telegram import ChatMember, Update
from telegram.ext import BaseHandler, ChatMemberHandler, CommandHandler, ContextTypes

from broadcasts.queue import queue_reply
from carers.conversations import settle
from carers.linking import Linked, Refusal, redeem
from carers.people import Carer, person_of_chat
from carers.reach import closed_the_chat
from carers.shared_chats import called
from events.invitations import come_back, invite_newcomer
from handlers.free_text import answer_stranger
from handlers.turn import Turn, current_turn

Context = ContextTypes.DEFAULT_TYPE
Opener = Callable[[Turn, str], Awaitable[None]]
_openers: dict[str, Opener] = {}


def opens(prefix: str) -> Callable[[Opener], Opener]:
    """Register who handles deep links ``/start <prefix>-<rest>``; called with the turn and the rest.

    ``prefix`` is letters only, so that no personal link, which is random, is likely to begin like it.
    """

    def register(opener: Opener) -> Opener:
        _openers[prefix] = opener
        return opener

    return register


async def start(update: Update, context: Context) -> None:
    """Open a personal link or another deep link, or greet."""
    turn = current_turn()
    payload = " ".join(context.args or [])
    prefix, dash, rest = payload.partition("-")
    if dash and prefix in _openers:
        await _openers[prefix](turn, rest)
    elif payload:
        await open_personal_link(turn, payload)
    else:
        await greet(turn)


async def open_personal_link(turn: Turn, token: str) -> None:
    """Connect this chat, and give the notice of privacy and safety with the welcome."""
    user = turn.update.effective_user
    name, today = user.full_name if user else "", turn.now.astimezone(turn.zone).date()
    outcome = await redeem(turn.session, token, turn.chat_id, turn.now, name, today=today)
    match outcome:
        case Linked(carer=carer) if carer is not None:
            await _welcome(turn, carer, outcome)
        case Linked():
            await turn.reply("welcome_staff")
        case Refusal.SLOWED:
            await turn.reply("link_slowed")
        case Refusal.CHAT_TAKEN:
            await turn.reply("link_chat_taken")
        case _:
            await (turn.reply("unknown_person") if turn.person.is_stranger else greet(turn))


async def _welcome(turn: Turn, carer: Carer, linked: Linked) -> None:
    """Say that it worked, here and, where the carer had another phone, there; and send what is open."""
    turn.person = await person_of_chat(turn.session, turn.chat_id)
    await settle(turn.session, turn.chat_id)
    await turn.reply("welcome_again" if linked.again else "welcome", first_name=carer.first_name, back=False)
    if linked.sharing and not linked.again:
        await turn.reply("sharing", first_name=carer.first_name, other=linked.sharing)
    if linked.moved_from is not None:
        stays = linked.stays
        await queue_reply(
            turn.session,
            linked.moved_from,
            "chat_moved",
            {"first_name": carer.first_name, "stays": called(stays) if stays else ""},
            language=str((stays or carer).language),
            now=turn.now,
        )
    await invite_newcomer(turn.session, carer, turn.now, turn.zone)


async def greet(turn: Turn) -> None:
    """Say hello to somebody known, who thereby comes back from /stop; anybody else is a stranger."""
    carer = turn.person.carer
    if carer is not None:
        back = await come_back(turn.session, carer, turn.now, turn.zone)
        await turn.reply("welcome_again", first_name=carer.first_name, back=back)
    elif turn.person.staff is not None:
        await turn.reply("help_staff")
    else:
        await answer_stranger(turn)


async def membership(update: Update, context: Context) -> None:
    """The owner of the chat blocked the bot, or unblocked it (which the inbox has noted already)."""
    turn = current_turn()
    change = update.my_chat_member
    if turn.person.carer is not None and change and change.new_chat_member.status == ChatMember.BANNED:
        await closed_the_chat(turn.session, turn.person.carers, turn.now)


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    return [
        CommandHandler("start", start),
        ChatMemberHandler(membership, ChatMemberHandler.MY_CHAT_MEMBER),
    ]
