"""Deliveries: what the bot says unasked. Each is judged and composed at the moment it is claimed.

The crash rule. The claim writes ``sending``, the intent, and commits before a request goes out; the result is
written soon after. Whoever finds ``sending`` after a crash cannot know whether the message arrived, so it
becomes ``unknown``, is shown to staff and is not sent again, save for the kinds where a duplicate is harmless
and a loss is not: those are sent once more. At most a window of requests is in that state at any time.
"""

import logging
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from broadcasts.errands import CannotCompose, Errand, Lane, Op, Result, Slots, Unsent
from broadcasts.kinds import KINDS, Kind, Priority
from broadcasts.pausing import FailureWatch, pause_and_tell
from broadcasts.policy import WEEK, Policy, Why, held_by_cap, judge, skip, topic_of_delivery
from broadcasts.retries import Waits
from broadcasts.sender import Composer, Content, Refused, Retry, Sent, Skip, Unknown, Unreachable
from storage.deliveries import DeliveryState
from storage.deliveries_cards import NewCard, Standing, card_versions, put_cards, standings
from storage.deliveries_due import (
    DueDelivery,
    any_delivery_due,
    due_deliveries,
    load_deliveries,
    notices_of_households,
    opt_outs_of,
)
from storage.deliveries_moves import (
    Answered,
    Settled,
    answer_deliveries,
    doubt_sending,
    fail_waiting,
    mark_sending,
    release_sending,
    repeat_sending,
    settle_deliveries,
)
from storage.deliveries_people import mark_unreachable
from storage.engine import Session

log = logging.getLogger(__name__)

LOOK_AHEAD = 100
"""How many due deliveries are judged at once: many may be held or skipped for one that goes out."""
OTHER_WAY_ROUND = 10
"""Every so many claims the least urgent go first, so that a stream of urgent ones starves nobody."""
_CAPPED = tuple(kind.name for kind in KINDS.values() if kind.capped)
_REPEATS = tuple(kind.name for kind in KINDS.values() if kind.repeats)

Weeks = dict[int, dict[int, datetime]]
"""By household: the notices of the last seven days that count, and when each last went out."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery on its way. ``shows`` and ``standing``: what its message shows, as in `NewCard`."""

    due: DueDelivery
    kind: Kind
    chat_id: int
    shows: int
    standing: Standing | None


class DeliveryLane(Lane[Claimed]):
    name = "deliveries"

    def __init__(self, composer: Composer, policy: Policy, waits: Waits) -> None:
        self._composer = composer
        self._policy = policy
        self._waits = waits
        self._failures = FailureWatch(policy.failures_in_a_row)
        self._claims = 0

    async def is_due(self, session: Session, now: datetime) -> bool:
        return await any_delivery_due(session, tuple(Priority), now)

    async def claim(self, session: Session, now: datetime, slots: Slots) -> list[Errand[Claimed]]:
        self._claims += 1
        errands: list[Errand[Claimed]] = []
        for priority in sorted(Priority, reverse=self._claims % OTHER_WAY_ROUND == 0):
            if slots.room <= 0:
                break
            due = await due_deliveries(
                session, priority, now, but_chats=slots.occupied(), limit=max(LOOK_AHEAD, slots.room)
            )
            if due:
                errands += await self._claim_of(session, due, now, slots)
        return errands

    async def _claim_of(
        self, session: Session, due: Sequence[DueDelivery], now: datetime, slots: Slots
    ) -> list[Errand[Claimed]]:
        going, settled = await self._judge(session, due, now)
        first_of_chat = {row.chat_id: row for row in reversed(going)}
        going = [row for row in going if first_of_chat[row.chat_id] is row][: slots.room]
        errands: list[Errand[Claimed]] = []
        weeks = await self._weeks(session, going, now)
        shown = await self._shown(session, going)
        rows = await load_deliveries(session, [row.id for row in going])
        for row in going:
            week = weeks.get(row.household_id or 0, {})
            held = held_by_cap(row, week, self._policy, now)
            if held is not None:
                settled.append(held)
                continue
            try:
                content = await self._composer.notice(session, rows[row.id], now)
            except Exception as error:
                raise CannotCompose(self, shown.claimed(row), error) from error
            if isinstance(content, Skip):
                settled.append(skip(row, content.reason))
                continue
            errand = self._errand(shown.claimed(row), content, slots)
            if errand is not None:
                errands.append(errand)
                if KINDS[row.kind].capped:
                    week[row.notice_id] = now
        await settle_deliveries(session, settled)
        slots.tally.update(str(row.state) for row in settled)
        if not errands:
            return []
        claimed = await mark_sending(session, [errand.row.due.id for errand in errands], now)
        return [errand for errand in errands if errand.row.due.id in claimed]

    async def _shown(self, session: Session, going: Sequence[DueDelivery]) -> "_Shown":
        """What the cards among these are about to show; read before they are composed, never after."""
        invitations = {
            row.invitation_id for row in going if row.invitation_id is not None and KINDS[row.kind].card
        }
        if not invitations:
            return _Shown({}, {})
        return _Shown(await card_versions(session, invitations), await standings(session, invitations))

    async def _judge(
        self, session: Session, due: Sequence[DueDelivery], now: datetime
    ) -> tuple[list[DueDelivery], list[Settled]]:
        carers = {row.carer_id for row in due if row.carer_id is not None}
        refusals = await opt_outs_of(session, carers) if carers else set()
        going: list[DueDelivery] = []
        settled: list[Settled] = []
        for row in due:
            topic = topic_of_delivery(row)
            opted_out = row.carer_id is not None and topic is not None and (row.carer_id, topic) in refusals
            verdict = judge(row, opted_out, self._policy, now)
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
            for household, notice, at in await notices_of_households(
                session, households, _CAPPED, now - WEEK
            ):
                weeks[household][notice] = at
        return weeks

    def _errand(self, row: Claimed, content: Content, slots: Slots) -> Errand[Claimed] | None:
        if not slots.take(row.chat_id):
            return None
        return Errand(self, row, Op.SEND, row.chat_id, 1, row.due.language or "en", content=content)

    async def settle(
        self, session: Session, results: Sequence[Result[Claimed]], now: datetime, tally: Counter[str]
    ) -> None:
        answers = [self._answer(result) for result in results]
        await answer_deliveries(session, answers)
        await put_cards(session, [card for result in results if (card := _card(result)) is not None], now)
        gone = {
            result.row.chat_id: result.outcome.reason
            for result in results
            if isinstance(result.outcome, Unreachable) and result.row.due.carer_id is not None
        }
        await mark_unreachable(session, gone, now)
        tally.update(str(answer.state) for answer in answers if answer.state is not DeliveryState.QUEUED)
        for result in results:
            if self._failures.note(result.row.due.notice_id, result.row.kind, result.outcome):
                await pause_and_tell(session, result.row.due.notice_id, now, self._policy.failures_in_a_row)

    def _answer(self, result: Result[Claimed]) -> Answered:
        due = result.row.due
        tries, doubts = due.attempts + 1, due.doubts
        match result.outcome:
            case Sent(message_id=message_id):
                return Answered(
                    due.id, DeliveryState.SENT, None, due.due_at, message_id, result.at, tries, doubts
                )
            case Retry(after=after, reason=reason, everyone=everyone):
                wait = after if everyone else max(after, self._waits.after(tries))
                return _later(due, reason, result.at + wait, tries, doubts)
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
        await fail_waiting(session, row.due.id, reason)

    async def release(self, session: Session, rows: Collection[Claimed]) -> None:
        await release_sending(session, [row.due.id for row in rows])

    async def recover(self, session: Session, now: datetime, tally: Counter[str]) -> None:
        repeated = await repeat_sending(session, _REPEATS, Why.INTERRUPTED, now)
        unknown = await doubt_sending(session, Why.INTERRUPTED)
        tally["unknown"] += unknown
        if repeated or unknown:
            log.warning("deliveries interrupted: %d sent once more, %d unknown", repeated, unknown)


def _later(due: DueDelivery, reason: str, when: datetime, tries: int, doubts: int) -> Answered:
    return Answered(due.id, DeliveryState.RETRYING, reason[:80], when, None, None, tries, doubts)


@dataclass(frozen=True, slots=True)
class _Shown:
    versions: Mapping[tuple[int, int], int]
    standings: Mapping[int, Standing]

    def claimed(self, due: DueDelivery) -> Claimed:
        invitation = due.invitation_id or 0
        return Claimed(
            due,
            KINDS[due.kind],
            due.chat_id or 0,
            shows=self.versions.get((invitation, due.carer_id or 0), 0),
            standing=self.standings.get(invitation),
        )


def _card(result: Result[Claimed]) -> NewCard | None:
    due, outcome = result.row.due, result.outcome
    if not result.row.kind.card or not isinstance(outcome, Sent) or outcome.message_id is None:
        return None
    if due.invitation_id is None or due.carer_id is None:
        return None
    return NewCard(
        due.invitation_id,
        due.carer_id,
        result.row.chat_id,
        outcome.message_id,
        result.row.shows,
        result.row.standing,
    )
