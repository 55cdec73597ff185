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
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from broadcasts.addresses import address_of, as_in_ledger
from broadcasts.attachments import FilesAtHand
from broadcasts.errands import CannotCompose, Errand, Lane, Op, Result, Slots, Unsent
from broadcasts.journal import Memory
from broadcasts.kinds import KINDS, Kind
from broadcasts.pausing import FailureWatch, pause_and_tell
from broadcasts.policy import (
    WEEK,
    Policy,
    Why,
    held_by_cap,
    judge,
    quiet_hours_of,
    skip,
    topic_of_delivery,
)
from broadcasts.quiet import QuietHours
from broadcasts.retries import Waits
from broadcasts.same_chat import NOT_SHARED, Together, told_together
from broadcasts.sender import (
    Address,
    Composer,
    Content,
    MailTo,
    NotYet,
    Refused,
    Retry,
    Sent,
    Skip,
    Unknown,
    Unreachable,
)
from storage.deliveries import Delivery, DeliveryState
from storage.deliveries_cards import UNKNOWN_CHANGE, NewCard, Standing, card_versions, put_cards, standings
from storage.deliveries_due import (
    DueDelivery,
    due_deliveries,
    load_deliveries,
    lock_the_week,
    notices_of_households,
    opt_outs_of,
)
from storage.deliveries_moves import (
    Answered,
    Settled,
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
from storage.routing import go_another_way, move_to_their_way, reroute

log = logging.getLogger(__name__)

LOOK_AHEAD = 100
"""How many due deliveries are judged at once: many may be held or skipped for one that goes out."""
MOST_LOOKS = 5
"""How often it is looked past deliveries whose addresses cannot take a message now."""
OTHER_WAY_ROUND = 10
"""Every so many claims the least urgent go first, so that a stream of urgent ones starves nobody."""
_CAPPED = tuple(kind.name for kind in KINDS.values() if kind.capped)
_REPEATS = tuple(kind.name for kind in KINDS.values() if kind.repeats)

Weeks = dict[int, dict[int, datetime]]
"""By household: the notices of the last seven days that count, and when each last went out."""


class Claimed(NamedTuple):
    """A delivery on its way. ``shows`` and ``standing``: what its message shows, as in `NewCard`."""

    due: DueDelivery
    kind: Kind
    to: Address
    shows: int = 0
    standing: Standing | None = None


class DeliveryLane(Lane[Claimed]):
    name = "deliveries"
    journaled = True

    def __init__(
        self,
        composer: Composer,
        policy: Policy,
        waits: Waits,
        files: FilesAtHand,
        channel: Channel = Channel.APP,
    ) -> None:
        self._channel = channel
        self._composer = composer
        self._files = files
        self._policy = policy
        self._waits = waits
        self._failures = FailureWatch(policy.failures_in_a_row)
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
        due = await self._on_their_way(session, due, slots)
        going, settled = await self._judge(session, due, now)
        first_of_address: dict[Address | None, DueDelivery] = {}
        for row in going:
            first_of_address.setdefault(address_of(row, self._channel), row)
        going = list(first_of_address.values())[: slots.room]
        together = await told_together(session, going) if self._channel is Channel.APP else NOT_SHARED
        settled += [skip(row, Why.SAME_CHAT) for row in going if together.was_told(row)]
        going = [row for row in going if not together.was_told(row)]
        errands: list[Errand[Claimed]] = []
        weeks = await self._weeks(session, going, now)
        shown = await self._shown(session, going)
        composed = await self._compose_many(session, going, now)
        rows = await load_deliveries(session, [row.id for row in going if row.id not in composed])
        for row in going:
            week = weeks.get(row.household_id or 0, {})
            held = held_by_cap(row, week, self._policy, now)
            if held is not None:
                settled.append(held)
                continue
            content = composed.get(row.id)
            if content is None:
                content = await self._compose(session, rows[row.id], self._claimed(shown, row), now)
            if isinstance(content, Skip):
                settled.append(skip(row, content.reason))
                continue
            for_both = await self._is_for_both(session, row, content, together, now)
            if for_both and together.found[row.id].told:
                settled.append(skip(row, Why.SAME_CHAT))
                continue
            content = together.addressed(row, content, for_both)
            errand = self._errand(self._claimed(shown, row), content, slots)
            if errand is not None:
                errands.append(errand)
                if KINDS[row.kind].capped:
                    week[row.notice_id] = now
        await settle_deliveries(session, settled)
        slots.tally.update(str(row.state) for row in settled)
        if not errands:
            return []
        chats = {errand.key: errand.to if isinstance(errand.to, int) else None for errand in errands}
        claimed = await mark_sending(session, chats, now)
        return [errand for errand in errands if errand.key in claimed]

    async def _on_their_way(
        self, session: Session, due: Sequence[DueDelivery], slots: Slots
    ) -> Sequence[DueDelivery]:
        """Those that go by this channel still. Whose way has changed since they were queued, and nobody moved
        what waits for them, are moved now."""
        astray = [row.id for row in due if row.way != self._channel]
        if not astray:
            return due
        await move_to_their_way(session, astray)
        slots.tally["rerouted"] += len(astray)
        return [row for row in due if row.way == self._channel]

    async def _compose_many(
        self, session: Session, going: Sequence[DueDelivery], now: datetime
    ) -> dict[int, Content | Skip]:
        """What to say in the deliveries of those kinds that are composed many at a time."""
        composed: dict[int, Content | Skip] = {}
        for kind in {row.kind for row in going}:
            compose = self._composer.in_bulk(kind)
            if compose is None:
                continue
            rows = [row for row in going if row.kind == kind]
            try:
                contents = await compose(session, rows, now)
                composed |= {row.id: contents[row.id] for row in rows}
            except Exception as error:
                raise CannotCompose(self, self._claimed(_NOTHING_SHOWN, rows[0]), error) from error
        return composed

    async def _is_for_both(
        self, session: Session, row: DueDelivery, content: Content, together: Together, now: datetime
    ) -> bool:
        """Whether what many are told says the same, word for word, to both who share a chat: it may name
        them."""
        to_the_other = together.as_to_the_other(row)
        if to_the_other is None:
            return False
        said = await self._compose_many(session, [to_the_other], now)
        return said.get(row.id) == content

    async def _compose(
        self, session: Session, delivery: Delivery, row: Claimed, now: datetime
    ) -> Content | Skip:
        try:
            content = await self._composer.notice(session, delivery, now)
            return content if isinstance(content, Skip) else await self._files.with_flyer(session, content)
        except Exception as error:
            raise CannotCompose(self, row, error) from error

    async def _shown(self, session: Session, going: Sequence[DueDelivery]) -> "_Shown":
        """What the cards among these are about to show; read before they are composed, never after."""
        invitations = {
            row.invitation_id for row in going if row.invitation_id is not None and KINDS[row.kind].card
        }
        if not invitations or self._channel is not Channel.APP:
            return _NOTHING_SHOWN
        return _Shown(await card_versions(session, invitations), await standings(session, invitations))

    async def _judge(
        self, session: Session, due: Sequence[DueDelivery], now: datetime
    ) -> tuple[list[DueDelivery], list[Settled]]:
        topics = {row.id: topic for row in due if (topic := topic_of_delivery(row)) is not None}
        asked = {row.carer_id for row in due if row.id in topics and row.carer_id is not None}
        refusals = await opt_outs_of(session, asked) if asked else set()
        for_all = _quiet_until(self._policy.quiet, now)
        going: list[DueDelivery] = []
        settled: list[Settled] = []
        for row in due:
            opted_out = (row.carer_id, topics.get(row.id)) in refusals
            own = quiet_hours_of(row, self._policy.quiet)
            quiet_until = for_all if own is None else _quiet_until(own, now)
            verdict = judge(row, opted_out, quiet_until, now, self._channel)
            if verdict is None:
                going.append(row)
            else:
                settled.append(verdict)
        return going, settled

    async def _weeks(self, session: Session, going: Sequence[DueDelivery], now: datetime) -> Weeks:
        households = {
            row.household_id for row in going if row.household_id is not None and KINDS[row.kind].capped
        }
        weeks: Weeks = {household: {} for household in households}
        if households and self._policy.weekly_cap is not None:
            await lock_the_week(session)
            for household, notice, at in await notices_of_households(
                session, households, _CAPPED, now - WEEK
            ):
                weeks[household][notice] = at
        return weeks

    def _claimed(self, shown: "_Shown", row: DueDelivery) -> Claimed:
        return shown.claimed(row, address_of(row, self._channel) or 0)

    def _errand(self, row: Claimed, content: Content, slots: Slots) -> Errand[Claimed] | None:
        if not slots.take(row.to):
            return None
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
                await pause_and_tell(session, result.row.due.notice_id, now, self._policy.failures_in_a_row)

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
            if isinstance(result.outcome, Unreachable) and result.row.due.carer_id is not None
        ]
        if not gone:
            return
        await mark_unreachable(session, {row.to: why for row, why in gone if isinstance(row.to, int)}, now)
        failed = {row.to.address: why for row, why in gone if isinstance(row.to, MailTo)}
        await mark_addresses_failed(session, failed, now)
        tally["rerouted"] += await go_another_way(session, [row.due.id for row, _ in gone], now)
        for carer_id in {row.due.carer_id for row, _ in gone}:
            tally["rerouted"] += await reroute(session, now, carer_id)

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


def _quiet_until(quiet: QuietHours, now: datetime) -> datetime | None:
    return quiet.ends(now) if quiet.is_quiet(now) else None


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


@dataclass(frozen=True, slots=True)
class _Shown:
    versions: Mapping[tuple[int, int], int]
    standings: Mapping[int, Standing]

    def claimed(self, due: DueDelivery, to: Address) -> Claimed:
        if due.invitation_id is None:
            return Claimed(due, KINDS[due.kind], to)
        invitation = due.invitation_id
        return Claimed(
            due,
            KINDS[due.kind],
            to,
            shows=self.versions.get((invitation, due.carer_id or 0), 0),
            standing=self.standings.get(invitation),
        )


_NOTHING_SHOWN = _Shown({}, {})


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
