"""Messages to take back or to correct: what staff ask for when a broadcast was wrong.

A crash costs nothing: what was asked for stands until it is done, and deleting a message twice, or editing it
to the same words, is harmless.
"""

import logging
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime

from broadcasts.errands import CannotCompose, Errand, Lane, Op, Result, Slots, Unsent
from broadcasts.journal import Memory
from broadcasts.retries import Waits
from broadcasts.sender import Composer, Content, NotYet, Refused, Retry, Sent, Skip, Unknown, Unreachable
from storage import deliveries
from storage.deliveries import DeliveryState
from storage.deliveries_amendments import (
    Amended,
    DueAmendment,
    due_amendments,
    note_amended,
)
from storage.deliveries_waiting import Waiting
from storage.engine import Session

log = logging.getLogger(__name__)

RANK = 2
"""After what answers a tap, before what is still to be said: who takes something back is in a hurry."""
CORRECTED = "corrected"
_TRIES = 4
"""Tries are not counted: each wait is that after so many."""


class AmendmentLane(Lane[DueAmendment]):
    name = "amendments"
    journaled = False

    def __init__(self, composer: Composer, waits: Waits) -> None:
        self._composer = composer
        self._waits = waits

    def is_due(self, waiting: Waiting) -> bool:
        return waiting.amendments

    async def claim(self, session: Session, now: datetime, slots: Slots) -> list[Errand[DueAmendment]]:
        due = await due_amendments(session, now, but_chats=slots.busy_chats, limit=slots.room)
        contents = await self._contents(session, [row for row in due if _corrects(row)], now)
        errands: list[Errand[DueAmendment]] = []
        nothing_to_do: list[Amended] = []
        for row in due:
            content = contents.get(row.delivery.id)
            if isinstance(content, Skip):
                nothing_to_do.append(Amended(row.delivery.id, row.delivery.state, content.reason[:80]))
            elif slots.take(row.chat_id):
                errands.append(self._errand(row, content))
        await note_amended(session, nothing_to_do)
        return errands

    async def _contents(
        self, session: Session, rows: Sequence[DueAmendment], now: datetime
    ) -> dict[int, Content | Skip]:
        """What corrected messages say now."""
        contents: dict[int, Content | Skip] = {}
        for kind in {row.delivery.kind for row in rows}:
            compose = self._composer.in_bulk(kind)
            if compose is None:
                raise ValueError(f"a message of kind {kind} cannot be corrected")
            wrong = [row for row in rows if row.delivery.kind == kind]
            try:
                contents |= await compose(session, [row.delivery for row in wrong], now)
            except Exception as error:
                raise CannotCompose(self, wrong[0], error) from error
        return contents

    def _errand(self, row: DueAmendment, content: Content | None) -> Errand[DueAmendment]:
        return Errand(
            self,
            row,
            row.delivery.id,
            RANK,
            Op.EDIT if _corrects(row) else Op.DELETE,
            row.chat_id,
            1,
            row.delivery.language or "en",
            content=content,
            message_id=row.message_id,
        )

    async def settle(
        self, session: Session, results: Sequence[Result[DueAmendment]], now: datetime, tally: Counter[str]
    ) -> None:
        await note_amended(session, [row for result in results if (row := self._amended(result)) is not None])
        tally["amended"] += sum(isinstance(result.outcome, Sent) for result in results)

    def _amended(self, result: Result[DueAmendment]) -> Amended | None:
        row = result.row
        match result.outcome:
            case Unsent():
                return None
            case Sent() if _corrects(row):
                return Amended(row.delivery.id, row.delivery.state, CORRECTED)
            case Sent():
                return Amended(row.delivery.id, DeliveryState.RECALLED, None)
            case Retry(after=after, reason=reason, everyone=True) | NotYet(after=after, reason=reason):
                return self._later(row, reason, result.at + after)
            case Retry(after=after, reason=reason):
                return self._later(row, reason, result.at + max(after, self._waits.after(_TRIES)))
            case Unknown(reason=reason):
                return self._later(row, reason, result.at + self._waits.after(_TRIES))
            case Refused(reason=reason) | Unreachable(reason=reason):
                log.warning("a message could not be amended: delivery=%d reason=%s", row.delivery.id, reason)
                return Amended(row.delivery.id, row.delivery.state, f"not_amended:{reason}"[:80])

    def _later(self, row: DueAmendment, reason: str, at: datetime) -> Amended:
        return Amended(row.delivery.id, row.delivery.state, reason[:80], row.errand, at)

    async def set_aside(self, session: Session, row: DueAmendment, reason: str, now: datetime) -> None:
        await note_amended(session, [Amended(row.delivery.id, row.delivery.state, reason)])

    async def release(self, session: Session, keys: Collection[int]) -> None:
        """Nothing is written when an amendment is claimed."""

    async def recover(self, session: Session, memory: Memory, now: datetime, tally: Counter[str]) -> None:
        """Nothing is written when an amendment is claimed."""


def _corrects(row: DueAmendment) -> bool:
    return row.errand is deliveries.Errand.CORRECT
