"""What the engine asks for words: each kind of notice goes to the part of the domain that owns it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from broadcasts.composing import BroadcastComposer
from broadcasts.sender import ComposeMany, Content, Skip
from broadcasts.sign_in_mail import KIND as SIGN_IN_LINK
from broadcasts.sign_in_mail import compose_sign_in_mail
from care.notices import COMPOSERS as OF_CARE
from events.calendar_updates import COMPOSERS as OF_CALENDARS
from events.holds import LONDON
from events.notices import compose_cards
from events.notices import composers as of_events
from storage.deliveries import Delivery
from storage.deliveries_cards import StaleCard
from storage.engine import Session
from surveys.keys import RoundKeys
from surveys.notices import COMPOSERS as OF_SURVEYS
from surveys.notices import key_is_missing

Compose = Callable[[Session, Delivery, datetime], Awaitable[Content | Skip]]


def all_composers(zone: ZoneInfo = LONDON) -> dict[str, Compose]:
    """Every part's composers by kind of notice, but for what broadcasts say."""
    return {**of_events(zone), **OF_CALENDARS, **OF_SURVEYS, **OF_CARE, SIGN_IN_LINK: compose_sign_in_mail}


class Composers:
    """The `broadcasts.sender.Composer` of the product. A kind that nobody owns raises ``KeyError``.

    ``web_forms``: carers can open their pages from where they are, so that a survey may offer its own.
    ``zone``: where the service is. ``keys``: no anonymous survey goes out whose key is not among them.
    """

    def __init__(
        self,
        composers: Mapping[str, Compose] | None = None,
        *,
        web_forms: bool = False,
        zone: ZoneInfo = LONDON,
        keys: RoundKeys | None = None,
    ) -> None:
        broadcasts = BroadcastComposer()  # it keeps the files at hand that go out
        own: dict[str, Compose] = {"broadcast_test": broadcasts.compose_test}
        self._composers = {**own, **(all_composers(zone) if composers is None else composers)}
        self._web_forms = web_forms
        self._keys = keys
        self._in_bulk: dict[str, ComposeMany] = {"broadcast": broadcasts.compose_broadcasts}

    def in_bulk(self, kind: str) -> ComposeMany | None:
        return self._in_bulk.get(kind)

    async def notice(self, session: Session, delivery: Delivery, now: datetime) -> Content | Skip:
        content = await self._composers[delivery.kind](session, delivery, now)
        if delivery.kind not in OF_SURVEYS or isinstance(content, Skip):
            return content
        if self._keys is not None and await key_is_missing(session, delivery, self._keys):
            return Skip("the survey has no key")
        return replace(content, params=content.params | {"web": True}) if self._web_forms else content

    async def cards(
        self, session: Session, cards: Sequence[StaleCard], now: datetime
    ) -> Mapping[int, Content | Skip]:
        return await compose_cards(session, cards, now)
