"""What the engine needs of the outside: something that sends, and something that says what to send."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from storage.deliveries import Delivery
from storage.deliveries_cards import StaleCard
from storage.deliveries_due import DueDelivery
from storage.engine import Session


@dataclass(frozen=True, slots=True)
class Sent:
    """It was accepted; ``message_id`` where a message was made, ``photo`` where that is a picture."""

    message_id: int | None
    photo: bool = False


FLOOD = "flood"
"""The reason of a `Retry` that asks for fewer requests."""
NOT_CONNECTED = "not_connected"
"""The reason of a `Retry` where there is no way to the server, for whoever it is."""


@dataclass(frozen=True, slots=True)
class Retry:
    """It was not accepted and may be sent again after this long. ``everyone``: the deadline is for all."""

    after: timedelta
    reason: str
    everyone: bool = False


@dataclass(frozen=True, slots=True)
class NotYet:
    """No request was made: what it needs is on its way, such as a file that is being uploaded for another."""

    after: timedelta
    reason: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """This chat will not take messages until its owner writes again: blocked, deactivated, not found. Or this
    email address takes none for good."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The request itself is wrong and will never be accepted."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The request went out and no answer came: it may or may not have arrived."""

    reason: str


Outcome = Sent | Retry | NotYet | Unreachable | Refused | Unknown


@dataclass(frozen=True, slots=True, eq=False)
class MailTo:
    """An email address, and the delivery that goes there: what the message around its words is made of.

    Two are the same where the address is, in whatever case: a couple that shares one gets one message a
    second between them. ``carer_id`` is null for a member of staff. ``page_number`` is the carer's, for links
    to their pages; ``topic``: what the carer can opt out of to be spared such a message, null where it is not
    optional.
    """

    address: str
    carer_id: int | None
    page_number: int
    delivery_id: int
    kind: str
    event_id: int | None
    invitation_id: int | None
    round_id: int | None
    topic: str | None
    first_name: str
    language: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MailTo) and other.address.lower() == self.address.lower()

    def __hash__(self) -> int:
        return hash(self.address.lower())


Address = int | MailTo
"""Where a message goes: the number of a chat in the app, or an email address."""


class Sender(Protocol):
    """Talks to the server of one channel, and turns every answer or failure into an `Outcome`; it never
    raises for one, and gives up waiting for an answer after a minute or so: a chat whose request hangs gets
    nothing else.

    ``to`` is an `Address` of its own channel: an engine hands it no other. An edit that changes nothing
    counts as `Sent`. ``photo``: the message is a picture, whose caption changes.
    """

    async def send(self, to: Any, message: Any) -> Outcome: ...
    async def edit(self, to: Any, message_id: int, message: Any, *, photo: bool = False) -> Outcome: ...
    async def delete(self, to: Any, message_id: int) -> Outcome: ...
    async def toast(self, callback_id: str, text: str) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class Content:
    """What to say: a kind of text and its parameters. ``language``: null for the recipient's own."""

    kind: str
    params: dict[str, Any]
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Skip:
    """Say nothing after all: already answered, the event is over, the round has closed."""

    reason: str


ComposeMany = Callable[[Session, Sequence[DueDelivery], datetime], Awaitable[Mapping[int, Content | Skip]]]
"""What to say to each of these, by the delivery's number: for kinds that go to thousands at a time."""


class Composer(Protocol):
    """Reads, at the moment of sending, what to say: an event may have moved since it was queued."""

    def in_bulk(self, kind: str) -> ComposeMany | None:
        """How deliveries of this kind are composed many at a time, if they are."""
        ...

    async def notice(self, session: Session, delivery: Delivery, now: datetime) -> Content | Skip: ...

    async def cards(
        self, session: Session, cards: Sequence[StaleCard], now: datetime
    ) -> Mapping[int, Content | Skip]:
        """What each of these cards shows now, by its id."""
        ...


class Renderer(Protocol):
    """Turns content into a message; what comes out goes to the sender unopened."""

    def render(self, kind: str, params: dict[str, Any], language: str) -> Any: ...


__all__ = [
    "FLOOD",
    "NOT_CONNECTED",
    "Address",
    "ComposeMany",
    "Composer",
    "Content",
    "MailTo",
    "NotYet",
    "Outcome",
    "Refused",
    "Renderer",
    "Retry",
    "Sender",
    "Sent",
    "Skip",
    "Unknown",
    "Unreachable",
]
