"""An insider who kept every night's backup, the live tables, the file with its log, and the program's log.

They line up people, ordered by any column of any table of any copy, with answers and comments, ordered by
anything. Guessing blindly is right once a round: no way may do better than chance allows the best of so many.
"""

from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from unittest.mock import patch

import pytest

from storage.engine import Database
from storage.households import Carer
from surveys.keys import RoundKeys
from tests.surveys.chance import NoChance, SeededChance
from tests.surveys.insider import Row, orders_of
from tests.surveys.nights import Kept, live_through, ways_to_order
from tests.surveys.stories import add_carers

PEOPLE = 10
ROUNDS = {"sqlite": 4, "postgresql": 2}
"""Half of them collect. A backup of PostgreSQL takes longer, and `make torture` has sixty on each."""
MOST = {"sqlite": 18, "postgresql": 13}
"""By a Poisson distribution with a mean of one a round, one way in five million is right so often."""
ANSWERS = ("responses", "survey_comments")
ANSWER_COLUMNS = ("id", "answers", "text", "xmin")


@contextmanager
def chance(source: SeededChance) -> Iterator[None]:
    """The same on every run: the shuffle, and where sealed rows come to lie."""
    with patch("surveys.closing.secrets", source), patch("surveys.drafts.secrets", SeededChance(11)):
        yield


async def rounds_of(
    database: Database, keys: RoundKeys, folder: Path, rounds: int
) -> list[tuple[Kept, dict[int, int], Sequence[Carer]]]:
    async with database.write() as session:
        carers = await add_carers(session, PEOPLE)
    told = Random(1948)
    return [
        (*await live_through(database, keys, carers, told, folder, collects=number % 2 == 1), carers)
        for number in range(rounds)
    ]


def said(kept: Kept, round_id: int) -> dict[str, list[int]]:
    """Every order of what was picked, by the sheets and by the comments as the last look found them."""
    found = {}
    for table in ANSWERS:
        rows = [row for row in kept.copies[-1][table] if row["round_id"] == round_id]
        assert len(rows) == PEOPLE
        for name, ordered in orders_of(rows, ANSWER_COLUMNS).items():
            found[f"{table} {name}"] = [picked(row) for row in ordered]
    return found


def picked(row: Row) -> int:
    words = row["text"].split()[2] if "text" in row else str(row["answers"])
    return int("".join(filter(str.isdigit, words)))


def hits(kept: Kept, truth: dict[int, int], carers: Sequence[Carer], round_id: int) -> Counter[str]:
    """How often each way of lining up was right in this round."""
    right: Counter[str] = Counter()
    known: dict[tuple[int, ...], dict[str, int]] = {}
    answers = said(kept, round_id)
    for people, order in ways_to_order(kept, carers).items():
        way = tuple(truth[carer_id] for carer_id in order)
        if way not in known:
            known[way] = {
                name: sum(true == guess for true, guess in zip(way, picks, strict=True))
                for name, picks in answers.items()
            }
        for name, count in known[way].items():
            right[f"{people} / {name}"] += count
    return right


async def test_with_all_backups_tables_and_logs_no_way_is_better_than_chance(
    database: Database, keys: RoundKeys, tmp_path: Path
) -> None:
    with chance(SeededChance(7)):
        lived = await rounds_of(database, keys, tmp_path, ROUNDS[database.dialect])
    right: Counter[str] = Counter()
    for number, (kept, truth, carers) in enumerate(lived, start=1):
        right += hits(kept, truth, carers, number)
        # The words are sealed until the close, and the key was never anywhere but in its folder.
        for night in kept.before:
            assert kept.word.encode() not in night
        for copy in (*kept.before, kept.after):
            assert not any(form in copy for form in forms_of(kept.key))
        assert keys.find(kept.ref) is None
        assert kept.word.encode() in kept.after
    assert len(right) > 2000
    ways = list(right.values())
    assert 0.8 < sum(ways) / len(ways) / len(lived) < 1.2
    assert max(ways) < MOST[database.dialect], right.most_common(5)


async def test_an_insider_would_notice_a_close_that_does_not_shuffle(
    database: Database, keys: RoundKeys, tmp_path: Path
) -> None:
    with chance(NoChance()):
        [(kept, truth, carers)] = await rounds_of(database, keys, tmp_path, 1)
    assert max(hits(kept, truth, carers, 1).values()) == PEOPLE


@pytest.mark.torture
async def test_over_many_rounds_with_real_chance_no_way_is_better(
    database: Database, keys: RoundKeys, tmp_path: Path
) -> None:
    right: Counter[str] = Counter()
    for number, (kept, truth, carers) in enumerate(await rounds_of(database, keys, tmp_path, 60), start=1):
        right += hits(kept, truth, carers, number)
    assert max(right.values()) < 60 + 6 * 60**0.5, right.most_common(5)


def forms_of(key: bytes) -> list[bytes]:
    return [key, key.hex().encode(), b64encode(key)]
