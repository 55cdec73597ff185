"""Answers that are handled together leave what they leave when they are handled one at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import delete, select
from telegram import Bot, User
from telegram.ext import ApplicationBuilder

from bot.inbox import Inbox
from bot.turns import Turns
from care.inbox import Desk
from carers.people import Carer
from events.holds import LONDON
from events.waitlist import places_of
from storage.conversations import Conversation, Thread
from storage.deliveries import Delivery, Reply
from storage.engine import Database, Session
from storage.events import Event, Mode, RsvpBy
from storage.households import Household, HouseholdType
from storage.rsvp import Card, Invitation, RsvpState
from storage.rsvp_queries import HOLDING
from surveys.keys import RoundKeys
from surveys.update_seal import UpdateSeal
from tests.bot.test_inbox import pumping, settled
from tests.events.acts import invited_event
from tests.support.cast import NOON, STRANGER_CHAT, Cast, gather
from tests.support.delivery import POLICY

CHOICES = {
    Mode.HYBRID: ("in_person", "in_person", "online", "online", "not_going", "not_going", "going"),
    Mode.IN_PERSON: ("going", "going", "going", "maybe", "not_going", "not_going", "nonsense"),
    Mode.ONLINE: ("going", "going", "going", "maybe", "not_going", "not_going", "online"),
}
HOMES = 6


class Ticking:
    """Each update has a minute of its own, the same however it is grouped."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def turns_at(clock: Ticking, folder: Path) -> Turns:
    bot = Bot("1:offline")
    bot._bot_user = User(1, "Hearthline", True, username="hearthline_bot")
    application = ApplicationBuilder().bot(bot).updater(None).job_queue(None).build()
    application._initialized = True
    return Turns(application, clock, LONDON, Desk, "http://console", RoundKeys(folder), lambda: POLICY)


@dataclass(frozen=True)
class Scene:
    """An event with its carers, two to a household. Two scenes of one seed are alike but for their ids."""

    event_id: int
    chats: tuple[int, ...]
    invitations: dict[int, int]
    """By chat."""
    choices: tuple[str, ...]
    chatter: float
    """The share of updates that are no answers."""


async def crowd(session: Session, cast: Cast) -> list[Carer]:
    homes = [
        Household(ref=f"R{number}", type=HouseholdType.MAINSTREAM, approved_on=NOON.date())
        for number in range(HOMES)
    ]
    session.add_all(homes)
    await session.flush()
    carers = [
        Carer(
            ref=f"R{number}", household_id=homes[number // 2].id, first_name=f"Carer {number}", chat_id=number
        )
        for number in range(2 * HOMES)
    ]
    for number, carer in enumerate(carers):
        carer.chat_id = 200 + number
    session.add_all(carers)
    await session.flush()
    return [cast.amal, cast.jo, cast.sam, cast.lin, *carers]


async def set_the_scene(session: Session, cast: Cast, carers: Sequence[Carer], chance: Random) -> Scene:
    event = await invited_event(
        session,
        cast,
        mode=chance.choice(list(Mode)),
        rsvp_by=chance.choice(list(RsvpBy)),
        capacity=chance.choice([None, 1, 4, 9]),
        online_capacity=chance.choice([None, 2, 5]),
        online_url="https://meet.example/secret",
    )
    rows = list(await session.scalars(select(Invitation).where(Invitation.event_id == event.id)))
    mine = {}
    for carer in carers:
        assert carer.chat_id is not None
        [row] = [row for row in rows if row.party in (f"c{carer.id}", f"h{carer.household_id}")]
        mine[carer.chat_id] = row.id
        if chance.random() < 0.8:
            session.add(
                Card(invitation_id=row.id, carer_id=carer.id, chat_id=carer.chat_id, message_id=carer.id)
            )
    return Scene(event.id, tuple(mine), mine, CHOICES[event.mode], chance.choice([0.0, 0.0, 0.05, 0.2]))


def update(number: int, scene: Scene, chance: Random) -> dict[str, Any]:
    """What a carer taps or, now and then, writes; at times a stranger, or somebody on another's card."""
    chat = chance.choice(scene.chats)
    invitation = scene.invitations[chance.choice(scene.chats) if chance.random() < 0.1 else chat]
    sender = STRANGER_CHAT if chance.random() < 0.05 else chat
    user = {"id": sender, "is_bot": False, "first_name": "Somebody"}
    place = {"date": 1, "chat": {"id": sender, "type": "private"}, "from": user}
    kind = chance.random()
    if kind < scene.chatter / 2:
        text = chance.choice(["/events", "/settings", "Will there be parking?"])
        return {"update_id": number, "message": {"message_id": number, "text": text, **place}}
    data = f"rsvp:{invitation}:{chance.choice(scene.choices)}"
    if kind < scene.chatter:
        data = f"party:{invitation}:{chance.randint(0, 3)}:{chance.randint(0, 2)}:0:0:0"
    query = {
        "id": str(number),
        "from": user,
        "chat_instance": "1",
        "data": data,
        "message": {"message_id": chance.choice([chat, 7]), **place},
    }
    return {"update_id": number, "callback_query": query}


async def play(
    database: Database, turns: Turns, clock: Ticking, updates: Sequence[dict[str, Any]], sizes: Sequence[int]
) -> None:
    """Handle the updates in transactions of these sizes, each update at its own time."""
    at = 0
    for size in sizes:
        part = updates[at : at + size]
        async with database.write() as session, turns.together(session, part):
            for index, raw in enumerate(part, start=at):
                clock.now = NOON + timedelta(minutes=index)
                await turns.handle(session, raw)
        at += size


async def what_is_left(session: Session, scene: Scene) -> dict[str, Any]:
    """The end state, in words that do not depend on the ids of this scene."""
    event = await session.get_one(Event, scene.event_id)
    parties = list(
        await session.scalars(
            select(Invitation).where(Invitation.event_id == event.id).order_by(Invitation.party)
        )
    )
    party_of = {row.id: row.party for row in parties}
    held = {Mode.IN_PERSON: 0, Mode.ONLINE: 0}
    for row in parties:
        if row.state in HOLDING and row.mode is not None:
            held[row.mode] += places_of(event, row)
    assert (event.taken, event.online_taken) == (held[Mode.IN_PERSON], held[Mode.ONLINE])
    columns = [
        column.key
        for column in Invitation.__table__.columns
        if column.key not in ("id", "event_id", "invited_at")
    ]
    cards = await session.scalars(select(Card).where(Card.invitation_id.in_(party_of)))
    replies = await session.scalars(select(Reply).order_by(Reply.id))
    deliveries = await session.scalars(select(Delivery).where(Delivery.event_id == event.id))
    conversations = await session.scalars(select(Conversation))
    return {
        "taken": (event.taken, event.online_taken),
        "parties": [[getattr(row, name) for name in columns] for row in parties],
        "cards": sorted(
            (party_of[row.invitation_id], row.carer_id, row.message_id, row.stale) for row in cards
        ),
        "replies": [
            (row.chat_id, row.op, row.kind, _said(row.params), row.callback_id, row.message_id)
            for row in replies
        ],
        "deliveries": sorted(
            (row.kind, row.carer_id, party_of.get(row.invitation_id or 0), row.state, row.send_by)
            for row in deliveries
        ),
        "conversations": sorted((row.chat_id, row.topic) for row in conversations),
    }


def _said(params: dict[str, Any]) -> str:
    """The parameters of a text, without the numbers of this scene's rows."""
    numbers = ("event_id", "invitation_id", "rows")
    return repr({name: value for name, value in params.items() if name not in numbers})


async def forget_what_was_said(session: Session) -> None:
    for table in (Reply, Conversation, Thread):
        await session.execute(delete(table))


@pytest.mark.parametrize("seeds", [range(start, start + 4) for start in range(0, 8, 4)], ids=str)
async def test_in_whatever_groups_the_end_is_that_of_one_at_a_time(
    database: Database, tmp_path: Path, seeds: range
) -> None:
    clock = Ticking()
    turns = turns_at(clock, tmp_path / "keys")
    async with database.write() as session:
        cast = await gather(session)
        carers = await crowd(session, cast)
    for seed in seeds:
        ends = []
        for sizes in ([1] * 40, _sizes(Random(seed), 40), [40]):
            async with database.write() as session:
                await forget_what_was_said(session)
                scene = await set_the_scene(session, cast, carers, Random(seed))
            chance = Random(seed + 1)
            updates = [update(number, scene, chance) for number in range(40)]
            await play(database, turns, clock, updates, sizes)
            async with database.read() as session:
                ends.append(await what_is_left(session, scene))
            async with database.write() as session:
                # An event that is over is on nobody's list of events any more.
                (await session.get_one(Event, scene.event_id)).starts_at = NOON - timedelta(days=1)
        assert ends[1] == ends[0], seed
        assert ends[2] == ends[0], seed


def _sizes(chance: Random, total: int) -> list[int]:
    sizes: list[int] = []
    while sum(sizes) < total:
        sizes.append(min(chance.randint(1, 12), total - sum(sizes)))
    return sizes


async def test_two_inboxes_and_a_console_at_once_never_give_away_more_than_there_is(
    database: Database, tmp_path: Path
) -> None:
    numbers = count(1)
    async with database.write() as session:
        cast = await gather(session)
        carers = await crowd(session, cast)
        event = await invited_event(session, cast, capacity=7)
        mine = {
            row.carer_id: row.id
            for row in await session.scalars(select(Invitation).where(Invitation.event_id == event.id))
        }
    clock, keys = Ticking(), RoundKeys(tmp_path / "keys")
    turns = turns_at(clock, tmp_path / "keys")
    inboxes = [
        Inbox(database, clock, UpdateSeal(keys), turns.handle, turns.apologise, lambda: None, turns.together)
        for _ in range(2)
    ]

    def tap(carer: Carer) -> dict[str, Any]:
        user = {"id": carer.chat_id, "is_bot": False, "first_name": "Somebody"}
        number = next(numbers)
        query = {
            "id": str(number),
            "from": user,
            "chat_instance": "1",
            "data": f"rsvp:{mine[carer.id]}:going",
            "message": {"message_id": 7, "date": 1, "chat": {"id": carer.chat_id, "type": "private"}},
        }
        return {"update_id": number, "callback_query": query}

    async with pumping(inboxes[0]), pumping(inboxes[1]):
        for inbox in inboxes:
            await inbox.store([tap(carer) for carer in carers])
        assert len(await settled(database)) == 2 * len(carers)
    async with database.read() as session:
        states = list(await session.scalars(select(Invitation.state).where(Invitation.event_id == event.id)))
        assert sorted(states) == [RsvpState.GOING] * 7 + [RsvpState.WAITLISTED] * (len(carers) - 7)
        assert (await session.get_one(Event, event.id)).taken == 7
        keys_in_line = list(
            await session.scalars(select(Invitation.queue_key).where(Invitation.queue_key.is_not(None)))
        )
        assert len(set(keys_in_line)) == len(carers) - 7
