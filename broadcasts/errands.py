"""An errand is one request to make; a lane finds errands, and writes down what came of them.

The engine drives three lanes in the same way: answers to carers' taps, cards to draw again, deliveries.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from broadcasts.journal import Memory
from broadcasts.pace import Pace
from broadcasts.sender import Address, Content, Outcome, Refused
from storage.deliveries_waiting import NOTHING, Waiting
from storage.engine import Session

Row = TypeVar("Row")


class Op(StrEnum):
    SEND = "send"
    EDIT = "edit"
    DELETE = "delete"
    TOAST = "toast"


@dataclass(slots=True, eq=False)
class Errand(Generic[Row]):
    """One request to make, for the row ``key`` that a lane claimed.

    ``rank``: lower goes first. ``to``: the chat or the email address. ``at_once``: how many such messages it
    takes without a wait; 0 for what is no message and has no pace.
    """

    lane: "Lane[Row]"
    row: Row
    key: int
    rank: int
    op: Op
    to: Address
    at_once: int
    language: str
    content: Content | None = None
    message_id: int | None = None
    callback_id: str | None = None
    photo: bool = False
    """What is edited is a picture."""
    message: Any = None
    """The content, rendered, once its claim has committed."""
    refused: Refused | None = None
    """Why it cannot be rendered."""


@dataclass(frozen=True, slots=True)
class Unsent:
    """The request was not made after all: the engine stops, or everything has to wait."""


class Result(NamedTuple, Generic[Row]):
    """What came of an errand, and when."""

    row: Row
    outcome: Outcome | Unsent
    at: datetime


class CannotCompose(Exception):
    """What to say could not be read: a fault of the program or of the database, not of the recipient."""

    def __init__(self, lane: "Lane[Any]", row: Any, cause: Exception) -> None:
        super().__init__(f"{lane.name}: {type(cause).__name__}")
        self.lane = lane
        self.row = row
        self.cause = cause


@dataclass(slots=True)
class Slots:
    """The requests that may be claimed now: so many in all, so many by the pace, one to an address at a time.

    ``at`` and ``until``: claimed is what the pace lets leave between these seconds, of which ``taken`` slots
    are spoken for. ``waiting``: what there is to claim. ``tally`` counts what the lanes did, by name of what
    it was.
    """

    pace: Pace
    at: float
    until: float
    left: int
    busy: set[Address]
    taken: int = 0
    waiting: Waiting = NOTHING
    tally: Counter[str] = field(default_factory=Counter)

    @property
    def busy_chats(self) -> list[int]:
        """Those of the busy addresses that are chats."""
        return [to for to in self.busy if isinstance(to, int)]

    @property
    def room(self) -> int:
        """How many messages may be added."""
        return max(0, min(self.left, self.pace.room(self.at, self.until) - self.taken))

    def is_free(self, to: Address, at_once: int = 1) -> bool:
        """Whether a message can go to this address now."""
        return to not in self.busy and not self.pace.rests(to, self.at, at_once)

    def take(self, to: Address, at_once: int = 1) -> bool:
        """Whether a request to this address may be added; then it counts. ``at_once`` as in `Errand`."""
        if self.left <= 0 or self.pace.is_halted(self.at):
            return False
        if at_once:
            if self.room <= 0 or not self.is_free(to, at_once):
                return False
            self.taken += 1
            self.busy.add(to)
        self.left -= 1
        return True


class Lane(Protocol[Row]):
    """One kind of errand. Every method works inside the transaction that it is given.

    ``journaled``: a request that may have gone out is not made again, so the journal has to know of each.
    """

    name: str
    journaled: bool

    def is_due(self, waiting: Waiting) -> bool:
        """Whether there is anything to claim."""
        ...

    async def claim(self, session: Session, now: datetime, slots: Slots) -> list[Errand[Row]]:
        """Take what may go now and write down the intent. Raises `CannotCompose`."""
        ...

    async def settle(
        self, session: Session, results: Sequence[Result[Row]], now: datetime, tally: Counter[str]
    ) -> None:
        """Write down what came of errands. Doing it again changes nothing."""
        ...

    async def set_aside(self, session: Session, row: Row, reason: str, now: datetime) -> None:
        """Deal with a row that cannot be composed, so that it stops nobody else."""
        ...

    async def release(self, session: Session, keys: Collection[int]) -> None:
        """Put these rows back, if they are claimed: nobody made a request for them."""
        ...

    async def recover(self, session: Session, memory: Memory, now: datetime, tally: Counter[str]) -> None:
        """After a crash: deal with what was claimed by a process that is gone, and what its journal says."""
        ...
