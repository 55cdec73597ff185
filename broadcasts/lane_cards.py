"""Cards whose message is out of date: edited in place until it shows what the invitation is now.

A crash costs nothing: the card is still out of date, and editing a message twice is harmless.
"""

import logging
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from broadcasts.errands import CannotCompose, Errand, Lane, Op, Result, Slots, Unsent
from broadcasts.journal import Memory
from broadcasts.pace import ANSWERS_AT_ONCE
from broadcasts.retries import Waits
from broadcasts.sender import Composer, Refused, Retry, Sent, Skip, Unknown, Unreachable
from storage.deliveries_cards import DrawnCard, any_card_stale, note_drawn, stale_cards
from storage.deliveries_people import mark_unreachable
from storage.engine import Session

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StaleCard:
    """A card as it was when its content was read."""

    id: int
    chat_id: int
    wanted: int
    attempts: int


RANK = 1
"""After answers to taps, before what nobody waits for."""


class CardLane(Lane[StaleCard]):
    name = "cards"
    journaled = False

    def __init__(self, composer: Composer, waits: Waits) -> None:
        self._composer = composer
        self._waits = waits

    async def is_due(self, session: Session, now: datetime) -> bool:
        return await any_card_stale(session, now)

    async def claim(self, session: Session, now: datetime, slots: Slots) -> list[Errand[StaleCard]]:
        errands: list[Errand[StaleCard]] = []
        nothing_to_show: list[DrawnCard] = []
        due = await stale_cards(session, now, but_chats=slots.busy, limit=slots.room)
        for card, language in due:
            row = StaleCard(card.id, card.chat_id, card.wanted, card.attempts)
            if not slots.is_free(row.chat_id, ANSWERS_AT_ONCE):
                continue
            try:
                content = await self._composer.card(session, card, now)
            except Exception as error:
                raise CannotCompose(self, row, error) from error
            if isinstance(content, Skip):
                nothing_to_show.append(DrawnCard(row.id, row.wanted, 0))
                continue
            if not slots.take(row.chat_id, ANSWERS_AT_ONCE):
                break
            errands.append(
                Errand(
                    self,
                    row,
                    row.id,
                    RANK,
                    Op.EDIT,
                    row.chat_id,
                    ANSWERS_AT_ONCE,
                    language,
                    content=content,
                    message_id=card.message_id,
                )
            )
        await note_drawn(session, nothing_to_show)
        slots.tally["cards_left"] += len(nothing_to_show)
        return errands

    async def settle(
        self, session: Session, results: Sequence[Result[StaleCard]], now: datetime, tally: Counter[str]
    ) -> None:
        await note_drawn(session, [card for result in results if (card := self._drawn(result)) is not None])
        gone: dict[int, str] = {}
        for result in results:
            match result.outcome:
                case Sent():
                    tally["cards_drawn"] += 1
                case Unreachable(reason=reason):
                    gone[result.row.chat_id] = reason
                case Refused(reason=reason):
                    tally["cards_failed"] += 1
                    log.warning("a card could not be edited: card=%d reason=%s", result.row.id, reason)
                case _:
                    pass
        await mark_unreachable(session, gone, now)

    def _drawn(self, result: Result[StaleCard]) -> DrawnCard | None:
        row = result.row
        match result.outcome:
            case Unsent():
                return None
            case Retry(after=after):
                return self._later(row, result.at, after)
            case Unknown():
                return self._later(row, result.at)
            case Sent() | Refused() | Unreachable():
                # Refused: the message is gone or too old to edit. The carer's next card is a new message.
                return DrawnCard(row.id, row.wanted, 0)

    def _later(self, row: StaleCard, at: datetime, after: timedelta = timedelta(0)) -> DrawnCard:
        tries = row.attempts + 1
        return DrawnCard(row.id, row.wanted, tries, at + max(after, self._waits.after(tries)))

    async def set_aside(self, session: Session, row: StaleCard, reason: str, now: datetime) -> None:
        await note_drawn(session, [self._later(row, now)])

    async def release(self, session: Session, keys: Collection[int]) -> None:
        """Nothing is written when a card is claimed."""

    async def recover(self, session: Session, memory: Memory, now: datetime, tally: Counter[str]) -> None:
        """Nothing is written when a card is claimed."""
