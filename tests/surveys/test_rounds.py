"""Rounds open once, ask those they are for, and remind at most twice."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, true, update

from bot.compose import Composers
from broadcasts.sender import Content, Skip
from care.erasure import preview
from carers.audience_rules import InGroup, to_json
from storage.audiences import Audience
from storage.deliveries import Delivery, DeliveryState
from storage.engine import Database, Session
from storage.held_queries import count_notices
from storage.households import Carer, Group, GroupMember
from storage.ledger_queries import all_deliveries, ledger_rows
from storage.staff import AuditEntry
from storage.surveys import Participant, Round, RoundState
from surveys.closing import close_rounds
from surveys.definition import Definition
from surveys.keys import RoundKeys
from surveys.notices import COMPOSERS
from surveys.reading import read_definition
from surveys.rounds import Refusal, Refused, close_early, open_due, plan_round, remind_due, reminder_times
from surveys.views import round_summaries
from tests.support.cast import NOON, gather
from tests.surveys.stories import CLOSES, LONDON, SOURCE, answer, open_round, tea

LATER = CLOSES + timedelta(days=7)


async def group_of(session: Session, name: str, *carers: Carer) -> None:
    group = Group(name=name)
    session.add(group)
    await session.flush()
    session.add_all(GroupMember(group_id=group.id, carer_id=carer.id) for carer in carers)
    await session.flush()


async def test_opening_asks_every_carer_once_and_freezes_coarse_segments(
    database: Database, keys: RoundKeys
) -> None:
    async with database.write() as session:
        await gather(session)
    round = await open_round(database, keys)
    async with database.write() as session:
        assert await open_due(session, NOON, keys, LONDON) == []
    async with database.read() as session:
        asked = (await session.scalars(select(Participant))).all()
        notices = (await session.scalars(select(Delivery))).all()
    assert len(asked) == len(notices) == 4
    assert {(one.segments["household"], one.segments["years"]) for one in asked} == {
        ("mainstream", "2_to_10_years")
    }
    assert {(one.kind, one.round_id, one.send_by) for one in notices} == {("survey", round.id, CLOSES)}
    assert keys.find(round.ref) is not None


async def test_a_named_round_has_no_key(database: Database, keys: RoundKeys) -> None:
    async with database.write() as session:
        await gather(session)
    round = await open_round(database, keys, anonymous=False)
    assert keys.find(round.ref) is None


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"survey": "nothing"}, Refusal.UNKNOWN_SURVEY),
        ({"audience": "nobody"}, Refusal.UNKNOWN_AUDIENCE),
        ({"closes_at": NOON - timedelta(hours=1)}, Refusal.WRONG_TIMES),
        ({"threshold": 4}, Refusal.THRESHOLD_TOO_LOW),
        ({"anonymous": False}, Refusal.MUST_BE_ANONYMOUS),
    ],
)
async def test_a_round_that_may_not_be_is_refused(
    database: Database, changed: dict[str, object], refusal: Refusal
) -> None:
    wanted = {
        "survey": "health-check-short",
        "audience": "all",
        "opens_at": NOON,
        "closes_at": CLOSES,
        "anonymous": True,
        **changed,
    }
    async with database.write() as session:
        assert await plan_round(session, by=None, now=NOON, **wanted) == Refused(refusal)  # type: ignore[arg-type]  # the fields vary


async def test_a_round_whose_time_passed_while_nothing_ran_asks_nobody(
    database: Database, keys: RoundKeys
) -> None:
    async with database.write() as session:
        await gather(session)
        round = await plan_round(session, tea(), "all", NOON, CLOSES, anonymous=True, by=None, now=NOON)
    async with database.write() as session:
        assert await open_due(session, CLOSES, keys, LONDON) == []
    async with database.read() as session:
        assert isinstance(round, Round)
        assert (await session.get_one(Round, round.id)).state is RoundState.CLOSED
        assert (await session.scalars(select(Delivery))).all() == []


def test_reminders_come_midway_and_two_days_before_the_close() -> None:
    assert reminder_times(NOON, CLOSES) == [NOON + timedelta(days=7), CLOSES - timedelta(days=2)]


@pytest.mark.parametrize(("days", "expected"), [(2, 0), (3, 1), (4, 1), (6, 2), (30, 2)])
def test_a_short_round_reminds_less(days: int, expected: int) -> None:
    assert len(reminder_times(NOON, NOON + timedelta(days=days))) == expected


async def test_who_has_not_taken_part_is_reminded_twice_and_no_more(
    database: Database, keys: RoundKeys
) -> None:
    async with database.write() as session:
        cast = await gather(session)
    round = await open_round(database, keys)
    await answer(database, keys, round, cast.amal, {"warm": 5})
    counted = []
    for hours in range(0, 14 * 24, 12):
        async with database.write() as session:
            counted.append(await remind_due(session, NOON + timedelta(hours=hours)))
    assert Counter(counted) == {0: 26, 3: 2}
    async with database.read() as session:
        reminded = (
            await session.scalars(select(Delivery.carer_id).where(Delivery.kind == "survey_reminder"))
        ).all()
    assert Counter(reminded) == {cast.jo.id: 2, cast.sam.id: 2, cast.lin.id: 2}


async def test_after_an_outage_only_the_latest_reminder_goes_out(database: Database, keys: RoundKeys) -> None:
    async with database.write() as session:
        await gather(session)
    await open_round(database, keys)
    async with database.write() as session:
        assert await remind_due(session, CLOSES - timedelta(hours=3)) == 4
    async with database.write() as session:
        assert await remind_due(session, CLOSES - timedelta(hours=2)) == 0


async def test_a_reminder_that_waits_is_not_sent_to_who_has_answered_meanwhile(
    database: Database, keys: RoundKeys
) -> None:
    async with database.write() as session:
        cast = await gather(session)
    round = await open_round(database, keys)
    later = NOON + timedelta(days=7)
    async with database.write() as session:
        await remind_due(session, later)
    await answer(database, keys, round, cast.amal, {"warm": 5})
    async with database.write() as session:
        said = {}
        for delivery in (await session.scalars(select(Delivery))).all():
            said[delivery.kind, delivery.carer_id] = await COMPOSERS[delivery.kind](session, delivery, later)
        assert isinstance(said["survey_reminder", cast.amal.id], Skip)
        assert isinstance(said["survey_reminder", cast.jo.id], Content)
        # The first notice never looks, or the ledger would keep who had answered by then.
        assert isinstance(said["survey", cast.amal.id], Content)
        after = [
            await COMPOSERS[delivery.kind](session, delivery, CLOSES)
            for delivery in (await session.scalars(select(Delivery))).all()
        ]
        assert all(isinstance(one, Skip) for one in after)


async def test_the_list_of_messages_does_not_say_who_was_reminded(
    database: Database, keys: RoundKeys
) -> None:
    async with database.write() as session:
        await gather(session)
    await open_round(database, keys)
    async with database.write() as session:
        await remind_due(session, NOON + timedelta(days=7))
    async with database.read() as session:
        listed = await ledger_rows(session, true(), limit=100)
        exported = await all_deliveries(session)
    assert {row.kind for row in listed} == {row.kind for row in exported} == {"survey"}


async def test_nobody_is_sent_a_survey_whose_key_did_not_come_with_the_database(
    database: Database, keys: RoundKeys, tmp_path: Path
) -> None:
    """A backup was restored in another place: its notices and reminders would lead to "it is over"."""
    async with database.write() as session:
        await gather(session)
    await open_round(database, keys)
    async with database.write() as session:
        await remind_due(session, CLOSES - timedelta(hours=3))
        for delivery in await session.scalars(select(Delivery)):
            for folder, is_sent in ((keys.folder, True), (tmp_path / "elsewhere", False)):
                notice = await Composers(keys=RoundKeys(folder)).notice(session, delivery, NOON)
                assert isinstance(notice, Content) is is_sent, delivery.kind


async def test_the_console_counts_who_took_part_while_it_is_open_and_afterwards(
    database: Database, keys: RoundKeys
) -> None:
    async with database.write() as session:
        cast = await gather(session)
    round = await open_round(database, keys)
    await answer(database, keys, round, cast.amal, {"warm": 5})
    await answer(database, keys, round, cast.sam, {"warm": 5}, send=False)
    async with database.read() as session:
        [live] = await round_summaries(session, keys)
    assert (live.asked, live.took_part, live.state, live.key_missing) == (4, 1, RoundState.OPEN, False)
    keys.folder.rename(keys.folder.with_name("elsewhere"))
    async with database.read() as session:
        assert (await round_summaries(session, keys))[0].key_missing
    keys.folder.with_name("elsewhere").rename(keys.folder)
    await close_rounds(database, CLOSES, keys)
    async with database.read() as session:
        [closed] = await round_summaries(session, keys)
    assert (closed.asked, closed.took_part, closed.state) == (4, 1, RoundState.CLOSED)


async def test_staff_may_close_a_round_early_and_it_is_noted(database: Database, keys: RoundKeys) -> None:
    async with database.write() as session:
        cast = await gather(session)
    round = await open_round(database, keys)
    soon = NOON + timedelta(days=1)
    async with database.write() as session:
        assert await close_early(session, round.id, cast.dee, soon)
    await close_rounds(database, soon, keys)
    async with database.write() as session:
        assert not await close_early(session, round.id, cast.dee, soon)
        actions = (await session.scalars(select(AuditEntry.action).order_by(AuditEntry.id))).all()
    assert actions == ["round.plan", "round.close_early"]


def coffee() -> Definition:
    """Another survey that asks one of the questions of the small one in other letters, under another name."""
    asks = {**SOURCE["questions"][2], "id": "more", "text": {"en": "another  cup"}}
    return read_definition({**SOURCE, "id": "coffee", "questions": [asks]})


def milk() -> Definition:
    """Another survey that has no question in common with the small one but one to be answered in words."""
    asks = {**SOURCE["questions"][2], "id": "cold", "text": {"en": "Do you take it cold?"}}
    return read_definition({**SOURCE, "id": "milk", "questions": [asks, SOURCE["questions"][3]]})


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("definition", "audience", "anonymous", "refusal"),
    [
        (coffee, "reeds", True, Refusal.TOO_ALIKE),
        (coffee, "all", True, None),
        (milk, "reeds", True, None),
        (coffee, "reeds", False, Refusal.BOTH_WAYS),
        (coffee, "all", False, Refusal.BOTH_WAYS),
    ],
)
async def test_a_survey_of_another_name_that_asks_the_same_is_held_against_it(
    database: Database,
    keys: RoundKeys,
    definition: Callable[[], Definition],
    audience: str,
    anonymous: bool,
    refusal: Refusal | None,
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await group_of(session, "reeds", cast.amal, cast.jo)
    await open_round(database, keys)
    async with database.write() as session:
        planned = await plan_round(
            session, definition(), audience, CLOSES, LATER, anonymous=anonymous, by=None, now=NOON
        )
    assert (planned.why if isinstance(planned, Refused) else None) is refusal


@pytest.mark.one_database
async def test_who_was_asked_counts_and_not_who_is_in_the_audience_by_now(
    database: Database, keys: RoundKeys
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await group_of(session, "four", cast.amal, cast.jo, cast.sam, cast.lin)
    await open_round(database, keys, audience="four")
    async with database.write() as session:
        group = (await session.scalars(select(Group).where(Group.name == "four"))).one()
        group.name = "three"
        await session.execute(delete(GroupMember).where(GroupMember.carer_id == cast.lin.id))
        planned = await plan_round(session, tea(), "three", CLOSES, LATER, anonymous=True, by=None, now=NOON)
        assert planned == Refused(Refusal.TOO_ALIKE, "four")


@pytest.mark.one_database
async def test_saved_rules_that_were_changed_are_another_audience(
    database: Database, keys: RoundKeys
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        for name in ("with lin", "without"):
            lin = (cast.lin,) if name == "with lin" else ()
            await group_of(session, name, cast.amal, cast.jo, cast.sam, *lin)
        rules = [to_json(InGroup(("with lin",)))]
        session.add(Audience(name="Saved", include=rules, created_at=NOON, changed_at=NOON))
    await open_round(database, keys, audience="saved:Saved")

    async def plan() -> Round | Refused:
        async with database.write() as session:
            return await plan_round(
                session, coffee(), "saved:Saved", CLOSES, LATER, anonymous=True, by=None, now=NOON
            )

    async with database.write() as session:
        saved = (await session.scalars(select(Audience))).one()
        saved.include = [to_json(InGroup(("without",)))]
        saved.changed_at = NOON + timedelta(days=1)
    assert await plan() == Refused(Refusal.TOO_ALIKE, "saved:Saved")
    async with database.write() as session:
        (await session.scalars(select(Audience))).one().changed_at = NOON
    assert isinstance(await plan(), Round)


@pytest.mark.one_database
async def test_no_number_of_messages_says_who_was_reminded(database: Database, keys: RoundKeys) -> None:
    async with database.write() as session:
        cast = await gather(session)
    round = await open_round(database, keys)
    await answer(database, keys, round, cast.sam, {"warm": 5})
    for day, state in ((7, DeliveryState.SENT), (12, DeliveryState.QUEUED)):
        async with database.write() as session:
            await remind_due(session, NOON + timedelta(days=day))
            waits = Delivery.state == DeliveryState.QUEUED
            await session.execute(update(Delivery).where(waits).values(state=state, sent_at=NOON))
    async with database.read() as session:
        looked = [await preview(session, one.id) for one in (cast.sam, cast.lin)]
        counted = [await count_notices(session, one.id) for one in (cast.sam, cast.lin)]
    said = [(one.goes, one.stays) for one in looked if one]
    assert said[0] == said[1]
    assert counted == [1, 1]
