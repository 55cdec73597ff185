"""Cards whose message is out of date: edited in place until it shows what the invitation is now.

A crash costs nothing: the card is still out of date, and editing a message twice is harmless.
"""

import logging
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from broadcasts.errands import CannotCompose, Errand, Lane, Op, Result, Slots, Unsent
from broadcasts.journal import Memory
from broadcasts.pace import ANSWERS_AT_ONCE
from broadcasts.retries import Waits
from broadcasts.sender import Composer, Content, NotYet, Refused, Retry, Sent, Skip, Unknown, Unreachable
from storage.deliveries_cards import DrawnCard, StaleCard, note_drawn, stale_cards
from storage.deliveries_people import mark_unreachable
from storage.deliveries_waiting import Waiting
from storage.engine import Session

log = logging.getLogger(__name__)


RANK = 1
"""After answers to taps, before what nobody waits for."""


class CardLane(Lane[StaleCard]):
    name = "cards"
    journaled = False

    def __init__(self, composer: Composer, waits: Waits) -> None:
        self._composer = composer
        self._waits = waits

    def is_due(self, waiting: Waiting) -> bool:
        return waiting.cards

    async def claim(self, session: Session, now: datetime, slots: Slots) -> list[Errand[StaleCard]]:
        due = await stale_cards(session, now, but_chats=slots.busy_chats, limit=slots.room)
        due = [card for card in due if slots.is_free(card.chat_id, ANSWERS_AT_ONCE)]
        contents = await self._composed(session, due, now)
        errands: list[Errand[StaleCard]] = []
        nothing_to_show: list[DrawnCard] = []
        for card in due:
            content = contents[card.id]
            if isinstance(content, Skip):
                nothing_to_show.append(DrawnCard(card.id, card.wanted, 0))
            elif slots.take(card.chat_id, ANSWERS_AT_ONCE):
                errands.append(self._errand(card, _addressed(card, content)))
        await note_drawn(session, nothing_to_show)
        slots.tally["cards_left"] += len(nothing_to_show)
        return errands

    async def _composed(
        self, session: Session, due: Sequence[StaleCard], now: datetime
    ) -> Mapping[int, Content | Skip]:
        """What the cards show, composed all at once; if that fails one by one, to find the one at fault."""
        if not due:
            return {}
        try:
            async with session.begin_nested():
                return await self._composer.cards(session, due, now)
        except Exception as error:
            if len(due) == 1:
                raise CannotCompose(self, due[0], error) from error
        contents: dict[int, Content | Skip] = {}
        for card in due:
            contents |= await self._composed(session, [card], now)
        return contents

    def _errand(self, card: StaleCard, content: Content) -> Errand[StaleCard]:
        return Errand(
            self,
            card,
            card.id,
            RANK,
            Op.EDIT,
            card.chat_id,
            ANSWERS_AT_ONCE,
            card.language,
            content=content,
            message_id=card.message_id,
            photo=card.photo,
        )

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
            case Retry(after=after, everyone=True) | NotYet(after=after):
                return DrawnCard(row.id, row.wanted, row.attempts, result.at + after)
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


def _addressed(card: StaleCard, content: Content) -> Content:
    """With whose it is, where two carers share the chat and it is one's own."""
    return (
        replace(content, params={**content.params, "for_name": card.for_name}) if card.for_name else content
    )
