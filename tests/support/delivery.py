"""An engine for tests: no pace unless one is given, a seeded chance, and texts that say their kind."""

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from broadcasts.engine import Engine
from broadcasts.journal import Journal
from broadcasts.pace import Pace
from broadcasts.policy import Policy
from broadcasts.quiet import QuietHours, parse_span
from broadcasts.sender import ComposeMany, Composer, Content, Renderer, Sender, Skip
from storage.deliveries import Delivery
from storage.deliveries_cards import StaleCard
from storage.engine import Database, Session
from storage.households import Channel

LONDON = ZoneInfo("Europe/London")
POLICY = Policy(QuietHours(parse_span("21:00-08:00"), LONDON))

Compose = Callable[[Session, Delivery, datetime], Awaitable[Content | Skip]]


@dataclass(frozen=True)
class PlainMessage:
    text: str


class PlainTexts:
    """Renders ``kind`` or ``kind: text``, for whom where that is said, and the language if not English."""

    def render(self, kind: str, params: Mapping[str, Any], language: str) -> PlainMessage:
        words = f"{kind}: {params['text']}" if "text" in params else kind
        words = f"{words} for {params['for_name']}" if "for_name" in params else words
        return PlainMessage(words if language == "en" else f"{words} [{language}]")


class PlainComposer:
    """Says the delivery's kind; a test may hand in what a kind or a card says instead."""

    def __init__(self) -> None:
        self.kinds: dict[str, Compose] = {}
        self.card_says: Content | Skip = Content("card", {})

    def in_bulk(self, kind: str) -> ComposeMany | None:
        return None

    async def notice(self, session: Session, delivery: Delivery, now: datetime) -> Content | Skip:
        if delivery.kind in self.kinds:
            return await self.kinds[delivery.kind](session, delivery, now)
        return Content(delivery.kind, {})

    async def cards(
        self, session: Session, cards: Sequence[StaleCard], now: datetime
    ) -> Mapping[int, Content | Skip]:
        return {card.id: self.card_says for card in cards}


def engine_for(
    database: Database,
    sender: Sender,
    composer: Composer | None = None,
    renderer: Renderer | None = None,
    policy: Policy = POLICY,
    pace: Pace | None = None,
    seed: int = 1,
    journal: Journal | None = None,
    channel: Channel = Channel.APP,
) -> Engine:
    """An engine whose `work_once` sends all that is due at a moment."""
    return Engine(
        database,
        sender,
        composer or PlainComposer(),
        renderer or PlainTexts(),
        lambda: policy,
        channel=channel,
        random=Random(seed),
        pace=pace or Pace(math.inf, per_chat=0),
        journal=journal,
    )


async def drain(engine: Engine, now: datetime) -> int:
    """Let the engine do all that it can at this moment; how much that was."""
    total = 0
    while done := await engine.work_once(now):
        total += done
    return total
