"""Whether carers can be reached, by which way, and what they chose: of one, and of all at a glance."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from carers.topics import Topic
from storage.directory import NO_WAY, Contact
from storage.engine import Session
from storage.households import Carer, Channel
from storage.reach_queries import WITH_A_LINK, standing_by_worker, turned_off_by_worker

BLOCKED = "blocked"


async def closed_the_chat(session: Session, carers: Iterable[Carer], now: datetime) -> None:
    """Somebody blocked the bot: staff see all whose chat it was as not reached, until one writes or taps
    again."""
    for carer in carers:
        carer.unreachable_since, carer.unreachable_reason = now, BLOCKED
    await session.flush()


@dataclass(frozen=True, slots=True)
class Reach:
    """The carers of one social worker, or of all: how many there are, and how many stand how.

    ``worker``: null for all together, `NO_WORKER` for households that have none. ``with_a_link``: how many of
    those who have not connected have a link that was not used. ``ways``: by the name of a `Channel` and
    `NO_WAY`. ``turned_off``: how many want no notices of a topic.
    """

    worker: int | None
    contacts: Mapping[Contact, int]
    with_a_link: int
    ways: Mapping[str, int]
    turned_off: Mapping[Topic, int]

    @property
    def carers(self) -> int:
        return sum(self.contacts.values())

    @property
    def without_a_link(self) -> int:
        return self.contacts[Contact.NOT_CONNECTED] - self.with_a_link


async def reach_by_worker(
    session: Session, now: datetime, today: date, social_worker_id: int | None = None
) -> tuple[Reach, Sequence[Reach]]:
    """All together, and by social worker. ``today``: the service's local date."""
    contacts: dict[int, Counter[str]] = defaultdict(Counter)
    ways: dict[int, Counter[str]] = defaultdict(Counter)
    turned_off: dict[int, Counter[str]] = defaultdict(Counter)
    for worker, standing, way, number in await standing_by_worker(session, today, now, social_worker_id):
        contacts[worker][standing] += number
        ways[worker][way] += number
    for worker, topic, number in await turned_off_by_worker(session, today, social_worker_id):
        turned_off[worker][topic] += number
    parts = [_reach(worker, contacts[worker], ways[worker], turned_off[worker]) for worker in [*contacts]]
    return _reach(None, _all(contacts), _all(ways), _all(turned_off)), parts


def _all(parts: Mapping[int, Counter[str]]) -> Counter[str]:
    together = Counter[str]()
    for part in parts.values():
        together.update(part)
    return together


def _reach(worker: int | None, contacts: Counter[str], ways: Counter[str], turned_off: Counter[str]) -> Reach:
    linked = contacts[WITH_A_LINK]
    standing = {contact: contacts[contact.value] for contact in Contact}
    standing[Contact.NOT_CONNECTED] += linked
    return Reach(
        worker,
        standing,
        linked,
        {name: ways[name] for name in (*(channel.value for channel in Channel), NO_WAY)},
        {topic: turned_off[topic.value] for topic in Topic},
    )
