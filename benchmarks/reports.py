"""The report of a year among the carers of England with ten years behind them, on both databases.

The figures of four years, internal and for the public, from five million invitations and a million and a half
attendances. The peer is the same report that looks at every attendance, as it is made for a service whose
year begins at another hour than in the United Kingdom; both have to say the same.
"""

from statistics import median
from time import perf_counter
from zlib import crc32
from zoneinfo import ZoneInfo

import orjson

from benchmarks.databases import Postgresql, Sqlite
from benchmarks.decade import NOW, SINCE, Decade
from benchmarks.fresh import in_fresh_process, peak_megabytes
from benchmarks.outcome import Outcome, say
from benchmarks.people import NATION
from bot.collector import spare_the_collector
from reports import engagement
from reports.kept import to_dict
from reports.report import Report, make_report
from reports.years import FosteringYear
from storage.engine import Database, open_database

IDS = ("report_61360_sqlite", "report_61360_postgresql")
EVENTS = 700
YEAR = FosteringYear(2024)
LONDON = ZoneInfo("Europe/London")
LOOKS = 3
SECONDS, MEGABYTES = 2.0, 300.0
"""What a report may take."""


def run() -> list[Outcome]:
    """On each database."""
    return [measured("report_61360_sqlite", Sqlite), measured("report_61360_postgresql", Postgresql)]


def measured(
    id: str, database: type[Sqlite] | type[Postgresql], carers: int = NATION, events: int = EVENTS
) -> Outcome:
    """The slower of the two versions, against the scan's."""
    with database(Decade(carers, events).fill) as filled, filled.copy() as (url, _):
        ours = in_fresh_process(times, database_url=url)
        scan = in_fresh_process(times, database_url=url, looks=1, scan=True)
    for version in ("internal", "public"):
        say(f"{version}: {ours[version]:.2f} s, by scan {scan[version]:.2f} s")
    say(f"{ours['megabytes']:.0f} MB at most, by scan {scan['megabytes']:.0f} MB")
    slower, slower_scan = (max(found["internal"], found["public"]) for found in (ours, scan))
    also = (
        (f"{SECONDS:.0f} seconds", slower <= SECONDS),
        (f"{MEGABYTES:.0f} MB", ours["megabytes"] <= MEGABYTES),
        ("the same figures", all(ours[name] == scan[name] for name in ours if name.startswith("figures"))),
    )
    peer = f"the scan of every attendance; {ours['megabytes']:.0f} MB of {MEGABYTES:.0f} permitted"
    return Outcome(id, slower, "s", peer, slower_scan, 1.0, True, also)


async def times(database_url: str, looks: int = LOOKS, *, scan: bool = False) -> dict[str, float]:
    """Seconds of each version, the median of some, the most memory it took, and a sum over all figures."""
    if scan:
        engagement.rolled_up = lambda *_: None
    spare_the_collector()  # as `hearthline run` does
    database = open_database(database_url)
    found: dict[str, float] = {}
    for public, version in enumerate(("internal", "public")):
        spans, reports = [], []
        for _ in range(looks):
            begun = perf_counter()
            reports = [await made(database, public=bool(public))]
            spans.append(perf_counter() - begun)
        found[version] = median(spans)
        found[f"figures of the {version}"] = crc32(orjson.dumps(to_dict(reports[0])))
    await database.close()
    return found | {"megabytes": peak_megabytes()}


async def made(database: Database, *, public: bool) -> Report:
    """The report as the decade's data stand."""
    async with database.read() as session:
        return await make_report(
            session,
            year=YEAR,
            service="England",
            zone=LONDON,
            register_since=SINCE,
            now=NOW,
            public=public,
        )
