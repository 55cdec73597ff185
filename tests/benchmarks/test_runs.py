"""The benchmarks in small, so that they still run when somebody wants their figures."""

from pathlib import Path

import pytest

from benchmarks import broadcast, console, reports, sending, taps
from benchmarks.__main__ import BENCHMARKS, chosen
from benchmarks.databases import filled
from benchmarks.decade import Decade
from benchmarks.fresh import in_fresh_process
from benchmarks.nation import Nation
from benchmarks.outcome import Outcome
from benchmarks.stand_in import StandIn
from storage.engine import Database, open_database

FEW = 60
APPROVED = 240
"""So many that a second person has to approve it."""


def test_a_goal_is_met_by_its_ratio_and_by_all_that_goes_with_it() -> None:
    fast = Outcome("fast", 90.0, "messages/s", "peer", 100.0, 0.9)
    assert fast.row() == {
        "id": "fast",
        "value": 90.0,
        "unit": "messages/s",
        "peer": "peer",
        "peer_value": 100.0,
        "ratio": 0.9,
        "goal": 0.9,
        "met": True,
    }
    short = Outcome("short", 2.0, "s", "peer", 10.0, 0.25, lower_is_better=True, also=(("linear", False),))
    assert short.missed == ["linear"]
    assert not short.row()["met"]


async def test_a_broadcast_arrives_once_with_everybody_and_the_ledger_knows(
    sqlite_url: str, tmp_path: Path
) -> None:
    async def few(database: Database) -> None:
        await broadcast.fill(database, APPROVED)

    await filled(sqlite_url, few)
    where = {"database_url": sqlite_url, "folder": str(tmp_path)}
    with StandIn() as telegram:
        run = in_fresh_process(sending.broadcast, url=telegram.url, people=APPROVED, **where)
        report = telegram.report()
    assert report["messages"] == APPROVED
    assert run["rate"] > 0


@pytest.mark.parametrize("grouped", [True, False])
async def test_every_tap_is_stored_answered_and_shown(sqlite_url: str, tmp_path: Path, grouped: bool) -> None:
    tapped: list[taps.Update] = []

    async def few(database: Database) -> None:
        tapped.extend(await taps.invited(database, FEW, capacity=40))

    await filled(sqlite_url, few)
    where = {"database_url": sqlite_url, "folder": str(tmp_path)}
    with StandIn() as telegram:
        taps.observed(telegram, taps.answer_taps, tapped, capacity=40, grouped=grouped, **where)
        report = telegram.report()
    assert len(report["toasts"]) == len(report["edits"]) == FEW


def test_a_figure_is_run_by_the_module_that_it_is_of() -> None:
    assert chosen(["pacing_30", "pacing", "taps_50ms"]) == ["pacing", "taps"]
    assert chosen([]) == list(BENCHMARKS)
    with pytest.raises(SystemExit, match="no nonsense"):
        chosen(["nonsense"])


async def test_pages_of_the_console_are_looked_at_with_a_year_behind_them(sqlite_url: str) -> None:
    nation = Nation(FEW)
    await filled(sqlite_url, nation.fill)
    every = {page[0]: page for page in console.addresses(nation.busy, nation.cast, nation.ids)}
    some = ("/", "/events/1120", "/events/1120/ballot", "/surveys/1000", "/settings")
    pages = [every[path] for path in some]
    took = in_fresh_process(console.look_at_each, database_url=sqlite_url, pages=pages, looks=1)
    assert set(took) == set(some)
    assert all(seconds > 0 for seconds in took.values())


async def test_a_report_is_made_of_ten_years(sqlite_url: str) -> None:
    await filled(sqlite_url, Decade(FEW, events=40).fill)
    database = open_database(sqlite_url)
    report = await reports.made(database, public=False)
    await database.close()
    for figure_id in ("invitations", "attendances", "engaged_in_first_year"):
        assert report.get(figure_id).numerator, figure_id
    assert (await reports.times(sqlite_url, looks=1))["internal"] > 0
