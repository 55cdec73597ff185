"""One broadcast to 20,000 carers, from its start to the last message written down as sent, against clients
that only post.

Ours goes the whole way: a broadcast that one person wrote and another approved, the fan-out, every rule of
the engine (quiet hours, weekly cap, opt-outs), each text put together and rendered in its reader's language,
the journal and the ledger on disk.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

from benchmarks import peers
from benchmarks.databases import Postgresql, Sqlite
from benchmarks.fresh import in_fresh_process
from benchmarks.outcome import Outcome, middle, say
from benchmarks.people import NOW, add_carers
from benchmarks.sending import Run, broadcast
from benchmarks.service import POLICY
from benchmarks.stand_in import StandIn
from benchmarks.wording import WORDS, ZONE
from broadcasts.drafts import Wording, start_draft
from broadcasts.launching import Approved, Confirmed, approve, confirm
from storage.engine import Database
from storage.staff import Role, StaffMember

IDS = (
    "broadcast_sqlite",
    "broadcast_postgresql",
    "broadcast_vs_ptb",
    "broadcast_vs_aiogram",
    "broadcast_sqlite_50ms",
    "broadcast_postgresql_50ms",
)
MESSAGES = 20_000
MESSAGES_AT_50_MS = 5_000
"""Latency alone then sets the rate, so fewer show it."""
OF_AIOGRAM = 5_000
OF_PTB = 2_000
"""Fewer of those that are slow: their rate does not depend on how many there are."""
REPETITIONS = 5
REPETITIONS_AT_50_MS = 3


async def fill(database: Database, carers: int = MESSAGES) -> None:
    """Carers, and a broadcast to them that waits for its start."""
    await add_carers(database, carers)
    async with database.write() as session:
        priya, dee = (
            StaffMember(name=name, role=Role.COORDINATOR, added_at=NOW) for name in ("Priya Lane", "Dee Hall")
        )
        session.add_all([priya, dee])
        await session.flush()
        then = NOW - timedelta(minutes=2)
        draft = await start_draft(session, Wording(WORDS, "all"), priya, then)
        confirmed = await confirm(session, draft.id, draft.version, priya, POLICY, ZONE, then)
        assert confirmed is Confirmed.AWAITING_APPROVAL
        assert await approve(session, draft.id, draft.version, dee, then) is Approved.SCHEDULED


def run() -> list[Outcome]:
    """Without latency and at 50 ms."""
    return [*without_latency(), *with_latency()]


def without_latency() -> list[Outcome]:
    """Every side works as fast as its own processor time lets it."""
    runs: dict[str, list[Run]] = {name: [] for name in ("raw", "sqlite", "postgresql", "aiogram", "ptb")}
    with Sqlite(fill) as sqlite, Postgresql(fill) as postgresql, StandIn() as telegram:
        for _ in range(REPETITIONS):
            runs["raw"].append(observed(telegram, peers.raw, people=MESSAGES))
            runs["sqlite"].append(ours(telegram, sqlite.copy(), MESSAGES))
            runs["postgresql"].append(ours(telegram, postgresql.copy(), MESSAGES))
            runs["aiogram"].append(observed(telegram, peers.stock_aiogram, people=OF_AIOGRAM))
            runs["ptb"].append(observed(telegram, peers.stock_ptb, people=OF_PTB))
    same_words(runs, "raw", "sqlite", "postgresql")
    rates = summed_up(runs)
    sqlite_rate = rates["sqlite"]
    return [
        outcome("broadcast_sqlite", sqlite_rate, "raw aiohttp client", rates["raw"], 0.9),
        outcome("broadcast_postgresql", rates["postgresql"], "raw aiohttp client", rates["raw"], 0.8),
        outcome("broadcast_vs_ptb", sqlite_rate, "python-telegram-bot, stores nothing", rates["ptb"], 8.0),
        outcome("broadcast_vs_aiogram", sqlite_rate, "aiogram, stores nothing", rates["aiogram"], 2.0),
    ]


def with_latency() -> list[Outcome]:
    """Each answer takes 50 ms, as from afar."""
    runs: dict[str, list[Run]] = {name: [] for name in ("raw", "sqlite", "postgresql")}
    people = MESSAGES_AT_50_MS

    async def fewer(database: Database) -> None:
        await fill(database, people)

    with Sqlite(fewer) as sqlite, Postgresql(fewer) as postgresql, StandIn(latency=50) as telegram:
        for _ in range(REPETITIONS_AT_50_MS):
            runs["raw"].append(observed(telegram, peers.raw, people=people))
            runs["sqlite"].append(ours(telegram, sqlite.copy(), people))
            runs["postgresql"].append(ours(telegram, postgresql.copy(), people))
    same_words(runs, "raw", "sqlite", "postgresql")
    rates = summed_up(runs, " at 50 ms")
    return [
        outcome("broadcast_sqlite_50ms", rates["sqlite"], "raw aiohttp client", rates["raw"], 0.9),
        outcome("broadcast_postgresql_50ms", rates["postgresql"], "raw aiohttp client", rates["raw"], 0.8),
    ]


def ours(telegram: StandIn, copy: AbstractContextManager[tuple[str, str]], people: int, **more: Any) -> Run:
    """One run of ours on a copy of the prepared database."""
    with copy as (database_url, folder):
        return observed(telegram, broadcast, database_url=database_url, folder=folder, people=people, **more)


def observed(telegram: StandIn, work: Any, **arguments: Any) -> Run:
    """One run in a process of its own, and what the emulator saw of it."""
    telegram.reset()
    run: Run = in_fresh_process(work, url=telegram.url, **arguments)
    report = telegram.report()
    assert report["messages"] == len(report["arrivals"]) == arguments["people"]
    run["words"] = report["words"]
    run["core"] = run["cpu"] / run["seconds"]
    run["each"] = run["core"] / run["rate"] * 1e6
    run["emulator"] = report["cpu_seconds"] / run["seconds"]
    assert run["emulator"] < 0.8, "the emulator is at its limit"
    run["report"] = {
        name: value for name, value in report.items() if name not in ("arrivals", "toasts", "edits")
    }
    return run


def same_words(runs: dict[str, list[Run]], *names: str) -> None:
    """The peers posted what ours did."""
    assert len({run["words"] for name in names for run in runs[name]}) == 1


def summed_up(runs: dict[str, list[Run]], at: str = "") -> dict[str, float]:
    """The median rate of each side, logged with who used how much of a core."""
    for name, those in runs.items():
        say(
            f"{name + at:<20} {middle(those, 'rate'):>8.0f}/s of {spread(those)}; cores: client "
            f"{middle(those, 'core'):.2f}, emulator {middle(those, 'emulator'):.2f}; "
            f"{middle(those, 'each'):.0f} µs of CPU each"
        )
    return {name: middle(those, "rate") for name, those in runs.items()}


def spread(runs: Sequence[Run]) -> str:
    """Each repetition, slowest first."""
    return " ".join(f"{rate:.0f}" for rate in sorted(run["rate"] for run in runs))


def outcome(id: str, value: float, peer: str, peer_value: float, goal: float) -> Outcome:
    return Outcome(id, value, "messages/s", peer, peer_value, goal)
