"""Every page of the console with the carers of one service and with those of England, on both databases.

A page's time is what a browser on the same machine waits for it: the request, who is asking, the queries, the
template. The goals: under 100 ms with 200 carers, under 300 ms with 61,360 and a year of their history.
"""

import re
from collections.abc import Iterator, Mapping
from statistics import mean, median
from time import perf_counter

from benchmarks.databases import Postgresql, Sqlite
from benchmarks.fresh import in_fresh_process
from benchmarks.nation import Nation
from benchmarks.outcome import Outcome, say
from benchmarks.people import NATION
from bot.collector import spare_the_collector
from carers.roles import ALLOWED, Role
from storage.engine import open_database
from storage.staff_lists import staff_named
from tests.support.cast import Cast
from tests.support.console import served, visitor
from tests.web.conftest import Busy
from tests.web.test_roles import ids_of
from web.staff import routes

IDS = ("console_61360", "console_61360_postgresql")
ONE_SERVICE = 200
MOST, MOST_OF_A_NATION = 0.1, 0.3
"""Seconds a page may take with the carers of one service, and with those of England."""
LOOKS = 3
NO_PAGES = ("/live", ".csv", ".xlsx")
"""How the addresses of streams and of files end."""
WHO = {Role.COORDINATOR: "Priya Lane", Role.MANAGER: "Dee Hall", Role.ADMINISTRATOR: "Ash Moor"}
SLOWEST = 8


def run() -> list[Outcome]:
    """On each database."""
    return [measured("console_61360", Sqlite), measured("console_61360_postgresql", Postgresql)]


def measured(id: str, database: type[Sqlite] | type[Postgresql]) -> Outcome:
    """The slowest page with a nation's carers, against what it may take; and with one service's."""
    small, large = (times(database, carers) for carers in (ONE_SERVICE, NATION))
    for path in sorted(large, key=large.__getitem__, reverse=True)[:SLOWEST]:
        say(f"{large[path] * 1000:7.0f} ms, with {ONE_SERVICE} carers {small[path] * 1000:5.0f} ms: {path}")
    means = (mean(found.values()) * 1000 for found in (large, small))
    say(f"on average {next(means):.0f} ms, with {ONE_SERVICE} carers {next(means):.0f} ms")
    slowest, permitted = max(large.values()), f"the time permitted, for each of {len(large)} pages"
    also = ((f"every page under {MOST * 1000:.0f} ms with {ONE_SERVICE} carers", max(small.values()) < MOST),)
    return Outcome(id, slowest, "s", permitted, MOST_OF_A_NATION, 1.0, True, also)


def times(database: type[Sqlite] | type[Postgresql], carers: int) -> dict[str, float]:
    """Seconds by page, the median of some looks."""
    nation = Nation(carers)
    with database(nation.fill) as filled, filled.copy() as (url, _):
        pages = list(addresses(nation.busy, nation.cast, nation.ids))
        found: dict[str, float] = in_fresh_process(look_at_each, database_url=url, pages=pages)
    return found


def addresses(busy: Busy, cast: Cast, large: dict[str, int]) -> Iterator[tuple[str, str, Role]]:
    """Every page with something of each name in its address, a large thing and one of the busy day, and a
    role that may open it."""
    ids = ids_of(busy, cast)
    for route in routes():
        if route.method == "GET" and not route.path.endswith(NO_PAGES):
            role = next(role for role in WHO if role in ALLOWED[route.action])
            yield _with(ids | large, route.path), _with(ids, route.path), role


def _with(ids: Mapping[str, object], path: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda name: str(ids[name[1]]), path)


async def look_at_each(
    database_url: str, pages: list[tuple[str, str, str]], looks: int = LOOKS
) -> dict[str, float]:
    """The median time of each address that is a page; what is a file is left out."""
    database = open_database(database_url)
    await database.migrate()
    found: dict[str, float] = {}
    async with served(database) as console:
        spare_the_collector()  # as `hearthline run` does
        for role, name in WHO.items():
            async with database.read() as session:
                person = await staff_named(session, name)
            assert person is not None
            async with visitor(console, person) as one:
                for large, usual in ((large, usual) for large, usual, whose in pages if whose == role):
                    await one.get(large)  # compiles templates, too
                    if one.kind != "text/html":
                        continue
                    path = large if one.status == 200 else usual  # a large event is no ballot
                    took = []
                    for _ in range(looks):
                        begun = perf_counter()
                        await one.get(path)
                        took.append(perf_counter() - begun)
                    assert one.status == 200, (path, one.status)
                    found[path] = median(took)
    await database.close()
    return found
