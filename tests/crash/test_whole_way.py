"""The whole way, with a process that dies at any point of it: nothing is lost, and nothing is told twice."""

import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.engine import open_database
from tests.crash.chapters import STEPS, Chapter, Deaths
from tests.crash.invariants import assert_nothing_was_lost_and_nothing_twice, everything_has_gone_out
from tests.crash.mortal import mortal
from tests.crash.story import Story, people
from tests.support.console import Console, visitor
from tests.support.process import environment
from tests.support.service import sandbox_from


@asynccontextmanager
async def begun(database_url: str, folder: Path, chance: random.Random) -> AsyncIterator[Story]:
    """A service with nobody linked yet, its process, and Priya signed in to the console."""
    database = open_database(database_url)
    cast, more = await people(database)
    async with sandbox_from(lambda: datetime.now(UTC)) as sandbox:
        # Each database with one of the two ways in which updates arrive.
        mode = "polling" if database.dialect == "sqlite" else "webhook"
        settings = environment(sandbox, database_url, folder, mode) | {"HEARTHLINE_WEEKLY_CAP": "0"}
        async with mortal(sandbox, settings, folder / "service.log", chance) as process:
            await sandbox.wait_for(lambda: sandbox.polling or sandbox.state.updates.webhook, timeout=30)
            console = Console(database, process.address, datetime.now(UTC))
            async with visitor(console, cast.priya) as priya:
                yield Story(database, sandbox, process, priya, cast, more)
    await database.close()


async def survives(database_url: str, folder: Path, seed: int, chapters: Sequence[Deaths]) -> None:
    chance = random.Random(seed)
    async with begun(database_url, folder, chance) as story:
        for number, deaths in enumerate(chapters):
            await Chapter(story, number, deaths).tell()
        await story.until(everything_has_gone_out, "everything has gone out")
        found = await assert_nothing_was_lost_and_nothing_twice(story)
        assert story.mortal.kills == sum(sum(deaths.values()) for deaths in chapters)
    print(f"{story.mortal.kills} kills; {story.asked_again} asked again; {dict(found)}")  # noqa: T201


def _seed(database_url: str) -> int:
    """So that the two databases do not see the same deaths."""
    return 1 if database_url.startswith("sqlite") else 2


async def test_the_whole_way_survives_two_kills(database_url: str, tmp_path: Path) -> None:
    seed = _seed(database_url)
    steps = random.Random(seed).sample(STEPS, 2)
    await survives(database_url, tmp_path, seed, [dict.fromkeys(steps, 1)])


@pytest.mark.torture
@pytest.mark.timeout(1200)
async def test_the_whole_way_survives_forty_kills(database_url: str, tmp_path: Path) -> None:
    seed = _seed(database_url)
    chance = random.Random(seed)
    # They connect in the first chapter alone.
    chapters = [{step: chance.choice((1, 1, 2)) for step in STEPS[number > 0 :]} for number in range(3)]
    await survives(database_url, tmp_path, seed, chapters)
