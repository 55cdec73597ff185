"""How much of the permitted rate is reached, and whether it is ever exceeded.

The emulator answers 429 to whatever is more than one message (at 1,000 a second: 1 %) above the rate within
any one second, wherever that second begins, and to a second message to one chat within a second. The run at
1,000 a second goes to as many carers as England has, and its memory is measured with it.
"""

from benchmarks.broadcast import fill, ours
from benchmarks.databases import Sqlite
from benchmarks.outcome import Outcome, say
from benchmarks.people import NATION
from benchmarks.sending import Run
from benchmarks.stand_in import StandIn
from storage.engine import Database

IDS = ("pacing_30", "pacing_1000", "memory_61360")
SLOW, SLOW_MESSAGES = 30, 900
FAST = 1000
SHARE = 0.99
LATE = 1.02
"""The most that a broadcast to all may take, as a multiple of the ideal time."""
HALF_A_CORE = 0.5
MEGABYTES = 150.0


def run() -> list[Outcome]:
    """A broadcast to few at 30 a second, and one to all at 1,000."""
    slow = paced(SLOW_MESSAGES, SLOW, above=1)
    fast = paced(NATION, FAST, above=FAST // 100)
    late = fast["seconds"] / ((NATION - 1) / FAST)
    say(
        f"61,360 in {late:.4f} of the ideal time, {fast['core']:.2f} of a core, {fast['peak']:.0f} MB at most"
    )
    also = (
        ("the time in all", late <= LATE),
        ("half a core", fast["core"] <= HALF_A_CORE),
    )
    return [
        outcome("pacing_30", slow, SLOW, 1),
        outcome("pacing_1000", fast, FAST, FAST // 100, *also),
        Outcome(
            "memory_61360", fast["peak"], "MB", "the memory permitted", MEGABYTES, 1.0, lower_is_better=True
        ),
    ]


def paced(people: int, rate: int, above: int) -> Run:
    """A broadcast at this rate, to an emulator that refuses what is further above it."""

    async def so_many(database: Database) -> None:
        await fill(database, people)

    with Sqlite(so_many) as sqlite, StandIn(limit=rate + above, chat_limit=1) as telegram:
        run = ours(telegram, sqlite.copy(), people, rate=rate)
    report = run["report"]
    run["reached"] = (people - 1) / (report["last_at"] - report["first_at"])
    say(
        f"{rate}/s: {run['reached']:.2f} reached, at most {report['most_in_a_sliding_second']} in any second "
        f"({report['most_in_a_calendar_second']} by the clock), {report['refused']} refused"
    )
    say(
        f"longest gap {report['longest_gap'] * 1000:.0f} ms; cores: client {run['core']:.2f}, emulator "
        f"{run['emulator']:.2f}"
    )
    return run


def outcome(id: str, run: Run, rate: int, above: int, *also: tuple[str, bool]) -> Outcome:
    report = run["report"]
    never_above = report["most_in_a_sliding_second"] <= rate + above
    return Outcome(
        id,
        run["reached"],
        "messages/s",
        "the permitted rate",
        rate,
        SHARE,
        also=(("never above the rate", never_above), ("no 429", report["refused"] == 0), *also),
    )
