"""A desk at which the tests write broadcasts: the cast, a clock of its own, use cases with short names."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import select

from bot.compose import Composers
from broadcasts import launching, stopping
from broadcasts.broadcast_views import BroadcastPage, Pulse, broadcast_page, pulse
from broadcasts.drafts import Wording, start_draft
from broadcasts.engine import Engine
from broadcasts.forecast import Forecast, forecast
from broadcasts.launching import Approved, Confirmed
from broadcasts.policy import Policy
from storage.broadcasts import Broadcast, BroadcastState
from storage.deliveries import Delivery, DeliveryState
from storage.engine import Database
from storage.staff import StaffMember
from tests.support.cast import NOON, Cast, gather
from tests.support.delivery import LONDON, POLICY, drain, engine_for
from tests.support.fake_sender import FakeSender

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
T = TypeVar("T")


@dataclass(frozen=True)
class Html:
    """What a test sees of a message: its HTML, and the name of what it carries."""

    text: str
    file: Mapping[str, Any] | None


class HtmlTexts:
    """Renders a broadcast to its HTML, and anything else to its kind."""

    def render(self, kind: str, params: Mapping[str, Any], language: str) -> Html:
        return Html(params.get("html", kind), params.get("file"))


@dataclass
class Desk:
    """Chats: Amal 101 and Jo 102 (one household), Sam 103, Lin 104; Priya 901, Dee 903, Ash 904."""

    database: Database
    cast: Cast
    policy: Policy = POLICY
    now: datetime = NOON
    sender: FakeSender = field(default_factory=FakeSender)
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        self.start_again()

    def start_again(self) -> None:
        """A new process: nothing of the old one's memory is left."""
        self.engine = engine_for(
            self.database, self.sender, Composers(), HtmlTexts(), replace(self.policy, window=50)
        )

    def allow(self, **settings: Any) -> None:
        self.policy = replace(self.policy, **settings)
        self.start_again()

    async def do(self, use_case: Callable[..., Awaitable[T]], *arguments: Any, **named: Any) -> T:
        """One use case in a transaction of its own; the session goes first."""
        async with self.database.write() as session:
            return await use_case(session, *arguments, **named)

    async def draft(self, english: str = "Hello {first_name}", audience: str = "all", **given: Any) -> int:
        """A draft of Priya's; its number."""
        texts = {"en": english, **given.pop("texts", {})}
        by = given.pop("by", self.cast.priya)
        return (await self.do(start_draft, Wording(texts, audience, **given), by, self.now)).id

    async def confirm(
        self, number: int, by: StaffMember | None = None, version: int | None = None, **options: bool
    ) -> Confirmed:
        seen = version if version is not None else (await self.broadcast(number)).version
        who = by or self.cast.priya
        return await self.do(launching.confirm, number, seen, who, self.policy, LONDON, self.now, **options)

    async def approve(
        self, number: int, by: StaffMember | None = None, version: int | None = None
    ) -> Approved:
        """As the version that there is, unless another is given."""
        async with self.database.read() as session:
            broadcast = await session.get(Broadcast, number)
        seen = version if version is not None else broadcast.version if broadcast is not None else 0
        return await self.do(launching.approve, number, seen, by or self.cast.dee, self.now)

    async def start_due(self) -> int:
        return await self.do(launching.start_due, self.now, LONDON)

    async def finish_done(self) -> int:
        return await self.do(launching.finish_done, self.now)

    async def pause(self, number: int) -> bool:
        return await self.do(stopping.pause, number, self.cast.priya, self.now)

    async def resume(self, number: int) -> bool:
        return await self.do(stopping.resume, number, self.cast.priya, self.now)

    async def cancel(self, number: int) -> stopping.Cancelled | None:
        return await self.do(stopping.cancel, number, self.cast.priya, self.now)

    async def recall(self, number: int) -> stopping.Recalled | None:
        return await self.do(stopping.recall, number, self.cast.priya, self.now)

    async def correct(self, number: int, english: str) -> Any:
        version = (await self.broadcast(number)).version
        texts = {"en": english}
        return await self.do(stopping.correct, number, texts, version, self.cast.priya, self.now)

    async def begun(self, english: str = "Hello {first_name}", **given: Any) -> int:
        """A broadcast that was confirmed and has begun, of which nothing has gone out yet."""
        number = await self.draft(english, **given)
        assert await self.confirm(number) is Confirmed.SCHEDULED
        self.now += MINUTE
        assert await self.start_due() == 1
        return number

    async def go(self) -> int:
        """Let the engine do all it can at this moment."""
        return await drain(self.engine, self.now)

    async def broadcast(self, number: int) -> Broadcast:
        async with self.database.read() as session:
            return await session.get_one(Broadcast, number)

    async def state(self, number: int) -> BroadcastState:
        return (await self.broadcast(number)).state

    async def page(self, number: int, by: StaffMember | None = None) -> BroadcastPage:
        async with self.database.read() as session:
            page = await broadcast_page(session, number, by or self.cast.priya, self.now)
        assert page is not None
        return page

    async def pulse(self, number: int) -> Pulse:
        async with self.database.read() as session:
            found = await pulse(session, number, self.policy, self.now)
        assert found is not None
        return found

    async def forecast(self, number: int) -> Forecast:
        async with self.database.read() as session:
            found = await forecast(session, number, self.policy, LONDON, self.now)
        assert found is not None
        return found

    async def deliveries(self, kind: str = "broadcast") -> list[Delivery]:
        async with self.database.read() as session:
            query = select(Delivery).where(Delivery.kind == kind).order_by(Delivery.id)
            return list((await session.scalars(query)).all())

    async def stands(self) -> dict[int, tuple[DeliveryState, str | None]]:
        """Where each carer's delivery stands, by carer."""
        return {row.carer_id or 0: (row.state, row.reason) for row in await self.deliveries()}

    async def change(self, row: Any, **values: Any) -> None:
        """Write to a row as if somebody else did."""
        async with self.database.write() as session:
            found = await session.get_one(type(row), row.id)
            for name, value in values.items():
                setattr(found, name, value)

    async def add(self, *rows: Any) -> None:
        async with self.database.write() as session:
            session.add_all(rows)


async def open_desk(database: Database, **settings: Any) -> Desk:
    async with database.write() as session:
        cast = await gather(session)
    desk = Desk(database, cast)
    if settings:
        desk.allow(**settings)
    return desk
