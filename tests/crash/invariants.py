"""What must be true at the end, whenever the process died: in the database, and in everybody's chat."""

import html
import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select

from broadcasts.kinds import KINDS
from broadcasts.ledger_views import troubled
from broadcasts.sender import Content
from events.holds import LONDON
from events.notices import compose_cards
from sandbox.views import MessageView
from storage.conversations import CarerMessage
from storage.deliveries import Delivery, DeliveryState, Reply
from storage.deliveries_cards import StaleCard
from storage.engine import Session
from storage.events import Event
from storage.households import Carer
from storage.inbox import StoredUpdate, UpdateState
from storage.rsvp import Card, Invitation
from storage.staff import AuditEntry
from storage.surveys import Comment, Participant, Response, Round, SealedDraft
from tests.crash.story import Story
from texts.message import Message
from texts.render import Service, Texts

WINDOW = 50
HEADINGS = {
    "You are invited.": "invitation",
    "There is a change to an event.": "change",
    "This event has been cancelled.": "cancellation",
    "Good news from the waiting list.": "offer",
}
WAITING = {DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.RETRYING, DeliveryState.HELD}


async def everything_has_gone_out(session: Session) -> bool:
    """Nothing waits: no update, no reply, no delivery, no card."""
    left = [
        select(func.count(StoredUpdate.id)).where(StoredUpdate.state == UpdateState.NEW),
        select(func.count(Reply.id)),
        select(func.count(Delivery.id)).where(Delivery.state.in_(WAITING)),
        select(func.count(Card.id)).where(Card.stale),
    ]
    return not any([await session.scalar(query) for query in left])


async def assert_nothing_was_lost_and_nothing_twice(story: Story) -> Counter[str]:
    """Raises ``AssertionError`` for the first thing that is wrong; returns what is worth telling."""
    async with story.database.read() as session:
        await _each_update_once(session, story)
        await _each_word_once(session, story)
        await _answers_and_seats(session, story)
        await _staff_acts_once(session, story)
        await _surveys(session, story)
        found = await _deliveries(session, story)
        found["cards"] = await _cards(session, story)
    assert len(story.stranger.received) <= 1
    # The welcome carries the notice of privacy and safety: nobody goes without it.
    assert all("you are connected" in str([m.text for m in user.received]) for user in story.users.values())
    return found


async def _each_update_once(session: Session, story: Story) -> None:
    rows = (await session.execute(select(StoredUpdate.update_id, StoredUpdate.state))).all()
    assert {row.state for row in rows} == {UpdateState.DONE}
    first, beyond = min(row.update_id for row in rows), story.sandbox.state.updates.next_id
    assert sorted(row.update_id for row in rows) == list(range(first, beyond))
    assert not story.sandbox.state.updates.pending


async def _each_word_once(session: Session, story: Story) -> None:
    query = select(CarerMessage.carer_id, CarerMessage.text).order_by(CarerMessage.id)
    kept: dict[int, list[str]] = {carer_id: [] for carer_id in story.said}
    for carer_id, text in (await session.execute(query)).all():
        kept[carer_id].append(text or "")
    assert kept == story.said


async def _answers_and_seats(session: Session, story: Story) -> None:
    rows = (await session.scalars(select(Invitation))).all()
    assert len(rows) == len(story.expected)
    for row in rows:
        state, mode = story.expected[row.event_id, row.party]
        assert (row.event_id, row.party, row.state) == (row.event_id, row.party, state)
        assert mode is None or row.mode is mode
    for event in (await session.scalars(select(Event))).all():
        assert (event.taken, event.online_taken) == story.seats[event.id]


async def _staff_acts_once(session: Session, story: Story) -> None:
    acts = Counter((await session.scalars(select(AuditEntry.action))).all())
    events = len(story.seats)
    assert acts["event.plan"] == acts["event.invite"] == events
    assert acts["event.change"] == acts["event.cancel"] == events // 2


async def _surveys(session: Session, story: Story) -> None:
    for table in (Participant, SealedDraft, Comment):
        assert not (await session.scalars(select(table))).all()
    responses = Counter((await session.scalars(select(Response.round_id))).all())
    assert responses == story.senders
    for sheet in (await session.scalars(select(Response.answers))).all():
        assert sheet == {"weeks": 4, "reach": 1, "more": [3]}
    rounds = (await session.execute(select(Round.id, Round.took_part))).all()
    assert {row.id: row.took_part for row in rounds} == story.senders


async def _deliveries(session: Session, story: Story) -> Counter[str]:
    """Nobody is missed without being listed, and nobody is told twice what may not be repeated."""
    sent = _sent(story)
    chats = {carer_id: user.id for carer_id, user in story.users.items()}
    rows = (await session.scalars(select(Delivery))).all()
    states = Counter(row.state for row in rows)
    assert set(states) <= {DeliveryState.SENT, DeliveryState.UNKNOWN}
    assert states[DeliveryState.UNKNOWN] <= WINDOW * story.mortal.kills
    shown = {row.id for row in await troubled(session, limit=len(rows))}
    for row in rows:
        assert row.carer_id is not None
        times = sent.pop((chats[row.carer_id], row.kind, row.event_id or row.round_id or 0), 0)
        assert times <= (2 if KINDS[row.kind].repeats else 1), (row.kind, row.state, times)
        assert times >= 1 or (row.state is DeliveryState.UNKNOWN and row.id in shown)
    assert not sent, "nobody was told what nothing told to tell"
    for (kind, event_id), carers in story.told.items():
        told = [row.carer_id or 0 for row in rows if row.kind == kind and row.event_id == event_id]
        assert sorted(told) == sorted(carers)
    everybody = (len(story.seats) + len(story.senders)) * len(story.carers)
    assert len(rows) == everybody + sum(map(len, story.told.values()))
    return Counter({str(state): number for state, number in states.items()})


def _sent(story: Story) -> Counter[tuple[int, str, int]]:
    """What reached the chats: how often which kind, by chat and by event or round."""
    found: Counter[tuple[int, str, int]] = Counter()
    for request in story.sandbox.requests_of("sendMessage"):
        if request.code != 200:
            continue
        kind, about = _told_of(request.arguments, story)
        if kind:
            found[int(request.arguments["chat_id"]), kind, about] += 1
    # Who asked for a survey whose notice was lost got it as an answer: that is no notice.
    for chat_id, round_id in story.asked_for_survey:
        found.pop((chat_id, "survey", round_id), None)
    return found


def _told_of(arguments: Mapping[str, Any], story: Story) -> tuple[str, int]:
    text = plain(arguments["text"])
    for heading, kind in HEADINGS.items():
        if text.startswith(heading):
            return kind, next(number for number, title in story.titles.items() if title in text)
    if text.startswith("Quick pulse") and (found := re.search(r"survey:(\d+):start", str(arguments))):
        return "survey", int(found[1])
    return "", 0


async def _cards(session: Session, story: Story) -> int:
    """Each card shows in its chat what the database says; how many there are."""
    texts = Texts(Service("Fostering", "01709 000000"), LONDON)
    now = datetime.now(UTC)
    cards = (await session.scalars(select(Card))).all()
    contents = await compose_cards(session, [_as_stale(card) for card in cards], now)
    for card in cards:
        content = contents[card.id]
        assert isinstance(content, Content)
        carer = await session.get_one(Carer, card.carer_id)
        assert card.chat_id == carer.chat_id
        seen = story.users[carer.id].message(card.message_id)
        kind = "change" if content.kind == "change" else "card"  # in any other message the card stands whole
        assert_shows(seen, texts.render(kind, content.params, carer.language))
    assert {(card.invitation_id, card.carer_id) for card in cards} >= await _answered(session)
    return len(cards)


def _as_stale(card: Card) -> StaleCard:
    where = (card.id, card.invitation_id, card.carer_id, card.chat_id, card.message_id)
    return StaleCard(*where, card.wanted, 0, card.photo, "en")


async def _answered(session: Session) -> set[tuple[int, int]]:
    """Who answered, with the invitation: they have seen a card, so they have one."""
    query = select(Invitation.id, Invitation.answered_by_id).where(Invitation.answered_by_id.is_not(None))
    return {(number, carer or 0) for number, carer in (await session.execute(query)).all()}


def assert_shows(seen: MessageView, card: Message) -> None:
    assert plain(card.text) in seen.text
    assert [b.label for b in seen.buttons] == [b.label for row in card.buttons for b in row]


def plain(text: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", text))
