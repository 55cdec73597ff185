"""2,000 carers tap Going at one moment, on an event that has room for 1,500.

Ours takes each tap from getUpdates into the durable inbox and handles it: the answer is stored, who comes
after the last place gets one on the waiting list, the tap is answered and the card is edited. The peer is a
handler of python-telegram-bot that stores nothing and makes the same two calls through our request.
"""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import func, select, update

from benchmarks.databases import Sqlite
from benchmarks.fresh import Work, in_fresh_process, metered
from benchmarks.outcome import Outcome, middle, say
from benchmarks.people import NOW, add_carers, chat
from benchmarks.service import service, settings
from benchmarks.stand_in import TOKEN, StandIn, control
from bot.app import Hearthline
from bot.contact import Contact
from bot.inbox import Inbox
from bot.polling import poll
from events.invitations import send_due_invitations
from events.planning import EventPlan, plan_event
from storage.deliveries import Delivery, DeliveryState
from storage.deliveries_cards import NewCard, put_cards
from storage.engine import Database
from storage.inbox import StoredUpdate, UpdateState
from storage.rsvp import Card, Invitation, RsvpState

IDS = ("taps_vs_stateless", "taps_p99", "taps_50ms")
CARERS = 2_000
CAPACITY = 1_500
OF_ONE_AFTER_THE_OTHER = 200
"""Fewer taps for who handles one after the other at 50 ms: a tenth of a second for each."""
REPETITIONS = 3
LOOK_EVERY = 0.1

CARD = "<b>Summer picnic</b>\nTuesday 20 May, 12:00 pm – 4:00 pm\nRiverside Park\n\nYou are going."

Run = dict[str, Any]
Update = dict[str, Any]


def run() -> list[Outcome]:
    """Without latency and at 50 ms."""
    taps: list[Update] = []

    async def fill(database: Database) -> None:
        taps.extend(await invited(database))

    with Sqlite(fill) as sqlite:
        return [*without_latency(sqlite, taps), *with_latency(sqlite, taps)]


def without_latency(sqlite: Sqlite, taps: list[Update]) -> list[Outcome]:
    """Against the peer at its best, and against ours with a transaction for each tap."""
    runs: dict[str, list[Run]] = {
        name: [] for name in ("ours", "side by side", "in turn", "one transaction a tap")
    }
    with StandIn() as telegram:
        for _ in range(REPETITIONS):
            runs["ours"].append(stored(telegram, sqlite, taps))
            runs["side by side"].append(observed(telegram, stateless, taps, at_once=256))
            runs["in turn"].append(observed(telegram, stateless, taps, at_once=0))
        runs["one transaction a tap"].append(stored(telegram, sqlite, taps, grouped=False))
    rates = summed_up(runs)
    peer = max(("side by side", "in turn"), key=lambda name: rates[name])
    return [
        Outcome(
            "taps_vs_stateless",
            rates["ours"],
            "taps/s",
            f"python-telegram-bot {peer}, stores nothing",
            rates[peer],
            1.0,
        ),
        Outcome(
            "taps_p99",
            middle(runs["ours"], "p99"),
            "s",
            "one transaction a tap",
            middle(runs["one transaction a tap"], "p99"),
            0.25,
            lower_is_better=True,
        ),
    ]


def with_latency(sqlite: Sqlite, taps: list[Update]) -> list[Outcome]:
    """Each answer takes 50 ms; the library's default is to handle one update after the other."""
    runs: dict[str, list[Run]] = {"ours": [], "in turn": []}
    with StandIn(latency=50) as telegram:
        for _ in range(REPETITIONS):
            runs["ours"].append(stored(telegram, sqlite, taps))
        runs["in turn"].append(observed(telegram, stock, taps[:OF_ONE_AFTER_THE_OTHER]))
    rates = summed_up(runs, " at 50 ms")
    peer = "python-telegram-bot as it comes, stores nothing"
    return [Outcome("taps_50ms", rates["ours"], "taps/s", peer, rates["in turn"], 20.0)]


async def invited(database: Database, carers: int = CARERS, capacity: int = CAPACITY) -> list[Update]:
    """Invite everybody to one event, as if the cards had gone out; returns what each of them taps."""
    await add_carers(database, carers, to_a_household=1)
    starts_at = NOW + timedelta(days=14)
    plan = EventPlan(
        title="Summer picnic",
        kind="social",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=4),
        venue="Riverside Park",
        capacity=capacity,
    )
    async with database.write() as session:
        await plan_event(session, plan, None, NOW)
    async with database.write() as session:
        assert await send_due_invitations(session, NOW) == carers
        sent = {"state": DeliveryState.SENT, "sent_at": NOW, "attempts": 1}
        await session.execute(update(Delivery).values(sent))
        of_whom = (await session.execute(select(Delivery.invitation_id, Delivery.carer_id))).all()
        cards = [
            NewCard(invitation, carer, chat(carer), message_id=1000 + carer, shows=0)
            for invitation, carer in of_whom
            if invitation is not None and carer is not None
        ]
        await put_cards(session, cards, NOW)
    return [tap(card) for card in cards]


def tap(card: NewCard) -> Update:
    """What Telegram sends when Going is tapped on this card."""
    return {
        "update_id": 500_000 + card.carer_id,
        "callback_query": {
            "id": query_id(card.chat_id),
            "from": {"id": card.chat_id, "is_bot": False, "first_name": "Carer", "language_code": "en"},
            "message": {
                "message_id": card.message_id,
                "from": {"id": 7000000001, "is_bot": True, "first_name": "Hearthline"},
                "chat": {"id": card.chat_id, "first_name": "Carer", "type": "private"},
                "date": int(NOW.timestamp()),
                "text": "Summer picnic\nTuesday 20 May, 12:00 pm – 4:00 pm\nRiverside Park\n\nCan you come?",
                "entities": [{"type": "bold", "offset": 0, "length": 13}],
            },
            "chat_instance": "4711",
            "data": f"rsvp:{card.invitation_id}:going",
        },
    }


def query_id(chat_id: int) -> str:
    return f"{chat_id}77"


async def answer_taps(
    url: str, database_url: str, folder: str, taps: list[Update], capacity: int, grouped: bool
) -> Run:
    """The inbox, the handlers and the engine, from the moment at which all tap. ``grouped``: several taps may
    share a transaction, as they do in the product."""
    async with service(settings(url, database_url, Path(folder)), NOW + timedelta(minutes=10)) as app:
        if not grouped:
            handle_one_by_one(app.inbox)
        contact = Contact(app.database, app.clock)
        stop = asyncio.Event()
        with metered() as meter:
            parts = [
                asyncio.create_task(app.engine.run(stop)),
                asyncio.create_task(app.inbox.run()),
                asyncio.create_task(poll(app.bot, app.inbox, contact)),
            ]
            await all_done(url, taps, *parts)
        await everything_shown(app)
        stop.set()
        for part in parts[1:]:
            part.cancel()
        await asyncio.gather(*parts, return_exceptions=True)
        await check(app, len(taps), capacity)
    return {"seconds": meter.seconds, "cpu": meter.cpu}


def handle_one_by_one(inbox: Inbox) -> None:
    """A transaction for each tap, chats side by side: what the inbox does where a group has failed."""

    async def open_lanes(waiting: Any) -> None:
        inbox._open_lanes(waiting)

    inbox._settle_group = open_lanes  # type: ignore[method-assign]


async def everything_shown(app: Hearthline) -> None:
    """Wait until no card is out of date."""
    while True:
        async with app.database.read() as session:
            if not await session.scalar(select(func.count()).where(Card.stale)):
                return
        await asyncio.sleep(LOOK_EVERY)


async def check(app: Hearthline, taps: int, capacity: int) -> None:
    """Each tap is handled and its answer stored; not one place too many is given."""
    async with app.database.read() as session:
        done = select(func.count()).where(StoredUpdate.state == UpdateState.DONE)
        assert await session.scalar(done) == taps
        by_state = select(Invitation.state, func.count()).group_by(Invitation.state)
        states = dict((await session.execute(by_state)).all())
    assert states == {RsvpState.GOING: capacity, RsvpState.WAITLISTED: taps - capacity}, states


async def stateless(url: str, taps: list[Update], at_once: int) -> Run:
    """python-telegram-bot on our request, so many updates side by side; 0 for one after the other."""
    from bot.request import AiohttpRequest

    return await _handler(url, taps, at_once, AiohttpRequest(url), AiohttpRequest(url, connections=2))


async def stock(url: str, taps: list[Update]) -> Run:
    """python-telegram-bot as it comes."""
    return await _handler(url, taps, 0)


async def _handler(url: str, taps: list[Update], at_once: int, *requests: Any) -> Run:
    from telegram import InlineKeyboardButton, InlineKeyboardMarkup
    from telegram.ext import ApplicationBuilder, CallbackQueryHandler

    async def going(update: Any, context: Any) -> None:
        query = update.callback_query
        await query.answer("Your answer is saved: Going.")
        labels = {"going": "✅ Going", "maybe": "Maybe", "not_going": "Can’t go"}
        buttons = [
            InlineKeyboardButton(label, callback_data=f"rsvp:1:{key}") for key, label in labels.items()
        ]
        await query.edit_message_text(CARD, parse_mode="HTML", reply_markup=InlineKeyboardMarkup([buttons]))

    builder: Any = ApplicationBuilder().token(TOKEN).base_url(f"{url}/bot")
    if requests:
        builder = builder.request(requests[0]).get_updates_request(requests[1])
    if at_once:
        builder = builder.concurrent_updates(at_once)
    application = builder.build()
    application.add_handler(CallbackQueryHandler(going, pattern="^rsvp:"))
    async with application:
        await application.start()
        with metered() as meter:
            await application.updater.start_polling(timeout=10)
            await all_done(url, taps)
        await application.updater.stop()
        await application.stop()
    return {"seconds": meter.seconds, "cpu": meter.cpu}


async def all_done(url: str, taps: list[Update], *parts: asyncio.Task[Any]) -> None:
    """Let everybody tap, and wait until each tap is answered and each card edited, or a part has failed."""
    await asyncio.to_thread(control, url, "updates", orjson.dumps(taps))
    while min((await asyncio.to_thread(control, url, "counts")).values()) < len(taps):
        assert not any(part.done() for part in parts)
        await asyncio.sleep(LOOK_EVERY)


def stored(telegram: StandIn, sqlite: Sqlite, taps: list[Update], grouped: bool = True) -> Run:
    """One run of ours."""
    with sqlite.copy() as (database_url, folder):
        where = {"database_url": database_url, "folder": folder}
        return observed(telegram, answer_taps, taps, capacity=CAPACITY, grouped=grouped, **where)


def observed(telegram: StandIn, work: Work, taps: list[Update], **arguments: Any) -> Run:
    """One run in a process of its own, and when the emulator saw what."""
    telegram.reset()
    run: Run = in_fresh_process(work, url=telegram.url, taps=taps, **arguments)
    report = telegram.report()
    theirs = [update["callback_query"]["from"]["id"] for update in taps]
    both = [max(report["toasts"][query_id(one)], report["edits"][str(one)]) for one in theirs]
    waits = sorted(at - report["loaded_at"] for at in both)
    assert len(report["toasts"]) == len(report["edits"]) == len(taps)
    return {
        "rate": len(taps) / waits[-1],
        "p99": waits[int(len(waits) * 0.99)],
        "core": run["cpu"] / run["seconds"],
        "each": run["cpu"] / len(taps) * 1e6,
        "emulator": report["cpu_seconds"] / run["seconds"],
    }


def summed_up(runs: dict[str, list[Run]], at: str = "") -> dict[str, float]:
    """The median rate of each side, logged with the rest."""
    for name, those in runs.items():
        say(
            f"{name + at:<22} {middle(those, 'rate'):>6.0f} taps/s, p99 {middle(those, 'p99'):.3f} s; cores: "
            f"client {middle(those, 'core'):.2f}, emulator {middle(those, 'emulator'):.2f}; "
            f"{middle(those, 'each'):.0f} µs of CPU each"
        )
    return {name: middle(those, "rate") for name, those in runs.items()}
