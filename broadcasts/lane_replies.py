"""Answers to what someone just did in the chat: before everything else, in order, one at a time per chat.

A crash costs: what only changes or removes a message, or answers a tap, is done again; a new message that was
on its way may have arrived and is dropped, since its owner is there and would see it twice. But the notice of
privacy and safety, and whom to ring in danger, are rather said twice than never.
"""

import logging
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime

from broadcasts.attachments import FilesAtHand
from broadcasts.errands import Errand, Lane, Op, Result, Slots, Unsent
from broadcasts.journal import Memory
from broadcasts.pace import ANSWERS_AT_ONCE
from broadcasts.retries import Waits
from broadcasts.sender import Content, NotYet, Outcome, Refused, Retry, Sent, Unknown, Unreachable
from storage.deliveries_cards import UNKNOWN_CHANGE, NewCard, put_cards
from storage.deliveries_people import mark_unreachable
from storage.deliveries_replies import (
    HARMLESS_TWICE,
    MOST_TRIES,
    RATHER_TWICE,
    DueReply,
    PostponedReply,
    claimed_replies,
    due_replies,
    forget_replies,
    mark_replies_sending,
    postpone_replies,
    recover_replies,
    release_replies,
)
from storage.deliveries_waiting import Waiting
from storage.engine import Session

log = logging.getLogger(__name__)

_OPS = {"edit": Op.EDIT, "delete": Op.DELETE, "toast": Op.TOAST}
_NO_MESSAGE = (Op.DELETE, Op.TOAST)


RANK = 0
"""Before all else."""


class ReplyLane(Lane[DueReply]):
    name = "replies"
    journaled = True

    def __init__(self, waits: Waits, files: FilesAtHand) -> None:
        self._waits = waits
        self._files = files

    def is_due(self, waiting: Waiting) -> bool:
        return waiting.replies

    async def claim(self, session: Session, now: datetime, slots: Slots) -> list[Errand[DueReply]]:
        due = await due_replies(session, now, but_chats=slots.busy_chats, limit=slots.left)
        late = [reply.id for reply in due if reply.send_by <= now]
        await forget_replies(session, late)
        slots.tally["replies_late"] += len(late)
        errands = [self._errand(reply, slots) for reply in due if reply.send_by > now]
        wanted = {errand.row.id: errand for errand in errands if errand is not None}
        if not wanted:
            return []
        claimed = await mark_replies_sending(session, wanted)
        for errand in wanted.values():
            if errand.content is not None:
                errand.content = await self._files.with_flyer(session, errand.content)
        return [errand for key, errand in wanted.items() if key in claimed]

    def _errand(self, reply: DueReply, slots: Slots) -> Errand[DueReply] | None:
        op = _OPS.get(reply.op, Op.SEND)
        at_once = 0 if op in _NO_MESSAGE else ANSWERS_AT_ONCE
        if not slots.take(reply.chat_id, at_once):
            return None
        return Errand(
            self,
            reply,
            reply.id,
            RANK,
            op,
            reply.chat_id,
            at_once,
            reply.language,
            content=Content(reply.kind, reply.params),
            message_id=reply.message_id,
            photo=reply.photo,
            callback_id=reply.callback_id,
        )

    async def settle(
        self, session: Session, results: Sequence[Result[DueReply]], now: datetime, tally: Counter[str]
    ) -> None:
        again = [reply for result in results if (reply := self._again(result)) is not None]
        kept = {reply.id for reply in again}
        await forget_replies(session, [result.row.id for result in results if result.row.id not in kept])
        await postpone_replies(session, again)
        await put_cards(session, [card for result in results if (card := _card(result)) is not None], now)
        gone = {
            result.row.chat_id: result.outcome.reason
            for result in results
            if isinstance(result.outcome, Unreachable)
        }
        await mark_unreachable(session, gone, now)
        for result in results:
            _count(result.row, result.outcome, tally)

    def _again(self, result: Result[DueReply]) -> PostponedReply | None:
        """When this is to be tried again; None: it is done with."""
        row, tries = result.row, result.row.attempts + 1
        match result.outcome:
            case Unsent():
                return PostponedReply(row.id, row.due_at, row.attempts)
            case Retry(after=after, everyone=True):
                return PostponedReply(row.id, result.at + after, tries)
            case NotYet(after=after):
                return PostponedReply(row.id, result.at + after, row.attempts)
            case Retry(after=after):
                return PostponedReply(row.id, result.at + max(after, self._waits.after(tries)), tries)
            case Unknown() if row.op in HARMLESS_TWICE or (row.kind in RATHER_TWICE and tries < MOST_TRIES):
                return PostponedReply(row.id, result.at + self._waits.after(tries), tries)
            case _:
                return None

    async def set_aside(self, session: Session, row: DueReply, reason: str, now: datetime) -> None:
        await forget_replies(session, [row.id])

    async def release(self, session: Session, keys: Collection[int]) -> None:
        await release_replies(session, keys)

    async def recover(self, session: Session, memory: Memory, now: datetime, tally: Counter[str]) -> None:
        claimed = {reply.id: reply for reply in await claimed_replies(session)}
        accepted = memory.accepted_by(self.name, set(claimed))
        cards = [
            _new_card(claimed[key], message_id, (self.name, key) in memory.photos)
            for key, message_id in accepted.items()
        ]
        await put_cards(session, [card for card in cards if card is not None], now)
        await forget_replies(session, accepted)
        await release_replies(session, memory.untouched(self.name, claimed.keys() - accepted.keys()))
        again, dropped = await recover_replies(session)
        tally["replies_sent"] += len(accepted)
        tally["replies_unknown"] += dropped
        if again or dropped:
            log.warning(
                "replies interrupted: %d done again, %d may have arrived and are dropped", again, dropped
            )


def _card(result: Result[DueReply]) -> NewCard | None:
    outcome = result.outcome
    return _new_card(result.row, outcome.message_id, outcome.photo) if isinstance(outcome, Sent) else None


def _new_card(row: DueReply, message_id: int | None, photo: bool) -> NewCard | None:
    if message_id is None or row.op in HARMLESS_TWICE:
        return None
    if row.invitation_id is None or row.carer_id is None:
        return None
    # It was composed when it was queued; what changed since then shows in the edit that follows.
    return NewCard(row.invitation_id, row.carer_id, row.chat_id, message_id, UNKNOWN_CHANGE, photo=photo)


def _count(row: DueReply, outcome: Outcome | Unsent, tally: Counter[str]) -> None:
    match outcome:
        case Sent():
            tally["replies_sent"] += 1
        case Unknown():
            tally["replies_unknown"] += 1
            log.warning("no answer to a reply: op=%s kind=%s", row.op, row.kind)
        case Refused(reason=reason) | Unreachable(reason=reason):
            tally["replies_failed"] += 1
            log.warning("a reply was refused: op=%s kind=%s reason=%s", row.op, row.kind, reason)
        case Retry():
            tally["replies_retried"] += 1
        case Unsent() | NotYet():
            pass
