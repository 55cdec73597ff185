"""Nominations: sent, taken back, matched, shortlisted, celebrated; what of them goes and what stays."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from care.erasure import Erased, erase
from care.nominations import (
    LONGEST_NAME,
    MOST_WAITING,
    Back,
    NominationState,
    Sent,
    for_forum,
    forget_old_words,
    forums_of_late,
    forums_to_come,
    household_name,
    list_in,
    nominate,
    one_nomination,
    take_back,
)
from care.shortlisting import Outcome, celebrate, match, redact, reopen, set_aside, shortlist
from events.planning import cancel_event, plan_event
from storage.engine import Database, Session
from storage.events import Event
from storage.households import Household
from storage.nominations import Nomination
from storage.staff import AuditEntry
from surveys.keys import RoundKeys
from tests.events.acts import plan
from tests.support.cast import NOON, Cast, gather

NINETY = timedelta(days=90)


@pytest.fixture
async def cast(database: Database) -> Cast:
    async with database.write() as session:
        return await gather(session)


async def sent(
    session: Session, cast: Cast, whom: str = "Lin Marsh", words: str = "Always there"
) -> Nomination:
    result, nomination = await nominate(session, cast.amal, whom, words, NOON)
    assert result is Sent.SENT
    assert nomination is not None
    return nomination


async def a_forum(session: Session, days: int = 10) -> Event:
    starts = NOON + timedelta(days=days)
    wanted = plan(kind="forum", title="Forum", starts_at=starts, ends_at=starts + timedelta(hours=2))
    return await plan_event(session, wanted, None, NOON)


async def shortlisted(session: Session, cast: Cast, forum: Event) -> Nomination:
    one = await sent(session, cast)
    await match(session, one.id, 1, cast.priya, NOON, carer_id=cast.lin.id)
    done = await shortlist(session, one.id, forum.id, "For kindness", 2, cast.priya, NOON)
    assert done is Outcome.DONE
    return one


async def every(database: Database) -> Sequence[Nomination]:
    async with database.read() as session:
        return (await session.scalars(select(Nomination).order_by(Nomination.id))).all()


async def test_three_wait_and_the_same_once(database: Database, cast: Cast) -> None:
    async with database.write() as session:
        for number in range(MOST_WAITING):
            await sent(session, cast, f"Carer {number}")
        assert (await nominate(session, cast.amal, "Carer  1", "Always there", NOON))[0] is Sent.ALREADY
        assert await nominate(session, cast.amal, "Carer 9", "Always there", NOON) == (Sent.ENOUGH, None)
        await set_aside(session, 1, 1, cast.priya, NOON)
        assert (await nominate(session, cast.amal, "Carer 9", "Always there", NOON))[0] is Sent.SENT
        with pytest.raises(ValueError, match="too long"):
            await nominate(session, cast.amal, "x" * (LONGEST_NAME + 1), "Why", NOON)


async def test_of_many_that_come_at_once_three_are_kept(database: Database, cast: Cast) -> None:
    async def one(number: int) -> Sent:
        async with database.write() as session:
            return (await nominate(session, cast.amal, f"Carer {number}", "Why", NOON))[0]

    results = await asyncio.gather(*map(one, range(6)))
    assert results.count(Sent.SENT) == MOST_WAITING


async def test_a_carer_takes_theirs_back_until_staff_decide(database: Database, cast: Cast) -> None:
    async with database.write() as session:
        one, other = await sent(session, cast), await sent(session, cast, "Sam")
        assert await take_back(session, cast.jo, one.id) == (Back.NOT_THERE, "")
        assert await take_back(session, cast.amal, one.id) == (Back.GONE, "Lin Marsh")
        assert await take_back(session, cast.amal, one.id) == (Back.NOT_THERE, "")
        await set_aside(session, other.id, 1, cast.priya, NOON)
        assert await take_back(session, cast.amal, other.id) == (Back.TOO_LATE, "")


async def test_the_way_from_a_name_to_the_applause(database: Database, cast: Cast) -> None:
    async with database.write() as session:
        forum = await a_forum(session)
        one = await sent(session, cast)
        deed = (one.id, 1, cast.priya, NOON)
        assert await shortlist(session, one.id, forum.id, "x", 1, cast.priya, NOON) is Outcome.NOBODY
        assert await celebrate(session, *deed) is Outcome.WRONG_STATE
        assert await match(session, *deed, carer_id=999) is Outcome.NO_SUCH_PERSON
        assert await match(session, *deed, carer_id=cast.lin.id) is Outcome.DONE
        assert await match(session, *deed, carer_id=cast.sam.id) is Outcome.OUTDATED
        assert await shortlist(session, one.id, forum.id, " ", 2, cast.priya, NOON) is Outcome.NO_CITATION
        assert await shortlist(session, one.id, 999, "x", 2, cast.priya, NOON) is Outcome.NO_FORUM
        assert await shortlist(session, one.id, forum.id, " For kindness ", 2, cast.priya, NOON)
        found = await for_forum(session, forum.id)
        assert found is not None
        [line] = found[1]
        assert (line.of, line.by, line.nomination.citation) == ("Lin Marsh", "Amal Reed", "For kindness")
        assert await celebrate(session, one.id, 3, cast.priya, NOON) is Outcome.DONE
        assert (await list_in(session, NominationState.CELEBRATED)).total == 1
        assert await set_aside(session, one.id, 4, cast.priya, NOON) is Outcome.WRONG_STATE
        assert await reopen(session, one.id, 4, cast.priya, NOON) is Outcome.DONE
        assert (await list_in(session, NominationState.SHORTLISTED)).total == 1
    async with database.read() as session:
        noted = await session.execute(select(AuditEntry.action, AuditEntry.detail))
        log = [(action, detail) for action, detail in noted if action.startswith("nomination.")]
    assert [action.partition(".")[2] for action, _ in log] == ["match", "shortlist", "celebrate", "reopen"]
    assert not any(word in str(log) for word in ("Lin", "Marsh", "kindness", "Always"))


async def test_a_household_can_be_meant_and_ones_own_is_told(database: Database, cast: Cast) -> None:
    async with database.write() as session:
        one = await sent(session, cast)
        await match(session, one.id, 1, cast.priya, NOON, household_id=cast.reeds.id)
        line = await one_nomination(session, one.id)
        assert line is not None
        assert (line.of, line.own) == ("Amal and Jo Reed (H1)", True)
        await match(session, one.id, 2, cast.priya, NOON, household_id=cast.okafors.id)
        line = await one_nomination(session, one.id)
        assert line is not None
        assert (line.of, line.own) == ("Sam Okafor (H2)", False)
        assert household_name(Household(ref="H9", carers=[])) == "H9"


async def test_a_forum_that_is_over_or_called_off_gets_no_more(database: Database, cast: Cast) -> None:
    async with database.write() as session:
        forum, other = await a_forum(session), await a_forum(session, 20)
        assert [one.id for one in await forums_to_come(session, NOON)] == [forum.id, other.id]
        await cancel_event(session, other.id, "Snow", cast.priya, NOON)
        later = NOON + timedelta(days=12)
        assert await forums_to_come(session, later) == []
        assert [one.id for one in await forums_of_late(session, later)] == [forum.id]
        assert await forums_of_late(session, later + timedelta(days=60)) == []


async def test_words_are_taken_away_at_once_and_what_is_read_out_stays(
    database: Database, cast: Cast
) -> None:
    async with database.write() as session:
        one = await shortlisted(session, cast, await a_forum(session))
        assert await redact(session, one.id, cast.priya, NOON) is Outcome.DONE
        assert await redact(session, one.id, cast.priya, NOON) is Outcome.NOT_FOUND
    [kept] = await every(database)
    assert (kept.whom, kept.words, kept.citation) == (None, None, "For kindness")


async def test_after_90_days_the_words_go_and_what_nobody_took_up_is_set_aside(
    database: Database, cast: Cast
) -> None:
    async with database.write() as session:
        forum = await a_forum(session)
        await shortlisted(session, cast, forum)
        await sent(session, cast, "Sam")
        assert await forget_old_words(session, NOON + NINETY) == 0
        assert await forget_old_words(session, NOON + NINETY + timedelta(seconds=1)) == 2
        assert await forget_old_words(session, NOON + 2 * NINETY) == 0
    first, second = await every(database)
    assert (first.whom, first.words, first.citation) == (None, None, "For kindness")
    assert first.state is NominationState.SHORTLISTED
    assert (second.whom, second.state) == (None, NominationState.SET_ASIDE)


@pytest.mark.parametrize("who", ["amal", "lin", "jo"])
async def test_an_erasure_takes_words_names_and_links_and_leaves_the_count(
    database: Database, cast: Cast, tmp_path: Path, who: str
) -> None:
    """Amal nominated Lin, and the household of the Reeds was nominated; of Jo a third one speaks by name."""
    async with database.write() as session:
        one = await shortlisted(session, cast, await a_forum(session))
        _, home = await nominate(session, cast.sam, "The Reeds", "Kind", NOON)
        _, named = await nominate(session, cast.sam, "Somebody", "What Jo Reed's table is like", NOON)
        assert home is not None
        assert named is not None
        await match(session, home.id, 1, cast.priya, NOON, household_id=cast.reeds.id)
    gone = {"amal": cast.amal, "lin": cast.lin, "jo": cast.jo}[who]
    async with database.write() as session:
        done = await erase(session, gone.id, gone.ref, RoundKeys(tmp_path / "keys"), cast.dee, NOON)
        assert done is Erased.ERASED
    rows = {row.id: row for row in await every(database)}
    assert len(rows) == 3
    lins, reeds, jos = rows[one.id], rows[home.id], rows[named.id]
    assert (lins.whom, lins.words) == ((None, None) if who != "jo" else ("Lin Marsh", "Always there"))
    assert lins.citation == ("" if who == "lin" else "For kindness")
    assert lins.nominated_by_id == (None if who == "amal" else cast.amal.id)
    assert (lins.carer_id, lins.household_id) == (
        (None, None) if who == "lin" else (cast.lin.id, cast.marshes.id)
    )
    assert reeds.words == ("Kind" if who == "lin" else None)
    assert reeds.household_id == cast.reeds.id
    assert (jos.words is None) is (who == "jo")
