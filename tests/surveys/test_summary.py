"""A round on one page: what it says, what it leaves out, and who can see it."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from storage.engine import Database
from storage.staff import AuditEntry
from storage.surveys import Round, RoundState
from surveys.named_answers import named_answers
from surveys.results import Results, results
from surveys.sharing import Sharing, share, shared_rounds, shared_summary, unshare
from surveys.summary import MOST_LINES, ROOM, Line, Step, Summary, summarise, told
from surveys.tabulation import share as share_of
from tests.support.cast import NOON, gather
from tests.surveys.closed_rounds import closed_round, health_sheets

LAST_YEAR = NOON.replace(year=2024)


async def found(database: Database, round_id: int) -> Results:
    async with database.read() as session:
        shown = await results(session, round_id)
    assert isinstance(shown, Results)
    return shown


async def a_health_check(database: Database, *, people: int = 60) -> Summary:
    async with database.write() as session:
        round_id = await closed_round(session, "health-check-short", health_sheets(people), asked=100)
    return summarise(await found(database, round_id), NOON)


async def test_it_says_what_goes_well_and_what_to_work_on_each_with_its_numbers(database: Database) -> None:
    summary = await a_health_check(database)
    assert (summary.responses, summary.asked) == (60, 100)
    well = [(line.question, line.percent) for line in summary.strengths]
    assert well == [("support", 90), ("respite", 73), ("recommend", 70), ("valued", 70)]
    assert [(line.question, line.percent) for line in summary.to_work_on] == [("matching", 30)]
    assert summary.to_work_on[0].favourable.denominator == 60


async def test_thinking_of_leaving_is_in_neither_list(database: Database) -> None:
    summary = await a_health_check(database)
    assert "leaving" not in {line.question for line in (*summary.strengths, *summary.to_work_on)}


async def test_where_all_goes_well_the_least_well_is_still_to_be_worked_on(database: Database) -> None:
    sheets = [{"weeks": 5 if one < 45 else 2, "reach": 1 if one < 54 else 3} for one in range(60)]
    async with database.write() as session:
        round_id = await closed_round(session, "pulse", sheets)
    summary = summarise(await found(database, round_id), NOON)
    assert [line.question for line in summary.strengths] == ["reach"]
    assert [line.question for line in summary.to_work_on] == ["weeks"]


async def test_what_is_held_back_in_the_results_is_not_in_it(database: Database) -> None:
    sheets = [{"support": 5 if one < 58 else 1, "valued": 5 if one % 2 else 1} for one in range(60)]
    async with database.write() as session:
        round_id = await closed_round(session, "health-check-short", sheets)
    shown = await found(database, round_id)
    hidden = {item.question.id for item in shown.items if item.favourable is None}
    assert "support" in hidden
    summary = summarise(shown, NOON)
    assert not hidden & {line.question for line in (*summary.strengths, *summary.to_work_on)}


async def test_a_change_is_told_only_where_it_is_more_than_chance(database: Database) -> None:
    async with database.write() as session:
        await closed_round(session, "health-check-short", health_sheets(60), closed_at=LAST_YEAR)
        later = await closed_round(session, "health-check-short", health_sheets(60, better=4))
    summary = summarise(await found(database, later), NOON)
    assert summary.compared
    changes = {line.question: line.change for line in (*summary.strengths, *summary.to_work_on)}
    assert changes["matching"] == 40
    assert changes["support"] is None


async def test_carers_see_it_from_when_it_is_shared_until_it_is_not(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        round_id = await closed_round(session, "pulse", [{"weeks": 4}] * 12)
        assert await shared_summary(session, round_id) is None
        assert await share(session, round_id, cast.priya, NOON) is Sharing.DONE
        assert await share(session, round_id, cast.dee, NOON) is Sharing.ALREADY
        assert [one.id for one in await shared_rounds(session)] == [round_id]
        assert await shared_summary(session, round_id) is not None
        assert await unshare(session, round_id, cast.dee, NOON) is Sharing.DONE
        assert await shared_rounds(session) == []
        assert await unshare(session, round_id, cast.dee, NOON) is Sharing.ALREADY
        deeds = (await session.scalars(select(AuditEntry.action).order_by(AuditEntry.id))).all()
    assert [deed for deed in deeds if deed.startswith("round.")] == ["round.share", "round.unshare"]


async def test_an_open_round_and_one_of_too_few_cannot_be_shared(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        few = await closed_round(session, "pulse", [{"weeks": 4}] * 4)
        unfinished = await closed_round(session, "pulse", [{"weeks": 4}] * 12, closed_at=LAST_YEAR)
        (await session.get_one(Round, unfinished)).state = RoundState.OPEN
        await session.flush()
        assert await share(session, few, cast.priya, NOON) is Sharing.NO_RESULTS
        assert await share(session, unfinished, cast.priya, NOON) is Sharing.NO_RESULTS
        assert await share(session, 999, cast.priya, NOON) is Sharing.NO_SUCH_ROUND
        assert await shared_rounds(session) == []


async def test_who_said_what_is_read_in_a_named_round_alone_and_once_it_has_closed(
    database: Database,
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        words = [("went_well", "More evenings")]
        named = await closed_round(session, "pulse", [{"weeks": 4}], carers=[cast.sam.id], comments=words)
        unnamed = await closed_round(session, "pulse", [{"weeks": 4}] * 12)
        answers = await named_answers(session, named)
        assert answers is not None
        (sheet,) = answers.sheets
        assert (sheet.name, sheet.household_ref) == ("Sam Okafor", "H2")
        assert "Well" in [said for _, said in sheet.answers]
        assert await named_answers(session, unnamed) is None
        assert await named_answers(session, 999) is None
        (await session.get_one(Round, named)).state = RoundState.OPEN
        await session.flush()
        assert await named_answers(session, named) is None


PERCENT = share_of(30, 60)
LINES = st.lists(
    st.text("abc ", min_size=1, max_size=300).map(lambda text: Line("q", {"en": text}, PERCENT, None)),
    max_size=MOST_LINES,
)
STEPS = st.lists(st.builds(Step, st.text("abc", max_size=400), st.text("abc", min_size=1, max_size=400)))


@given(LINES, LINES, STEPS)
def test_what_is_told_always_fits_into_one_message(
    good: list[Line], work: list[Line], steps: list[Step]
) -> None:
    lists = (tuple(good), tuple(work), ())
    summary = Summary(1, {"en": "Pulse"}, NOON, 60, 100, *lists, False, frozenset({"en"}))
    said = told(summary, steps, "en")
    lines, shown = [*said["good"], *said["work"]], said["next"]
    assert sum(len(line["text"]) for line in lines) + sum(len(s["said"] + s["did"]) for s in shown) <= ROOM
    assert said["more"] is (len(shown) < len(steps))
    if steps and sum(len(line["text"]) for line in (said["good"] + said["work"])) < ROOM - 1000:
        assert shown  # what is done about it is told before the last of the questions
    assert told(replace(summary, strengths=()), [], "en")["good"] == []
