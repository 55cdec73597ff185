"""Deliveries: what the bot says unasked. Each is judged and composed at the moment it is claimed.

The crash rule. The claim writes ``sending``, the intent, and commits before a request goes out; the result is
written soon after. Whoever finds ``sending`` after a crash cannot know whether the message arrived, so it
becomes ``unknown``, is shown to staff and is not sent again, save for the kinds where a duplicate is harmless
and a loss is not: those are sent once more. At most a window of requests is in that state at any time.
Each channel has a lane of its own, which looks at the rows of that channel alone.
"""

import logging
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from broadcasts.addresses import address_of, as_in_ledger
from broadcasts.attachments import FilesAtHand
from broadcasts.errands import Errand, Lane, Op, Result, Slots, Unsent
from broadcasts.journal import Memory
from broadcasts.kinds import KINDS
from broadcasts.pausing import FailureWatch, pause_and_tell
from broadcasts.policy import PolicyNow, Why
from broadcasts.preparing import Claimed, Preparing
from broadcasts.retries import Waits
from broadcasts.sender import (
    Address,
    Composer,
    Content,
    MailTo,
    NotYet,
    Refused,
    Retry,
    Sent,
    Unknown,
    Unreachable,
)
from storage.deliveries import DeliveryState
from storage.deliveries_cards import UNKNOWN_CHANGE, NewCard, put_cards
from storage.deliveries_due import (
    DueDelivery,
    due_deliveries,
    load_deliveries,
)
from storage.deliveries_moves import (
    Answered,
    answer_deliveries,
    claimed_ids,
    doubt_sending,
    fail_waiting,
    mark_sending,
    note_sent,
    release_sending,
    repeat_sending,
    settle_deliveries,
)
from storage.deliveries_people import mark_addresses_failed, mark_unreachable
from storage.deliveries_waiting import Waiting
from storage.engine import Session
from storage.households import Channel
from storage.routing import go_another_way, reroute, reroute_staff

log = logging.getLogger(__name__)

LOOK_AHEAD = 100
"""How many due deliveries are judged at once: many may be held or skipped for one that goes out."""
MOST_LOOKS = 5
"""How often it is looked past deliveries whose addresses cannot take a message now."""
OTHER_WAY_ROUND = 10
"""Every so many claims the least urgent go first, so that a stream of urgent ones starves nobody."""
_REPEATS = tuple(kind.name for kind in KINDS.values() if kind.repeats)


class DeliveryLane(Lane[Claimed]):
    name = "deliveries"
    journaled = True

    def __init__(
        self,
        composer: Composer,
        policy: PolicyNow,
        waits: Waits,
        files: FilesAtHand,
        channel: Channel = Channel.APP,
    ) -> None:
        self._channel = channel
        self._composer = composer
        self._policy = policy
        self._preparing = Preparing(self, composer, policy, files, channel)
        self._waits = waits
        self._failures = FailureWatch(policy().failures_in_a_row)
        self._claims = 0

    def is_due(self, waiting: Waiting) -> bool:
        return bool(waiting.priorities)

    async def claim(self, session: Session, now: datetime, slots: Slots) -> list[Errand[Claimed]]:
        if slots.room <= 0:
            return []
        self._claims += 1
        errands: list[Errand[Claimed]] = []
        for priority in sorted(slots.waiting.priorities, reverse=self._claims % OTHER_WAY_ROUND == 0):
            if slots.room <= 0:
                break
            due = await self._due(session, priority, now, slots)
            if due:
                errands += await self._claim_of(session, due, now, slots)
        return errands

    async def _due(
        self, session: Session, priority: int, now: datetime, slots: Slots
    ) -> Sequence[DueDelivery]:
        """What is due of this priority and can go to its address now."""
        resting: set[Address] = set()
        limit = max(LOOK_AHEAD, slots.room)
        for _ in range(MOST_LOOKS):
            but = as_in_ledger(resting)
            due = await due_deliveries(session, self._channel, priority, now, resting=but, limit=limit)
            addresses = {row.id: address_of(row, self._channel) for row in due}
            rest = {to for to in addresses.values() if to is not None and not slots.is_free(to)}
            if len(due) < limit or len(rest) < len(due):
                return [row for row in due if addresses[row.id] not in rest]
            resting |= rest
        return []

    async def _claim_of(
        self, session: Session, due: Sequence[DueDelivery], now: datetime, slots: Slots
    ) -> list[Errand[Claimed]]:
        ready, settled = await self._preparing.prepare(session, due, now, slots)
        await settle_deliveries(session, settled)
        slots.tally.update(str(row.state) for row in settled)
        if not ready:
            return []
        errands = [self._errand(row, content) for row, content in ready]
        chats = {errand.key: errand.to if isinstance(errand.to, int) else None for errand in errands}
        claimed = await mark_sending(session, chats, now)
        return [errand for errand in errands if errand.key in claimed]

    def _errand(self, row: Claimed, content: Content) -> Errand[Claimed]:
        language = content.language or row.due.language or "en"
        rank = int(row.kind.priority)
        return Errand(self, row, row.due.id, rank, Op.SEND, row.to, 1, language, content=content)

    async def settle(
        self, session: Session, results: Sequence[Result[Claimed]], now: datetime, tally: Counter[str]
    ) -> None:
        messages = {
            result.row.due.id: result.outcome.message_id
            for result in results
            if isinstance(result.outcome, Sent)
        }
        await note_sent(session, messages)
        tally["sent"] += len(messages)
        await put_cards(session, [card for result in results if (card := _card(result)) is not None], now)
        await self._settle_others(
            session, [result for result in results if not isinstance(result.outcome, Sent)], now, tally
        )
        for result in results:
            if self._failures.note(result.row.due.notice_id, result.row.kind, result.outcome):
                await pause_and_tell(session, result.row.due.notice_id, now, self._policy().failures_in_a_row)

    async def _settle_others(
        self, session: Session, results: Sequence[Result[Claimed]], now: datetime, tally: Counter[str]
    ) -> None:
        """Write down what came of requests that were not simply accepted."""
        answers = [answer for result in results if (answer := self._answer(result)) is not None]
        await answer_deliveries(session, answers)
        await self._note_gone(session, results, now, tally)
        tally.update(str(answer.state) for answer in answers if answer.state is not DeliveryState.QUEUED)

    async def _note_gone(
        self, session: Session, results: Sequence[Result[Claimed]], now: datetime, tally: Counter[str]
    ) -> None:
        """Write down which addresses take nothing any more; and send what was for them another way."""
        gone = [
            (result.row, result.outcome.reason)
            for result in results
            if isinstance(result.outcome, Unreachable)
        ]
        if not gone:
            return
        await mark_unreachable(session, {row.to: why for row, why in gone if isinstance(row.to, int)}, now)
        failed = {row.to.address: why for row, why in gone if isinstance(row.to, MailTo)}
        await mark_addresses_failed(session, failed, now)
        tally["rerouted"] += await go_another_way(session, [row.due.id for row, _ in gone], now)
        for carer_id in {row.due.carer_id for row, _ in gone}:
            of_one = reroute_staff(session, now) if carer_id is None else reroute(session, now, carer_id)
            tally["rerouted"] += await of_one

    def _answer(self, result: Result[Claimed]) -> Answered | None:
        due = result.row.due
        tries, doubts = due.attempts + 1, due.doubts
        match result.outcome:
            case Sent():
                return None
            case Retry(after=after, reason=reason, everyone=everyone):
                wait = after if everyone else max(after, self._waits.after(tries))
                return _later(due, reason, result.at + wait, tries, doubts)
            case NotYet(after=after, reason=reason):
                return _later(due, reason, result.at + after, due.attempts, doubts)
            case Unknown(reason=reason) if result.row.kind.repeats and doubts == 0:
                return _later(due, reason, result.at + self._waits.after(tries), tries, doubts + 1)
            case Unknown(reason=reason):
                return Answered(
                    due.id, DeliveryState.UNKNOWN, reason[:80], due.due_at, None, result.at, tries, doubts + 1
                )
            case Refused(reason=reason) | Unreachable(reason=reason):
                return Answered(
                    due.id, DeliveryState.FAILED, reason[:80], due.due_at, None, None, tries, doubts
                )
            case Unsent():
                return Answered(
                    due.id, DeliveryState.QUEUED, due.reason, due.due_at, None, None, due.attempts, doubts
                )

    async def set_aside(self, session: Session, row: Claimed, reason: str, now: datetime) -> None:
        if self._composer.in_bulk(row.kind.name) is None:
            await fail_waiting(session, row.due.id, reason)
        else:
            # What is at fault is the message, not this recipient: failing them one by one would help nobody.
            await pause_and_tell(session, row.due.notice_id, now, 0, reason)

    async def release(self, session: Session, keys: Collection[int]) -> None:
        await release_sending(session, keys)

    async def recover(self, session: Session, memory: Memory, now: datetime, tally: Counter[str]) -> None:
        claimed = await claimed_ids(session, self._channel)
        accepted = memory.accepted_by(self.name, claimed)
        photos = {id for lane, id in memory.photos if lane == self.name}
        await put_cards(session, await _cards_of(session, accepted, photos), now)
        await note_sent(session, accepted)
        untouched = memory.untouched(self.name, claimed - accepted.keys())
        await release_sending(session, untouched)
        repeated = await repeat_sending(session, self._channel, _REPEATS, Why.INTERRUPTED, now)
        unknown = await doubt_sending(session, self._channel, Why.INTERRUPTED)
        tally["sent"] += len(accepted)
        tally["unknown"] += unknown
        if claimed:
            log.warning(
                "deliveries (%s) interrupted: %d accepted, %d never requested, %d sent once more, %d unknown",
                self._channel,
                len(accepted),
                len(untouched),
                repeated,
                unknown,
            )


async def _cards_of(
    session: Session, accepted: Mapping[int, int | None], photos: Collection[int]
) -> list[NewCard]:
    """The cards among these messages. What they show nobody remembers, so they are drawn again."""
    return [
        NewCard(
            row.invitation_id,
            row.carer_id,
            row.chat_id,
            message_id,
            UNKNOWN_CHANGE,
            photo=row.id in photos,
        )
        for row in (await load_deliveries(session, accepted)).values()
        if KINDS[row.kind].card and row.invitation_id and row.carer_id and row.chat_id
        if (message_id := accepted[row.id]) is not None
    ]


def _later(due: DueDelivery, reason: str, when: datetime, tries: int, doubts: int) -> Answered:
    return Answered(due.id, DeliveryState.RETRYING, reason[:80], when, None, None, tries, doubts)


def _card(result: Result[Claimed]) -> NewCard | None:
    due, outcome = result.row.due, result.outcome
    if not result.row.kind.card or not isinstance(outcome, Sent) or outcome.message_id is None:
        return None
    chat_id = result.row.to
    if due.invitation_id is None or due.carer_id is None or not isinstance(chat_id, int):
        return None
    return NewCard(
        due.invitation_id,
        due.carer_id,
        chat_id,
        outcome.message_id,
        result.row.shows,
        result.row.standing,
        outcome.photo,
    )
